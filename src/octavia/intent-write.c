/* SPDX-License-Identifier: Apache-2.0
 *
 * An intent into rows: the objects, their states, and what Octavia has to be
 * told of them.  It was looked at before (intent-check.c), so nothing here can
 * fail.
 */

#include <config.h>
#include <stdio.h>
#include "base/name-uuid.h"
#include "base/ovs-compat.h"
#include "octavia/intent-private.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "store/reports.h"
#include "store/rows.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

struct writer {
    struct intent *intent;
    struct ovsdb_idl_txn *txn;
    int64_t now_us;
};

/* Derived, so that a repeated call meets its own rows. */
static struct uuid
vip_row_id(const struct uuid *lb_id, size_t position)
{
    char *name = xasprintf("additional-vip-%"PRIuSIZE, position);
    struct uuid id = name_uuid(lb_id, name);

    free(name);
    return id;
}

static void
write_vip_uuid(const struct ovsdb_idl_row *row, enum row_column column,
               const struct json *vip, const char *name)
{
    struct uuid id;

    if (body_uuid(vip, name, &id)) {
        row_write_uuid(row, column, &id);
    }
}

static void
write_vip(const struct writer *w, const struct ovsdb_idl_row *lb,
          const struct json *vip, size_t position)
{
    struct uuid id = vip_row_id(row_id(lb), position);
    const struct ovsdb_idl_row *row = rows_find(w->intent->rows,
                                                RESOURCE_ADDITIONAL_VIP, &id);
    const struct json *ip = body_get(vip, "ip_address");
    const struct uuid *network_id = row_uuid(lb, COL_vip_network_id);

    if (!row) {
        row = rows_insert(w->txn, RESOURCE_ADDITIONAL_VIP, &id);
        row_write_integer(row, COL_position, position);
        row_write_uuid(row, COL_load_balancer, row_id(lb));
        row_add_ref(lb, COL_additional_vips, &id);
    }
    write_vip_uuid(row, COL_subnet_id, vip, "subnet_id");
    if (!row_uuid(row, COL_port_id)) {
        /* A port that was lost is made again, with another id. */
        write_vip_uuid(row, COL_port_id, vip, "port_id");
    }
    if (network_id) {
        row_write_uuid(row, COL_network_id, network_id);
    }
    write_vip_uuid(row, COL_network_id, vip, "network_id");
    if (ip && ip->type == JSON_STRING) {
        row_write_string(row, COL_ip_address, json_string(ip));
    }
}

static void
write_vips(const struct writer *w, const struct change *change,
           const struct ovsdb_idl_row *lb)
{
    const struct json *vips = body_get(change->object, "additional_vips");

    for (size_t i = 0; vips && vips->type == JSON_ARRAY
                       && i < json_array_size(vips); i++) {
        write_vip(w, lb, json_array_at(vips, i), i + 1);
    }
}

/* Links a new row with its parents. */
static void
attach_to_parent(const struct change *change, const struct family *family)
{
    const struct ovsdb_idl_row *self = family->self;

    switch (change->resource) {
    case RESOURCE_LOAD_BALANCER:
        row_write_string(self, COL_provider, "ovn");
        break;
    case RESOURCE_LISTENER:
        row_write_uuid(self, COL_load_balancer, row_id(family->lb));
        row_add_ref(family->lb, COL_listeners, &change->id);
        break;
    case RESOURCE_POOL:
        row_write_uuid(self, COL_load_balancer, row_id(family->lb));
        row_add_ref(family->lb, COL_pools, &change->id);
        break;
    case RESOURCE_MEMBER:
        if (!row_uuid(family->pool, COL_health_monitor)) {
            row_write_string(self, COL_operating_status, "NO_MONITOR");
        }
        row_write_uuid(self, COL_pool, row_id(family->pool));
        row_add_ref(family->pool, COL_members, &change->id);
        break;
    case RESOURCE_HEALTH_MONITOR:
        row_write_uuid(self, COL_pool, row_id(family->pool));
        row_write_uuid(family->pool, COL_health_monitor, &change->id);
        break;
    case RESOURCE_ADDITIONAL_VIP:
    case N_RESOURCES:
    default:
        OVS_NOT_REACHED();
    }
}

static void
insert_object(const struct writer *w, const struct change *change,
              struct family *family)
{
    family->self = rows_insert(w->txn, change->resource, &change->id);
    if (change->resource == RESOURCE_LOAD_BALANCER) {
        family->lb = family->self;
    }
    row_write_attrs(family->self, change->attrs);
    row_write_integer(family->self, COL_created_at, w->now_us);
    row_write_string(family->self, COL_operating_status, "OFFLINE");
    attach_to_parent(change, family);
}

/* Takes back the deletion of an object that Octavia still has. */
static void
revive_object(const struct writer *w, const struct change *change,
              const struct family *family)
{
    if (intent_row_is_going(family->self)) {
        row_write_bool(family->self, COL_deleting, false);
        report_forget_deletion(w->intent->store, w->txn, row_id(family->lb),
                               &change->id);
    }
}

static void
write_lb(const struct writer *w, const struct change *change,
         const struct ovsdb_idl_row *lb)
{
    if (change->action == INTENT_CREATE) {
        write_vips(w, change, lb);
        report_set_reserved(w->intent->store, w->txn, row_id(lb),
                            w->intent->is_reservation ? w->now_us : 0);
    }
}

/* To create what is there is to update it. */
static void
write_object(const struct writer *w, const struct change *change,
             struct family *family)
{
    enum write_action action = WRITE_CREATE;

