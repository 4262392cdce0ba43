/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports to Octavia; see reporter.h.  A key of the queue is a load balancer:
 * while it is taken, one report after the other goes out, as the ledger says,
 * until Octavia knows everything.
 */

#include <config.h>
#include "agent/reporter.h"
#include <string.h>
#include "agent/ledger.h"
#include "agent/presence.h"
#include "agent/report-tally.h"
#include "agent/turns.h"
#include "base/commit.h"
#include "base/limits.h"
#include "base/workq.h"
#include "octavia/exchange.h"
#include "octavia/get-socket.h"
#include "octavia/status-socket.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/reports.h"
#include "store/states.h"
#include "store/store-lock.h"
#include "store/store.h"
#include "store/tree.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(reporter);

struct reporter {
    struct store *store;
    void (*reported)(const struct uuid *lb_id, void *aux);
    void (*gone)(const struct uuid *lb_id, void *aux);
    void *aux;
    struct store_lock *lock;
    struct exchanger *status;
    struct presence *presence;  /* Tells if 'status' has a listener. */
    struct exchanger *get;
    struct workq *queue;        /* Load balancers. */
    struct hmap lbs;            /* struct lb. */
    size_t n_busy;              /* Load balancers that are taken. */
    struct turns turns;         /* To tell of deletions. */

    bool is_active;             /* Has the lock, and has looked at all. */
    long long int sweep_at_ms;

    unsigned long long int n_reports;
};

struct lb {
    struct hmap_node node;      /* In reporter's 'lbs'. */
    struct reporter *reporter;
    struct ledger ledger;
    char *project_id;           /* NULL: not known. */
    bool saw_demand;            /* To report everything, see reports.h. */

    /* While it is taken. */
    bool is_busy;
    struct exchange *exchange;  /* A report or a question under way. */
    bool is_stale;              /* Another agent has reported meanwhile. */
    struct ledger_report report;
    long long int sent_us;
    struct uuid refused;
    char *refusal;              /* Octavia's text, or NULL. */

    /* Booking what Octavia has acknowledged. */
    struct commit_op op;
    bool is_booking;
    bool is_orphan;             /* To be freed when it is booked. */
};

static void report_next(struct lb *);
static bool book_apply(struct commit_op *, struct ovsdb_idl_txn *,
                       unsigned int attempt);
static void book_done(struct commit_op *, enum commit_result,
                      const char *error);

struct reporter *
reporter_create(struct store *store, const struct reporter_options *options)
{
    struct reporter *reporter = xzalloc(sizeof *reporter);

    reporter->store = store;
    reporter->reported = options->reported;
    reporter->gone = options->gone;
    reporter->aux = options->aux;
    reporter->lock = store_lock_create(options->db_remote, STORE_LOCK_AGENT);
    reporter->status = exchanger_create(options->status_socket,
                                        OCTAVIA_CALLS_MAX, 0);
    reporter->presence = presence_create(reporter->status);
    reporter->get = exchanger_create(options->get_socket, OCTAVIA_CALLS_MAX,
                                     OCTAVIA_QUESTION_MS);
    reporter->queue = workq_create(REPORT_BACKOFF_MIN_MS,
                                   REPORT_BACKOFF_MAX_MS);
    hmap_init(&reporter->lbs);
    turns_init(&reporter->turns);
    store_lock_want(reporter->lock, true);
    return reporter;
}

/* Load balancers. */

static struct lb *
reporter_find_lb(const struct reporter *reporter, const struct uuid *id)
{
    struct lb *lb;

    HMAP_FOR_EACH_WITH_HASH (lb, node, uuid_hash(id), &reporter->lbs) {
        if (uuid_equals(&lb->ledger.lb_id, id)) {
            return lb;
        }
    }
    return NULL;
}

/* The load balancer, with what Octavia knows about it: all, if the digest
 * says so. */
static struct lb *
reporter_get_lb(struct reporter *reporter, const struct report *report,
                const struct lb_states *states)
{
    struct lb *lb = reporter_find_lb(reporter, &report->lb_id);

    if (!lb) {
        lb = xzalloc(sizeof *lb);
        lb->reporter = reporter;
        lb->op = (struct commit_op) { .apply = book_apply,
                                      .done = book_done };
        ledger_init(&lb->ledger, &report->lb_id);
        hmap_insert(&reporter->lbs, &lb->node, uuid_hash(&report->lb_id));

        char *digest = states ? lb_states_digest(states) : NULL;
        if (digest && !strcmp(digest, report->digest)) {
            ledger_settle(&lb->ledger, states);
        }
        free(digest);
    }
    return lb;
}

