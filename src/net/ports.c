/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of Logical_Switch_Port rows.  Reads the rows, and marks the ports
 * that changed; which switch has them and what they join is for links.c, and
 * so is the report of their addresses, the old ones and the new.
 */

#include <config.h>
#include "base/array.h"
#include "base/idl.h"
#include "base/limits.h"
#include "hash.h"
#include "nb-idl.h"
#include "net/topology-private.h"
#include "net/vip-ports.h"
#include "openvswitch/poll-loop.h"
#include "packets.h"
#include "smap.h"
#include "timeval.h"

/* Addresses found in a row, in the order in which they stand there. */
struct found {
    struct in6_addr *ips;
    size_t n;
    size_t allocated;
    char *mac;
};

void
ports_track(struct ovsdb_idl *idl)
{
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_port_col_name);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_port_col_type);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_port_col_up);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_port_col_enabled);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_port_col_addresses);
    ovsdb_idl_track_add_column(
        idl, &nbrec_logical_switch_port_col_dynamic_addresses);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_port_col_options);
    ovsdb_idl_track_add_column(
        idl, &nbrec_logical_switch_port_col_dhcpv4_options);
    ovsdb_idl_track_add_column(
        idl, &nbrec_logical_switch_port_col_dhcpv6_options);
    ovsdb_idl_track_add_column(idl,
                               &nbrec_logical_switch_port_col_external_ids);
}

uint32_t
port_name_hash(const char *name)
{
    return hash_string(name, 0);
}

struct port_node *
port_find(const struct topology *t, const struct uuid *uuid)
{
    struct topo_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, by_uuid, uuid_hash(uuid), &t->ports) {
        if (uuid_equals(&port->uuid, uuid)) {
            return port_node_cast(port);
        }
    }
    return NULL;
}

void
port_mark_dirty(struct topology *t, struct port_node *pn)
{
    if (ovs_list_is_empty(&pn->dirty)) {
        ovs_list_push_back(&t->dirty_ports, &pn->dirty);
    }
}

static struct port_node *
port_create(struct topology *t, const struct uuid *uuid)
{
    struct port_node *pn = xzalloc(sizeof *pn);

    pn->up.uuid = pn->up.id = *uuid;
    ovs_list_init(&pn->dirty);
    ovs_list_init(&pn->cut_off);
    ovs_list_init(&pn->up.in_switch);
    hmap_node_nullify(&pn->up.by_name);
    hmap_node_nullify(&pn->by_peer);
    hmap_insert(&t->ports, &pn->up.by_uuid, uuid_hash(uuid));
    hmap_insert(&t->ports_by_id, &pn->by_id, uuid_hash(uuid));
    port_mark_dirty(t, pn);
    t->changed = true;
    return pn;
}

void
port_destroy(struct topology *t, struct port_node *pn)
{
    port_detach(t, pn);
    ovs_list_remove(&pn->dirty);
    ovs_list_remove(&pn->cut_off);
    hmap_remove(&t->ports, &pn->up.by_uuid);
    hmap_remove(&t->ports_by_id, &pn->by_id);
    hmap_remove(&t->ports_by_name, &pn->up.by_name);
    if (pn->up.router_port) {
        hmap_remove(&t->ports_by_peer, &pn->by_peer);
    }
    free(pn->up.name);
    free(pn->up.type);
    free(pn->up.display_name);
    free(pn->up.device_id);
    free(pn->up.device_owner);
    free(pn->up.router_port);
    free(pn->up.floating_ip);
    free(pn->up.mac);
    free(pn->up.addresses);
    free(pn->own);
    free(pn);
    t->changed = true;
}

static bool
port_set_name(struct topology *t, struct port_node *pn, const char *name)
{
    if (!replace_string(&pn->up.name, name)) {
        return false;
    }
    if (!hmap_node_is_null(&pn->up.by_name)) {
        hmap_remove(&t->ports_by_name, &pn->up.by_name);
    }
    hmap_insert(&t->ports_by_name, &pn->up.by_name, port_name_hash(name));

    struct uuid id;
    if (!uuid_from_string(&id, name) && !vip_port_name_to_id(name, &id)) {
        id = pn->up.uuid;
    }
    pn->up.id = id;
    hmap_remove(&t->ports_by_id, &pn->by_id);
    hmap_insert(&t->ports_by_id, &pn->by_id, uuid_hash(&id));
    return true;
}

