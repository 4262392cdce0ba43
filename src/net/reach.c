/* SPDX-License-Identifier: Apache-2.0
 *
 * Subnets that can be reached; see reach.h.
 */

#include <config.h>
#include "net/reach.h"
#include "net/topology.h"
#include "util.h"

struct reach {
    const struct in6_addr *ip;
    struct topo_subnet *found;
    bool is_ambiguous;
};

static void
reach_look_at_subnet(struct reach *reach, struct topo_subnet *subnet)
{
    if (subnet != reach->found && topo_subnet_contains(subnet, reach->ip)) {
        reach->is_ambiguous |= reach->found != NULL;
        reach->found = subnet;
    }
}

static void
reach_look_at_switch(struct reach *reach, const struct topo_switch *sw)
{
    struct topo_subnet *subnet;

    LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
        reach_look_at_subnet(reach, subnet);
    }
}

static void
reach_look_behind_router(struct reach *reach, const struct topo_router *router)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_router, &router->links) {
        struct topo_subnet *subnet;

        if (link->is_gateway) {
            continue;
        }
        LIST_FOR_EACH (subnet, in_switch, &link->sw->subnets) {
            if (topo_link_is_in(link, subnet)) {
                reach_look_at_subnet(reach, subnet);
            }
        }
    }
}

struct topo_subnet *
reach_find_subnet(const struct topo_switch *const *switches, size_t n,
                  const struct in6_addr *ip)
{
    struct reach reach = { .ip = ip };

    for (size_t i = 0; i < n && !reach.is_ambiguous; i++) {
        const struct topo_link *link;

        if (!switches[i]) {
            continue;
        }
        reach_look_at_switch(&reach, switches[i]);
        LIST_FOR_EACH (link, in_switch, &switches[i]->links) {
            if (!link->is_gateway) {
                reach_look_behind_router(&reach, link->router);
            }
        }
    }
    return reach.is_ambiguous ? NULL : reach.found;
}
