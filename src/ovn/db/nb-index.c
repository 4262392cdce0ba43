/* SPDX-License-Identifier: Apache-2.0
 *
 * From changed rows to load balancers; see nb-index.h.
 */

#include <config.h>
#include "ovn/db/nb-index.h"
#include <stdlib.h>
#include "base/idl.h"
#include "base/uuid-set.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "net/vip-ports.h"
#include "ovn/db/nb-acls.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "ovn/want/groups.h"
#include "util.h"
#include "uuid.h"

/* A Load_Balancer row that is a load balancer's.  Rows of others count, too,
 * but have no id. */
struct known_row {
    struct hmap_node node;      /* In nb_index's 'rows', by 'row'. */
    struct hmap_node by_port;   /* In nb_index's 'renamed', by 'vip_port_id',
                                 * or null. */
    struct uuid row;
    struct uuid lb_id;          /* Zero for a row of others. */
    struct uuid vip_port_id;
};

static void read_rows(struct nb_index *);
static void read_groups(struct nb_index *);
static void read_ports(struct nb_index *);
static void read_carriers(struct nb_index *);
static void read_topology(struct nb_index *);

void
nb_index_init(struct nb_index *index, struct ovsdb_idl *idl,
              const struct topology *topology, struct groups *groups)
{
    index->idl = idl;
    index->topology = topology;
    index->groups = groups;
    hmap_init(&index->rows);
    hmap_init(&index->renamed);
    hmap_init(&index->own_groups);
    hmap_init(&index->groups_by_id);
    uuidset_init(&index->other_groups);
    refs_init(&index->switch_lbs);
    refs_init(&index->router_lbs);
    refs_init(&index->group_lbs);
    refs_init(&index->switch_groups);
    refs_init(&index->router_groups);
    refs_init(&index->homes);
    refs_init(&index->addresses);
    refs_init(&index->subnets);
    refs_init(&index->nats);
    refs_init(&index->acls);
    refs_init(&index->entrances);
    uuidset_init(&index->changed);
}

void
nb_index_destroy(struct nb_index *index)
{
    struct known_row *known;
    HMAP_FOR_EACH_POP (known, node, &index->rows) {
        free(known);
    }
    hmap_destroy(&index->rows);
    hmap_destroy(&index->renamed);

    struct nb_group *group;
    HMAP_FOR_EACH_POP (group, by_row, &index->own_groups) {
        free(group);
    }
    hmap_destroy(&index->own_groups);
    hmap_destroy(&index->groups_by_id);
    uuidset_destroy(&index->other_groups);
    refs_destroy(&index->switch_lbs);
    refs_destroy(&index->router_lbs);
    refs_destroy(&index->group_lbs);
    refs_destroy(&index->switch_groups);
    refs_destroy(&index->router_groups);
    refs_destroy(&index->homes);
    refs_destroy(&index->addresses);
    refs_destroy(&index->subnets);
    refs_destroy(&index->nats);
    refs_destroy(&index->acls);
    refs_destroy(&index->entrances);
    uuidset_destroy(&index->changed);
}

void
nb_index_run(struct nb_index *index)
{
    uuid_set_reset(&index->changed);
    read_rows(index);
    read_groups(index);
    read_ports(index);
    read_carriers(index);
    read_topology(index);
    nb_acls_run(index);
}

static void
set_watched(struct refs *refs, const struct uuid *lb_id,
            const struct uuidset *watched,
            void (*changed)(const struct uuid *, void *), void *index)
{
    struct uuid *array = uuidset_array(watched);

    refs_set(refs, lb_id, array, uuidset_count(watched), changed, index);
    free(array);
}

static void
note_lost_subnet(const struct uuid *subnet_id, void *index_)
{
    struct nb_index *index = index_;
    index->lost_users |= !refs_parents(&index->subnets, subnet_id);
}

static void
note_lost_nat(const struct uuid *nat, void *index_)
{
    struct nb_index *index = index_;
    index->lost_users |= !refs_parents(&index->nats, nat);
}

void
nb_index_set_watch(struct nb_index *index, const struct uuid *lb_id,
                   const struct desired_watch *watch)
{
    set_watched(&index->homes, lb_id, &watch->homes, NULL, NULL);
    set_watched(&index->addresses, lb_id, &watch->addresses, NULL, NULL);
    set_watched(&index->subnets, lb_id, &watch->subnets, note_lost_subnet,
                index);
    set_watched(&index->nats, lb_id, &watch->nats, note_lost_nat, index);
}

