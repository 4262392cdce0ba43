/* SPDX-License-Identifier: Apache-2.0
 *
 * The topology as a whole: the run, what it reports, and the look-ups.  What
 * is read from rows and what is derived from it is in the files that
 * topology-private.h names.
 */

#include <config.h>
#include "net/topology.h"
#include "base/uuid-set.h"
#include "net/topology-private.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"

struct topology *
topology_create(struct ovsdb_idl *idl)
{
    struct topology *t = xzalloc(sizeof *t);

    t->idl = idl;
    hmap_init(&t->switches);
    hmap_init(&t->switches_by_id);
    hmap_init(&t->ports);
    hmap_init(&t->ports_by_id);
    hmap_init(&t->ports_by_name);
    hmap_init(&t->ports_by_peer);
    hmap_init(&t->routers);
    hmap_init(&t->router_ports);
    hmap_init(&t->router_ports_by_name);
    hmap_init(&t->nats);
    hmap_init(&t->nats_by_id);
    hmap_init(&t->nats_by_logical_ip);
    hmap_init(&t->dhcp_rows);
    hmap_init(&t->dhcp_uses);
    refs_init(&t->ports_of_switches);
    refs_init(&t->ports_of_routers);
    refs_init(&t->nats_of_routers);
    hmap_init(&t->subnets);
    hmap_init(&t->subnet_aliases);
    ovs_list_init(&t->dirty_nats);
    ovs_list_init(&t->dirty_ports);
    ovs_list_init(&t->dirty_switches);
    ovs_list_init(&t->cut_off_ports);
    ovs_list_init(&t->dead_switches);
    ovs_list_init(&t->dead_routers);
    uuidset_init(&t->changed_switches);
    uuidset_init(&t->changed_routers);
    ip_set_init(&t->changed_addresses);

    switches_track(idl);
    ports_track(idl);
    routers_track(idl);
    nats_track(idl);
    dhcp_track(idl);
    return t;
}

/* Frees the copies of all rows.  Ports first: they hold on to the others. */
static void
destroy_nodes(struct topology *t)
{
    struct topo_port *port;
    HMAP_FOR_EACH_SAFE (port, by_uuid, &t->ports) {
        port_destroy(t, port_node_cast(port));
    }

    struct topo_switch *sw;
    HMAP_FOR_EACH_POP (sw, by_uuid, &t->switches) {
        hmap_remove(&t->switches_by_id, &sw->by_id);
        switch_free(t, switch_node_cast(sw));
    }

    struct router_port *rp;
    HMAP_FOR_EACH_SAFE (rp, by_uuid, &t->router_ports) {
        router_port_destroy(t, rp);
    }

    struct topo_nat *nat;
    HMAP_FOR_EACH_SAFE (nat, by_uuid, &t->nats) {
        nat_destroy(t, nat_node_cast(nat));
    }

    struct dhcp_row *row;
    HMAP_FOR_EACH_SAFE (row, by_uuid, &t->dhcp_rows) {
        dhcp_row_destroy(t, row);
    }

    struct topo_router *router;
    HMAP_FOR_EACH_POP (router, by_uuid, &t->routers) {
        router_free(t, router_node_cast(router));
    }
}

void
topology_destroy(struct topology *t)
{
    if (!t) {
        return;
    }

    destroy_nodes(t);
    hmap_destroy(&t->switches);
    hmap_destroy(&t->switches_by_id);
    hmap_destroy(&t->ports);
    hmap_destroy(&t->ports_by_id);
    hmap_destroy(&t->ports_by_name);
    hmap_destroy(&t->ports_by_peer);
    hmap_destroy(&t->routers);
    hmap_destroy(&t->router_ports);
    hmap_destroy(&t->router_ports_by_name);
    hmap_destroy(&t->nats);
    hmap_destroy(&t->nats_by_id);
    hmap_destroy(&t->nats_by_logical_ip);
    hmap_destroy(&t->dhcp_rows);
    hmap_destroy(&t->dhcp_uses);
    refs_destroy(&t->ports_of_switches);
    refs_destroy(&t->ports_of_routers);
    refs_destroy(&t->nats_of_routers);
    hmap_destroy(&t->subnets);
    hmap_destroy(&t->subnet_aliases);
    uuidset_destroy(&t->changed_switches);
    uuidset_destroy(&t->changed_routers);
    ip_set_destroy(&t->changed_addresses);
    free(t->switch_report);
    free(t->router_report);
    free(t->address_report);
    free(t);
}

