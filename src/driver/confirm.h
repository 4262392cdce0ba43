/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides when a load balancer counts as ACTIVE: when OVN_Northbound has it
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
struct nb;
struct uuid;
struct workq;

enum active_when {
    ACTIVE_COMMITTED,
    ACTIVE_NORTHD,
    ACTIVE_CHASSIS,
};

/* Returns false if 'word' is none of "committed", "northd", "chassis". */
bool active_when_from_string(const char *word, enum active_when *ret);

/* Both are borrowed. */
struct confirms *confirms_create(const struct nb *, struct workq *,
                                 enum active_when);
void confirms_destroy(struct confirms *);

/* Starts to wait for the load balancer, which OVN_Northbound has just got. */
void confirms_wrote(struct confirms *, const struct uuid *lb_id);

/* True if OVN has come as far as it must before the load balancer may be
 * called ACTIVE.  If not, its key comes back to the queue when it has. */
bool confirms_reached(struct confirms *, const struct uuid *lb_id);

/* Forgets the load balancer, which is gone. */
void confirms_forget(struct confirms *, const struct uuid *lb_id);

/* Returns the part of OVN that the load balancer waits for, or NULL if it does
 * not wait. */
const char *confirms_what_is_missing(const struct confirms *,
                                     const struct uuid *lb_id);

/* Puts the keys back for which OVN has come far enough. */
void confirms_run(struct confirms *);

#endif /* driver/confirm.h */
