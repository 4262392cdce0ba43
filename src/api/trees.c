/* SPDX-License-Identifier: Apache-2.0
 *
 * A PUT of a load balancer with all its parts: afterwards it is what the
 * document says, or, if something is refused, what it was.  The body is that
 * of a POST of a load balancer (graph.h), and means the same.
 *
 * It is a write as any other (write.h): it looks in the transaction, computes
 * what is different (tree-plan.h), and writes that.  A document that says what
 * is there writes nothing.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "api/authorise.h"
#include "api/graph.h"
#include "api/handlers.h"
#include "api/listeners.h"
#include "api/member-places.h"
#include "api/members.h"
#include "api/pools.h"
#include "api/quota-charge.h"
#include "api/request.h"
#include "api/show.h"
#include "api/tree-plan.h"
#include "api/tree-show.h"
#include "api/write.h"
#include "model/checks.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "store/vip-rows.h"
#include "util.h"

static bool
trees_check_body(struct request *request)
{
    graph_destroy(request->write->graph);
    request->write->graph = graph_create(request);
    return request->write->graph;
}

/* Looks for the members' subnets. */
static enum prepare_result
trees_prepare(struct request *request)
{
    const struct graph *graph = request->write->graph;
    const struct ovsdb_idl_row *lb;
    enum prepare_result result;

    if (!graph->n_members) {
        return PREPARE_READY;
    }
    result = write_await_net(request);
    if (result != PREPARE_READY) {
        return result;
    }
    lb = show_find(request);
    return (lb ? member_places_find_below(request, lb, graph->members,
                                          graph->n_members)
            : PREPARE_REFUSED);
}

static bool
trees_find(struct request *request, struct family *family)
{
    family->lb = family->self = show_find(request);
    return family->lb;
}

/* --- Checks -------------------------------------------------------------- */

/* The policies of the calls that would do the same one by one. */
static const char *const tree_policies[N_RESOURCES][3] = {
    [RESOURCE_LISTENER] = { "listener:post", "listener:put",
                            "listener:delete" },
    [RESOURCE_POOL] = { "pool:post", "pool:put", "pool:delete" },
    [RESOURCE_MEMBER] = { "member:post", "member:put", "member:delete" },
    [RESOURCE_HEALTH_MONITOR] = { "healthmonitor:post", "healthmonitor:put",
                                  "healthmonitor:delete" },
};

/* What a plan does, by kind: objects to create, change and delete. */
struct tree_counts {
    size_t n[N_RESOURCES][3];
};

static void
trees_count_object(const struct tree_object *object, void *counts_)
{
    struct tree_counts *counts = counts_;
    enum resource_id resource = (object->attrs ? object->attrs->resource
                                 : row_get_resource(object->row))->id;

    counts->n[resource][!object->row ? 0 : object->attrs ? 1 : 2]++;
}

/* Asks the policies of what the plan does, and counts it against the quota.
 * The members of a pool that goes are not in the plan. */
static bool
trees_check_rights(struct request *request, const struct family *family,
                   const struct tree_plan *plan)
{
    struct tree_counts counts = { .n = { { 0 } } };

    tree_plan_for_each(plan, trees_count_object, &counts);
    for (size_t i = 0; i < N_RESOURCES; i++) {
        for (size_t j = 0; j < 3; j++) {
            if (counts.n[i][j] && tree_policies[i][j]
                && !authorise_row_for(request, tree_policies[i][j],
                                      family->lb)) {
                return false;
            }
        }
        if (i != RESOURCE_LOAD_BALANCER
            && !quota_charge(request, family, i,
                             (int64_t) counts.n[i][0]
                             - (int64_t) counts.n[i][2])) {
            return false;
        }
    }
    return true;
}

