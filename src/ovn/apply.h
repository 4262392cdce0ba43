/* SPDX-License-Identifier: Apache-2.0
 *
 * Carries out a plan in a Northbound transaction.
 */

#ifndef OVN_APPLY_H
#define OVN_APPLY_H 1

struct ovsdb_idl_txn;
struct plan;

/* Writes all steps of 'plan' into 'txn'.  Columns that others write, too, are
 * changed element by element, never as a whole.  A step whose row or target
 * has vanished is left out: the same news brings the load balancer back for
 * another look. */
void plan_apply(const struct plan *, struct ovsdb_idl_txn *txn);

#endif /* ovn/apply.h */
