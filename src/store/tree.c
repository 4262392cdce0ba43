/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers between database rows and plain data; see tree.h.
 */

#include <config.h>
#include "store/tree.h"
#include "octavia-idl.h"
#include "smap.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* Loading. */

static struct uuid
uuid_or_zero(const struct uuid *uuids, size_t n)
{
    return n ? uuids[0] : UUID_ZERO;
}

/* All four kinds of rows have these columns. */
#define LOAD_BASE(BASE, ROW)                                            \
    load_base(BASE, &(ROW)->header_.uuid, (ROW)->admin_state_up,        \
              (ROW)->provisioning_status, (ROW)->operating_status)

static void
load_base(struct model_base *base, const struct uuid *id, bool admin_state_up,
          const char *provisioning_status, const char *operating_status)
{
    base->id = *id;
    base->admin_state_up = admin_state_up;

    /* The schema allows no other words. */
    ovs_assert(provisioning_status_from_string(provisioning_status,
                                               &base->provisioning_status));
    ovs_assert(operating_status_from_string(operating_status,
                                            &base->operating_status));
}

/* For qsort() of arrays of pointers to rows: by creation, then by id. */
#define DEFINE_COMPARE_CREATED(TYPE)                                    \
    static int                                                          \
    compare_##TYPE(const void *a_, const void *b_)                      \
    {                                                                   \
        const struct octrec_##TYPE *const *a = a_;                      \
        const struct octrec_##TYPE *const *b = b_;                      \
        if ((*a)->created_at != (*b)->created_at) {                     \
            return (*a)->created_at < (*b)->created_at ? -1 : 1;        \
        }                                                               \
        return uuid_compare_3way(&(*a)->header_.uuid,                   \
                                 &(*b)->header_.uuid);                  \
    }
DEFINE_COMPARE_CREATED(listener)
DEFINE_COMPARE_CREATED(pool)
DEFINE_COMPARE_CREATED(member)

static void
load_member(struct model_member *member, const struct octrec_member *row,
            const struct model_lb *lb)
{
    LOAD_BASE(&member->base, row);
    member->address = xstrdup(row->address);
    member->protocol_port = row->protocol_port;
    member->weight = row->weight;
    member->backup = row->backup;
    member->subnet_id = (row->n_subnet_id ? row->subnet_id[0]
                         : lb->vip_subnet_id);
    member->has_subnet = !uuid_is_zero(&member->subnet_id);
}

static void
load_members(struct model_pool *pool, const struct octrec_pool *row,
             const struct model_lb *lb)
{
    size_t n = row->n_members;
    struct octrec_member **rows = xmemdup(row->members, n * sizeof *rows);

    qsort(rows, n, sizeof *rows, compare_member);
    pool->members = xcalloc(n, sizeof *pool->members);
    for (size_t i = 0; i < n; i++) {
        load_member(&pool->members[i], rows[i], lb);
    }
    pool->n_members = n;
    free(rows);
}

/* False if OVN has no such protocol; the API refuses those. */
static bool
load_pool(struct model_pool *pool, const struct octrec_pool *row,
          const struct model_lb *lb)
{
    if (!l4_protocol_from_octavia(row->protocol, &pool->protocol)) {
        return false;
    }
    LOAD_BASE(&pool->base, row);
    pool->is_source_ip = !strcmp(row->lb_algorithm, "SOURCE_IP");
    pool->has_persistence = smap_get(&row->session_persistence, "type");
    pool->persistence_timeout
        = nullable_xstrdup(smap_get(&row->session_persistence,
                                    "persistence_timeout"));
    load_members(pool, row, lb);
    return true;
}

static bool
load_listener(struct model_listener *listener,
              const struct octrec_listener *row)
{
    if (!l4_protocol_from_octavia(row->protocol, &listener->protocol)) {
        return false;
    }
    LOAD_BASE(&listener->base, row);
    listener->protocol_port = row->protocol_port;
    listener->default_pool_id = (row->default_pool
                                 ? row->default_pool->header_.uuid
                                 : UUID_ZERO);
    return true;
}

static void
load_pools(struct model_lb *lb, const struct octrec_load_balancer *row)
{
    size_t n = row->n_pools;
    struct octrec_pool **rows = xmemdup(row->pools, n * sizeof *rows);

    qsort(rows, n, sizeof *rows, compare_pool);
    lb->pools = xcalloc(n, sizeof *lb->pools);
    for (size_t i = 0; i < n; i++) {
        lb->n_pools += load_pool(&lb->pools[lb->n_pools], rows[i], lb);
    }
    free(rows);
}

