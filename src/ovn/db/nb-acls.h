/* SPDX-License-Identifier: Apache-2.0
 *
 * The ACLs of listeners that are not for everybody, and the port groups that
 * have them, as the Northbound database has them.  Part of nb.c and
 * observed.c.
 */

#ifndef OVN_DB_NB_ACLS_H
#define OVN_DB_NB_ACLS_H 1

#include <stdbool.h>

struct nb;
struct nb_index;
struct nbrec_port_group;
struct ovn_lb;
struct ovsdb_idl;
struct uuid;

/* Requests the columns, tracked, and the rows that are ours. */
void nb_acls_add_columns(struct ovsdb_idl *);

/* Has an IDL ask for the table, and none of its rows. */
void nb_acls_add_table(struct ovsdb_idl *);

bool nb_entrance_is_marked(const struct nbrec_port_group *);

/* True if the row has our mark, or its name says that it is an entrance and
 * nothing in it is of others: then a hand took the mark off. */
bool nb_entrance_is_ours(const struct nbrec_port_group *);

/* Takes over the changes that the IDL tracked. */
void nb_acls_run(struct nb_index *);

/* Adds to 'ret' the ACLs of the load balancer, and the entrances that 'want'
 * (NULL: none) names. */
void nb_observe_acls(const struct nb *, const struct uuid *lb_id,
                     const struct ovn_lb *want, struct ovn_lb *ret);
void nb_observe_entrance(const struct nb *, const struct uuid *router,
                         struct ovn_lb *ret);

#endif /* ovn/db/nb-acls.h */
