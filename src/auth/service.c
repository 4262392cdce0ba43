/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls to a REST service: with a session's token, repeated where that is
 * of use, and answered with JSON or a text for people; see service.h.
 *
 * A call is in one of three lists: it is ready to go, waits for its next
 * attempt, or is under way.
 */

#include <config.h>
#include "auth/service.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "auth/catalog.h"
#include "auth/rest-text.h"
#include "auth/retry.h"
#include "auth/session.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "coverage.h"
#include "http/client.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(service);

COVERAGE_DEFINE(service_call);
COVERAGE_DEFINE(service_call_repeated);

/* The services that are asked, and one for all others. */
#define SERVICE_TYPES                   \
    SERVICE_TYPE(IDENTITY, "identity")  \
    SERVICE_TYPE(NETWORK, "network")    \
    SERVICE_TYPE(OCTAVIA, "load-balancer") \
    SERVICE_TYPE(OTHER, "other")

enum service_type {
#define SERVICE_TYPE(NAME, WORD) SERVICE_TYPE_##NAME,
    SERVICE_TYPES
#undef SERVICE_TYPE
    N_SERVICE_TYPES
};

static const char *const service_types[] = {
#define SERVICE_TYPE(NAME, WORD) WORD,
    SERVICE_TYPES
#undef SERVICE_TYPE
};

/* Answers by the hundred of their status; 0: there was none. */
#define SERVICE_OUTCOMES 6

static const char *const service_outcomes[SERVICE_OUTCOMES] = {
    "none", "1xx", "2xx", "3xx", "4xx", "5xx"
};

static struct service_tally {
    unsigned long long int n_finished[SERVICE_OUTCOMES];
    unsigned long long int n_repeated;
    size_t n_open;
    struct metric_histogram duration;
} service_tallies[N_SERVICE_TYPES];

struct service {
    struct service_tally *tally;
    struct session *session;
    struct http_client *client;
    char *type;
    char *endpoint;             /* The override, or NULL. */
    char **interfaces;          /* Ends with NULL. */
    char *region;               /* NULL: any. */

    struct ovs_list ready;      /* Oldest first. */
    struct ovs_list delayed;    /* In no order. */
    struct ovs_list under_way;
    size_t n_calls;
    long long int next_ms;      /* The earliest of 'delayed'. */
};

struct service_call {
    struct service *service;
    struct ovs_list node;       /* In one of its lists. */
    char *method;
    char *path;
    char *body;                 /* NULL if there is none. */
    char *subject_token;        /* NULL if there is none. */
    char *user_token;           /* Instead of ours, or NULL. */
    const char *refusal;        /* The reason not even to try it, or NULL. */
    service_done *done;
    void *aux;

    long long int since_ms;
    long long int since_us;
    unsigned int n_attempts;
    bool has_renewed;           /* The token, because of a 401. */
    unsigned int serial;        /* The serial of the token it was sent with. */
    struct http_call *http;     /* While it is under way. */
    long long int due_ms;       /* While it is delayed. */
};

static void service_call_retry(struct service_call *, int delay_ms);

/* --- The end of a call --------------------------------------------------- */

static void
service_call_destroy(struct service_call *call)
{
    ovs_list_remove(&call->node);
    call->service->n_calls--;
    call->service->tally->n_open--;
    if (call->http) {
        http_call_cancel(call->http);
    }
    free(call->method);
    free(call->path);
    free(call->body);
    free(call->subject_token);
    free(call->user_token);
    free(call);
}

static void
service_call_finish(struct service_call *call,
                    const struct service_reply *reply)
{
    struct service_tally *tally = call->service->tally;
    service_done *done = call->done;
    void *aux = call->aux;

    tally->n_finished[MIN(reply->status / 100, SERVICE_OUTCOMES - 1)]++;
    metric_histogram_note(&tally->duration, time_usec() - call->since_us);

    /* Before the callback, which finds the list without it. */
    service_call_destroy(call);
    done(reply, aux);
}

static void
service_call_fail(struct service_call *call, const char *text)
{
    const struct service_reply reply = { .text = text };

    service_call_finish(call, &reply);
}

/* Returns the text for a missing answer.  The caller frees it. */
static char *
service_describe_silence(const struct service_call *call, const char *error)
{
    const char *type = call->service->type;

    return (call->n_attempts > 1
            ? xasprintf("the %s service does not answer: %s (tried %u times)",
                        type, error, call->n_attempts)
            : xasprintf("the %s service does not answer: %s", type, error));
}

