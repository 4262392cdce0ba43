/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client, against a server that misbehaves in every way there is.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "http-stub.h"
#include "http/client.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "patience.h"
#include "timeval.h"
#include "util.h"

#define DEADLINE_MS patience_ms(10000)
#define TIMEOUT_MS 5000
#define RESPONSE_MAX 100000
#define CONNECTIONS_MAX 2

/* How a call ended. */
struct result {
    bool is_done;
    int status;
    bool was_sent;
    char *error;                /* NULL if none. */
    char *body;
    char *content_type, *retry_after, *subject_token;
};

struct fixture {
    struct http_stub *stub;
    struct http_client *client;

    /* What the server does. */
    const char *response;       /* NULL: echo. */
    bool closes, is_slow, is_endless, is_silent;
    struct ds log;              /* "METHOD PATH [BODY]\n" of each request. */
    char *head;                 /* Of the last request. */
};

static void
answer(const struct stub_request *rq, void *f_)
{
    struct fixture *f = f_;

    ds_put_format(&f->log, "%s %s [%s]\n", rq->method, rq->path, rq->body);
    free(f->head);
    f->head = xstrdup(rq->head);
    if (f->is_slow) {
        stub_be_slow(rq->connection);
    }
    if (f->is_endless) {
        stub_be_endless(rq->connection);
    }
    if (f->response) {
        stub_send(rq->connection, f->response);
    } else if (!f->is_silent) {
        stub_reply(rq->connection, 200, NULL, rq->body);
    }
    if (f->closes) {
        stub_close(rq->connection);
    }
}

static struct http_client *
create_client(int connect_timeout_ms)
{
    const struct http_client_options options = {
        .connections_max = CONNECTIONS_MAX,
        .connect_timeout_ms = connect_timeout_ms,
        .response_bytes_max = RESPONSE_MAX,
    };

    return http_client_create(&options);
}

static int
setup(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);

    f->stub = http_stub_create(answer, f);
    f->client = create_client(TIMEOUT_MS);
    ds_init(&f->log);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    http_client_destroy(f->client);
    http_stub_destroy(f->stub);
    ds_destroy(&f->log);
    free(f->head);
    free(f);
    return 0;
}

