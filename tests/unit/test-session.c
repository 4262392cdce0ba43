/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions and services, against a server that is Keystone and a service in
 * one, and misbehaves as either.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "auth/session.h"
#include "base/limits.h"
#include "http-stub.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

#define DEADLINE_MS 20000

/* How a call ended. */
struct result {
    bool is_done;
    int status;
    char *json;                 /* NULL if there was none. */
    char *text;                 /* The same. */
};

struct fixture {
    struct http_stub *stub;
    struct session *session;
    struct service *service;

    /* Keystone. */
    unsigned int n_logins;
    unsigned int n_login_failures;      /* To come, with 'login_status'. */
    int login_status;           /* 0: silence; 1: closes at once. */
    const char *login_body;     /* NULL: a token. */
    int token_lifetime_s;
    bool is_catalog_empty;
    bool wants_application_credential;
    struct stub_connection *waiting_login;
    bool login_waits;

    /* The service. */
    unsigned int good_token;    /* Others get a 401. */
    struct shash n_requests;    /* By path: of unsigned int. */
    char *path, *body, *subject_token; /* Of the last request. */
};

/* --- Keystone ------------------------------------------------------------ */

static void
send_token(struct fixture *f, struct stub_connection *c)
{
    char *header = xasprintf("X-Subject-Token: token%u\r\n", f->n_logins);
    char *body = xasprintf(
        "{\"token\": {\"issued_at\": \"2020-01-01T00:00:00.000000Z\","
        "\"expires_at\": \"2020-01-01T00:%02d:%02d.000000Z\", \"catalog\":"
        "[{\"type\": \"%s\", \"endpoints\": [{\"interface\": \"internal\","
        "\"region_id\": \"R\", \"url\": \"%s/v2.0/\"}]}]}}",
        f->token_lifetime_s / 60, f->token_lifetime_s % 60,
        f->is_catalog_empty ? "image" : "network", http_stub_url(f->stub));

    stub_reply(c, 201, header, body);
    free(header);
    free(body);
}

static void
handle_login(struct fixture *f, const struct stub_request *rq)
{
    assert_string_equal(rq->method, "POST");
    f->n_logins++;
    if (f->wants_application_credential) {
        assert_non_null(strstr(rq->body, "\"application_credential\":"));
        assert_null(strstr(rq->body, "\"scope\""));
    } else {
        assert_non_null(strstr(rq->body, "\"password\":\"s3cret\""));
    }

    if (f->login_waits) {
        f->waiting_login = rq->connection;
    } else if (!f->n_login_failures) {
        send_token(f, rq->connection);
    } else {
        f->n_login_failures--;
        if (f->login_status == 1) {
            stub_close(rq->connection);
        } else if (f->login_status) {
            stub_reply(rq->connection, f->login_status, NULL,
                       f->login_body ? f->login_body : "");
        }
    }
}

/* --- The service --------------------------------------------------------- */

static unsigned int
n_requests(const struct fixture *f, const char *path)
{
    const unsigned int *n = shash_find_data(&f->n_requests, path);
    return n ? *n : 0;
}

static unsigned int
count_request(struct fixture *f, const char *path)
{
    unsigned int *n = shash_find_data(&f->n_requests, path);

    if (!n) {
        n = xzalloc(sizeof *n);
        shash_add(&f->n_requests, path, n);
    }
    return ++*n;
}

/* The path says what is to be done:
 *
 *     /v2.0/STATUS         always answers that
 *     /v2.0/STATUS/N       N times, then 200
 *     /v2.0/html           something else than JSON
 *     /v2.0/cut            half an answer
 *     /v2.0/silent         none
 */
static void
handle_call(struct fixture *f, const struct stub_request *rq)
{
    unsigned int n = count_request(f, rq->path);
    unsigned int status = 200, n_failures = UINT32_MAX;
    const char *what = rq->path + strlen("/v2.0/");

    if (!strcmp(what, "html")) {
        stub_reply(rq->connection, 200, NULL, "<html>Welcome</html>");
    } else if (!strcmp(what, "badjson")) {
        stub_reply(rq->connection, 200, NULL, "{\"a\": 1, \"a\": 2}");
    } else if (!strcmp(what, "cut")) {
        stub_send(rq->connection, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                  "\r\n{\"a\"");
        stub_close(rq->connection);
    } else if (!strcmp(what, "404html")) {
        stub_reply(rq->connection, 404, NULL, "<html>No</html>");
    } else if (strcmp(what, "silent")) {
        if (!ovs_scan(what, "%u/%u", &status, &n_failures)) {
            ovs_scan(what, "%u", &status);
        }
        if (n > n_failures) {
            status = 200;
        }
        stub_reply(rq->connection, status, NULL, status == 200
                   ? "{\"a\": 1}"
                   : "{\"NeutronError\": {\"message\": \"No such thing\"}}");
    }
}

