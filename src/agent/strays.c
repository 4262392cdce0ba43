/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds objects that are left below load balancers that are gone; see
 * strays.h.  One look is two lists of Octavia's API, whatever the number of
 * load balancers, and a question for each object in them that we do not know.
 */

#include <config.h>
#include "agent/strays.h"
#include "base/array.h"
#include "base/commit.h"
#include "base/limits.h"
#include "octavia/api.h"
#include "octavia/body.h"
#include "octavia/exchange.h"
#include "octavia/get-socket.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

VLOG_DEFINE_THIS_MODULE(strays);

/* Kinds of objects that can be left without a parent that was reported. */
static const struct {
    enum resource_id resource;
    const char *path;
    const char *key;
} lists[] = {
    { RESOURCE_LISTENER, "/v2/lbaas/listeners", "listeners" },
    { RESOURCE_POOL, "/v2/lbaas/pools", "pools" },
};

struct object {
    enum resource_id resource;
    struct uuid id;
    struct uuid lb_id;          /* Zero until it is known. */
};

struct strays {
    struct store *store;
    const struct rows *rows;
    struct exchanger *get;
    struct octavia_api *api;

    struct uuidset gone;        /* Load balancers to be looked at... */
    long long int due_ms;       /* ...then, if there are any. */

    /* While it is looked. */
    struct uuidset looked_at;   /* The load balancers that were 'gone' when the
                                 * look began. */
    struct octavia_query *query;
    struct exchange *exchange;
    size_t n_lists;             /* Objects that were read. */
    struct object *objects;
    size_t n, allocated;
    size_t n_asked;             /* The number of 'objects' that were asked
                                 * about. */

    struct commit_op op;
    bool is_writing;
};

static void strays_go_on(struct strays *);
static bool strays_apply(struct commit_op *, struct ovsdb_idl_txn *,
                         unsigned int attempt);
static void strays_done(struct commit_op *, enum commit_result,
                        const char *error);

struct strays *
strays_create(struct store *store, const struct rows *rows,
              struct exchanger *get, struct octavia_api *api)
{
    struct strays *strays = xzalloc(sizeof *strays);

    strays->store = store;
    strays->rows = rows;
    strays->get = get;
    strays->api = api;
    strays->op = (struct commit_op) { .apply = strays_apply,
                                      .done = strays_done };
    uuidset_init(&strays->gone);
    uuidset_init(&strays->looked_at);
    return strays;
}

void
strays_destroy(struct strays *strays)
{
    if (strays) {
        octavia_query_cancel(strays->query);
        exchange_cancel(strays->exchange);
        uuidset_destroy(&strays->gone);
        uuidset_destroy(&strays->looked_at);
        free(strays->objects);
        free(strays);
    }
}

void
strays_note(struct strays *strays, const struct uuid *lb_id)
{
    if (strays && strays->api) {
        if (uuidset_is_empty(&strays->gone)) {
            strays->due_ms = time_msec() + REPAIR_LOOK_MS;
        }
        if (!uuidset_contains(&strays->gone, lb_id)) {
            uuidset_insert(&strays->gone, lb_id);
        }
    }
}

static bool
is_looking(const struct strays *strays)
{
    return strays->query || strays->exchange || strays->is_writing;
}

/* Looking. */

static void
strays_begin(struct strays *strays)
{
    struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &strays->gone) {
        uuidset_insert(&strays->looked_at, &node->uuid);
    }
    uuidset_clear(&strays->gone);
    strays->n_lists = strays->n = strays->n_asked = 0;
    strays_go_on(strays);
}

/* Puts the same load balancers off until later: Octavia has not answered. */
static void
put_off(struct strays *strays)
{
    struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &strays->looked_at) {
        strays_note(strays, &node->uuid);
    }
    uuidset_clear(&strays->looked_at);
    strays->due_ms = time_msec() + REPAIR_INTERVAL_MS;
}

