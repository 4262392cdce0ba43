/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotas of projects: their limits, and the number of objects that a project
 * has, compared in the transaction that makes more of them.
 *
 * The count is that of the rows in the replica, so it is never wrong for
 * longer than a row is: no kill, lost answer or repair can make it drift.  A
 * row counts until it is gone, as in Octavia, where a deletion that is under
 * way counts, too.
 *
 * The replica may be older than the database: another copy of the API may
 * just have made objects of the same project.  So whatever is charged to a
 * limit verifies, and writes, 'charged' of the project's row in the same
 * transaction.
 *
 * - The objects and the new value of 'charged' come in one transaction, and a
 *   replica takes each transaction as a whole.  A replica that shows a value
 *   of 'charged' therefore has all objects that were charged up to it.
 * - If another copy has charged something since, the value in the database is
 *   another one, the transaction fails as a whole, and each op of it counts
 *   again (see base/commit.h).  Of two copies one always gets through.
 * - The values never come again: they only grow, in a row that is made once
 *   and never deleted.  The index on the project makes a second row fail.
 * - The row may have been changed, too: the limit that was read is verified,
 *   also if it is no limit.
 *
 * In a transaction of several ops, 'charged' is also the record of what the
 * ops before have charged: its new value less the old one.  It is not the
 * number of objects that there are.
 *
 * A project without a row, and without a default limit, costs a look into an
 * index, and nothing in the database.  To a copy that has not yet heard of the
 * very first limit of a project, there is none: what it writes in that moment
 * counts as written before.
 */

#ifndef STORE_QUOTAS_H
#define STORE_QUOTAS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "model/quota.h"

struct attrs;
struct ovsdb_idl_txn;
struct quotas;
struct store;

/* Call between store_create() and the first store_run().  'defaults' are the
 * limits of projects that have none of their own. */
struct quotas *quotas_create(struct store *,
                             const struct quota_limits *defaults);
void quotas_destroy(struct quotas *);

const struct quota_limits *quotas_defaults(const struct quotas *);

/* Stores the limits of 'project', with the defaults where it has none. */
void quotas_get(const struct quotas *, const char *project,
                struct quota_limits *ret);

/* Calls 'put' for each project that has a row, in the order of their ids. */
typedef void quotas_visitor(const char *project, const struct quota_limits *,
                            void *aux);
void quotas_for_each(const struct quotas *, quotas_visitor *put, void *aux);

/* Returns how many objects 'project' may still have; the largest integer if
 * that is not limited.  Negative if it has more than it may.  Within a
 * transaction, what was charged in it counts. */
int64_t quotas_room(const struct quotas *, const char *project,
                    enum quota_kind);

/* Writing, within a transaction. */

/* Charges the project with 'n' objects that this transaction makes. */
void quotas_charge(const struct quotas *, struct ovsdb_idl_txn *,
                   const char *project, enum quota_kind, size_t n);

/* Writes the limits that 'attrs' give. */
void quotas_set(const struct quotas *, struct ovsdb_idl_txn *,
                const char *project, const struct attrs *);

/* Makes the project's limits a condition of the open transaction.  (Of two
 * that make the project's row, the database refuses one.) */
void quotas_verify(const struct quotas *, const char *project);

/* Puts all limits back to the defaults.  Returns false if the project has no
 * row. */
bool quotas_reset(const struct quotas *, const char *project);

#endif /* store/quotas.h */
