/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers: what is special about writing them.
 */

#include <config.h>
#include <stdio.h>
#include <string.h>
#include "api/additional-vips.h"
#include "api/graph.h"
#include "api/member-places.h"
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/vip-verdict.h"
#include "api/vip.h"
#include "api/write.h"
#include "auth/caller.h"
#include "base/limits.h"
#include "net/net.h"
#include "ovsdb-data.h"
#include "util.h"
#include "uuid.h"

/* Sets the project: what the body says, else the caller's.  Without
 * authentication there is a default for callers without one. */
static bool
loadbalancers_set_project(struct request *request)
{
    struct attrs *attrs = request->attrs;
    const char *own = request->caller->project_id;
    const char *project
        = (attrs_has(attrs, "tenant_id") ? attrs_string(attrs, "tenant_id")
           : attrs_has(attrs, "project_id")
           ? attrs_string(attrs, "project_id")
           : own && strlen(own) <= PROJECT_ID_MAX ? own
           : request->caller->is_trusted ? request->api->default_project
           : "");

    if (!*project) {
        return fault_set(&request->fault, FAULT_VALIDATION,
                         "Missing project ID in request where one is "
                         "required. An administrator should check the "
                         "keystone settings in the Octavia configuration.");
    }

    char *copy = xstrdup(project);
    attrs_set_string(attrs, "project_id", copy);
    attrs_set_string(attrs, "tenant_id", copy);
    free(copy);
    return true;
}

static bool
loadbalancers_set_provider(struct request *request)
{
    struct attrs *attrs = request->attrs;

    if (!attrs_has(attrs, "provider")) {
        attrs_set_string(attrs, "provider", request->api->default_provider);
    }

    const char *provider = attrs_string(attrs, "provider");
    return !strcmp(provider, "ovn") || fault_set(&request->fault,
                                                 FAULT_PROVIDER_NOT_ENABLED,
                                                 provider);
}

static bool
loadbalancers_check_body(struct request *request)
{
    struct write *write = request->write;

    if (write_action(request) != WRITE_CREATE) {
        return true;
    }
    if (!additional_vips_check(request->attrs, &request->fault)) {
        return false;
    }
    graph_destroy(write->graph);
    write->graph = graph_create(request);
    return write->graph;
}

static enum prepare_result
loadbalancers_prepare(struct request *request)
{
    if (write_action(request) != WRITE_CREATE) {
        return PREPARE_READY;
    }

    enum prepare_result result = write_await_net(request);

    if (result == PREPARE_READY) {
        request->write->vip_port_is_given = attrs_has(request->attrs,
                                                      "vip_port_id");
        result = vip_attrs_resolve(request->api->net, request->attrs,
                                   &request->fault);
    }
    if (result == PREPARE_READY) {
        result = additional_vips_resolve(request->api->net, request->attrs,
                                         &request->fault);
    }
    if (result == PREPARE_READY) {
        result = (loadbalancers_set_provider(request)
                  ? graph_prepare(request) : PREPARE_REFUSED);
    }
    return result;
}

static bool
loadbalancers_find(struct request *request, struct family *family)
{
    if (write_action(request) != WRITE_CREATE) {
        family->lb = family->self = show_find(request);
        return family->lb;
    }
    return loadbalancers_set_project(request);
}

/* Only a cascade takes listeners and pools along. */
static bool
loadbalancers_check_early(struct request *request, const struct family *family)
{
    if (write_action(request) != WRITE_DELETE || request->query.cascade
        || (!row_get(family->lb, COL_listeners)->n
            && !row_get(family->lb, COL_pools)->n)) {
        return true;
    }

    char *text = xasprintf("Cannot delete Load Balancer "UUID_FMT" - it has "
                           "children", UUID_ARGS(&request->object_id));
    fault_set(&request->fault, FAULT_VALIDATION, text);
    free(text);
    return false;
}

/* Another load balancer may have an address before OVN knows of it. */
static bool
loadbalancers_check(struct request *request,
                    const struct family *family)
{
    return (write_action(request) != WRITE_CREATE
            || (vip_attrs_are_free(request, request->attrs, "vip_subnet_id",
                                   "vip_address")
                && additional_vips_are_free(request)
                && graph_count(request, family)
                && graph_check(request)));
}

static void
loadbalancers_attach(struct request *request, const struct family *family)
{
    additional_vips_insert(request, family->self);
    graph_insert(request, family->self);
}

static void
loadbalancers_forget(struct write *write)
{
    graph_destroy(write->graph);
    member_places_forget(write);
}

const struct write_rules load_balancer_rules = {
    .check_body = loadbalancers_check_body,
    .prepare = loadbalancers_prepare,
    .find = loadbalancers_find,
    .check_early = loadbalancers_check_early,
    .check = loadbalancers_check,
    .attach = loadbalancers_attach,
    .log = graph_log,
    .after_create = vip_verdict_wait,
    .forget = loadbalancers_forget,
};
