/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds where each port belongs: its switch, the router to which it joins the
 * switch, and the addresses that it takes there, and reports changes of these.
 * Derived from the copies of the rows alone, port by port, only for ports on
 * which something changed.
 */

#include <config.h>
#include "net/topology-private.h"

static struct topo_switch *
find_switch(const struct topology *t, const struct port_node *pn)
{
    const struct uuid *uuid = topology_owner_of(&t->ports_of_switches,
                                                &pn->up.uuid);
    return uuid ? topology_switch_by_uuid(t, uuid) : NULL;
}

static struct router_port *
find_router_port(const struct topology *t, const struct port_node *pn)
{
    return (!strcmp(pn->up.type, "router") && pn->up.router_port
            ? router_port_find_by_name(t, pn->up.router_port)
            : NULL);
}

static struct topo_router *
find_router(const struct topology *t, const struct router_port *rp)
{
    const struct uuid *uuid = (rp ? topology_owner_of(&t->ports_of_routers,
                                                      &rp->uuid)
                               : NULL);
    return uuid ? topology_router_by_uuid(t, uuid) : NULL;
}

/* Reports the addresses in 'ips' that are not in 'others'. */
static void
report_addresses(struct topology *t, const struct in6_addr *ips, size_t n,
                 const struct in6_addr *others, size_t n_others)
{
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < n_others && addr_compare(&ips[i], &others[j])) {
            j++;
        }
        if (j == n_others) {
            ip_set_add(&t->changed_addresses, &ips[i]);
        }
    }
}

/* Reports what moving the port changes: just the addresses that it gets or
 * loses, or, if it is another port in another place then, all of them. */
static void
report_move(struct topology *t, struct port_node *pn,
            const struct topo_switch *sw, const struct in6_addr *ips, size_t n)
{
    bool all = pn->is_other || sw != pn->up.sw;

    report_addresses(t, pn->up.addresses, pn->up.n_addresses,
                     ips, all ? 0 : n);
    report_addresses(t, ips, n,
                     pn->up.addresses, all ? 0 : pn->up.n_addresses);
    pn->is_other = false;
}

/* Moves the port to 'sw' with the addresses 'ips', of which there are 'n'. */
static void
move_port(struct topology *t, struct port_node *pn, struct topo_switch *sw,
          const struct in6_addr *ips, size_t n)
{
    report_move(t, pn, sw, ips, n);
    if (sw == pn->up.sw && n == pn->up.n_addresses
        && (!n || !memcmp(ips, pn->up.addresses, n * sizeof *ips))) {
        return;
    }

    if (pn->up.sw) {
        addresses_remove(pn->up.sw, pn);
        ovs_list_remove(&pn->up.in_switch);
        ovs_list_init(&pn->up.in_switch);
    }
    replace_addresses(&pn->up.addresses, &pn->up.n_addresses, ips, n);
    pn->up.sw = sw;
    if (sw) {
        ovs_list_push_back(&sw->ports, &pn->up.in_switch);
        addresses_add(sw, pn);
    }
    t->changed = true;
}

/* Gives the port the addresses of its row and, after them, those of the router
 * port on its other side. */
static void
place_port(struct topology *t, struct port_node *pn, struct topo_switch *sw,
           const struct router_port *rp)
{
    size_t n_max = pn->n_own + (rp ? rp->n_networks : 0);
    struct in6_addr *ips = xcalloc(MAX(n_max, 1), sizeof *ips);
    size_t n = pn->n_own;

    if (n) {
        memcpy(ips, pn->own, n * sizeof *ips);
    }
    for (size_t i = 0; rp && i < rp->n_networks; i++) {
        size_t j = 0;
        while (j < n && addr_compare(&ips[j], &rp->networks[i])) {
            j++;
        }
        if (j == n) {
            ips[n++] = rp->networks[i];
        }
    }
    move_port(t, pn, sw, ips, n);
    free(ips);
}

static bool
link_is(const struct topo_link *link, const struct topo_switch *sw,
        const struct topo_router *router, const struct router_port *rp)
{
    if (!link || !sw || !router) {
        return !link && !(sw && router);
    }
    return (link->sw == sw && link->router == router
            && link->is_gateway == rp->is_gateway
            && link->n_networks == rp->n_networks
            && (!rp->n_networks
                || (!memcmp(link->networks, rp->networks,
                            rp->n_networks * sizeof *rp->networks)
                    && !memcmp(link->plens, rp->plens,
                               rp->n_networks * sizeof *rp->plens)))
            && link->n_subnet_ids == rp->n_subnet_ids
            && (!rp->n_subnet_ids
                || !memcmp(link->subnet_ids, rp->subnet_ids,
                           rp->n_subnet_ids * sizeof *rp->subnet_ids)));
}

