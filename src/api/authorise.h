/* SPDX-License-Identifier: Apache-2.0
 *
 * May the caller?  The policy is the route's; what it is asked about is every
 * single object that a request names, by the project that this object belongs
 * to.  No handler may answer before it has asked (see request_reply_as()).
 *
 * Those that return bool set the request's fault and return false if not.
 */

#ifndef API_AUTHORISE_H
#define API_AUTHORISE_H 1

#include <stdbool.h>

struct ovsdb_idl_row;
struct request;

/* What belongs to a project; NULL: to none. */
bool authorise_project(struct request *, const char *project_id);
bool authorise_row(struct request *, const struct ovsdb_idl_row *);

/* What belongs to nobody, as far as the caller's own project lets him. */
bool authorise_own(struct request *);

/* True if the caller passes for what is his own, and so perhaps for what the
 * request will turn out to be about.  Sets no fault, and is no answer. */
bool authorise_anywhere(const struct request *);

/* Lists of objects of many projects: of all, or of the one that the arguments
 * name, or of the caller's.  Afterwards row_is_visible() tells them apart. */
bool authorise_list(struct request *);
bool row_is_visible(const struct request *, const struct ovsdb_idl_row *);

#endif /* api/authorise.h */
