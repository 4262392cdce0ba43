/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to OVN_Octavia; see store.h.  Runs the replica and the queue
 * of writes; what is in the rows is known to this folder's other files.
 */

#include <config.h>
#include "store/store.h"
#include <string.h>
#include "base/db-link.h"
#include "base/ip.h"
#include "base/limits.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "octavia-idl.h"
#include "store/store-lock.h"
#include "store/weak-refs.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(store);

struct store {
    enum store_role role;
    struct ovsdb_idl *idl;
    struct ovsdb_idl_index *lbs_by_vip;
    struct ovsdb_idl_index *additional_vips_by_address;
    struct weak_refs *weak_refs;
    struct commit_queue *queue;
    const struct ovsdb_idl_table *reports;

    struct db_link *link;
    bool had_lock;              /* As last logged. */
    bool is_tracking;           /* Changes are remembered for a caller. */
};

static void log_lock(struct store *);

/* The tables that this version uses.  Not Connection, of which ovsdb-server
 * rewrites the status all the time. */
static const struct ovsdb_idl_table_class *const tables[] = {
    &octrec_table_load_balancer,
    &octrec_table_additional_vip,
    &octrec_table_listener,
    &octrec_table_pool,
    &octrec_table_member,
    &octrec_table_health_monitor,
    &octrec_table_quota,

    /* Empty yet, but what is in them refers to the others. */
    &octrec_table_l7_policy,
    &octrec_table_l7_rule,
};

void
store_add_columns(struct ovsdb_idl *idl)
{
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        for (size_t j = 0; j < tables[i]->n_columns; j++) {
            ovsdb_idl_add_column(idl, &tables[i]->columns[j]);
        }
    }
}

void
store_track(struct store *store)
{
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        for (size_t j = 0; j < tables[i]->n_columns; j++) {
            ovsdb_idl_track_add_column(store->idl, &tables[i]->columns[j]);
        }
    }
    store->is_tracking = true;
}

/* Orders addresses, however they are written: those of IPv4 can be written in
 * one way only.  Each write of a row compares its address with some others. */
static int
compare_addresses(const char *a_text, const char *b_text)
{
    const char *a = a_text ? a_text : "";
    const char *b = b_text ? b_text : "";
    bool a_is_v6 = strchr(a, ':') != NULL;
    bool b_is_v6 = strchr(b, ':') != NULL;

    return (a_is_v6 != b_is_v6 ? (a_is_v6 ? 1 : -1)
            : a_is_v6 ? ip_compare_texts(a, b) : strcmp(a, b));
}

/* Orders by the subnet, then by the address.  The IDL's own comparison of a
 * column takes ten times as long, and is made whenever a row is written. */
static int
compare_vips(const void *a_, const void *b_)
{
    const struct octrec_load_balancer *a = a_;
    const struct octrec_load_balancer *b = b_;
    int subnets = (a->n_vip_subnet_id && b->n_vip_subnet_id
                   ? uuid_compare_3way(a->vip_subnet_id, b->vip_subnet_id)
                   : (int) a->n_vip_subnet_id - (int) b->n_vip_subnet_id);

    return (subnets ? subnets
            : compare_addresses(a->vip_address, b->vip_address));
}

static int
compare_additional_addresses(const void *a_, const void *b_)
{
    const struct octrec_additional_vip *a = a_;
    const struct octrec_additional_vip *b = b_;

    return compare_addresses(a->ip_address, b->ip_address);
}

struct store *
store_create(const char *remote, enum store_role role)
{
    static const struct ovsdb_idl_index_column by_vip[] = {
        { .column = &octrec_load_balancer_col_vip_address,
          .comparer = compare_vips },
    };
    static const struct ovsdb_idl_index_column by_address[] = {
        { .column = &octrec_additional_vip_col_subnet_id },
        { .column = &octrec_additional_vip_col_ip_address,
          .comparer = compare_additional_addresses },
    };
    struct store *store = xzalloc(sizeof *store);

    store->role = role;
    store->idl = ovsdb_idl_create_unconnected(&octrec_idl_class, false);
    store_add_columns(store->idl);

    /* A write through a follower takes longer, and costs its server and the
     * leader four times as much.  Locks are a server's, not the cluster's: two
     * drivers on two servers would both hold it. */
    ovsdb_idl_set_leader_only(store->idl, true);
    if (role == STORE_DRIVER) {
        store_track(store);
        ovsdb_idl_set_lock(store->idl, STORE_LOCK_DRIVER);
    }
    store->lbs_by_vip = ovsdb_idl_index_create(store->idl, by_vip,
                                               ARRAY_SIZE(by_vip));
    store->additional_vips_by_address
        = ovsdb_idl_index_create(store->idl, by_address,
                                 ARRAY_SIZE(by_address));
    store->weak_refs = weak_refs_create(store->idl);
    store->queue = commit_queue_create(store->idl, "OVN_Octavia",
                                       STORE_BATCH_MAX);
    store->link = db_link_create(store->idl, "OVN_Octavia", remote);
    return store;
}

void
store_destroy(struct store *store)
{
    if (store) {
        commit_queue_destroy(store->queue);
        weak_refs_destroy(store->weak_refs);
        ovsdb_idl_destroy(store->idl);
        db_link_destroy(store->link);
        free(store);
    }
}

