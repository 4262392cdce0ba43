/* SPDX-License-Identifier: Apache-2.0
 *
 * GET and DELETE of /v3/auth/tokens: what a token is worth, and its end.  The
 * token is in X-Subject-Token; its owner and administrators may ask.
 */

#ifndef API_IDENTITY_TOKEN_H
#define API_IDENTITY_TOKEN_H 1

struct request;

void identity_show_token(struct request *, const char *id);
void identity_revoke_token(struct request *, const char *id);

#endif /* api/identity-token.h */