static void
turn(struct fixture *f)
{
    http_client_run(f->client);
    http_stub_run(f->stub);
    http_client_wait(f->client);
    http_stub_wait(f->stub);
    poll_timer_wait(100);
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
note_result(const struct http_response *response, void *result_)
{
    struct result *result = result_;

    assert_false(result->is_done);
    *result = (struct result) {
        .is_done = true,
        .status = response->status,
        .was_sent = response->was_sent,
        .error = nullable_xstrdup(response->error),
        .body = xmemdup0(response->body, response->body_bytes),
        .content_type = nullable_xstrdup(response->content_type),
        .retry_after = nullable_xstrdup(response->retry_after),
        .subject_token = nullable_xstrdup(response->subject_token),
    };
    assert_int_equal(!response->status, !!response->error);
}

static void
result_uninit(struct result *result)
{
    free(result->error);
    free(result->body);
    free(result->content_type);
    free(result->retry_after);
    free(result->subject_token);
    memset(result, 0, sizeof *result);
}

/* 'body' may be NULL. */
static struct http_call *
call(struct fixture *f, const char *method, const char *path,
     const char *body, int timeout_ms, struct result *result)
{
    static const char *const headers[] = { "X-Auth-Token: t", NULL };
    char *url = xasprintf("%s%s", http_stub_url(f->stub), path);
    const struct http_call_options options = {
        .method = method,
        .url = url,
        .headers = headers,
        .body = body,
        .body_bytes = body ? strlen(body) : 0,
        .timeout_ms = timeout_ms,
    };

    memset(result, 0, sizeof *result);
    struct http_call *c = http_client_send(f->client, &options, note_result,
                                           result);
    assert_false(result->is_done);
    free(url);
    return c;
}

static void
call_and_wait(struct fixture *f, const char *method, const char *path,
              const char *body, struct result *result)
{
    call(f, method, path, body, TIMEOUT_MS, result);
    TURN_UNTIL(f, result->is_done);
}

static void
requests_arrive_as_they_are(void **state)
{
    static const struct {
        const char *method, *path, *body, *logged;
    } rows[] = {
        { "GET", "/a?b=c%20d", NULL, "GET /a?b=c%20d []\n" },
        { "POST", "/a", "{}", "POST /a [{}]\n" },
        { "POST", "/a", NULL, "POST /a []\n" },
        { "POST", "/a", "", "POST /a []\n" },
        { "PUT", "/a", "{\"a\": 1}", "PUT /a [{\"a\": 1}]\n" },
        { "PATCH", "/a", "{}", "PATCH /a [{}]\n" },
        { "DELETE", "/a", NULL, "DELETE /a []\n" },
        { "DELETE", "/a", "{}", "DELETE /a [{}]\n" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result result;

        ds_clear(&f->log);
        call_and_wait(f, rows[i].method, rows[i].path, rows[i].body,
                      &result);
        assert_int_equal(result.status, 200);
        assert_true(result.was_sent);
        assert_string_equal(result.body, rows[i].body ? rows[i].body : "");
        assert_string_equal(result.content_type, "application/json");
        assert_null(result.retry_after);
        assert_string_equal(ds_cstr(&f->log), rows[i].logged);
        assert_non_null(strstr(f->head, "\r\nX-Auth-Token: t\r\n"));
        assert_non_null(strstr(f->head, "\r\nUser-Agent: ovn-octavia/"));
        assert_null(strstr(f->head, "Expect"));
        result_uninit(&result);
    }
}

static void
a_long_body_arrives(void **state)
{
    struct fixture *f = *state;
    struct ds body = DS_EMPTY_INITIALIZER;
    struct result result;

    ds_put_char_multiple(&body, 'b', RESPONSE_MAX);
    call_and_wait(f, "PUT", "/", ds_cstr(&body), &result);
    assert_int_equal(result.status, 200);
    assert_string_equal(result.body, ds_cstr(&body));
    result_uninit(&result);
    ds_destroy(&body);
}

#define HEAD "HTTP/1.1 200 OK\r\n"

static void
responses(void **state)
{
    static const struct {
        const char *title;
        const char *response;
        bool closes, is_slow;
        int status;
        const char *expected;   /* Body or, if status is 0, error. */
    } rows[] = {
        { "with length", HEAD "Content-Length: 2\r\n\r\nab",
          false, false, 200, "ab" },
        { "until closed", HEAD "\r\nab", true, false, 200, "ab" },
        { "chunked", HEAD "Transfer-Encoding: chunked\r\n\r\n"
          "1\r\na\r\n1\r\nb\r\n0\r\n\r\n", false, false, 200, "ab" },
        { "chunked with a trailer", HEAD "Transfer-Encoding: chunked\r\n"
          "\r\n2\r\nab\r\n0\r\nA: b\r\n\r\n", false, false, 200, "ab" },
        { "slow", HEAD "Content-Length: 2\r\n\r\nab",
          false, true, 200, "ab" },
        { "no content", "HTTP/1.1 204 No\r\n\r\n", false, false, 204, "" },
        { "an interim one first", "HTTP/1.1 100 Continue\r\n\r\n"
          HEAD "Content-Length: 2\r\n\r\nab", false, false, 200, "ab" },
        { "a redirection", "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n"
          "Content-Length: 0\r\n\r\n", false, false, 302, "" },
        { "cut in the body", HEAD "Content-Length: 20\r\n\r\nab",
          true, false, 0, "18 bytes" },
        { "cut in a chunk", HEAD "Transfer-Encoding: chunked\r\n\r\n9\r\na",
          true, false, 0, "outstanding read data remaining" },
        { "cut in the head", HEAD "Content-Le", true, false, 0,
          "incomplete" },
        { "cut behind a header field", HEAD "Content-Length: 0\r\n", true,
          false, 0, "incomplete" },
        { "nothing at all", "", true, false, 0, "Empty reply" },
        { "garbage", "$%&/()=\r\n\r\n\x01\x02", true, false, 0, "HTTP/0.9" },
        { "another protocol", "SSH-2.0-OpenSSH_9.2\r\n", false, false, 0,
          "HTTP/0.9" },
        { "a bad length", HEAD "Content-Length: -5\r\n\r\n", true, false, 0,
          "Content-Length" },
        { "a bad chunk", HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
          true, false, 0, "chunk" },
        { "announced too long", HEAD "Content-Length: 100001\r\n\r\n", false,
          false, 0, "Maximum file size exceeded" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result result;

        print_message("  %s\n", rows[i].title);
        f->response = rows[i].response;
        f->closes = rows[i].closes;
        f->is_slow = rows[i].is_slow;
        call_and_wait(f, "GET", "/", NULL, &result);
        assert_int_equal(result.status, rows[i].status);
        if (result.status) {
            assert_string_equal(result.body, rows[i].expected);
        } else if (!strstr(result.error, rows[i].expected)) {
            fail_msg("error is: %s", result.error);
        }
        assert_true(result.was_sent);
        result_uninit(&result);
    }
}

static void
header_fields_come_back(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->response = ("HTTP/1.1 503 No\r\nretry-after: 7\r\n"
                   "X-SUBJECT-TOKEN: gAAAA\r\nContent-Length: 0\r\n\r\n");
    call_and_wait(f, "GET", "/", NULL, &result);
    assert_int_equal(result.status, 503);
    assert_string_equal(result.retry_after, "7");
    assert_string_equal(result.subject_token, "gAAAA");
    assert_null(result.content_type);
    result_uninit(&result);
}

static void
endless_responses_are_cut(void **state)
{
    static const char *const heads[] = {
        HEAD "\r\n",            /* Endless body. */
        HEAD "A: ",             /* Endless header field. */
    };
    struct fixture *f = *state;

    f->is_endless = true;
    for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
        struct result result;

        f->response = heads[i];
        call_and_wait(f, "GET", "/", NULL, &result);
        assert_int_equal(result.status, 0);
        TURN_UNTIL(f, !http_stub_n_open(f->stub));
        result_uninit(&result);
    }
}

static void
too_many_header_fields_are_cut(void **state)
{
    struct fixture *f = *state;
    struct ds response = DS_EMPTY_INITIALIZER;
    struct result result;

    ds_put_cstr(&response, HEAD);
    while (response.length <= HTTP_RESPONSE_HEAD_BYTES_MAX) {
        ds_put_cstr(&response, "A: bcdefghijklmnopqrstuvwxyz\r\n");
    }
    ds_put_cstr(&response, "Content-Length: 0\r\n\r\n");
    f->response = ds_cstr(&response);
    call_and_wait(f, "GET", "/", NULL, &result);
    assert_int_equal(result.status, 0);
    assert_string_equal(result.error, "the response is too long");
    result_uninit(&result);
    ds_destroy(&response);
}

static void
nobody_listens(void **state)
{
    struct fixture *f = *state;
    struct result result;

    /* Its port is free for a moment at least. */
    call(f, "POST", "/", "{}", TIMEOUT_MS, &result);
    http_stub_destroy(f->stub);
    f->stub = http_stub_create(answer, f);
    TURN_UNTIL(f, result.is_done);
    assert_int_equal(result.status, 0);
    assert_false(result.was_sent);
    assert_non_null(strstr(result.error, "connect"));
    result_uninit(&result);
}

static void
bad_urls_fail(void **state)
{
    static const char *const urls[] = {
        "", "/relative", "ftp://127.0.0.1/", "file:///etc/passwd",
        "http://", "http://[::1", "http://127.0.0.1:99999/",
        "http://127.0.0.1/a b\n",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
        const struct http_call_options options = {
            .method = "GET",
            .url = urls[i],
            .timeout_ms = TIMEOUT_MS,
        };
        struct result result = { .is_done = false };

        http_client_send(f->client, &options, note_result, &result);
        TURN_UNTIL(f, result.is_done);
        assert_int_equal(result.status, 0);
        assert_false(result.was_sent);
        result_uninit(&result);
    }
}

static void
header_field_with_line_break_is_refused(void **state)
{
    static const char *const headers[] = { "A: b\r\nX-Evil: c", NULL };
    struct fixture *f = *state;
    const struct http_call_options options = {
        .method = "GET",
        .url = http_stub_url(f->stub),
        .headers = headers,
        .timeout_ms = TIMEOUT_MS,
    };
    struct result result = { .is_done = false };

    http_client_send(f->client, &options, note_result, &result);
    TURN_UNTIL(f, result.is_done);
    assert_string_equal(result.error, "a header field contains a line break");
    assert_int_equal(http_stub_n_requests(f->stub), 0);
    result_uninit(&result);
}

static void
silence_ends_in_time(void **state)
{
    struct fixture *f = *state;
    long long int start = time_msec();
    struct result result[3];

    f->is_silent = true;
    call(f, "GET", "/", NULL, 300, &result[0]);
    call(f, "POST", "/", "{}", 300, &result[1]);
    /* Two connections at most, so this one never gets its turn. */
    call(f, "GET", "/", NULL, 200, &result[2]);
    TURN_UNTIL(f, result[0].is_done && result[1].is_done
               && result[2].is_done);
    assert_in_range(time_msec() - start, 300, 2000);
    assert_true(result[0].was_sent && result[1].was_sent);
    assert_string_equal(result[0].error,
                        "timed out before the response was complete");
    assert_false(result[2].was_sent);
    assert_string_equal(result[2].error, "timed out before its turn came");
    TURN_UNTIL(f, !http_stub_n_open(f->stub));
    for (size_t i = 0; i < ARRAY_SIZE(result); i++) {
        result_uninit(&result[i]);
    }
}

static void
a_dripping_answer_ends_in_time(void **state)
{
    struct fixture *f = *state;
    struct result result;

    f->response = HEAD "\r\n" "0123456789012345678901234567890123456789"
                  "0123456789012345678901234567890123456789";
    f->is_slow = true;
    call(f, "GET", "/", NULL, 200, &result);
    TURN_UNTIL(f, result.is_done);
    assert_int_equal(result.status, 0);
    assert_true(result.was_sent);
    result_uninit(&result);
}

static void
connections_are_used_again(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 20; i++) {
        struct result result;

        call_and_wait(f, i % 2 ? "GET" : "POST", "/", i % 2 ? NULL : "{}",
                      &result);
        assert_int_equal(result.status, 200);
        result_uninit(&result);
    }
    assert_int_equal(http_stub_n_connections(f->stub), 1);
    assert_int_equal(http_client_n_connects(f->client), 1);
}

static bool
all_done(const struct result *results, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!results[i].is_done) {
            return false;
        }
    }
    return true;
}

