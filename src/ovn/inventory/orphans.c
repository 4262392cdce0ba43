/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows that look like ours in the Northbound database and belong to no load
 * balancer; see inventory.h.  In doubt a row is not an orphan.
 */

#include <config.h>
#include <netinet/in.h>
#include "base/array.h"
#include "base/ip.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "ovn/adopt/adopt.h"
#include "ovn/inventory/inventory-private.h"
#include "smap.h"
#include "sset.h"
#include "ovn/rows/rows.h"
#include "util.h"
#include "uuid.h"

#define VIP_PORT_PREFIX "ovn-lb-vip-"
#define HM_PORT_PREFIX "ovn-lb-hm-"
#define GROUP_PREFIX "ovn-octavia-"

struct orphan_search {
    const struct inventory *inv;
    bool (*has_lb)(const struct uuid *lb_id, const void *aux);
    const void *aux;
    struct sset sources;        /* Addresses from which health is probed. */
    struct orphans *found;
};

static void orphans_find_sources(struct orphan_search *);
static void find_lbs(struct orphan_search *);
static void find_ports(struct orphan_search *);
static void find_groups(struct orphan_search *);
static void find_acls(struct orphan_search *);
static void find_port_groups(struct orphan_search *);

static int
compare_orphans(const void *a_, const void *b_)
{
    const struct orphan *a = a_;
    const struct orphan *b = b_;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }

    int cmp = strcmp(a->name, b->name);
    return cmp ? cmp : uuid_compare_3way(&a->uuid, &b->uuid);
}

void
inventory_orphans(const struct inventory *inv,
                  bool (*has_lb)(const struct uuid *, const void *),
                  const void *aux, struct orphans *ret)
{
    struct orphan_search search = {
        .inv = inv,
        .has_lb = has_lb,
        .aux = aux,
        .sources = SSET_INITIALIZER(&search.sources),
        .found = ret,
    };

    *ret = (struct orphans) { .n = 0 };
    orphans_find_sources(&search);
    find_lbs(&search);
    find_ports(&search);
    find_groups(&search);
    find_acls(&search);
    find_port_groups(&search);
    if (ret->n) {
        qsort(ret->orphans, ret->n, sizeof *ret->orphans, compare_orphans);
    }
    sset_destroy(&search.sources);
}

void
orphans_uninit(struct orphans *orphans)
{
    for (size_t i = 0; i < orphans->n; i++) {
        free(orphans->orphans[i].name);
    }
    free(orphans->orphans);
}

static struct orphan *
orphans_add(struct orphan_search *search, enum orphan_kind kind,
            const struct uuid *uuid, const char *name)
{
    struct orphans *found = search->found;

    ARRAY_GROW(found->orphans, found->n, found->allocated);

    struct orphan *orphan = &found->orphans[found->n++];
    *orphan = (struct orphan) {
        .kind = kind,
        .uuid = *uuid,
        .name = xstrdup(name),
    };
    return orphan;
}

/* Load balancers. */

static void
find_lbs(struct orphan_search *search)
{
    const struct nbrec_load_balancer *row;

    NBREC_LOAD_BALANCER_FOR_EACH (row, search->inv->idl) {
        struct uuid id;
        if (adopt_row_is_octavia(row->name, &row->external_ids, &id)
            && !search->has_lb(&id, search->aux)) {
            orphans_add(search, ORPHAN_LB, &row->header_.uuid, row->name);
        }
    }
}

/* Ports. */

/* The address in "PORT:10.0.0.1" or "PORT:[fd00::1]". */
static void
add_source(struct orphan_search *search, const char *mapping)
{
    const char *colon = strrchr(mapping, ':');
    const char *bracket = strchr(mapping, '[');
    const char *start = bracket ? bracket + 1 : colon ? colon + 1 : mapping;
    char *text = xmemdup0(start, strcspn(start, "]"));
    struct in6_addr ip;

    if (ip_parse_any(text, &ip)) {
        sset_add_and_free(&search->sources, ip_format_any(&ip));
    }
    free(text);
}

static void
orphans_find_sources(struct orphan_search *search)
{
    const struct nbrec_load_balancer *row;

    NBREC_LOAD_BALANCER_FOR_EACH (row, search->inv->idl) {
        struct smap_node *node;
        SMAP_FOR_EACH (node, &row->ip_port_mappings) {
            add_source(search, node->value);
        }
    }
}

/* True if members are probed from the port's address.  A port of another
 * network with the same address makes it look used: the mappings name the
 * ports of members, not networks. */
static bool
is_source(const struct orphan_search *search, const struct uuid *port_id)
{
    const struct topo_port *port
        = topology_port_by_id(inventory_topology(search->inv), port_id);

    for (size_t i = 0; port && i < port->n_addresses; i++) {
        char *address = ip_format_any(&port->addresses[i]);
        bool found = sset_contains(&search->sources, address);
        free(address);
        if (found) {
            return true;
        }
    }
    return false;
}