static void
handle(const struct stub_request *rq, void *f_)
{
    struct fixture *f = f_;

    if (!strcmp(rq->path, "/v3/auth/tokens") && rq->method[0] == 'P') {
        handle_login(f, rq);
        return;
    }

    char *token = stub_header(rq, "X-Auth-Token");
    char *good = xasprintf("token%u", f->good_token);
    free(f->path);
    f->path = xstrdup(rq->path);
    free(f->body);
    f->body = xstrdup(rq->body);
    free(f->subject_token);
    f->subject_token = stub_header(rq, "X-Subject-Token");
    if (f->good_token && strcmp(token, good)) {
        count_request(f, "401");
        stub_reply(rq->connection, 401, NULL, "{\"error\": {\"message\": "
                   "\"The request you have made requires authentication.\""
                   "}}");
    } else {
        handle_call(f, rq);
    }
    free(token);
    free(good);
}

/* --- The fixture --------------------------------------------------------- */

static void
create_session(struct fixture *f, int timeout_ms)
{
    char *auth_url = xasprintf("%s/v3/", http_stub_url(f->stub));
    const struct session_options password = {
        .auth_url = auth_url,
        .username = "u",
        .user_domain_name = "Default",
        .password = "s3cret",
        .project_name = "service",
        .project_domain_name = "Default",
        .timeout_ms = timeout_ms,
    };
    const struct session_options credential = {
        .auth_url = auth_url,
        .auth_type = "v3applicationcredential",
        .application_credential_id = "id",
        .application_credential_secret = "s3cret",
        .timeout_ms = timeout_ms,
    };
    const struct service_options service = {
        .type = "network",
        .region_name = "R",
        .calls_max = 4,
    };
    char *error = NULL;

    service_destroy(f->service);
    session_destroy(f->session);
    f->session = session_create(f->wants_application_credential
                                ? &credential : &password, &error);
    assert_null(error);
    f->service = service_create(f->session, &service);
    free(auth_url);
}

static int
setup(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);

    f->stub = http_stub_create(handle, f);
    f->token_lifetime_s = 3599;
    shash_init(&f->n_requests);
    create_session(f, 3000);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    service_destroy(f->service);
    session_destroy(f->session);
    http_stub_destroy(f->stub);
    shash_destroy_free_data(&f->n_requests);
    free(f->path);
    free(f->body);
    free(f->subject_token);
    free(f);
    return 0;
}

static void
turn(struct fixture *f)
{
    session_run(f->session);
    http_stub_run(f->stub);
    session_wait(f->session);
    http_stub_wait(f->stub);
    poll_timer_wait(50);
    poll_block();
}

#define TURN_UNTIL(F, CONDITION)                                        \
    do {                                                                \
        long long int end__ = time_msec() + DEADLINE_MS;                \
        while (!(CONDITION)) {                                          \
            if (time_msec() > end__) {                                  \
                fail_msg("never: %s", #CONDITION);                      \
            }                                                           \
            turn(F);                                                    \
        }                                                               \
    } while (0)

static void
turn_for(struct fixture *f, int ms)
{
    long long int end_ms = time_msec() + ms;

    while (time_msec() < end_ms) {
        poll_timer_wait_until(end_ms);
        turn(f);
    }
}

static void
note_result(const struct service_reply *reply, void *result_)
{
    struct result *result = result_;

    assert_false(result->is_done);
    *result = (struct result) {
        .is_done = true,
        .status = reply->status,
        .json = reply->json ? json_to_string(reply->json, 0) : NULL,
        .text = nullable_xstrdup(reply->text),
    };
    assert_int_equal(reply->status / 100 != 2, !!reply->text);
    assert_true(!reply->text || !strstr(reply->text, "s3cret"));
}

static void
result_uninit(struct result *result)
{
    free(result->json);
    free(result->text);
    memset(result, 0, sizeof *result);
}

static struct service_call *
call(struct fixture *f, const char *method, const char *path,
     struct result *result)
{
    memset(result, 0, sizeof *result);
    return service_send(f->service, method, path, NULL, note_result, result);
}

static void
call_and_wait(struct fixture *f, const char *method, const char *path,
              struct result *result)
{
    call(f, method, path, result);
    TURN_UNTIL(f, result->is_done);
}

/* 'text' is found in the result's; '*' stands for the words of a library. */
static void
expect(struct result *result, int status, const char *text)
{
    assert_true(result->is_done);
    if (result->status != status) {
        fail_msg("status is %d (%s), not %d", result->status,
                 result->text ? result->text : "no text", status);
    }
    if (!text) {
        assert_null(result->text);
    } else {
        char *pattern = xasprintf("*%s*", text);
        if (fnmatch(pattern, result->text, 0)) {
            fail_msg("text is \"%s\", not \"%s\"", result->text, text);
        }
        free(pattern);
    }
    result_uninit(result);
}

/* --- Calls --------------------------------------------------------------- */

static void
a_call_logs_in_first(void **state)
{
    struct fixture *f = *state;
    struct result result;

    call_and_wait(f, "GET", "/v2.0/200", &result);
    assert_string_equal(result.json, "{\"a\":1}");
    expect(&result, 200, NULL);
    assert_string_equal(f->path, "/v2.0/200");
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 200, NULL);
    assert_int_equal(f->n_logins, 1);
}

