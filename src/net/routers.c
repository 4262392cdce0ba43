/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of Logical_Router and Logical_Router_Port rows.  Reads the rows, and
 * marks the switch ports whose other end changed; derives nothing.
 */

#include <config.h>
#include "base/idl.h"
#include "base/uuid-set.h"
#include "nb-idl.h"
#include "net/topology-private.h"
#include "smap.h"

void
routers_track(struct ovsdb_idl *idl)
{
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_col_name);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_col_ports);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_col_nat);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_col_enabled);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_col_external_ids);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_port_col_name);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_port_col_networks);
    ovsdb_idl_track_add_column(idl,
                               &nbrec_logical_router_port_col_gateway_chassis);
    ovsdb_idl_track_add_column(
        idl, &nbrec_logical_router_port_col_ha_chassis_group);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_port_col_peer);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_router_port_col_options);
    ovsdb_idl_track_add_column(idl,
                               &nbrec_logical_router_port_col_external_ids);
}

/* Marks the switch ports that name 'name' as their other end. */
static void
mark_peers_dirty(struct topology *t, const char *name)
{
    struct port_node *pn;

    HMAP_FOR_EACH_WITH_HASH (pn, by_peer, port_name_hash(name),
                             &t->ports_by_peer) {
        if (!strcmp(pn->up.router_port, name)) {
            port_mark_dirty(t, pn);
        }
    }
}

static void
report_router(struct topology *t, const struct router_node *rn)
{
    uuidset_insert(&t->changed_routers, &rn->up.uuid);
    t->changed = true;
}

/* Router ports. */

static struct router_port *
router_port_find(const struct topology *t, const struct uuid *uuid)
{
    struct router_port *rp;

    HMAP_FOR_EACH_WITH_HASH (rp, by_uuid, uuid_hash(uuid), &t->router_ports) {
        if (uuid_equals(&rp->uuid, uuid)) {
            return rp;
        }
    }
    return NULL;
}

struct router_port *
router_port_find_by_name(const struct topology *t, const char *name)
{
    struct router_port *rp;

    HMAP_FOR_EACH_WITH_HASH (rp, by_name, port_name_hash(name),
                             &t->router_ports_by_name) {
        if (!strcmp(rp->name, name)) {
            return rp;
        }
    }
    return NULL;
}

void
router_port_destroy(struct topology *t, struct router_port *rp)
{
    mark_peers_dirty(t, rp->name);
    hmap_remove(&t->router_ports, &rp->by_uuid);
    hmap_remove(&t->router_ports_by_name, &rp->by_name);
    free(rp->name);
    free(rp->networks);
    free(rp->plens);
    free(rp->subnet_ids);
    free(rp);
}

static bool
row_is_gateway(const struct nbrec_logical_router_port *row)
{
    /* The datum, as the row only shows the chassis that have been replicated
     * and this topology does not ask for them. */
    return (ovsdb_idl_read(&row->header_,
                           &nbrec_logical_router_port_col_gateway_chassis)->n
            || ovsdb_idl_read(
                &row->header_,
                &nbrec_logical_router_port_col_ha_chassis_group)->n
            || smap_get_node(&row->options, "redirect-chassis")
            || smap_get_bool(&row->external_ids, "neutron:is_ext_gw", false));
}

static bool
set_networks(struct router_port *rp,
             const struct nbrec_logical_router_port *row)
{
    size_t n_max = MAX(row->n_networks, 1);
    struct in6_addr *ips = xcalloc(n_max, sizeof *ips);
    unsigned int *plens = xcalloc(n_max, sizeof *plens);
    struct addr_prefix p;
    size_t n = 0;

    for (size_t i = 0; i < row->n_networks; i++) {
        if (addr_prefix_parse(row->networks[i], &p)) {
            ips[n] = p.ip;
            plens[n++] = p.plen;
        }
    }

    bool plens_differ = (n != rp->n_networks
                         || (n && memcmp(plens, rp->plens,
                                         n * sizeof *plens)));
    bool changed = replace_addresses(&rp->networks, &rp->n_networks, ips, n);
    free(rp->plens);
    rp->plens = plens;
    free(ips);
    return changed || plens_differ;
}

