/* SPDX-License-Identifier: Apache-2.0
 *
 * All that is done for one load balancer.
 */

#ifndef DRIVER_RECONCILE_H
#define DRIVER_RECONCILE_H 1

struct driver;
struct uuid;

/* Starts to make OVN equal to what OVN_Octavia says about 'lb_id', which the
 * caller took from the driver's queue.  Reports back to the queue when it is
 * finished. */
void reconcile_start(struct driver *, const struct uuid *lb_id);

/* Forgets all that was started and is not finished: the driver ends. */
void reconcile_abandon_all(struct driver *);

#endif /* driver/reconcile.h */