/* Names the tokens as secrets, since a service may repeat them in its message:
 * such a text is not passed on. */
static void
service_call_deliver(struct service_call *call, const struct http_response *r)
{
    const char *const secrets[] = {
        session_peek_token(call->service->session) == TOKEN_READY
            ? session_token(call->service->session)->id : "",
        call->subject_token ? call->subject_token : "",
        call->user_token ? call->user_token : "",
        NULL
    };
    struct json *json = (r->body_bytes
                         ? json_read(r->body, r->body_bytes)
                         : NULL);
    char *text = (!r->status ? service_describe_silence(call, r->error)
                  : r->status / 100 == 2 ? NULL
                  : rest_error_text(r->status, json, secrets));
    const struct service_reply reply = {
        .status = r->status,
        .json = json,
        .text = text,
    };

    service_call_finish(call, &reply);
    free(text);
    json_destroy(json);
}

/* Returns the delay until the next attempt, or -1 if this is the answer. */
static int
service_call_next_ms(const struct service_call *call,
                     const struct http_response *r)
{
    bool has_patience = (time_msec() < call->since_ms + REST_PATIENCE_MS);

    return (has_patience
            ? retry_delay_ms(method_is_idempotent(call->method),
                             call->n_attempts, r, random_uint32())
            : -1);
}

/* Renews the token once after a 401, which does not count as an attempt.
 * Doubts the catalog if its endpoint cannot be reached; a configured one
 * cannot have moved. */
static void
service_call_handle_response(const struct http_response *r, void *call_)
{
    struct service_call *call = call_;

    call->http = NULL;
    if (r->status == 401 && !call->has_renewed
        && session_token_refused(call->service->session, call->serial)) {
        call->has_renewed = true;
        call->n_attempts--;
        service_call_retry(call, 0);
        return;
    }

    if (!r->status && !r->was_sent && !call->service->endpoint) {
        session_doubt_catalog(call->service->session, call->serial);
    }

    int delay_ms = service_call_next_ms(call, r);
    if (delay_ms >= 0) {
        COVERAGE_INC(service_call_repeated);
        call->service->tally->n_repeated++;
        VLOG_DBG("%s %s: %s, repeated after %d ms", call->method, call->path,
                 r->status ? "failed" : r->error, delay_ms);
        service_call_retry(call, delay_ms);
    } else {
        service_call_deliver(call, r);
    }
}

/* --- Its attempts -------------------------------------------------------- */

static void
service_call_retry(struct service_call *call, int delay_ms)
{
    struct service *service = call->service;

    call->due_ms = time_msec() + delay_ms;
    service->next_ms = MIN(service->next_ms, call->due_ms);
    ovs_list_remove(&call->node);
    ovs_list_push_back(&service->delayed, &call->node);
}

static void
service_call_send(struct service_call *call, const char *endpoint)
{
    struct service *service = call->service;
    char *url = xasprintf("%s%s", endpoint, call->path);
    char *token = xasprintf("X-Auth-Token: %s",
                            call->user_token ? call->user_token
                            : session_token(service->session)->id);
    char *subject = (call->subject_token
                     ? xasprintf("X-Subject-Token: %s", call->subject_token)
                     : NULL);
    const char *const headers[] = {
        "Accept: application/json",
        token,
        call->body ? "Content-Type: application/json" : subject,
        call->body ? subject : NULL,
        NULL
    };
    const struct http_call_options options = {
        .method = call->method,
        .url = url,
        .headers = headers,
        .body = call->body,
        .body_bytes = call->body ? strlen(call->body) : 0,
        .timeout_ms = session_timeout_ms(service->session),
    };

    call->n_attempts++;
    call->serial = session_token_serial(service->session);
    call->http = http_client_send(service->client, &options,
                                  service_call_handle_response, call);
    ovs_list_remove(&call->node);
    ovs_list_push_back(&service->under_way, &call->node);
    free(subject);
    free(token);
    free(url);
}

static char *
service_describe_missing(const struct service *service)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_format(&text, "Keystone's catalog has no service \"%s\" with "
                  "interface ", service->type);
    for (size_t i = 0; service->interfaces[i]; i++) {
        ds_put_format(&text, "%s%s", i ? " or " : "",
                      service->interfaces[i]);
    }
    if (service->region) {
        ds_put_format(&text, " in region %s", service->region);
    }
    return ds_steal_cstr(&text);
}

