/* SPDX-License-Identifier: Apache-2.0
 *
 * What a topology says about subnets, compared with what the rows say: for
 * tests.
 */

#ifndef TOPOLOGY_SUBNETS_H
#define TOPOLOGY_SUBNETS_H 1

#include "uuidset.h"

struct ovsdb_idl;
struct svec;
struct topology;

/* Adds a line for each subnet: its switch, id and prefix.  Sorts the lines. */
void topology_subnets_add(const struct topology *, struct svec *ret);

/* Fails unless each switch with a line that is only before or only after is
 * in 'changed'. */
void topology_subnets_check(const struct svec *before,
                            const struct svec *after,
                            const struct uuidset *changed);

/* Fails unless each subnet that DHCP options tell is there, and each id is
 * either derived or in a row that has to do with the switch. */
void topology_subnets_check_rows(const struct topology *,
                                 const struct ovsdb_idl *);

#endif /* topology-subnets.h */
