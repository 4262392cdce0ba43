/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of Logical_Switch rows.  Reads the rows, and marks what depends on
 * what changed in them; derives nothing.
 */

#include <config.h>
#include "base/idl.h"
#include "nb-idl.h"
#include "net/topology-private.h"
#include "smap.h"

#define NEUTRON_PREFIX "neutron-"

void
switches_track(struct ovsdb_idl *idl)
{
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_col_name);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_col_ports);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_col_other_config);
    ovsdb_idl_track_add_column(idl, &nbrec_logical_switch_col_external_ids);
}

void
switch_mark_dirty(struct topology *t, struct switch_node *sn)
{
    if (ovs_list_is_empty(&sn->dirty)) {
        ovs_list_push_back(&t->dirty_switches, &sn->dirty);
    }
}

static void
mark_port_dirty_cb(const struct uuid *uuid, void *t)
{
    /* A port that is not there yet is born dirty. */
    struct port_node *pn = port_find(t, uuid);
    if (pn) {
        port_mark_dirty(t, pn);
    }
}

static void
switch_set_ports(struct topology *t, struct switch_node *sn,
                 const struct ovsdb_datum *ports)
{
    topology_set_children(&t->ports_of_switches, &sn->up.uuid, ports,
                          mark_port_dirty_cb, t);
}

static struct switch_node *
switch_create(struct topology *t, const struct uuid *uuid)
{
    struct switch_node *sn = xzalloc(sizeof *sn);

    sn->up.uuid = sn->up.id = *uuid;
    sn->recount = true;
    ovs_list_init(&sn->dirty);
    ovs_list_init(&sn->up.subnets);
    ovs_list_init(&sn->up.ports);
    ovs_list_init(&sn->up.links);
    ovs_list_init(&sn->dhcp_subnets);
    hmap_init(&sn->up.addresses);
    hmap_insert(&t->switches, &sn->up.by_uuid, uuid_hash(uuid));
    hmap_insert(&t->switches_by_id, &sn->up.by_id, uuid_hash(uuid));
    uuidset_insert(&t->changed_switches, uuid);
    t->changed = true;
    return sn;
}

/* Frees a switch that no port, link or index refers to. */
void
switch_free(struct topology *t, struct switch_node *sn)
{
    ovs_assert(ovs_list_is_empty(&sn->up.ports));
    ovs_assert(ovs_list_is_empty(&sn->up.links));
    ovs_assert(ovs_list_is_empty(&sn->dhcp_subnets));

    subnets_destroy(t, sn);
    hmap_destroy(&sn->up.addresses);
    free(sn->up.name);
    free(sn->up.display_name);
    free(sn->subnet);
    free(sn->ipv6_prefix);
    free(sn->exclude_ips);
    free(sn->reserved);
    free(sn);
}

/* The row is gone.  Its ports leave it in the second half of the run. */
static void
switch_bury(struct topology *t, struct switch_node *sn)
{
    switch_set_ports(t, sn, NULL);
    hmap_remove(&t->switches, &sn->up.by_uuid);
    hmap_remove(&t->switches_by_id, &sn->up.by_id);
    ovs_list_remove(&sn->dirty);
    ovs_list_push_back(&t->dead_switches, &sn->dirty);
    sn->is_dead = true;
    uuidset_insert(&t->changed_switches, &sn->up.uuid);
    t->changed = true;
}

bool
topo_name_to_id(const char *name, struct uuid *ret)
{
    size_t length = strlen(NEUTRON_PREFIX);

    return (!strncmp(name, NEUTRON_PREFIX, length)
            && uuid_from_string(ret, name + length));
}

static void
set_id(struct topology *t, struct switch_node *sn)
{
    struct uuid id;

    if (!topo_name_to_id(sn->up.name, &id)) {
        id = sn->up.uuid;
    }
    if (!uuid_equals(&id, &sn->up.id)) {
        sn->up.id = id;
        hmap_remove(&t->switches_by_id, &sn->up.by_id);
        hmap_insert(&t->switches_by_id, &sn->up.by_id, uuid_hash(&id));
        uuidset_insert(&t->changed_switches, &sn->up.uuid);
    }
}

