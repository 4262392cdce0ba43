/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds what has to be settled with Octavia; see repair.h.  repair-job.c does
 * it, for a few load balancers at a time.
 */

#include <config.h>
#include "agent/repair.h"
#include <limits.h>
#include <stdlib.h>
#include "agent/repair-job.h"
#include "agent/strays.h"
#include "base/array.h"
#include "base/limits.h"
#include "base/uuid-set.h"
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

VLOG_DEFINE_THIS_MODULE(repair);

/* The provider's name at Octavia. */
#define PROVIDER_FILTER "provider=ovn"

/* Work on one load balancer, or what looks like it. */
struct repair_item {
    struct hmap_node node;      /* In 'items', by id. */
    struct repair *repair;
    struct uuid id;             /* The load balancer's, or an object's. */
    enum resource_id resource;
    enum repair_reason reason;
    long long int since_ms;     /* When it was first seen. */
    long long int due_ms;       /* When it may begin; LLONG_MAX: when it is
                                 * seen once more. */
    bool is_seen;               /* In this pass. */
    bool has_waited;            /* The close look has found it stuck. */

    struct repair_job *job;     /* NULL: the item waits. */
    bool is_look;               /* The job is repair->n_looks's. */
    long long int begun_ms;     /* Its job. */
    struct ovs_list waiters;    /* struct waiter. */
};

struct waiter {
    struct ovs_list node;
    void (*done)(bool is_there, void *aux);
    void *aux;
};

struct repair {
    struct repair_context ctx;
    struct strays *strays;
    struct hmap items;
    size_t n_jobs;
    size_t n_looks;             /* Jobs that nobody waits for. */
    long long int rest_until_ms;        /* No other look begins before. */

    bool is_active;
    bool is_behind;             /* With reports. */
    struct octavia_query *query;
    long long int pass_at_ms;
    long long int look_at_ms;
    int64_t looked_until_us;    /* Changes until then were looked at. */
    struct uuid turn;           /* The last one that had its turn. */
    bool was_api_down;          /* As last logged. */
    unsigned long long int n_settled;
};

struct repair *
repair_create(struct store *store, struct rows *rows,
              const struct repair_options *options)
{
    struct repair *repair = xzalloc(sizeof *repair);
    char *error = NULL;

    repair->ctx = (struct repair_context) {
        .store = store,
        .rows = rows,
        .get = exchanger_create(options->get_socket, REPAIR_JOBS_MAX,
                                OCTAVIA_QUESTION_MS),
        .api = (options->conf ? octavia_api_create(options->conf, &error)
                : NULL),
        .conf = options->conf,
    };
    repair->strays = strays_create(store, rows, repair->ctx.get,
                                   repair->ctx.api);
    hmap_init(&repair->items);
    if (error) {
        VLOG_WARN("not looking for what Octavia waits for: %s", error);
        free(error);
    } else if (!options->conf) {
        VLOG_INFO("not looking for what Octavia waits for: octavia-conf is "
                  "not set");
    }
    return repair;
}

static void
free_item(struct repair_item *item)
{
    struct waiter *waiter;

    LIST_FOR_EACH_POP (waiter, node, &item->waiters) {
        free(waiter);
    }
    hmap_remove(&item->repair->items, &item->node);
    free(item);
}

void
repair_destroy(struct repair *repair)
{
    struct repair_item *item;

    if (!repair) {
        return;
    }
    HMAP_FOR_EACH_SAFE (item, node, &repair->items) {
        if (item->job) {
            repair_job_destroy(item->job);
        }
        free_item(item);
    }
    hmap_destroy(&repair->items);
    strays_destroy(repair->strays);
    octavia_query_cancel(repair->query);
    octavia_api_destroy(repair->ctx.api);
    exchanger_destroy(repair->ctx.get);
    free(repair);
}

/* Items. */

static struct repair_item *
find_repair_item(const struct repair *repair, const struct uuid *id)
{
    struct repair_item *item;

    HMAP_FOR_EACH_WITH_HASH (item, node, uuid_hash(id), &repair->items) {
        if (uuid_equals(&item->id, id)) {
            return item;
        }
    }
    return NULL;
}

/* Notes that something is to be done.  An item that is noted already stays as
 * it is. */
static struct repair_item *
repair_note(struct repair *repair, enum repair_reason reason,
            enum resource_id resource, const struct uuid *id)
{
    struct repair_item *item = find_repair_item(repair, id);

