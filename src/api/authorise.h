/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that the caller may.  The policy is the route's; it is asked about
 * every single object that a request names, by the project that this object
 * belongs to.  No handler may answer before it has asked (see
 * request_reply_as()).
 *
 * The functions that return bool set the request's fault and return false if
 * not.
 */

#ifndef API_AUTHORISE_H
#define API_AUTHORISE_H 1

#include <stdbool.h>

struct ovsdb_idl_row;
struct request;

/* Authorise what belongs to a project; NULL: to none. */
bool authorise_project(struct request *, const char *project_id);
bool authorise_row(struct request *, const struct ovsdb_idl_row *);

/* Authorises for a policy besides the route's own. */
bool authorise_row_for(struct request *, const char *policy,
                       const struct ovsdb_idl_row *);

/* Authorises what belongs to no project, by the caller's own project. */
bool authorise_own(struct request *);

/* The same for a policy in the place of the route's. */
bool authorise_own_for(struct request *, const char *policy);

/* True if the caller passes for its own project, and so perhaps for what the
 * request will turn out to be about.  Sets no fault, and is no answer. */
bool authorise_anywhere(const struct request *);

/* Authorises a list: of the objects of all projects, of the project that the
 * arguments name, or of the caller's.  Afterwards row_is_visible() tells them
 * apart. */
bool authorise_list(struct request *);
bool row_is_visible(const struct request *, const struct ovsdb_idl_row *);

#endif /* api/authorise.h */
