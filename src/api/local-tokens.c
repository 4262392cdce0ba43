/* SPDX-License-Identifier: Apache-2.0
 *
 * The callers behind tokens of our own; see local-tokens.h.
 */

#include <config.h>
#include "api/local-tokens.h"
#include <stdlib.h>
#include <string.h>
#include "api/local-auth.h"
#include "auth/caller.h"
#include "auth/local/secret.h"
#include "auth/local/users.h"
#include "store/tokens-stored.h"
#include "timeval.h"
#include "util.h"

void
local_token_uninit(struct local_token *token)
{
    sset_destroy(&token->roles);
}

/* Keeps of 'roles' those that the row has, too: what a user was granted later
 * needs another token. */
static void
local_token_intersect(struct sset *roles, const struct stored_token *row)
{
    struct sset stored = SSET_INITIALIZER(&stored);
    const char *role, *next;

    for (size_t i = 0; i < row->n_roles; i++) {
        sset_add(&stored, row->roles[i]);
    }
    SSET_FOR_EACH_SAFE (role, next, roles) {
        if (!sset_contains(&stored, role)) {
            sset_delete(roles, SSET_NODE_FROM_NAME(role));
        }
    }
    sset_destroy(&stored);
}

/* Finds the account and the project of a row among the users as they are
 * now. */
static bool
local_token_find(const struct users *users, const struct stored_token *row,
                 struct local_token *ret)
{
    *ret = (struct local_token) {
        .digest = row->digest,
        .origin = row->origin,
        .issued_at = row->issued_at,
        .expires_at = row->expires_at,
        .project = (row->project_id
                    ? users_find_project(users, row->project_id) : NULL),
    };
    return (time_wall_usec() < row->expires_at
            && !row->project_id == !ret->project
            && login_find_token_account(users, row->user_id,
                                        row->credential_id, row->seal,
                                        &ret->account));
}

static bool
local_token_judge(const struct local_auth *auth,
                  const struct stored_token *row, struct local_token *ret)
{
    bool has_roles;

    if (!stored_tokens_have_origin(auth->tokens, row)
        || !local_token_find(local_auth_users(auth), row, ret)) {
        return false;
    }
    has_roles = login_find_roles(&ret->account, ret->project, time_wall(),
                                 &ret->roles);
    local_token_intersect(&ret->roles, row);
    if (!has_roles || (ret->project && sset_is_empty(&ret->roles))) {
        local_token_uninit(ret);
        return false;
    }
    return true;
}

/* True if 'text' can be one of our tokens. */
static bool
local_token_is_formed(const char *text)
{
    return (text && strlen(text) == SECRET_LENGTH
            && strspn(text, "0123456789abcdef") == SECRET_LENGTH);
}

enum tokens_answer
local_tokens_look(struct local_auth *auth, const char *token, uint64_t *doubt,
                  struct local_token *ret)
{
    struct secret_digest digest;
    struct stored_token row;
    char *text;
    bool is_found;

    if (!local_token_is_formed(token)) {
        return TOKENS_REFUSED;
    }
    digest = secret_digest_make(token);
    text = secret_digest_format(&digest);
    is_found = stored_tokens_find(auth->tokens, text, &row);
    free(text);
    if (is_found) {
        return (local_token_judge(auth, &row, ret)
                ? TOKENS_ACCEPTED : TOKENS_REFUSED);
    }
    switch (token_barrier_look(&auth->barrier, doubt)) {
    case BARRIER_WAIT:
        return TOKENS_WAIT;
    case BARRIER_PASSED:
        return TOKENS_REFUSED;
    case BARRIER_FAILED:
    default:
        return TOKENS_AWAY;
    }
}

static struct caller *
local_token_make_caller(const struct local_token *token)
{
    unsigned int roles = 0;
    const char *role;

    SSET_FOR_EACH (role, &token->roles) {
        roles |= role_from_name(role);
    }
    return caller_create(token->account.user->id,
                         token->project ? token->project->id : NULL, roles);
}

enum tokens_answer
local_tokens_identify(struct local_auth *auth, const char *token,
                      uint64_t *doubt, struct caller **retp)
{
    struct local_token found;
    enum tokens_answer answer = local_tokens_look(auth, token, doubt, &found);

    if (answer == TOKENS_ACCEPTED) {
        *retp = local_token_make_caller(&found);
        local_token_uninit(&found);
    }
    return answer;
}

unsigned int
local_tokens_seqno(const struct local_auth *auth)
{
    return auth->barrier.seqno;
}