    if (!item) {
        item = xzalloc(sizeof *item);
        item->repair = repair;
        item->id = *id;
        item->resource = resource;
        item->reason = reason;
        item->since_ms = time_msec();
        item->due_ms = item->since_ms;
        ovs_list_init(&item->waiters);
        hmap_insert(&repair->items, &item->node, uuid_hash(id));
    }
    item->is_seen = true;
    return item;
}

/* Requires two sightings REPAIR_DOUBT_MS apart: Octavia may still be reading
 * our report. */
static void
note_stuck(struct repair *repair, const struct uuid *lb_id)
{
    struct repair_item *item = repair_note(repair, REPAIR_STUCK,
                                           RESOURCE_LOAD_BALANCER, lb_id);

    if (item->reason == REPAIR_STUCK && !item->job) {
        item->due_ms = (time_msec() >= item->since_ms + REPAIR_DOUBT_MS
                        ? time_msec() : LLONG_MAX);
    }
}

/* True if a change is under way here, or will be reported anyway. */
static bool
is_worked_on(const struct repair *repair, const struct uuid *lb_id)
{
    struct uuid request;
    struct report report;
    bool is_owed = false;

    if (report_get(repair->ctx.store, lb_id, &report)) {
        is_owed = !*report.digest;
        report_uninit(&report);
    }
    return is_owed || store_lb_is_pending(repair->ctx.store, lb_id, &request);
}

/* True if 'item' is to be looked at again.  A state that may end by itself
 * must be seen twice, as in a list; a look that failed, or saw only a part, is
 * repeated. */
static bool
is_to_be_repeated(struct repair_item *item, enum repair_result result)
{
    if (item->reason != REPAIR_DOUBT
        || !store_has_lb(item->repair->ctx.store, &item->id)) {
        return false;
    }
    if (result == REPAIR_FAILED || result == REPAIR_EARLY) {
        item->due_ms = time_msec() + REPAIR_INTERVAL_MS;
        return time_msec() < item->since_ms + ROLLED_BACK_MAX_MS;
    }

    bool waits = (result == REPAIR_WAITS
                  && !is_worked_on(item->repair, &item->id));
    if (waits && item->has_waited) {
        item->reason = REPAIR_STUCK;
        item->due_ms = time_msec();
        return true;
    }
    item->has_waited = waits;
    item->due_ms = time_msec() + REPAIR_DOUBT_MS;
    return waits || result == REPAIR_DONE;
}

/* Settles the item before its waiters are called, which may ask for the same
 * object again. */
static void
take_result(enum repair_result result, void *item_)
{
    struct repair_item *item = item_;
    struct repair *repair = item->repair;
    struct ovs_list waiters;
    struct waiter *waiter;

    repair->n_jobs--;
    repair->n_settled += result == REPAIR_DONE;
    if (item->is_look) {
        repair->n_looks--;
        repair->rest_until_ms = time_msec() + REPAIR_REST_FACTOR
                                              * (time_msec() - item->begun_ms);
    }
    ovs_list_move(&waiters, &item->waiters);
    ovs_list_init(&item->waiters);
    item->job = NULL;
    if (!is_to_be_repeated(item, result)) {
        free_item(item);
    }

    LIST_FOR_EACH_POP (waiter, node, &waiters) {
        waiter->done(result != REPAIR_NOT_THERE && result != REPAIR_EARLY
                     && result != REPAIR_FAILED, waiter->aux);
        free(waiter);
    }
}

/* True if a close look would cost Octavia what a report needs.  Reports that
 * never end delay it, but do not prevent it. */
static bool
gives_way_to_reports(const struct repair_item *item)
{
    return (item->repair->is_behind && item->reason == REPAIR_DOUBT
            && time_msec() < item->since_ms + REPAIR_PATIENCE_MS);
}

/* True if Octavia's answer could not be final: it is only when its calls are
 * over, that is, when it has taken our report, for which it locks the load
 * balancer, too. */
static bool
is_too_early(const struct repair_item *item)
{
    return ((item->reason == REPAIR_DOUBT || item->reason == REPAIR_STUCK)
            && ovs_list_is_empty(&item->waiters)
            && (is_worked_on(item->repair, &item->id)
                || gives_way_to_reports(item)));
}

/* True for a close look at what is probably fine. */
static bool
is_mere_look(const struct repair_item *item)
{
    return (item->reason == REPAIR_DOUBT
            && ovs_list_is_empty(&item->waiters));
}

/* Returns when the item's job may begin, LLONG_MAX if something else has to
 * happen before.  Looks come one at a time, with rests, until they are late:
 * after a thousand calls a busy Octavia would do little else. */
