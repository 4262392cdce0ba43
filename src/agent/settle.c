/* SPDX-License-Identifier: Apache-2.0
 *
 * What has to be settled with Octavia; see settle.h.  This file finds it, and
 * settle-job.c does it, for a few load balancers at a time.
 */

#include <config.h>
#include "agent/settle.h"
#include <limits.h>
#include <stdlib.h>
#include "agent/settle-job.h"
#include "agent/strays.h"
#include "base/limits.h"
#include "octavia/api.h"
#include "octavia/exchange.h"
#include "octavia/get-socket.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/tree.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(settle);

/* The provider's name at Octavia. */
#define PROVIDER_FILTER "provider=ovn"

/* Work on one load balancer, or what looks like it. */
struct item {
    struct hmap_node node;      /* In 'items', by id. */
    struct settle *settle;
    struct uuid id;             /* Of the load balancer, or of an object. */
    enum resource_id resource;
    enum settle_reason reason;
    long long int since_ms;     /* When it was first seen. */
    long long int due_ms;       /* When it may begin; LLONG_MAX: when it is
                                 * seen once more. */
    bool is_seen;               /* In this pass. */
    bool has_waited;            /* It looked stuck when looked at closely. */

    struct settle_job *job;     /* NULL: it waits. */
    struct ovs_list waiters;    /* struct waiter. */
};

struct waiter {
    struct ovs_list node;
    void (*done)(bool is_there, void *aux);
    void *aux;
};

struct settle {
    struct settle_context ctx;
    struct strays *strays;
    struct hmap items;
    size_t n_jobs;

    bool is_active;
    struct octavia_query *query;
    long long int pass_at_ms;
    long long int look_at_ms;
    int64_t looked_until_us;    /* What changed until then was looked at. */
    struct uuid turn;           /* The last one that had its turn. */
    bool was_api_down;          /* As last logged. */
    unsigned long long int n_settled;
};

struct settle *
settle_create(struct store *store, struct rows *rows,
              const struct settle_options *options)
{
    struct settle *settle = xzalloc(sizeof *settle);
    char *error = NULL;

    settle->ctx = (struct settle_context) {
        .store = store,
        .rows = rows,
        .get = exchanger_create(options->get_socket, SETTLE_JOBS_MAX,
                                OCTAVIA_QUESTION_MS),
        .api = (options->conf ? octavia_api_create(options->conf, &error)
                : NULL),
        .conf = options->conf,
    };
    settle->strays = strays_create(store, rows, settle->ctx.get,
                                   settle->ctx.api);
    hmap_init(&settle->items);
    if (error) {
        VLOG_WARN("not looking for what Octavia waits for: %s", error);
        free(error);
    } else if (!options->conf) {
        VLOG_INFO("not looking for what Octavia waits for: octavia-conf is "
                  "not set");
    }
    return settle;
}

static void
free_item(struct item *item)
{
    struct waiter *waiter;

    LIST_FOR_EACH_POP (waiter, node, &item->waiters) {
        free(waiter);
    }
    hmap_remove(&item->settle->items, &item->node);
    free(item);
}

void
settle_destroy(struct settle *settle)
{
    struct item *item;

    if (!settle) {
        return;
    }
    HMAP_FOR_EACH_SAFE (item, node, &settle->items) {
        if (item->job) {
            settle_job_destroy(item->job);
        }
        free_item(item);
    }
    hmap_destroy(&settle->items);
    strays_destroy(settle->strays);
    octavia_query_cancel(settle->query);
    octavia_api_destroy(settle->ctx.api);
    exchanger_destroy(settle->ctx.get);
    free(settle);
}

/* Items. */

static struct item *
find_item(const struct settle *settle, const struct uuid *id)
{
    struct item *item;

    HMAP_FOR_EACH_WITH_HASH (item, node, uuid_hash(id), &settle->items) {
        if (uuid_equals(&item->id, id)) {
            return item;
        }
    }
    return NULL;
}

/* Notes that something is to be done.  What is noted already stays as it is.
 */
static struct item *
note(struct settle *settle, enum settle_reason reason,
     enum resource_id resource, const struct uuid *id)
{
    struct item *item = find_item(settle, id);

