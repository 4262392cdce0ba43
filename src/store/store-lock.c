/* SPDX-License-Identifier: Apache-2.0
 *
 * A lock beside the store; see store-lock.h.
 */

#include <config.h>
#include "store/store-lock.h"
#include "base/db-link.h"
#include "octavia-idl.h"
#include "ovsdb-idl.h"
#include "util.h"

struct store_lock {
    struct ovsdb_idl *idl;      /* Monitors no table. */
    struct db_link *link;
    char *name;
    bool is_wanted;
};

struct store_lock *
store_lock_create(const char *remote, const char *name)
{
    struct store_lock *lock = xzalloc(sizeof *lock);

    lock->name = xstrdup(name);
    lock->idl = ovsdb_idl_create_unconnected(&octrec_idl_class, false);

    /* Locks are a server's, not the cluster's. */
    ovsdb_idl_set_leader_only(lock->idl, true);

    char *purpose = xasprintf("lock %s", name);
    lock->link = db_link_create(lock->idl, purpose, remote);
    free(purpose);
    return lock;
}

void
store_lock_destroy(struct store_lock *lock)
{
    if (lock) {
        ovsdb_idl_destroy(lock->idl);
        db_link_destroy(lock->link);
        free(lock->name);
        free(lock);
    }
}

void
store_lock_run(struct store_lock *lock)
{
    db_link_run(lock->link);
}

void
store_lock_wait(struct store_lock *lock)
{
    db_link_wait(lock->link);
}

void
store_lock_want(struct store_lock *lock, bool wanted)
{
    if (wanted != lock->is_wanted) {
        lock->is_wanted = wanted;
        ovsdb_idl_set_lock(lock->idl, wanted ? lock->name : NULL);
    }
}

bool
store_lock_is_held(const struct store_lock *lock)
{
    return (lock->is_wanted && db_link_is_ready(lock->link)
            && ovsdb_idl_has_lock(lock->idl));
}