static long long int
begins_ms(const struct repair_item *item)
{
    const struct repair *repair = item->repair;

    if (item->job
        || !(repair->is_active || !ovs_list_is_empty(&item->waiters))) {
        return LLONG_MAX;
    } else if (!is_mere_look(item)) {
        return item->due_ms;
    }

    long long int late_ms = item->since_ms + REPAIR_LATE_MS;
    long long int turn_ms = repair->n_looks ? LLONG_MAX
                                            : repair->rest_until_ms;
    return MAX(item->due_ms, MIN(turn_ms, late_ms));
}

static void
start_jobs(struct repair *repair)
{
    struct repair_item *item;

    HMAP_FOR_EACH (item, node, &repair->items) {
        if (repair->n_jobs >= REPAIR_JOBS_MAX
            || time_msec() < begins_ms(item)) {
            continue;
        } else if (is_too_early(item)) {
            item->due_ms = time_msec() + REPAIR_DOUBT_MS;
        } else {
            repair->n_jobs++;
            item->is_look = is_mere_look(item);
            repair->n_looks += item->is_look;
            item->begun_ms = time_msec();
            item->job = repair_job_start(&repair->ctx, item->reason,
                                         item->resource, &item->id,
                                         take_result, item);
        }
    }
}

void
repair_import(struct repair *repair, enum resource_id resource,
              const struct uuid *id, void (*done)(bool, void *), void *aux)
{
    struct repair_item *item = repair_note(repair, REPAIR_IMPORT, resource,
                                           id);
    struct waiter *waiter = xmalloc(sizeof *waiter);

    item->due_ms = MIN(item->due_ms, time_msec());
    *waiter = (struct waiter) { .done = done, .aux = aux };
    ovs_list_push_back(&item->waiters, &waiter->node);
}

void
repair_note_gone(struct repair *repair, const struct uuid *lb_id)
{
    strays_note(repair->strays, lb_id);
}

/* Looking. */

static void
look_at_report(const struct uuid *lb_id, void *repair_)
{
    struct repair *repair = repair_;
    struct report report;

    if (!report_get(repair->ctx.store, lb_id, &report)) {
        return;
    }
    if (report.reserved_at_us
        && report.reserved_at_us < time_wall_usec()
                                   - RESERVATION_MAX_MS * 1000LL) {
        repair_note(repair, REPAIR_RESERVATION, RESOURCE_LOAD_BALANCER, lb_id);
    }
    report_uninit(&report);
}

/* The choice of load balancers to look at closely in a pass. */
struct lb_choice {
    struct repair *repair;
    int64_t from_us, to_us;     /* Changes of this time. */
    struct uuid *others;
    size_t n, allocated;
};

static void
choose_other_lb(const struct uuid *lb_id, void *choice_)
{
    struct lb_choice *choice = choice_;
    const struct repair_context *ctx = &choice->repair->ctx;
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
        /* The load balancer has no children yet, or its turn comes later. */
    } else if (changed_at_us > choice->from_us) {
        repair_note(choice->repair, REPAIR_DOUBT, RESOURCE_LOAD_BALANCER,
                    lb_id);
    } else {
        ARRAY_GROW(choice->others, choice->n, choice->allocated);
        choice->others[choice->n++] = *lb_id;
    }
    report_uninit(&report);
}

/* The next ones, each of 'ids' in turn. */
static void
take_turns(struct repair *repair, struct uuid *ids, size_t n)
{
    size_t first = 0;

    uuid_sort(ids, n);
    while (first < n && uuid_compare_3way(&ids[first], &repair->turn) <= 0) {
        first++;
    }
    for (size_t i = 0; i < MIN(n, REPAIR_TURN); i++) {
        repair->turn = ids[(first + i) % n];
        repair_note(repair, REPAIR_DOUBT, RESOURCE_LOAD_BALANCER,
                    &repair->turn);
    }
}

/* Looks closely at the load balancers that changed since the last pass:
 * rollbacks, and children that stay PENDING, come from calls.  The others get
 * their turns, for edits of a database by hand. */
static void
look_closely(struct repair *repair, bool is_pass)
{
    struct lb_choice choice = {
        .repair = repair,
        .from_us = repair->looked_until_us,
        .to_us = time_wall_usec() - REPAIR_LOOK_MS * 1000LL,
    };

    reports_for_each(repair->ctx.store, choose_other_lb, &choice);
    repair->looked_until_us = MAX(choice.from_us, choice.to_us);
    repair->look_at_ms = time_msec() + REPAIR_LOOK_MS;
    if (is_pass && repair->ctx.api) {
        take_turns(repair, choice.others, choice.n);
    }
    free(choice.others);
}