static void
application_credential_logs_in(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->wants_application_credential = true;
    create_session(f, 3000);
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 200, NULL);
}

static void
body_and_subject_token_arrive(void **state)
{
    struct fixture *f = *state;
    struct json *body = json_object_create();
    struct result result = { .is_done = false };

    json_object_put_string(body, "k", "v");
    service_send(f->service, "POST", "/v2.0/200", body, note_result, &result);
    json_destroy(body);
    TURN_UNTIL(f, result.is_done);
    expect(&result, 200, NULL);
    assert_string_equal(f->body, "{\"k\":\"v\"}");
    assert_null(f->subject_token);

    session_send(f->session, "GET", "/v3/auth/tokens", "theirs", note_result,
                 &result);
    TURN_UNTIL(f, result.is_done);
    expect(&result, 200, NULL);
    assert_string_equal(f->path, "/v3/auth/tokens");
    assert_string_equal(f->subject_token, "theirs");

    session_send(f->session, "GET", "/v3/auth/tokens", "a\r\nX-Evil: b",
                 note_result, &result);
    TURN_UNTIL(f, result.is_done);
    expect(&result, 0, "this cannot be a token");
    assert_int_equal(n_requests(f, "/v3/auth/tokens"), 1);
}

static void
many_calls_share_one_login(void **state)
{
    struct fixture *f = *state;
    struct result results[100];

    f->login_waits = true;
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        call(f, "GET", "/v2.0/200", &results[i]);
    }
    TURN_UNTIL(f, f->waiting_login);
    turn_for(f, 100);
    assert_int_equal(f->n_logins, 1);
    send_token(f, f->waiting_login);
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        TURN_UNTIL(f, results[i].is_done);
        expect(&results[i], 200, NULL);
    }
    assert_int_equal(f->n_logins, 1);
    /* Four for the service, one for the login. */
    assert_true(http_stub_n_connections(f->stub) <= 5);
}

static void
failures_are_repeated_if_that_is_safe(void **state)
{
    static const struct {
        const char *method, *path;
        int status;
        const char *text;
        unsigned int n_requests;
    } rows[] = {
        { "GET", "/v2.0/500/2", 200, NULL, 3 },
        { "PUT", "/v2.0/502/1", 200, NULL, 2 },
        { "DELETE", "/v2.0/503/1", 200, NULL, 2 },
        { "POST", "/v2.0/429/1", 200, NULL, 2 },
        { "GET", "/v2.0/504", 504, "No such thing", REST_ATTEMPTS_MAX },
        { "GET", "/v2.0/cut", 0, "the network service does not answer: "
          "*5 bytes* (tried 4 times)",
          REST_ATTEMPTS_MAX },
        { "POST", "/v2.0/500", 500, "No such thing", 1 },
        { "POST", "/v2.0/503/3", 503, "No such thing", 1 },
        { "GET", "/v2.0/404", 404, "No such thing", 1 },
        { "POST", "/v2.0/409", 409, "No such thing", 1 },
        { "GET", "/v2.0/404html", 404, "HTTP status 404", 1 },
        { "GET", "/v2.0/302", 302, "No such thing", 1 },
        { "GET", "/v2.0/html", 200, NULL, 1 },
        { "GET", "/v2.0/badjson", 200, NULL, 1 },
    };
    struct fixture *f = *state;
    struct result results[ARRAY_SIZE(rows)];

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        call(f, rows[i].method, rows[i].path, &results[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        TURN_UNTIL(f, results[i].is_done);
        print_message("  %s %s\n", rows[i].method, rows[i].path);
        if (strstr(rows[i].path, "html") || strstr(rows[i].path, "bad")) {
            assert_null(results[i].json);
        }
        expect(&results[i], rows[i].status, rows[i].text);
        assert_int_equal(n_requests(f, rows[i].path), rows[i].n_requests);
    }
    assert_int_equal(f->n_logins, 1);
}

static void
silence_delays_only_those_who_ask(void **state)
{
    struct fixture *f = *state;
    const struct service_options options = {
        .type = "other",
        .endpoint_override = http_stub_url(f->stub),
        .calls_max = 1,
    };
    struct service *other = service_create(f->session, &options);
    struct result silent[8];
    struct result result = { .is_done = false };

    for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
        call(f, "POST", "/v2.0/silent", &silent[i]);
    }
    TURN_UNTIL(f, n_requests(f, "/v2.0/silent") == 4);
    service_send(other, "GET", "/v2.0/200", NULL, note_result, &result);
    TURN_UNTIL(f, result.is_done);
    expect(&result, 200, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
        assert_false(silent[i].is_done);
    }
    service_destroy(other);
}

