/* SPDX-License-Identifier: Apache-2.0
 *
 * The callers behind tokens: asks Keystone, and keeps the answers for a while.
 * Each token is asked about once at a time, however many requests wait for the
 * answer, and only while one does: KEYSTONE_CALLS_MAX at once, and first of
 * all about tokens that were good before.  Without an answer a token is not
 * good.
 *
 * As keystonemiddleware has it, a service that acts for a user may add its own
 * token; then the user's may have expired, as long as Keystone still knows it
 * (Keystone's allow_expired_window): what a user has begun may be finished.
 */

#ifndef AUTH_TOKENS_H
#define AUTH_TOKENS_H 1

#include <stdbool.h>
#include "auth/token-cache.h"

struct caller;
struct session;
struct tokens;

/* As in [keystone_authtoken]. */
struct tokens_options {
    int cache_time_s;           /* How long answers are good. */
    const char *service_roles;  /* The roles of services, separated by
                                 * commas. */
    bool service_roles_required;    /* No other may show a service token. */
};

/* 'session' must outlive the result, and is run by the caller. */
struct tokens *tokens_create(struct session *, const struct tokens_options *);
void tokens_destroy(struct tokens *);

/* Runs the questions: asks what waits for its turn, and drops what is not
 * waited for any more. */
void tokens_run(struct tokens *);
void tokens_wait(const struct tokens *);

enum tokens_answer {
    TOKENS_ACCEPTED,
    TOKENS_REFUSED,
    TOKENS_AWAY,                /* Keystone had no answer. */
    TOKENS_WAIT,                /* Ask again after tokens_seqno() changed,
                                 * and every AUTH_LOOK_MS: else the question
                                 * is dropped. */
};

/* Finds the caller with these tokens; NULL: there was none.  Stores the caller
 * in '*retp' if it is accepted; unref it. */
enum tokens_answer tokens_identify(struct tokens *, const char *user_token,
                                   const char *service_token,
                                   struct caller **retp);

/* Changes with every answer of Keystone. */
unsigned int tokens_seqno(const struct tokens *);

/* For people: what is in the cache, and how often Keystone was asked. */
struct token_counts tokens_count(const struct tokens *);
unsigned long long int tokens_n_asked(const struct tokens *);

#endif /* auth/tokens.h */
