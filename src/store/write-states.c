/* SPDX-License-Identifier: Apache-2.0
 *
 * States of load balancers and their parts; see write-states.h.
 */

#include <config.h>
#include "store/write-states.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

/* Flags of what a write tests and sets.  The object itself becomes PENDING_
 * and the action, whatever it was before. */
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

unsigned int
lock_flags(enum resource_id resource, enum write_action action)
{
    return lock_table[resource][action];
}

static void
set_update(const struct ovsdb_idl_row *row, int64_t now_us)
{
    if (!row_is(row, COL_provisioning_status, "PENDING_CREATE")) {
        row_write_string(row, COL_provisioning_status, "PENDING_UPDATE");
    }
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
            set_update(listener, now_us);
        }
    }
}

void
lock_set(enum resource_id resource, enum write_action action,
         const struct family *family, const struct uuid *request_id,
         int64_t now_us)
{
    unsigned int flags = lock_flags(resource, action);

    if (flags & LOCK_LB) {
        set_update(family->lb, now_us);
    }
    if (flags & LOCK_POOL) {
        set_update(family->pool, now_us);
    }
    if (flags & LOCK_USERS) {
        const struct ovsdb_idl_row *pool
            = resource == RESOURCE_POOL ? family->self : family->pool;

        if (pool) {
            set_users(family->lb, pool, now_us);
        }
    }

    /* After the parents: the load balancer may be the object itself. */
    if (family->self) {
        lock_set_object(family->self, action, now_us);
    }
    row_write_uuid(family->lb, COL_last_request, request_id);
}

void
lock_set_object(const struct ovsdb_idl_row *row, enum write_action action,
                int64_t now_us)
{
    row_write_string(row, COL_provisioning_status, own_states[action]);
    if (action != WRITE_CREATE) {
        row_write_integer(row, COL_updated_at, now_us);
    }
}
