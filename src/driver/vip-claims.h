/* SPDX-License-Identifier: Apache-2.0
 *
 * The addresses that load balancers have, or are about to get: from
 * OVN_Octavia, from ports to probe from that are being made, and from choices
 * that are not committed yet (the claims).
 */

#ifndef DRIVER_VIP_CLAIMS_H
#define DRIVER_VIP_CLAIMS_H 1

#include <stdbool.h>

struct in6_addr;
struct model_vip;
struct nb;
struct store;
struct uuid;
struct vip_claims;

/* Both databases are borrowed. */
struct vip_claims *vip_claims_create(const struct store *, struct nb *);
void vip_claims_destroy(struct vip_claims *);

/* Claims the address of 'vip' for load balancer 'lb_id'. */
void vip_claims_add(struct vip_claims *, const struct uuid *lb_id,
                    const struct model_vip *);

/* Gives up the load balancer's claims: its choice is in the database, or is
 * not wanted any more. */
void vip_claims_release(struct vip_claims *, const struct uuid *lb_id);

/* True if 'ip' belongs to another load balancer than 'lb_id', or to a port to
 * probe from that is being made. */
bool vip_claims_has_other(const struct vip_claims *, const struct uuid *lb_id,
                          const struct uuid *subnet_id,
                          const struct in6_addr *ip);

/* True if a load balancer has 'ip', or is about to get it. */
bool vip_claims_is_taken(const struct vip_claims *,
                         const struct uuid *subnet_id,
                         const struct in6_addr *ip);

#endif /* driver/vip-claims.h */
