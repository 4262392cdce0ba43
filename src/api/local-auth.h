/* SPDX-License-Identifier: Apache-2.0
 *
 * Log-in without OpenStack (auth = local): the users, their passwords and
 * their tokens, in one place for the requests that need them.  identity.h has
 * the calls, local-tokens.h the tokens of other requests.
 */

#ifndef API_LOCAL_AUTH_H
#define API_LOCAL_AUTH_H 1

#include <stdbool.h>
#include <stdint.h>
#include "api/token-barrier.h"

struct api;
struct ds;
struct login_limits;
struct password_pool;
struct store;
struct stored_tokens;
struct users;
struct users_watch;

struct local_auth_options {
    const char *users_file;
    int token_hours;
    bool insecure_login;        /* Take secrets over plain HTTP, too. */
};

/* How log-ins end. */
#define LOGIN_OUTCOMES                                                      \
    LOGIN_OUTCOME(ACCEPTED, "accepted")                                     \
    LOGIN_OUTCOME(REFUSED, "refused")       /* Wrong secret, user, scope. */ \
    LOGIN_OUTCOME(LIMITED, "limited")       /* Too many failures. */        \
    LOGIN_OUTCOME(BUSY, "busy")             /* Too many at once. */         \
    LOGIN_OUTCOME(INSECURE, "insecure")     /* Over plain HTTP. */          \
    LOGIN_OUTCOME(FAILED, "failed")         /* No database, no time. */

enum login_outcome {
#define LOGIN_OUTCOME(NAME, WORD) LOGIN_##NAME,
    LOGIN_OUTCOMES
#undef LOGIN_OUTCOME
    N_LOGIN_OUTCOMES
};

struct local_auth {
    struct store *store;
    struct users_watch *watch;
    struct password_pool *pool;
    struct login_limits *limits;
    struct stored_tokens *tokens;
    struct token_barrier barrier;
    int64_t token_us;           /* How long a token is good. */
    bool insecure_login;

    struct commit_op purge;     /* Removes tokens that have expired. */
    bool is_purging;
    long long int next_purge_ms;
    unsigned long long int n_logins[N_LOGIN_OUTCOMES];
};

/* Call between store_create() and the first store_run(), and after the last
 * fork().  Returns NULL and sets '*errorp' (the caller frees it) if the file
 * of users is no good. */
struct local_auth *local_auth_create(struct store *,
                                     const struct local_auth_options *,
                                     char **errorp);

/* The store may be gone, and no request may be there any more. */
void local_auth_destroy(struct local_auth *);

void local_auth_run(struct local_auth *);
void local_auth_wait(struct local_auth *);

/* Has the users be those of the file as it is now, or was a second ago.  To be
 * called when nothing that local_auth_users() led to is held any more: when a
 * request comes, and when it goes on after a while. */
void local_auth_refresh(struct local_auth *);

/* The same, but has the users be those of the file as it is now. */
void local_auth_look(struct local_auth *);

/* Returns the users, good until they are refreshed. */
const struct users *local_auth_users(const struct local_auth *);

/* Removes tokens that have expired, if there are any, at the next run: a new
 * one takes the place of old ones. */
void local_auth_purge_soon(struct local_auth *);

/* Adds metrics about 'api->local', which may be NULL. */
void local_auth_add_metrics(const struct api *);

/* Appends lines of a status. */
void local_auth_format(const struct local_auth *, struct ds *);

#endif /* api/local-auth.h */
