/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the object that a path names, and replying with an object's row.
 */

#ifndef API_SHOW_H
#define API_SHOW_H 1

#include "store/rows.h"

struct ovsdb_idl_row;
struct request;

/* Returns the object that the path names; a member must be its pool's.  Sets
 * the request's fault and returns NULL if there is none, or if the caller may
 * not. */
const struct ovsdb_idl_row *show_find(struct request *);

/* Returns the pool in the path of members, NULL and sets the request's fault
 * if there is none.  Does not ask the policy. */
const struct ovsdb_idl_row *show_find_pool(struct request *);

/* Replies with the row as it is now. */
void show_reply(struct request *, const struct ovsdb_idl_row *);

#endif /* api/show.h */
