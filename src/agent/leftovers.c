/* SPDX-License-Identifier: Apache-2.0
 *
 * What is left below load balancers that are gone; see leftovers.h.  One look
 * is two lists of Octavia's API, whatever the number of load balancers, and a
 * question for each object in them that we do not know.
 */

#include <config.h>
#include "agent/leftovers.h"
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

VLOG_DEFINE_THIS_MODULE(leftovers);

/* What can be left without a parent that was reported. */
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

struct leftovers {
    struct store *store;
    const struct rows *rows;
    struct exchanger *get;
    struct octavia_api *api;

    struct uuidset gone;        /* Load balancers to be looked at... */
    long long int due_ms;       /* ...then, if there are any. */

    /* While it is looked. */
    struct uuidset looked_at;   /* Those that were 'gone' when it began. */
    struct octavia_query *query;
    struct exchange *exchange;
    size_t n_lists;             /* That are read. */
    struct object *objects;
    size_t n, allocated;
    size_t n_asked;             /* Of 'objects'. */

    struct commit_op op;
    bool is_writing;
};

static void go_on(struct leftovers *);
static bool apply(struct commit_op *, struct ovsdb_idl_txn *,
                  unsigned int attempt);
static void done(struct commit_op *, enum commit_result, const char *error);

struct leftovers *
leftovers_create(struct store *store, const struct rows *rows,
                 struct exchanger *get, struct octavia_api *api)
{
    struct leftovers *leftovers = xzalloc(sizeof *leftovers);

    leftovers->store = store;
    leftovers->rows = rows;
    leftovers->get = get;
    leftovers->api = api;
    leftovers->op = (struct commit_op) { .apply = apply, .done = done };
    uuidset_init(&leftovers->gone);
    uuidset_init(&leftovers->looked_at);
    return leftovers;
}

void
leftovers_destroy(struct leftovers *leftovers)
{
    if (leftovers) {
        octavia_query_cancel(leftovers->query);
        exchange_cancel(leftovers->exchange);
        uuidset_destroy(&leftovers->gone);
        uuidset_destroy(&leftovers->looked_at);
        free(leftovers->objects);
        free(leftovers);
    }
}

void
leftovers_note(struct leftovers *leftovers, const struct uuid *lb_id)
{
    if (leftovers && leftovers->api) {
        if (uuidset_is_empty(&leftovers->gone)) {
            leftovers->due_ms = time_msec() + SETTLE_LOOK_MS;
        }
        if (!uuidset_contains(&leftovers->gone, lb_id)) {
            uuidset_insert(&leftovers->gone, lb_id);
        }
    }
}

static bool
is_looking(const struct leftovers *leftovers)
{
    return leftovers->query || leftovers->exchange || leftovers->is_writing;
}

/* Looking. */

static void
begin(struct leftovers *leftovers)
{
    struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &leftovers->gone) {
        uuidset_insert(&leftovers->looked_at, &node->uuid);
    }
    uuidset_clear(&leftovers->gone);
    leftovers->n_lists = leftovers->n = leftovers->n_asked = 0;
    go_on(leftovers);
}

/* Nobody knows yet: the same load balancers are looked at later. */
static void
put_off(struct leftovers *leftovers)
{
    struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &leftovers->looked_at) {
        leftovers_note(leftovers, &node->uuid);
    }
    uuidset_clear(&leftovers->looked_at);
    leftovers->due_ms = time_msec() + SETTLE_INTERVAL_MS;
}

/* What we know is reported by others. */
static void
take_list(const struct octavia_list *list, void *leftovers_)
{
    struct leftovers *leftovers = leftovers_;
    enum resource_id resource = lists[leftovers->n_lists].resource;

    leftovers->query = NULL;
    if (list->error) {
        put_off(leftovers);
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (rows_find(leftovers->rows, resource, &list->items[i].id)) {
            continue;
        }
        if (leftovers->n == leftovers->allocated) {
            leftovers->objects = x2nrealloc(leftovers->objects,
                                            &leftovers->allocated,
                                            sizeof *leftovers->objects);
        }
        leftovers->objects[leftovers->n++] = (struct object) {
            .resource = resource, .id = list->items[i].id,
        };
    }
    leftovers->n_lists++;
    go_on(leftovers);
}

static void
take_object(const struct get_reply *reply, void *leftovers_)
{
    struct leftovers *leftovers = leftovers_;
    struct object *object = &leftovers->objects[leftovers->n_asked];

    leftovers->exchange = NULL;
    if (reply->error) {
        put_off(leftovers);
        return;
    }
    if (reply->object) {
        body_uuid(reply->object, "loadbalancer_id", &object->lb_id);
    }
    leftovers->n_asked++;
    go_on(leftovers);
}

static bool
is_left(const struct leftovers *leftovers, const struct object *object)
{
    return (uuidset_contains(&leftovers->looked_at, &object->lb_id)
            && !rows_find(leftovers->rows, RESOURCE_LOAD_BALANCER,
                          &object->lb_id)
            && !rows_find(leftovers->rows, object->resource, &object->id));
}

/* Takes the next step of a look. */
static void
go_on(struct leftovers *leftovers)
{
    if (leftovers->n_lists < ARRAY_SIZE(lists)) {
        leftovers->query = octavia_api_list(
            leftovers->api, lists[leftovers->n_lists].path,
            lists[leftovers->n_lists].key,
            "provisioning_status=PENDING_CREATE", take_list, leftovers);
    } else if (leftovers->n_asked < leftovers->n) {
        const struct object *object = &leftovers->objects[leftovers->n_asked];

        leftovers->exchange = get_send(leftovers->get, object->resource,
                                       &object->id, take_object, leftovers);
    } else {
        leftovers->is_writing = true;
        store_submit(leftovers->store, &leftovers->op);
    }
}

/* Having it reported. */

static bool
apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
      unsigned int attempt OVS_UNUSED)
{
    struct leftovers *leftovers = CONTAINER_OF(op, struct leftovers, op);
    bool is_used = false;

    for (size_t i = 0; i < leftovers->n; i++) {
        const struct object *object = &leftovers->objects[i];

        if (is_left(leftovers, object)) {
            VLOG_WARN("Octavia has created %s "UUID_FMT" below load balancer "
                      UUID_FMT", which is deleted: it is reported as gone, "
                      "too", resource_get(object->resource)->key,
                      UUID_ARGS(&object->id), UUID_ARGS(&object->lb_id));
            report_expect_deletion(leftovers->store, txn, &object->lb_id,
                                   object->resource, &object->id);
            report_owe(leftovers->store, txn, &object->lb_id);
            is_used = true;
        }
    }
    if (!is_used) {
        leftovers->is_writing = false;
        uuidset_clear(&leftovers->looked_at);
    }
    return is_used;
}

static void
done(struct commit_op *op, enum commit_result result,
     const char *error OVS_UNUSED)
{
    struct leftovers *leftovers = CONTAINER_OF(op, struct leftovers, op);

    leftovers->is_writing = false;
    if (result == COMMIT_FAILED) {
        put_off(leftovers);
    } else {
        uuidset_clear(&leftovers->looked_at);
    }
}

void
leftovers_run(struct leftovers *leftovers)
{
    if (!is_looking(leftovers) && !uuidset_is_empty(&leftovers->gone)
        && time_msec() >= leftovers->due_ms
        && store_is_ready(leftovers->store)) {
        begin(leftovers);
    }
}

void
leftovers_wait(struct leftovers *leftovers)
{
    if (!is_looking(leftovers) && !uuidset_is_empty(&leftovers->gone)) {
        poll_timer_wait_until(leftovers->due_ms);
    }
}
