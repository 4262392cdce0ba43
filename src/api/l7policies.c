/* SPDX-License-Identifier: Apache-2.0
 *
 * L7 policies and their rules: OVN does not look into connections.  A new
 * policy is checked as Octavia checks it, then refused with the provider's
 * words; all else is answered as for any object that is not there (absent.c).
 */

#include <config.h>
#include <string.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/request.h"
#include "model/checks.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

/* Attributes that decide what a policy does, in the order of their weight. */
static const struct {
    const char *attribute;
    const char *action;
    const char *complaint;
} l7_targets[] = {
    { "redirect_pool_id", "REDIRECT_TO_POOL",
      "redirect_pool_id or redirect_pool must not be None" },
    { "redirect_url", "REDIRECT_TO_URL", "redirect_url must not be None" },
    { "redirect_prefix", "REDIRECT_PREFIX",
      "redirect_prefix must not be None" },
};

/* Finds the row that 'attribute' names, and asks the policy about it.  Octavia
 * looks first, so what is missing is said to all callers. */
static const struct ovsdb_idl_row *
l7_find(struct request *request, const char *attribute,
        enum resource_id resource)
{
    const struct uuid *id = attrs_uuid(request->attrs, attribute);
    const struct ovsdb_idl_row *row = rows_find(request->api->rows, resource,
                                                id);

    if (!row) {
        fault_set_id(&request->fault, FAULT_NOT_FOUND,
                     resource_get(resource)->title, id);
    }
    return row;
}

/* Checks the pool to which the policy would lead: one of the same load
 * balancer, with a protocol that fits. */
static bool
l7_check_pool(struct request *request, const struct ovsdb_idl_row *listener)
{
    const struct ovsdb_idl_row *pool;

    if (!attrs_has(request->attrs, "redirect_pool_id")) {
        return true;
    }
    pool = l7_find(request, "redirect_pool_id", RESOURCE_POOL);
    if (!pool) {
        return false;
    }
    if (row_ref(pool, COL_load_balancer, 0)
        != row_ref(listener, COL_load_balancer, 0)) {
        return fault_set_id(&request->fault, FAULT_NOT_FOUND, "Pool",
                            row_id(pool));
    }
    return check_protocols(row_string(listener, COL_protocol),
                           row_string(pool, COL_protocol), &request->fault);
}

static bool
l7_check_http_code(struct request *request)
{
    int64_t code = attrs_integer(request->attrs, "redirect_http_code");

    return ((code != 304 && code != 305 && code != 306)
            || fault_set_format(&request->fault, FAULT_INVALID_L7_POLICY,
                                "redirect_http_code %d is no redirection",
                                (int) code));
}

/* Checks that what the action needs is there. */
static bool
l7_check_targets(struct request *request)
{
    const struct attrs *attrs = request->attrs;
    const char *action = attrs_string(attrs, "action");

    if (attrs_has(attrs, "redirect_pool_id")
        && attrs_has(attrs, "redirect_prefix")) {
        return fault_set(&request->fault, FAULT_INVALID_L7_POLICY,
                         "Cannot specify redirect_pool_id and redirect_url or "
                         "redirect_prefix at the same time");
    }
    for (size_t i = 0; i < ARRAY_SIZE(l7_targets); i++) {
        if (attrs_has(attrs, l7_targets[i].attribute)) {
            return l7_check_http_code(request);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(l7_targets); i++) {
        if (!strcmp(action, l7_targets[i].action)) {
            return fault_set(&request->fault, FAULT_INVALID_L7_POLICY,
                             l7_targets[i].complaint);
        }
    }
    return true;
}

/* Tells only what the replica shows: nothing is written. */
static bool
l7_check_state(struct request *request, const struct ovsdb_idl_row *lb)
{
    return (row_is(lb, COL_provisioning_status, "ACTIVE")
            || row_is(lb, COL_provisioning_status, "ERROR")
            || fault_set_id(&request->fault, FAULT_IMMUTABLE,
                            resource_get(RESOURCE_LOAD_BALANCER)->title,
                            row_id(lb)));
}

void
handle_l7_policy_create(struct request *request)
{
    const struct ovsdb_idl_row *listener = l7_find(request, "listener_id",
                                                   RESOURCE_LISTENER);
    const struct ovsdb_idl_row *lb
        = listener ? row_ref(listener, COL_load_balancer, 0) : NULL;

    if (listener && !lb) {
        fault_set_id(&request->fault, FAULT_NOT_FOUND, "Listener",
                     row_id(listener));
    }
    if (lb && authorise_row(request, lb)
        && l7_check_pool(request, listener)
        && l7_check_targets(request)
        && l7_check_state(request, lb)) {
        fault_set(&request->fault, FAULT_UNSUPPORTED_ACTION,
                  "This provider does not support creating l7policies.");
    }
    request_fail(request);
}

/* Answers to all methods on rules: the policy in the path is not there. */
void
handle_l7_rules(struct request *request)
{
    request_fail_with(request, FAULT_PARENT_NOT_FOUND, "L7Policy",
                      request->path.ids[0]);
}