static bool
set_router_port(struct topology *t, struct port_node *pn, const char *name)
{
    bool had_one = pn->up.router_port != NULL;

    if (!replace_string(&pn->up.router_port, name)) {
        return false;
    }
    if (had_one) {
        hmap_remove(&t->ports_by_peer, &pn->by_peer);
    }
    if (name) {
        hmap_insert(&t->ports_by_peer, &pn->by_peer, port_name_hash(name));
    }
    return true;
}

/* A port has a handful of addresses, and Neutron's ports have each of them in
 * two columns. */
static void
found_add(struct found *f, const struct in6_addr *ip)
{
    for (size_t i = 0; i < f->n; i++) {
        if (!addr_compare(&f->ips[i], ip)) {
            return;
        }
    }
    ARRAY_GROW(f->ips, f->n, f->allocated);
    f->ips[f->n++] = *ip;
}

/* Takes the addresses out of "MAC IP...", "dynamic", "MAC dynamic IP",
 * "IP/PLEN IP/PLEN" and all else that OVN allows in these columns. */
static void
found_add_text(struct found *f, const char *text)
{
    char *copy = xstrdup(text);
    char *save = NULL;
    struct addr_prefix prefix;
    struct eth_addr mac;

    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        if (eth_addr_from_string(word, &mac)) {
            if (!f->mac) {
                f->mac = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
            }
        } else if (addr_prefix_parse(word, &prefix)) {
            found_add(f, &prefix.ip);
        }
    }
    free(copy);
}

static bool
set_addresses(struct port_node *pn,
              const struct nbrec_logical_switch_port *row)
{
    struct found f = { .ips = NULL };

    for (size_t i = 0; i < row->n_addresses; i++) {
        found_add_text(&f, row->addresses[i]);
    }
    if (row->dynamic_addresses) {
        found_add_text(&f, row->dynamic_addresses);
    }
    found_add_text(&f, smap_get_def(&row->external_ids, "neutron:cidrs", ""));

    bool changed = replace_string(&pn->up.mac, f.mac);
    changed |= replace_addresses(&pn->own, &pn->n_own, f.ips, f.n);
    free(f.mac);
    free(f.ips);
    return changed;
}

/* True if the port is disabled, or on no chassis.  A row without "up" has not
 * been seen by ovn-northd (yet).  Ports of other types than these may serve
 * without being on a chassis of their own. */
static bool
row_is_cut_off(const struct nbrec_logical_switch_port *row)
{
    bool is_bound = !row->type[0] || !strcmp(row->type, "virtual");

    return ((row->n_enabled && !row->enabled[0])
            || (is_bound && row->n_up && !row->up[0]));
}

static bool
set_cut_off(struct topology *t, struct port_node *pn,
            const struct nbrec_logical_switch_port *row)
{
    bool is_cut_off = row_is_cut_off(row);

    if (is_cut_off == pn->up.is_cut_off) {
        return false;
    }
    pn->up.is_cut_off = is_cut_off;
    pn->up.is_lost = false;
    ovs_list_remove(&pn->cut_off);
    ovs_list_init(&pn->cut_off);
    if (is_cut_off) {
        pn->lost_at_ms = time_msec() + PORT_DOWN_DOUBT_MS;
        ovs_list_push_back(&t->cut_off_ports, &pn->cut_off);
    }
    return true;
}

/* The data, as the row only shows references to rows that have been
 * replicated. */
