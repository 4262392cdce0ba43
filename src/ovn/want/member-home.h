/* SPDX-License-Identifier: Apache-2.0
 *
 * In which subnets members live whose users have named none.
 */

#ifndef OVN_WANT_MEMBER_HOME_H
#define OVN_WANT_MEMBER_HOME_H 1

struct model_lb;
struct topology;

/* Gives each such member of 'lb' the subnet that contains its address: the
 * first VIP's, else the one among those that the VIPs' networks and their
 * routers reach.  The API and the agent refuse a member for which there is not
 * exactly one (net_find_subnet()); if the network has changed since, so that
 * there is none or several, the member counts as one of the VIP's subnet. */
void member_homes_find(const struct topology *, struct model_lb *lb);

#endif /* ovn/want/member-home.h */