static void
silence_ends(void **state)
{
    struct fixture *f = *state;
    struct result post;

    create_session(f, 300);
    call_and_wait(f, "POST", "/v2.0/silent", &post);
    expect(&post, 0, "the network service does not answer: timed out before "
           "the response was complete");
    assert_int_equal(n_requests(f, "/v2.0/silent"), 1);
}

/* --- Tokens -------------------------------------------------------------- */

static void
a_refused_token_is_renewed_once(void **state)
{
    struct fixture *f = *state;
    struct result results[10];

    f->good_token = 2;
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        call(f, i % 2 ? "GET" : "POST", "/v2.0/200", &results[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        TURN_UNTIL(f, results[i].is_done);
        expect(&results[i], 200, NULL);
    }
    assert_int_equal(f->n_logins, 2);

    /* This service takes no token at all. */
    f->good_token = 99;
    unsigned int n = n_requests(f, "401");
    for (int i = 0; i < 5; i++) {
        call_and_wait(f, "GET", "/v2.0/200", &results[0]);
        expect(&results[0], 401, "requires authentication");
    }
    assert_int_equal(f->n_logins, 2);
    assert_int_equal(n_requests(f, "401") - n, 5);
}

static void
a_token_is_renewed_before_it_expires(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->token_lifetime_s = 4;
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 200, NULL);

    /* In the last quarter of its life it is still used, while the next one is
     * on its way. */
    turn_for(f, 3200);
    assert_int_equal(f->n_logins, 1);
    f->login_waits = true;
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 200, NULL);
    TURN_UNTIL(f, f->waiting_login);
    assert_int_equal(f->n_logins, 2);

    /* When it has expired, calls wait. */
    turn_for(f, 1000);
    call(f, "GET", "/v2.0/200", &result);
    turn_for(f, 100);
    assert_false(result.is_done);
    send_token(f, f->waiting_login);
    TURN_UNTIL(f, result.is_done);
    expect(&result, 200, NULL);
    assert_int_equal(f->n_logins, 2);
}

static void
logins_are_repeated(void **state)
{
    static const int statuses[] = { 1, 500, 503, 429 };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
        struct result result;

        create_session(f, 3000);
        f->n_logins = 0;
        f->n_login_failures = 1;
        f->login_status = statuses[i];
        call_and_wait(f, "GET", "/v2.0/200", &result);
        expect(&result, 200, NULL);
        assert_int_equal(f->n_logins, 2);
    }
}

static void
bad_logins_fail_all_calls(void **state)
{
    static const struct {
        int status;
        const char *body;
        const char *text;
    } rows[] = {
        { 401, "{\"error\": {\"message\": \"Not you\"}}",
          "Keystone does not let us in: Not you" },
        { 400, "{\"error\": {\"message\": \"What is s3cret?\"}}",
          "Keystone does not let us in: HTTP status 400" },
        { 404, "<html>", "Keystone does not let us in: HTTP status 404" },
        { 302, "", "Keystone does not let us in: HTTP status 302" },
        { 200, "<html>", "what answers is no Keystone" },
        { 201, "{\"token\": {}}", "what answers is no Keystone" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result results[3];

        create_session(f, 3000);
        f->n_logins = 0;
        f->n_login_failures = UINT32_MAX;
        f->login_status = rows[i].status;
        f->login_body = rows[i].body;
        for (size_t j = 0; j < ARRAY_SIZE(results); j++) {
            call(f, "GET", "/v2.0/200", &results[j]);
        }
        for (size_t j = 0; j < ARRAY_SIZE(results); j++) {
            TURN_UNTIL(f, results[j].is_done);
            expect(&results[j], 0, rows[i].text);
        }
        /* Those that come soon after do not ask again. */
        call_and_wait(f, "GET", "/v2.0/200", &results[0]);
        expect(&results[0], 0, rows[i].text);
        assert_int_equal(f->n_logins, 1);
    }
}

static void
keystone_comes_back(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->n_login_failures = REST_ATTEMPTS_MAX;
    f->login_status = 503;
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 0, "Keystone does not let us in: HTTP status 503");
    assert_int_equal(f->n_logins, REST_ATTEMPTS_MAX);
    turn_for(f, LOGIN_PAUSE_MS);
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 200, NULL);
}