/* The id at the end of the name of a port with the given prefix; in between,
 * there may be the number of an additional VIP. */
static bool
parse_port_name(const char *name, const char *prefix, struct uuid *ret_id)
{
    size_t length = strlen(name);

    return (!strncmp(name, prefix, strlen(prefix))
            && length >= strlen(prefix) + UUID_LEN
            && uuid_from_string(ret_id, name + length - UUID_LEN));
}

/* True if a port of Neutron's is in use by something else than its name says:
 * a tenant may give it any. */
static bool
is_namesake(const struct nbrec_logical_switch_port *row, enum orphan_kind kind,
            const struct uuid *id)
{
    const char *device = smap_get_def(&row->external_ids,
                                      "neutron:device_id", "");
    char *expected = (kind == ORPHAN_HM_PORT ? source_port_name(id)
                      : xasprintf("lb-"UUID_FMT, UUID_ARGS(id)));
    bool differs = *device && strcmp(device, expected);

    free(expected);
    return differs;
}

/* Reads the names of Neutron's ports from external_ids: OVN has them by their
 * UUIDs. */
static void
orphans_find_port(struct orphan_search *search,
                  const struct nbrec_logical_switch_port *row)
{
    const char *neutron_name = smap_get_def(&row->external_ids,
                                            "neutron:port_name", "");
    bool is_neutrons = (!strncmp(neutron_name, "ovn-lb-", 7)
                        && strcmp(neutron_name, row->name));
    const char *name = is_neutrons ? neutron_name : row->name;
    struct uuid uuid = row->header_.uuid;
    enum orphan_kind kind;
    struct uuid id;

    if (parse_port_name(name, VIP_PORT_PREFIX, &id)) {
        kind = ORPHAN_VIP_PORT;
        if (search->has_lb(&id, search->aux)) {
            return;
        }
    } else if (parse_port_name(name, HM_PORT_PREFIX, &id)) {
        struct uuid port_id;

        kind = ORPHAN_HM_PORT;
        if (is_source(search, (uuid_from_string(&port_id, row->name)
                               ? &port_id : &uuid))) {
            return;
        }
    } else {
        return;
    }
    if (!is_neutrons || !is_namesake(row, kind, &id)) {
        orphans_add(search, kind, &uuid, name)->is_neutrons = is_neutrons;
    }
}

static void
find_ports(struct orphan_search *search)
{
    const struct nbrec_logical_switch_port *row;

    NBREC_LOGICAL_SWITCH_PORT_FOR_EACH (row, search->inv->idl) {
        orphans_find_port(search, row);
    }
}

/* Groups. */

static bool
group_is_used(const struct orphan_search *search,
              const struct nbrec_load_balancer_group *group)
{
    for (size_t i = 0; i < group->n_load_balancer; i++) {
        const struct nbrec_load_balancer *row = group->load_balancer[i];
        struct uuid id;

        if (!adopt_row_is_octavia(row->name, &row->external_ids, &id)
            || search->has_lb(&id, search->aux)) {
            return true;
        }
    }
    return false;
}

static void
find_groups(struct orphan_search *search)
{
    const struct nbrec_load_balancer_group *row;

    NBREC_LOAD_BALANCER_GROUP_FOR_EACH (row, search->inv->idl) {
        if (!strncmp(row->name, GROUP_PREFIX, strlen(GROUP_PREFIX))
            && !group_is_used(search, row)) {
            orphans_add(search, ORPHAN_GROUP, &row->header_.uuid, row->name);
        }
    }
}

/* ACLs and their port groups: the replica has none of others. */

static bool
acl_is_orphan(const struct orphan_search *search, const struct nbrec_acl *acl)
{
    const char *lb = smap_get_def(&acl->external_ids, ACL_KEY_LB, "");
    struct uuid id;

    return !uuid_from_string(&id, lb) || !search->has_lb(&id, search->aux);
}

static void
find_acls(struct orphan_search *search)
{
    const struct nbrec_acl *row;

    NBREC_ACL_FOR_EACH (row, search->inv->idl) {
        if (acl_is_orphan(search, row)) {
            orphans_add(search, ORPHAN_ACL, &row->header_.uuid,
                        smap_get_def(&row->external_ids, ACL_KEY_LB, "-"));
        }
    }
}

/* True if the group has an ACL that is no orphan, or is somebody else's: to
 * that it only refers. */
static bool
port_group_is_used(const struct orphan_search *search,
                   const struct nbrec_port_group *group)
{
    if (ovsdb_idl_read(&group->header_, &nbrec_port_group_col_acls)->n
        > group->n_acls) {
        return true;
    }
    for (size_t i = 0; i < group->n_acls; i++) {
        if (!acl_is_orphan(search, group->acls[i])) {
            return true;
        }
    }
    return false;
}

