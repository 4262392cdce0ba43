/* SPDX-License-Identifier: Apache-2.0
 *
 * Health monitors: what is special about writing them.
 */

#include <config.h>
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/write.h"
#include "model/checks.h"
#include "ovsdb-data.h"
#include "util.h"
#include "uuid.h"

static bool
health_monitors_set_not_found(struct request *request,
                              enum resource_id resource, const struct uuid *id)
{
    return fault_set_id(&request->fault, FAULT_NOT_FOUND,
                        resource_get(resource)->title, id);
}

static bool
health_monitors_find(struct request *request, struct family *family)
{
    bool is_create = write_action(request) == WRITE_CREATE;

    if (is_create) {
        family->pool = rows_find(request->api->rows, RESOURCE_POOL,
                                 attrs_uuid(request->attrs, "pool_id"));
    } else {
        family->self = show_find(request);
        family->pool = (family->self
                        ? row_ref(family->self, COL_pool, 0) : NULL);
    }
    family->lb = (family->pool
                  ? row_ref(family->pool, COL_load_balancer, 0) : NULL);
    return (
        family->lb
        || (is_create ? health_monitors_set_not_found(
                request, RESOURCE_POOL, attrs_uuid(request->attrs, "pool_id"))
                      : health_monitors_set_not_found(request,
                                                      RESOURCE_HEALTH_MONITOR,
                                                      &request->object_id)));
}

static const char *
health_monitors_find_type(const struct request *request,
                          const struct family *family)
{
    return (write_action(request) == WRITE_CREATE
            ? attrs_string(request->attrs, "type")
            : row_string(family->self, COL_type));
}

/* Checks what Octavia checks before the states: all of an update, but of a new
 * monitor only that it fits its pool. */
static bool
health_monitors_check_early(struct request *request,
                            const struct family *family)
{
    if (!request->attrs) {
        return true;
    }

    bool is_create = write_action(request) == WRITE_CREATE;
    const char *type = health_monitors_find_type(request, family);

    return ((is_create
             ? check_monitor_type(type, row_string(family->pool,
                                                   COL_protocol),
                                  &request->fault)
             : check_monitor(request->attrs, type, &request->fault))
            && check_monitor_delay(request->attrs, type, &request->fault));
}

static bool
health_monitors_check(struct request *request, const struct family *family)
{
    if (write_action(request) != WRITE_CREATE) {
        return true;
    }

    const char *type = attrs_string(request->attrs, "type");
    if (!check_monitor(request->attrs, type, &request->fault)) {
        return false;
    }
    row_verify(family->pool, COL_health_monitor);
    if (row_uuid(family->pool, COL_health_monitor)) {
        return fault_set(&request->fault, FAULT_DUPLICATE_HEALTH_MONITOR);
    }
    /* A type that OVN does not have at all is told first. */
    return (write_is_supported(request, request->attrs, NULL)
            && check_monitor_protocol(type, row_string(family->pool,
                                                       COL_protocol),
                                      &request->fault));
}

static void
health_monitors_attach(struct request *request, const struct family *family)
{
    row_write_uuid(family->pool, COL_health_monitor, &request->object_id);
}

const struct write_rules health_monitor_rules = {
    .find = health_monitors_find,
    .check_early = health_monitors_check_early,
    .check = health_monitors_check,
    .attach = health_monitors_attach,
};
