/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing stays PENDING for ever: a load balancer that is not settled in time
 * becomes ERROR, with the reason.  The work on it goes on, and heals it when
 * it succeeds.
 */

#ifndef DRIVER_DEADLINE_H
#define DRIVER_DEADLINE_H 1

#include <stddef.h>

struct confirms;
struct deadlines;
struct nb;
struct port_provider;
struct store;
struct uuid;

/* Borrows its arguments.  'nb', 'ports' and 'confirms' are asked for the
 * reason. */
struct deadlines *deadlines_create(struct store *, const struct nb *nb,
                                   struct port_provider *ports,
                                   const struct confirms *confirms,
                                   int timeout_ms);
void deadlines_destroy(struct deadlines *);

/* Starts or stops the clock of load balancer 'lb_id', about which there is
 * news. */
void deadlines_update(struct deadlines *, const struct uuid *lb_id);

/* Starts all clocks anew: this driver has just got the lock. */
void deadlines_restart(struct deadlines *);

/* Turns into ERROR what has been PENDING for too long.  To be called only
 * with the lock, whether or not OVN can be reached. */
void deadlines_run(struct deadlines *);
void deadlines_wait(const struct deadlines *);

/* Returns how many load balancers are PENDING. */
size_t deadlines_n_pending(const struct deadlines *);

#endif /* driver/deadline.h */