/* Returns false if the call has to wait for another catalog. */
static bool
service_call_send_by_catalog(struct service_call *call)
{
    struct service *service = call->service;
    char *endpoint = catalog_find(session_token(service->session)->catalog,
                                  service->type,
                                  (const char *const *) service->interfaces,
                                  service->region);

    if (endpoint) {
        service_call_send(call, endpoint);
        free(endpoint);
        return true;
    }
    session_renew_catalog(service->session);
    if (session_peek_token(service->session) == TOKEN_PENDING) {
        return false;
    }

    char *text = service_describe_missing(service);
    service_call_fail(call, text);
    free(text);
    return true;
}

/* Returns false if the call has to wait for a token. */
static bool
service_call_begin(struct service_call *call)
{
    struct service *service = call->service;

    if (call->refusal) {
        service_call_fail(call, call->refusal);
        return true;
    }
    switch (session_get_token(service->session)) {
    case TOKEN_READY:
        if (service->endpoint) {
            service_call_send(call, service->endpoint);
            return true;
        }
        return service_call_send_by_catalog(call);
    case TOKEN_PENDING:
        return false;
    case TOKEN_TROUBLE:
    default:
        service_call_fail(call, session_trouble(service->session));
        return true;
    }
}

/* Calls made by a callback have their turn in the next run. */
static void
service_run_ready(struct service *service)
{
    struct ovs_list ready;

    ovs_list_move(&ready, &service->ready);
    ovs_list_init(&service->ready);

    struct ovs_list waiting = OVS_LIST_INITIALIZER(&waiting);
    while (!ovs_list_is_empty(&ready)) {
        struct service_call *call = CONTAINER_OF(ovs_list_front(&ready),
                                                 struct service_call, node);
        if (!service_call_begin(call)) {
            ovs_list_remove(&call->node);
            ovs_list_push_back(&waiting, &call->node);
        }
    }
    ovs_list_splice(service->ready.next, waiting.next, &waiting);
}

static void
service_run_delayed(struct service *service)
{
    long long int now = time_msec();
    struct service_call *call;

    if (now < service->next_ms) {
        return;
    }
    service->next_ms = LLONG_MAX;
    LIST_FOR_EACH_SAFE (call, node, &service->delayed) {
        if (now >= call->due_ms) {
            ovs_list_remove(&call->node);
            ovs_list_push_back(&service->ready, &call->node);
        } else {
            service->next_ms = MIN(service->next_ms, call->due_ms);
        }
    }
}

/* --- The service --------------------------------------------------------- */

static struct service_tally *
service_find_tally(const char *type)
{
    size_t i = 0;

    while (i < SERVICE_TYPE_OTHER && strcmp(type, service_types[i])) {
        i++;
    }
    return &service_tallies[i];
}

static char **
service_copy_interfaces(const char *const *interfaces)
{
    static const char *const standard[] = { "internal", "public", NULL };
    size_t n = 0;

    if (!interfaces) {
        interfaces = standard;
    }
    while (interfaces[n]) {
        n++;
    }

    char **copy = xcalloc(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++) {
        copy[i] = xstrdup(interfaces[i]);
    }
    return copy;
}

struct service *
service_create(struct session *session, const struct service_options *options)
{
    struct service *service = xzalloc(sizeof *service);

    service->tally = service_find_tally(options->type);
    service->session = session;
    service->client = session_create_client(session, options->calls_max);
    service->type = xstrdup(options->type);
    if (options->endpoint_override) {
        service->endpoint = endpoint_normalize(options->endpoint_override);
        if (!service->endpoint) {
            /* The first call will tell. */
            service->endpoint = xstrdup(options->endpoint_override);
        }
    }
    service->interfaces = service_copy_interfaces(options->interfaces);
    service->region = nullable_xstrdup(options->region_name);
    ovs_list_init(&service->ready);
    ovs_list_init(&service->delayed);
    ovs_list_init(&service->under_way);
    service->next_ms = LLONG_MAX;
    return service;
}

struct service *
service_create_keystone(struct session *session)
{
    const struct service_options options = {
        .type = "identity",
        .endpoint_override = session_url(session),
        .calls_max = KEYSTONE_CALLS_MAX,
    };

    return service_create(session, &options);
}

static void
service_cancel_all(struct ovs_list *calls)
{
    while (!ovs_list_is_empty(calls)) {
        service_call_destroy(CONTAINER_OF(ovs_list_front(calls),
                                          struct service_call, node));
    }
}

