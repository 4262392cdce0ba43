/* SPDX-License-Identifier: Apache-2.0
 *
 * A lock in the server of OVN_Octavia, for work that one process at a time
 * may do.  It has a connection of its own, so that what its owner writes does
 * not depend on it.
 */

#ifndef STORE_STORE_LOCK_H
#define STORE_STORE_LOCK_H 1

#include <stdbool.h>

struct store_lock;

/* The locks of OVN_Octavia: the active driver has one, and the agent that
 * reports to Octavia the other. */
#define STORE_LOCK_DRIVER "octavia_driver"
#define STORE_LOCK_AGENT "octavia_agent"

/* 'remote' as for store_create(), 'name' an identifier: with a hyphen in it
 * the server never grants the lock.  Does not ask for it yet. */
struct store_lock *store_lock_create(const char *remote, const char *name);
void store_lock_destroy(struct store_lock *);
void store_lock_run(struct store_lock *);
void store_lock_wait(struct store_lock *);

/* Asks for the lock, or gives it up or the wish for it. */
void store_lock_want(struct store_lock *, bool);

/* True while we have it. */
bool store_lock_is_held(const struct store_lock *);

#endif /* store/store-lock.h */
