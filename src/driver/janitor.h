/* SPDX-License-Identifier: Apache-2.0
 *
 * Removes from OVN what load balancers share once none needs it any more:
 * ports from which members were probed, groups, and changes to members'
 * floating IPs.
 *
 * Removal waits until there is no other work: only when all load balancers
 * have been looked at is it known whether a thing is needed.
 */

#ifndef DRIVER_JANITOR_H
#define DRIVER_JANITOR_H 1

#include <stdbool.h>

struct janitor;
struct nb;
struct port_provider;

/* Both are borrowed. */
struct janitor *janitor_create(struct nb *, struct port_provider *);
void janitor_destroy(struct janitor *);

/* Has janitor_run() look for something to remove.  A row or port that loses
 * its last user while the driver runs needs no reminder. */
void janitor_remind(struct janitor *);

/* True if there is, or may be, something that is not removed yet. */
bool janitor_is_busy(const struct janitor *);

/* Starts a removal if there may be something.  To be called by the active
 * driver once it has looked at everything. */
void janitor_run(struct janitor *);

#endif /* driver/janitor.h */
