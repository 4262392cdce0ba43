/* SPDX-License-Identifier: Apache-2.0
 *
 * Logs in; see identity-login.h.
 *
 * Who is wrong about the name, the password or the project gets the same
 * answer, after the same time: without a user, the password is compared with a
 * hash that nothing matches.
 *
 * A token that is made from another one is for another project, or for none,
 * and depends on that of the log-in: it expires with it, and is void without
 * it.
 */

#include <config.h>
#include "api/identity-login.h"
#include <stdlib.h>
#include <string.h>
#include "api/identity-reply.h"
#include "api/identity-token.h"
#include "api/local-auth.h"
#include "api/media-types.h"
#include "api/origin.h"
#include "api/request.h"
#include "auth/local/login-form.h"
#include "auth/local/login-limits.h"
#include "auth/local/password-pool.h"
#include "auth/local/secret.h"
#include "auth/local/users.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "store/store.h"
#include "store/tokens-stored.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(login);

/* A log-in under way, from the password to the row. */
struct login {
    struct request *request;
    struct local_auth *auth;
    struct login_form form;
    char *limit_name;           /* What failures are counted by. */
    char *address;              /* The client's, or NULL. */
    char *hash;                 /* The secret is compared with it; NULL: with
                                 * one that nothing matches. */
    struct password_check *check;   /* NULL: not under way. */

    /* Once the secret was right.  The users may be others when the row is
     * written, so it is complete here. */
    char *token;
    struct stored_token row;    /* Its strings are our own. */
    struct ds body;             /* The answer. */
    struct commit_op op;
};

static void login_await(struct request *);
static void login_look(struct request *);
static void login_accept(struct login *, struct local_token *);

static void
login_row_uninit(struct stored_token *row)
{
    free(CONST_CAST(char *, row->digest));
    free(CONST_CAST(char *, row->user_id));
    free(CONST_CAST(char *, row->project_id));
    free(CONST_CAST(char *, row->credential_id));
    free(CONST_CAST(char *, row->seal));
    free(CONST_CAST(char *, row->origin));
    for (size_t i = 0; i < row->n_roles; i++) {
        free(CONST_CAST(char *, row->roles[i]));
    }
    free(row->roles);
}

static void
login_destroy(void *login_)
{
    struct login *login = login_;

    password_check_cancel(login->check);
    login_form_uninit(&login->form);
    free(login->limit_name);
    free(login->address);
    secret_free(login->hash);
    secret_free(login->token);
    login_row_uninit(&login->row);
    ds_destroy(&login->body);
    free(login);
}

/* Ends the request.  'ms' 0: it is of no use to try again. */
static void
login_end(struct login *login, enum login_outcome outcome, int status,
          long long int ms, const char *message)
{
    login->auth->n_logins[outcome]++;
    if (ms) {
        identity_fail_for_now(login->request, status, ms, message);
    } else {
        identity_fail(login->request, status, message);
    }
}

/* Returns true if the database cannot take tokens, and ends the request. */
static bool
login_lacks_table(struct login *login)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    if (!stored_tokens_are_lacking(login->auth->tokens)) {
        return false;
    }
    VLOG_ERR_RL(&rl, "nobody can log in: OVN_Octavia has an earlier schema, "
                "without table Token; see ovn-octavia-db(8), upgrade");
    login_end(login, LOGIN_FAILED, 503, 60 * 1000,
              "The Octavia database has to be converted to a newer schema "
              "before anybody can log in.");
    return true;
}

/* --- The form ------------------------------------------------------------ */

/* Reads the body, and wipes it. */
static struct json *
login_read_body(const struct request *request)
{
    size_t length;
    char *body = CONST_CAST(char *, http_request_body(request->http,
                                                      &length));
    struct json *json = (json_is_wide(body, length) ? NULL
                         : json_read(body, length));

    explicit_bzero(body, length);
    return json;
}

static struct login *
login_create(struct request *request)
{
    struct login *login = xzalloc(sizeof *login);

    login->request = request;
    login->auth = request->api->local;
    ds_init(&login->body);
    request->own = login;
    request->destroy_own = login_destroy;
    return login;
}

