/* SPDX-License-Identifier: Apache-2.0
 *
 * Group commit: many small changes in few OVSDB transactions.
 *
 * A change is a 'struct commit_op'.  Ops queue while a transaction is in
 * flight; the next transaction carries all of them, up to a bound.  An op
 * looks at the replica and writes only inside its 'apply' callback, which runs
 * once for each attempt.  This makes a conflict harmless: the op looks again,
 * and writes or gives up according to what it then sees, alone, without
 * failing its neighbours.
 *
 * The queue owns neither the IDL nor the ops, and never runs the IDL.
 */

#ifndef BASE_COMMIT_H
#define BASE_COMMIT_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"
#include "openvswitch/list.h"

struct commit_queue;
struct ovsdb_idl;
struct ovsdb_idl_txn;

enum commit_result {
    COMMIT_DONE,                /* In the database, durably. */
    COMMIT_UNCHANGED,           /* 'apply' wrote only what was there. */
    COMMIT_FAILED,              /* The database refused; 'error' says why. */
};

struct commit_op {
    struct ovs_list node;       /* Owned by the queue while submitted. */

    /* Examines the replica and writes into 'txn'.  Returns true if the op is
     * part of 'txn' now.  Returns false if it wrote nothing and is finished
     * (refused, or nothing to do); the queue has forgotten it by then, so the
     * op may free or submit itself anew.
     *
     * 'attempt' is 0 the first time.  After a lost connection an attempt may
     * have been committed without our knowing, so an op that must happen once
     * looks for its own traces if 'attempt' > 0. */
    bool (*apply)(struct commit_op *, struct ovsdb_idl_txn *txn,
                  unsigned int attempt);

    /* Called once for an op that became part of a transaction.  'error' is
     * nonnull exactly for COMMIT_FAILED, which is reported only after the
     * database has refused twice.  In between the op has looked again: it may
     * have met a row that another process had just written, or an earlier
     * attempt of its own that was given up for lost.  The replica knew that
     * row before the first refusal came.  May free the op. */
    void (*done)(struct commit_op *, enum commit_result, const char *error);

    unsigned int attempt;       /* Owned by the queue, */
    bool was_refused;           /* and so is this, */
    bool is_doubtful;           /* and this, which 'apply' may read: an
                                 * earlier attempt ended with the connection,
                                 * and may be in the database.  One that met a
                                 * conflict is not. */
};

/* A queue for 'idl' that puts at most 'batch_max' ops in a transaction.
 * 'name' is for the log. */
struct commit_queue *commit_queue_create(struct ovsdb_idl *idl,
                                         const char *name, size_t batch_max);

/* Has 'epilogue' called for each transaction with ops in it, before it is
 * sent. */
void commit_queue_set_epilogue(struct commit_queue *,
                               void (*epilogue)(struct ovsdb_idl_txn *,
                                                void *aux),
                               void *aux);

/* Adds a line to the comment of the transaction that is being made, which
 * "ovsdb-tool show-log" prints.  For 'apply', once for each op at most.  Lines
 * are cut, and too many are only counted. */
void commit_queue_comment(struct commit_queue *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* Forgets the ops that are left, without calling them. */
void commit_queue_destroy(struct commit_queue *);

/* To be called after ovsdb_idl_run().  Starts a transaction only if
 * 'may_start'. */
void commit_queue_run(struct commit_queue *, bool may_start);
void commit_queue_wait(struct commit_queue *, bool may_start);

/* Queues 'op' behind the ops that are there. */
void commit_queue_submit(struct commit_queue *, struct commit_op *op);

/* Takes 'op' back if it is still queued and returns true.  Returns false if
 * it is part of a transaction in flight: 'done' will be called. */
bool commit_queue_withdraw(struct commit_queue *, struct commit_op *op);

/* Ops queued or in flight. */
size_t commit_queue_length(const struct commit_queue *);

/* Adds metrics about all queues of the process. */
void commit_queue_add_metrics(void);

/* Transactions that changed the database since the start. */
unsigned long long int commit_queue_n_commits(const struct commit_queue *);

#endif /* base/commit.h */