    if (!item) {
        item = xzalloc(sizeof *item);
        item->settle = settle;
        item->id = *id;
        item->resource = resource;
        item->reason = reason;
        item->since_ms = time_msec();
        item->due_ms = item->since_ms;
        ovs_list_init(&item->waiters);
        hmap_insert(&settle->items, &item->node, uuid_hash(id));
    }
    item->is_seen = true;
    return item;
}

/* Octavia may just be reading our report: it must look stuck twice. */
static void
note_stuck(struct settle *settle, const struct uuid *lb_id)
{
    struct item *item = note(settle, SETTLE_STUCK, RESOURCE_LOAD_BALANCER,
                             lb_id);

    if (item->reason == SETTLE_STUCK && !item->job) {
        item->due_ms = (time_msec() >= item->since_ms + SETTLE_DOUBT_MS
                        ? time_msec() : LLONG_MAX);
    }
}

/* Whether something is under way here, or will be reported anyway. */
static bool
is_worked_on(const struct settle *settle, const struct uuid *lb_id)
{
    struct uuid request;
    struct report report;
    bool is_owed = false;

    if (report_get(settle->ctx.store, lb_id, &report)) {
        is_owed = !*report.digest;
        report_uninit(&report);
    }
    return is_owed || store_lb_is_pending(settle->ctx.store, lb_id, &request);
}

/* What a close look has found may end by itself: it must be so twice, like
 * what looks stuck in a list.  What could not be looked at, or only in part,
 * is not forgotten. */
static bool
is_to_be_repeated(struct item *item, enum settle_result result)
{
    if (item->reason != SETTLE_DOUBT
        || !store_has_lb(item->settle->ctx.store, &item->id)) {
        return false;
    }
    if (result == SETTLE_FAILED || result == SETTLE_EARLY) {
        item->due_ms = time_msec() + SETTLE_INTERVAL_MS;
        return time_msec() < item->since_ms + ROLLED_BACK_MAX_MS;
    }

    bool waits = (result == SETTLE_WAITS
                  && !is_worked_on(item->settle, &item->id));
    if (waits && item->has_waited) {
        item->reason = SETTLE_STUCK;
        item->due_ms = time_msec();
        return true;
    }
    item->has_waited = waits;
    item->due_ms = time_msec() + SETTLE_DOUBT_MS;
    return waits || result == SETTLE_DONE;
}

static void
take_result(enum settle_result result, void *item_)
{
    struct item *item = item_;
    struct settle *settle = item->settle;
    struct ovs_list waiters;
    struct waiter *waiter;

    settle->n_jobs--;
    settle->n_settled += result == SETTLE_DONE;
    ovs_list_move(&waiters, &item->waiters);
    ovs_list_init(&item->waiters);
    item->job = NULL;
    if (!is_to_be_repeated(item, result)) {
        free_item(item);
    }

    LIST_FOR_EACH_POP (waiter, node, &waiters) {
        waiter->done(result != SETTLE_NOT_THERE && result != SETTLE_EARLY
                     && result != SETTLE_FAILED, waiter->aux);
        free(waiter);
    }
}

/* What Octavia says is what it wants only if its calls are over: then it has
 * taken our report, for which it locks the load balancer, too. */
static bool
is_too_early(const struct item *item)
{
    return ((item->reason == SETTLE_DOUBT || item->reason == SETTLE_STUCK)
            && ovs_list_is_empty(&item->waiters)
            && is_worked_on(item->settle, &item->id));
}

static void
start_jobs(struct settle *settle)
{
    struct item *item;

    HMAP_FOR_EACH (item, node, &settle->items) {
        bool is_wanted = !ovs_list_is_empty(&item->waiters);

        if (settle->n_jobs >= SETTLE_JOBS_MAX || item->job
            || time_msec() < item->due_ms
            || !(settle->is_active || is_wanted)) {
            continue;
        } else if (is_too_early(item)) {
            item->due_ms = time_msec() + SETTLE_DOUBT_MS;
        } else {
            settle->n_jobs++;
            item->job = settle_job_start(&settle->ctx, item->reason,
                                         item->resource, &item->id,
                                         take_result, item);
        }
    }
}