void
identity_log_in(struct request *request, const char *id OVS_UNUSED)
{
    struct login *login = login_create(request);
    struct json *json;
    const char *wrong;

    if (!login->auth->insecure_login && !origin_is_secure(request)) {
        login_end(login, LOGIN_INSECURE, 403, 0,
                  "Passwords are taken over https only.");
        return;
    }
    if (login_lacks_table(login)) {
        return;
    }
    if (!content_type_is(http_request_header(request->http, "Content-Type"),
                         "application/json")) {
        login_end(login, LOGIN_REFUSED, 415, 0,
                  "The body must be application/json.");
        return;
    }
    json = login_read_body(request);
    wrong = login_form_parse(&login->form, json);
    secret_json_destroy(json);
    if (wrong) {
        char *message = xasprintf("Invalid request: %s.", wrong);

        login_end(login, LOGIN_REFUSED, 400, 0, message);
        free(message);
    } else if (login->form.kind == LOGIN_TOKEN) {
        login_look(request);
    } else {
        login_await(request);
    }
}

/* --- The password -------------------------------------------------------- */

/* Returns what the failures of this account count under: its id, or, if it
 * does not exist, what it was called. */
static char *
login_limit_name(const struct login_form *form,
                 const struct login_account *account)
{
    return xstrdup(account->credential ? account->credential->id
                   : account->user ? account->user->id
                   : form->credential_id ? form->credential_id
                   : form->user_id ? form->user_id
                   : form->user_name ? form->user_name
                   : form->credential_name);
}

static void
login_refuse_unexplained(struct login *login)
{
    login_end(login, LOGIN_REFUSED, 401, 0,
              "The request you have made requires authentication.");
}

static void
login_refuse(struct login *login)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 10);

    login_limits_fail(login->auth->limits, login->limit_name, login->address,
                      time_msec());

    /* A name that there is not may be a password in the wrong field. */
    VLOG_INFO_RL(&rl, "log-in of %s from %s failed",
                 login->hash ? login->limit_name : "an unknown user",
                 login->address ? login->address : "somewhere");
    login_refuse_unexplained(login);
}

/* Finds the account again: the users may have changed meanwhile. */
static bool
login_find_same_account(const struct login *login,
                        struct login_account *account)
{
    *account = login_find_account(local_auth_users(login->auth),
                                  &login->form);
    return (account->hash && login->hash
            && !strcmp(account->hash, login->hash));
}

/* Finds the project that the form is for, and what the account may there. */
static bool
login_find_rights(const struct login *login, struct local_token *token)
{
    return (login_find_project(local_auth_users(login->auth),
                               &token->account, &login->form,
                               &token->project)
            && login_find_roles(&token->account, token->project, time_wall(),
                                &token->roles));
}

static void
login_judge(struct login *login)
{
    int64_t now = time_wall_usec();
    struct local_token token = {
        .roles = SSET_INITIALIZER(&token.roles),
        .issued_at = now,
        .expires_at = now + login->auth->token_us,
    };

    local_auth_refresh(login->auth);
    if (login_find_same_account(login, &token.account)
        && login_find_rights(login, &token)) {
        login_accept(login, &token);
    } else {
        login_refuse(login);
    }
    local_token_uninit(&token);
}

static void
login_checked(void *login_, bool matches)
{
    struct login *login = login_;

    login->check = NULL;
    request_go_on(login->request);
    if (matches) {
        login_judge(login);
    } else {
        login_refuse(login);
    }
}

/* Gives up when the threads, or the machine, have too much to do. */
static void
login_watch(struct request *request)
{
    if (request_is_late(request)) {
        login_end(request->own, LOGIN_BUSY, 503, 1000,
                  "Too many log-ins at once.  Please try again.");
    }
}

static void
login_check(struct login *login)
{
    struct local_auth *auth = login->auth;
    struct request *request = login->request;
    struct login_account account;
    long long int delay_ms;

    /* Who was added a moment ago, or has a new password, may log in. */
    local_auth_look(auth);
    account = login_find_account(local_auth_users(auth), &login->form);
    login->address = origin_client(request);
    login->limit_name = login_limit_name(&login->form, &account);
    login->hash = nullable_xstrdup(account.hash);
    delay_ms = login_limits_delay(auth->limits, login->limit_name,
                                  login->address, time_msec());
    if (delay_ms) {
        login_end(login, LOGIN_LIMITED, 429, delay_ms,
                  "Too many failed log-ins.  Please try again later.");
        return;
    }
    login->check = password_pool_submit(auth->pool, login->form.secret,
                                        login->hash, login_checked, login);
    if (!login->check) {
        login_end(login, LOGIN_BUSY, 503, 1000,
                  "Too many log-ins at once.  Please try again.");
        return;
    }
    request_wait(request, WAIT_PASSWORD, login_watch, LOGIN_WAIT_MS);
}

/* As other requests, a log-in waits for a database that was there a moment
 * ago.  Only then the password is looked at, which is work. */