/* Neutron names a subnet once for each address in it. */
static bool
set_subnet_ids(struct router_port *rp,
               const struct nbrec_logical_router_port *row)
{
    char *copy = xstrdup(smap_get_def(&row->external_ids,
                                      "neutron:subnet_ids", ""));
    size_t n = 0, n_max = strlen(copy) / UUID_LEN;
    struct uuid *ids = n_max ? xmalloc(n_max * sizeof *ids) : NULL;
    char *save = NULL;

    for (char *word = strtok_r(copy, " ", &save); word && n < n_max;
         word = strtok_r(NULL, " ", &save)) {
        n += uuid_from_string(&ids[n], word) && !uuid_is_zero(&ids[n]);
    }
    if (n) {
        size_t n_sorted = n;
        uuid_sort(ids, n);
        n = 1;
        for (size_t i = 1; i < n_sorted; i++) {
            if (!uuid_equals(&ids[i], &ids[n - 1])) {
                ids[n++] = ids[i];
            }
        }
    }

    bool changed = (n != rp->n_subnet_ids
                    || (n && memcmp(ids, rp->subnet_ids, n * sizeof *ids)));
    free(copy);
    free(rp->subnet_ids);
    rp->subnet_ids = ids;
    rp->n_subnet_ids = n;
    return changed;
}

static struct router_port *
router_port_create(struct topology *t, const struct uuid *uuid)
{
    struct router_port *rp = xzalloc(sizeof *rp);

    rp->uuid = *uuid;
    hmap_node_nullify(&rp->by_name);
    hmap_insert(&t->router_ports, &rp->by_uuid, uuid_hash(uuid));
    return rp;
}

/* Finds out whether the router joins another one. */
static void
router_note_peers(struct topology *t, struct router_node *rn)
{
    bool joins_router = false;
    size_t n;
    const struct uuid *ports = refs_children(&t->ports_of_routers,
                                             &rn->up.uuid, &n);

    for (size_t i = 0; ports && i < n; i++) {
        const struct router_port *rp = router_port_find(t, &ports[i]);
        joins_router |= rp && rp->has_peer;
    }
    if (joins_router != rn->up.joins_router) {
        rn->up.joins_router = joins_router;
        report_router(t, rn);
    }
}

static void
set_peer(struct topology *t, struct router_port *rp, const char *peer)
{
    bool has_peer = peer && peer[0];

    if (has_peer != rp->has_peer) {
        const struct uuid *owner = topology_owner_of(&t->ports_of_routers,
                                                     &rp->uuid);
        struct topo_router *router
            = owner ? topology_router_by_uuid(t, owner) : NULL;

        rp->has_peer = has_peer;
        if (router) {
            router_note_peers(t, router_node_cast(router));
        }
    }
}

static struct router_port *
router_port_read(struct topology *t,
                 const struct nbrec_logical_router_port *row)
{
    struct router_port *rp = router_port_find(t, &row->header_.uuid);

    if (!rp) {
        rp = router_port_create(t, &row->header_.uuid);
    }
    if (!rp->name || strcmp(rp->name, row->name)) {
        if (rp->name) {
            mark_peers_dirty(t, rp->name);
            hmap_remove(&t->router_ports_by_name, &rp->by_name);
        }
        replace_string(&rp->name, row->name);
        hmap_insert(&t->router_ports_by_name, &rp->by_name,
                    port_name_hash(row->name));
        mark_peers_dirty(t, row->name);
    }

    set_peer(t, rp, row->peer);

    bool is_gateway = row_is_gateway(row);
    bool changed = is_gateway != rp->is_gateway;
    changed |= set_networks(rp, row);
    changed |= set_subnet_ids(rp, row);
    if (changed) {
        rp->is_gateway = is_gateway;
        mark_peers_dirty(t, rp->name);
    }
    return rp;
}

static void
read_all_router_ports(struct topology *t)
{
    const struct nbrec_logical_router_port *row;
    unsigned int sweep = ++t->sweep;

    NBREC_LOGICAL_ROUTER_PORT_FOR_EACH (row, t->idl) {
        router_port_read(t, row)->sweep = sweep;
    }

    struct router_port *rp;
    HMAP_FOR_EACH_SAFE (rp, by_uuid, &t->router_ports) {
        if (rp->sweep != sweep) {
            router_port_destroy(t, rp);
        }
    }
}

static void
router_ports_read(struct topology *t, bool everything)
{
    const struct nbrec_logical_router_port *row;

    if (!everything) {
        NBREC_LOGICAL_ROUTER_PORT_FOR_EACH_TRACKED (row, t->idl) {
            if (!nbrec_logical_router_port_is_deleted(row)) {
                router_port_read(t, row);
                continue;
            }
            struct router_port *rp = router_port_find(t, &row->header_.uuid);
            if (rp) {
                router_port_destroy(t, rp);
            }
        }
        row = nbrec_logical_router_port_first(t->idl);
        everything = !idl_table_is_complete(row ? &row->header_ : NULL,
                                            hmap_count(&t->router_ports));
    }
    if (everything) {
        read_all_router_ports(t);
    }
}

/* Routers. */

static void
port_changed_cb(const struct uuid *uuid, void *t)
{
    /* A router port that is not there yet marks its peers when it comes. */
    struct router_port *rp = router_port_find(t, uuid);
    if (rp) {
        mark_peers_dirty(t, rp->name);
    }
}

