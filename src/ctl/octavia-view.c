/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what Octavia has; see octavia-view.h.
 */

#include <config.h>
#include "ctl/octavia-view.h"
#include <stdlib.h>
#include "base/limits.h"
#include "base/octavia-conf.h"
#include "base/ovs-compat.h"
#include "ctl/context.h"
#include "db-ctl-base.h"
#include "octavia/api.h"
#include "octavia/body.h"
#include "octavia/exchange.h"
#include "octavia/get-socket.h"
#include "openvswitch/json.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

#define PROVIDER_FILTER "provider=ovn"

struct state {
    struct hmap_node node;      /* In view's 'states'. */
    struct octavia_item item;
};

void
octavia_view_wait_until(struct octavia_view *view, bool (*is_over)(void *),
                        void *aux, const char *what)
{
    for (;;) {
        store_run(view->store);
        exchanger_run(view->get);
        octavia_api_run(view->api);
        if (is_over(aux)) {
            return;
        }
        store_wait(view->store);
        exchanger_wait(view->get);
        octavia_api_wait(view->api);
        context_block(view->ctx, NULL, what);
    }
}

static bool
octavia_view_is_open(void *view_)
{
    struct octavia_view *view = view_;

    return store_is_ready(view->store);
}

static void
open_all(struct octavia_view *view, const char *file_name)
{
    struct context *ctx = view->ctx;
    char *error = NULL;

    view->conf = octavia_conf_load(file_name, &error);
    if (!view->conf) {
        ctl_fatal("%s", error);
    }
    view->api = octavia_api_create(view->conf, &error);
    if (!view->api) {
        ctl_fatal("%s: %s", file_name, error);
    }
    view->get = exchanger_create(get_socket_path(view->conf),
                                 OCTAVIA_CALLS_MAX,
                                 OCTAVIA_REPLY_TIMEOUT_MS);
    ctx->store = store_create(ctx->db, STORE_READER_WRITER);
    view->store = ctx->store;
    view->rows = rows_create(view->store);
    reports_watch(view->store);

    char *what = xasprintf("OVN_Octavia at %s", ctx->db);
    octavia_view_wait_until(view, octavia_view_is_open, view, what);
    free(what);
}

/* Lists. */

static void
octavia_view_take_list(const struct octavia_list *list, void *view_)
{
    struct octavia_view *view = view_;

    view->is_listed = true;
    view->error = nullable_xstrdup(list->error);
    for (size_t i = 0; i < list->n; i++) {
        if (!octavia_view_state(view, &list->items[i].id)) {
            struct state *state = xmalloc(sizeof *state);

            state->item = list->items[i];
            hmap_insert(&view->states, &state->node,
                        uuid_hash(&state->item.id));
        }
    }
}

static bool
is_listed(void *view_)
{
    struct octavia_view *view = view_;

    return view->is_listed;
}

static void
octavia_view_list(struct octavia_view *view, const char *path, const char *key,
                  const char *filter)
{
    view->is_listed = false;
    octavia_api_list(view->api, path, key, filter, octavia_view_take_list,
                     view);
    octavia_view_wait_until(view, is_listed, view, "Octavia's API");
    if (view->error) {
        ctl_fatal("Octavia's API: %s", view->error);
    }
}

static void
list_members(struct octavia_view *view, const struct json *model)
{
    const struct json *pools = model ? body_get(model, "pools") : NULL;

    for (size_t i = 0; pools && pools->type == JSON_ARRAY
                       && i < json_array_size(pools); i++) {
        const struct json *pool = json_array_at(pools, i);
        const struct json *members = body_get(pool, "members");
        struct uuid id;

        if (members && members->type == JSON_ARRAY && json_array_size(members)
            && body_id(RESOURCE_POOL, pool, &id, NULL)) {
            char *path = xasprintf("/v2/lbaas/pools/"UUID_FMT"/members",
                                   UUID_ARGS(&id));

            octavia_view_list(view, path, "members", NULL);
            free(path);
        }
    }
}

const struct octavia_item *
octavia_view_state(const struct octavia_view *view, const struct uuid *id)
{
    const struct state *state;

    HMAP_FOR_EACH_WITH_HASH (state, node, uuid_hash(id), &view->states) {
        if (uuid_equals(&state->item.id, id)) {
            return &state->item;
        }
    }
    return NULL;
}

/* Load balancers. */

