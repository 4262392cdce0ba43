/* SPDX-License-Identifier: Apache-2.0
 *
 * From results of probes to members; see health.h.
 */

#include <config.h>
#include "ovn/db/health.h"
#include "base/ip.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/want/backends.h"
#include "ovn/want/probes.h"
#include "ovn/rows/rows.h"
#include "ovn/db/sb.h"
#include "packets.h"

/* Holds the facts from which members are judged. */
struct evidence {
    const struct topology *topology;
    const struct sb *sb;        /* NULL while it cannot be read. */
    const struct ovn_lb *seen;
};

/* Returns the health that the member's status says it had before. */
static enum member_health
last_health(const struct model_member *member)
{
    return (member->base.operating_status == OS_ONLINE ? HEALTH_ONLINE
            : member->base.operating_status == OS_ERROR ? HEALTH_ERROR
            : HEALTH_UNKNOWN);
}

static bool
member_is_listed(const struct ovn_lb *seen, const struct model_member *member)
{
    struct ds backend = DS_EMPTY_INITIALIZER;
    bool found = false;

    ip_put_endpoint(&backend, member->address, member->protocol_port);
    for (size_t i = 0; i < seen->n_rows && !found; i++) {
        const struct smap_node *node;
        SMAP_FOR_EACH (node, &seen->rows[i]->vips) {
            found = found || backends_count(node->value, ds_cstr(&backend));
        }
    }
    ds_destroy(&backend);
    return found;
}

/* Returns the health of a member whose port is cut off, so that it serves no
 * client.  If a probe had found it well before, ovn-northd says now that it is
 * dead: OVN sends it nothing more, until a probe succeeds after the port is
 * back, so it stays in the list.  OVN takes a member that it could never probe
 * for well, and so it does with one whose chassis was removed, since the
 * chassis alone says that a port of its own is down (Port_Binding.up): these
 * must leave the list. */
static enum member_health
cut_off_health(const struct evidence *e, const struct topo_port *port,
               const struct model_member *member, enum member_health found)
{
    bool is_left_out = (!e->sb || (found == HEALTH_ONLINE && !port->is_lost)
                        ? !member_is_listed(e->seen, member)
                        : found != HEALTH_ERROR);

    return is_left_out ? HEALTH_CUT_OFF : HEALTH_ERROR;
}

static enum member_health
member_health(const struct evidence *e, const struct model_pool *pool,
              const struct model_member *member)
{
    const struct topo_port *port = probe_port(e->topology, member);

    if (!port || !ipv6_addr_is_set(&member->ip)) {
        return HEALTH_ERROR;
    }

    enum member_health found
        = (e->sb ? sb_health(e->sb, l4_protocol_to_ovn(pool->protocol),
                             &member->ip, member->protocol_port,
                             port->name)
           : last_health(member));
    return port->is_cut_off ? cut_off_health(e, port, member, found) : found;
}

static bool
pool_has_passing_port(const struct topology *topology,
                      const struct model_pool *pool)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct topo_port *port = probe_port(topology,
                                                  &pool->members[i]);

        if (port && port->is_cut_off && !port->is_lost) {
            return true;
        }
    }
    return false;
}

bool
health_needs_seen(const struct model_lb *lb, const struct topology *topology,
                  const struct sb *sb)
{
    bool needs = !sb || !sb_is_ready(sb);

    for (size_t i = 0; i < lb->n_pools && !needs; i++) {
        needs = (model_pool_active_monitor(&lb->pools[i])
                 && pool_has_passing_port(topology, &lb->pools[i]));
    }
    return needs;
}

void
health_load(struct model_lb *lb, const struct topology *topology,
            const struct sb *sb, const struct ovn_lb *seen)
{
    struct evidence e = { topology, sb && sb_is_ready(sb) ? sb : NULL, seen };

    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];
        bool is_probed = model_pool_active_monitor(pool) != NULL;

        for (size_t j = 0; j < pool->n_members; j++) {
            struct model_member *member = &pool->members[j];
            member->health = (is_probed ? member_health(&e, pool, member)
                              : HEALTH_NO_MONITOR);
        }
    }
}
