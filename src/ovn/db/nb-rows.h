/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of the Northbound replica, for those parts of src/ovn that read or
 * write them directly: the plan's steps and the inventory.
 */

#ifndef OVN_DB_NB_ROWS_H
#define OVN_DB_NB_ROWS_H 1

struct nb;
struct nbrec_load_balancer_group;
struct ovsdb_idl;
struct uuid;

/* Requests the columns that load balancers need, and the tracking of their
 * changes; the topology adds its own. */
void nb_add_columns(struct ovsdb_idl *);

/* Returns the replica, which 'nb' owns. */
struct ovsdb_idl *nb_idl(struct nb *);

/* Remembers that the transaction in the making inserts the shared row 'name'
 * (a group, or a port to probe from) with UUID 'row', so that another load
 * balancer in the same transaction does not insert it again. */
void nb_set_made(struct nb *, const char *name, const struct uuid *row);

/* Returns our group 'id', or NULL if neither the database nor the transaction
 * in the making has it. */
const struct nbrec_load_balancer_group *nb_find_group(const struct nb *,
                                                      const struct uuid *id);

/* Returns the Port_Group of the router's entrance in the same way. */
const struct nbrec_port_group *nb_find_entrance(const struct nb *,
                                                const struct uuid *router);

/* Has the replica take in the Port_Group 'name', an entrance's, whether it has
 * our marks or not: a hand may have taken them off, and nothing else can have
 * that name then. */
void nb_seek_entrance(struct nb *, const char *name);

#endif /* ovn/db/nb-rows.h */
