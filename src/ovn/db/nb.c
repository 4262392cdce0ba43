/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to OVN's Northbound database; see nb.h.
 */

#include <config.h>
#include "ovn/db/nb.h"
#include "base/db-link.h"
#include "base/limits.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "ovn/want/groups.h"
#include "ovn/db/nb-acls.h"
#include "ovn/db/nb-private.h"
#include "ovn/db/nb-schema.h"
#include "ovn/want/probe-sources.h"
#include "util.h"
#include "uuid.h"

struct nb *
nb_create(const char *remote)
{
    struct nb *nb = xzalloc(sizeof *nb);

    nb->idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    ovsdb_idl_set_leader_only(nb->idl, true);
    nb->schema = nb_schema_create(remote);
    nb_add_columns(nb->idl);
    northd_add_columns(nb->idl);
    nb->lbs_by_name = ovsdb_idl_index_create1(nb->idl,
                                              &nbrec_load_balancer_col_name);
    nb->topology = topology_create(nb->idl);
    nb->queue = commit_queue_create(nb->idl, "OVN_Northbound",
                                    RECONCILE_BATCH_MAX);
    nb->scout = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    ovsdb_idl_set_leader_only(nb->scout, true);
    nb_acls_add_table(nb->scout);
    nb->link = db_link_create(nb->scout, "OVN_Northbound", remote);
    nb->groups = groups_create();
    nb->sources = sources_create();
    nb_index_init(&nb->index, nb->idl, nb->topology, nb->groups);
    shash_init(&nb->made);
    sset_init(&nb->sought);
    return nb;
}

void
nb_destroy(struct nb *nb)
{
    if (nb) {
        shash_destroy_free_data(&nb->made);
        sset_destroy(&nb->sought);
        nb_index_destroy(&nb->index);
        groups_destroy(nb->groups);
        sources_destroy(nb->sources);
        db_link_destroy(nb->link);
        commit_queue_destroy(nb->queue);
        topology_destroy(nb->topology);
        ovsdb_idl_destroy(nb->scout);
        ovsdb_idl_destroy(nb->idl);
        nb_schema_destroy(nb->schema);
        free(nb);
    }
}

struct ovsdb_idl *
nb_idl(struct nb *nb)
{
    return nb->idl;
}

void
nb_set_made(struct nb *nb, const char *name, const struct uuid *row)
{
    free(shash_replace(&nb->made, name, xmemdup(row, sizeof *row)));
}

void
nb_add_columns(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_load_balancer_col_name,
        &nbrec_load_balancer_col_protocol,
        &nbrec_load_balancer_col_selection_fields,
        &nbrec_load_balancer_col_vips,
        &nbrec_load_balancer_col_options,
        &nbrec_load_balancer_col_external_ids,
        &nbrec_load_balancer_col_ip_port_mappings,
        &nbrec_load_balancer_col_health_check,
        &nbrec_load_balancer_health_check_col_vip,
        &nbrec_load_balancer_health_check_col_options,
        &nbrec_load_balancer_health_check_col_external_ids,
        &nbrec_load_balancer_group_col_name,
        &nbrec_load_balancer_group_col_load_balancer,
        &nbrec_logical_switch_col_load_balancer,
        &nbrec_logical_switch_col_load_balancer_group,
        &nbrec_logical_router_col_load_balancer,
        &nbrec_logical_router_col_load_balancer_group,
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
    nb_acls_add_columns(idl);
}

/* Columns that only newer versions have. */
static const struct ovsdb_idl_column *const nb_optional_columns[] = {
    &nbrec_acl_col_tier,
};

/* Opens the replica once the scout knows what can be in it.  Its columns are
 * fixed then: what the database gets later, when it is converted, is read from
 * the next start on. */
static void
nb_follow_scout(struct nb *nb)
{
    if (nb->scout && db_link_is_ready(nb->link)) {
        struct idl_optional optional = {
            .columns = nb_optional_columns,
            .n = ARRAY_SIZE(nb_optional_columns),
        };

        idl_optional_run(&optional, nb->scout);
        idl_optional_add(&optional, nb->idl, true);
        db_link_set_idl(nb->link, nb->idl);
        ovsdb_idl_destroy(nb->scout);
        nb->scout = NULL;
    }
}

