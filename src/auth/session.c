/* SPDX-License-Identifier: Apache-2.0
 *
 * The token, its renewal, and what to do while there is none; see session.h.
 *
 * Logging in is a series of attempts.  Calls wait while it is under way; if it
 * fails they fail with it, and so do calls that come soon after.
 */

#include <config.h>
#include "auth/session.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "auth/catalog.h"
#include "auth/rest-text.h"
#include "auth/retry.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "coverage.h"
#include "http/client.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(session);

COVERAGE_DEFINE(session_login);
COVERAGE_DEFINE(session_login_failed);

struct session {
    char *url;                  /* Keystone's, without "/v3". */
    char *request;              /* Body that logs in.  Secret. */
    char *secret;               /* The password in there. */
    struct http_client_options client_options;
    int timeout_ms;
    struct http_client *client; /* For logging in, nothing else. */

    struct token *token;        /* NULL if there is none. */
    unsigned int serial;        /* The token's. */
    char *project_id;           /* The last token's. */
    long long int born_ms, renew_ms, expires_ms;

    /* Logging in. */
    struct http_call *login;    /* NULL if no attempt is under way. */
    unsigned int n_attempts;    /* In this series; 0: there is none. */
    long long int since_ms;     /* The first of them. */
    long long int next_ms;      /* The next attempt, or the end of the pause
                                 * after a series. */
    char *trouble;              /* The reason for which the last series failed,
                                 * or NULL. */
    long long int refused_ms;   /* When a service last refused a token. */
    long long int doubted_ms;   /* When a catalog was last doubted. */
};

/* --- Logging in ---------------------------------------------------------- */

/* Log-ins of all sessions, for metrics. */
static unsigned long long int session_n_accepted;
static unsigned long long int session_n_refused;
static unsigned long long int session_n_failed;

static bool
session_has_token(const struct session *s)
{
    return s->token && time_msec() < s->expires_ms;
}

static void
session_forget_token(struct session *s)
{
    token_destroy(s->token);
    s->token = NULL;
}

/* Counts 'serial', so that a late 401 for an earlier token does not cost this
 * one.  Renews the token before its end, with a margin that leaves most of a
 * short life. */
static void
session_accept_token(struct session *s, struct token *token)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(2, 5);
    long long int now = time_msec();
    long long int margin = MIN(TOKEN_MARGIN_MS, token->lifetime_ms / 4);

    session_n_accepted++;
    session_forget_token(s);
    s->token = token;
    s->serial++;
    free(s->project_id);
    s->project_id = nullable_xstrdup(token->project_id);
    s->born_ms = now;
    s->expires_ms = now + token->lifetime_ms;
    s->renew_ms = s->expires_ms - margin;
    s->n_attempts = 0;
    s->next_ms = LLONG_MIN;
    if (s->trouble) {
        VLOG_INFO_RL(&rl, "%s: logged in again", s->url);
        free(s->trouble);
        s->trouble = NULL;
    }
}

/* Returns what is wrong with an answer that is no token.  The caller frees
 * it. */
static char *
session_describe_failure(const struct session *s,
                         const struct http_response *r)
{
    const char *const secrets[] = { s->secret, NULL };
    struct json *json = json_read(r->body, r->body_bytes);
    char *text;

    if (!r->status) {
        text = xasprintf("Keystone does not answer: %s", r->error);
    } else if (r->status / 100 == 2) {
        text = xstrdup("what answers is no Keystone: there is no token in "
                       "what it sent");
    } else {
        char *reason = rest_error_text(r->status, json, secrets);
        text = xasprintf("Keystone does not let us in: %s", reason);
        free(reason);
    }
    json_destroy(json);
    return text;
}

static void
session_end_series(struct session *s, const struct http_response *r)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(2, 5);
    bool is_refused = r->status / 100 == 4 && r->status != 429;

    COVERAGE_INC(session_login_failed);
    if (is_refused) {
        session_n_refused++;
    } else {
        session_n_failed++;
    }
    free(s->trouble);
    s->trouble = session_describe_failure(s, r);
    s->n_attempts = 0;
    s->next_ms = time_msec() + (is_refused
                                ? LOGIN_PAUSE_REFUSED_MS
                                : LOGIN_PAUSE_MS);
    VLOG_WARN_RL(&rl, "%s: %s", s->url, s->trouble);
}

static void
session_handle_login(const struct http_response *r, void *s_)
{
    struct session *s = s_;
    struct token *token = NULL;

    s->login = NULL;
    if (r->status / 100 == 2) {
        struct json *json = json_read(r->body, r->body_bytes);
        token = token_create(r->subject_token, json);
        json_destroy(json);
    }
    if (token) {
        session_accept_token(s, token);
        return;
    }

    /* Getting one token too many does no harm. */
    int delay_ms = retry_delay_ms(true, s->n_attempts, r, random_uint32());
    if (delay_ms < 0 || time_msec() >= s->since_ms + REST_PATIENCE_MS) {
        session_end_series(s, r);
    } else {
        s->next_ms = time_msec() + delay_ms;
    }
}

static void
session_attempt_login(struct session *s)
{
    static const char *const headers[] = {
        "Content-Type: application/json",
        "Accept: application/json",
        NULL
    };
    char *url = xasprintf("%s/v3/auth/tokens", s->url);
    const struct http_call_options options = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = s->request,
        .body_bytes = strlen(s->request),
        .timeout_ms = s->timeout_ms,
    };

    COVERAGE_INC(session_login);
    if (!s->n_attempts++) {
        s->since_ms = time_msec();
    }
    s->login = http_client_send(s->client, &options, session_handle_login, s);
    free(url);
}

