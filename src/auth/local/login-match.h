/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares a log-in, and later its token, with the users that there are: which
 * hash a secret is compared with, and which rights follow.  Pure: the caller
 * says what time it is.
 */

#ifndef AUTH_LOCAL_LOGIN_MATCH_H
#define AUTH_LOCAL_LOGIN_MATCH_H 1

#include <stdbool.h>
#include "sset.h"

struct local_project;
struct local_user;
struct login_form;
struct users;

/* Who and what a form names.  Good as long as the users are. */
struct login_account {
    const struct local_user *user;  /* NULL: there is none such. */
    const struct local_credential *credential;  /* NULL: the password. */
    const char *hash;           /* Which the secret must match; NULL if 'user'
                                 * is. */
};

/* Finds none for a token, which is a matter of its row. */
struct login_account login_find_account(const struct users *,
                                        const struct login_form *);

/* Returns the project that the form is for, NULL for none.  Returns false if
 * it names one in which the account has no role, or none that there is. */
bool login_find_project(const struct users *, const struct login_account *,
                        const struct login_form *,
                        const struct local_project **retp);

/* Returns a text of 32 characters that stands for the secret of the account,
 * without telling it, which the caller frees: a token is void when it is
 * another one. */
char *login_seal(const struct login_account *);

/* Stores the roles that the account has now in 'project' (NULL: none), which
 * the caller destroys.  Returns false if it has none although it should, or
 * the application credential has expired. */
bool login_find_roles(const struct login_account *,
                      const struct local_project *project,
                      long long int now_s, struct sset *roles);

/* Finds the account of a token, which is void (false) if the account is gone
 * or its secret has changed.  'credential_id': NULL or empty for none.  'seal'
 * counts as far as login_seal() makes one. */
bool login_find_token_account(const struct users *, const char *user_id,
                              const char *credential_id, const char *seal,
                              struct login_account *ret);

#endif /* auth/local/login-match.h */
