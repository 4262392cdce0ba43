/* SPDX-License-Identifier: Apache-2.0
 *
 * A write that changes nothing.  When it is done, the replica has all that the
 * server had when it came there, since a server sends what is new before it
 * answers.
 */

#ifndef STORE_BARRIER_H
#define STORE_BARRIER_H 1

struct ovsdb_idl_txn;

void barrier_write(struct ovsdb_idl_txn *);

#endif /* store/barrier.h */
