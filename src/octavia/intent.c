/* SPDX-License-Identifier: Apache-2.0
 *
 * Intent of an existing Octavia: collecting it, and having it committed; see
 * intent.h.
 */

#include <config.h>
#include "octavia/intent.h"
#include <string.h>
#include "base/array.h"
#include "base/ovs-compat.h"
#include "octavia/intent-private.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "store/rows.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(intent);

struct intent *
intent_create(struct store *store, struct rows *rows,
              const struct uuid *lb_id)
{
    struct intent *intent = xzalloc(sizeof *intent);

    intent->store = store;
    intent->rows = rows;
    if (lb_id) {
        intent->lb_id = *lb_id;
    }
    return intent;
}

void
intent_destroy(struct intent *intent)
{
    if (intent) {
        for (size_t i = 0; i < intent->n_changes; i++) {
            attrs_destroy(intent->changes[i].attrs);
        }
        free(intent->changes);
        fault_destroy(intent->fault);
        free(intent->origin_id);
        free(intent);
    }
}

void
intent_set_conf(struct intent *intent, const struct octavia_conf *conf)
{
    intent->rules.conf = conf;
}

void
intent_set_origin(struct intent *intent, const char *origin,
                  const char *request_id)
{
    intent->origin = origin;
    free(intent->origin_id);
    intent->origin_id = nullable_xstrdup(request_id);
}

void
intent_set_strict(struct intent *intent)
{
    intent->rules.is_strict = true;
}

void
intent_set_refuses_cidrs(struct intent *intent)
{
    intent->rules.refuses_cidrs = true;
}

void
intent_set_lenient(struct intent *intent)
{
    intent->rules.is_lenient = true;
}

void
intent_set_final(struct intent *intent)
{
    intent->is_final = true;
}

void
intent_set_reservation(struct intent *intent)
{
    intent->is_reservation = true;
}

void
intent_set_silent(struct intent *intent)
{
    intent->is_silent = true;
}

/* Collecting. */

static bool add_one(struct intent *, enum intent_action, enum resource_id,
                    const struct json *, const struct uuid *parent,
                    struct fault **);

static bool
add_list(struct intent *intent, enum resource_id resource,
         const struct json *list, const struct uuid *parent,
         struct fault **faultp)
{
    if (list && list->type != JSON_ARRAY) {
        return fault_set(faultp, FAULT_INVALID_INPUT,
                         resource_get(resource)->plural, "",
                         "Value not a valid list");
    }
    for (size_t i = 0; list && i < json_array_size(list); i++) {
        if (!add_one(intent, INTENT_CREATE, resource, json_array_at(list, i),
                     parent, faultp)) {
            return false;
        }
    }
    return true;
}

/* Adds the objects below a new one, at most three levels, since each is of
 * another kind.  Pools come first: listeners refer to them. */
static bool
add_below(struct intent *intent, enum resource_id resource,
          const struct json *object, const struct uuid *id,
          struct fault **faultp)
{
    if (resource == RESOURCE_LOAD_BALANCER) {
        return (add_list(intent, RESOURCE_POOL, body_get(object, "pools"), id,
                         faultp)
                && add_list(intent, RESOURCE_LISTENER,
                            body_get(object, "listeners"), id, faultp));
    } else if (resource == RESOURCE_POOL) {
        const struct json *monitor = body_get(object, "healthmonitor");

        return (add_list(intent, RESOURCE_MEMBER,
                         body_get(object, "members"), id, faultp)
                && (!monitor
                    || add_one(intent, INTENT_CREATE, RESOURCE_HEALTH_MONITOR,
                               monitor, id, faultp)));
    }
    return true;
}

static void
find_change_parent(struct change *change, const struct uuid *parent)
{
    if (parent) {
        change->parent = *parent;
    } else if (change->resource == RESOURCE_LISTENER
               || change->resource == RESOURCE_POOL) {
        body_uuid(change->object, "loadbalancer_id", &change->parent);
    } else {
        body_uuid(change->object, "pool_id", &change->parent);
    }
}

/* Returns the new change, which is valid until the next one is added. */
static struct change *
new_change(struct intent *intent, enum intent_action action,
           enum resource_id resource, const struct json *object,
           const struct uuid *parent)
{
    ARRAY_GROW(intent->changes, intent->n_changes, intent->allocated_changes);

    struct change *change = &intent->changes[intent->n_changes++];
    *change = (struct change) {
        .action = action,
        .resource = resource,
        .object = object,
    };
    find_change_parent(change, parent);
    return change;
}

/* For the change, until the next one. */
static const struct body_rules *
body_rules_of(struct intent *intent, const struct change *change)
{
    intent->rules.stored = rows_find(intent->rows, change->resource,
                                     &change->id);
    return &intent->rules;
}

static bool
add_one(struct intent *intent, enum intent_action action,
        enum resource_id resource, const struct json *object,
        const struct uuid *parent, struct fault **faultp)
{
    struct uuid id;

    if (!body_id(resource, object, &id, faultp)) {
        return false;
    }

    struct change *change = new_change(intent, action, resource, object,
                                       parent);
    change->id = id;
    if (action == INTENT_DELETE) {
        return true;
    }
    change->attrs = body_parse(resource,
                               action == INTENT_CREATE ? ATTRS_POST
                               : ATTRS_PUT, object, parent,
                               body_rules_of(intent, change), faultp);
    if (resource == RESOURCE_POOL && action == INTENT_CREATE) {
        body_uuid(object, "listener_id", &change->listener);
    }
    return (change->attrs
            && (action != INTENT_CREATE
                || add_below(intent, resource, object, &id, faultp)));
}