static void
octavia_view_take_model(const struct get_reply *reply, void *lb_)
{
    struct octavia_view_lb *lb = lb_;

    lb->is_over = true;
    lb->error = (reply->error
                 ? xasprintf("%s: %s", exchanger_path(lb->view->get),
                             reply->error) : NULL);
    lb->model = reply->object ? json_deep_clone(reply->object) : NULL;
}

static bool
has_models(void *view_)
{
    const struct octavia_view *view = view_;

    for (size_t i = 0; i < view->n_lbs; i++) {
        if (!view->lbs[i].is_over) {
            return false;
        }
    }
    return true;
}

static void
octavia_view_add_id(const struct uuid *id, void *ids)
{
    if (!uuidset_contains(ids, id)) {
        uuidset_insert(ids, id);
    }
}

struct reported {
    const struct octavia_view *view;
    struct uuidset *ids;
};

/* Adds load balancer 'id', for which Octavia has asked, unless it is a
 * reservation. */
static void
add_reported(const struct uuid *id, void *reported_)
{
    const struct reported *reported = reported_;
    struct report report;

    if (report_get(reported->view->store, id, &report)) {
        if (!report.reserved_at_us
            && store_has_lb(reported->view->store, id)) {
            octavia_view_add_id(id, reported->ids);
        }
        report_uninit(&report);
    }
}

static void
octavia_view_choose(struct octavia_view *view, char *names[], size_t n_names,
                    struct uuidset *ids)
{
    struct reported reported = { view, ids };
    const struct state *state;

    for (size_t i = 0; i < n_names; i++) {
        struct uuid id = context_find_lb(view->ctx, names[i]);

        octavia_view_add_id(&id, ids);
    }
    if (!n_names) {
        HMAP_FOR_EACH (state, node, &view->states) {
            octavia_view_add_id(&state->item.id, ids);
        }
        reports_for_each(view->store, add_reported, &reported);
    }
}

static int
compare_lbs(const void *a_, const void *b_)
{
    const struct octavia_view_lb *a = a_;
    const struct octavia_view_lb *b = b_;

    return uuid_compare_3way(&a->id, &b->id);
}

static void
load_lbs(struct octavia_view *view, char *names[], size_t n_names)
{
    struct uuidset ids = UUIDSET_INITIALIZER(&ids);
    const struct uuidset_node *node;

    octavia_view_choose(view, names, n_names, &ids);
    view->lbs = xcalloc(uuidset_count(&ids), sizeof *view->lbs);
    UUIDSET_FOR_EACH (node, &ids) {
        view->lbs[view->n_lbs++] = (struct octavia_view_lb) {
            .view = view, .id = node->uuid,
        };
    }
    qsort(view->lbs, view->n_lbs, sizeof *view->lbs, compare_lbs);
    for (size_t i = 0; i < view->n_lbs; i++) {
        get_send(view->get, RESOURCE_LOAD_BALANCER, &view->lbs[i].id,
                 octavia_view_take_model, &view->lbs[i]);
    }
    octavia_view_wait_until(view, has_models, view, "Octavia's get socket");
    uuidset_destroy(&ids);
}

struct octavia_view *
octavia_view_create(struct context *ctx, const char *conf, char *names[],
                    size_t n_names)
{
    struct octavia_view *view = xzalloc(sizeof *view);

    view->ctx = ctx;
    hmap_init(&view->states);
    open_all(view, conf);
    octavia_view_list(view, "/v2/lbaas/loadbalancers", "loadbalancers",
                      PROVIDER_FILTER);
    load_lbs(view, names, n_names);
    octavia_view_list(view, "/v2/lbaas/listeners", "listeners", NULL);
    octavia_view_list(view, "/v2/lbaas/pools", "pools", NULL);
    octavia_view_list(view, "/v2/lbaas/healthmonitors", "healthmonitors",
                      NULL);
    for (size_t i = 0; i < view->n_lbs; i++) {
        list_members(view, view->lbs[i].model);
    }
    return view;
}

void
octavia_view_destroy(struct octavia_view *view)
{
    struct state *state;

    for (size_t i = 0; i < view->n_lbs; i++) {
        json_destroy(view->lbs[i].model);
        free(view->lbs[i].error);
    }
    free(view->lbs);
    HMAP_FOR_EACH_POP (state, node, &view->states) {
        free(state);
    }
    hmap_destroy(&view->states);
    octavia_api_destroy(view->api);
    exchanger_destroy(view->get);
    rows_destroy(view->rows);
    octavia_conf_destroy(view->conf);
    free(view);
}
