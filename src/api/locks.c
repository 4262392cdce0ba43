/* SPDX-License-Identifier: Apache-2.0
 *
 * States of load balancers and their parts; see locks.h.
 *
 * Octavia changes only what is ACTIVE: what is in ERROR there must be deleted,
 * with all below it.  Here only PENDING_* keeps users out.  ERROR is how a
 * user learns that something of his does not fit, and mending it is an update
 * or a deletion like any other.
 */

#include <config.h>
#include "api/locks.h"
#include <string.h>
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

enum lock_flags {
    LOCK_LB = 1 << 0,           /* Must be settled; becomes PENDING_UPDATE. */
    LOCK_POOL = 1 << 1,         /* The parent, likewise. */
    LOCK_USERS = 1 << 2,        /* Listeners using the pool; no test. */
};

/* What a call tests and sets.  The object itself becomes PENDING_ and the
 * action, whatever it was. */
static const unsigned int lock_table[N_RESOURCES][N_WRITE_ACTIONS] = {
    [RESOURCE_LOAD_BALANCER] = {
        [WRITE_CREATE] = 0,
        [WRITE_UPDATE] = LOCK_LB,
        [WRITE_DELETE] = LOCK_LB,
    },
    [RESOURCE_LISTENER] = {
        [WRITE_CREATE] = LOCK_LB,
        [WRITE_UPDATE] = LOCK_LB,
        [WRITE_DELETE] = LOCK_LB,
    },
    [RESOURCE_POOL] = {
        [WRITE_CREATE] = LOCK_LB | LOCK_USERS,
        [WRITE_UPDATE] = LOCK_LB | LOCK_USERS,
        [WRITE_DELETE] = LOCK_LB | LOCK_USERS,
    },
    [RESOURCE_MEMBER] = {
        [WRITE_CREATE] = LOCK_POOL | LOCK_LB | LOCK_USERS,
        [WRITE_UPDATE] = LOCK_POOL | LOCK_LB | LOCK_USERS,
        [WRITE_DELETE] = LOCK_POOL | LOCK_LB | LOCK_USERS,
    },
    [RESOURCE_HEALTH_MONITOR] = {
        [WRITE_CREATE] = LOCK_POOL | LOCK_LB | LOCK_USERS,
        [WRITE_UPDATE] = LOCK_POOL | LOCK_LB | LOCK_USERS,
        [WRITE_DELETE] = LOCK_POOL | LOCK_LB | LOCK_USERS,
    },
};

static const char *const own_states[] = {
    [WRITE_CREATE] = "PENDING_CREATE",
    [WRITE_UPDATE] = "PENDING_UPDATE",
    [WRITE_DELETE] = "PENDING_DELETE",
};

static bool
refuse(enum resource_id resource, const struct ovsdb_idl_row *row,
       struct fault **faultp)
{
    char id[UUID_LEN + 1];

    snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(row_id(row)));
    return fault_set(faultp, FAULT_IMMUTABLE, resource_get(resource)->title,
                     id);
}

/* Whether nothing is under way with the row. */
static bool
is_settled(const struct ovsdb_idl_row *row)
{
    row_verify(row, COL_provisioning_status);
    return (row_is(row, COL_provisioning_status, "ACTIVE")
            || row_is(row, COL_provisioning_status, "ERROR"));
}

static bool
is_deleting(const struct ovsdb_idl_row *row)
{
    row_verify(row, COL_deleting);
    return row_bool(row, COL_deleting);
}

/* 'last_request' is verified, too: the state may go and come back while our
 * replica still shows what was there before. */
static bool
test_lb(const struct ovsdb_idl_row *lb, bool is_own, struct fault **faultp)
{
    row_verify(lb, COL_last_request);
    if (is_settled(lb)) {
        return true;
    }
    if (!is_own) {
        return refuse(RESOURCE_LOAD_BALANCER, lb, faultp);
    }

    char id[UUID_LEN + 1];
    snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(row_id(lb)));
    return fault_set(faultp, FAULT_INVALID_STATE,
                     row_string(lb, COL_provisioning_status), id);
}

/* What is to be deleted can be deleted once more, and nothing else can be done
 * to it or below it. */
static bool
test_deleting(enum resource_id resource, enum write_action action,
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
            && is_deleting(row)) {
            return refuse(relatives[i].resource, row, faultp);
        }
    }
    return true;
}

bool
lock_test(enum resource_id resource, enum write_action action,
          const struct family *family, struct fault **faultp)
{
    unsigned int flags = lock_table[resource][action];

    if (flags & LOCK_POOL && !is_settled(family->pool)) {
        return refuse(RESOURCE_POOL, family->pool, faultp);
    }
    return ((!(flags & LOCK_LB)
             || test_lb(family->lb, resource == RESOURCE_LOAD_BALANCER,
                        faultp))
            && test_deleting(resource, action, family, faultp));
}

static void
set_state(const struct ovsdb_idl_row *row, const char *state, int64_t now_us)
{
    row_write_string(row, COL_provisioning_status, state);
    row_write_integer(row, COL_updated_at, now_us);
}

bool
listener_uses_pool(const struct ovsdb_idl_row *listener,
                   const struct ovsdb_idl_row *pool)
{
    const struct uuid *id = row_uuid(listener, COL_default_pool);

    return id && uuid_equals(id, row_id(pool));
}

static void
set_users(const struct ovsdb_idl_row *lb, const struct ovsdb_idl_row *pool,
          int64_t now_us)
{
    size_t n = row_get(lb, COL_listeners)->n;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *listener = row_ref(lb, COL_listeners, i);

        if (listener && listener_uses_pool(listener, pool)
            && !row_bool(listener, COL_deleting)) {
            set_state(listener, "PENDING_UPDATE", now_us);
        }
    }
}

void
lock_set(enum resource_id resource, enum write_action action,
         const struct family *family, const struct uuid *request_id,
         int64_t now_us)
{
    unsigned int flags = lock_table[resource][action];

    if (flags & LOCK_LB) {
        set_state(family->lb, "PENDING_UPDATE", now_us);
    }
    if (flags & LOCK_POOL) {
        set_state(family->pool, "PENDING_UPDATE", now_us);
    }
    if (flags & LOCK_USERS) {
        set_users(family->lb, resource == RESOURCE_POOL
                  ? family->self : family->pool, now_us);
    }

    /* After the parents: the load balancer may be the object itself. */
    row_write_string(family->self, COL_provisioning_status,
                     own_states[action]);
    if (action != WRITE_CREATE) {
        row_write_integer(family->self, COL_updated_at, now_us);
    }
    row_write_uuid(family->lb, COL_last_request, request_id);
}