/* If the load balancer had a turn, it is the next one's. */
static void
end_turn(struct reporter *reporter, const struct uuid *lb_id)
{
    struct uuid next;

    if (turns_end(&reporter->turns, lb_id, time_msec(), &next)) {
        workq_add(reporter->queue, &next);
    }
}

/* Frees 'lb'; or leaves that to the end of its op, if the op is on its way to
 * the database and cannot be withdrawn. */
static void
destroy_lb(struct lb *lb)
{
    end_turn(lb->reporter, &lb->ledger.lb_id);
    exchange_cancel(lb->exchange);
    ledger_report_uninit(&lb->report);
    ledger_uninit(&lb->ledger);
    free(lb->refusal);
    free(lb->project_id);
    hmap_remove(&lb->reporter->lbs, &lb->node);
    if (lb->is_booking && lb->reporter->store
        && !store_withdraw(lb->reporter->store, &lb->op)) {
        lb->is_orphan = true;
    } else {
        free(lb);
    }
}

/* The work on 'lb' is over until its turn comes. */
static void
suspend_lb(struct lb *lb, bool failed)
{
    ovs_assert(lb->is_busy);
    lb->is_busy = false;
    lb->reporter->n_busy--;
    workq_done(lb->reporter->queue, &lb->ledger.lb_id, failed, time_msec());
}

/* The work on 'lb' is over for now. */
static void
release_lb(struct lb *lb, bool failed)
{
    suspend_lb(lb, failed);
    end_turn(lb->reporter, &lb->ledger.lb_id);
}

void
reporter_destroy(struct reporter *reporter)
{
    struct lb *lb;

    if (!reporter) {
        return;
    }
    reporter->store = NULL;
    HMAP_FOR_EACH_SAFE (lb, node, &reporter->lbs) {
        destroy_lb(lb);
    }
    hmap_destroy(&reporter->lbs);
    turns_destroy(&reporter->turns);
    workq_destroy(reporter->queue);
    presence_destroy(reporter->presence);
    exchanger_destroy(reporter->status);
    exchanger_destroy(reporter->get);
    store_lock_destroy(reporter->lock);
    free(reporter);
}

/* Reporting. */

static bool
load_report(const struct reporter *reporter, const struct uuid *id,
            struct report *report, struct lb_states *states, bool *has_states)
{
    if (!report_get(reporter->store, id, report)) {
        return false;
    }
    *has_states = store_load_states(reporter->store, id, states);
    return true;
}

static void
unload_report(struct report *report, struct lb_states *states, bool has_states)
{
    report_uninit(report);
    if (has_states) {
        lb_states_uninit(states);
    }
}

static void
log_report_refusal(const struct lb *lb, const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    VLOG_WARN_RL(&rl, "load balancer "UUID_FMT": Octavia refuses the state "
                 "of "UUID_FMT" (%.200s), trying again later",
                 UUID_ARGS(&lb->ledger.lb_id), UUID_ARGS(&lb->refused),
                 error);
}

/* Drops all that is known about 'lb', since it is out of date, and queues it
 * anew. */
static void
end_stale(struct lb *lb)
{
    struct reporter *reporter = lb->reporter;
    struct uuid id = lb->ledger.lb_id;

    release_lb(lb, false);
    destroy_lb(lb);
    workq_add(reporter->queue, &id);
}

static void
take_refused_object(const struct get_reply *reply, void *lb_)
{
    struct lb *lb = lb_;

    lb->exchange = NULL;
    if (lb->is_stale) {
        end_stale(lb);
        return;
    }
    if (!reply->error && !reply->object) {
        VLOG_DBG("load balancer "UUID_FMT": Octavia does not know "UUID_FMT,
                 UUID_ARGS(&lb->ledger.lb_id), UUID_ARGS(&lb->refused));
        ledger_unknown(&lb->ledger, &lb->report, &lb->refused);
    } else {
        log_report_refusal(lb, reply->error ? reply->error : lb->refusal);
    }
    report_next(lb);
}

static void
log_failure(const struct lb *lb, const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    VLOG_WARN_RL(&rl, "load balancer "UUID_FMT": report failed (%.200s), "
                 "trying again", UUID_ARGS(&lb->ledger.lb_id), error);
}

/* Returns the record's kind of object, N_RESOURCES if there is none. */
static enum resource_id
refused_resource(const struct lb *lb)
{
    for (size_t i = 0; i < lb->report.n; i++) {
        if (uuid_equals(&lb->report.records[i].id, &lb->refused)) {
            return lb->report.records[i].resource;
        }
    }
    return N_RESOURCES;
}

