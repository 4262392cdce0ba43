/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers from plain data to new rows; see import.h.
 */

#include <config.h>
#include "store/import.h"
#include <stdlib.h>
#include <string.h>
#include "base/ovs-compat.h"
#include "model/fields.h"
#include "model/objects.h"
#include "model/value.h"
#include "octavia-idl.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "store/schema.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

#define PROVIDER "ovn"

struct tree_import {
    struct ovsdb_idl_txn *txn;
    const struct model_lb *lb;
    int64_t created_at_us;      /* The next object's: lists are in order of
                                 * creation. */

    /* Rows of 'lb->pools'. */
    struct octrec_pool **pools;
};

/* The octrec_TYPE for 'BASE', with what all kinds of objects have. */
#define IMPORT_BASE(IMPORT, TYPE, ROW, BASE)                            \
    do {                                                                \
        octrec_##TYPE##_set_admin_state_up(ROW, (BASE)->admin_state_up); \
        octrec_##TYPE##_set_provisioning_status(                        \
            ROW, provisioning_status_to_string(                         \
                (BASE)->provisioning_status));                          \
        octrec_##TYPE##_set_operating_status(                           \
            ROW, operating_status_to_string((BASE)->operating_status)); \
        octrec_##TYPE##_set_created_at(ROW,                             \
                                       (IMPORT)->created_at_us++);      \
    } while (0)

/* Writes what an object has if a request says nothing, by the field tables. */
static void
write_fallbacks(const struct ovsdb_idl_row *row, enum resource_id id)
{
    const struct resource *resource = resource_get(id);

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        struct ovsdb_datum datum;

        if (field_is_own_column(field) && field->fallback) {
            const char *name = field_column(field);
            bool ok = value_from_text(field, field->fallback, &datum);

            ovs_assert(ok);
            ovsdb_idl_txn_write(row, schema_column(row->table->class_, name,
                                                   strlen(name)), &datum);
        }
    }
}

static struct octrec_member *
import_member(struct tree_import *import, const struct octrec_pool *pool,
              const struct model_member *member)
{
    struct octrec_member *row
        = octrec_member_insert_persist_uuid(import->txn, &member->base.id);

    write_fallbacks(&row->header_, RESOURCE_MEMBER);
    IMPORT_BASE(import, member, row, &member->base);
    octrec_member_set_pool(row, pool);
    octrec_member_set_address(row, model_member_typed_address(member));
    octrec_member_set_protocol_port(row, member->protocol_port);
    octrec_member_set_weight(row, member->weight);
    octrec_member_set_backup(row, member->backup);
    octrec_member_set_subnet_id(row, &member->subnet_id, member->has_subnet);
    return row;
}

static void
import_members(struct tree_import *import, const struct octrec_pool *row,
               const struct model_pool *pool)
{
    struct octrec_member **rows = xcalloc(pool->n_members, sizeof *rows);

    for (size_t i = 0; i < pool->n_members; i++) {
        rows[i] = import_member(import, row, &pool->members[i]);
    }
    octrec_pool_set_members(row, rows, pool->n_members);
    free(rows);
}

static void
import_monitor(struct tree_import *import, const struct octrec_pool *pool,
               const struct model_monitor *monitor)
{
    const struct octrec_health_monitor *row
        = octrec_health_monitor_insert_persist_uuid(import->txn,
                                                    &monitor->base.id);

    IMPORT_BASE(import, health_monitor, row, &monitor->base);
    octrec_health_monitor_set_pool(row, pool);
    octrec_health_monitor_set_type(row,
                                   monitor_type_to_octavia(monitor->type));
    octrec_health_monitor_set_delay(row, monitor->delay);
    octrec_health_monitor_set_timeout(row, monitor->timeout);
    octrec_health_monitor_set_max_retries(row, monitor->max_retries);
    octrec_health_monitor_set_max_retries_down(row,
                                               monitor->max_retries_down);
    octrec_pool_set_health_monitor(pool, row);
}

static void
import_persistence(const struct octrec_pool *row,
                   const struct model_pool *pool)
{
    struct smap persistence = SMAP_INITIALIZER(&persistence);

    if (pool->has_persistence) {
        smap_add(&persistence, "type", "SOURCE_IP");
        if (pool->persistence_timeout) {
            smap_add(&persistence, "persistence_timeout",
                     pool->persistence_timeout);
        }
    }
    octrec_pool_set_session_persistence(row, &persistence);
    smap_destroy(&persistence);
}

static struct octrec_pool *
import_pool(struct tree_import *import, const struct octrec_load_balancer *lb,
            const struct model_pool *pool)
{
    struct octrec_pool *row
        = octrec_pool_insert_persist_uuid(import->txn, &pool->base.id);

    write_fallbacks(&row->header_, RESOURCE_POOL);
    IMPORT_BASE(import, pool, row, &pool->base);
    octrec_pool_set_load_balancer(row, lb);
    octrec_pool_set_protocol(row, l4_protocol_to_octavia(pool->protocol));
    octrec_pool_set_lb_algorithm(row, pool->is_source_ip ? "SOURCE_IP"
                                 : "SOURCE_IP_PORT");
    import_persistence(row, pool);
    import_members(import, row, pool);
    if (pool->monitor) {
        import_monitor(import, row, pool->monitor);
    }
    return row;
}

