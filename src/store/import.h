/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes whole load balancers, which were found elsewhere, into OVN_Octavia.
 */

#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H 1

struct model_lb;
struct ovsdb_idl_txn;

/* Inserts 'lb' with all below it, as it is: ids, states, and the orders of its
 * lists.  Attributes that plain data does not have get their fallbacks.  If
 * the database has the load balancer, the transaction fails. */
void store_import_lb(struct ovsdb_idl_txn *, const struct model_lb *lb);

#endif /* store/import.h */