static void
calls_wait_their_turn(void **state)
{
    struct fixture *f = *state;
    struct result results[50];

    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        call(f, "GET", "/", NULL, TIMEOUT_MS, &results[i]);
    }
    while (!all_done(results, ARRAY_SIZE(results))) {
        turn(f);
        assert_true(http_stub_n_open(f->stub) <= CONNECTIONS_MAX);
    }
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        assert_int_equal(results[i].status, 200);
        result_uninit(&results[i]);
    }
    assert_int_equal(http_stub_n_connections(f->stub), CONNECTIONS_MAX);
}

/* The server takes the second request on the connection, and closes without a
 * word. */
static void
a_post_is_not_sent_twice(void **state)
{
    static const struct {
        const char *method, *body;
        size_t n_requests;      /* One of them for opening the connection. */
    } rows[] = {
        { "POST", "{}", 2 },
        { "POST", NULL, 2 },
        { "PATCH", "{}", 3 },
        { "GET", NULL, 3 },
        { "PUT", "{}", 3 },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct result result;
        size_t n = http_stub_n_requests(f->stub);

        f->response = NULL;
        f->closes = false;
        call_and_wait(f, "GET", "/", NULL, &result);
        assert_int_equal(result.status, 200);
        result_uninit(&result);

        f->response = "";
        f->closes = true;
        call_and_wait(f, rows[i].method, "/", rows[i].body, &result);
        assert_int_equal(result.status, 0);
        assert_true(result.was_sent);
        assert_int_equal(http_stub_n_requests(f->stub) - n,
                         rows[i].n_requests);
        result_uninit(&result);
    }
}

