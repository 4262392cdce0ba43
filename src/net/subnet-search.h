/* SPDX-License-Identifier: Apache-2.0
 *
 * The search of net_find_subnet() where Neutron has to be asked.
 */

#ifndef NET_SUBNET_SEARCH_H
#define NET_SUBNET_SEARCH_H 1

#include "net/net.h"

struct json;

/* Lists, as Neutron's ports, what joins networks and routers.  Borrowed until
 * the next net_run(). */
struct subnet_source {
    enum net_answer (*list_routers)(struct net *,
                                    const struct uuid *network_id,
                                    const struct json **ret);
    enum net_answer (*list_interfaces)(struct net *,
                                       const struct uuid *router_id,
                                       const struct json **ret);
};

/* As net_find_subnet().  All that has to be asked is asked at once, as far as
 * it is known what that is. */
enum net_answer subnet_search(struct net *, const struct subnet_source *,
                              const struct uuid *networks, size_t n,
                              const struct in6_addr *ip,
                              struct net_subnet *ret);

#endif /* net/subnet-search.h */
