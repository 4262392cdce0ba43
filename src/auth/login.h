/* SPDX-License-Identifier: Apache-2.0
 *
 * The request that logs in at Keystone (POST /v3/auth/tokens), and the token
 * that comes back.  Pure.
 */

#ifndef AUTH_LOGIN_H
#define AUTH_LOGIN_H 1

struct json;
struct session_options;

/* Returns the request's body, or NULL and sets '*errorp', which names the
 * option, if nobody could log in with these.  The caller frees either. */
char *login_request(const struct session_options *, char **errorp);

struct token {
    char *id;
    char *project_id;           /* NULL if it is for no project. */
    struct json *catalog;       /* NULL if there is none. */
    long long int lifetime_ms;  /* From when it was issued. */
};

/* Returns NULL if 'body' is not that of a token.  'id' is its X-Subject-Token.
 * The caller destroys it. */
struct token *token_create(const char *id, const struct json *body);
void token_destroy(struct token *);

#endif /* auth/login.h */