bool
intent_add(struct intent *intent, enum intent_action action,
           enum resource_id resource, const struct json *object,
           struct fault **faultp)
{
    if (object->type != JSON_OBJECT) {
        return fault_set(faultp, FAULT_INVALID_INPUT,
                         resource_get(resource)->key, "",
                         "Value should be a JSON object");
    }
    return add_one(intent, action, resource, object, NULL, faultp);
}

bool
intent_add_batch(struct intent *intent, const struct uuid *pool_id,
                 const struct json *members, struct fault **faultp)
{
    ovs_assert(!intent->is_batch);

    intent->is_batch = true;
    intent->batch_pool = *pool_id;
    intent->rules.is_batch = true;
    return add_list(intent, RESOURCE_MEMBER, members, pool_id, faultp);
}

/* Looking up. */

const struct change *
intent_creates(const struct intent *intent, enum resource_id resource,
               const struct uuid *id)
{
    for (size_t i = 0; i < intent->n_changes; i++) {
        const struct change *change = &intent->changes[i];

        if (change->action == INTENT_CREATE && change->resource == resource
            && uuid_equals(&change->id, id)) {
            return change;
        }
    }
    return NULL;
}

bool
intent_keeps_member(const struct intent *intent, const struct uuid *id)
{
    return intent_creates(intent, RESOURCE_MEMBER, id);
}

/* Returns the load balancer that the object names, else the intent's. */
static const struct ovsdb_idl_row *
find_lb_of_change(const struct intent *intent, const struct change *change)
{
    return rows_find(intent->rows, RESOURCE_LOAD_BALANCER,
                     uuid_is_zero(&change->parent) ? &intent->lb_id
                     : &change->parent);
}

struct family
intent_family(const struct intent *intent, const struct change *change)
{
    const struct ovsdb_idl_row *self = rows_find(intent->rows,
                                                 change->resource,
                                                 &change->id);
    struct family family = { .self = self };

    if (change->resource == RESOURCE_LOAD_BALANCER) {
        family.lb = self;
    } else if (change->resource == RESOURCE_LISTENER
               || change->resource == RESOURCE_POOL) {
        family.lb = (self ? row_ref(self, COL_load_balancer, 0)
                     : find_lb_of_change(intent, change));
    } else {
        family.pool = (self ? row_ref(self, COL_pool, 0)
                       : rows_find(intent->rows, RESOURCE_POOL,
                                   &change->parent));
        family.lb = (family.pool
                     ? row_ref(family.pool, COL_load_balancer, 0)
                     : rows_find(intent->rows, RESOURCE_LOAD_BALANCER,
                                 &intent->lb_id));
    }
    if (!uuid_is_zero(&change->listener)) {
        family.listener = rows_find(intent->rows, RESOURCE_LISTENER,
                                    &change->listener);
    }
    return family;
}

/* Committing. */

static void
intent_finish(struct intent *intent)
{
    const struct intent_result result = {
        .fault = intent->fault,
        .lb_id = &intent->lb_id,
        .unknown = (uuid_is_zero(&intent->unknown) ? NULL
                    : &intent->unknown),
        .unknown_resource = intent->unknown_resource,
    };

    intent->done(&result, intent->aux);
    intent_destroy(intent);
}

/* Checking has merged what was given with what was stored.  In another attempt
 * that may be something else. */
static void
parse_again(struct intent *intent)
{
    for (size_t i = 0; i < intent->n_changes; i++) {
        struct change *change = &intent->changes[i];

        if (change->resource == RESOURCE_POOL
            && change->action == INTENT_UPDATE) {
            attrs_destroy(change->attrs);
            change->attrs = body_parse(change->resource, ATTRS_PUT,
                                       change->object, NULL,
                                       body_rules_of(intent, change),
                                       &intent->fault);
            ovs_assert(change->attrs);
        }
    }
}

static bool
intent_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
             unsigned int attempt)
{
    struct intent *intent = CONTAINER_OF(op, struct intent, op);

    if (attempt) {
        parse_again(intent);
    }
    if (!intent_check(intent)) {
        intent_finish(intent);
        return false;
    }
    if (intent->is_reservation
        && rows_find(intent->rows, RESOURCE_LOAD_BALANCER,
                     &intent->changes[0].id)) {
        /* Asked once more. */
        intent_finish(intent);
        return false;
    }
    intent_write(intent, txn);
    store_comment_request(intent->store, &intent->request_id,
                          intent->origin_id, "%s", intent->origin);
    return true;
}

static void
intent_done(struct commit_op *op, enum commit_result result, const char *error)
{
    struct intent *intent = CONTAINER_OF(op, struct intent, op);

    if (result == COMMIT_FAILED) {
        VLOG_ERR("load balancer "UUID_FMT": the database refused what "
                 "Octavia wants: %s", UUID_ARGS(&intent->lb_id), error);
        fault_set(&intent->fault, FAULT_UNKNOWN);
    }
    intent_finish(intent);
}

void
intent_submit(struct intent *intent,
              void (*cb)(const struct intent_result *, void *aux), void *aux)
{
    ovs_assert(intent->origin);
    uuid_generate(&intent->request_id);
    intent->done = cb;
    intent->aux = aux;
    intent->op.apply = intent_apply;
    intent->op.done = intent_done;
    store_submit(intent->store, &intent->op);
}

bool
intent_withdraw(struct intent *intent)
{
    return store_withdraw(intent->store, &intent->op);
}