static void
too_many_calls_fail_at_once(void **state)
{
    const size_t n = HTTP_CALLS_WAITING_MAX + CONNECTIONS_MAX;
    struct fixture *f = *state;
    struct result *results = xcalloc(n, sizeof *results);
    struct result extra;

    f->is_silent = true;
    for (size_t i = 0; i < n; i++) {
        call(f, "GET", "/", NULL, TIMEOUT_MS, &results[i]);
        if (i + 1 == CONNECTIONS_MAX) {
            http_client_run(f->client);
        }
    }
    call(f, "POST", "/", "{}", TIMEOUT_MS, &extra);
    turn(f);
    assert_true(extra.is_done);
    assert_false(extra.was_sent);
    assert_string_equal(extra.error, "too many calls are waiting");
    result_uninit(&extra);

    /* One that is refused can be forgotten, too; others by the teardown. */
    http_call_cancel(call(f, "GET", "/", NULL, TIMEOUT_MS, &extra));
    turn(f);
    assert_false(extra.is_done);
    http_client_destroy(f->client);
    f->client = create_client(TIMEOUT_MS);
    free(results);
}

static void
cancelled_calls_are_forgotten(void **state)
{
    struct fixture *f = *state;
    struct http_call *calls[4];
    struct result results[4];

    f->is_silent = true;
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        calls[i] = call(f, "GET", "/", NULL, TIMEOUT_MS, &results[i]);
    }
    TURN_UNTIL(f, http_stub_n_requests(f->stub) == CONNECTIONS_MAX);
    http_call_cancel(calls[0]);         /* Under way. */
    http_call_cancel(calls[3]);         /* Waiting. */
    f->is_silent = false;
    TURN_UNTIL(f, results[2].is_done);
    assert_int_equal(results[2].status, 200);
    assert_false(results[0].is_done || results[1].is_done
                 || results[3].is_done);
    result_uninit(&results[2]);
    http_call_cancel(calls[1]);
    TURN_UNTIL(f, http_stub_n_open(f->stub) <= 1);
}

