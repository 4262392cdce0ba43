/* SPDX-License-Identifier: Apache-2.0
 *
 * Removes rows that load balancers share (source ports, groups, entrances, NAT
 * changes) and none needs any more.
 */

#ifndef OVN_DB_UNUSED_H
#define OVN_DB_UNUSED_H 1

#include <stddef.h>

struct nb;
struct ovsdb_idl_txn;
struct topo_port;
struct uuid;

/* Removes them in 'txn'.  Returns the number of things.  Every load balancer
 * must have been compared since the replica was loaded.  Walks all ports. */
size_t unused_remove(struct nb *, struct ovsdb_idl_txn *);

/* Calls 'cb' for each port of Neutron's from which members in 'subnet_id' were
 * probed and none is any more: only Neutron can remove it.  Requires and walks
 * the same as unused_remove(). */
void unused_for_each_neutrons(const struct nb *,
                              void (*cb)(const struct topo_port *,
                                         const struct uuid *subnet_id,
                                         void *aux),
                              void *aux);

#endif /* ovn/db/unused.h */
