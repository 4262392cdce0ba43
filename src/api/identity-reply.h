/* SPDX-License-Identifier: Apache-2.0
 *
 * What answers of Identity v3 are made of.
 */

#ifndef API_IDENTITY_REPLY_H
#define API_IDENTITY_REPLY_H 1

#include "api/local-tokens.h"

struct ds;
struct request;

/* Appends the URL of 'path' at this API, quoted. */
void identity_put_url(struct ds *, const struct request *, const char *path);

/* Append JSON objects, as Keystone has them. */
void identity_put_project(struct ds *, const struct request *,
                          const struct local_project *);
void identity_put_user(struct ds *, const struct request *,
                       const struct local_user *);
void identity_put_domain(struct ds *, const struct request *);
void identity_put_catalog(struct ds *, const struct request *);

/* Appends {"token": ...}, with a catalog unless the client wants none. */
void identity_put_token(struct ds *, const struct request *,
                        const struct local_token *);

/* Ends the request with an error in Keystone's form. */
void identity_fail(struct request *, int status, const char *message);

/* The same, and says when to try again. */
void identity_fail_for_now(struct request *, int status, long long int ms,
                           const char *message);

#endif /* api/identity-reply.h */
