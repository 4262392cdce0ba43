/* SPDX-License-Identifier: Apache-2.0
 *
 * What the write of one member and that of many have in common.
 */

#ifndef API_MEMBERS_H
#define API_MEMBERS_H 1

#include <stdbool.h>
#include <stdint.h>

struct ovsdb_idl_row;
struct request;

/* Sets the request's fault, and returns false: the pool has a member of that
 * address and port already. */
bool member_refuse_duplicate(struct request *, const char *address,
                             int64_t port);

/* Links the row of a new member to its pool, but not the pool to it. */
void member_set_pool(const struct ovsdb_idl_row *member,
                     const struct ovsdb_idl_row *pool);

/* Links the row of a new member with its pool. */
void member_attach(const struct ovsdb_idl_row *member,
                   const struct ovsdb_idl_row *pool);

#endif /* api/members.h */
