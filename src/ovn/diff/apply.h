/* SPDX-License-Identifier: Apache-2.0
 *
 * Carries out a plan in a Northbound transaction.
 *
 * Every row that is made gets a UUID of its own, at random and at every
 * attempt: no row ever gets one that another had.  ovn-northd (24.03 and
 * later) takes a row that is deleted and one that is made with the same UUID
 * for one that was there all the time, if it sees both at once; it loses the
 * load balancer, or crashes.
 *
 * The UUID is ours, not the server's choice: an ovsdb-server of a cluster may
 * carry out a transaction again after it lost touch with the others, and must
 * then fail instead of making a second row.
 */

#ifndef OVN_DIFF_APPLY_H
#define OVN_DIFF_APPLY_H 1

struct nb;
struct ovsdb_idl_txn;
struct plan;

/* Writes all steps of 'plan' into 'txn', a transaction of 'nb'.  Columns that
 * others write, too, are changed element by element, never as a whole.  A step
 * whose row or target has vanished is left out: the same news brings the load
 * balancer back for another look. */
void plan_apply(const struct plan *, struct nb *, struct ovsdb_idl_txn *txn);

#endif /* ovn/diff/apply.h */