static void
add_changed(struct nb_index *index, const struct uuid *lb_id)
{
    if (!uuid_is_zero(lb_id)) {
        uuidset_insert(&index->changed, lb_id);
    }
}

/* Load_Balancer rows. */

static struct known_row *
find_known(const struct nb_index *index, const struct uuid *row)
{
    struct known_row *known;
    HMAP_FOR_EACH_WITH_HASH (known, node, uuid_hash(row), &index->rows) {
        if (uuid_equals(&known->row, row)) {
            return known;
        }
    }
    return NULL;
}

static void
unset_renamed(struct nb_index *index, struct known_row *known)
{
    if (!hmap_node_is_null(&known->by_port)) {
        hmap_remove(&index->renamed, &known->by_port);
        hmap_node_nullify(&known->by_port);
    }
}

/* A row without the name of a load balancer may be one that was renamed: it
 * still tells whose it is. */
static void
set_renamed(struct nb_index *index, struct known_row *known,
            const struct smap *external_ids)
{
    const char *port = smap_get(external_ids, "neutron:vip_port_id");

    unset_renamed(index, known);
    if (uuid_is_zero(&known->lb_id) && port
        && uuid_from_string(&known->vip_port_id, port)) {
        hmap_insert(&index->renamed, &known->by_port,
                    uuid_hash(&known->vip_port_id));
    }
}

void
nb_index_find_renamed(const struct nb_index *index,
                      const struct uuid *vip_port_id, struct uuidset *ret)
{
    const struct known_row *known;

    HMAP_FOR_EACH_WITH_HASH (known, by_port, uuid_hash(vip_port_id),
                             &index->renamed) {
        if (uuid_equals(&known->vip_port_id, vip_port_id)) {
            uuidset_insert(ret, &known->row);
        }
    }
}

static void
forget_known(struct nb_index *index, struct known_row *known)
{
    add_changed(index, &known->lb_id);
    unset_renamed(index, known);
    hmap_remove(&index->rows, &known->node);
    free(known);
}

static void
nb_index_read_row(struct nb_index *index,
                  const struct nbrec_load_balancer *row)
{
    struct known_row *known = find_known(index, &row->header_.uuid);

    if (!known) {
        known = xzalloc(sizeof *known);
        known->row = row->header_.uuid;
        hmap_node_nullify(&known->by_port);
        hmap_insert(&index->rows, &known->node, uuid_hash(&known->row));
    }

    /* The row may have been renamed. */
    add_changed(index, &known->lb_id);
    if (!uuid_from_string(&known->lb_id, row->name)) {
        known->lb_id = UUID_ZERO;
    }
    add_changed(index, &known->lb_id);
    set_renamed(index, known, &row->external_ids);
}

void
nb_index_add_all(struct nb_index *index)
{
    const struct known_row *known;

    HMAP_FOR_EACH (known, node, &index->rows) {
        add_changed(index, &known->lb_id);
    }
}

static void
read_all_rows(struct nb_index *index)
{
    struct known_row *known;
    HMAP_FOR_EACH_SAFE (known, node, &index->rows) {
        if (!nbrec_load_balancer_get_for_uuid(index->idl, &known->row)) {
            forget_known(index, known);
        }
    }

    const struct nbrec_load_balancer *row;
    NBREC_LOAD_BALANCER_FOR_EACH (row, index->idl) {
        nb_index_read_row(index, row);
    }
}

/* Reads all rows if the copies cannot be complete after the tracked changes:
 * see idl_table_is_complete(). */
static void
read_rows(struct nb_index *index)
{
    const struct nbrec_load_balancer *row;

    NBREC_LOAD_BALANCER_FOR_EACH_TRACKED (row, index->idl) {
        struct known_row *known = find_known(index, &row->header_.uuid);

        if (!nbrec_load_balancer_is_deleted(row)) {
            nb_index_read_row(index, row);
        } else if (known) {
            forget_known(index, known);
        }
    }

    row = nbrec_load_balancer_first(index->idl);
    if (!idl_table_is_complete(row ? &row->header_ : NULL,
                               hmap_count(&index->rows))) {
        read_all_rows(index);
    }
}

