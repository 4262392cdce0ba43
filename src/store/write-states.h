/* SPDX-License-Identifier: Apache-2.0
 *
 * The states that a write demands of a load balancer and its parts, as a
 * table, and those it puts them into.  One thing at a time happens to a load
 * balancer: that is what the states are for.  Only the API, which
 * answers to users, tests whether the demands are met (api/state-check.h).
 */

#ifndef STORE_WRITE_STATES_H
#define STORE_WRITE_STATES_H 1

#include <stdbool.h>
#include <stdint.h>
#include "model/fields.h"

struct ovsdb_idl_row;
struct uuid;

enum write_action {
    WRITE_CREATE,
    WRITE_UPDATE,
    WRITE_DELETE,
    N_WRITE_ACTIONS
};

/* The rows that a write is about.  'lb' and 'pool' are the parents, as far as
 * the object has them; 'self' is the object: NULL until it is inserted. */
struct family {
    const struct ovsdb_idl_row *lb;
    const struct ovsdb_idl_row *pool;
    const struct ovsdb_idl_row *self;
    const struct ovsdb_idl_row *listener;   /* Named in a POST of a pool. */
    const struct ovsdb_idl_row *default_pool;   /* Named for a listener. */
};

enum lock_flags {
    LOCK_LB = 1 << 0,           /* Must be settled; becomes PENDING_UPDATE. */
    LOCK_POOL = 1 << 1,         /* The parent: must be settled; becomes
                                 * PENDING_UPDATE. */
    LOCK_USERS = 1 << 2,        /* Listeners using the pool; no test. */
};

/* Returns what a write tests and sets besides the object itself. */
unsigned int lock_flags(enum resource_id, enum write_action);

/* Sets the states, and notes on the load balancer which request it was.  An
 * object that is changed while PENDING_CREATE stays PENDING_CREATE.  The
 * object may be gone already ('self' is NULL): then this is about its parents.
 */
void lock_set(enum resource_id, enum write_action, const struct family *,
              const struct uuid *request_id, int64_t now_us);

/* Sets the state of the object alone: of one of many that one write is about,
 * whose parents lock_set() is called for once. */
void lock_set_object(const struct ovsdb_idl_row *, enum write_action,
                     int64_t now_us);

/* True if a listener sends traffic to 'pool'. */
bool listener_uses_pool(const struct ovsdb_idl_row *listener,
                        const struct ovsdb_idl_row *pool);

#endif /* store/write-states.h */
