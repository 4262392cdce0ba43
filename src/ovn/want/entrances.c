/* SPDX-License-Identifier: Apache-2.0
 *
 * From carriers to entrances; see entrances.h.
 *
 * A packet to a VIP is translated on a switch or a router that carries the
 * load balancer.  It gets to such a router from a switch on which the router
 * has a port, carrier or not: the provider network of its floating IPs, a
 * network of another IP version, or one between two routers.  So all switches
 * of all carrying routers, and the other carrying switches, are entrances, and
 * there are no more.  An ACL of direction "from-lport" sees what comes into a
 * switch before the switch's load balancers do, with the VIP or the floating
 * IP as its destination, and whether a host, a router or a localnet port sent
 * it.
 *
 * Two ways past them exist: a router that is the peer of another router has no
 * switch in between; and what a chassis of another OVN sends into a transit
 * switch comes in there, where this database has no say.
 */

#include <config.h>
#include "ovn/want/entrances.h"
#include <stdlib.h>
#include "net/topology.h"
#include "util.h"

/* Takes note of the first hole only. */
static void
entrances_note_hole(struct entrances *entrances, const char *kind,
                    const char *name, const char *why)
{
    if (!entrances->hole) {
        entrances->hole = xasprintf("allowed_cidrs cannot be enforced: %s %s "
                                    "%s", kind, name, why);
    }
}

static void
entrances_check_switch(struct entrances *entrances,
                       const struct topo_switch *sw)
{
    if (sw->is_transit) {
        entrances_note_hole(entrances, "network", sw->display_name,
                            "also belongs to another OVN");
    }
}

static void
entrances_check_router(struct entrances *entrances,
                       const struct topo_router *router)
{
    const struct topo_link *link;

    if (router->joins_router) {
        entrances_note_hole(entrances, "router", router->display_name,
                            "has another router as its direct peer");
    }
    LIST_FOR_EACH (link, in_router, &router->links) {
        entrances_check_switch(entrances, link->sw);
    }
}

/* True if one of the routers has a port on 'sw'. */
static bool
entrances_reach_switch(const struct topo_switch *sw,
                       const struct uuidset *routers)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sw->links) {
        if (uuidset_contains(routers, &link->router->uuid)) {
            return true;
        }
    }
    return false;
}

void
entrances_find(const struct topology *topology,
               const struct uuidset *switches, const struct uuidset *routers,
               struct entrances *ret)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, routers) {
        const struct topo_router *router
            = topology_router_by_uuid(topology, &node->uuid);
        if (router) {
            uuidset_insert(&ret->routers, &node->uuid);
            entrances_check_router(ret, router);
        }
    }
    UUIDSET_FOR_EACH (node, switches) {
        const struct topo_switch *sw
            = topology_switch_by_uuid(topology, &node->uuid);
        if (sw && !entrances_reach_switch(sw, routers)) {
            uuidset_insert(&ret->switches, &node->uuid);
            entrances_check_switch(ret, sw);
        }
    }
}

void
entrances_init(struct entrances *entrances)
{
    uuidset_init(&entrances->routers);
    uuidset_init(&entrances->switches);
    entrances->hole = NULL;
}

void
entrances_uninit(struct entrances *entrances)
{
    uuidset_destroy(&entrances->routers);
    uuidset_destroy(&entrances->switches);
    free(entrances->hole);
}

void
entrances_find_ports(const struct topology *topology,
                     const struct uuid *router_uuid, struct uuidset *ret)
{
    const struct topo_router *router
        = topology_router_by_uuid(topology, router_uuid);
    const struct topo_link *link;

    if (!router) {
        return;
    }
    LIST_FOR_EACH (link, in_router, &router->links) {
        uuidset_insert(ret, &link->port);
    }
}
