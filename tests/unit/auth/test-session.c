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
#include <stdlib.h>
#include <string.h>
#include "auth/service.h"
#include "auth/session.h"
#include "base/limits.h"
#include "http-stub.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "session-fixture.h"
#include "timeval.h"
#include "util.h"

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

    f->other = service_create_keystone(f->session);
    service_send_about(f->other, "GET", "/v3/auth/tokens", "theirs",
                       note_result, &result);
    TURN_UNTIL(f, result.is_done);
    expect(&result, 200, NULL);
    assert_string_equal(f->path, "/v3/auth/tokens");
    assert_string_equal(f->subject_token, "theirs");

    service_send_about(f->other, "GET", "/v3/auth/tokens", "a\r\nX-Evil: b",
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
    struct result silent[8];
    struct result result = { .is_done = false };

    f->other = service_create(f->session, &options);
    for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
        call(f, "POST", "/v2.0/silent", &silent[i]);
    }
    TURN_UNTIL(f, n_requests(f, "/v2.0/silent") == 4);
    service_send(f->other, "GET", "/v2.0/200", NULL, note_result, &result);
    TURN_UNTIL(f, result.is_done);
    expect(&result, 200, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
        assert_false(silent[i].is_done);
    }
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
    const int lifetime_ms = patience_ms(4000);
    struct fixture *f = *state;
    struct result result;

    f->token_lifetime_s = lifetime_ms / 1000;
    create_session(f, lifetime_ms);
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 200, NULL);

    /* In the last quarter of its life it is still used, while the next one is
     * on its way. */
    turn_for(f, lifetime_ms * 4 / 5);
    assert_int_equal(f->n_logins, 1);
    f->login_waits = true;
    call_and_wait(f, "GET", "/v2.0/200", &result);
    expect(&result, 200, NULL);
    TURN_UNTIL(f, f->waiting_login);
    assert_int_equal(f->n_logins, 2);

    /* When it has expired, calls wait. */
    turn_for(f, lifetime_ms / 4);
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

    for (size_t i = 0; i < ARRAY_SIZE(rows); ) {
        long long int start_ms = time_msec();
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
        /* Those that come soon after do not ask again.  If the machine has
         * made this one come late, all is done once more. */
        call_and_wait(f, "GET", "/v2.0/200", &results[0]);
        expect(&results[0], 0, rows[i].text);
        if (time_msec() < start_ms + LOGIN_PAUSE_MS) {
            assert_int_equal(f->n_logins, 1);
            i++;
        }
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
    unsigned int n = n_requests(f, "/v2.0/500");
    service_call_cancel(silent);
    service_call_cancel(failed);
    turn_for(f, 800);
    assert_false(results[0].is_done || results[1].is_done
                 || results[2].is_done);
    assert_int_equal(n_requests(f, "/v2.0/200"), 0);
    assert_int_equal(n_requests(f, "/v2.0/500"), n);
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
        TEST(cancelled_calls_are_forgotten),
        TEST(everything_may_end_at_any_time),
        TEST(too_many_calls_fail_at_once),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
