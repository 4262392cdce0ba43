/* SPDX-License-Identifier: Apache-2.0
 *
 * Group commit; see commit.h.
 */

#include <config.h>
#include "base/commit.h"
#include <stdarg.h>
#include <stdio.h>
#include "base/limits.h"
#include "base/metrics.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(commit);

struct commit_queue {
    struct ovs_list node;           /* In 'commit_queues'. */
    struct ovsdb_idl *idl;
    char *name;
    size_t batch_max;

    struct ovs_list waiting;        /* commit_ops, oldest first. */
    size_t n_waiting;

    struct ovsdb_idl_txn *txn;      /* In flight, or NULL. */
    struct ovs_list in_flight;      /* commit_ops that are part of 'txn'. */
    size_t n_in_flight;
    size_t n_comments;              /* Lines of the comment of 'txn'. */

    /* After TXN_TRY_AGAIN: the replica is older than the database.  Nothing
     * is tried before it has moved on from 'stale_seqno'. */
    bool is_stale;
    unsigned int stale_seqno;
    unsigned int txn_seqno;         /* Replica's seqno when 'txn' was made. */

    /* After a transaction that the database refused as a whole: so many ops
     * at the front look again and are tried one by one, to find the
     * guilty. */
    size_t n_solo;

    unsigned long long int n_commits;

    /* For metrics. */
    unsigned long long int n_stale;     /* Transactions to be repeated. */
    unsigned long long int n_refused;   /* The same, refused by the server. */
    unsigned long long int n_failed;    /* Ops. */
    long long int since_us;             /* When 'txn' was begun. */
    struct metric_histogram duration;

    void (*epilogue)(struct ovsdb_idl_txn *, void *aux);    /* May be NULL. */
    void *epilogue_aux;
};

static struct ovs_list commit_queues = OVS_LIST_INITIALIZER(&commit_queues);

static bool commit_can_start(struct commit_queue *);
static void commit_start(struct commit_queue *);
static void commit_finish(struct commit_queue *, enum ovsdb_idl_txn_status);

struct commit_queue *
commit_queue_create(struct ovsdb_idl *idl, const char *name, size_t batch_max)
{
    struct commit_queue *q = xzalloc(sizeof *q);
    ovs_list_push_back(&commit_queues, &q->node);
    q->idl = idl;
    q->name = xstrdup(name);
    q->batch_max = batch_max;
    ovs_list_init(&q->waiting);
    ovs_list_init(&q->in_flight);
    return q;
}

void
commit_queue_destroy(struct commit_queue *q)
{
    if (q) {
        ovs_list_remove(&q->node);
        if (q->txn) {
            ovsdb_idl_txn_destroy(q->txn);
        }
        free(q->name);
        free(q);
    }
}

void
commit_queue_set_epilogue(struct commit_queue *q,
                          void (*epilogue)(struct ovsdb_idl_txn *, void *),
                          void *aux)
{
    q->epilogue = epilogue;
    q->epilogue_aux = aux;
}

void
commit_queue_comment(struct commit_queue *q, const char *format, ...)
{
    char line[COMMIT_COMMENT_BYTES_MAX];
    va_list args;

    ovs_assert(q->txn);
    if (q->n_comments++ < COMMIT_COMMENTS_MAX) {
        va_start(args, format);
        vsnprintf(line, sizeof line, format, args);
        va_end(args);
        ovsdb_idl_txn_add_comment(q->txn, "%s", line);
    }
}

/* The connection was lost before there was an answer: the IDL says the same as
 * after a conflict, but nothing may be started then. */
static void
mark_doubtful(struct commit_queue *q)
{
    struct commit_op *op;

    LIST_FOR_EACH (op, node, &q->in_flight) {
        op->is_doubtful = true;
    }
}

void
commit_queue_run(struct commit_queue *q, bool may_start)
{
    if (q->txn) {
        enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(q->txn);
        if (status == TXN_TRY_AGAIN && !may_start) {
            mark_doubtful(q);
        }
        if (status != TXN_INCOMPLETE) {
            commit_finish(q, status);
        }
    }
    if (may_start && commit_can_start(q)) {
        commit_start(q);
    }
}

