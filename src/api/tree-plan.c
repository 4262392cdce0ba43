/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans of trees; see tree-plan.h.
 *
 * An attribute that the document does not have is to have its default: a
 * document says all, and means the same whatever was there before.
 */

#include <config.h>
#include "api/tree-plan.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "api/graph.h"
#include "api/request.h"
#include "api/write.h"
#include "base/ip.h"
#include "base/name-uuid.h"
#include "model/checks.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

static bool
tree_field_is_settable(const struct field *field)
{
    return (field->flags & FIELD_PUT && field_is_own_column(field)
            && !field_has_objects(field)
            && strcmp(field->name, "default_pool_id"));
}

/* True if the document has another value. */
static bool
tree_field_differs(const struct tree_object *object, size_t i)
{
    const struct field *field = &object->attrs->resource->fields[i];

    return !row_has_value(field, &object->attrs->attr[i].datum, object->row);
}

bool
tree_object_changes(const struct tree_object *object, size_t i)
{
    return (tree_field_is_settable(&object->attrs->resource->fields[i])
            && tree_field_differs(object, i));
}

static bool
tree_object_differs(const struct tree_object *object)
{
    const struct resource *resource = object->attrs->resource;

    for (size_t i = 0; i < resource->n_fields; i++) {
        if (tree_object_changes(object, i)) {
            return true;
        }
    }
    return false;
}

/* Refuses a value that only a new object could have. */
static bool
tree_check_fixed(struct request *request, const struct tree_object *object)
{
    const struct resource *resource = object->attrs->resource;

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        const struct attr *attr = &object->attrs->attr[i];

        if (attr->is_given && (attr->datum.n || attr->n_items)
            && !(field->flags & FIELD_PUT)
            && (field->nested == RESOURCE_ADDITIONAL_VIP
                || (field_is_own_column(field) && !field_has_objects(field)
                    && tree_field_differs(object, i)))) {
            return fault_set_format(&request->fault, FAULT_VALIDATION,
                                    "%s of %s "UUID_FMT" cannot be changed.",
                                    field->name, resource->title,
                                    UUID_ARGS(row_id(object->row)));
        }
    }
    return true;
}

/* Refuses to plan with what is being deleted. */
static bool
tree_check_deleting(struct request *request, enum resource_id resource,
                    const struct ovsdb_idl_row *row)
{
    return (!row_bool(row, COL_deleting)
            || fault_set_id(&request->fault, FAULT_IMMUTABLE,
                            resource_get(resource)->title, row_id(row)));
}

/* Looks at an object that has 'row', 'attrs', or both. */
static bool
tree_plan_object(struct request *request, struct tree_plan *plan,
                 struct tree_object *object)
{
    if (object->attrs && object->row) {
        object->is_changed = tree_object_differs(object);
        if (!tree_check_fixed(request, object)) {
            return false;
        }
    }
    if (object->row) {
        object->id = *row_id(object->row);
    }
    plan->n_changes += (!object->row || !object->attrs || object->is_changed);
    return true;
}

/* Returns the id of a new object, the same one in each attempt. */
static struct uuid
tree_new_id(const struct request *request, const char *kind, size_t i)
{
    char *name = xasprintf("tree-%s-%"PRIuSIZE, kind, i);
    struct uuid id = name_uuid(&request->id, name);

    free(name);
    return id;
}

/* --- Members ------------------------------------------------------------- */

static char *
tree_member_key(const char *address, int64_t port)
{
    struct in6_addr ip = ip_parse_or_unset(address);
    char *text = ip_format_any(&ip);
    char *key = xasprintf("%s %"PRId64, text, port);

    free(text);
    return key;
}

static bool
tree_collect_members(struct request *request, const struct ovsdb_idl_row *pool,
                     struct shash *rows)
{
    size_t n = pool ? row_get(pool, COL_members)->n : 0;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *row = row_ref(pool, COL_members, i);

        if (row) {
            if (!tree_check_deleting(request, RESOURCE_MEMBER, row)) {
                return false;
            }
            shash_add_nocopy(rows,
                             tree_member_key(row_string(row, COL_address),
                                             row_integer(row,
                                                         COL_protocol_port)),
                             row);
        }
    }
    return true;
}