static void
take_refusal(struct lb *lb, const struct status_reply *reply)
{
    lb->refused = reply->refused;
    free(lb->refusal);
    lb->refusal = xstrdup(reply->error);
    if (refused_resource(lb) == N_RESOURCES) {
        log_failure(lb, "what is refused is not in it");
        release_lb(lb, true);
    } else if (ledger_refused(&lb->ledger, &lb->report, &lb->refused)) {
        lb->exchange = get_send(lb->reporter->get, refused_resource(lb),
                                &lb->refused, take_refused_object, lb);
    } else {
        report_next(lb);
    }
}

/* Leaves the ledger as it was after STATUS_FAILED: how much was applied is
 * unknown, so all of it is reported again. */
static void
take_reply(const struct status_reply *reply, void *lb_)
{
    struct lb *lb = lb_;
    struct reporter *reporter = lb->reporter;
    struct uuid id = lb->ledger.lb_id;

    lb->exchange = NULL;
    report_tally_note(reply->result, lb->report.n,
                      time_usec() - lb->sent_us);
    if (reply->result != STATUS_AWAY) {
        presence_set_there(reporter->presence);
    }
    if (lb->is_stale) {
        end_stale(lb);
        return;
    }
    switch (reply->result) {
    case STATUS_TAKEN:
        ledger_taken(&lb->ledger, &lb->report);
        report_next(lb);
        break;

    case STATUS_REFUSED:
        take_refusal(lb, reply);
        break;

    case STATUS_AWAY:
        presence_set_away(reporter->presence, reply->error);
        release_lb(lb, false);
        workq_add(reporter->queue, &id);
        break;

    case STATUS_FAILED:
        log_failure(lb, reply->error);
        release_lb(lb, true);
        break;

    default:
        OVS_NOT_REACHED();
    }
}

/* True if the database does not say yet what Octavia has acknowledged. */
static bool
must_book(const struct lb *lb, const struct report *report,
          const struct lb_states *states)
{
    if (!states) {
        return ledger_is_settled(&lb->ledger, NULL, report);
    }
    for (size_t i = 0; i < report->n_deletions; i++) {
        const struct uuid *id = &report->deletions[i].object_id;

        if (ledger_knows_gone(&lb->ledger, id)) {
            return true;
        }
    }
    if (!ledger_is_settled(&lb->ledger, states, report)) {
        return false;
    }

    char *digest = lb_states_digest(states);
    bool differs = strcmp(digest, report->digest);
    free(digest);
    return differs;
}

static bool
book_report(struct lb *lb, struct ovsdb_idl_txn *txn,
            const struct report *report, const struct lb_states *states)
{
    struct store *store = lb->reporter->store;
    const struct uuid *id = &lb->ledger.lb_id;

    if (!must_book(lb, report, states)) {
        return false;
    }
    if (!states) {
        report_remove(store, txn, id);
        if (lb->reporter->gone) {
            lb->reporter->gone(id, lb->reporter->aux);
        }
        return true;
    }
    for (size_t i = 0; i < report->n_deletions; i++) {
        const struct uuid *gone = &report->deletions[i].object_id;

        if (ledger_knows_gone(&lb->ledger, gone)) {
            report_forget_deletion(store, txn, id, gone);
        }
    }
    if (ledger_is_settled(&lb->ledger, states, report)) {
        char *digest = lb_states_digest(states);

        report_acknowledge(store, txn, id, digest);
        free(digest);
    }
    return true;
}

/* Loads the states again: they may have changed since Octavia's reply, and
 * only what Octavia knows of them now may be booked. */
static bool
book_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
           unsigned int attempt OVS_UNUSED)
{
    struct lb *lb = CONTAINER_OF(op, struct lb, op);
    struct report report;
    struct lb_states states;
    bool has_states;

    if (lb->is_orphan) {
        free(lb);
        return false;
    }
    if (!load_report(lb->reporter, &lb->ledger.lb_id, &report, &states,
                     &has_states)) {
        lb->is_booking = false;
        return false;
    }

    bool wrote = book_report(lb, txn, &report, has_states ? &states : NULL);
    unload_report(&report, &states, has_states);
    lb->is_booking = wrote;
    return wrote;
}

static void
book_done(struct commit_op *op, enum commit_result result OVS_UNUSED,
          const char *error OVS_UNUSED)
{
    struct lb *lb = CONTAINER_OF(op, struct lb, op);

    /* A report that is not booked is repeated after a restart. */
    lb->is_booking = false;
    if (lb->is_orphan) {
        free(lb);
    }
}

