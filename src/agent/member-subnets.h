/* SPDX-License-Identifier: Apache-2.0
 *
 * Subnets of members.  If a member names none, its address must be in the
 * VIP's, as the Python provider has it, or in just one of those that the VIPs'
 * networks and their routers reach.  Named or not, it is not the subnet's
 * broadcast address.  Only the network knows.
 */

#ifndef AGENT_MEMBER_SUBNETS_H
#define AGENT_MEMBER_SUBNETS_H 1

struct call;
struct fault;

enum member_subnets {
    MEMBER_SUBNETS_OK,
    MEMBER_SUBNETS_WAIT,        /* For the network. */
    MEMBER_SUBNETS_REFUSED,     /* '*faultp' says why. */
};

/* Looks at all members that the call creates. */
enum member_subnets member_subnets_check(const struct call *,
                                         struct fault **faultp);

#endif /* agent/member-subnets.h */