static void
load_listeners(struct model_lb *lb, const struct octrec_load_balancer *row)
{
    size_t n = row->n_listeners;
    struct octrec_listener **rows = xmemdup(row->listeners, n * sizeof *rows);

    qsort(rows, n, sizeof *rows, compare_listener);
    lb->listeners = xcalloc(n, sizeof *lb->listeners);
    for (size_t i = 0; i < n; i++) {
        lb->n_listeners += load_listener(&lb->listeners[lb->n_listeners],
                                         rows[i]);
    }
    free(rows);
}

struct model_lb *
store_load_lb(const struct store *store, const struct uuid *id)
{
    const struct octrec_load_balancer *row
        = octrec_load_balancer_get_for_uuid(store_idl(store), id);
    if (!row) {
        return NULL;
    }

    struct model_lb *lb = xzalloc(sizeof *lb);
    LOAD_BASE(&lb->base, row);
    lb->name = xstrdup(row->name);
    lb->project_id = xstrdup(row->project_id);
    lb->vip_address = nullable_xstrdup(row->vip_address);
    lb->vip_port_id = uuid_or_zero(row->vip_port_id, row->n_vip_port_id);
    lb->vip_subnet_id = uuid_or_zero(row->vip_subnet_id,
                                     row->n_vip_subnet_id);
    lb->vip_network_id = uuid_or_zero(row->vip_network_id,
                                      row->n_vip_network_id);
    lb->last_request = row->last_request;
    lb->fault_code = row->n_fault_code ? row->fault_code[0] : 0;
    lb->fault_text = xstrdup(row->fault_text);
    load_pools(lb, row);
    load_listeners(lb, row);
    return lb;
}

void
store_for_each_lb(const struct store *store,
                  void (*cb)(const struct uuid *, void *), void *aux)
{
    const struct octrec_load_balancer *row;
    OCTREC_LOAD_BALANCER_FOR_EACH (row, store_idl(store)) {
        cb(&row->header_.uuid, aux);
    }
}

void
store_for_each_changed_lb(const struct store *store,
                          void (*cb)(const struct uuid *, void *), void *aux)
{
    struct ovsdb_idl *idl = store_idl(store);

    /* A child that is gone has changed its parent, too. */
    const struct octrec_load_balancer *lb;
    OCTREC_LOAD_BALANCER_FOR_EACH_TRACKED (lb, idl) {
        cb(&lb->header_.uuid, aux);
    }
    const struct octrec_listener *listener;
    OCTREC_LISTENER_FOR_EACH_TRACKED (listener, idl) {
        if (!octrec_listener_is_deleted(listener)
            && listener->load_balancer) {
            cb(&listener->load_balancer->header_.uuid, aux);
        }
    }
    const struct octrec_pool *pool;
    OCTREC_POOL_FOR_EACH_TRACKED (pool, idl) {
        if (!octrec_pool_is_deleted(pool) && pool->load_balancer) {
            cb(&pool->load_balancer->header_.uuid, aux);
        }
    }
    const struct octrec_member *member;
    OCTREC_MEMBER_FOR_EACH_TRACKED (member, idl) {
        if (!octrec_member_is_deleted(member) && member->pool
            && member->pool->load_balancer) {
            cb(&member->pool->load_balancer->header_.uuid, aux);
        }
    }
}

/* Saving. */

struct save {
    struct ovsdb_idl_txn *txn;
    int64_t now_us;
    bool may_remove;
    bool wrote;
};

static bool
must_remove(const struct save *save, const struct model_base *base)
{
    return save->may_remove && !model_base_is_wanted(base);
}

/* Writes the statuses of 'BASE' into 'ROW', which is an octrec_TYPE, if they
 * differ from what is there. */
#define SAVE_BASE(SAVE, TYPE, ROW, BASE)                                \
    do {                                                                \
        const char *ps = provisioning_status_to_string(                 \
            (BASE)->provisioning_status);                               \
        const char *os = operating_status_to_string(                    \
            (BASE)->operating_status);                                  \
        bool differs = false;                                           \
        if (strcmp(ps, (ROW)->provisioning_status)) {                   \
            octrec_##TYPE##_set_provisioning_status(ROW, ps);           \
            differs = true;                                             \
        }                                                               \
        if (strcmp(os, (ROW)->operating_status)) {                      \
            octrec_##TYPE##_set_operating_status(ROW, os);              \
            differs = true;                                             \
        }                                                               \
        if (differs) {                                                  \
            octrec_##TYPE##_set_updated_at(ROW, &(SAVE)->now_us, 1);    \
            (SAVE)->wrote = true;                                       \
        }                                                               \
    } while (0)

