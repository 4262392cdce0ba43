/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of NAT rows, and which of them are floating IPs, by the address
 * behind them.  Rows of other types are copied without their contents: their
 * number shows when the IDL has lost some.
 */

#include <config.h>
#include "base/idl.h"
#include "nb-idl.h"
#include "net/topology-private.h"
#include "smap.h"

void
nats_track(struct ovsdb_idl *idl)
{
    ovsdb_idl_track_add_column(idl, &nbrec_nat_col_type);
    ovsdb_idl_track_add_column(idl, &nbrec_nat_col_external_ip);
    ovsdb_idl_track_add_column(idl, &nbrec_nat_col_logical_ip);
    ovsdb_idl_track_add_column(idl, &nbrec_nat_col_external_mac);
    ovsdb_idl_track_add_column(idl, &nbrec_nat_col_logical_port);
    ovsdb_idl_track_add_column(idl, &nbrec_nat_col_external_ids);
}

/* Look-ups. */

const struct topo_nat *
topology_next_nat(const struct topology *t, const struct in6_addr *ip,
                  const struct topo_nat *prev)
{
    uint32_t hash = ip_hash(ip, 0);
    struct hmap_node *node
        = (prev ? hmap_next_with_hash(&prev->by_logical_ip)
           : hmap_first_with_hash(&t->nats_by_logical_ip, hash));

    for (; node; node = hmap_next_with_hash(node)) {
        const struct topo_nat *nat = CONTAINER_OF(node, struct topo_nat,
                                                  by_logical_ip);
        if (!addr_compare(&nat->logical_ip, ip)) {
            return nat;
        }
    }
    return NULL;
}

/* Ids come from Neutron's rows, which may be edited, so two may agree. */
const struct topo_nat *
topology_nat_by_id(const struct topology *t, const struct uuid *id)
{
    const struct topo_nat *lowest = NULL;
    const struct topo_nat *nat;

    HMAP_FOR_EACH_WITH_HASH (nat, by_id, uuid_hash(id), &t->nats_by_id) {
        if (uuid_equals(&nat->id, id)
            && (!lowest || uuid_compare_3way(&nat->uuid,
                                             &lowest->uuid) < 0)) {
            lowest = nat;
        }
    }
    return lowest;
}

const struct topo_port *
topology_nat_port(const struct topology *t, const struct topo_nat *nat)
{
    const struct topo_port *port
        = nat->logical_port ? topology_port_by_name(t, nat->logical_port)
                            : NULL;
    const struct topo_router *router = topology_router_by_uuid(t,
                                                               &nat->router);
    const struct topo_link *link;

    if (port || !router) {
        return port;
    }
    LIST_FOR_EACH (link, in_router, &router->links) {
        bool reserved;

        port = topo_switch_user_of(link->sw, &nat->logical_ip, &reserved);
        if (port) {
            return port;
        }
    }
    return NULL;
}

const struct hmap *
topology_nats(const struct topology *t)
{
    return &t->nats_by_id;
}

void
topology_for_each_centralised_nat(const struct topology *t,
                                  void (*cb)(const struct topo_nat *,
                                             void *aux),
                                  void *aux)
{
    const struct topo_nat *nat;

    HMAP_FOR_EACH (nat, by_logical_ip, &t->nats_by_logical_ip) {
        if (nat->is_centralised) {
            cb(nat, aux);
        }
    }
}

/* The copies. */

static struct nat_node *
nat_find(const struct topology *t, const struct uuid *uuid)
{
    struct topo_nat *nat;

    HMAP_FOR_EACH_WITH_HASH (nat, by_uuid, uuid_hash(uuid), &t->nats) {
        if (uuid_equals(&nat->uuid, uuid)) {
            return nat_node_cast(nat);
        }
    }
    return NULL;
}

/* Reports the address behind the NAT row as changed.  Must be called before
 * each change and after it. */
static void
nat_report(struct topology *t, const struct nat_node *nn)
{
    if (nn->is_floating) {
        ip_set_add(&t->changed_addresses, &nn->up.logical_ip);
        t->changed = true;
    }
}

static void
mark_dirty(struct topology *t, struct nat_node *nn)
{
    if (ovs_list_is_empty(&nn->dirty)) {
        ovs_list_push_back(&t->dirty_nats, &nn->dirty);
    }
}

static struct nat_node *
nat_create(struct topology *t, const struct uuid *uuid)
{
    struct nat_node *nn = xzalloc(sizeof *nn);

    nn->up.uuid = *uuid;
    ovs_list_init(&nn->dirty);
    hmap_insert(&t->nats, &nn->up.by_uuid, uuid_hash(uuid));
    mark_dirty(t, nn);
    return nn;
}

/* Makes the row one that no look-up finds. */
static void
forget_contents(struct topology *t, struct nat_node *nn)
{
    if (nn->is_floating) {
        hmap_remove(&t->nats_by_id, &nn->up.by_id);
        hmap_remove(&t->nats_by_logical_ip, &nn->up.by_logical_ip);
        nn->is_floating = false;
    }
    free(nn->up.external_mac);
    free(nn->up.logical_port);
    nn->up.external_mac = nn->up.logical_port = NULL;
}

void
nat_destroy(struct topology *t, struct nat_node *nn)
{
    nat_report(t, nn);
    forget_contents(t, nn);
    ovs_list_remove(&nn->dirty);
    hmap_remove(&t->nats, &nn->up.by_uuid);
    free(nn);
}