void
nb_run(struct nb *nb, bool may_write)
{
    ovsdb_idl_track_clear(nb->idl);
    db_link_run(nb->link);
    nb_follow_scout(nb);
    topology_run(nb->topology, false);
    nb_index_run(&nb->index);

    bool ovn_is_another = nb_schema_run(nb->schema);
    ovn_is_another |= northd_run(&nb->northd, nb->idl);
    if (ovn_is_another) {
        nb_index_add_all(&nb->index);
    }
    commit_queue_run(nb->queue, may_write && nb_is_ready(nb));
    shash_clear_free_data(&nb->made);
}

void
nb_wait(struct nb *nb, bool may_write)
{
    db_link_wait(nb->link);
    topology_wait(nb->topology);
    nb_schema_wait(nb->schema);
    commit_queue_wait(nb->queue, may_write && nb_is_ready(nb));
}

void
nb_accept_older(struct nb *nb)
{
    ovsdb_idl_reset_min_index(nb->idl);
}

bool
nb_is_ready(const struct nb *nb)
{
    return (!nb->scout
            && db_link_is_ready(nb->link)
            && nb_schema_is_known(nb->schema));
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

void
nb_comment_request(struct nb *nb, const struct uuid *lb_id,
                   const struct uuid *request)
{
    commit_queue_comment(nb->queue, "ovn-octavia: load balancer "UUID_FMT
                         ", req-"UUID_FMT, UUID_ARGS(lb_id),
                         UUID_ARGS(request));
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
nb_set_watch(struct nb *nb, const struct uuid *lb_id,
             const struct desired_watch *watch)
{
    nb_index_set_watch(&nb->index, lb_id, watch);
}

void
nb_add_watchers(struct nb *nb, const struct in6_addr *ip)
{
    nb_index_add_watchers(&nb->index, ip);
}

struct groups *
nb_groups(struct nb *nb)
{
    return nb->groups;
}

struct sources *
nb_sources(struct nb *nb)
{
    return nb->sources;
}

bool
nb_has_ipv6_hash(const struct nb *nb)
{
    return nb_schema_has_ipv6_hash(nb->schema);
}

bool
nb_has_central_replies(const struct nb *nb)
{
    return nb->northd.has_central_replies;
}

bool
nb_subnet_is_probed(const struct nb *nb, const struct uuid *subnet_id)
{
    return refs_parents(&nb->index.subnets, subnet_id) != NULL;
}

bool
nb_nat_is_needed(const struct nb *nb, const struct uuid *nat)
{
    return refs_parents(&nb->index.nats, nat) != NULL;
}

bool
nb_take_lost_users(struct nb *nb)
{
    bool lost_users = nb->index.lost_users;

    nb->index.lost_users = false;
    return lost_users;
}

void
nb_set_probe_interval(struct nb *nb, int ms)
{
    db_link_set_probe_interval(nb->link, ms);
}

/* Configurations. */

int64_t
nb_cfg(const struct nb *nb)
{
    const struct nbrec_nb_global *global = nbrec_nb_global_first(nb->idl);

    return global ? global->nb_cfg : 0;
}

int64_t
nb_sb_cfg(const struct nb *nb)
{
    const struct nbrec_nb_global *global = nbrec_nb_global_first(nb->idl);

    return global ? global->sb_cfg : 0;
}

int64_t
nb_hv_cfg(const struct nb *nb)
{
    const struct nbrec_nb_global *global = nbrec_nb_global_first(nb->idl);

    return global ? global->hv_cfg : 0;
}

static void
count_configuration(struct ovsdb_idl_txn *txn, void *nb_)
{
    const struct nb *nb = nb_;
    const struct nbrec_nb_global *global = nbrec_nb_global_first(nb->idl);

    if (global) {
        ovsdb_idl_txn_increment(txn, &global->header_,
                                &nbrec_nb_global_col_nb_cfg, false);
    }
}

void
nb_count_configurations(struct nb *nb)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &nbrec_nb_global_col_nb_cfg,
        &nbrec_nb_global_col_sb_cfg,
        &nbrec_nb_global_col_hv_cfg,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(nb->idl, columns[i]);
    }
    commit_queue_set_epilogue(nb->queue, count_configuration, nb);
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
