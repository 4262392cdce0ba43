/* SPDX-License-Identifier: Apache-2.0
 *
 * A replica of OVN_Octavia that never had a server: to write into a
 * transaction, to read from there what was written, and to take it back.
 */

#ifndef STORE_CHECK_H
#define STORE_CHECK_H 1

struct ovsdb_idl_txn;
struct rows;
struct store;

/* The same, empty, each time. */
struct store *store_check_store(void);
struct rows *store_check_rows(void);

struct ovsdb_idl_txn *store_check_begin(void);

/* Aborts if the schema forbids what was written: a server would refuse the
 * whole transaction. */
void store_check_end(struct ovsdb_idl_txn *);

#endif /* store-check.h */