static void
free_dead(struct topology *t)
{
    struct switch_node *sn;
    LIST_FOR_EACH_POP (sn, dirty, &t->dead_switches) {
        switch_free(t, sn);
    }

    struct router_node *rn;
    LIST_FOR_EACH_POP (rn, dead, &t->dead_routers) {
        router_free(t, rn);
    }
}

void
topology_run(struct topology *t, bool reset)
{
    t->changed = false;
    uuid_set_reset(&t->changed_switches);
    uuid_set_reset(&t->changed_routers);
    ip_set_clear(&t->changed_addresses);

    switches_read(t, reset);
    ports_read(t, reset);
    routers_read(t, reset);
    nats_read(t, reset);
    dhcp_read(t, reset);

    nats_update(t);
    links_update(t);
    subnets_update(t);
    free_dead(t);

    free(t->switch_report);
    t->switch_report = uuidset_array(&t->changed_switches);
    free(t->router_report);
    t->router_report = uuidset_array(&t->changed_routers);
    free(t->address_report);
    t->address_report = ip_set_array(&t->changed_addresses);
    t->seqno += t->changed;
}

void
topology_wait(const struct topology *t)
{
    ports_wait(t);
}

const struct uuid *
topology_changed_switches(const struct topology *t, size_t *n)
{
    *n = uuidset_count(&t->changed_switches);
    return t->switch_report;
}

const struct uuid *
topology_changed_routers(const struct topology *t, size_t *n)
{
    *n = uuidset_count(&t->changed_routers);
    return t->router_report;
}

const struct in6_addr *
topology_changed_addresses(const struct topology *t, size_t *n)
{
    *n = ip_set_count(&t->changed_addresses);
    return t->address_report;
}

unsigned int
topology_seqno(const struct topology *t)
{
    return t->seqno;
}

struct topo_switch *
topology_switch_by_uuid(const struct topology *t, const struct uuid *row)
{
    struct topo_switch *sw;

    HMAP_FOR_EACH_WITH_HASH (sw, by_uuid, uuid_hash(row), &t->switches) {
        if (uuid_equals(&sw->uuid, row)) {
            return sw;
        }
    }
    return NULL;
}

/* Returns the switch with the lowest row of those with the network's id: two
 * switches may have the same Neutron name, and every process has to choose the
 * same one. */
struct topo_switch *
topology_switch_by_id(const struct topology *t, const struct uuid *network_id)
{
    struct topo_switch *lowest = NULL;
    struct topo_switch *sw;

    HMAP_FOR_EACH_WITH_HASH (sw, by_id, uuid_hash(network_id),
                             &t->switches_by_id) {
        if (uuid_equals(&sw->id, network_id)
            && (!lowest || uuid_compare_3way(&sw->uuid, &lowest->uuid) < 0)) {
            lowest = sw;
        }
    }
    return lowest;
}

static int
topology_compare_subnets(const struct topo_subnet *a,
                         const struct topo_subnet *b)
{
    int cmp = uuid_compare_3way(&a->sw->uuid, &b->sw->uuid);

    return cmp ? cmp : addr_prefix_compare(&subnet_node_cast(a)->prefix,
                                           &subnet_node_cast(b)->prefix);
}

/* Returns the lowest subnet, by its switch's row and its prefix, of those with
 * the id: ids come from Neutron's rows, which may be edited, so two may agree.
 * An id of no subnet may be one that a subnet had. */
struct topo_subnet *
topology_subnet_by_id(const struct topology *t, const struct uuid *subnet_id)
{
    struct topo_subnet *lowest = NULL;
    struct topo_subnet *subnet;

    HMAP_FOR_EACH_WITH_HASH (subnet, by_id, uuid_hash(subnet_id),
                             &t->subnets) {
        if (uuid_equals(&subnet->id, subnet_id)
            && (!lowest || topology_compare_subnets(subnet, lowest) < 0)) {
            lowest = subnet;
        }
    }
    return lowest ? lowest : subnet_alias_find(t, subnet_id);
}