static void
find_port_groups(struct orphan_search *search)
{
    const struct nbrec_port_group *row;

    NBREC_PORT_GROUP_FOR_EACH (row, search->inv->idl) {
        if (!port_group_is_used(search, row)) {
            orphans_add(search, ORPHAN_PORT_GROUP, &row->header_.uuid,
                        row->name);
        }
    }
}

/* Removal. */

/* Takes 'TARGET' out of a column of all rows of a table that have it there. */
#define REMOVE_REFERENCES(TABLE, table, column, INV, TARGET)                \
    do {                                                                    \
        const struct nbrec_##table *parent;                                 \
                                                                            \
        NBREC_##TABLE##_FOR_EACH (parent, (INV)->idl) {                     \
            for (size_t i = 0; i < parent->n_##column; i++) {               \
                if (parent->column[i] == (TARGET)) {                        \
                    nbrec_##table##_update_##column##_delvalue(parent,      \
                                                               TARGET);     \
                    break;                                                  \
                }                                                           \
            }                                                               \
        }                                                                   \
    } while (0)

static void
orphans_remove_port(const struct inventory *inv, const struct uuid *uuid)
{
    const struct nbrec_logical_switch_port *row
        = nbrec_logical_switch_port_get_for_uuid(inv->idl, uuid);

    if (row) {
        REMOVE_REFERENCES(LOGICAL_SWITCH, logical_switch, ports, inv, row);
        nbrec_logical_switch_port_delete(row);
    }
}

/* Switches and routers refer to a group by strong references. */
static void
orphans_remove_group(const struct inventory *inv, const struct uuid *uuid)
{
    const struct nbrec_load_balancer_group *row
        = nbrec_load_balancer_group_get_for_uuid(inv->idl, uuid);

    if (row) {
        REMOVE_REFERENCES(LOGICAL_SWITCH, logical_switch, load_balancer_group,
                          inv, row);
        REMOVE_REFERENCES(LOGICAL_ROUTER, logical_router, load_balancer_group,
                          inv, row);
        nbrec_load_balancer_group_delete(row);
    }
}

/* Health checks go with it.  References to it are weak, but the database does
 * not remove all of them by itself: see delete_row() in plan.c. */
static void
remove_lb(const struct inventory *inv, const struct uuid *uuid)
{
    const struct nbrec_load_balancer *row
        = nbrec_load_balancer_get_for_uuid(inv->idl, uuid);

    if (row) {
        REMOVE_REFERENCES(LOGICAL_SWITCH, logical_switch, load_balancer, inv,
                          row);
        REMOVE_REFERENCES(LOGICAL_ROUTER, logical_router, load_balancer, inv,
                          row);
        REMOVE_REFERENCES(LOAD_BALANCER_GROUP, load_balancer_group,
                          load_balancer, inv, row);
        nbrec_load_balancer_verify_name(row);
        nbrec_load_balancer_delete(row);
    }
}

/* The row goes with the last reference to it. */
static void
orphans_remove_acl(const struct inventory *inv, const struct uuid *uuid)
{
    const struct nbrec_acl *row = nbrec_acl_get_for_uuid(inv->idl, uuid);

    if (row) {
        REMOVE_REFERENCES(LOGICAL_SWITCH, logical_switch, acls, inv, row);
        REMOVE_REFERENCES(PORT_GROUP, port_group, acls, inv, row);
    }
}

/* Its ACLs go with it. */
static void
remove_port_group(const struct inventory *inv, const struct uuid *uuid)
{
    const struct nbrec_port_group *row
        = nbrec_port_group_get_for_uuid(inv->idl, uuid);

    if (row) {
        nbrec_port_group_verify_acls(row);
        nbrec_port_group_delete(row);
    }
}

void
inventory_remove(const struct inventory *inv,
                 struct ovsdb_idl_txn *txn OVS_UNUSED,
                 const struct orphan *orphan)
{
    ovs_assert(!orphan->is_neutrons);
    switch (orphan->kind) {
    case ORPHAN_LB:
        remove_lb(inv, &orphan->uuid);
        break;

    case ORPHAN_VIP_PORT:
    case ORPHAN_HM_PORT:
        orphans_remove_port(inv, &orphan->uuid);
        break;

    case ORPHAN_GROUP:
        orphans_remove_group(inv, &orphan->uuid);
        break;

    case ORPHAN_ACL:
        orphans_remove_acl(inv, &orphan->uuid);
        break;

    case ORPHAN_PORT_GROUP:
        remove_port_group(inv, &orphan->uuid);
        break;

    case N_ORPHAN_KINDS:
        OVS_NOT_REACHED();
    }
}