static struct octrec_listener *
import_listener(struct tree_import *import,
                const struct octrec_load_balancer *lb,
                const struct model_listener *listener)
{
    struct octrec_listener *row
        = octrec_listener_insert_persist_uuid(import->txn,
                                              &listener->base.id);

    write_fallbacks(&row->header_, RESOURCE_LISTENER);
    IMPORT_BASE(import, listener, row, &listener->base);
    octrec_listener_set_load_balancer(row, lb);
    octrec_listener_set_protocol(row,
                                 l4_protocol_to_octavia(listener->protocol));
    octrec_listener_set_protocol_port(row, listener->protocol_port);
    octrec_listener_set_allowed_cidrs(
        row, strings_as_const(listener->allowed_cidrs),
        listener->n_allowed_cidrs);
    for (size_t i = 0; i < import->lb->n_pools; i++) {
        if (uuid_equals(&import->lb->pools[i].base.id,
                        &listener->default_pool_id)) {
            octrec_listener_set_default_pool(row, import->pools[i]);
        }
    }
    return row;
}

static struct octrec_additional_vip *
import_additional_vip(struct tree_import *import,
                      const struct octrec_load_balancer *lb,
                      const struct model_vip *vip, int64_t position)
{
    struct octrec_additional_vip *row
        = octrec_additional_vip_insert_persist_uuid(import->txn, &vip->row);

    octrec_additional_vip_set_load_balancer(row, lb);
    octrec_additional_vip_set_position(row, position);
    octrec_additional_vip_set_subnet_id(row, vip->subnet_id);
    octrec_additional_vip_set_ip_address(row, vip->address);
    octrec_additional_vip_set_port_id(row, &vip->port_id,
                                      !uuid_is_zero(&vip->port_id));
    octrec_additional_vip_set_network_id(row, &vip->network_id,
                                         !uuid_is_zero(&vip->network_id));
    return row;
}

static void
import_listeners(struct tree_import *import,
                 const struct octrec_load_balancer *row)
{
    size_t n = import->lb->n_listeners;
    struct octrec_listener **rows = xcalloc(n, sizeof *rows);

    for (size_t i = 0; i < n; i++) {
        rows[i] = import_listener(import, row, &import->lb->listeners[i]);
    }
    octrec_load_balancer_set_listeners(row, rows, n);
    free(rows);
}

static void
import_pools(struct tree_import *import,
             const struct octrec_load_balancer *row)
{
    size_t n = import->lb->n_pools;

    import->pools = xcalloc(n, sizeof *import->pools);
    for (size_t i = 0; i < n; i++) {
        import->pools[i] = import_pool(import, row, &import->lb->pools[i]);
    }
    octrec_load_balancer_set_pools(row, import->pools, n);
}

static void
import_first_vip(const struct octrec_load_balancer *row,
                 const struct model_vip *vip)
{
    octrec_load_balancer_set_vip_address(row, vip->address);
    octrec_load_balancer_set_vip_port_id(row, &vip->port_id,
                                         !uuid_is_zero(&vip->port_id));
    octrec_load_balancer_set_vip_subnet_id(row, &vip->subnet_id,
                                           !uuid_is_zero(&vip->subnet_id));
    octrec_load_balancer_set_vip_network_id(row, &vip->network_id,
                                            !uuid_is_zero(&vip->network_id));
}

static void
import_vips(struct tree_import *import, const struct octrec_load_balancer *row)
{
    const struct model_lb *lb = import->lb;
    struct octrec_additional_vip **rows = xcalloc(lb->n_vips, sizeof *rows);

    import_first_vip(row, &lb->vips[0]);
    for (size_t i = 1; i < lb->n_vips; i++) {
        rows[i - 1] = import_additional_vip(import, row, &lb->vips[i], i);
    }
    octrec_load_balancer_set_additional_vips(row, rows, lb->n_vips - 1);
    free(rows);
}

void
store_import_lb(struct ovsdb_idl_txn *txn, const struct model_lb *lb)
{
    struct tree_import import = {
        .txn = txn,
        .lb = lb,
        .created_at_us = time_wall_usec(),
    };
    const struct octrec_load_balancer *row
        = octrec_load_balancer_insert_persist_uuid(txn, &lb->base.id);

    write_fallbacks(&row->header_, RESOURCE_LOAD_BALANCER);
    IMPORT_BASE(&import, load_balancer, row, &lb->base);
    octrec_load_balancer_set_name(row, lb->name);
    octrec_load_balancer_set_project_id(row, lb->project_id);
    octrec_load_balancer_set_provider(row, PROVIDER);
    octrec_load_balancer_set_last_request(row, lb->last_request);
    octrec_load_balancer_set_fault_code(row, &lb->fault_code,
                                        lb->fault_code != 0);
    octrec_load_balancer_set_fault_text(row, lb->fault_text);
    import_vips(&import, row);
    import_pools(&import, row);
    import_listeners(&import, row);
    free(import.pools);
}