static void
router_set_ports(struct topology *t, struct router_node *rn,
                 const struct ovsdb_datum *ports)
{
    topology_set_children(&t->ports_of_routers, &rn->up.uuid, ports,
                          port_changed_cb, t);
    router_note_peers(t, rn);
}

/* Does not report the router as changed: association does not ask to which
 * router a NAT row belongs. */
static void
set_nats(struct topology *t, struct router_node *rn,
         const struct ovsdb_datum *nats)
{
    topology_set_children(&t->nats_of_routers, &rn->up.uuid, nats,
                          nat_router_changed_cb, t);
}

static struct router_node *
router_create(struct topology *t, const struct uuid *uuid)
{
    struct router_node *rn = xzalloc(sizeof *rn);

    rn->up.uuid = *uuid;
    ovs_list_init(&rn->up.links);
    ovs_list_init(&rn->dead);
    hmap_insert(&t->routers, &rn->up.by_uuid, uuid_hash(uuid));
    report_router(t, rn);
    return rn;
}

/* Frees a router that no link or index refers to. */
void
router_free(struct topology *t OVS_UNUSED, struct router_node *rn)
{
    ovs_assert(ovs_list_is_empty(&rn->up.links));
    free(rn->up.name);
    free(rn->up.display_name);
    free(rn);
}

/* The row is gone.  Its links go in the second half of the run. */
static void
router_bury(struct topology *t, struct router_node *rn)
{
    router_set_ports(t, rn, NULL);
    set_nats(t, rn, NULL);
    hmap_remove(&t->routers, &rn->up.by_uuid);
    ovs_list_push_back(&t->dead_routers, &rn->dead);
    report_router(t, rn);
}

/* Takes over what only users see: association does not ask for it. */
static void
router_describe(struct topology *t, struct router_node *rn,
                const struct nbrec_logical_router *row)
{
    bool is_enabled = !row->n_enabled || row->enabled[0];

    if (replace_string(&rn->up.display_name,
                       smap_get_def(&row->external_ids, "neutron:router_name",
                                    row->name))) {
        t->changed = true;
    }
    if (rn->up.is_enabled != is_enabled) {
        rn->up.is_enabled = is_enabled;
        t->changed = true;
    }
}

static struct router_node *
router_read(struct topology *t, const struct nbrec_logical_router *row,
            bool everything)
{
    struct topo_router *router = topology_router_by_uuid(t,
                                                         &row->header_.uuid);
    struct router_node *rn = (router ? router_node_cast(router)
                              : router_create(t, &row->header_.uuid));

    if (replace_string(&rn->up.name, row->name)) {
        if (!topo_name_to_id(row->name, &rn->up.id)) {
            rn->up.id = rn->up.uuid;
        }
        report_router(t, rn);
    }
    router_describe(t, rn, row);
    if (everything || nbrec_logical_router_is_new(row)
        || nbrec_logical_router_is_updated(row,
                                           NBREC_LOGICAL_ROUTER_COL_PORTS)) {
        router_set_ports(t, rn, ovsdb_idl_read(
                                    &row->header_,
                                    &nbrec_logical_router_col_ports));
    }
    if (everything || nbrec_logical_router_is_new(row)
        || nbrec_logical_router_is_updated(row,
                                           NBREC_LOGICAL_ROUTER_COL_NAT)) {
        set_nats(t, rn, ovsdb_idl_read(&row->header_,
                                       &nbrec_logical_router_col_nat));
    }
    return rn;
}

static void
read_all_routers(struct topology *t)
{
    const struct nbrec_logical_router *row;
    unsigned int sweep = ++t->sweep;

    NBREC_LOGICAL_ROUTER_FOR_EACH (row, t->idl) {
        router_read(t, row, true)->sweep = sweep;
    }

    struct topo_router *router;
    HMAP_FOR_EACH_SAFE (router, by_uuid, &t->routers) {
        if (router_node_cast(router)->sweep != sweep) {
            router_bury(t, router_node_cast(router));
        }
    }
}

void
routers_read(struct topology *t, bool everything)
{
    const struct nbrec_logical_router *row;

    router_ports_read(t, everything);
    if (!everything) {
        NBREC_LOGICAL_ROUTER_FOR_EACH_TRACKED (row, t->idl) {
            if (!nbrec_logical_router_is_deleted(row)) {
                router_read(t, row, false);
                continue;
            }
            struct topo_router *router = topology_router_by_uuid(
                t, &row->header_.uuid);
            if (router) {
                router_bury(t, router_node_cast(router));
            }
        }
        row = nbrec_logical_router_first(t->idl);
        everything = !idl_table_is_complete(row ? &row->header_ : NULL,
                                            hmap_count(&t->routers));
    }
    if (everything) {
        read_all_routers(t);
    }
}
