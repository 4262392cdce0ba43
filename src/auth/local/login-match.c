/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares a log-in with the users that there are; see login-match.h.
 */

#include <config.h>
#include "auth/local/login-match.h"
#include <stdlib.h>
#include <string.h>
#include "auth/local/login-form.h"
#include "auth/local/secret.h"
#include "auth/local/users.h"
#include "util.h"

#define SEAL_LENGTH 32

static const struct local_user *
login_find_user(const struct users *users, const struct login_form *form)
{
    return (form->user_id ? users_find(users, form->user_id)
            : form->user_name ? users_find_name(users, form->user_name)
            : NULL);
}

static const struct local_credential *
login_find_credential(const struct users *users,
                      const struct login_form *form)
{
    const struct local_user *user;

    if (form->credential_id) {
        return users_find_credential(users, form->credential_id);
    }
    user = login_find_user(users, form);
    return (user ? local_user_find_credential(user, form->credential_name)
            : NULL);
}

struct login_account
login_find_account(const struct users *users, const struct login_form *form)
{
    struct login_account account = { NULL, NULL, NULL };

    if (form->is_foreign) {
        return account;
    }
    if (form->kind == LOGIN_CREDENTIAL) {
        account.credential = login_find_credential(users, form);
        if (account.credential) {
            account.user = account.credential->user;
            account.hash = account.credential->hash;
        }
    } else {
        account.user = login_find_user(users, form);
        account.hash = account.user ? account.user->hash : NULL;
    }
    return account;
}

/* As Keystone's default project: the only one. */
static const struct local_project *
login_default_project(const struct users *users,
                      const struct local_user *user)
{
    const struct shash_node *node = shash_first(&user->grants);

    return (shash_count(&user->grants) == 1
            ? users_find_project(users, node->name) : NULL);
}

static bool
login_find_named_project(const struct users *users,
                         const struct local_user *user,
                         const struct login_form *form,
                         const struct local_project **retp)
{
    const struct local_project *project
        = (form->project_id ? users_find_project(users, form->project_id)
           : users_find_project_name(users, form->project_name));

    if (!project || !local_user_roles(user, project->id)) {
        return false;
    }
    *retp = project;
    return true;
}

/* An application credential is for one project, and names none. */
bool
login_find_project(const struct users *users,
                   const struct login_account *account,
                   const struct login_form *form,
                   const struct local_project **retp)
{
    if (account->credential) {
        *retp = users_find_project(users, account->credential->project_id);
        return form->scope == LOGIN_SCOPE_DEFAULT;
    }
    switch (form->scope) {
    case LOGIN_SCOPE_DEFAULT:
        *retp = login_default_project(users, account->user);
        return true;
    case LOGIN_SCOPE_NONE:
        *retp = NULL;
        return true;
    case LOGIN_SCOPE_PROJECT:
        return login_find_named_project(users, account->user, form, retp);
    case LOGIN_SCOPE_OTHER:
    default:
        return false;
    }
}

char *
login_seal(const struct login_account *account)
{
    struct secret_digest digest = secret_digest_make(account->hash);
    char *text = secret_digest_format(&digest);

    text[SEAL_LENGTH] = '\0';
    return text;
}

bool
login_find_roles(const struct login_account *account,
                 const struct local_project *project, long long int now_s,
                 struct sset *roles)
{
    const struct local_credential *credential = account->credential;
    const struct sset *granted
        = project ? local_user_roles(account->user, project->id) : NULL;
    const char *role;

    sset_init(roles);
    if (credential && credential->expires_at
        && now_s >= credential->expires_at) {
        return false;
    }
    if (!project) {
        return true;
    }
    if (granted) {
        SSET_FOR_EACH (role, granted) {
            if (!credential || sset_contains(&credential->roles, role)) {
                sset_add(roles, role);
            }
        }
    }
    return !sset_is_empty(roles);
}

bool
login_find_token_account(const struct users *users, const char *user_id,
                         const char *credential_id, const char *seal,
                         struct login_account *ret)
{
    struct login_account account = { .user = users_find(users, user_id) };
    char *present;
    bool is_same;

    if (!account.user) {
        return false;
    }
    account.hash = account.user->hash;
    if (credential_id && *credential_id) {
        account.credential = users_find_credential(users, credential_id);
        if (!account.credential || account.credential->user != account.user) {
            return false;
        }
        account.hash = account.credential->hash;
    }
    present = login_seal(&account);
    is_same = !strncmp(present, seal, SEAL_LENGTH);
    free(present);
    *ret = account;
    return is_same;
}
