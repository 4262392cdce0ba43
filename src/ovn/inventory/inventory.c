/* SPDX-License-Identifier: Apache-2.0
 *
 * The replica behind the inventory, and the rows of load balancers; see
 * inventory.h.  Orphans are for orphans.c.
 */

#include <config.h>
#include "ovn/inventory/inventory-private.h"
#include <string.h>
#include "base/limits.h"
#include "base/tls.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "ovn/adopt/adopt.h"
#include "ovn/db/nb-rows.h"
#include "ovn/rows/rows.h"
#include "smap.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

struct inventory *
inventory_create(const char *remote)
{
    struct inventory *inv = xzalloc(sizeof *inv);

    inv->idl = ovsdb_idl_create(remote, &nbrec_idl_class, false, true);
    ovsdb_idl_set_leader_only(inv->idl, true);
    nb_add_columns(inv->idl);
    inv->lbs_by_name = ovsdb_idl_index_create1(inv->idl,
                                               &nbrec_load_balancer_col_name);
    inv->topology = topology_create(inv->idl);
    inv->queue = commit_queue_create(inv->idl, "OVN_Northbound",
                                     RECONCILE_BATCH_MAX);
    return inv;
}

void
inventory_destroy(struct inventory *inv)
{
    if (inv) {
        commit_queue_destroy(inv->queue);
        topology_destroy(inv->topology);
        ovsdb_idl_destroy(inv->idl);
        free(inv);
    }
}

void
inventory_run(struct inventory *inv)
{
    ovsdb_idl_track_clear(inv->idl);
    if (!ovsdb_idl_is_connected(inv->idl)) {
        tls_use("OVN_Northbound");
    }
    ovsdb_idl_run(inv->idl);
    topology_run(inv->topology, false);
    commit_queue_run(inv->queue, inventory_is_ready(inv));
}

void
inventory_wait(struct inventory *inv)
{
    ovsdb_idl_wait(inv->idl);
    commit_queue_wait(inv->queue, inventory_is_ready(inv));
}

bool
inventory_is_ready(const struct inventory *inv)
{
    return (ovsdb_idl_is_connected(inv->idl)
            && ovsdb_idl_has_ever_connected(inv->idl));
}

const struct topology *
inventory_topology(const struct inventory *inv)
{
    return inv->topology;
}

void
inventory_submit(struct inventory *inv, struct commit_op *op)
{
    commit_queue_submit(inv->queue, op);
}

void
inventory_lbs(const struct inventory *inv, struct uuidset *ids)
{
    const struct nbrec_load_balancer *row;

    NBREC_LOAD_BALANCER_FOR_EACH (row, inv->idl) {
        struct uuid id;
        if (adopt_row_is_octavia(row->name, &row->external_ids, &id)
            && !uuidset_contains(ids, &id)) {
            uuidset_insert(ids, &id);
        }
    }
}

static void
assign_map(struct smap *map, const struct smap *source)
{
    smap_destroy(map);
    smap_clone(map, source);
}

/* Reads what ACLs say of the listeners of the load balancer. */
static void
inventory_read_acls(const struct inventory *inv, const char *lb_name,
                    struct smap *ret)
{
    const struct nbrec_acl *acl;

    NBREC_ACL_FOR_EACH (acl, inv->idl) {
        const struct smap *ids = &acl->external_ids;
        const char *listener = smap_get(ids, ACL_KEY_LISTENER);

        if (listener && !smap_get(ids, ACL_KEY_STAGE)
            && !strcmp(smap_get_def(ids, ACL_KEY_LB, ""), lb_name)) {
            smap_replace(ret, listener, smap_get_def(ids, ACL_KEY_CIDRS, ""));
        }
    }
}

static void
inventory_read_row(const struct nbrec_load_balancer *row,
                   struct adopt_row *ret)
{
    adopt_row_init(ret);
    if (row->protocol) {
        free(ret->protocol);
        ret->protocol = xstrdup(row->protocol);
    }
    for (size_t i = 0; i < row->n_selection_fields; i++) {
        sset_add(&ret->selection_fields, row->selection_fields[i]);
    }
    assign_map(&ret->vips, &row->vips);
    assign_map(&ret->options, &row->options);
    assign_map(&ret->external_ids, &row->external_ids);
    for (size_t i = 0; i < row->n_health_check; i++) {
        struct adopt_check *check = adopt_row_add_check(ret);
        free(check->vip);
        check->vip = xstrdup(row->health_check[i]->vip);
        assign_map(&check->options, &row->health_check[i]->options);
        assign_map(&check->external_ids, &row->health_check[i]->external_ids);
    }
}

/* Calls 'cb' for each row of the load balancer. */
static void
for_each_row(const struct inventory *inv, const struct uuid *lb_id,
             void (*cb)(const struct nbrec_load_balancer *, void *aux),
             void *aux)
{
    char *name = xasprintf(UUID_FMT, UUID_ARGS(lb_id));
    struct nbrec_load_balancer *key
        = nbrec_load_balancer_index_init_row(inv->lbs_by_name);
    const struct nbrec_load_balancer *row;
    struct uuid id;

    nbrec_load_balancer_index_set_name(key, name);
    NBREC_LOAD_BALANCER_FOR_EACH_EQUAL (row, key, inv->lbs_by_name) {
        if (adopt_row_is_octavia(row->name, &row->external_ids, &id)) {
            cb(row, aux);
        }
    }
    nbrec_load_balancer_index_destroy_row(key);
    free(name);
}

static void
count_row(const struct nbrec_load_balancer *row OVS_UNUSED, void *n_)
{
    size_t *n = n_;
    ++*n;
}

struct row_taker {
    const struct inventory *inv;
    struct adopt_row *next;
};

static void
take_row(const struct nbrec_load_balancer *row, void *taker_)
{
    struct row_taker *taker = taker_;

    inventory_read_row(row, taker->next);
    inventory_read_acls(taker->inv, row->name, &taker->next->allowed_cidrs);
    taker->next++;
}

/* Two passes, because maps do not survive realloc(). */
struct adopt_row *
inventory_rows(const struct inventory *inv, const struct uuid *lb_id,
               size_t *ret_n)
{
    size_t n = 0;

    for_each_row(inv, lb_id, count_row, &n);
    struct adopt_row *rows = xcalloc(n, sizeof *rows);
    struct row_taker taker = { inv, rows };
    for_each_row(inv, lb_id, take_row, &taker);
    *ret_n = n;
    return rows;
}

void
inventory_free_rows(struct adopt_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        adopt_row_uninit(&rows[i]);
    }
    free(rows);
}

char *
inventory_project(const struct inventory *inv, const struct uuid *port_id)
{
    const struct topo_port *port = topology_port_by_id(inv->topology,
                                                       port_id);
    const struct nbrec_logical_switch_port *row
        = (port ? nbrec_logical_switch_port_get_for_uuid(inv->idl,
                                                         &port->uuid)
           : NULL);

    return nullable_xstrdup(row ? smap_get(&row->external_ids,
                                           "neutron:project_id") : NULL);
}
