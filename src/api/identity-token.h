/* SPDX-License-Identifier: Apache-2.0
 *
 * GET and DELETE of /v3/auth/tokens: what a token is worth, and its end.  The
 * token is in X-Subject-Token; its owner and administrators may ask.
 */

#ifndef API_IDENTITY_TOKEN_H
#define API_IDENTITY_TOKEN_H 1

#include "auth/tokens.h"

struct local_token;
struct request;

/* Finds the token 'text' (NULL: there was none), as local_tokens_look() does;
 * with TOKENS_WAIT, 'wake' is called to look again.  It does not take longer
 * than AUTH_WAIT_MS. */
enum tokens_answer identity_find_token(struct request *, const char *text,
                                       void (*wake)(struct request *),
                                       struct local_token *ret);

void identity_show_token(struct request *, const char *id);
void identity_revoke_token(struct request *, const char *id);

#endif /* api/identity-token.h */
