/* SPDX-License-Identifier: Apache-2.0
 *
 * From results of probes to members; see health.h.
 */

#include <config.h>
#include "ovn/health.h"
#include "base/ip.h"
#include "model/objects.h"
#include "net/topology.h"
#include "ovn/probes.h"
#include "ovn/sb.h"

/* What the member's status says was known before. */
static enum member_health
last_health(const struct model_member *member)
{
    return (member->base.operating_status == OS_ONLINE ? HEALTH_ONLINE
            : member->base.operating_status == OS_ERROR ? HEALTH_ERROR
            : HEALTH_UNKNOWN);
}

static enum member_health
member_health(const struct model_pool *pool,
              const struct model_member *member,
              const struct topology *topology, const struct sb *sb)
{
    const struct topo_port *port = probe_port(topology, member);
    struct in6_addr ip;

    if (!port || !ip_parse_any(member->address, &ip)) {
        return HEALTH_ERROR;
    }
    if (!sb || !sb_is_ready(sb)) {
        return last_health(member);
    }
    return sb_health(sb, l4_protocol_to_ovn(pool->protocol), &ip,
                     member->protocol_port, port->name);
}

void
health_load(struct model_lb *lb, const struct topology *topology,
            const struct sb *sb)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];
        bool is_probed = model_pool_active_monitor(pool) != NULL;

        for (size_t j = 0; j < pool->n_members; j++) {
            struct model_member *member = &pool->members[j];
            member->health = (is_probed
                              ? member_health(pool, member, topology, sb)
                              : HEALTH_NO_MONITOR);
        }
    }
}