/* 'first' is the index of the pool's first member in the graph. */
static bool
tree_plan_members(struct request *request, struct tree_plan *plan,
                  struct tree_pool *pool, const struct graph_pool *from,
                  size_t first)
{
    struct shash rows = SHASH_INITIALIZER(&rows);
    const struct shash_node *left;
    bool ok = tree_collect_members(request, pool->self.row, &rows);

    pool->members = xcalloc(from->n_members + shash_count(&rows),
                            sizeof *pool->members);
    for (size_t i = 0; ok && i < from->n_members; i++) {
        struct tree_object *member = &pool->members[pool->n_members++];
        char *key = tree_member_key(
            attrs_string(from->members[i], "address"),
            attrs_integer(from->members[i], "protocol_port"));

        member->attrs = from->members[i];
        member->row = shash_find_and_delete(&rows, key);
        member->id = tree_new_id(request, "member", first + i);
        free(key);
        ok = tree_plan_object(request, plan, member);
    }
    SHASH_FOR_EACH (left, &rows) {
        if (ok && !request->query.keep) {
            struct tree_object *member = &pool->members[pool->n_members++];

            member->row = left->data;
            ok = tree_plan_object(request, plan, member);
        }
    }
    shash_destroy(&rows);
    return ok;
}

/* --- Pools and listeners ------------------------------------------------- */

/* True if the plan has the row already. */
static bool
tree_pools_have(const struct tree_plan *plan, const struct ovsdb_idl_row *row)
{
    for (size_t i = 0; i < plan->n_pools; i++) {
        if (plan->pools[i].self.row == row) {
            return true;
        }
    }
    return false;
}

static const struct ovsdb_idl_row *
tree_find_pool(const struct tree_plan *plan, const struct ovsdb_idl_row *lb,
               const struct attrs *attrs)
{
    const struct ovsdb_idl_row *found = NULL;
    size_t n = row_get(lb, COL_pools)->n;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *row = row_ref(lb, COL_pools, i);

        if (row && row_is(row, COL_name, attrs_string(attrs, "name"))
            && row_is(row, COL_protocol, attrs_string(attrs, "protocol"))
            && (!found || row_compare(row, found) < 0)
            && !tree_pools_have(plan, row)) {
            found = row;
        }
    }
    return found;
}

static bool
tree_plan_monitor(struct request *request, struct tree_plan *plan,
                  struct tree_pool *pool, const struct attrs *attrs, size_t i)
{
    struct tree_object *monitor = &pool->monitor;

    monitor->attrs = attrs;
    monitor->row = (pool->self.row
                    ? row_ref(pool->self.row, COL_health_monitor, 0) : NULL);
    if (monitor->row
        && !tree_check_deleting(request, RESOURCE_HEALTH_MONITOR,
                                monitor->row)) {
        return false;
    }
    if (!attrs && request->query.keep) {
        monitor->row = NULL;
    }
    if (!monitor->attrs && !monitor->row) {
        return true;
    }
    monitor->id = tree_new_id(request, "healthmonitor", i);
    return tree_plan_object(request, plan, monitor);
}

static bool
tree_plan_pools(struct request *request, struct tree_plan *plan,
                const struct ovsdb_idl_row *lb)
{
    const struct graph *graph = request->write->graph;
    size_t n = row_get(lb, COL_pools)->n;
    size_t n_members = 0;

    plan->pools = xcalloc(graph->n_pools + n, sizeof *plan->pools);
    for (size_t i = 0; i < graph->n_pools; i++) {
        const struct graph_pool *from = &graph->pools[i];
        const struct ovsdb_idl_row *row = tree_find_pool(plan, lb,
                                                         from->attrs);
        struct tree_pool *pool = &plan->pools[plan->n_pools++];

        pool->self.attrs = from->attrs;
        pool->self.row = row;
        pool->self.id = tree_new_id(request, "pool", i);
        if (!tree_plan_object(request, plan, &pool->self)
            || !tree_plan_monitor(request, plan, pool, from->monitor, i)
            || !tree_plan_members(request, plan, pool, from, n_members)) {
            return false;
        }
        n_members += from->n_members;
    }
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *row = row_ref(lb, COL_pools, i);

        if (row && !tree_check_deleting(request, RESOURCE_POOL, row)) {
            return false;
        }
        if (row && !request->query.keep && !tree_pools_have(plan, row)) {
            struct tree_pool *pool = &plan->pools[plan->n_pools++];

            pool->self.row = row;
            tree_plan_object(request, plan, &pool->self);
        }
    }
    return true;
}