/* VIP ports.  A port that vanished together with the replica needs no notice:
 * so did its Load_Balancer row, or the whole switch. */
static void
read_ports(struct nb_index *index)
{
    const struct nbrec_logical_switch_port *port;
    struct uuid lb_id;

    NBREC_LOGICAL_SWITCH_PORT_FOR_EACH_TRACKED (port, index->idl) {
        if (port->name && vip_port_name_parse(port->name, &lb_id)) {
            add_changed(index, &lb_id);
        }
    }
}

/* 'row' is a Load_Balancer row that was put on or taken off something, or is
 * on something that changed. */
static void
add_changed_row(const struct uuid *row, void *index_)
{
    struct nb_index *index = index_;
    const struct known_row *known = find_known(index, row);

    if (known) {
        add_changed(index, &known->lb_id);
    }
}

/* Makes what 'column', a set of references, says the children of 'parent' in
 * 'refs'; nothing if 'column' is NULL.  The datum is sorted, and reading it
 * does not touch the rows that it names. */
static void
set_refs(struct nb_index *index, struct refs *refs,
         const struct uuid *parent, const struct ovsdb_datum *column,
         void (*changed)(const struct uuid *child, void *index))
{
    size_t n = column ? column->n : 0;
    struct uuid *rows = xmalloc(n * sizeof *rows);

    for (size_t i = 0; i < n; i++) {
        rows[i] = column->keys[i].uuid;
    }
    refs_set(refs, parent, rows, n, changed, index);
    free(rows);
}

/* Groups. */

static struct nb_group *
nb_index_find_group(const struct nb_index *index, const struct uuid *row)
{
    struct nb_group *group;
    HMAP_FOR_EACH_WITH_HASH (group, by_row, uuid_hash(row),
                             &index->own_groups) {
        if (uuid_equals(&group->row, row)) {
            return group;
        }
    }
    return NULL;
}

static struct nb_group *
find_group_by_id(const struct nb_index *index, const struct uuid *id)
{
    struct nb_group *group;
    HMAP_FOR_EACH_WITH_HASH (group, by_id, uuid_hash(id),
                             &index->groups_by_id) {
        if (uuid_equals(&group->id, id)) {
            return group;
        }
    }
    return NULL;
}

const struct nb_group *
nb_index_group_of_row(const struct nb_index *index, const struct uuid *row)
{
    return nb_index_find_group(index, row);
}

const struct nb_group *
nb_index_group(const struct nb_index *index, const struct uuid *id)
{
    return find_group_by_id(index, id);
}

/* 'row', a Load_Balancer_Group row, was put on or taken off something, or is
 * on something that changed.  Any load balancer in it will do to have it
 * looked at. */
static void
touch_group(const struct uuid *row, void *index_)
{
    struct nb_index *index = index_;
    size_t n;
    const struct uuid *rows = refs_children(&index->group_lbs, row, &n);
    const struct nb_group *group = nb_index_find_group(index, row);

    if (rows && group) {
        groups_touch(index->groups, &group->id);
        add_changed_row(&rows[0], index);
    }
}

static void
forget_group(struct nb_index *index, struct nb_group *group)
{
    set_refs(index, &index->group_lbs, &group->row, NULL, add_changed_row);
    groups_row_is_gone(index->groups, &group->id);
    hmap_remove(&index->own_groups, &group->by_row);
    hmap_remove(&index->groups_by_id, &group->by_id);
    free(group);
}

/* The IDL also reports a row when something that it refers to has changed: a
 * group when one of its load balancers has.  Then the set is the same, and too
 * long to be compared for nothing. */