/* Begins a series if there is none, and no pause. */
static void
session_begin_login(struct session *s)
{
    if (!s->n_attempts && time_msec() >= s->next_ms) {
        session_attempt_login(s);
    }
}

enum token_state
session_peek_token(const struct session *s)
{
    return (session_has_token(s) ? TOKEN_READY
            : s->n_attempts || time_msec() >= s->next_ms ? TOKEN_PENDING
            : TOKEN_TROUBLE);
}

enum token_state
session_get_token(struct session *s)
{
    if (!session_has_token(s) || time_msec() >= s->renew_ms) {
        session_begin_login(s);
    }
    return session_peek_token(s);
}

bool
session_is_logging_in(const struct session *s)
{
    return s->n_attempts > 0;
}

const struct token *
session_token(const struct session *s)
{
    return s->token;
}

unsigned int
session_token_serial(const struct session *s)
{
    return s->serial;
}

const char *
session_trouble(const struct session *s)
{
    return s->trouble ? s->trouble : "not logged in at Keystone";
}

/* Another call may have noticed before, and there is a new token already.  A
 * service that refuses every token must not make us log in again and again. */
bool
session_token_refused(struct session *s, unsigned int serial)
{
    long long int now = time_msec();

    if (!s->token || s->serial != serial) {
        return true;
    }
    if (now < s->refused_ms + TOKEN_REFUSED_PAUSE_MS) {
        return false;
    }
    s->refused_ms = now;
    session_forget_token(s);
    session_begin_login(s);
    return true;
}

void
session_renew_catalog(struct session *s)
{
    if (time_msec() >= s->born_ms + CATALOG_AGE_MIN_MS) {
        session_forget_token(s);
        session_begin_login(s);
    }
}

/* A service that is just away must not make us log in again and again. */
void
session_doubt_catalog(struct session *s, unsigned int serial)
{
    long long int now = time_msec();

    if (s->token && s->serial == serial
        && now >= s->doubted_ms + CATALOG_AGE_MIN_MS) {
        s->doubted_ms = now;
        session_begin_login(s);
    }
}

/* --- The session --------------------------------------------------------- */

struct http_client *
session_create_client(const struct session *s, unsigned int connections_max)
{
    struct http_client_options options = s->client_options;

    options.connections_max = connections_max;
    return http_client_create(&options);
}

int
session_timeout_ms(const struct session *s)
{
    return s->timeout_ms;
}

static char *
session_read_auth_url(const char *auth_url, char **errorp)
{
    char *url = auth_url ? endpoint_normalize(auth_url) : NULL;

    if (!auth_url) {
        *errorp = xstrdup("auth_url is missing");
    } else if (!url) {
        *errorp = xasprintf("auth_url must be a URL of http or https, "
                            "not \"%s\"", auth_url);
    }
    return url;
}

struct session *
session_create(const struct session_options *options, char **errorp)
{
    char *url = session_read_auth_url(options->auth_url, errorp);
    char *request = url ? login_request(options, errorp) : NULL;
    if (!request) {
        free(url);
        return NULL;
    }

    struct session *s = xzalloc(sizeof *s);
    s->url = url;
    s->request = request;
    s->secret = xstrdup(options->password ? options->password
                        : options->application_credential_secret
                        ? options->application_credential_secret : "");
    s->timeout_ms = options->timeout_ms ? options->timeout_ms
                                        : REST_TIMEOUT_MS;
    s->client_options = (struct http_client_options) {
        .ca_file = nullable_xstrdup(options->cafile),
        .insecure = options->insecure,
        .cert_file = nullable_xstrdup(options->certfile),
        .key_file = nullable_xstrdup(options->keyfile),
        .connect_timeout_ms = MIN(s->timeout_ms, REST_CONNECT_TIMEOUT_MS),
        .response_bytes_max = REST_RESPONSE_BYTES_MAX,
    };
    s->client = session_create_client(s, 1);
    s->next_ms = LLONG_MIN;
    s->refused_ms = time_msec() - TOKEN_REFUSED_PAUSE_MS;
    s->doubted_ms = time_msec() - CATALOG_AGE_MIN_MS;
    return s;
}

const char *
session_url(const struct session *s)
{
    return s->url;
}

const char *
session_project_id(const struct session *s)
{
    return s->project_id;
}

void
session_destroy(struct session *s)
{
    if (s) {
        http_client_destroy(s->client);
        token_destroy(s->token);
        free(CONST_CAST(char *, s->client_options.ca_file));
        free(CONST_CAST(char *, s->client_options.cert_file));
        free(CONST_CAST(char *, s->client_options.key_file));
        free(s->url);
        free(s->request);
        free(s->secret);
        free(s->trouble);
        free(s->project_id);
        free(s);
    }
}

void
session_run(struct session *s)
{
    http_client_run(s->client);
    if (s->n_attempts && !s->login && time_msec() >= s->next_ms) {
        session_attempt_login(s);
    }
}

void
session_wait(struct session *s)
{
    http_client_wait(s->client);
    if (s->n_attempts && !s->login) {
        poll_timer_wait_until(s->next_ms);
    }
}

/* --- Metrics ------------------------------------------------------------- */

static void
session_put_logins(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put(page, session_n_accepted, "outcome", "accepted", NULL);
    metrics_put(page, session_n_refused, "outcome", "refused", NULL);
    metrics_put(page, session_n_failed, "outcome", "failed", NULL);
}

void
session_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_keystone_logins_total", METRIC_COUNTER,
          "Log-ins of this process at Keystone: accepted, refused, or failed "
          "for another reason after all attempts.", session_put_logins },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