/* A callback that cancels the other call and makes a new one. */
struct chain {
    struct fixture *f;
    struct http_call *other;
    struct result next;
    int n_done;
};

static void
cancel_and_call(const struct http_response *response, void *chain_)
{
    struct chain *chain = chain_;

    assert_int_equal(response->status, 200);
    chain->n_done++;
    http_call_cancel(chain->other);
    call(chain->f, "GET", "/next", NULL, TIMEOUT_MS, &chain->next);
}

static void
callbacks_may_cancel_and_call(void **state)
{
    struct fixture *f = *state;
    struct chain chain[2] = { { .f = f }, { .f = f } };
    struct http_call *calls[2];

    for (size_t i = 0; i < 2; i++) {
        const struct http_call_options options = {
            .method = "GET",
            .url = http_stub_url(f->stub),
            .timeout_ms = TIMEOUT_MS,
        };
        calls[i] = http_client_send(f->client, &options, cancel_and_call,
                                    &chain[i]);
    }
    chain[0].other = calls[1];
    chain[1].other = calls[0];
    TURN_UNTIL(f, chain[0].next.is_done || chain[1].next.is_done);
    assert_int_equal(chain[0].n_done + chain[1].n_done, 1);
    result_uninit(&chain[0].next);
    result_uninit(&chain[1].next);
}

static void
tls_with_somebody_who_has_none(void **state)
{
    struct fixture *f = *state;
    char *url = xasprintf("https%s", http_stub_url(f->stub) + 4);
    const struct http_call_options options = {
        .method = "POST",
        .url = url,
        .body = "{}",
        .body_bytes = 2,
        .timeout_ms = 500,
    };
    struct result result = { .is_done = false };

    http_client_send(f->client, &options, note_result, &result);
    TURN_UNTIL(f, result.is_done);
    assert_int_equal(result.status, 0);
    assert_false(result.was_sent);
    result_uninit(&result);
    free(url);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_arrive_as_they_are),
        TEST(a_long_body_arrives),
        TEST(responses),
        TEST(header_fields_come_back),
        TEST(endless_responses_are_cut),
        TEST(too_many_header_fields_are_cut),
        TEST(nobody_listens),
        TEST(bad_urls_fail),
        TEST(header_field_with_line_break_is_refused),
        TEST(silence_ends_in_time),
        TEST(a_dripping_answer_ends_in_time),
        TEST(connections_are_used_again),
        TEST(calls_wait_their_turn),
        TEST(a_post_is_not_sent_twice),
        TEST(too_many_calls_fail_at_once),
        TEST(cancelled_calls_are_forgotten),
        TEST(callbacks_may_cancel_and_call),
        TEST(tls_with_somebody_who_has_none),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
