/* SPDX-License-Identifier: Apache-2.0
 *
 * States of load balancers and their parts; see state-check.h.
 *
 * Octavia changes only what is ACTIVE: what is in ERROR there must be deleted,
 * with all below it.  Here only PENDING_* keeps users out.  ERROR is how a
 * user learns that something does not fit, and mending it is an update
 * or a deletion like any other.
 */

#include <config.h>
#include "api/state-check.h"
#include <string.h>
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

static bool
state_check_refuse(enum resource_id resource, const struct ovsdb_idl_row *row,
                   struct fault **faultp)
{
    return fault_set_id(faultp, FAULT_IMMUTABLE,
                        resource_get(resource)->title, row_id(row));
}

/* True if nothing is under way with the row. */
static bool
state_is_settled(const struct ovsdb_idl_row *row)
{
    row_verify(row, COL_provisioning_status);
    return (row_is(row, COL_provisioning_status, "ACTIVE")
            || row_is(row, COL_provisioning_status, "ERROR"));
}

static bool
row_is_deleting(const struct ovsdb_idl_row *row)
{
    row_verify(row, COL_deleting);
    return row_bool(row, COL_deleting);
}

/* Verifies 'last_request', too: the state may go and come back while our
 * replica still shows what was there before. */
static bool
state_check_lb(const struct ovsdb_idl_row *lb, bool is_own,
               struct fault **faultp)
{
    row_verify(lb, COL_last_request);
    if (state_is_settled(lb)) {
        return true;
    }
    if (!is_own) {
        return state_check_refuse(RESOURCE_LOAD_BALANCER, lb, faultp);
    }
    return fault_set_id(faultp, FAULT_INVALID_STATE,
                        row_string(lb, COL_provisioning_status), row_id(lb));
}

/* Checks that nothing related is to be deleted: it can be deleted once more,
 * and nothing else can be done to it or below it. */
static bool
state_check_deleting(enum resource_id resource, enum write_action action,
                     const struct family *family, struct fault **faultp)
{
    const struct {
        enum resource_id resource;
        const struct ovsdb_idl_row *row;
    } relatives[] = {
        { RESOURCE_POOL, family->pool },
        { RESOURCE_LOAD_BALANCER, family->lb },
        { RESOURCE_LISTENER, family->listener },
        { RESOURCE_POOL, family->default_pool },
        { resource, family->self },
    };

    for (size_t i = 0; i < ARRAY_SIZE(relatives); i++) {
        const struct ovsdb_idl_row *row = relatives[i].row;

        if (row && !(action == WRITE_DELETE && row == family->self)
            && row_is_deleting(row)) {
            return state_check_refuse(relatives[i].resource, row, faultp);
        }
    }
    return true;
}

bool
state_check(enum resource_id resource, enum write_action action,
            const struct family *family, struct fault **faultp)
{
    unsigned int flags = lock_flags(resource, action);

    if (flags & LOCK_POOL && !state_is_settled(family->pool)) {
        return state_check_refuse(RESOURCE_POOL, family->pool, faultp);
    }
    return ((!(flags & LOCK_LB)
             || state_check_lb(family->lb, resource == RESOURCE_LOAD_BALANCER,
                               faultp))
            && state_check_deleting(resource, action, family, faultp));
}
