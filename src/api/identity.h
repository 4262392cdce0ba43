/* SPDX-License-Identifier: Apache-2.0
 *
 * Identity v3, as far as clients need it to log in at this API itself (auth =
 * local): the calls of Keystone below /v3 and /identity/v3.
 */

#ifndef API_IDENTITY_H
#define API_IDENTITY_H 1

#include <stdbool.h>

struct request;

/* True if the request is for one of these calls, or any path below them. */
bool identity_is_asked(const struct request *);

/* True if it needs no token: versions, and the log-in. */
bool identity_is_open(const struct request *);

/* Answers it. */
void identity_answer(struct request *);

#endif /* api/identity.h */
