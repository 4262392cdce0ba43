/* SPDX-License-Identifier: Apache-2.0
 *
 * What each address means in a topology, as text: the oracle for what a
 * topology reports about addresses, and for its NAT rows.
 */

#ifndef TOPOLOGY_MEANING_H
#define TOPOLOGY_MEANING_H 1

struct ip_set;
struct ovsdb_idl;
struct svec;
struct topology;

/* Adds to 'ret' a line "IP WHAT" for each thing that has the address: ports as
 * the topology knows them, and NAT rows as 'idl' has them.  Sorts 'ret'. */
void topology_meanings_add(const struct topology *, const struct ovsdb_idl *,
                           struct svec *ret);

/* Fails the test unless 'changed' holds the address of each line that only one
 * of the two has. */
void topology_meanings_check(const struct svec *before,
                             const struct svec *after,
                             const struct ip_set *changed);

/* Fails the test unless the topology finds the NAT rows that 'idl' has, and no
 * others.  'ips' are the addresses to look for; adds those of the rows. */
void topology_meanings_check_nats(const struct topology *,
                                  const struct ovsdb_idl *,
                                  struct ip_set *ips);

#endif /* topology-meaning.h */