/* A link came or went: both ends have to be looked at. */
static void
report_link(struct topology *t, const struct topo_link *link)
{
    uuidset_insert(&t->changed_switches, &link->sw->uuid);
    uuidset_insert(&t->changed_routers, &link->router->uuid);
    switch_mark_dirty(t, switch_node_cast(link->sw));
    t->changed = true;
}

static void
link_destroy(struct topology *t, struct topo_link *link)
{
    if (link) {
        report_link(t, link);
        ovs_list_remove(&link->in_switch);
        ovs_list_remove(&link->in_router);
        free(link->networks);
        free(link->plens);
        free(link->subnet_ids);
        free(link);
    }
}

static struct topo_link *
link_create(struct topology *t, const struct port_node *pn,
            struct topo_switch *sw, struct topo_router *router,
            const struct router_port *rp)
{
    struct topo_link *link = xzalloc(sizeof *link);

    link->port = pn->up.uuid;
    link->sw = sw;
    link->router = router;
    link->is_gateway = rp->is_gateway;
    link->n_networks = rp->n_networks;
    if (rp->n_networks) {
        link->networks = xmemdup(rp->networks,
                                 rp->n_networks * sizeof *rp->networks);
        link->plens = xmemdup(rp->plens, rp->n_networks * sizeof *rp->plens);
    }
    link->n_subnet_ids = rp->n_subnet_ids;
    if (rp->n_subnet_ids) {
        link->subnet_ids = xmemdup(rp->subnet_ids, rp->n_subnet_ids
                                   * sizeof *rp->subnet_ids);
    }
    ovs_list_push_back(&sw->links, &link->in_switch);
    ovs_list_push_back(&router->links, &link->in_router);
    report_link(t, link);
    return link;
}

static void
join_port(struct topology *t, struct port_node *pn, struct topo_switch *sw,
          struct topo_router *router, const struct router_port *rp)
{
    if (!link_is(pn->link, sw, router, rp)) {
        link_destroy(t, pn->link);
        pn->link = (sw && router
                    ? link_create(t, pn, sw, router, rp)
                    : NULL);
    }
}

/* Moves the port from '*counted_by' to 'sw' (NULL: none), and in what COUNT
 * counts of both. */
#define COUNT_PORT(T, COUNTED_BY, COUNT, SW)                            \
    do {                                                                \
        if ((SW) == (COUNTED_BY)) {                                     \
            break;                                                      \
        }                                                               \
        if (COUNTED_BY) {                                               \
            switch_node_cast(COUNTED_BY)->COUNT--;                      \
            switch_mark_dirty(T, switch_node_cast(COUNTED_BY));         \
        }                                                               \
        if (SW) {                                                       \
            switch_node_cast(SW)->COUNT++;                              \
            switch_mark_dirty(T, switch_node_cast(SW));                 \
        }                                                               \
        (COUNTED_BY) = (SW);                                            \
    } while (0)

/* A localnet port makes its switch a provider network, a remote one a transit
 * switch. */
static void
count_port(struct topology *t, struct port_node *pn, struct topo_switch *sw)
{
    struct topo_switch *localnet_of
        = sw && !strcmp(pn->up.type, "localnet") ? sw : NULL;
    struct topo_switch *remote_of
        = sw && !strcmp(pn->up.type, "remote") ? sw : NULL;

    COUNT_PORT(t, pn->localnet_of, n_localnet, localnet_of);
    COUNT_PORT(t, pn->remote_of, n_remote, remote_of);
}

static void
update_port(struct topology *t, struct port_node *pn)
{
    struct topo_switch *sw = find_switch(t, pn);
    struct router_port *rp = find_router_port(t, pn);

    place_port(t, pn, sw, rp);
    join_port(t, pn, sw, find_router(t, rp), rp);
    count_port(t, pn, sw);
    dhcp_place_port(t, pn, sw);
}

/* Undoes all that was derived for the port, which is about to be freed. */
void
port_detach(struct topology *t, struct port_node *pn)
{
    move_port(t, pn, NULL, NULL, 0);
    join_port(t, pn, NULL, NULL, NULL);
    count_port(t, pn, NULL);
    dhcp_place_port(t, pn, NULL);
}

void
links_update(struct topology *t)
{
    struct port_node *pn;

    LIST_FOR_EACH_POP (pn, dirty, &t->dirty_ports) {
        ovs_list_init(&pn->dirty);
        update_port(t, pn);
    }
}

const struct topo_link *
topo_port_link(const struct topo_port *port)
{
    return port_node_cast(port)->link;
}

bool
topo_link_is_in(const struct topo_link *link, const struct topo_subnet *subnet)
{
    for (size_t i = 0; i < link->n_networks; i++) {
        if (!subnet || topo_subnet_contains(subnet, &link->networks[i])) {
            return true;
        }
    }
    return false;
}

bool
topo_switch_has_router(const struct topo_switch *sw, const struct uuid *router)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sw->links) {
        if (uuid_equals(&link->router->uuid, router)) {
            return true;
        }
    }
    return false;
}