static void
start_booking(struct lb *lb, const struct report *report,
              const struct lb_states *states)
{
    if (states && ledger_is_settled(&lb->ledger, states, report)) {
        ledger_settle(&lb->ledger, states);
    }
    if (!lb->is_booking && must_book(lb, report, states)) {
        lb->is_booking = true;
        store_submit(lb->reporter->store, &lb->op);
    }
}

/* Empties the ledger if Octavia is to be told everything again. */
static void
note_demand(struct lb *lb, const struct report *report)
{
    if (report->is_demanded && !lb->saw_demand) {
        struct uuid id = lb->ledger.lb_id;

        ledger_uninit(&lb->ledger);
        ledger_init(&lb->ledger, &id);
    }
    lb->saw_demand = report->is_demanded;
}

static void
announce_report(const struct lb *lb)
{
    const struct uuid *id = &lb->ledger.lb_id;

    for (size_t i = 0; i < lb->report.n && lb->reporter->reported; i++) {
        if (uuid_equals(&lb->report.records[i].id, id)) {
            lb->reporter->reported(id, lb->reporter->aux);
        }
    }
}

/* True if what is to be told next may be told now. */
static bool
take_turn(struct lb *lb)
{
    for (size_t i = 0; i < lb->report.n; i++) {
        const char *status = lb->report.records[i].provisioning_status;

        if (status && !strcmp(status, "DELETED")) {
            return turns_take(&lb->reporter->turns,
                              lb->project_id ? lb->project_id : "",
                              &lb->ledger.lb_id, time_msec());
        }
    }
    return true;
}

static void
note_project(struct lb *lb, const struct lb_states *states)
{
    if (states && !lb->project_id) {
        lb->project_id = nullable_xstrdup(states->project_id);
    }
}

/* Tells what is to be told next about 'lb', which is taken; if there is
 * nothing, or it has to wait, it is not taken any more. */
static void
send_next(struct lb *lb, const struct report *report,
          const struct lb_states *states)
{
    struct reporter *reporter = lb->reporter;

    note_demand(lb, report);
    note_project(lb, states);
    ledger_report_uninit(&lb->report);
    ledger_next(&lb->ledger, states, report, STATUS_RECORDS_MAX,
                &lb->report);
    if (!lb->report.n) {
        start_booking(lb, report, states);
        release_lb(lb, ledger_has_refusals(&lb->ledger));
    } else if (take_turn(lb)) {
        lb->exchange = status_send(reporter->status, lb->report.records,
                                   lb->report.n, take_reply, lb);
        lb->sent_us = time_usec();
        reporter->n_reports++;
        announce_report(lb);
    } else {
        suspend_lb(lb, false);
    }
}

static void
report_next(struct lb *lb)
{
    struct report report;
    struct lb_states states;
    bool has_states;

    if (!lb->reporter->is_active
        || !load_report(lb->reporter, &lb->ledger.lb_id, &report, &states,
                        &has_states)) {
        release_lb(lb, false);
        return;
    }
    send_next(lb, &report, has_states ? &states : NULL);
    unload_report(&report, &states, has_states);
}

/* Looks at the load balancer 'id', which was taken from the queue. */
static void
start_lb(struct reporter *reporter, const struct uuid *id)
{
    struct lb *lb = reporter_find_lb(reporter, id);
    struct report report;
    struct lb_states states;
    bool has_states;

    if (!load_report(reporter, id, &report, &states, &has_states)) {
        workq_done(reporter->queue, id, false, time_msec());
        if (lb) {
            destroy_lb(lb);
        }
        return;
    }
    if (report.reserved_at_us && has_states) {
        workq_done(reporter->queue, id, false, time_msec());
        end_turn(reporter, id);
    } else {
        lb = reporter_get_lb(reporter, &report, has_states ? &states : NULL);
        lb->is_busy = true;
        reporter->n_busy++;
        ledger_forgive(&lb->ledger);
        send_next(lb, &report, has_states ? &states : NULL);
    }
    unload_report(&report, &states, has_states);
}

/* The queue. */

static void
add_lb(const struct uuid *id, void *reporter_)
{
    struct reporter *reporter = reporter_;
    struct report report;

    /* Passes over load balancers without a row in Report: Octavia does not
     * have them. */
    if (reporter_find_lb(reporter, id)) {
        workq_add(reporter->queue, id);
    } else if (report_get(reporter->store, id, &report)) {
        report_uninit(&report);
        workq_add(reporter->queue, id);
    }
}

/* Looks at everything, those first of which there may be no news. */
static void
reporter_sweep(struct reporter *reporter)
{
    struct lb *lb;

    HMAP_FOR_EACH (lb, node, &reporter->lbs) {
        workq_add(reporter->queue, &lb->ledger.lb_id);
    }
    reports_for_each(reporter->store, add_lb, reporter);
    reporter->sweep_at_ms = time_msec() + REPORT_SWEEP_MS;
}