static const struct ovsdb_idl_row *
tree_find_listener(const struct ovsdb_idl_row *lb, const struct attrs *attrs)
{
    size_t n = row_get(lb, COL_listeners)->n;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *row = row_ref(lb, COL_listeners, i);

        if (row && row_is(row, COL_protocol, attrs_string(attrs, "protocol"))
            && row_integer(row, COL_protocol_port)
               == attrs_integer(attrs, "protocol_port")) {
            return row;
        }
    }
    return NULL;
}

static bool
tree_listeners_have(const struct tree_plan *plan,
                    const struct ovsdb_idl_row *row)
{
    for (size_t i = 0; i < plan->n_listeners; i++) {
        if (plan->listeners[i].self.row == row) {
            return true;
        }
    }
    return false;
}

/* True if the listener of a row is to have another pool. */
static bool
tree_listener_moves(const struct tree_plan *plan,
                    const struct tree_listener *listener)
{
    const struct uuid *now = row_uuid(listener->self.row, COL_default_pool);
    const struct uuid *wanted = (listener->pool == NO_POOL ? NULL
                                 : &plan->pools[listener->pool].self.id);

    return now && wanted ? !uuid_equals(now, wanted) : now != wanted;
}

static bool
tree_plan_listeners(struct request *request, struct tree_plan *plan,
                    const struct ovsdb_idl_row *lb)
{
    const struct graph *graph = request->write->graph;
    size_t n = row_get(lb, COL_listeners)->n;

    plan->listeners = xcalloc(graph->n_listeners + n,
                              sizeof *plan->listeners);
    for (size_t i = 0; i < graph->n_listeners; i++) {
        const struct graph_listener *from = &graph->listeners[i];
        struct tree_listener *listener
            = &plan->listeners[plan->n_listeners++];

        *listener = (struct tree_listener) {
            .self.attrs = from->attrs,
            .self.row = tree_find_listener(lb, from->attrs),
            .self.id = tree_new_id(request, "listener", i),
            .pool = from->pool,
        };
        if (!tree_plan_object(request, plan, &listener->self)) {
            return false;
        }
        if (listener->self.row && !listener->self.is_changed
            && tree_listener_moves(plan, listener)) {
            listener->self.is_changed = true;
            plan->n_changes++;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *row = row_ref(lb, COL_listeners, i);

        if (row && !tree_check_deleting(request, RESOURCE_LISTENER, row)) {
            return false;
        }
        if (row && !request->query.keep && !tree_listeners_have(plan, row)) {
            struct tree_listener *listener
                = &plan->listeners[plan->n_listeners++];

            listener->self.row = row;
            listener->pool = NO_POOL;
            tree_plan_object(request, plan, &listener->self);
        }
    }
    return true;
}

struct tree_plan *
tree_plan_create(struct request *request, const struct family *family)
{
    struct tree_plan *plan = xzalloc(sizeof *plan);

    plan->lb.attrs = request->attrs;
    plan->lb.row = family->lb;
    if (!tree_plan_object(request, plan, &plan->lb)
        || !tree_plan_pools(request, plan, family->lb)
        || !tree_plan_listeners(request, plan, family->lb)) {
        tree_plan_destroy(plan);
        return NULL;
    }
    return plan;
}

void
tree_plan_destroy(struct tree_plan *plan)
{
    if (plan) {
        for (size_t i = 0; i < plan->n_pools; i++) {
            free(plan->pools[i].members);
        }
        free(plan->pools);
        free(plan->listeners);
        free(plan);
    }
}

/* --- Looking at a plan --------------------------------------------------- */

static void
tree_visit(const struct tree_object *object,
           void (*cb)(const struct tree_object *, void *aux), void *aux)
{
    if ((object->row || object->attrs)
        && (!object->row || !object->attrs || object->is_changed)) {
        cb(object, aux);
    }
}

void
tree_plan_for_each(const struct tree_plan *plan,
                   void (*cb)(const struct tree_object *, void *aux),
                   void *aux)
{
    tree_visit(&plan->lb, cb, aux);
    for (size_t i = 0; i < plan->n_pools; i++) {
        const struct tree_pool *pool = &plan->pools[i];

        tree_visit(&pool->self, cb, aux);
        tree_visit(&pool->monitor, cb, aux);
        for (size_t j = 0; j < pool->n_members; j++) {
            tree_visit(&pool->members[j], cb, aux);
        }
    }
    for (size_t i = 0; i < plan->n_listeners; i++) {
        tree_visit(&plan->listeners[i].self, cb, aux);
    }
}