static bool
may_write(const struct store *store)
{
    return (store_is_ready(store)
            && (store->role != STORE_DRIVER || store_has_lock(store)));
}

void
store_run(struct store *store)
{
    if (store->is_tracking) {
        ovsdb_idl_track_clear(store->idl);
    }
    db_link_run(store->link);
    log_lock(store);
    commit_queue_run(store->queue, may_write(store));
}

void
store_accept_older(struct store *store)
{
    ovsdb_idl_reset_min_index(store->idl);
}

void
store_wait(struct store *store)
{
    db_link_wait(store->link);
    commit_queue_wait(store->queue, may_write(store));
}

static void
log_lock(struct store *store)
{
    bool has_lock = store_has_lock(store);

    if (has_lock != store->had_lock) {
        VLOG_INFO("%s", has_lock ? "this driver is active"
                  : "this driver stands by");
        store->had_lock = has_lock;
    }
}

bool
store_is_ready(const struct store *store)
{
    return db_link_is_ready(store->link);
}

bool
store_is_expected(const struct store *store)
{
    return db_link_is_expected(store->link);
}

bool
store_is_loaded(const struct store *store)
{
    return ovsdb_idl_has_ever_connected(store->idl);
}

bool
store_has_lock(const struct store *store)
{
    return (store->role == STORE_DRIVER && store_is_ready(store)
            && ovsdb_idl_has_lock(store->idl));
}

unsigned int
store_seqno(const struct store *store)
{
    return ovsdb_idl_get_seqno(store->idl);
}

/* True if 'other' comes before 'lb' in the queue for an address that both
 * want.  A refused load balancer does not count, one in use always does, and
 * of two new ones the older wins. */
static bool
comes_before(const struct octrec_load_balancer *other,
             const struct octrec_load_balancer *lb)
{
    if (other->n_fault_code) {
        return false;
    }
    if (!lb || strcmp(other->provisioning_status, "PENDING_CREATE")) {
        return true;
    }
    return (other->created_at != lb->created_at
            ? other->created_at < lb->created_at
            : uuid_compare_3way(&other->header_.uuid,
                                &lb->header_.uuid) < 0);
}

static bool
first_vip_is_taken(const struct store *store, const struct uuid *subnet_id,
                   const char *address,
                   const struct octrec_load_balancer *lb)
{
    struct octrec_load_balancer *key
        = octrec_load_balancer_index_init_row(store->lbs_by_vip);
    const struct octrec_load_balancer *row;
    bool taken = false;

    octrec_load_balancer_index_set_vip_subnet_id(key, subnet_id, 1);
    octrec_load_balancer_index_set_vip_address(key, address);
    OCTREC_LOAD_BALANCER_FOR_EACH_EQUAL (row, key, store->lbs_by_vip) {
        if (row != lb && comes_before(row, lb)) {
            taken = true;
            break;
        }
    }
    octrec_load_balancer_index_destroy_row(key);
    return taken;
}

static bool
additional_vip_is_taken(const struct store *store,
                        const struct uuid *subnet_id, const char *address,
                        const struct octrec_load_balancer *lb)
{
    struct ovsdb_idl_index *index = store->additional_vips_by_address;
    struct octrec_additional_vip *key
        = octrec_additional_vip_index_init_row(index);
    const struct octrec_additional_vip *row;
    bool taken = false;

    octrec_additional_vip_index_set_subnet_id(key, *subnet_id);
    octrec_additional_vip_index_set_ip_address(key, address);
    OCTREC_ADDITIONAL_VIP_FOR_EACH_EQUAL (row, key, index) {
        const struct octrec_load_balancer *other = row->load_balancer;

        if (other && other != lb && comes_before(other, lb)) {
            taken = true;
            break;
        }
    }
    octrec_additional_vip_index_destroy_row(key);
    return taken;
}

bool
store_vip_is_taken(const struct store *store, const struct uuid *subnet_id,
                   const char *address, const struct uuid *lb_id)
{
    const struct octrec_load_balancer *lb
        = lb_id ? octrec_load_balancer_get_for_uuid(store->idl, lb_id) : NULL;

    return (first_vip_is_taken(store, subnet_id, address, lb)
            || additional_vip_is_taken(store, subnet_id, address, lb));
}

struct ovsdb_idl *
store_idl(const struct store *store)
{
    return store->idl;
}

const struct weak_refs *
store_weak_refs(const struct store *store)
{
    return store->weak_refs;
}

const struct ovsdb_idl_table *
store_reports(const struct store *store)
{
    return store->reports;
}

void
store_set_reports(struct store *store, const struct ovsdb_idl_table *table)
{
    store->reports = table;
}

void
store_submit(struct store *store, struct commit_op *op)
{
    commit_queue_submit(store->queue, op);
}

struct commit_queue *
store_queue(struct store *store)
{
    return store->queue;
}

bool
store_withdraw(struct store *store, struct commit_op *op)
{
    return commit_queue_withdraw(store->queue, op);
}

unsigned long long int
store_n_commits(const struct store *store)
{
    return commit_queue_n_commits(store->queue);
}