static void
login_await(struct request *request)
{
    struct login *login = request->own;
    const struct store *store = login->auth->store;

    if (store_is_ready(store)) {
        request_go_on(request);
        login_check(login);
    } else if (!store_is_expected(store)) {
        login_end(login, LOGIN_FAILED, 503, 1000,
                  "The Octavia database is unavailable.");
    } else if (!request->wake || request_is_late(request)) {
        request_wait(request, WAIT_DATABASE, login_await, DATABASE_WAIT_MS);
    }
}

/* --- Another token ------------------------------------------------------- */

/* Makes a token from 'old'.  Whoever has that may know what is wrong. */
static void
login_rescope(struct login *login, const struct local_token *old)
{
    struct local_token token = {
        .account = old->account,
        .origin = old->origin ? old->origin : old->digest,
        .roles = SSET_INITIALIZER(&token.roles),
        .issued_at = time_wall_usec(),
        .expires_at = old->expires_at,
    };

    if (old->account.credential) {
        login_end(login, LOGIN_REFUSED, 403, 0, "A token of an application "
                  "credential cannot be exchanged for another one.");
        return;
    }
    if (login_find_rights(login, &token)) {
        login_accept(login, &token);
    } else {
        login_refuse_unexplained(login);
    }
    local_token_uninit(&token);
}

static void
login_look(struct request *request)
{
    struct login *login = request->own;
    struct local_token old;

    switch (identity_find_token(request, login->form.secret, login_look,
                                &old)) {
    case TOKENS_ACCEPTED:
        login_rescope(login, &old);
        local_token_uninit(&old);
        break;
    case TOKENS_REFUSED:
        login_refuse_unexplained(login);
        break;
    case TOKENS_WAIT:
        break;
    case TOKENS_AWAY:
    default:
        login_end(login, LOGIN_FAILED, 503, 1000,
                  "The Octavia database is unavailable.");
        break;
    }
}

/* --- The token ----------------------------------------------------------- */

static void
login_reply(struct login *login)
{
    struct request *request = login->request;

    login->auth->n_logins[LOGIN_ACCEPTED]++;
    local_auth_purge_soon(login->auth);
    http_request_add_header(request->http, "X-Subject-Token", login->token);
    http_request_add_header(request->http, "Vary", "X-Auth-Token");
    http_request_add_header(request->http, "Cache-Control", "no-store");
    request_reply_as(request, 201, &login->body);
}

/* After a lost connection the row may be there already. */
static bool
login_write(struct commit_op *op, struct ovsdb_idl_txn *txn,
            unsigned int attempt OVS_UNUSED)
{
    struct login *login = CONTAINER_OF(op, struct login, op);
    struct stored_token present;

    if (stored_tokens_find(login->auth->tokens, login->row.digest,
                           &present)) {
        request_go_on(login->request);
        login_reply(login);
        return false;
    }
    stored_tokens_insert(login->auth->tokens, txn, &login->row);
    return true;
}

static void
login_written(struct commit_op *op, enum commit_result result,
              const char *error)
{
    struct login *login = CONTAINER_OF(op, struct login, op);

    request_go_on(login->request);
    if (result == COMMIT_FAILED) {
        VLOG_ERR("a token cannot be stored in OVN_Octavia: %s", error);
        login_end(login, LOGIN_FAILED, 503, 1000,
                  "The Octavia database is unavailable.");
    } else {
        login_reply(login);
    }
}

static void
login_fill_row(struct login *login, const struct local_token *token)
{
    const struct local_credential *credential = token->account.credential;
    const char **names = sset_sort(&token->roles);
    size_t n = sset_count(&token->roles);

    for (size_t i = 0; i < n; i++) {
        names[i] = xstrdup(names[i]);
    }
    login->row = (struct stored_token) {
        .digest = xstrdup(token->digest),
        .user_id = xstrdup(token->account.user->id),
        .project_id = (token->project ? xstrdup(token->project->id) : NULL),
        .credential_id = credential ? xstrdup(credential->id) : NULL,
        .seal = login_seal(&token->account),
        .origin = nullable_xstrdup(token->origin),
        .roles = names,
        .n_roles = n,
        .issued_at = token->issued_at,
        .expires_at = token->expires_at,
    };
}

/* Makes the token and its answer. */
static void
login_accept(struct login *login, struct local_token *token)
{
    struct secret_digest digest;
    char *text;

    login->token = secret_create();
    digest = secret_digest_make(login->token);
    text = secret_digest_format(&digest);
    token->digest = text;
    identity_put_token(&login->body, login->request, token);
    login_fill_row(login, token);
    free(text);
    login->op.apply = login_write;
    login->op.done = login_written;
    request_submit(login->request, &login->op);
}
