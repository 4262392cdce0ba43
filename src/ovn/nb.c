/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to OVN's Northbound database; see nb.h.
 */

#include <config.h>
#include "ovn/nb.h"
#include "base/idl.h"
#include "base/limits.h"
#include "base/refs.h"
#include "model/objects.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/nb-index.h"
#include "ovn/rows.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(nb);

struct nb {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_index *lbs_by_name;
    struct topology *topology;
    struct commit_queue *queue;

    struct nb_index index;
    struct idl_watch watch;
};

static void add_columns(struct ovsdb_idl *);

struct nb *
nb_create(const char *remote)
{
    struct nb *nb = xzalloc(sizeof *nb);

    nb->idl = ovsdb_idl_create(remote, &nbrec_idl_class, false, true);
    ovsdb_idl_set_leader_only(nb->idl, true);
    add_columns(nb->idl);
    nb->lbs_by_name = ovsdb_idl_index_create1(nb->idl,
                                              &nbrec_load_balancer_col_name);
    nb->topology = topology_create(nb->idl);
    nb->queue = commit_queue_create(nb->idl, "OVN_Northbound",
                                    RECONCILE_BATCH_MAX);
    idl_watch_init(&nb->watch, "OVN_Northbound", remote);
    nb_index_init(&nb->index, nb->idl, nb->topology);
    return nb;
}

void
nb_destroy(struct nb *nb)
{
    if (nb) {
        nb_index_destroy(&nb->index);
        idl_watch_uninit(&nb->watch);
        commit_queue_destroy(nb->queue);
        topology_destroy(nb->topology);
        ovsdb_idl_destroy(nb->idl);
        free(nb);
    }
}

/* The columns that load balancers need; the topology adds its own. */
static void
add_columns(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_load_balancer_col_name,
        &nbrec_load_balancer_col_protocol,
        &nbrec_load_balancer_col_selection_fields,
        &nbrec_load_balancer_col_vips,
        &nbrec_load_balancer_col_options,
        &nbrec_load_balancer_col_external_ids,
        &nbrec_logical_switch_col_load_balancer,
        &nbrec_logical_router_col_load_balancer,
        &nbrec_logical_switch_col_ports,
        &nbrec_logical_switch_port_col_name,
        &nbrec_logical_switch_port_col_type,
        &nbrec_logical_switch_port_col_addresses,
        &nbrec_logical_switch_port_col_external_ids,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
        ovsdb_idl_track_add_column(idl, columns[i]);
    }
}

void
nb_run(struct nb *nb, bool may_write)
{
    ovsdb_idl_track_clear(nb->idl);
    ovsdb_idl_run(nb->idl);
    idl_watch_run(&nb->watch, nb_is_ready(nb));
    topology_run(nb->topology, false);
    nb_index_run(&nb->index);
    commit_queue_run(nb->queue, may_write && nb_is_ready(nb));
}

void
nb_wait(struct nb *nb, bool may_write)
{
    ovsdb_idl_wait(nb->idl);
    idl_watch_wait(&nb->watch);
    commit_queue_wait(nb->queue, may_write && nb_is_ready(nb));
}

bool
nb_is_ready(const struct nb *nb)
{
    return (ovsdb_idl_is_connected(nb->idl)
            && ovsdb_idl_has_ever_connected(nb->idl));
}

const struct topology *
nb_topology(const struct nb *nb)
{
    return nb->topology;
}

void
nb_submit(struct nb *nb, struct commit_op *op)
{
    commit_queue_submit(nb->queue, op);
}

unsigned long long int
nb_n_commits(const struct nb *nb)
{
    return commit_queue_n_commits(nb->queue);
}

const struct uuidset *
nb_changed_lbs(const struct nb *nb)
{
    return &nb->index.changed;
}

void
nb_set_homes(struct nb *nb, const struct uuid *lb_id,
             const struct uuidset *homes)
{
    nb_index_set_homes(&nb->index, lb_id, homes);
}