static bool
trees_check_pool(struct request *request, const struct tree_pool *pool,
                 const struct ovsdb_idl_row *lb, size_t *n_members)
{
    const struct tree_object *monitor = &pool->monitor;

    if (!pool->self.attrs) {
        return true;
    }
    if (!write_is_supported_alone(request, pool->self.attrs, pool->self.row)) {
        return false;
    }
    if (monitor->attrs
        && !(write_is_supported_alone(request, monitor->attrs, monitor->row)
             && check_monitor_protocol(attrs_string(monitor->attrs, "type"),
                                       attrs_string(pool->self.attrs,
                                                    "protocol"),
                                       &request->fault))) {
        return false;
    }
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct tree_object *member = &pool->members[i];

        if (member->attrs
            && ((!member->row
                 && !member_place_check(request, member->attrs, *n_members,
                                        lb))
                || !write_is_supported_alone(request, member->attrs,
                                             member->row))) {
            return false;
        }
        *n_members += member->attrs != NULL;
    }
    return true;
}

static bool
trees_check_objects(struct request *request, const struct tree_plan *plan,
                    const struct ovsdb_idl_row *lb)
{
    size_t n_members = 0;

    for (size_t i = 0; i < plan->n_pools; i++) {
        if (!trees_check_pool(request, &plan->pools[i], lb, &n_members)) {
            return false;
        }
    }
    for (size_t i = 0; i < plan->n_listeners; i++) {
        const struct tree_object *listener = &plan->listeners[i].self;

        if (listener->attrs
            && !(listener_check_cidrs(request, listener->attrs, lb)
                 && write_is_supported_alone(request, listener->attrs,
                                             listener->row))) {
            return false;
        }
    }
    return write_is_supported_alone(request, plan->lb.attrs, lb);
}

static bool
trees_check(struct request *request, const struct family *family)
{
    struct write *write = request->write;

    tree_plan_destroy(write->tree_plan);
    write->tree_plan = tree_plan_create(request, family);
    if (!write->tree_plan
        || !trees_check_rights(request, family, write->tree_plan)
        || !trees_check_objects(request, write->tree_plan, family->lb)) {
        return false;
    }
    write->is_idle = (!write->tree_plan->n_changes
                      || request->query.is_dry_run);
    return true;
}

/* --- Rows ---------------------------------------------------------------- */

struct tree_writing {
    struct ovsdb_idl_txn *txn;
    const struct ovsdb_idl_row *lb;
    int64_t now_us;
    int64_t created_at_us;      /* Of the next new object. */
};

/* Makes an object what it is to be, but for references to others.  Returns its
 * row, NULL if it is deleted. */
static const struct ovsdb_idl_row *
trees_write_object(struct tree_writing *writing,
                   const struct tree_object *object)
{
    const struct ovsdb_idl_row *row = object->row;

    if (!row) {
        row = write_insert_row(writing->txn, &object->id, object->attrs,
                               writing->created_at_us);
        lock_set_object(row, WRITE_CREATE, writing->created_at_us++);
    } else if (!object->attrs) {
        lock_set_object(row, WRITE_DELETE, writing->now_us);
        return NULL;
    } else if (object->is_changed) {
        row_write_whole_attrs(row, object->attrs);
        lock_set_object(row, WRITE_UPDATE, writing->now_us);
    }
    return row;
}

static bool
trees_object_is_touched(const struct tree_object *object)
{
    return ((object->row || object->attrs)
            && (!object->row || !object->attrs || object->is_changed));
}

/* Writes the monitor first: members have their first state by it. */
static bool
trees_write_parts(struct tree_writing *writing, const struct tree_pool *pool,
                  const struct ovsdb_idl_row *row)
{
    const struct tree_object *monitor = &pool->monitor;
    bool is_touched = trees_object_is_touched(monitor);

    if (is_touched) {
        const struct ovsdb_idl_row *written = trees_write_object(writing,
                                                                 monitor);

        if (!monitor->row) {
            row_write_uuid(written, COL_pool, row_id(row));
            row_write_uuid(row, COL_health_monitor, row_id(written));
        }
    }
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct tree_object *member = &pool->members[i];

        if (trees_object_is_touched(member)) {
            const struct ovsdb_idl_row *written
                = trees_write_object(writing, member);

            is_touched = true;
            if (!member->row) {
                member_attach(written, row);
            }
        }
    }
    return is_touched;
}

