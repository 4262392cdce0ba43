/* SPDX-License-Identifier: Apache-2.0
 *
 * Log-in without OpenStack; see local-auth.h.
 */

#include <config.h>
#include "api/local-auth.h"
#include <stdlib.h>
#include "api/api.h"
#include "auth/local/login-limits.h"
#include "auth/local/password-pool.h"
#include "auth/local/users-watch.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "random.h"
#include "store/store.h"
#include "store/tokens-stored.h"
#include "timeval.h"
#include "util.h"

static bool local_auth_purge(struct commit_op *, struct ovsdb_idl_txn *,
                             unsigned int attempt);
static void local_auth_end_purge(struct commit_op *, enum commit_result,
                                 const char *error);

struct local_auth *
local_auth_create(struct store *store,
                  const struct local_auth_options *options, char **errorp)
{
    struct users_watch *watch = users_watch_open(options->users_file,
                                                  time_msec(), errorp);
    struct local_auth *auth;

    if (!watch) {
        return NULL;
    }
    auth = xzalloc(sizeof *auth);
    auth->store = store;
    auth->watch = watch;
    auth->pool = password_pool_create();
    auth->limits = login_limits_create();
    auth->tokens = stored_tokens_create(store);
    token_barrier_init(&auth->barrier, store);
    auth->token_us = options->token_hours * INT64_C(3600) * 1000 * 1000;
    auth->insecure_login = options->insecure_login;
    auth->purge.apply = local_auth_purge;
    auth->purge.done = local_auth_end_purge;
    auth->next_purge_ms = time_msec() + random_range(TOKEN_PURGE_MS);
    return auth;
}

void
local_auth_destroy(struct local_auth *auth)
{
    if (auth) {
        password_pool_destroy(auth->pool);
        login_limits_destroy(auth->limits);
        stored_tokens_destroy(auth->tokens);
        users_watch_close(auth->watch);
        free(auth);
    }
}

void
local_auth_refresh(struct local_auth *auth)
{
    users_watch_refresh(auth->watch, time_msec());
}

void
local_auth_look(struct local_auth *auth)
{
    users_watch_look(auth->watch, time_msec());
}

const struct users *
local_auth_users(const struct local_auth *auth)
{
    return users_watch_get(auth->watch);
}

/* --- Tokens that have expired -------------------------------------------- */

static bool
local_auth_purge(struct commit_op *op,
                 struct ovsdb_idl_txn *txn OVS_UNUSED,
                 unsigned int attempt OVS_UNUSED)
{
    struct local_auth *auth = CONTAINER_OF(op, struct local_auth, purge);

    if (stored_tokens_purge(auth->tokens, time_wall_usec(),
                            TOKEN_PURGE_MAX)) {
        return true;
    }
    auth->is_purging = false;
    return false;
}

/* The next batch follows at once, if there are more. */
static void
local_auth_end_purge(struct commit_op *op,
                     enum commit_result result,
                     const char *error OVS_UNUSED)
{
    struct local_auth *auth = CONTAINER_OF(op, struct local_auth, purge);

    auth->is_purging = false;
    if (result != COMMIT_FAILED
        && stored_tokens_have_expired(auth->tokens, time_wall_usec())) {
        auth->next_purge_ms = time_msec();
    }
}

/* Copies look at different times, so one of them finds what there is to do,
 * and the others nothing.  If two do find the same, the second deletes rows
 * that are gone, which OVSDB takes for done. */
static void
local_auth_run_purge(struct local_auth *auth)
{
    if (auth->is_purging || time_msec() < auth->next_purge_ms) {
        return;
    }
    auth->next_purge_ms = (time_msec() + TOKEN_PURGE_MS / 2
                           + random_range(TOKEN_PURGE_MS));
    if (store_is_ready(auth->store)
        && stored_tokens_have_expired(auth->tokens, time_wall_usec())) {
        auth->is_purging = true;
        store_submit(auth->store, &auth->purge);
    }
}

void
local_auth_purge_soon(struct local_auth *auth)
{
    auth->next_purge_ms = time_msec();
}

void
local_auth_run(struct local_auth *auth)
{
    users_watch_run(auth->watch, time_msec());
    password_pool_run(auth->pool);
    local_auth_run_purge(auth);
}

void
local_auth_wait(struct local_auth *auth)
{
    users_watch_wait(auth->watch);
    password_pool_wait(auth->pool);
    if (!auth->is_purging) {
        poll_timer_wait_until(auth->next_purge_ms);
    }
}

/* --- For people ---------------------------------------------------------- */

void
local_auth_format(const struct local_auth *auth, struct ds *out)
{
    users_watch_format(auth->watch, out);
    if (stored_tokens_are_lacking(auth->tokens)) {
        ds_put_cstr(out, "tokens: impossible, OVN_Octavia has an earlier "
                    "schema\n");
    } else {
        ds_put_format(out, "tokens: %"PRIuSIZE"\n",
                      stored_tokens_count(auth->tokens));
    }
    ds_put_format(out, "passwords to check: %"PRIuSIZE"\n",
                  password_pool_count(auth->pool));
}

static void
local_auth_put_logins(struct metrics_page *page, const void *api_)
{
    static const char *const words[] = {
#define LOGIN_OUTCOME(NAME, WORD) WORD,
        LOGIN_OUTCOMES
#undef LOGIN_OUTCOME
    };
    const struct api *api = api_;

    for (size_t i = 0; i < N_LOGIN_OUTCOMES; i++) {
        metrics_put(page, api->local ? api->local->n_logins[i] : 0,
                    "outcome", words[i], NULL);
    }
}

static void
local_auth_put_checks(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page, api->local ? password_pool_count(api->local->pool) : 0,
                NULL);
}

static void
local_auth_put_tokens(struct metrics_page *page, const void *api_)
{
    const struct api *api = api_;

    metrics_put(page,
                api->local ? stored_tokens_count(api->local->tokens) : 0,
                NULL);
}

void
local_auth_add_metrics(const struct api *api)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_api_logins_total", METRIC_COUNTER,
          "Log-ins of users of the API's own, by how they ended: with a "
          "token; wrong, or no form (refused); after too many failures "
          "(limited); too many at once (busy); over plain HTTP (insecure); "
          "without a database (failed).", local_auth_put_logins },
        { "ovn_octavia_api_password_checks", METRIC_GAUGE,
          "Passwords of users of the API's own that wait for being compared, "
          "or are.", local_auth_put_checks },
        { "ovn_octavia_api_tokens", METRIC_GAUGE,
          "Tokens in OVN_Octavia of users of the API's own, also of those "
          "that another copy has given out.", local_auth_put_tokens },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), api);
}
