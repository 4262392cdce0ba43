/* SPDX-License-Identifier: Apache-2.0
 *
 * What load balancers shared in OVN and none needs any more.
 */

#ifndef OVN_LEFTOVERS_H
#define OVN_LEFTOVERS_H 1

#include <stddef.h>

struct nb;
struct ovsdb_idl_txn;

/* Removes it in 'txn'.  Returns the number of things.  Every load balancer
 * must have been compared since the replica was loaded.  Walks all ports. */
size_t leftovers_remove(struct nb *, struct ovsdb_idl_txn *);

#endif /* ovn/leftovers.h */
