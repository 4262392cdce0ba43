/* SPDX-License-Identifier: Apache-2.0
 *
 * The first step of a request: identifying the caller.
 */

#ifndef API_AUTHENTICATE_H
#define API_AUTHENTICATE_H 1

#include "api/request.h"

/* Finds out who asks, waiting for Keystone if need be, and goes on with
 * 'next'; or answers with 401 or 503. */
void authenticate(struct request *, request_waker *next);

/* Returns the caller's token as it was sent, NULL if none. */
const char *caller_token(const struct request *);

#endif /* api/authenticate.h */
