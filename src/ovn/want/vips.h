/* SPDX-License-Identifier: Apache-2.0
 *
 * All addresses at which a load balancer is reached: its VIPs, and the
 * floating IPs that OVN or Neutron translates to them.  Pure.
 */

#ifndef OVN_WANT_VIPS_H
#define OVN_WANT_VIPS_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct model_lb;
struct model_vip;
struct topology;

enum vip_kind {
    VIP_FIRST,
    VIP_ADDITIONAL,
    VIP_FIRST_FLOATING,         /* The first floating IP of the first VIP. */
    VIP_OTHER_FLOATING,
};

struct vip {
    enum vip_kind kind;
    char *address;
    struct in6_addr ip;         /* The same. */
    struct uuid port_id;        /* Zero for floating IPs. */
    const struct model_vip *of; /* The VIP itself, or the one behind a
                                 * floating IP.  Borrowed from the load
                                 * balancer. */
};

struct vip_list {
    struct vip *vips;           /* The VIPs in the user's order, then floating
                                 * IPs. */
    size_t n, allocated;
};

/* The caller must call vip_list_uninit(); 'lb' must outlive it.  VIPs without
 * address are left out. */
void vip_list_init(struct vip_list *, const struct model_lb *,
                   const struct topology *);
void vip_list_uninit(struct vip_list *);

bool vip_is_floating(const struct vip *);
bool vip_is_ipv6(const struct vip *);

/* Returns the addresses of the VIPs of the given kind, comma separated; "" if
 * there are none.  The caller frees it. */
char *vip_list_join(const struct vip_list *, enum vip_kind);

/* Returns the ids of their ports in the same way. */
char *vip_list_join_ports(const struct vip_list *, enum vip_kind);

#endif /* ovn/want/vips.h */