void
commit_queue_wait(struct commit_queue *q, bool may_start)
{
    if (q->txn) {
        ovsdb_idl_txn_wait(q->txn);
    } else if (may_start && commit_can_start(q)) {
        poll_immediate_wake();
    }
}

void
commit_queue_submit(struct commit_queue *q, struct commit_op *op)
{
    op->attempt = 0;
    op->was_refused = false;
    op->is_doubtful = false;
    ovs_list_push_back(&q->waiting, &op->node);
    q->n_waiting++;
}

bool
commit_queue_withdraw(struct commit_queue *q, struct commit_op *op)
{
    struct commit_op *waiting;
    LIST_FOR_EACH (waiting, node, &q->waiting) {
        if (waiting == op) {
            ovs_list_remove(&op->node);
            q->n_waiting--;
            return true;
        }
    }
    return false;
}

size_t
commit_queue_length(const struct commit_queue *q)
{
    return q->n_waiting + q->n_in_flight;
}

unsigned long long int
commit_queue_n_commits(const struct commit_queue *q)
{
    return q->n_commits;
}

static bool
commit_can_start(struct commit_queue *q)
{
    if (q->is_stale && ovsdb_idl_get_seqno(q->idl) != q->stale_seqno) {
        q->is_stale = false;
    }
    return !q->txn && !q->is_stale && !ovs_list_is_empty(&q->waiting);
}

static struct commit_op *
pop_waiting(struct commit_queue *q)
{
    struct commit_op *op = CONTAINER_OF(ovs_list_pop_front(&q->waiting),
                                        struct commit_op, node);
    q->n_waiting--;
    return op;
}

/* Lets ops write into a new transaction and sends it. */
static void
commit_start(struct commit_queue *q)
{
    size_t max = q->n_solo ? 1 : q->batch_max;

    /* Ops that finish without writing don't count, but a turn of the poll
     * loop must stay short: look at a bounded number. */
    size_t n_looks = MIN(q->n_waiting, 4 * q->batch_max);

    q->txn = ovsdb_idl_txn_create(q->idl);
    q->txn_seqno = ovsdb_idl_get_seqno(q->idl);
    q->since_us = time_usec();
    q->n_comments = 0;
    while (n_looks-- > 0 && q->n_in_flight < max && q->n_waiting) {
        struct commit_op *op = pop_waiting(q);
        if (q->n_solo) {
            q->n_solo--;
        }
        if (op->apply(op, q->txn, op->attempt)) {
            ovs_list_push_back(&q->in_flight, &op->node);
            q->n_in_flight++;
        }
    }

    if (q->n_comments > COMMIT_COMMENTS_MAX) {
        ovsdb_idl_txn_add_comment(q->txn, "and %"PRIuSIZE" more",
                                  q->n_comments - COMMIT_COMMENTS_MAX);
    }
    if (q->epilogue && q->n_in_flight) {
        q->epilogue(q->txn, q->epilogue_aux);
    }

    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(q->txn);
    if (status != TXN_INCOMPLETE) {
        commit_finish(q, status);
    }
}

/* Puts the ops of the transaction back in front, in their order. */
static void
retry_all(struct commit_queue *q)
{
    while (!ovs_list_is_empty(&q->in_flight)) {
        struct commit_op *op
            = CONTAINER_OF(ovs_list_pop_back(&q->in_flight),
                           struct commit_op, node);
        op->attempt++;
        ovs_list_push_front(&q->waiting, &op->node);
        q->n_waiting++;
    }
    q->n_in_flight = 0;
}

static void
complete_all(struct commit_queue *q, enum commit_result result,
             const char *error)
{
    /* 'done' may submit ops, but those go to 'waiting'. */
    while (!ovs_list_is_empty(&q->in_flight)) {
        struct commit_op *op
            = CONTAINER_OF(ovs_list_pop_front(&q->in_flight),
                           struct commit_op, node);
        q->n_in_flight--;
        op->done(op, result, error);
    }
}

/* Marks all ops of the transaction as refused.  Returns true if one was not
 * before. */
