/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the network of a member of which OVN does not know the subnet.
 */

#ifndef OVN_WANT_MEMBER_SWITCH_H
#define OVN_WANT_MEMBER_SWITCH_H 1

struct model_lb;
struct model_member;
struct topology;

/* The switch of a VIP of 'lb' with a port that has the member's address, or
 * NULL.  Only for a member whose subnet the topology does not have: in
 * Neutron's networks without DHCP and without a router, a subnet is nowhere in
 * OVN, and who lives there can only talk to neighbours. */
const struct topo_switch *member_neighbourhood(const struct topology *,
                                               const struct model_lb *,
                                               const struct model_member *);

#endif /* ovn/want/member-switch.h */
