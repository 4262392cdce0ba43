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

enum vip_result {
    VIP_RESOLVED,
    VIP_REFUSED,
    VIP_WAIT                    /* Neutron is being asked. */
};

/* Makes sure that each VIP of 'lb' has an address and a port, choosing them
 * (with Neutron: having them made) if it has none yet.  VIP_REFUSED: that is
 * impossible for one; fills '*refusal' and chooses none at all.  VIP_WAIT: the
 * load balancer's key will come back to the queue.  What was chosen is claimed
 * until vip_release(): nobody else gets it. */
enum vip_result vip_resolve(struct driver *, struct model_lb *lb,
                            struct vip_refusal *refusal);

/* A load balancer that has got its VIPs keeps their addresses.  Where ports
 * are Neutron's, somebody may delete one: has it made again.  VIP_REFUSED:
 * that is impossible; fills '*refusal', which is of nobody's request (code 0).
 * VIP_WAIT, which holds nothing else up: the key will come back to the queue.
 */
enum vip_result vip_restore(struct driver *, struct model_lb *lb,
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