static bool
set_dhcp(struct port_node *pn, const struct nbrec_logical_switch_port *row)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_logical_switch_port_col_dhcpv4_options,
        &nbrec_logical_switch_port_col_dhcpv6_options,
    };
    bool changed = false;

    BUILD_ASSERT_DECL(ARRAY_SIZE(columns) == ARRAY_SIZE(pn->dhcp_rows));
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        const struct ovsdb_datum *datum = ovsdb_idl_read(&row->header_,
                                                         columns[i]);
        struct uuid uuid = datum->n ? datum->keys[0].uuid : UUID_ZERO;

        changed |= !uuid_equals(&uuid, &pn->dhcp_rows[i]);
        pn->dhcp_rows[i] = uuid;
    }
    return changed;
}

static struct port_node *
port_read(struct topology *t, const struct nbrec_logical_switch_port *row)
{
    const struct smap *ids = &row->external_ids;
    struct port_node *pn = port_find(t, &row->header_.uuid);

    if (!pn) {
        pn = port_create(t, &row->header_.uuid);
    }

    /* Columns that decide what the port's addresses mean to others. */
    bool is_other = port_set_name(t, pn, row->name);
    is_other |= replace_string(&pn->up.type, row->type);
    is_other |= set_cut_off(t, pn, row);
    is_other |= replace_string(&pn->up.device_owner,
                               smap_get_def(ids, "neutron:device_owner", ""));
    is_other |= replace_string(&pn->up.floating_ip,
                               smap_get(ids, "neutron:port_fip"));
    pn->is_other |= is_other;

    bool changed = is_other;
    changed |= set_router_port(t, pn, smap_get(&row->options, "router-port"));
    changed |= replace_string(&pn->up.display_name,
                              smap_get_def(ids, "neutron:port_name",
                                           row->name));
    changed |= replace_string(&pn->up.device_id,
                              smap_get_def(ids, "neutron:device_id", ""));
    changed |= set_addresses(pn, row);
    changed |= set_dhcp(pn, row);
    if (changed) {
        port_mark_dirty(t, pn);
        t->changed = true;
    }
    return pn;
}

static void
ports_read_all(struct topology *t)
{
    const struct nbrec_logical_switch_port *row;
    unsigned int sweep = ++t->sweep;

    NBREC_LOGICAL_SWITCH_PORT_FOR_EACH (row, t->idl) {
        port_read(t, row)->sweep = sweep;
    }

    struct topo_port *port;
    HMAP_FOR_EACH_SAFE (port, by_uuid, &t->ports) {
        if (port_node_cast(port)->sweep != sweep) {
            port_destroy(t, port_node_cast(port));
        }
    }
}

static void
ports_notice_lost(struct topology *t)
{
    struct port_node *pn;

    LIST_FOR_EACH_SAFE (pn, cut_off, &t->cut_off_ports) {
        if (time_msec() < pn->lost_at_ms) {
            break;
        }
        ovs_list_remove(&pn->cut_off);
        ovs_list_init(&pn->cut_off);
        pn->up.is_lost = true;
        pn->is_other = true;
        port_mark_dirty(t, pn);
        t->changed = true;
    }
}

void
ports_wait(const struct topology *t)
{
    if (!ovs_list_is_empty(&t->cut_off_ports)) {
        const struct port_node *first = CONTAINER_OF(
            ovs_list_front(&t->cut_off_ports), struct port_node, cut_off);

        poll_timer_wait_until(first->lost_at_ms);
    }
}

void
ports_read(struct topology *t, bool everything)
{
    const struct nbrec_logical_switch_port *row;

    if (!everything) {
        NBREC_LOGICAL_SWITCH_PORT_FOR_EACH_TRACKED (row, t->idl) {
            if (!nbrec_logical_switch_port_is_deleted(row)) {
                port_read(t, row);
                continue;
            }
            struct port_node *pn = port_find(t, &row->header_.uuid);
            if (pn) {
                port_destroy(t, pn);
            }
        }
        row = nbrec_logical_switch_port_first(t->idl);
        everything = !idl_table_is_complete(row ? &row->header_ : NULL,
                                            hmap_count(&t->ports));
    }
    if (everything) {
        ports_read_all(t);
    }
    ports_notice_lost(t);
}
