/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes what the driver decided about a load balancer from plain data into
 * rows; see tree.h.
 */

#include <config.h>
#include "store/tree.h"
#include "model/checks.h"
#include "octavia-idl.h"
#include "store/store.h"
#include "store/weak-refs.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

struct save {
    struct ovsdb_idl_txn *txn;
    const struct weak_refs *weak_refs;
    int64_t now_us;
    bool may_remove;
    bool wrote;
};

static bool
must_remove(const struct save *save, const struct model_base *base)
{
    return save->may_remove && !model_base_is_wanted(base);
}

/* Writes the state of 'BASE' into 'ROW', which is an octrec_TYPE, if it
 * differs from what is there.  Takes the row's references along. */
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
        if ((BASE)->deleting != (ROW)->deleting) {                      \
            octrec_##TYPE##_set_deleting(ROW, (BASE)->deleting);        \
            differs = true;                                             \
        }                                                               \
        if (differs) {                                                  \
            octrec_##TYPE##_set_updated_at(ROW, &(SAVE)->now_us, 1);    \
            (SAVE)->wrote = true;                                       \
        }                                                               \
        (SAVE)->wrote |= weak_refs_heal_row((SAVE)->weak_refs,          \
                                            &(ROW)->header_);           \
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
        weak_refs_delete_row(save->weak_refs, &row->header_);
        save->wrote = true;
    } else {
        SAVE_BASE(save, member, row, &member->base);
    }
}

static void
save_monitor(struct save *save, const struct octrec_pool *pool_row,
             const struct model_monitor *monitor)
{
    const struct octrec_health_monitor *row
        = octrec_health_monitor_get_for_uuid(
            ovsdb_idl_txn_get_idl(save->txn), &monitor->base.id);

    if (!row) {
        return;
    }
    if (must_remove(save, &monitor->base)) {
        octrec_pool_set_health_monitor(pool_row, NULL);
        weak_refs_delete_row(save->weak_refs, &row->header_);
        save->wrote = true;
    } else {
        SAVE_BASE(save, health_monitor, row, &monitor->base);
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
        weak_refs_delete_row(save->weak_refs, &row->header_);
        save->wrote = true;
        return;
    }
    for (size_t i = 0; i < pool->n_members; i++) {
        save_member(save, row, &pool->members[i]);
    }
    if (pool->monitor) {
        save_monitor(save, row, pool->monitor);
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
        weak_refs_delete_row(save->weak_refs, &row->header_);
        save->wrote = true;
    } else {
        SAVE_BASE(save, listener, row, &listener->base);
    }
}

/* True if the VIP's port is new in the row.  VIPs are decided once: what is
 * there stays, but for a port that was lost and was made again, for the same
 * address. */
static bool
must_save_port(const struct uuid *row_port, size_t n, const char *row_address,
               const struct model_vip *vip)
{
    return (!uuid_is_zero(&vip->port_id)
            && (!n || (row_address && vip->address
                       && addresses_are_equal(row_address, vip->address)
                       && !uuid_equals(row_port, &vip->port_id))));
}

static void
save_first_vip(struct save *save, const struct octrec_load_balancer *row,
               const struct model_vip *vip)
{
    bool saves_port = must_save_port(row->vip_port_id, row->n_vip_port_id,
                                     row->vip_address, vip);

    if (!row->vip_address && vip->address) {
        octrec_load_balancer_set_vip_address(row, vip->address);
        save->wrote = true;
    }
    if (saves_port) {
        octrec_load_balancer_set_vip_port_id(row, &vip->port_id, 1);
        save->wrote = true;
    }
}

static void
save_additional_vip(struct save *save, const struct model_vip *vip)
{
    const struct octrec_additional_vip *row
        = octrec_additional_vip_get_for_uuid(
            ovsdb_idl_txn_get_idl(save->txn), &vip->row);

    if (!row) {
        return;
    }

    bool saves_port = must_save_port(row->port_id, row->n_port_id,
                                     row->ip_address, vip);

    if (!row->ip_address && vip->address) {
        octrec_additional_vip_set_ip_address(row, vip->address);
        save->wrote = true;
    }
    if (saves_port) {
        octrec_additional_vip_set_port_id(row, &vip->port_id, 1);
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

static void
save_vips(struct save *save, const struct octrec_load_balancer *row,
          const struct model_lb *lb)
{
    save_first_vip(save, row, &lb->vips[0]);
    for (size_t i = 1; i < lb->n_vips; i++) {
        save_additional_vip(save, &lb->vips[i]);
    }
}

/* Returns the row of 'lb', or NULL if it has got another request. */
static const struct octrec_load_balancer *
save_find_row(const struct store *store, const struct model_lb *lb)
{
    const struct octrec_load_balancer *row
        = octrec_load_balancer_get_for_uuid(store_idl(store), &lb->base.id);

    return row && uuid_equals(&row->last_request, &lb->last_request) ? row
                                                                     : NULL;
}

enum store_save_result
store_save_vips(const struct store *store, struct ovsdb_idl_txn *txn,
                const struct model_lb *lb)
{
    struct save save = { .txn = txn };
    const struct octrec_load_balancer *row = save_find_row(store, lb);

    if (!row) {
        return STORE_SAVE_STALE;
    }
    save_vips(&save, row, lb);
    if (!save.wrote) {
        return STORE_SAVE_UNCHANGED;
    }
    octrec_load_balancer_verify_last_request(row);
    return STORE_SAVE_WRITTEN;
}

enum store_save_result
store_save_lb(const struct store *store, struct ovsdb_idl_txn *txn,
              const struct model_lb *lb, bool may_remove)
{
    struct save save = {
        .txn = txn,
        .weak_refs = store_weak_refs(store),
        .now_us = time_wall_usec(),
        .may_remove = may_remove,
    };
    const struct octrec_load_balancer *row = save_find_row(store, lb);

    if (!row) {
        return STORE_SAVE_STALE;
    }
    if (must_remove(&save, &lb->base)) {
        octrec_load_balancer_verify_last_request(row);
        weak_refs_delete_row(save.weak_refs, &row->header_);
        return STORE_SAVE_WRITTEN;
    }

    for (size_t i = 0; i < lb->n_listeners; i++) {
        save_listener(&save, row, &lb->listeners[i]);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        save_pool(&save, row, &lb->pools[i]);
    }
    save_vips(&save, row, lb);
    save_fault(&save, row, lb);
    SAVE_BASE(&save, load_balancer, row, &lb->base);
    if (!save.wrote) {
        return STORE_SAVE_UNCHANGED;
    }
    octrec_load_balancer_verify_last_request(row);
    return STORE_SAVE_WRITTEN;
}