/* Another agent reports now: what we knew may be old by the time that it is
 * our turn again.  A report that Octavia may still apply is not given up:
 * nothing else is reported about that load balancer before. */
static void
forget_all(struct reporter *reporter)
{
    struct lb *lb;

    HMAP_FOR_EACH_SAFE (lb, node, &reporter->lbs) {
        if (lb->exchange && exchange_is_sent(lb->exchange)) {
            lb->is_stale = true;
            continue;
        }
        if (lb->is_busy) {
            release_lb(lb, false);
        }
        destroy_lb(lb);
    }
}

static bool
may_report(const struct reporter *reporter)
{
    return (store_is_ready(reporter->store)
            && store_lock_is_held(reporter->lock));
}

static void
follow_lock(struct reporter *reporter)
{
    bool active = may_report(reporter);

    if (active == reporter->is_active) {
        return;
    }
    reporter->is_active = active;
    if (active) {
        VLOG_INFO("this agent reports to Octavia");
        reporter_sweep(reporter);
    } else {
        VLOG_INFO("this agent does not report to Octavia any more");
        forget_all(reporter);
    }
}

static bool
can_take_more(const struct reporter *reporter)
{
    return (!presence_is_away(reporter->presence)
            && reporter->n_busy < OCTAVIA_CALLS_MAX);
}

static void
reporter_take_lbs(struct reporter *reporter)
{
    struct uuid id;

    while (turns_expire(&reporter->turns, time_msec(), &id)) {
        workq_add(reporter->queue, &id);
    }
    while (can_take_more(reporter)
           && workq_take(reporter->queue, time_msec(), &id)) {
        start_lb(reporter, &id);
    }
}

void
reporter_run(struct reporter *reporter)
{
    store_lock_run(reporter->lock);
    follow_lock(reporter);
    if (reporter->is_active) {
        store_for_each_changed_lb(reporter->store, add_lb, reporter);
        reports_for_each_changed(reporter->store, add_lb, reporter);
        if (time_msec() >= reporter->sweep_at_ms) {
            reporter_sweep(reporter);
        }
        reporter_take_lbs(reporter);
    }
    presence_run(reporter->presence);
    exchanger_run(reporter->status);
    exchanger_run(reporter->get);
    /* The lock goes to others while we cannot use it. */
    store_lock_want(reporter->lock,
                    !presence_is_long_away(reporter->presence));
}

void
reporter_wait(struct reporter *reporter)
{
    store_lock_wait(reporter->lock);
    exchanger_wait(reporter->status);
    presence_wait(reporter->presence);
    exchanger_wait(reporter->get);
    if (may_report(reporter) != reporter->is_active) {
        poll_immediate_wake();
    }
    if (reporter->is_active) {
        poll_timer_wait_until(reporter->sweep_at_ms);
        turns_wait(&reporter->turns);
        if (can_take_more(reporter)) {
            workq_wait(reporter->queue);
        }
    }
}

bool
reporter_is_active(const struct reporter *reporter)
{
    return may_report(reporter);
}

static size_t
count_lbs_to_report(const struct reporter *reporter)
{
    return (workq_n_active(reporter->queue)
            + turns_n_waiting(&reporter->turns));
}

bool
reporter_is_behind(const struct reporter *reporter)
{
    return count_lbs_to_report(reporter) > OCTAVIA_CALLS_MAX;
}

struct reporter_counts
reporter_count(const struct reporter *reporter)
{
    return (struct reporter_counts) {
        .is_away = presence_is_away(reporter->presence),
        .n_owed = count_lbs_to_report(reporter),
        .n_refused = workq_n_failing(reporter->queue),
        .n_open = reporter->n_busy,
    };
}

long long int
reporter_oldest_ms(const struct reporter *reporter)
{
    return workq_oldest_ms(reporter->queue, time_msec());
}

void
reporter_format_status(const struct reporter *reporter, struct ds *s)
{
    ds_put_format(s, "reports: %s\n",
                  presence_is_away(reporter->presence) ? "waiting for Octavia"
                  : reporter->is_active ? "active" : "standing by");
    ds_put_format(s, "reports sent: %llu\n", reporter->n_reports);
    ds_put_format(s, "load balancers to report: %"PRIuSIZE"\n",
                  count_lbs_to_report(reporter));
    ds_put_format(s, "load balancers refused: %"PRIuSIZE"\n",
                  workq_n_failing(reporter->queue));
}
