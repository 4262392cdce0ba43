/* SPDX-License-Identifier: Apache-2.0
 *
 * The callers behind tokens of our own: a row of OVN_Octavia, as far as the
 * file of users still bears it out.
 */

#ifndef API_LOCAL_TOKENS_H
#define API_LOCAL_TOKENS_H 1

#include <stdint.h>
#include "auth/local/login-match.h"
#include "auth/tokens.h"

struct local_auth;
struct users;

/* What is known of a token.  All but 'roles' is borrowed until the next turn
 * of the loop. */
struct local_token {
    const char *digest;
    const char *origin;         /* NULL: by a log-in; else the first digits of
                                 * the digest of the token that it was made
                                 * from. */
    struct login_account account;
    const struct local_project *project;    /* NULL: for none. */
    struct sset roles;          /* Those that count. */
    int64_t issued_at;          /* Microseconds since the epoch. */
    int64_t expires_at;
};

void local_token_uninit(struct local_token *);

/* Finds the token; NULL: there was none.  '*doubt' is 0 at first, and kept
 * between calls: with TOKENS_WAIT, ask again when local_tokens_seqno() has
 * changed.  With TOKENS_ACCEPTED the caller uninits '*ret'. */
enum tokens_answer local_tokens_look(struct local_auth *, const char *token,
                                     uint64_t *doubt,
                                     struct local_token *ret);

/* Does the same for a request's own token, and stores the caller, who is to be
 * unrefed. */
enum tokens_answer local_tokens_identify(struct local_auth *,
                                         const char *token, uint64_t *doubt,
                                         struct caller **retp);

unsigned int local_tokens_seqno(const struct local_auth *);

#endif /* api/local-tokens.h */
