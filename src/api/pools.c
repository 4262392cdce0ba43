/* SPDX-License-Identifier: Apache-2.0
 *
 * Pools: what is special about writing them.
 */

#include <config.h>
#include "api/pools.h"
#include <string.h>
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/write.h"
#include "model/checks.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(api_pools);

/* Returns the row with the id in 'attribute', NULL if the attribute is not
 * there.  Sets the fault if the row is not there. */
static const struct ovsdb_idl_row *
pools_find_named(struct request *request, const char *attribute,
                 enum resource_id resource)
{
    const struct uuid *id = attrs_uuid(request->attrs, attribute);
    const struct ovsdb_idl_row *row
        = id ? rows_find(request->api->rows, resource, id) : NULL;

    if (id && !row) {
        fault_set_id(&request->fault, FAULT_NOT_FOUND,
                     resource_get(resource)->title, id);
    }
    return row;
}

/* A listener that is named together with a load balancer must be its own. */
static bool
pools_find_parents(struct request *request, struct family *family)
{
    family->lb = pools_find_named(request, "loadbalancer_id",
                                  RESOURCE_LOAD_BALANCER);
    if (!request->fault) {
        family->listener = pools_find_named(request, "listener_id",
                                            RESOURCE_LISTENER);
    }
    if (request->fault) {
        return false;
    }
    if (family->listener) {
        const struct ovsdb_idl_row *lb = row_ref(family->listener,
                                                 COL_load_balancer, 0);

        if (lb && (!family->lb || family->lb == lb)) {
            family->lb = lb;
            attrs_set_uuid(request->attrs, "loadbalancer_id", row_id(lb));
            return true;
        }
        return fault_set_id(&request->fault, FAULT_NOT_FOUND, "Listener",
                            row_id(family->listener));
    }
    return family->lb || fault_set(&request->fault, FAULT_VALIDATION,
                                   "Must provide at least one of: "
                                   "loadbalancer_id, listener_id");
}

static bool
pools_find(struct request *request, struct family *family)
{
    if (write_action(request) == WRITE_CREATE) {
        return pools_find_parents(request, family);
    }
    family->self = show_find(request);
    family->lb = (family->self
                  ? row_ref(family->self, COL_load_balancer, 0) : NULL);
    return family->lb || fault_set(&request->fault, FAULT_NOT_FOUND, "Pool",
                                   request->path.ids[0]);
}

static bool
pools_check_create(struct request *request, const struct family *family)
{
    const char *protocol = attrs_string(request->attrs, "protocol");

    if (family->listener) {
        if (row_uuid(family->listener, COL_default_pool)) {
            return fault_set(&request->fault, FAULT_DUPLICATE_POOL);
        }
        if (!check_protocols(row_string(family->listener, COL_protocol),
                             protocol, &request->fault)) {
            return false;
        }
    }
    return check_persistence(request->attrs, protocol, NULL,
                             &request->fault);
}

static bool
pools_check_early(struct request *request, const struct family *family)
{
    switch (write_action(request)) {
    case WRITE_CREATE:
        return pools_check_create(request, family);
    case WRITE_UPDATE:
        return (check_persistence(request->attrs,
                                  row_string(family->self, COL_protocol),
                                  row_get(family->self,
                                          COL_session_persistence),
                                  &request->fault)
                && check_pool_tls(request->attrs, &request->fault));
    case WRITE_DELETE:
    case N_WRITE_ACTIONS:
    default:
        return true;
    }
}

/* Notes whether there will be something to log, and checks what Octavia checks
 * of a new pool after the states. */
static bool
pools_check(struct request *request, const struct family *family)
{
    const char *algorithm = (request->attrs
                             ? attrs_string(request->attrs, "lb_algorithm")
                             : NULL);

    request->write->sets_round_robin
        = (algorithm && !strcmp(algorithm, "ROUND_ROBIN")
           && !(write_action(request) == WRITE_UPDATE
                && row_is(family->self, COL_lb_algorithm, algorithm)));
    return (write_action(request) != WRITE_CREATE
            || check_pool_tls(request->attrs, &request->fault));
}

void
pool_log_round_robin(const struct uuid *id)
{
    VLOG_INFO("pool "UUID_FMT": ROUND_ROBIN is hashed by addresses and "
              "ports, as SOURCE_IP_PORT is", UUID_ARGS(id));
}

static void
pools_log(const struct request *request)
{
    if (request->write->sets_round_robin) {
        pool_log_round_robin(&request->object_id);
    }
}

static void
pools_attach(struct request *request, const struct family *family)
{
    row_add_ref(family->lb, COL_pools, &request->object_id);
    if (family->listener) {
        row_write_uuid(family->listener, COL_default_pool,
                       &request->object_id);
    }
}

const struct write_rules pool_rules = {
    .find = pools_find,
    .check_early = pools_check_early,
    .check = pools_check,
    .log = pools_log,
    .attach = pools_attach,
};