    if (!family->self) {
        insert_object(w, change, family);
    } else {
        revive_object(w, change, family);
        row_write_given_attrs(family->self, change->attrs);
        row_write_integer(family->self, COL_updated_at, w->now_us);
        if (!row_is(family->self, COL_provisioning_status,
                    "PENDING_CREATE")) {
            action = WRITE_UPDATE;
        }
    }
    if (change->resource == RESOURCE_LOAD_BALANCER) {
        write_lb(w, change, family->lb);
    }
    if (family->listener) {
        row_write_uuid(family->listener, COL_default_pool, &change->id);
    }
    lock_set(change->resource, action, family, &w->intent->request_id,
             w->now_us);
}

/* Deleting. */

static void
expect_deletion(const struct writer *w, enum resource_id resource,
                const struct uuid *id)
{
    if (!w->intent->is_silent) {
        report_expect_deletion(w->intent->store, w->txn, &w->intent->lb_id,
                               resource, id);
    }
}

static void
expect_deletions(const struct writer *w, const struct ovsdb_idl_row *parent,
                 enum row_column column, enum resource_id resource)
{
    const struct ovsdb_datum *ids = row_get(parent, column);

    for (size_t i = 0; i < ids->n; i++) {
        expect_deletion(w, resource, &ids->keys[i].uuid);
    }
}

static void
expect_pool_deletion(const struct writer *w, const struct ovsdb_idl_row *pool)
{
    expect_deletions(w, pool, COL_members, RESOURCE_MEMBER);
    expect_deletions(w, pool, COL_health_monitor, RESOURCE_HEALTH_MONITOR);
}

/* All that goes with 'self'. */
static void
expect_deletions_below(const struct writer *w, const struct change *change,
                       const struct ovsdb_idl_row *self)
{
    if (change->resource == RESOURCE_POOL) {
        expect_pool_deletion(w, self);
    } else if (change->resource == RESOURCE_LOAD_BALANCER) {
        size_t n = row_get(self, COL_pools)->n;

        expect_deletions(w, self, COL_listeners, RESOURCE_LISTENER);
        expect_deletions(w, self, COL_pools, RESOURCE_POOL);
        for (size_t i = 0; i < n; i++) {
            const struct ovsdb_idl_row *pool = row_ref(self, COL_pools, i);

            if (pool) {
                expect_pool_deletion(w, pool);
            }
        }
    }
}

/* Locks the parents even if the object is gone: Octavia keeps them PENDING
 * until the deletion is reported. */
static void
delete_object(const struct writer *w, const struct change *change,
              const struct family *family)
{
    if (family->self) {
        expect_deletions_below(w, change, family->self);
    }
    expect_deletion(w, change->resource, &change->id);
    if (w->intent->is_silent && change->resource == RESOURCE_LOAD_BALANCER) {
        report_remove(w->intent->store, w->txn, &change->id);
    }
    if (family->lb && (family->pool || change->resource == RESOURCE_LISTENER
                       || change->resource == RESOURCE_POOL
                       || change->resource == RESOURCE_LOAD_BALANCER)) {
        lock_set(change->resource, WRITE_DELETE, family,
                 &w->intent->request_id, w->now_us);
    }
}

/* Deletes the members that the batch does not name: it replaces all members of
 * the pool. */
static void
delete_the_others(const struct writer *w, const struct ovsdb_idl_row *pool)
{
    size_t n = row_get(pool, COL_members)->n;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *member = row_ref(pool, COL_members, i);

        if (member && !intent_keeps_member(w->intent, row_id(member))) {
            const struct change change = {
                .action = INTENT_DELETE,
                .resource = RESOURCE_MEMBER,
                .id = *row_id(member),
                .parent = w->intent->batch_pool,
            };
            struct family family = intent_family(w->intent, &change);

            delete_object(w, &change, &family);
        }
    }
}

/* The pool is PENDING in Octavia even if there is nothing to do. */
static void
write_batch(const struct writer *w)
{
    struct family family = {
        .pool = rows_find(w->intent->rows, RESOURCE_POOL,
                          &w->intent->batch_pool),
    };

    family.lb = row_ref(family.pool, COL_load_balancer, 0);
    if (family.lb) {
        w->intent->lb_id = *row_id(family.lb);
        if (!intent_row_is_going(family.lb)) {
            lock_set(RESOURCE_MEMBER, WRITE_UPDATE, &family,
                     &w->intent->request_id, w->now_us);
            delete_the_others(w, family.pool);
        }
    }
}

/* Finds the load balancer that the intent is about, now that every row can be
 * found. */
static void
note_lb(struct intent *intent, const struct change *change,
        const struct family *family)
{
    if (family->lb) {
        intent->lb_id = *row_id(family->lb);
    } else if (change->resource == RESOURCE_LOAD_BALANCER) {
        intent->lb_id = change->id;
    } else if (change->resource == RESOURCE_LISTENER
               || change->resource == RESOURCE_POOL) {
        intent->lb_id = change->parent;
    }
}

static void
write_change(const struct writer *w, const struct change *change)
{
    struct family family = intent_family(w->intent, change);

    note_lb(w->intent, change, &family);
    if (family.lb && family.lb != family.self
        && intent_row_is_going(family.lb)) {
        return;                 /* With all below it. */
    }
    if (change->action == INTENT_DELETE) {
        delete_object(w, change, &family);
    } else {
        write_object(w, change, &family);
    }
}

void
intent_write(struct intent *intent, struct ovsdb_idl_txn *txn)
{
    const struct writer w = {
        .intent = intent,
        .txn = txn,
        .now_us = time_wall_usec(),
    };

    for (size_t i = 0; i < intent->n_changes; i++) {
        write_change(&w, &intent->changes[i]);
    }
    if (intent->is_batch) {
        write_batch(&w);
    }
    if (!intent->is_silent && !uuid_is_zero(&intent->lb_id)) {
        report_owe(intent->store, txn, &intent->lb_id);
    }
}
