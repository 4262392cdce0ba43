/* SPDX-License-Identifier: Apache-2.0
 *
 * Decides which address a load balancer gets, and whether it may have the one
 * it was given.  Only the driver decides, so two load balancers never get the
 * same.
 */

#ifndef DRIVER_VIP_H
#define DRIVER_VIP_H 1

#include "driver/vip-result.h"

struct model_lb;
struct port_provider;
struct vip_claims;

/* Makes sure that each VIP of 'lb' has an address and a port, choosing them or
 * having them made if it has none yet.  VIP_REFUSED: that is impossible for
 * one; fills '*refusal' and chooses none at all.  VIP_WAIT: the load
 * balancer's key will come back to the queue.  Chosen addresses are claimed
 * until vip_claims_release(): no other load balancer gets them. */
enum vip_result vip_assign(struct vip_claims *, struct port_provider *,
                           struct model_lb *lb, struct vip_refusal *refusal);

/* Has a port made again if it was deleted: a load balancer that has got its
 * VIPs keeps their addresses.  VIP_REFUSED: that is impossible; fills
 * '*refusal', which is of no request (code 0).  VIP_WAIT, which holds nothing
 * else up: the key will come back to the queue. */
enum vip_result vip_restore(struct port_provider *, struct model_lb *lb,
                            struct vip_refusal *refusal);

#endif /* driver/vip.h */
