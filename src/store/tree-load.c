/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers from database rows to plain data, and which of them have
 * changed; see tree.h.
 */

#include <config.h>
#include "store/tree.h"
#include "base/ip.h"
#include "octavia-idl.h"
#include "smap.h"
#include "store/order.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

static struct uuid
uuid_or_zero(const struct uuid *uuids, size_t n)
{
    return n ? uuids[0] : UUID_ZERO;
}

/* All kinds of objects have these columns. */
#define LOAD_BASE(BASE, ROW)                                            \
    do {                                                                \
        (BASE)->id = (ROW)->header_.uuid;                               \
        (BASE)->admin_state_up = (ROW)->admin_state_up;                 \
        (BASE)->deleting = (ROW)->deleting;                             \
        load_statuses(BASE, (ROW)->provisioning_status,                 \
                      (ROW)->operating_status);                         \
    } while (0)

static void
load_statuses(struct model_base *base, const char *provisioning_status,
              const char *operating_status)
{
    /* The schema allows no other words. */
    ovs_assert(provisioning_status_from_string(provisioning_status,
                                               &base->provisioning_status));
    ovs_assert(operating_status_from_string(operating_status,
                                            &base->operating_status));
}

static void
load_member(struct model_member *member, const struct octrec_member *row,
            const struct model_lb *lb)
{
    LOAD_BASE(&member->base, row);
    model_member_set_address(member, row->address);
    member->protocol_port = row->protocol_port;
    member->weight = row->weight;
    member->backup = row->backup;
    member->subnet_id = (row->n_subnet_id ? row->subnet_id[0]
                         : lb->vips[0].subnet_id);
    member->is_unplaced = !row->n_subnet_id;
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

/* A monitor that OVN cannot do counts as none; the API refuses it. */
static struct model_monitor *
load_monitor(const struct octrec_health_monitor *row)
{
    enum monitor_type type;

    if (!row || !monitor_type_from_octavia(row->type, &type)) {
        return NULL;
    }

    struct model_monitor *monitor = xzalloc(sizeof *monitor);
    LOAD_BASE(&monitor->base, row);
    monitor->type = type;
    monitor->delay = row->delay;
    monitor->timeout = row->timeout;
    monitor->max_retries = row->max_retries;
    monitor->max_retries_down = row->max_retries_down;
    return monitor;
}

/* Returns false if OVN has no such protocol, which the API refuses. */
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
    pool->monitor = load_monitor(row->health_monitor);
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
    listener->allowed_cidrs = xcalloc(row->n_allowed_cidrs,
                                      sizeof *listener->allowed_cidrs);
    for (size_t i = 0; i < row->n_allowed_cidrs; i++) {
        listener->allowed_cidrs[listener->n_allowed_cidrs++]
            = xstrdup(row->allowed_cidrs[i]);
    }
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

static void
load_first_vip(struct model_vip *vip, const struct octrec_load_balancer *row)
{
    vip->port_id = uuid_or_zero(row->vip_port_id, row->n_vip_port_id);
    vip->subnet_id = uuid_or_zero(row->vip_subnet_id, row->n_vip_subnet_id);
    vip->network_id = uuid_or_zero(row->vip_network_id,
                                   row->n_vip_network_id);
    model_vip_set_address(vip, row->vip_address);
}

static void
load_additional_vips(struct model_lb *lb,
                     const struct octrec_load_balancer *row)
{
    size_t n = row->n_additional_vips;
    struct octrec_additional_vip **rows = xmemdup(row->additional_vips,
                                                  n * sizeof *rows);

    qsort(rows, n, sizeof *rows, compare_additional_vip);
    for (size_t i = 0; i < n; i++) {
        struct model_vip *vip = model_lb_add_vip(lb);

        vip->row = rows[i]->header_.uuid;
        vip->port_id = uuid_or_zero(rows[i]->port_id, rows[i]->n_port_id);
        vip->subnet_id = rows[i]->subnet_id;
        vip->network_id = uuid_or_zero(rows[i]->network_id,
                                       rows[i]->n_network_id);
        model_vip_set_address(vip, rows[i]->ip_address);
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

    struct model_lb *lb = model_lb_create();
    LOAD_BASE(&lb->base, row);
    lb->name = xstrdup(row->name);
    lb->project_id = xstrdup(row->project_id);
    lb->changed_at_us = (row->n_updated_at ? row->updated_at[0]
                         : row->created_at);
    lb->last_request = row->last_request;
    lb->fault_code = row->n_fault_code ? row->fault_code[0] : 0;
    lb->fault_text = xstrdup(row->fault_text);
    load_first_vip(&lb->vips[0], row);
    load_additional_vips(lb, row);
    load_pools(lb, row);
    load_listeners(lb, row);
    return lb;
}

bool
store_has_lb(const struct store *store, const struct uuid *id)
{
    return octrec_load_balancer_get_for_uuid(store_idl(store), id) != NULL;
}

bool
store_lb_is_pending(const struct store *store, const struct uuid *id,
                    struct uuid *ret_request)
{
    const struct octrec_load_balancer *row
        = octrec_load_balancer_get_for_uuid(store_idl(store), id);
    enum provisioning_status status;

    if (!row || !provisioning_status_from_string(row->provisioning_status,
                                                 &status)
        || !provisioning_status_is_pending(status)) {
        return false;
    }
    *ret_request = row->last_request;
    return true;
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
    const struct octrec_additional_vip *vip;
    OCTREC_ADDITIONAL_VIP_FOR_EACH_TRACKED (vip, idl) {
        if (!octrec_additional_vip_is_deleted(vip) && vip->load_balancer) {
            cb(&vip->load_balancer->header_.uuid, aux);
        }
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
    const struct octrec_health_monitor *monitor;
    OCTREC_HEALTH_MONITOR_FOR_EACH_TRACKED (monitor, idl) {
        if (!octrec_health_monitor_is_deleted(monitor) && monitor->pool
            && monitor->pool->load_balancer) {
            cb(&monitor->pool->load_balancer->header_.uuid, aux);
        }
    }
}
