/* SPDX-License-Identifier: Apache-2.0
 *
 * What Octavia has; see octavia-view.h.
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
    struct hmap_node node;      /* In survey's 'states'. */
    struct octavia_item item;
};

void
survey_wait_until(struct survey *survey, bool (*is_over)(void *), void *aux,
                  const char *what)
{
    for (;;) {
        store_run(survey->store);
        exchanger_run(survey->get);
        octavia_api_run(survey->api);
        if (is_over(aux)) {
            return;
        }
        store_wait(survey->store);
        exchanger_wait(survey->get);
        octavia_api_wait(survey->api);
        context_block(survey->ctx, NULL, what);
    }
}

static bool
store_is_open(void *survey_)
{
    struct survey *survey = survey_;

    return store_is_ready(survey->store);
}

static void
open_all(struct survey *survey, const char *file_name)
{
    struct context *ctx = survey->ctx;
    char *error = NULL;

    survey->conf = octavia_conf_load(file_name, &error);
    if (!survey->conf) {
        ctl_fatal("%s", error);
    }
    survey->api = octavia_api_create(survey->conf, &error);
    if (!survey->api) {
        ctl_fatal("%s: %s", file_name, error);
    }
    survey->get = exchanger_create(get_socket_path(survey->conf),
                                   OCTAVIA_CALLS_MAX,
                                   OCTAVIA_REPLY_TIMEOUT_MS);
    ctx->store = store_create(ctx->db, STORE_READER_WRITER);
    survey->store = ctx->store;
    survey->rows = rows_create(survey->store);
    reports_watch(survey->store);

    char *what = xasprintf("OVN_Octavia at %s", ctx->db);
    survey_wait_until(survey, store_is_open, survey, what);
    free(what);
}

/* Lists. */

static void
take_list(const struct octavia_list *list, void *survey_)
{
    struct survey *survey = survey_;

    survey->is_listed = true;
    survey->error = nullable_xstrdup(list->error);
    for (size_t i = 0; i < list->n; i++) {
        if (!survey_state(survey, &list->items[i].id)) {
            struct state *state = xmalloc(sizeof *state);

            state->item = list->items[i];
            hmap_insert(&survey->states, &state->node,
                        uuid_hash(&state->item.id));
        }
    }
}

static bool
is_listed(void *survey_)
{
    struct survey *survey = survey_;

    return survey->is_listed;
}

static void
list(struct survey *survey, const char *path, const char *key,
     const char *filter)
{
    survey->is_listed = false;
    octavia_api_list(survey->api, path, key, filter, take_list, survey);
    survey_wait_until(survey, is_listed, survey, "Octavia's API");
    if (survey->error) {
        ctl_fatal("Octavia's API: %s", survey->error);
    }
}

static void
list_members(struct survey *survey, const struct json *model)
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

            list(survey, path, "members", NULL);
            free(path);
        }
    }
}

const struct octavia_item *
survey_state(const struct survey *survey, const struct uuid *id)
{
    const struct state *state;

    HMAP_FOR_EACH_WITH_HASH (state, node, uuid_hash(id), &survey->states) {
        if (uuid_equals(&state->item.id, id)) {
            return &state->item;
        }
    }
    return NULL;
}

/* Load balancers. */

static void
take_model(const struct get_reply *reply, void *lb_)
{
    struct survey_lb *lb = lb_;

    lb->is_over = true;
    lb->error = (reply->error
                 ? xasprintf("%s: %s", exchanger_path(lb->survey->get),
                             reply->error) : NULL);
    lb->model = reply->object ? json_deep_clone(reply->object) : NULL;
}

static bool
has_models(void *survey_)
{
    const struct survey *survey = survey_;

    for (size_t i = 0; i < survey->n_lbs; i++) {
        if (!survey->lbs[i].is_over) {
            return false;
        }
    }
    return true;
}

static void
add_id(const struct uuid *id, void *ids)
{
    if (!uuidset_contains(ids, id)) {
        uuidset_insert(ids, id);
    }
}

struct reported {
    const struct survey *survey;
    struct uuidset *ids;
};

/* What Octavia has asked for, but for reservations. */
static void
add_reported(const struct uuid *id, void *reported_)
{
    const struct reported *reported = reported_;
    struct report report;

    if (report_get(reported->survey->store, id, &report)) {
        if (!report.reserved_at_us
            && store_has_lb(reported->survey->store, id)) {
            add_id(id, reported->ids);
        }
        report_uninit(&report);
    }
}

static void
choose(struct survey *survey, char *names[], size_t n_names,
       struct uuidset *ids)
{
    struct reported reported = { survey, ids };
    const struct state *state;

    for (size_t i = 0; i < n_names; i++) {
        struct uuid id = context_find_lb(survey->ctx, names[i]);

        add_id(&id, ids);
    }
    if (!n_names) {
        HMAP_FOR_EACH (state, node, &survey->states) {
            add_id(&state->item.id, ids);
        }
        reports_for_each(survey->store, add_reported, &reported);
    }
}

static int
compare_lbs(const void *a_, const void *b_)
{
    const struct survey_lb *a = a_;
    const struct survey_lb *b = b_;

    return uuid_compare_3way(&a->id, &b->id);
}

static void
load_lbs(struct survey *survey, char *names[], size_t n_names)
{
    struct uuidset ids = UUIDSET_INITIALIZER(&ids);
    const struct uuidset_node *node;

    choose(survey, names, n_names, &ids);
    survey->lbs = xcalloc(uuidset_count(&ids), sizeof *survey->lbs);
    UUIDSET_FOR_EACH (node, &ids) {
        survey->lbs[survey->n_lbs++] = (struct survey_lb) {
            .survey = survey, .id = node->uuid,
        };
    }
    qsort(survey->lbs, survey->n_lbs, sizeof *survey->lbs, compare_lbs);
    for (size_t i = 0; i < survey->n_lbs; i++) {
        get_send(survey->get, RESOURCE_LOAD_BALANCER, &survey->lbs[i].id,
                 take_model, &survey->lbs[i]);
    }
    survey_wait_until(survey, has_models, survey, "Octavia's get socket");
    uuidset_destroy(&ids);
}

struct survey *
survey_create(struct context *ctx, const char *conf, char *names[],
              size_t n_names)
{
    struct survey *survey = xzalloc(sizeof *survey);

    survey->ctx = ctx;
    hmap_init(&survey->states);
    open_all(survey, conf);
    list(survey, "/v2/lbaas/loadbalancers", "loadbalancers",
         PROVIDER_FILTER);
    load_lbs(survey, names, n_names);
    list(survey, "/v2/lbaas/listeners", "listeners", NULL);
    list(survey, "/v2/lbaas/pools", "pools", NULL);
    list(survey, "/v2/lbaas/healthmonitors", "healthmonitors", NULL);
    for (size_t i = 0; i < survey->n_lbs; i++) {
        list_members(survey, survey->lbs[i].model);
    }
    return survey;
}

void
survey_destroy(struct survey *survey)
{
    struct state *state;

    for (size_t i = 0; i < survey->n_lbs; i++) {
        json_destroy(survey->lbs[i].model);
        free(survey->lbs[i].error);
    }
    free(survey->lbs);
    HMAP_FOR_EACH_POP (state, node, &survey->states) {
        free(state);
    }
    hmap_destroy(&survey->states);
    octavia_api_destroy(survey->api);
    exchanger_destroy(survey->get);
    rows_destroy(survey->rows);
    octavia_conf_destroy(survey->conf);
    free(survey);
}
