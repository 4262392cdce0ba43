/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of unknown subnets; see member-switch.h.
 */

#include <config.h>
#include "ovn/want/member-switch.h"
#include "base/ip.h"
#include "model/objects.h"
#include "net/topology.h"
#include "packets.h"

static const struct topo_switch *
switch_with(const struct topology *topology, const struct model_vip *vip,
            const struct in6_addr *ip)
{
    const struct topo_switch *sw = topology_home(topology, &vip->subnet_id,
                                                 &vip->network_id);
    bool is_reserved;

    return sw && topo_switch_user_of(sw, ip, &is_reserved) ? sw : NULL;
}

const struct topo_switch *
member_neighbourhood(const struct topology *topology,
                     const struct model_lb *lb,
                     const struct model_member *member)
{

    if (!ipv6_addr_is_set(&member->ip)) {
        return NULL;
    }

    const struct topo_switch *sw = NULL;

    for (size_t i = 0; !sw && i < lb->n_vips; i++) {
        sw = switch_with(topology, &lb->vips[i], &member->ip);
    }
    return sw;
}
