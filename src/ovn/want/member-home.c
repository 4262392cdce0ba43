/* SPDX-License-Identifier: Apache-2.0
 *
 * Subnets of members that have named none; see member-home.h.
 */

#include <config.h>
#include "ovn/want/member-home.h"
#include <stdlib.h>
#include "model/objects.h"
#include "net/reach.h"
#include "net/topology.h"
#include "packets.h"
#include "util.h"

static void
member_home_find(const struct topology *topology, const struct model_lb *lb,
                 const struct topo_switch *const *switches,
                 struct model_member *member)
{
    const struct topo_subnet *vips = topology_subnet_by_id(
        topology, &lb->vips[0].subnet_id);

    if (!ipv6_addr_is_set(&member->ip)
        || (vips && topo_subnet_contains(vips, &member->ip))) {
        return;
    }

    const struct topo_subnet *subnet = reach_find_subnet(switches, lb->n_vips,
                                                         &member->ip);
    if (subnet) {
        member->subnet_id = subnet->id;
        member->has_subnet = true;
    }
}

void
member_homes_find(const struct topology *topology, struct model_lb *lb)
{
    const struct topo_switch **switches = xcalloc(lb->n_vips,
                                                  sizeof *switches);

    for (size_t i = 0; i < lb->n_vips; i++) {
        switches[i] = topology_home(topology, &lb->vips[i].subnet_id,
                                    &lb->vips[i].network_id);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];

        for (size_t j = 0; j < pool->n_members; j++) {
            if (pool->members[j].is_unplaced) {
                member_home_find(topology, lb, switches, &pool->members[j]);
            }
        }
    }
    free(switches);
}
