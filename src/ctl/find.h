/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds a load balancer by its id or name.
 */

#ifndef CTL_FIND_H
#define CTL_FIND_H 1

struct octrec_load_balancer;
struct ovsdb_idl;

/* Asks 'idl' for the columns that find_lb_by_name() looks at. */
void find_lb_add_columns(struct ovsdb_idl *);

/* The load balancer with that id or name.  If there is not exactly one,
 * returns NULL and sets '*errorp'; the caller frees it. */
const struct octrec_load_balancer *find_lb_by_name(const struct ovsdb_idl *,
                                                   const char *name,
                                                   char **errorp);

#endif /* ctl/find.h */