static bool
mark_refused(struct commit_queue *q)
{
    bool is_first = false;
    struct commit_op *op;

    LIST_FOR_EACH (op, node, &q->in_flight) {
        is_first |= !op->was_refused;
        op->was_refused = true;
    }
    return is_first;
}

/* Repeats refused ops one by one, so that a bad one does not fail the others
 * of its transaction; each gets a second look before it fails, see commit.h.
 * A stale transaction waits for a newer replica, since the same one would only
 * lead to the same refusal. */
static void
commit_finish(struct commit_queue *q, enum ovsdb_idl_txn_status status)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct ovsdb_idl_txn *txn = q->txn;

    q->txn = NULL;
    switch (status) {
    case TXN_SUCCESS:
        q->n_commits++;
        metric_histogram_note(&q->duration, time_usec() - q->since_us);
        complete_all(q, COMMIT_DONE, NULL);
        break;

    case TXN_UNCHANGED:
        complete_all(q, COMMIT_UNCHANGED, NULL);
        break;

    case TXN_TRY_AGAIN:
    case TXN_NOT_LOCKED:
    case TXN_ABORTED:
        q->n_stale++;
        q->is_stale = true;
        q->stale_seqno = q->txn_seqno;
        retry_all(q);
        break;

    case TXN_ERROR:
        if (mark_refused(q) || q->n_in_flight > 1) {
            VLOG_WARN_RL(&rl, "%s: transaction with %"PRIuSIZE" changes "
                         "refused (%s), looking again, one by one", q->name,
                         q->n_in_flight, ovsdb_idl_txn_get_error(txn));
            q->n_refused++;
            q->n_solo = q->n_in_flight;
            retry_all(q);
        } else {
            VLOG_WARN_RL(&rl, "%s: transaction refused (%s)", q->name,
                         ovsdb_idl_txn_get_error(txn));
            q->n_failed++;
            complete_all(q, COMMIT_FAILED, ovsdb_idl_txn_get_error(txn));
        }
        break;

    case TXN_UNCOMMITTED:
    case TXN_INCOMPLETE:
    default:
        OVS_NOT_REACHED();
    }
    ovsdb_idl_txn_destroy(txn);
}

/* --- Metrics ------------------------------------------------------------- */

static void
commit_put_length(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct commit_queue *q;

    LIST_FOR_EACH (q, node, &commit_queues) {
        metrics_put(page, commit_queue_length(q), "database", q->name, NULL);
    }
}

static void
commit_put_commits(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct commit_queue *q;

    LIST_FOR_EACH (q, node, &commit_queues) {
        metrics_put(page, q->n_commits, "database", q->name, NULL);
    }
}

static void
commit_put_retries(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct commit_queue *q;

    LIST_FOR_EACH (q, node, &commit_queues) {
        metrics_put(page, q->n_stale, "database", q->name,
                    "reason", "stale", NULL);
        metrics_put(page, q->n_refused, "database", q->name,
                    "reason", "refused", NULL);
    }
}

static void
commit_put_failures(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct commit_queue *q;

    LIST_FOR_EACH (q, node, &commit_queues) {
        metrics_put(page, q->n_failed, "database", q->name, NULL);
    }
}

static void
commit_put_duration(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct commit_queue *q;

    LIST_FOR_EACH (q, node, &commit_queues) {
        metrics_put_histogram(page, &q->duration, "database", q->name, NULL);
    }
}

void
commit_queue_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_commit_queue_length", METRIC_GAUGE,
          "Changes that wait for a transaction or are part of the one in "
          "flight.", commit_put_length },
        { "ovn_octavia_commits_total", METRIC_COUNTER,
          "Transactions that changed the database.", commit_put_commits },
        { "ovn_octavia_commit_retries_total", METRIC_COUNTER,
          "Transactions that had to be repeated: the replica was older than "
          "the database or the connection was lost (stale), or the database "
          "refused (refused).", commit_put_retries },
        { "ovn_octavia_commit_failures_total", METRIC_COUNTER,
          "Changes that the database has refused for good.",
          commit_put_failures },
        { "ovn_octavia_commit_duration_seconds", METRIC_HISTOGRAM,
          "Time from the beginning of a transaction until it is in the "
          "database.", commit_put_duration },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