static void
trees_write_pool(struct tree_writing *writing, const struct tree_pool *pool)
{
    const struct ovsdb_idl_row *row = trees_write_object(writing,
                                                         &pool->self);

    if (!row) {
        return;
    }
    if (!pool->self.row) {
        row_write_uuid(row, COL_load_balancer, row_id(writing->lb));
        row_add_ref(writing->lb, COL_pools, row_id(row));
    }
    if (trees_write_parts(writing, pool, row) && pool->self.row) {
        lock_set_object(row, WRITE_UPDATE, writing->now_us);
    }
}

static void
trees_write_listener(struct tree_writing *writing,
                     const struct tree_plan *plan,
                     const struct tree_listener *listener)
{
    const struct ovsdb_idl_row *row;

    if (!trees_object_is_touched(&listener->self)) {
        return;
    }
    row = trees_write_object(writing, &listener->self);
    if (!row) {
        return;
    }
    if (!listener->self.row) {
        row_write_uuid(row, COL_load_balancer, row_id(writing->lb));
        row_add_ref(writing->lb, COL_listeners, row_id(row));
    }
    row_write_uuids(row, COL_default_pool,
                    (listener->pool == NO_POOL ? NULL
                     : &plan->pools[listener->pool].self.id),
                    listener->pool != NO_POOL);
}

static void
trees_write(struct request *request, struct ovsdb_idl_txn *txn,
            const struct family *family)
{
    const struct tree_plan *plan = request->write->tree_plan;
    struct tree_writing writing = {
        .txn = txn,
        .lb = family->lb,
        .now_us = write_now_us(),
    };

    writing.created_at_us = writing.now_us;
    if (plan->lb.is_changed) {
        row_write_whole_attrs(family->lb, plan->lb.attrs);
    }
    lock_set(RESOURCE_LOAD_BALANCER, WRITE_UPDATE, family, &request->id,
             writing.now_us);
    for (size_t i = 0; i < plan->n_pools; i++) {
        trees_write_pool(&writing, &plan->pools[i]);
    }
    for (size_t i = 0; i < plan->n_listeners; i++) {
        trees_write_listener(&writing, plan, &plan->listeners[i]);
    }
}

/* --- The end ------------------------------------------------------------- */

static void
trees_reply(struct request *request)
{
    if (request->query.is_dry_run) {
        tree_reply_plan(request, request->write->tree_plan);
    } else {
        tree_reply(request);
    }
}

static void
trees_log_object(const struct tree_object *object, void *aux OVS_UNUSED)
{
    if (object->attrs
        && object->attrs->resource->id == RESOURCE_POOL
        && !strcmp(attrs_string(object->attrs, "lb_algorithm"),
                   "ROUND_ROBIN")) {
        pool_log_round_robin(&object->id);
    }
}

/* Rows of the plan are not looked at: they were those of the transaction. */
static void
trees_log(const struct request *request)
{
    const struct write *write = request->write;

    if (!write->is_idle && write->tree_plan) {
        tree_plan_for_each(write->tree_plan, trees_log_object, NULL);
    }
}

static void
trees_forget(struct write *write)
{
    graph_destroy(write->graph);
    tree_plan_destroy(write->tree_plan);
    member_places_forget(write);
}

const struct write_rules tree_rules = {
    .check_body = trees_check_body,
    .prepare = trees_prepare,
    .find = trees_find,
    .tag = tree_tag,
    .check = trees_check,
    .write = trees_write,
    .log = trees_log,
    .reply = trees_reply,
    .forget = trees_forget,
};

void
handle_tree_write(struct request *request)
{
    handle_write(request);
}
