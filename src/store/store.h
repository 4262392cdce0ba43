/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to OVN_Octavia: a replica that is read without waiting, and
 * group commit for writes.  Only this folder touches the database; nothing
 * outside it includes the generated IDL header.
 */

#ifndef STORE_STORE_H
#define STORE_STORE_H 1

#include <stdbool.h>
#include "base/commit.h"
#include "openvswitch/uuid.h"

struct commit_queue;
struct ovsdb_idl;
struct ovsdb_idl_row;
struct ovsdb_idl_table;
struct store;
struct weak_refs;

enum store_role {
    STORE_READER_WRITER,        /* API, agent, tools. */
    STORE_DRIVER,               /* Holds the lock "octavia_driver" and writes
                                 * only while it does. */
};

/* Creates a store on the database at 'remote' (OVSDB connection method, or
 * several separated by commas).  Never fails: see store_is_ready(). */
struct store *store_create(const char *remote, enum store_role);
void store_destroy(struct store *);

void store_run(struct store *);
void store_wait(struct store *);

/* True while connected and holding a complete replica. */
bool store_is_ready(const struct store *);

/* True if not ready, but lost so recently that another server, or the same one
 * again, may be expected: wait rather than refuse. */
bool store_is_expected(const struct store *);

/* True if the replica was complete at least once.  A store that is not ready
 * but loaded may serve stale reads; it must not be written. */
bool store_is_loaded(const struct store *);

/* STORE_DRIVER only: true while we hold the lock. */
bool store_has_lock(const struct store *);

/* A client of a cluster refuses servers that know less than it has seen.
 * After this it takes them: the database was put back from a backup. */
void store_accept_older(struct store *);

/* Changes each time the replica changes. */
unsigned int store_seqno(const struct store *);

/* True if another load balancer has 'address', however it is written, in
 * 'subnet_id' for one of its VIPs, or has asked for it earlier than 'lb_id'
 * (NULL: one that is not there yet). */
bool store_vip_is_taken(const struct store *, const struct uuid *subnet_id,
                        const char *address, const struct uuid *lb_id);

/* Asks for the columns that this version of the schema uses. */
void store_add_columns(struct ovsdb_idl *);

/* For this folder's other files. */
struct ovsdb_idl *store_idl(const struct store *);
const struct weak_refs *store_weak_refs(const struct store *);

/* Returns table Report in the IDL, with the rows that a transaction removes.
 * The IDL has no function for that: NULL until a row of it was removed. */
const struct ovsdb_idl_table *store_reports(const struct store *);
void store_set_reports(struct store *, const struct ovsdb_idl_table *);

/* Keeps the news of each store_run() until the next.  The driver's store does
 * so by itself.  Call before the first store_run(). */
void store_track(struct store *);

/* Writing: see base/commit.h. */

/* Queues 'op'.  It is applied by store_run(), in order of submission. */
void store_submit(struct store *, struct commit_op *op);

/* For an op's 'apply': see commit_queue_comment(). */
#define store_comment(STORE, ...) \
    commit_queue_comment(store_queue(STORE), __VA_ARGS__)
struct commit_queue *store_queue(struct store *);

/* The same for an op of a request: names it, and the request of somebody else
 * that it belongs to (GLOBAL_ID, or NULL). */
#define store_comment_request(STORE, ID, GLOBAL_ID, FORMAT, ...)            \
    store_comment(STORE, "req-"UUID_FMT"%s%s: " FORMAT, UUID_ARGS(ID),      \
                  (GLOBAL_ID) ? " of " : "", (GLOBAL_ID) ? (GLOBAL_ID) : "", \
                  __VA_ARGS__)

/* Takes 'op' back if it is still queued and returns true.  Returns false if
 * it is part of a transaction in flight: 'done' will be called. */
bool store_withdraw(struct store *, struct commit_op *op);

/* Number of transactions that were committed since the start. */
unsigned long long int store_n_commits(const struct store *);

#endif /* store/store.h */
