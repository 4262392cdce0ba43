/* SPDX-License-Identifier: Apache-2.0
 *
 * POST /v3/auth/tokens: from a password, the secret of an application
 * credential, or another token, to a token.
 */

#ifndef API_IDENTITY_LOGIN_H
#define API_IDENTITY_LOGIN_H 1

struct request;

/* 'id' is none. */
void identity_log_in(struct request *, const char *id);

#endif /* api/identity-login.h */