/* As with switches: the name of one port may be the row of another. */
struct topo_switch *
topology_home(const struct topology *t, const struct uuid *subnet_id,
              const struct uuid *network_id)
{
    const struct topo_subnet *subnet = topology_subnet_by_id(t, subnet_id);

    return subnet ? subnet->sw : topology_switch_by_id(t, network_id);
}

bool
topology_lacks_port(const struct topology *t, const struct uuid *subnet_id,
                    const struct uuid *network_id, const struct uuid *port_id)
{
    return (topology_home(t, subnet_id, network_id)
            && !topology_port_by_id(t, port_id));
}

struct topo_port *
topology_port_by_id(const struct topology *t, const struct uuid *port_id)
{
    struct port_node *lowest = NULL;
    struct port_node *pn;

    HMAP_FOR_EACH_WITH_HASH (pn, by_id, uuid_hash(port_id), &t->ports_by_id) {
        if (uuid_equals(&pn->up.id, port_id)
            && (!lowest
                || uuid_compare_3way(&pn->up.uuid, &lowest->up.uuid) < 0)) {
            lowest = pn;
        }
    }
    return lowest ? &lowest->up : NULL;
}

struct topo_port *
topology_port_by_name(const struct topology *t, const char *name)
{
    struct topo_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, by_name, port_name_hash(name),
                             &t->ports_by_name) {
        if (!strcmp(port->name, name)) {
            return port;
        }
    }
    return NULL;
}

struct topo_router *
topology_router_by_uuid(const struct topology *t, const struct uuid *row)
{
    struct topo_router *router;

    HMAP_FOR_EACH_WITH_HASH (router, by_uuid, uuid_hash(row), &t->routers) {
        if (uuid_equals(&router->uuid, row)) {
            return router;
        }
    }
    return NULL;
}

/* There are few routers, and most have their row's id.  Neutron's are named
 * after theirs, and the names may be edited, so two may agree. */
struct topo_router *
topology_router_by_id(const struct topology *t, const struct uuid *id)
{
    struct topo_router *lowest = topology_router_by_uuid(t, id);
    struct topo_router *router;

    if (lowest && uuid_equals(&lowest->id, id)) {
        return lowest;
    }
    lowest = NULL;
    HMAP_FOR_EACH (router, by_uuid, &t->routers) {
        if (uuid_equals(&router->id, id)
            && (!lowest || uuid_compare_3way(&router->uuid,
                                             &lowest->uuid) < 0)) {
            lowest = router;
        }
    }
    return lowest;
}

void
topology_for_each_port_named(const struct topology *t, const char *prefix,
                             void (*cb)(const struct topo_port *, void *aux),
                             void *aux)
{
    const struct topo_port *port;

    HMAP_FOR_EACH (port, by_name, &t->ports_by_name) {
        if (!strncmp(port->name, prefix, strlen(prefix))) {
            cb(port, aux);
        }
    }
}

const struct hmap *
topology_switches(const struct topology *t)
{
    return &t->switches;
}

const struct hmap *
topology_ports(const struct topology *t)
{
    return &t->ports;
}

const struct hmap *
topology_routers(const struct topology *t)
{
    return &t->routers;
}

void
topology_set_children(struct refs *refs, const struct uuid *owner,
                      const struct ovsdb_datum *column,
                      void (*changed)(const struct uuid *child, void *aux),
                      void *aux)
{
    size_t n = column ? column->n : 0;
    struct uuid *uuids = xmalloc(n * sizeof *uuids);

    for (size_t i = 0; i < n; i++) {
        uuids[i] = column->keys[i].uuid;
    }
    refs_set(refs, owner, uuids, n, changed, aux);
    free(uuids);
}

const struct uuid *
topology_owner_of(const struct refs *refs, const struct uuid *child)
{
    const struct uuidset *owners = refs_parents(refs, child);
    const struct uuid *lowest = NULL;
    const struct uuidset_node *node;

    if (owners) {
        UUIDSET_FOR_EACH (node, owners) {
            if (!lowest || uuid_compare_3way(&node->uuid, lowest) < 0) {
                lowest = &node->uuid;
            }
        }
    }
    return lowest;
}
