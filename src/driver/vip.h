/* SPDX-License-Identifier: Apache-2.0
 *
 * Which address a load balancer gets, and whether it may have the one it was
 * given.  The driver is the only one who decides, so two load balancers never
 * get the same.
 */

#ifndef DRIVER_VIP_H
#define DRIVER_VIP_H 1

#include <stdbool.h>
#include "openvswitch/hmap.h"

struct driver;
struct in6_addr;
struct model_lb;
struct uuid;

/* VIPs between choice and commit. */
struct vip_claims {
    struct hmap by_lb;          /* By the load balancer's id. */
    struct hmap by_ip;
};

/* Why a load balancer cannot have a VIP.  'code' and 'text' as in
 * model/rollup.h, but 'text' is owned. */
struct vip_refusal {
    int code;
    char *text;
};

/* Makes sure that each VIP of 'lb' has an address and a port, choosing them if
 * it has none yet.  Returns false, fills '*refusal' and chooses none at all if
 * that is impossible for one.  What was chosen is claimed until vip_release():
 * nobody else gets it. */
bool vip_resolve(struct driver *, struct model_lb *lb,
                 struct vip_refusal *refusal);

/* To be called when the choice is in the database, or given up. */
void vip_release(struct driver *, const struct uuid *lb_id);

/* Whether a load balancer has 'ip', or is about to get it.  'driver' is a
 * struct driver. */
bool vip_is_taken(const struct uuid *subnet_id, const struct in6_addr *ip,
                  void *driver);

void vip_claims_init(struct vip_claims *);
void vip_claims_destroy(struct vip_claims *);

#endif /* driver/vip.h */