static void
a_silent_keystone_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct result result;

    create_session(f, 200);
    f->n_login_failures = UINT32_MAX;
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 0, "Keystone does not answer: timed out before the "
           "response was complete");
}

static void
a_service_that_is_not_in_the_catalog(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->is_catalog_empty = true;
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 0, "Keystone's catalog has no service \"network\" with "
           "interface internal or public in region R");
    assert_int_equal(f->n_logins, 1);
}

/* --- Other ends ---------------------------------------------------------- */

static void
cancelled_calls_are_forgotten(void **state)
{
    struct fixture *f = *state;
    struct result results[3];

    /* While it waits for a token, is under way, is to be repeated. */
    service_call_cancel(call(f, "GET", "/v2.0/200", &results[0]));
    struct service_call *silent = call(f, "GET", "/v2.0/silent", &results[1]);
    struct service_call *failed = call(f, "GET", "/v2.0/500", &results[2]);
    TURN_UNTIL(f, n_requests(f, "/v2.0/silent")
               && n_requests(f, "/v2.0/500"));
    turn_for(f, 50);
    service_call_cancel(silent);
    service_call_cancel(failed);
    turn_for(f, 800);
    assert_false(results[0].is_done || results[1].is_done
                 || results[2].is_done);
    assert_int_equal(n_requests(f, "/v2.0/200"), 0);
    assert_int_equal(n_requests(f, "/v2.0/500"), 1);
}

static void
everything_may_end_at_any_time(void **state)
{
    struct fixture *f = *state;

    for (int n_turns = 0; n_turns < 30; n_turns++) {
        struct result results[4];

        create_session(f, 3000);
        call(f, "GET", "/v2.0/200", &results[0]);
        call(f, "GET", "/v2.0/500", &results[1]);
        call(f, "GET", "/v2.0/silent", &results[2]);
        call(f, "POST", "/v2.0/cut", &results[3]);
        for (int i = 0; i < n_turns; i++) {
            poll_timer_wait(1);
            turn(f);
        }
        service_destroy(f->service);
        f->service = NULL;
        for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
            result_uninit(&results[i]);
        }
    }
}

static void
note_and_call_again(const struct service_reply *reply, void *f_)
{
    struct fixture *f = f_;

    assert_int_equal(reply->status, 0);
    service_send(f->service, "GET", "/v2.0/200", NULL, note_and_call_again,
                 f);
}

static void
too_many_calls_fail_at_once(void **state)
{
    struct fixture *f = *state;
    struct result *results = xcalloc(REST_CALLS_MAX, sizeof *results);
    struct result extra;

    f->login_waits = true;
    for (size_t i = 0; i < REST_CALLS_MAX; i++) {
        call(f, "GET", "/v2.0/200", &results[i]);
    }
    call(f, "GET", "/v2.0/200", &extra);
    turn(f);
    expect(&extra, 0, "too many calls are waiting");

    /* Whoever does not take no for an answer does not stop the loop. */
    service_send(f->service, "GET", "/v2.0/200", NULL, note_and_call_again,
                 f);
    turn(f);
    turn(f);
    service_destroy(f->service);
    f->service = NULL;
    free(results);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_call_logs_in_first),
        TEST(application_credential_logs_in),
        TEST(body_and_subject_token_arrive),
        TEST(many_calls_share_one_login),
        TEST(failures_are_repeated_if_that_is_safe),
        TEST(silence_delays_only_those_who_ask),
        TEST(silence_ends),
        TEST(a_refused_token_is_renewed_once),
        TEST(a_token_is_renewed_before_it_expires),
        TEST(logins_are_repeated),
        TEST(bad_logins_fail_all_calls),
        TEST(keystone_comes_back),
        TEST(a_silent_keystone_is_given_up),
        TEST(a_service_that_is_not_in_the_catalog),
        TEST(cancelled_calls_are_forgotten),
        TEST(everything_may_end_at_any_time),
        TEST(too_many_calls_fail_at_once),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