/* northd wants single addresses in such rows, and takes "10.0.0.1/32" for
 * one. */
static bool
nat_parse_address(const char *text, struct in6_addr *ret)
{
    struct addr_prefix prefix;

    if (!addr_prefix_parse(text, &prefix)
        || prefix.plen != (prefix.is_ipv6 ? 128 : 32)) {
        return false;
    }
    *ret = prefix.ip;
    return true;
}

/* Holds the contents of a row, as long as the row is there. */
struct contents {
    bool is_floating;
    struct uuid id;
    struct in6_addr external_ip;
    struct in6_addr logical_ip;
    const char *external_mac;
    const char *logical_port;
    bool is_centralised;
};

static struct contents
read_contents(const struct nbrec_nat *row)
{
    struct contents c = {
        .external_mac = row->external_mac,
        .logical_port = row->logical_port,
        .is_centralised = smap_get_node(&row->external_ids,
                                        NAT_KEY_MAC) != NULL,
    };

    if (!uuid_from_string(&c.id, smap_get_def(&row->external_ids,
                                              "neutron:fip_id", ""))) {
        c.id = row->header_.uuid;
    }
    c.is_floating = (!strcmp(row->type, "dnat_and_snat")
                     && nat_parse_address(row->external_ip, &c.external_ip)
                     && nat_parse_address(row->logical_ip, &c.logical_ip));
    return c;
}

static bool
contents_are(const struct nat_node *nn, const struct contents *c)
{
    const struct topo_nat *nat = &nn->up;

    if (!nn->is_floating || !c->is_floating) {
        return nn->is_floating == c->is_floating;
    }
    return (uuid_equals(&nat->id, &c->id)
            && !addr_compare(&nat->external_ip, &c->external_ip)
            && !addr_compare(&nat->logical_ip, &c->logical_ip)
            && nullable_string_is_equal(nat->external_mac, c->external_mac)
            && nullable_string_is_equal(nat->logical_port, c->logical_port)
            && nat->is_centralised == c->is_centralised);
}

static struct nat_node *
nat_read(struct topology *t, const struct nbrec_nat *row)
{
    struct nat_node *nn = nat_find(t, &row->header_.uuid);
    struct contents c = read_contents(row);

    if (!nn) {
        nn = nat_create(t, &row->header_.uuid);
    }
    if (contents_are(nn, &c)) {
        return nn;
    }

    nat_report(t, nn);
    forget_contents(t, nn);
    if (c.is_floating) {
        nn->is_floating = true;
        nn->up.id = c.id;
        nn->up.external_ip = c.external_ip;
        nn->up.logical_ip = c.logical_ip;
        nn->up.external_mac = nullable_xstrdup(c.external_mac);
        nn->up.logical_port = nullable_xstrdup(c.logical_port);
        nn->up.is_centralised = c.is_centralised;
        hmap_insert(&t->nats_by_id, &nn->up.by_id, uuid_hash(&c.id));
        hmap_insert(&t->nats_by_logical_ip, &nn->up.by_logical_ip,
                    ip_hash(&nn->up.logical_ip, 0));
    }
    nat_report(t, nn);
    return nn;
}

static void
nats_read_all(struct topology *t)
{
    const struct nbrec_nat *row;
    unsigned int sweep = ++t->sweep;

    NBREC_NAT_FOR_EACH (row, t->idl) {
        nat_read(t, row)->sweep = sweep;
    }

    struct topo_nat *nat;
    HMAP_FOR_EACH_SAFE (nat, by_uuid, &t->nats) {
        if (nat_node_cast(nat)->sweep != sweep) {
            nat_destroy(t, nat_node_cast(nat));
        }
    }
}

/* Reads all rows if the copies cannot be complete after the tracked changes:
 * see idl_table_is_complete(). */
void
nats_read(struct topology *t, bool everything)
{
    const struct nbrec_nat *row;

    if (!everything) {
        NBREC_NAT_FOR_EACH_TRACKED (row, t->idl) {
            if (!nbrec_nat_is_deleted(row)) {
                nat_read(t, row);
                continue;
            }
            struct nat_node *nn = nat_find(t, &row->header_.uuid);
            if (nn) {
                nat_destroy(t, nn);
            }
        }
        row = nbrec_nat_first(t->idl);
        everything = !idl_table_is_complete(row ? &row->header_ : NULL,
                                            hmap_count(&t->nats));
    }
    if (everything) {
        nats_read_all(t);
    }
}

/* Routers of NAT rows. */

/* A router has got the row or given it up.  A row that is not there yet is
 * born dirty. */
void
nat_router_changed_cb(const struct uuid *uuid, void *t)
{
    struct nat_node *nn = nat_find(t, uuid);

    if (nn) {
        mark_dirty(t, nn);
    }
}

void
nats_update(struct topology *t)
{
    struct nat_node *nn;

    LIST_FOR_EACH_POP (nn, dirty, &t->dirty_nats) {
        const struct uuid *owner = topology_owner_of(&t->nats_of_routers,
                                                     &nn->up.uuid);
        struct uuid router = owner ? *owner : UUID_ZERO;

        ovs_list_init(&nn->dirty);
        if (!uuid_equals(&nn->up.router, &router)) {
            nn->up.router = router;
            nat_report(t, nn);
        }
    }
}
