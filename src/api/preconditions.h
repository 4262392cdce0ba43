/* SPDX-License-Identifier: Apache-2.0
 *
 * If-Match and If-None-Match: what a client expects of the object that it
 * asks for or changes.
 */

#ifndef API_PRECONDITIONS_H
#define API_PRECONDITIONS_H 1

#include <stdbool.h>

struct ds;
struct etag;
struct family;
struct ovsdb_idl_row;
struct request;

/* Adds the tag to the reply to come. */
void precondition_put_tag(struct request *, const struct etag *);
void precondition_put_row_tag(struct request *, const struct ovsdb_idl_row *);

/* For a GET of the object with the tag: returns true if the object is to be
 * shown.  Else replies, with 304 or 412, and the request is gone. */
bool precondition_meets_get(struct request *, const struct etag *);

/* Replies to a GET of the object with the tag: with 'body', which is taken
 * over, 304 or 412. */
void precondition_reply_tagged(struct request *, struct ds *body,
                               const struct etag *);

/* Replies to a GET of an object that has no other tag than that of 'body'. */
void precondition_reply(struct request *, struct ds *body);

/* True if a write has a condition. */
bool precondition_is_asked(const struct request *);

/* Checks, for a write of the family's object, its tag; for a new object, or
 * many, that of its parents, of which one must have it.  To be called in the
 * transaction, of which what is checked must be a condition.  Sets the
 * request's fault and returns false if it is another one. */
bool precondition_check_family(struct request *, const struct family *);

/* The same for the write of what has this tag. */
bool precondition_check_tag(struct request *, const struct etag *);

#endif /* api/preconditions.h */