void
service_destroy(struct service *service)
{
    if (service) {
        service_cancel_all(&service->ready);
        service_cancel_all(&service->delayed);
        service_cancel_all(&service->under_way);
        http_client_destroy(service->client);
        free(service->type);
        free(service->endpoint);
        for (size_t i = 0; service->interfaces[i]; i++) {
            free(service->interfaces[i]);
        }
        free(service->interfaces);
        free(service->region);
        free(service);
    }
}

void
service_run(struct service *service)
{
    http_client_run(service->client);
    service_run_delayed(service);
    service_run_ready(service);
}

void
service_wait(const struct service *service)
{
    http_client_wait(service->client);
    if (service->next_ms != LLONG_MAX) {
        poll_timer_wait_until(service->next_ms);
    }

    /* Calls that wait for a token wake up with the session's login. */
    if (!ovs_list_is_empty(&service->ready)
        && !session_is_logging_in(service->session)) {
        poll_immediate_wake();
    }
}

static struct service_call *
service_call_create(struct service *service, const char *method,
                    const char *path, service_done *done, void *aux)
{
    struct service_call *call = xzalloc(sizeof *call);

    COVERAGE_INC(service_call);
    call->service = service;
    call->method = xstrdup(method);
    call->path = xstrdup(path);
    call->done = done;
    call->aux = aux;
    call->since_ms = time_msec();
    call->since_us = time_usec();
    service->tally->n_open++;
    if (service->n_calls++ >= REST_CALLS_MAX) {
        call->refusal = "too many calls are waiting";
    }
    ovs_list_push_back(&service->ready, &call->node);
    return call;
}

/* A line break in a token would begin another header field. */
static void
service_call_check_token(struct service_call *call, const char *token)
{
    if (!call->refusal && strpbrk(token, "\r\n")) {
        call->refusal = "this cannot be a token";
    }
}

struct service_call *
service_send(struct service *service, const char *method, const char *path,
             const struct json *body, service_done *done, void *aux)
{
    struct service_call *call = service_call_create(service, method, path,
                                                    done, aux);

    call->body = body ? json_to_string(body, 0) : NULL;
    return call;
}

struct service_call *
service_send_as(struct service *service, const char *user_token,
                const char *method, const char *path, service_done *done,
                void *aux)
{
    struct service_call *call = service_call_create(service, method, path,
                                                    done, aux);

    call->user_token = xstrdup(user_token);
    call->has_renewed = true;   /* Ours is not what a 401 is about. */
    service_call_check_token(call, user_token);
    return call;
}

struct service_call *
service_send_about(struct service *service, const char *method,
                   const char *path, const char *subject_token,
                   service_done *done, void *aux)
{
    struct service_call *call = service_call_create(service, method, path,
                                                    done, aux);

    call->subject_token = xstrdup(subject_token);
    service_call_check_token(call, subject_token);
    return call;
}

void
service_call_cancel(struct service_call *call)
{
    service_call_destroy(call);
}

/* --- Metrics ------------------------------------------------------------- */

static void
service_put_calls(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < N_SERVICE_TYPES; i++) {
        for (size_t j = 0; j < SERVICE_OUTCOMES; j++) {
            metrics_put(page, service_tallies[i].n_finished[j],
                        "service", service_types[i],
                        "status", service_outcomes[j], NULL);
        }
    }
}

static void
service_put_repeated(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < N_SERVICE_TYPES; i++) {
        metrics_put(page, service_tallies[i].n_repeated,
                    "service", service_types[i], NULL);
    }
}

static void
service_put_open(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < N_SERVICE_TYPES; i++) {
        metrics_put(page, service_tallies[i].n_open,
                    "service", service_types[i], NULL);
    }
}

static void
service_put_duration(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < N_SERVICE_TYPES; i++) {
        metrics_put_histogram(page, &service_tallies[i].duration,
                              "service", service_types[i], NULL);
    }
}

void
service_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_service_calls_total", METRIC_COUNTER,
          "Calls to Keystone (identity), Neutron (network) and Octavia "
          "(load-balancer) that have ended, by the class of the answer; "
          "none: there was no answer.", service_put_calls },
        { "ovn_octavia_service_repeats_total", METRIC_COUNTER,
          "Attempts of such calls that failed and were repeated.",
          service_put_repeated },
        { "ovn_octavia_service_calls_in_flight", METRIC_GAUGE,
          "Such calls that wait or are under way.", service_put_open },
        { "ovn_octavia_service_call_duration_seconds", METRIC_HISTOGRAM,
          "How long such calls took, repeated attempts included.",
          service_put_duration },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
