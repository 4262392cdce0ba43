/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing stays PENDING for ever: a load balancer that is not settled in time
 * becomes ERROR, with the reason.  The work on it goes on, and heals it when
 * it succeeds.
 */

#ifndef DRIVER_DEADLINE_H
#define DRIVER_DEADLINE_H 1

#include <stddef.h>

struct deadlines;
struct driver;
struct uuid;

struct deadlines *deadlines_create(void);
void deadlines_destroy(struct deadlines *);

/* Looks whether load balancer 'lb_id', about which there is news, is PENDING,
 * and since when. */
void deadline_update(struct driver *, const struct uuid *lb_id);

/* All clocks start anew: it is our turn only now. */
void deadlines_restart(struct driver *);

/* Turns into ERROR what has been PENDING for too long.  To be called only by
 * the active driver, whether or not OVN can be reached. */
void deadlines_run(struct driver *);
void deadlines_wait(const struct driver *);

/* Load balancers that are PENDING. */
size_t deadlines_n_pending(const struct deadlines *);

#endif /* driver/deadline.h */