static void
repair_look_at_lb(struct repair *repair, const struct octavia_item *lb)
{
    if (is_worked_on(repair, &lb->id)) {
        return;
    }
    if (octavia_item_is_pending(lb)) {
        note_stuck(repair, &lb->id);
    } else if (!store_has_lb(repair->ctx.store, &lb->id)) {
        repair_note(repair, REPAIR_IMPORT, RESOURCE_LOAD_BALANCER, &lb->id);
    }
}

/* Forgets items that looked stuck before, but not in this pass. */
static void
forget_unseen_items(struct repair *repair)
{
    struct repair_item *item;

    HMAP_FOR_EACH_SAFE (item, node, &repair->items) {
        if (!item->is_seen && !item->job && item->reason == REPAIR_STUCK
            && ovs_list_is_empty(&item->waiters)) {
            free_item(item);
        }
    }
}

static bool
is_looking_twice(const struct repair *repair)
{
    const struct repair_item *item;

    HMAP_FOR_EACH (item, node, &repair->items) {
        if (item->reason == REPAIR_STUCK && !item->job) {
            return true;
        }
    }
    return false;
}

static void
log_api(struct repair *repair, const char *error)
{
    if (error && !repair->was_api_down) {
        VLOG_WARN("Octavia's API does not say what waits for us: %.200s",
                  error);
    } else if (!error && repair->was_api_down) {
        VLOG_INFO("Octavia's API answers again");
    }
    repair->was_api_down = error != NULL;
}

static void
repair_take_lbs(const struct octavia_list *list, void *repair_)
{
    struct repair *repair = repair_;
    struct repair_item *item;

    repair->query = NULL;
    log_api(repair, list->error);
    if (list->error) {
        return;
    }
    HMAP_FOR_EACH (item, node, &repair->items) {
        item->is_seen = false;
    }
    for (size_t i = 0; i < list->n; i++) {
        repair_look_at_lb(repair, &list->items[i]);
    }
    forget_unseen_items(repair);
    if (is_looking_twice(repair)) {
        repair->pass_at_ms = time_msec() + REPAIR_DOUBT_MS;
    }
}

static void
run_pass(struct repair *repair)
{
    if (time_msec() < repair->pass_at_ms || repair->query) {
        return;
    }
    repair->pass_at_ms = time_msec() + REPAIR_INTERVAL_MS;
    reports_for_each(repair->ctx.store, look_at_report, repair);
    look_closely(repair, true);
    if (repair->ctx.api) {
        repair->query = octavia_api_list(repair->ctx.api,
                                         "/v2/lbaas/loadbalancers",
                                         "loadbalancers", PROVIDER_FILTER,
                                         repair_take_lbs, repair);
    }
}

void
repair_run(struct repair *repair, bool is_active, bool is_behind)
{
    repair->is_behind = is_behind;
    if (is_active != repair->is_active) {
        repair->is_active = is_active;
        repair->pass_at_ms = repair->look_at_ms = time_msec();
        repair->looked_until_us = time_wall_usec()
                                  - ROLLED_BACK_MAX_MS * 1000LL;
    }
    if (is_active && store_is_ready(repair->ctx.store)) {
        run_pass(repair);
        if (time_msec() >= repair->look_at_ms) {
            look_closely(repair, false);
        }
    }
    start_jobs(repair);
    strays_run(repair->strays);
    exchanger_run(repair->ctx.get);
    if (repair->ctx.api) {
        octavia_api_run(repair->ctx.api);
    }
}

void
repair_wait(struct repair *repair)
{
    const struct repair_item *item;

    strays_wait(repair->strays);
    exchanger_wait(repair->ctx.get);
    if (repair->ctx.api) {
        octavia_api_wait(repair->ctx.api);
    }
    if (repair->is_active && store_is_ready(repair->ctx.store)) {
        poll_timer_wait_until(repair->look_at_ms);
        if (!repair->query) {
            poll_timer_wait_until(repair->pass_at_ms);
        }
    }
    if (repair->n_jobs < REPAIR_JOBS_MAX) {
        HMAP_FOR_EACH (item, node, &repair->items) {
            if (begins_ms(item) != LLONG_MAX) {
                poll_timer_wait_until(begins_ms(item));
            }
        }
    }
}

size_t
repair_n_to_settle(const struct repair *repair)
{
    return hmap_count(&repair->items);
}

unsigned long long int
repair_n_settled(const struct repair *repair)
{
    return repair->n_settled;
}

void
repair_format_status(const struct repair *repair, struct ds *s)
{
    ds_put_format(s, "load balancers settled: %llu\n", repair->n_settled);
    ds_put_format(s, "load balancers to settle: %"PRIuSIZE"\n",
                  hmap_count(&repair->items));
}
