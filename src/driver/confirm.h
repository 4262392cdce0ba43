/* SPDX-License-Identifier: Apache-2.0
 *
 * When a load balancer counts as ACTIVE: when OVN_Northbound has it
 * (committed), when ovn-northd has translated it (northd), or when every
 * chassis has installed it (chassis).
 *
 * OVN counts configurations: see NB_Global in ovn-nb(5).  Waiting holds
 * nothing up: the load balancer is looked at again when OVN has come as far,
 * or when something else happens to it.
 */

#ifndef DRIVER_CONFIRM_H
#define DRIVER_CONFIRM_H 1

#include <stdbool.h>

struct confirms;
struct driver;
struct uuid;

enum active_when {
    ACTIVE_COMMITTED,
    ACTIVE_NORTHD,
    ACTIVE_CHASSIS,
};

/* Returns false if 'word' is none of "committed", "northd", "chassis". */
bool active_when_from_string(const char *word, enum active_when *ret);

struct confirms *confirms_create(void);
void confirms_destroy(struct confirms *);

/* The load balancer has just been written into OVN_Northbound. */
void confirm_wrote(struct driver *, const struct uuid *lb_id);

/* Whether OVN has come as far as it must before the load balancer may be
 * called ACTIVE.  If not, its key comes back to the queue when it has. */
bool confirm_is_reached(struct driver *, const struct uuid *lb_id);

/* The load balancer is gone. */
void confirm_forget(struct driver *, const struct uuid *lb_id);

/* Whether the load balancer waits for OVN, and for which part of it. */
bool confirm_is_waiting(const struct driver *, const struct uuid *lb_id);
const char *confirm_what_is_missing(const struct driver *);

/* Puts keys back whose time has come. */
void confirms_run(struct driver *);

#endif /* driver/confirm.h */