void
settle_import(struct settle *settle, enum resource_id resource,
              const struct uuid *id, void (*done)(bool, void *), void *aux)
{
    struct item *item = note(settle, SETTLE_IMPORT, resource, id);
    struct waiter *waiter = xmalloc(sizeof *waiter);

    item->due_ms = MIN(item->due_ms, time_msec());
    *waiter = (struct waiter) { .done = done, .aux = aux };
    ovs_list_push_back(&item->waiters, &waiter->node);
}

void
settle_note_gone(struct settle *settle, const struct uuid *lb_id)
{
    strays_note(settle->strays, lb_id);
}

/* Looking. */

static void
look_at_report(const struct uuid *lb_id, void *settle_)
{
    struct settle *settle = settle_;
    struct report report;

    if (!report_get(settle->ctx.store, lb_id, &report)) {
        return;
    }
    if (report.reserved_at_us
        && report.reserved_at_us < time_wall_usec()
                                   - RESERVATION_MAX_MS * 1000LL) {
        note(settle, SETTLE_RESERVATION, RESOURCE_LOAD_BALANCER, lb_id);
    }
    report_uninit(&report);
}

/* Which load balancers are looked at closely in a pass. */
struct choice {
    struct settle *settle;
    int64_t from_us, to_us;     /* Changes of this time. */
    struct uuid *others;
    size_t n, allocated;
};

static void
choose(const struct uuid *lb_id, void *choice_)
{
    struct choice *choice = choice_;
    const struct settle_context *ctx = &choice->settle->ctx;
    const struct ovsdb_idl_row *lb = rows_find(ctx->rows,
                                               RESOURCE_LOAD_BALANCER, lb_id);
    struct report report;
    int64_t changed_at_us;

    if (!lb || !report_get(ctx->store, lb_id, &report)) {
        return;
    }
    changed_at_us = MAX(row_integer(lb, COL_created_at),
                        row_integer(lb, COL_updated_at));
    if (report.reserved_at_us || changed_at_us > choice->to_us) {
        /* It has no children yet; or its turn comes. */
    } else if (changed_at_us > choice->from_us) {
        note(choice->settle, SETTLE_DOUBT, RESOURCE_LOAD_BALANCER, lb_id);
    } else {
        if (choice->n == choice->allocated) {
            choice->others = x2nrealloc(choice->others, &choice->allocated,
                                        sizeof *choice->others);
        }
        choice->others[choice->n++] = *lb_id;
    }
    report_uninit(&report);
}

static int
compare_uuids(const void *a, const void *b)
{
    return uuid_compare_3way(a, b);
}

/* The next ones, each of 'ids' in turn. */
static void
take_turns(struct settle *settle, struct uuid *ids, size_t n)
{
    size_t first = 0;

    if (n) {
        qsort(ids, n, sizeof *ids, compare_uuids);
    }
    while (first < n && uuid_compare_3way(&ids[first], &settle->turn) <= 0) {
        first++;
    }
    for (size_t i = 0; i < MIN(n, SETTLE_TURN); i++) {
        settle->turn = ids[(first + i) % n];
        note(settle, SETTLE_DOUBT, RESOURCE_LOAD_BALANCER, &settle->turn);
    }
}

/* Octavia may have rolled back what we accepted, or hold PENDING what is below
 * a load balancer that is not.  Both come from calls; so those are looked at
 * that changed.  The others have their turn: people edit databases. */
static void
look_closely(struct settle *settle, bool is_pass)
{
    struct choice choice = {
        .settle = settle,
        .from_us = settle->looked_until_us,
        .to_us = time_wall_usec() - SETTLE_LOOK_MS * 1000LL,
    };

    reports_for_each(settle->ctx.store, choose, &choice);
    settle->looked_until_us = MAX(choice.from_us, choice.to_us);
    settle->look_at_ms = time_msec() + SETTLE_LOOK_MS;
    if (is_pass && settle->ctx.api) {
        take_turns(settle, choice.others, choice.n);
    }
    free(choice.others);
}

static void
look_at_lb(struct settle *settle, const struct octavia_item *lb)
{
    if (is_worked_on(settle, &lb->id)) {
        return;
    }
    if (octavia_item_is_pending(lb)) {
        note_stuck(settle, &lb->id);
    } else if (!store_has_lb(settle->ctx.store, &lb->id)) {
        note(settle, SETTLE_IMPORT, RESOURCE_LOAD_BALANCER, &lb->id);
    }
}

