/* SPDX-License-Identifier: Apache-2.0
 *
 * What a client sends to log in (the body of POST /v3/auth/tokens, as in
 * Keystone's API), as far as users of our own can do it.  Pure.
 */

#ifndef AUTH_LOCAL_LOGIN_FORM_H
#define AUTH_LOCAL_LOGIN_FORM_H 1

#include <stdbool.h>

struct json;

/* The one domain. */
#define LOCAL_DOMAIN_ID "default"
#define LOCAL_DOMAIN_NAME "Default"

enum login_form_kind {
    LOGIN_PASSWORD,
    LOGIN_CREDENTIAL,
    LOGIN_TOKEN,                /* Names no account: the token does. */
};

enum login_scope {
    LOGIN_SCOPE_DEFAULT,        /* None was given. */
    LOGIN_SCOPE_NONE,           /* "unscoped". */
    LOGIN_SCOPE_PROJECT,
    LOGIN_SCOPE_OTHER,          /* Of a kind that there is not here. */
};

/* A string is NULL if it was not given. */
struct login_form {
    enum login_form_kind kind;
    char *user_id, *user_name;
    char *credential_id, *credential_name;
    char *secret;               /* The password, the credential's secret, or
                                 * the token. */
    enum login_scope scope;
    char *project_id, *project_name;
    bool is_foreign;            /* Names another domain than ours. */
};

/* Reads 'json' (NULL: it was none).  Returns NULL, or what is wrong with it.
 * In each case the caller uninits the form. */
const char *login_form_parse(struct login_form *, const struct json *);

/* Wipes the secret. */
void login_form_uninit(struct login_form *);

#endif /* auth/local/login-form.h */