static bool
switch_set_name(struct topology *t, struct switch_node *sn,
                const struct nbrec_logical_switch *row)
{
    bool changed = replace_string(&sn->up.name, row->name);

    if (changed) {
        set_id(t, sn);
    }
    changed |= replace_string(&sn->up.display_name,
                              smap_get_def(&row->external_ids,
                                           "neutron:network_name",
                                           row->name));
    return changed;
}

static bool
set_config(struct switch_node *sn, const struct nbrec_logical_switch *row)
{
    const struct smap *config = &row->other_config;
    bool changed = replace_string(&sn->ipv6_prefix,
                                  smap_get(config, "ipv6_prefix"));

    /* Both decide which addresses are reserved. */
    bool reserve = replace_string(&sn->subnet, smap_get(config, "subnet"));
    reserve |= replace_string(&sn->exclude_ips,
                              smap_get(config, "exclude_ips"));
    if (reserve) {
        addresses_reserve(sn);
    }

    bool is_physical = smap_get_node(&row->external_ids,
                                     "neutron:provnet-physical-network");
    if (is_physical != sn->has_physical_network) {
        sn->has_physical_network = is_physical;
        changed = true;
    }
    return changed || reserve;
}

/* True if the column itself may have changed.  The IDL also reports a switch
 * when something that it refers to has changed: a port, or a load balancer in
 * a group that a thousand switches carry.  Then there is nothing to be read,
 * and the set of ports is too long to be compared for nothing. */
static bool
column_is_news(const struct nbrec_logical_switch *row,
               enum nbrec_logical_switch_column_id column)
{
    return (nbrec_logical_switch_is_new(row)
            || nbrec_logical_switch_is_updated(row, column));
}

static bool
config_is_news(const struct nbrec_logical_switch *row)
{
    return (column_is_news(row, NBREC_LOGICAL_SWITCH_COL_NAME)
            || column_is_news(row, NBREC_LOGICAL_SWITCH_COL_OTHER_CONFIG)
            || column_is_news(row, NBREC_LOGICAL_SWITCH_COL_EXTERNAL_IDS));
}

static struct switch_node *
switch_read(struct topology *t, const struct nbrec_logical_switch *row,
            bool everything)
{
    struct topo_switch *sw = topology_switch_by_uuid(t, &row->header_.uuid);
    struct switch_node *sn = (sw ? switch_node_cast(sw)
                              : switch_create(t, &row->header_.uuid));

    if (everything || !sw || config_is_news(row)) {
        bool changed = switch_set_name(t, sn, row);
        changed |= set_config(sn, row);
        if (changed || !sw) {
            t->changed = true;
            switch_mark_dirty(t, sn);
        }
    }
    if (everything || !sw
        || column_is_news(row, NBREC_LOGICAL_SWITCH_COL_PORTS)) {
        switch_set_ports(t, sn, ovsdb_idl_read(
                                    &row->header_,
                                    &nbrec_logical_switch_col_ports));
    }
    return sn;
}

static void
switches_read_all(struct topology *t)
{
    const struct nbrec_logical_switch *row;
    unsigned int sweep = ++t->sweep;

    NBREC_LOGICAL_SWITCH_FOR_EACH (row, t->idl) {
        switch_read(t, row, true)->sweep = sweep;
    }

    struct topo_switch *sw;
    HMAP_FOR_EACH_SAFE (sw, by_uuid, &t->switches) {
        if (switch_node_cast(sw)->sweep != sweep) {
            switch_bury(t, switch_node_cast(sw));
        }
    }
}

void
switches_read(struct topology *t, bool everything)
{
    const struct nbrec_logical_switch *row;

    if (!everything) {
        NBREC_LOGICAL_SWITCH_FOR_EACH_TRACKED (row, t->idl) {
            if (!nbrec_logical_switch_is_deleted(row)) {
                switch_read(t, row, false);
                continue;
            }
            struct topo_switch *sw = topology_switch_by_uuid(
                t, &row->header_.uuid);
            if (sw) {
                switch_bury(t, switch_node_cast(sw));
            }
        }
        row = nbrec_logical_switch_first(t->idl);
        everything = !idl_table_is_complete(row ? &row->header_ : NULL,
                                            hmap_count(&t->switches));
    }
    if (everything) {
        switches_read_all(t);
    }
}
