/* SPDX-License-Identifier: Apache-2.0
 *
 * Which subnets can be reached from a network: its own, and those in which
 * its routers have an address.  Pure.
 */

#ifndef NET_REACH_H
#define NET_REACH_H 1

#include <netinet/in.h>
#include <stddef.h>

struct topo_subnet;
struct topo_switch;

/* Returns the one subnet that contains 'ip' among those that can be reached
 * from the 'n' switches, of which some may be NULL; NULL if none does, or
 * several.  A router is not crossed on its way to the outside: what is beyond
 * is not the user's network. */
struct topo_subnet *reach_find_subnet(const struct topo_switch *const *,
                                      size_t n, const struct in6_addr *ip);

#endif /* net/reach.h */