/* Leaves objects that OVN_Octavia knows to the reporter. */
static void
strays_take_list(const struct octavia_list *list, void *strays_)
{
    struct strays *strays = strays_;
    enum resource_id resource = lists[strays->n_lists].resource;

    strays->query = NULL;
    if (list->error) {
        put_off(strays);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (rows_find(strays->rows, resource, &list->items[i].id)) {
            continue;
        }
        ARRAY_GROW(strays->objects, strays->n, strays->allocated);
        strays->objects[strays->n++] = (struct object) {
            .resource = resource, .id = list->items[i].id,
        };
    }
    strays->n_lists++;
    strays_go_on(strays);
}

static void
strays_take_object(const struct get_reply *reply, void *strays_)
{
    struct strays *strays = strays_;
    struct object *object = &strays->objects[strays->n_asked];

    strays->exchange = NULL;
    if (reply->error) {
        put_off(strays);
        return;
    }
    if (reply->object) {
        body_uuid(reply->object, "loadbalancer_id", &object->lb_id);
    }
    strays->n_asked++;
    strays_go_on(strays);
}

static bool
is_left(const struct strays *strays, const struct object *object)
{
    return (uuidset_contains(&strays->looked_at, &object->lb_id)
            && !rows_find(strays->rows, RESOURCE_LOAD_BALANCER,
                          &object->lb_id)
            && !rows_find(strays->rows, object->resource, &object->id));
}

/* Takes the next step of a look. */
static void
strays_go_on(struct strays *strays)
{
    if (strays->n_lists < ARRAY_SIZE(lists)) {
        strays->query = octavia_api_list(
            strays->api, lists[strays->n_lists].path,
            lists[strays->n_lists].key,
            "provisioning_status=PENDING_CREATE", strays_take_list, strays);
    } else if (strays->n_asked < strays->n) {
        const struct object *object = &strays->objects[strays->n_asked];

        strays->exchange = get_send(strays->get, object->resource,
                                    &object->id, strays_take_object, strays);
    } else {
        strays->is_writing = true;
        store_submit(strays->store, &strays->op);
    }
}

/* Having it reported. */

/* Decides within the transaction: the load balancer, or the object, may have
 * come since Octavia was asked. */
static bool
strays_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
             unsigned int attempt OVS_UNUSED)
{
    struct strays *strays = CONTAINER_OF(op, struct strays, op);
    bool is_used = false;

    for (size_t i = 0; i < strays->n; i++) {
        const struct object *object = &strays->objects[i];

        if (is_left(strays, object)) {
            VLOG_WARN("Octavia has created %s "UUID_FMT" below load balancer "
                      UUID_FMT", which is deleted: it is reported as gone, "
                      "too", resource_get(object->resource)->key,
                      UUID_ARGS(&object->id), UUID_ARGS(&object->lb_id));
            report_expect_deletion(strays->store, txn, &object->lb_id,
                                   object->resource, &object->id);
            report_owe(strays->store, txn, &object->lb_id);
            is_used = true;
        }
    }
    if (!is_used) {
        strays->is_writing = false;
        uuidset_clear(&strays->looked_at);
    }
    return is_used;
}

static void
strays_done(struct commit_op *op, enum commit_result result,
            const char *error OVS_UNUSED)
{
    struct strays *strays = CONTAINER_OF(op, struct strays, op);

    strays->is_writing = false;
    if (result == COMMIT_FAILED) {
        put_off(strays);
    } else {
        uuidset_clear(&strays->looked_at);
    }
}

void
strays_run(struct strays *strays)
{
    if (!is_looking(strays) && !uuidset_is_empty(&strays->gone)
        && time_msec() >= strays->due_ms
        && store_is_ready(strays->store)) {
        strays_begin(strays);
    }
}

void
strays_wait(struct strays *strays)
{
    if (!is_looking(strays) && !uuidset_is_empty(&strays->gone)) {
        poll_timer_wait_until(strays->due_ms);
    }
}
