/* SPDX-License-Identifier: Apache-2.0
 *
 * The request that logs in at Keystone (POST /v3/auth/tokens), and the token
 * that comes back.  Pure.
 */

#ifndef AUTH_LOGIN_H
#define AUTH_LOGIN_H 1

#include <stdbool.h>

struct json;

/* As in the sections [service_auth], [neutron] and [keystone_authtoken] of
 * OpenStack's configuration files (keystoneauth's names).  NULL: not given. */
struct session_options {
    const char *auth_url;       /* With or without the final "/v3". */
    const char *auth_type;      /* "password" (or NULL, "v3password"), or
                                 * "v3applicationcredential". */
    const char *username, *user_id, *password;
    const char *user_domain_name, *user_domain_id;
    const char *project_name, *project_id;
    const char *project_domain_name, *project_domain_id;
    const char *system_scope;   /* "all", instead of a project. */
    const char *application_credential_id;
    const char *application_credential_name;
    const char *application_credential_secret;
    const char *cafile, *certfile, *keyfile;
    bool insecure;
    int timeout_ms;             /* Limit of one attempt; 0: a default. */
};

/* Returns the request's body; or NULL and sets '*errorp', which names the
 * option, if a login with these options is impossible.  The caller frees
 * either. */
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