#define SET_IS_NEWS(TABLE, ROW, COLUMN)                                 \
    (nbrec_##TABLE##_is_new(ROW) || nbrec_##TABLE##_is_updated(ROW, COLUMN))

/* Another row may have taken the name of one that was renamed: then that one
 * is ours no more. */
static struct nb_group *
nb_index_add_group(struct nb_index *index, const struct uuid *row,
                   const struct uuid *id)
{
    struct nb_group *group = find_group_by_id(index, id);

    if (group) {
        uuidset_insert(&index->other_groups, &group->row);
        forget_group(index, group);
    }
    uuidset_find_and_delete(&index->other_groups, row);

    group = xzalloc(sizeof *group);
    group->row = *row;
    group->id = *id;
    hmap_insert(&index->own_groups, &group->by_row, uuid_hash(row));
    hmap_insert(&index->groups_by_id, &group->by_id, uuid_hash(id));
    return group;
}

/* Keeps a renamed group ours as long as its name is remembered: nothing else
 * in the row says so. */
static void
read_group(struct nb_index *index, const struct nbrec_load_balancer_group *row)
{
    const struct uuid *uuid = &row->header_.uuid;
    struct nb_group *group = nb_index_find_group(index, uuid);
    bool is_new = !group;
    struct uuid id;
    bool is_named = lb_group_name_parse(row->name, &id);

    if (is_named && group && !uuid_equals(&group->id, &id)) {
        forget_group(index, group);
        is_new = true;
    }
    if (is_named && is_new) {
        group = nb_index_add_group(index, uuid, &id);
    }
    if (!group) {
        uuidset_insert(&index->other_groups, uuid);
        return;
    }
    if (group->is_renamed != !is_named) {
        group->is_renamed = !is_named;
        touch_group(uuid, index);
    }
    if (is_new
        || SET_IS_NEWS(load_balancer_group, row,
                       NBREC_LOAD_BALANCER_GROUP_COL_LOAD_BALANCER)) {
        set_refs(index, &index->group_lbs, uuid,
                 ovsdb_idl_read(&row->header_,
                                &nbrec_load_balancer_group_col_load_balancer),
                 add_changed_row);
        index->lost_users |= !row->n_load_balancer;
    }
}

/* Some may have been lost together with the replica. */
static void
read_all_groups(struct nb_index *index)
{
    struct nb_group *group;
    HMAP_FOR_EACH_SAFE (group, by_row, &index->own_groups) {
        if (!nbrec_load_balancer_group_get_for_uuid(index->idl,
                                                    &group->row)) {
            forget_group(index, group);
        }
    }

    const struct nbrec_load_balancer_group *row;
    uuid_set_reset(&index->other_groups);
    NBREC_LOAD_BALANCER_GROUP_FOR_EACH (row, index->idl) {
        read_group(index, row);
    }
}

static void
read_groups(struct nb_index *index)
{
    const struct nbrec_load_balancer_group *row;

    NBREC_LOAD_BALANCER_GROUP_FOR_EACH_TRACKED (row, index->idl) {
        const struct uuid *uuid = &row->header_.uuid;
        struct nb_group *group = nb_index_find_group(index, uuid);

        if (!nbrec_load_balancer_group_is_deleted(row)) {
            read_group(index, row);
        } else if (group) {
            forget_group(index, group);
        } else {
            uuidset_find_and_delete(&index->other_groups, uuid);
        }
    }

    row = nbrec_load_balancer_group_first(index->idl);
    if (!idl_table_is_complete(row ? &row->header_ : NULL,
                               hmap_count(&index->own_groups)
                               + uuidset_count(&index->other_groups))) {
        read_all_groups(index);
    }
}

/* Carriers. */

static void
read_switch(struct nb_index *index, const struct nbrec_logical_switch *sw)
{
    const struct uuid *uuid = &sw->header_.uuid;

    if (SET_IS_NEWS(logical_switch, sw,
                    NBREC_LOGICAL_SWITCH_COL_LOAD_BALANCER)) {
        set_refs(index, &index->switch_lbs, uuid,
                 ovsdb_idl_read(&sw->header_,
                                &nbrec_logical_switch_col_load_balancer),
                 add_changed_row);
    }
    if (SET_IS_NEWS(logical_switch, sw,
                    NBREC_LOGICAL_SWITCH_COL_LOAD_BALANCER_GROUP)) {
        set_refs(index, &index->switch_groups, uuid,
                 ovsdb_idl_read(&sw->header_,
                                &nbrec_logical_switch_col_load_balancer_group),
                 touch_group);
    }
}

static void
read_router(struct nb_index *index, const struct nbrec_logical_router *router)
{
    const struct uuid *uuid = &router->header_.uuid;

    if (SET_IS_NEWS(logical_router, router,
                    NBREC_LOGICAL_ROUTER_COL_LOAD_BALANCER)) {
        set_refs(index, &index->router_lbs, uuid,
                 ovsdb_idl_read(&router->header_,
                                &nbrec_logical_router_col_load_balancer),
                 add_changed_row);
    }
    if (SET_IS_NEWS(logical_router, router,
                    NBREC_LOGICAL_ROUTER_COL_LOAD_BALANCER_GROUP)) {
        set_refs(index, &index->router_groups, uuid,
                 ovsdb_idl_read(&router->header_,
                                &nbrec_logical_router_col_load_balancer_group),
                 touch_group);
    }
}

static void
read_carriers(struct nb_index *index)
{
    const struct nbrec_logical_switch *sw;
    NBREC_LOGICAL_SWITCH_FOR_EACH_TRACKED (sw, index->idl) {
        const struct uuid *uuid = &sw->header_.uuid;

        if (!nbrec_logical_switch_is_deleted(sw)) {
            read_switch(index, sw);
            continue;
        }
        set_refs(index, &index->switch_lbs, uuid, NULL, add_changed_row);
        set_refs(index, &index->switch_groups, uuid, NULL, touch_group);
    }

    const struct nbrec_logical_router *router;
    NBREC_LOGICAL_ROUTER_FOR_EACH_TRACKED (router, index->idl) {
        const struct uuid *uuid = &router->header_.uuid;

        if (!nbrec_logical_router_is_deleted(router)) {
            read_router(index, router);
            continue;
        }
        set_refs(index, &index->router_lbs, uuid, NULL, add_changed_row);
        set_refs(index, &index->router_groups, uuid, NULL, touch_group);
    }
}

/* The network around. */

static void
add_watchers(struct nb_index *index, const struct refs *refs,
             const struct uuid *watched)
{
    const struct uuidset *lbs = refs_parents(refs, watched);
    const struct uuidset_node *node;

    if (lbs) {
        UUIDSET_FOR_EACH (node, lbs) {
            add_changed(index, &node->uuid);
        }
    }
}

void
nb_index_add_watchers(struct nb_index *index, const struct in6_addr *ip)
{
    struct uuid key = watch_address(ip);

    add_watchers(index, &index->addresses, &key);
}

/* Marks the load balancers that are on a changed switch or router, or have a
 * VIP or member there.  'carried' and 'groups' are those of switches or those
 * of routers. */
static void
add_neighbours(struct nb_index *index, const struct refs *carried,
               const struct refs *groups, const struct uuid *carrier)
{
    size_t n;
    const struct uuid *rows = refs_children(carried, carrier, &n);
    for (size_t i = 0; rows && i < n; i++) {
        add_changed_row(&rows[i], index);
    }

    rows = refs_children(groups, carrier, &n);
    for (size_t i = 0; rows && i < n; i++) {
        touch_group(&rows[i], index);
    }
    add_watchers(index, &index->homes, carrier);
}

static void
forget_carrier(struct refs *carried, struct refs *groups,
               const struct uuid *carrier)
{
    refs_set(carried, carrier, NULL, 0, NULL, NULL);
    refs_set(groups, carrier, NULL, 0, NULL, NULL);
}

static void
read_topology(struct nb_index *index)
{
    const struct uuid *changed;
    size_t n;

    /* Lists rows that are gone, too, even those that the IDL did not report:
     * they carry nothing any more. */
    changed = topology_changed_switches(index->topology, &n);
    for (size_t i = 0; i < n; i++) {
        add_neighbours(index, &index->switch_lbs, &index->switch_groups,
                       &changed[i]);
        if (!topology_switch_by_uuid(index->topology, &changed[i])) {
            forget_carrier(&index->switch_lbs, &index->switch_groups,
                           &changed[i]);
        }
    }
    if (n) {
        /* A new switch may be that of a VIP or member without one. */
        add_watchers(index, &index->homes, &UUID_ZERO);
    }

    changed = topology_changed_routers(index->topology, &n);
    for (size_t i = 0; i < n; i++) {
        add_neighbours(index, &index->router_lbs, &index->router_groups,
                       &changed[i]);
        if (!topology_router_by_uuid(index->topology, &changed[i])) {
            forget_carrier(&index->router_lbs, &index->router_groups,
                           &changed[i]);
        }
    }

    const struct in6_addr *addresses
        = topology_changed_addresses(index->topology, &n);
    for (size_t i = 0; i < n; i++) {
        nb_index_add_watchers(index, &addresses[i]);
    }
}
