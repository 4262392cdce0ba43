/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows as replies, for those who have found the row themselves.
 */

#ifndef API_LIST_H
#define API_LIST_H 1

#include "store/rows.h"

struct ovsdb_idl_row;
struct request;

/* Finds the object that the path names, and for a member its pool.  Returns
 * NULL and sets the request's fault if there is none, if it is not its pool's,
 * or if it is not for the caller. */
const struct ovsdb_idl_row *find_object(struct request *);

/* Finds the pool in the path of members; whether the caller may is not asked
 * here. */
const struct ovsdb_idl_row *find_parent_pool(struct request *);

/* Replies with the row as it is now. */
void reply_with_row(struct request *, const struct ovsdb_idl_row *);

#endif /* api/list.h */
