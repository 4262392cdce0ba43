/* SPDX-License-Identifier: Apache-2.0
 *
 * Carrying out the steps for ACLs and entrances; part of apply.c.
 */

#ifndef OVN_DIFF_APPLY_ACLS_H
#define OVN_DIFF_APPLY_ACLS_H 1

struct nb;
struct ovsdb_idl_txn;
struct plan_step;

void apply_acl_step(const struct plan_step *, struct nb *,
                    struct ovsdb_idl_txn *);

#endif /* ovn/diff/apply-acls.h */