void
nb_for_each_lb(const struct nb *nb,
               void (*cb)(const struct uuid *, void *), void *aux)
{
    const struct nbrec_load_balancer *row;
    NBREC_LOAD_BALANCER_FOR_EACH (row, nb->idl) {
        struct uuid id;
        if (uuid_from_string(&id, row->name)) {
            cb(&id, aux);
        }
    }
}

/* Observation. */

static void
add_carriers(const struct refs *refs, const struct uuid *row,
             struct uuidset *ret)
{
    const struct uuidset *parents = refs_parents(refs, row);
    const struct uuidset_node *node;

    if (parents) {
        UUIDSET_FOR_EACH (node, parents) {
            uuidset_insert(ret, &node->uuid);
        }
    }
}

static void
observe_row(const struct nb *nb, const struct nbrec_load_balancer *row,
            struct ovn_lb *ret)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    struct lb_row *seen = ovn_lb_add_row(ret);

    if (!seen) {
        VLOG_WARN_RL(&rl, "load balancer %s has more rows than protocols; "
                     "the rest waits until some are gone", ret->name);
        return;
    }
    seen->uuid = row->header_.uuid;
    free(seen->name);
    seen->name = xstrdup(row->name);
    free(seen->protocol);
    seen->protocol = xstrdup(row->protocol ? row->protocol : "");
    for (size_t i = 0; i < row->n_selection_fields; i++) {
        sset_add(&seen->selection_fields, row->selection_fields[i]);
    }
    smap_clone(&seen->vips, &row->vips);
    smap_clone(&seen->options, &row->options);
    smap_clone(&seen->external_ids, &row->external_ids);
    add_carriers(&nb->index.switch_lbs, &seen->uuid, &seen->switches);
    add_carriers(&nb->index.router_lbs, &seen->uuid, &seen->routers);
}

/* Rows that we made and somebody renamed.  Their UUIDs are taken, so they
 * cannot be made anew. */
static void
observe_renamed(const struct nb *nb, const struct uuid *lb_id,
                struct ovn_lb *ret)
{
    for (int p = -1; p < N_L4_PROTOCOLS; p++) {
        struct uuid uuid
            = lb_row_uuid(lb_id, p < 0 ? "" : l4_protocol_to_ovn(p));
        const struct nbrec_load_balancer *row
            = nbrec_load_balancer_get_for_uuid(nb->idl, &uuid);

        if (row && strcmp(row->name, ret->name)) {
            observe_row(nb, row, ret);
        }
    }
}

static void
observe_port(const struct nb *nb, const struct uuid *lb_id,
             struct ovn_lb *ret)
{
    char *name = vip_port_name(lb_id);
    const struct topo_port *found
        = topology_port_by_name(nb->topology, name);
    const struct nbrec_logical_switch_port *row
        = (found
           ? nbrec_logical_switch_port_get_for_uuid(nb->idl, &found->uuid)
           : NULL);

    if (row) {
        struct vip_port *port = ovn_lb_add_port(ret);

        port->uuid = found->uuid;
        port->sw = found->sw ? found->sw->uuid : UUID_ZERO;
        free(port->type);
        port->type = xstrdup(row->type);
        if (row->n_addresses == 1) {
            free(port->addresses);
            port->addresses = xstrdup(row->addresses[0]);
        }
        smap_clone(&port->external_ids, &row->external_ids);
    }
    free(name);
}

void
nb_observe(const struct nb *nb, const struct uuid *lb_id, struct ovn_lb *ret)
{
    ovn_lb_init(ret, lb_id);

    struct nbrec_load_balancer *key
        = nbrec_load_balancer_index_init_row(nb->lbs_by_name);
    nbrec_load_balancer_index_set_name(key, ret->name);
    const struct nbrec_load_balancer *row;
    NBREC_LOAD_BALANCER_FOR_EACH_EQUAL (row, key, nb->lbs_by_name) {
        observe_row(nb, row, ret);
    }
    nbrec_load_balancer_index_destroy_row(key);

    observe_renamed(nb, lb_id, ret);
    observe_port(nb, lb_id, ret);
}
