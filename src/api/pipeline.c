/* SPDX-License-Identifier: Apache-2.0
 *
 * The sequence that every request goes through; see pipeline.h.
 *
 * The HTTP server (src/http) has checked the limits of size before.
 */

#include <config.h>
#include "api/pipeline.h"
#include <string.h>
#include "api/absent.h"
#include "api/account.h"
#include "api/authenticate.h"
#include "api/doubt.h"
#include "api/handlers.h"
#include "api/healthcheck.h"
#include "api/identity.h"
#include "api/media-types.h"
#include "api/quotas.h"
#include "api/request.h"
#include "api/route-body.h"
#include "api/routes.h"
#include "api/ui.h"
#include "api/write.h"
#include "auth/caller.h"
#include "auth/policy.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "http/server.h"
#include "net/net.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "store/store.h"
#include "util.h"

static bool
pipeline_find_route(struct request *request)
{
    struct ds allow = DS_EMPTY_INITIALIZER;

    request->route = route_find(&request->path,
                                http_request_method(request->http),
                                http_request_path(request->http), &allow,
                                &request->fault);
    if (allow.length && !request->route) {
        http_request_add_header(request->http, "Allow", ds_cstr(&allow));
    }
    ds_destroy(&allow);
    if (request->route && request->route->policy) {
        request->policy = policy_find(request->route->policy);
    }
    return request->route != NULL;
}

static bool
pipeline_check_head(struct request *request)
{
    const char *accept = http_request_header(request->http, "Accept");

    if (!accept_allows_json(accept)) {
        return fault_set(&request->fault, FAULT_NOT_ACCEPTABLE);
    }
    return (pipeline_find_route(request)
            && query_parse(request->http, request->route->query,
                           route_resource(request->route), &request->query,
                           &request->fault));
}

/* Refuses a form: it is no JSON, but arguments like the ones in a URL, all
 * unknown. */
static bool
pipeline_refuse_form(struct request *request, const char *body)
{
    size_t length = strcspn(body, "=&");
    char *name = xmemdup0(body, length);

    fault_set(&request->fault, FAULT_UNKNOWN_ARGUMENT, name);
    free(name);
    return false;
}

static bool
pipeline_read_body(struct request *request)
{
    const struct route *route = request->route;
    const struct resource *resource = route_body_resource(route);
    const char *type = http_request_header(request->http, "Content-Type");
    size_t length;
    const char *body = http_request_body(request->http, &length);

    if (!length) {
        return fault_set(&request->fault, FAULT_MISSING_ARGUMENT,
                         resource->argument);
    }
    if (content_type_is(type, "application/x-www-form-urlencoded")) {
        return pipeline_refuse_form(request, body);
    }
    /* A request without a type is refused, too: it is what a page in a
     * browser could send here without being asked for permission first. */
    if (!content_type_is(type, "application/json")) {
        return fault_set(&request->fault, FAULT_UNKNOWN_MIMETYPE,
                         type ? type : "");
    }

    if (json_is_wide(body, length)) {
        return fault_set(&request->fault, FAULT_VALIDATION,
                         "An object in the request has too many members.");
    }

    struct json *json = json_read(body, length);
    if (!json) {
        return fault_set(&request->fault, FAULT_NOT_JSON);
    }
    request->attrs = attrs_parse(resource,
                                 route_body_is_new(route)
                                 ? ATTRS_POST : ATTRS_PUT,
                                 json, &request->fault);
    json_destroy(json);
    return request->attrs != NULL;
}

static void
pipeline_run_handler(struct request *request)
{
    request->doubts = doubt_fault;
    request->again = request->route->handle;
    if (!doubt_replica(request)) {
        request->again(request);
    }
}

/* Checks, before the body is read, that the caller may write at all. */
static bool
pipeline_may_be_allowed(struct request *request)
{
    const struct route *route = request->route;

    return (absent_find(route) ? absent_may_be_allowed(request)
            : route->handle == handle_quota_write ? quota_may_be_set(request)
            : write_may_be_allowed(request));
}

/* A body is looked at when it is known that its sender may write at all. */
static void
pipeline_begin(struct request *request)
{
    if (!route_takes_body(request->route)
        || (pipeline_may_be_allowed(request)
            && pipeline_read_body(request))) {
        pipeline_run_handler(request);
    } else {
        request_fail(request);
    }
}

/* True if the database and the facts that the route needs are there.  Without
 * the replica we know nothing, and a stale one must not be believed: the
 * answer might be a 404 for what was created a minute ago. */
static bool
pipeline_needs_are_met(const struct request *request)
{
    const struct api *api = request->api;

    return (request->route->needs == NEEDS_STORE ? store_is_ready(api->store)
            : request->route->needs == NEEDS_NET ? net_is_ready(api->net)
            : true);
}

static bool
pipeline_needs_are_expected(const struct request *request)
{
    const struct api *api = request->api;

    return (request->route->needs == NEEDS_STORE
            ? store_is_expected(api->store)
            : net_is_expected(api->net));
}

/* A cluster that has lost its leader has another one soon: until then, what
 * could be answered a moment ago is not refused. */
static void
pipeline_await_needs(struct request *request)
{
    if (pipeline_needs_are_met(request)) {
        request_go_on(request);
        pipeline_begin(request);
    } else if (!pipeline_needs_are_expected(request)) {
        request_fail_with(request, request->route->needs == NEEDS_STORE
                          ? FAULT_DATABASE_DOWN : FAULT_NETWORK_DOWN);
    } else if (!request->wake || request_is_late(request)) {
        request_wait(request, WAIT_DATABASE, pipeline_await_needs,
                     DATABASE_WAIT_MS);
    }
}

static void
pipeline_start(struct request *request)
{
    if (healthcheck_is_asked(request)) {
        healthcheck_answer(request);
    } else if (ui_is_asked(request)) {
        ui_answer(request);
    } else if (identity_is_asked(request)) {
        identity_answer(request);
    } else if (pipeline_check_head(request)) {
        pipeline_await_needs(request);
    } else {
        request_fail(request);
    }
}

/* Admits the request.  Without a user, as for what may be asked without a
 * token, the client counts as a stranger. */
static void
pipeline_let_in(struct request *request)
{
    const struct caller *caller = request->caller;

    http_admit(request->http, caller->is_trusted || caller->user_id);
}

void
pipeline_meet(struct http_request *http, void *api)
{
    struct request *request = request_create(api, http);

    http_request_set_data(http, request);
    if (!strcmp(http_request_method(http), "OPTIONS")) {
        http_reply(http, 200, NULL, NULL);
        request_destroy(request);
        return;
    }

    /* An unknown caller learns nothing, not even which paths there are. */
    authenticate(request, pipeline_let_in);
}

void
pipeline_accept(struct http_request *http, void *api OVS_UNUSED)
{
    pipeline_start(http_request_data(http));
}

void
pipeline_forget(struct http_request *http, void *api OVS_UNUSED)
{
    struct request *request = http_request_data(http);

    account_gone(request);
    request_destroy(request);
}

void
handle_missing_id(struct request *request)
{
    request_fail_with(request, FAULT_MISSING_ARGUMENT,
                      request->route->resource == QUOTA_RESOURCE
                      ? "project_id" : "id");
}