static void
save_member(struct save *save, const struct octrec_pool *pool_row,
            const struct model_member *member)
{
    const struct octrec_member *row = octrec_member_get_for_uuid(
        ovsdb_idl_txn_get_idl(save->txn), &member->base.id);

    if (!row) {
        return;
    }
    if (must_remove(save, &member->base)) {
        octrec_pool_update_members_delvalue(pool_row, row);
        octrec_member_delete(row);
        save->wrote = true;
    } else {
        SAVE_BASE(save, member, row, &member->base);
    }
}

static void
save_pool(struct save *save, const struct octrec_load_balancer *lb_row,
          const struct model_pool *pool)
{
    const struct octrec_pool *row = octrec_pool_get_for_uuid(
        ovsdb_idl_txn_get_idl(save->txn), &pool->base.id);

    if (!row) {
        return;
    }
    if (must_remove(save, &pool->base)) {
        octrec_load_balancer_update_pools_delvalue(lb_row, row);
        octrec_pool_delete(row);
        save->wrote = true;
        return;
    }
    for (size_t i = 0; i < pool->n_members; i++) {
        save_member(save, row, &pool->members[i]);
    }
    SAVE_BASE(save, pool, row, &pool->base);
}

static void
save_listener(struct save *save, const struct octrec_load_balancer *lb_row,
              const struct model_listener *listener)
{
    const struct octrec_listener *row = octrec_listener_get_for_uuid(
        ovsdb_idl_txn_get_idl(save->txn), &listener->base.id);

    if (!row) {
        return;
    }
    if (must_remove(save, &listener->base)) {
        octrec_load_balancer_update_listeners_delvalue(lb_row, row);
        octrec_listener_delete(row);
        save->wrote = true;
    } else {
        SAVE_BASE(save, listener, row, &listener->base);
    }
}

/* The VIP is decided once: what is there stays. */
static void
save_vip(struct save *save, const struct octrec_load_balancer *row,
         const struct model_lb *lb)
{
    if (!row->vip_address && lb->vip_address) {
        octrec_load_balancer_set_vip_address(row, lb->vip_address);
        save->wrote = true;
    }
    if (!row->n_vip_port_id && !uuid_is_zero(&lb->vip_port_id)) {
        octrec_load_balancer_set_vip_port_id(row, &lb->vip_port_id, 1);
        save->wrote = true;
    }
}

static void
save_fault(struct save *save, const struct octrec_load_balancer *row,
           const struct model_lb *lb)
{
    int64_t old_code = row->n_fault_code ? row->fault_code[0] : 0;

    if (old_code != lb->fault_code) {
        octrec_load_balancer_set_fault_code(row, &lb->fault_code,
                                            lb->fault_code != 0);
        save->wrote = true;
    }
    if (strcmp(row->fault_text, lb->fault_text)) {
        octrec_load_balancer_set_fault_text(row, lb->fault_text);
        save->wrote = true;
    }
}

enum store_save_result
store_save_lb(const struct store *store, struct ovsdb_idl_txn *txn,
              const struct model_lb *lb, bool may_remove)
{
    struct save save = {
        .txn = txn,
        .now_us = time_wall_usec(),
        .may_remove = may_remove,
    };
    const struct octrec_load_balancer *row
        = octrec_load_balancer_get_for_uuid(store_idl(store), &lb->base.id);

    if (!row || !uuid_equals(&row->last_request, &lb->last_request)) {
        return STORE_SAVE_STALE;
    }
    if (must_remove(&save, &lb->base)) {
        octrec_load_balancer_verify_last_request(row);
        octrec_load_balancer_delete(row);
        return STORE_SAVE_WRITTEN;
    }

    for (size_t i = 0; i < lb->n_listeners; i++) {
        save_listener(&save, row, &lb->listeners[i]);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        save_pool(&save, row, &lb->pools[i]);
    }
    save_vip(&save, row, lb);
    save_fault(&save, row, lb);
    SAVE_BASE(&save, load_balancer, row, &lb->base);
    if (!save.wrote) {
        return STORE_SAVE_UNCHANGED;
    }
    octrec_load_balancer_verify_last_request(row);
    return STORE_SAVE_WRITTEN;
}