/* What looked stuck in the last pass and does not any more. */
static void
forget_unseen(struct settle *settle)
{
    struct item *item;

    HMAP_FOR_EACH_SAFE (item, node, &settle->items) {
        if (!item->is_seen && !item->job && item->reason == SETTLE_STUCK
            && ovs_list_is_empty(&item->waiters)) {
            free_item(item);
        }
    }
}

static bool
is_looking_twice(const struct settle *settle)
{
    const struct item *item;

    HMAP_FOR_EACH (item, node, &settle->items) {
        if (item->reason == SETTLE_STUCK && !item->job) {
            return true;
        }
    }
    return false;
}

static void
log_api(struct settle *settle, const char *error)
{
    if (error && !settle->was_api_down) {
        VLOG_WARN("Octavia's API does not say what waits for us: %.200s",
                  error);
    } else if (!error && settle->was_api_down) {
        VLOG_INFO("Octavia's API answers again");
    }
    settle->was_api_down = error != NULL;
}

static void
take_lbs(const struct octavia_list *list, void *settle_)
{
    struct settle *settle = settle_;
    struct item *item;

    settle->query = NULL;
    log_api(settle, list->error);
    if (list->error) {
        return;
    }
    HMAP_FOR_EACH (item, node, &settle->items) {
        item->is_seen = false;
    }
    for (size_t i = 0; i < list->n; i++) {
        look_at_lb(settle, &list->items[i]);
    }
    forget_unseen(settle);
    if (is_looking_twice(settle)) {
        settle->pass_at_ms = time_msec() + SETTLE_DOUBT_MS;
    }
}

static void
run_pass(struct settle *settle)
{
    if (time_msec() < settle->pass_at_ms || settle->query) {
        return;
    }
    settle->pass_at_ms = time_msec() + SETTLE_INTERVAL_MS;
    reports_for_each(settle->ctx.store, look_at_report, settle);
    look_closely(settle, true);
    if (settle->ctx.api) {
        settle->query = octavia_api_list(settle->ctx.api,
                                         "/v2/lbaas/loadbalancers",
                                         "loadbalancers", PROVIDER_FILTER,
                                         take_lbs, settle);
    }
}

void
settle_run(struct settle *settle, bool is_active)
{
    if (is_active != settle->is_active) {
        settle->is_active = is_active;
        settle->pass_at_ms = settle->look_at_ms = time_msec();
        settle->looked_until_us = time_wall_usec()
                                  - ROLLED_BACK_MAX_MS * 1000LL;
    }
    if (is_active && store_is_ready(settle->ctx.store)) {
        run_pass(settle);
        if (time_msec() >= settle->look_at_ms) {
            look_closely(settle, false);
        }
    }
    start_jobs(settle);
    strays_run(settle->strays);
    exchanger_run(settle->ctx.get);
    if (settle->ctx.api) {
        octavia_api_run(settle->ctx.api);
    }
}

void
settle_wait(struct settle *settle)
{
    const struct item *item;

    strays_wait(settle->strays);
    exchanger_wait(settle->ctx.get);
    if (settle->ctx.api) {
        octavia_api_wait(settle->ctx.api);
    }
    if (settle->is_active && store_is_ready(settle->ctx.store)) {
        poll_timer_wait_until(settle->look_at_ms);
        if (!settle->query) {
            poll_timer_wait_until(settle->pass_at_ms);
        }
    }
    if (settle->n_jobs < SETTLE_JOBS_MAX) {
        HMAP_FOR_EACH (item, node, &settle->items) {
            if (!item->job && item->due_ms != LLONG_MAX
                && (settle->is_active
                               || !ovs_list_is_empty(&item->waiters))) {
                poll_timer_wait_until(item->due_ms);
            }
        }
    }
}

void
settle_format_status(const struct settle *settle, struct ds *s)
{
    ds_put_format(s, "load balancers settled: %llu\n", settle->n_settled);
    ds_put_format(s, "load balancers to settle: %"PRIuSIZE"\n",
                  hmap_count(&settle->items));
}
