/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a load balancer in Neutron: the ports that were made for its VIPs
 * are deleted.  They are found by their names, since a process that is gone
 * may have made them.
 */

#ifndef DRIVER_NEUTRON_REMOVALS_H
#define DRIVER_NEUTRON_REMOVALS_H 1

#include <stdbool.h>
#include <stddef.h>

struct model_lb;
struct neutron_calls;
struct neutron_removals;
struct uuid;
struct workq;

/* Both are borrowed. */
struct neutron_removals *neutron_removals_create(struct neutron_calls *,
                                                 struct workq *);
void neutron_removals_destroy(struct neutron_removals *);

/* Returns true if no port of 'lb' is left.  Otherwise sees to it, and the load
 * balancer's key comes back to the queue when there is news. */
bool neutron_removals_finish(struct neutron_removals *,
                             const struct model_lb *lb);

/* Forgets the load balancer, which is gone. */
void neutron_removals_forget(struct neutron_removals *,
                             const struct uuid *lb_id);

/* Puts the keys back for which another try is due. */
void neutron_removals_run(struct neutron_removals *);
void neutron_removals_wait(const struct neutron_removals *);

/* Returns how many load balancers wait for another try. */
size_t neutron_removals_n_failing(const struct neutron_removals *);

/* Returns why the load balancer has to wait for Neutron, or NULL if it has
 * not. */
const char *neutron_removals_what_is_missing(const struct neutron_removals *,
                                             const struct uuid *lb_id);

#endif /* driver/neutron-removals.h */
