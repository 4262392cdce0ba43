/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server as well-behaved clients see it, and those who just leave.
 */

#include <config.h>
#include "http-harness.h"

/* --- Requests that are answered ------------------------------------------ */

static void
immediate_reply(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "GET /a HTTP/1.1\r\n" HOST "X-Test: t\r\n" CRLF);
    TURN_UNTIL(f, &c, strstr(ds_cstr(&c.in), "\r\n\r\nGET /a [t] "));

    assert_non_null(strstr(c.in.string, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(c.in.string, "Content-Type: text/plain\r\n"));
    assert_non_null(strstr(c.in.string, "Content-Length: 11\r\n"));
    assert_non_null(strstr(c.in.string, "X-One: 1\r\n"));
    assert_non_null(strstr(c.in.string, "X-Two: 2\r\n"));
    assert_null(strstr(c.in.string, "Server:"));
    client_close(&c);
}

static void
delayed_reply(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    for (int i = 0; i < 3; i++) {
        client_puts(f, &c, "POST /later?n=1 HTTP/1.1\r\n" HOST
                    "Content-Length: 2\r\n\r\nhi");
        TURN_UNTIL(f, &c, f->n_waiting);
        turn(f, &c);
        answer_waiting(f);
        expect(f, &c, 200, "POST /later n=1 [] hi", true);
    }
    client_close(&c);
}

/* The answer comes in the same turn, before the server has seen that the
 * handler gave none. */
static void
second_answers_first(void **state)
{
    struct fixture *f = *state;
    struct client c[2];

    for (int i = 0; i < 2; i++) {
        client_open(&c[i], f);
        turn(f, NULL);
        client_puts(f, &c[i], "GET /later HTTP/1.1\r\n" HOST CRLF);
    }
    for (long long int end_ms = time_msec() + DEADLINE_MS;
         f->n_waiting < 2 && in_time(end_ms, "two requests"); ) {
        http_server_run(f->server);
    }
    answer_waiting(f);
    answer_waiting(f);
    for (int i = 0; i < 2; i++) {
        expect(f, &c[i], 200, "GET /later [] ", true);
        client_close(&c[i]);
    }
}

static void
waits_longer_than_any_timeout(void **state)
{
    struct fixture *f = *state;
    struct client c;
    long long int start = time_msec();

    client_open(&c, f);
    client_puts(f, &c, "GET /later HTTP/1.1\r\n" HOST CRLF);
    TURN_UNTIL(f, &c, time_msec() > start + IDLE_S * 1500);
    assert_false(c.eof);
    answer_waiting(f);
    expect(f, &c, 200, "GET /later [] ", true);
    client_close(&c);
}

static void
client_leaves_while_waiting(void **state)
{
    struct fixture *f = *state;
    struct client c[2];

    for (int i = 0; i < 2; i++) {
        client_open(&c[i], f);
        client_puts(f, &c[i], "GET /later HTTP/1.1\r\n" HOST CRLF);
    }
    TURN_UNTIL(f, NULL, f->n_waiting == 2);
    client_close(&c[0]);
    /* With a reset. */
    const struct linger linger = { .l_onoff = 1 };
    setsockopt(c[1].fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    client_close(&c[1]);

    turn(f, NULL);
    answer_waiting(f);
    answer_waiting(f);
    for (int i = 0; i < 5; i++) {
        turn(f, NULL);
    }
}

static void
client_leaves_while_sent(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "GET /big HTTP/1.1\r\n" HOST CRLF);
    TURN_UNTIL(f, NULL, f->n_handled);
    client_close(&c);
    for (int i = 0; i < 5; i++) {
        turn(f, NULL);
    }
}

static void
big_reply(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "GET /big HTTP/1.1\r\n" HOST CRLF);
    expect(f, &c, 200, NULL, true);
    client_puts(f, &c, "GET /a HTTP/1.1\r\n" HOST CRLF);
    expect(f, &c, 200, "GET /a [] ", true);
    client_close(&c);
}

static void
pipelined(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c,
                "GET /1 HTTP/1.1\r\n" HOST CRLF
                "GET /later HTTP/1.1\r\n" HOST CRLF
                "POST /2 HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
                "GET /later HTTP/1.1\r\n" HOST CRLF
                "GET /3 HTTP/1.1\r\n" HOST CRLF);
    expect(f, &c, 200, "GET /1 [] ", true);
    TURN_UNTIL(f, &c, f->n_waiting);
    assert_int_equal(f->n_waiting, 1);
    answer_waiting(f);
    expect(f, &c, 200, "GET /later [] ", true);
    expect(f, &c, 200, "POST /2 [] abc", true);
    TURN_UNTIL(f, &c, f->n_waiting);
    answer_waiting(f);
    expect(f, &c, 200, "GET /later [] ", true);
    expect(f, &c, 200, "GET /3 [] ", true);
    client_close(&c);
}

static void
expect_continue(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 2\r\n"
                "Expect: 100-continue\r\n\r\n");
    expect(f, &c, 100, "", false);
    client_puts(f, &c, "hi");
    expect(f, &c, 200, "POST /a [] hi", true);
    client_close(&c);
}

static void
head_and_empty(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "HEAD /a HTTP/1.1\r\n" HOST CRLF);
    TURN_UNTIL(f, &c, strstr(ds_cstr(&c.in), "\r\n\r\n"));
    assert_non_null(strstr(c.in.string, "Content-Length: 11\r\n"));
    expect(f, &c, 200, "", false);

    client_puts(f, &c, "GET /empty HTTP/1.1\r\n" HOST CRLF);
    TURN_UNTIL(f, &c, strstr(ds_cstr(&c.in), "\r\n\r\n"));
    assert_non_null(strstr(c.in.string, "Content-Length: 0\r\n"));
    assert_null(strstr(c.in.string, "Content-Type"));
    expect(f, &c, 200, "", true);

    /* RFC 9110, 8.6: a 204 has no length. */
    client_puts(f, &c, "DELETE /none HTTP/1.1\r\n" HOST CRLF);
    TURN_UNTIL(f, &c, strstr(ds_cstr(&c.in), "\r\n\r\n"));
    assert_null(strstr(c.in.string, "Content-"));
    expect(f, &c, 204, "", true);
    client_close(&c);
}

static void
half_closed(void **state)
{
    struct fixture *f = *state;
    const char *const paths[] = { "/a", "/later" };

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        struct client c;
        char *request = xasprintf("GET %s HTTP/1.1\r\n" HOST CRLF, paths[i]);
        char *answer = xasprintf("GET %s [] ", paths[i]);

        client_open(&c, f);
        client_puts(f, &c, request);
        shutdown(c.fd, SHUT_WR);
        TURN_UNTIL(f, &c, f->n_handled == i + 1);
        for (int j = 0; j < 3; j++) {
            turn(f, &c);
        }
        if (f->n_waiting) {
            answer_waiting(f);
        }
        expect(f, &c, 200, answer, true);
        expect_eof(f, &c);
        assert_false(c.reset);
        client_close(&c);
        free(request);
        free(answer);
    }
}

/* The end comes between the library's wakeup and its reading. */
static void
half_closed_with_the_last_byte(void **state)
{
    struct stopwatch watch = stopwatch_start();
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "GET /a HTTP/1.1\r\nHost:");
    turn(f, &c);
    turn(f, &c);
    client_puts(f, &c, " h\r\n" CRLF);
    shutdown(c.fd, SHUT_WR);
    expect(f, &c, 200, "GET /a [] ", true);
    expect_eof(f, &c);
    stopwatch_check(&watch, 0, IDLE_S * 900);
    client_close(&c);
}

static void
many_connections(void **state)
{
    struct fixture *f = *state;
    size_t n_fds = count_fds();

    for (int i = 0; i < 1000; i++) {
        struct client c;

        client_open(&c, f);
        client_puts(f, &c, "GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n"
                    CRLF);
        expect(f, &c, 200, "GET /a [] ", true);
        expect_eof(f, &c);
        client_close(&c);
    }
    TURN_UNTIL(f, NULL, count_fds() == n_fds);
}

struct target_row {
    const char *target;
    const char *echo;
};

static void
args(void **state)
{
    static const struct target_row rows[] = {
        { "/v2?b=1&a=2&b=3", "/v2 b=1 a=2 b=3" },
        { "/v2?a", "/v2 a=(none)" },
        { "/v2?a=&b", "/v2 a= b=(none)" },
        { "/v2?a=x+y%2B%26%3D&c%3Dd=e", "/v2 a=x y+&= c=d=e" },
        { "/v2?a=b=c", "/v2 a=b=c" },
        { "/v2?a=1&stop=1&b=2", "/v2 a=1 stop=1" },
        { "/v2?", "/v2" },
        { "/v2?&&", "/v2 =(none) =(none)" },
        { "/a%2Fb%20c+d", "/a/b c+d" },
        { "/%zz%4", "/%zz%4" },
        { "/%c3%a4?n=%C3%A4", "/\xc3\xa4 n=\xc3\xa4" },
    };
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *request = xasprintf("GET %s HTTP/1.1\r\n" HOST CRLF,
                                  rows[i].target);
        char *answer = xasprintf("GET %s [] ", rows[i].echo);

        client_puts(f, &c, request);
        expect(f, &c, 200, answer, true);
        free(request);
        free(answer);
    }
    client_close(&c);
}

/* --- The server ---------------------------------------------------------- */

static void
close_answers_what_waits(void **state)
{
    struct fixture f;
    struct client c[3];

    init_fixture(&f, PATIENT_IDLE_S);
    for (int i = 0; i < 3; i++) {
        client_open(&c[i], &f);
        client_puts(&f, &c[i], i < 2 ? "GET /later HTTP/1.1\r\n" HOST CRLF
                    : "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n");
    }
    TURN_UNTIL(&f, NULL, f.n_waiting == 2);
    http_server_close(f.server);

    for (int i = 0; i < 3; i++) {
        struct client *cl = &c[i];
        for (int j = 0; j < 100 && !cl->eof; j++) {
            client_run(cl);
            poll_timer_wait(10);
            poll_block();
        }
        assert_true(cl->eof);
        if (i < 2) {
            assert_non_null(strstr(ds_cstr(&cl->in), "HTTP/1.1 503 "));
        }
        client_close(cl);
    }
}

static void
impossible_addresses(void **state)
{
    struct fixture *f = *state;
    struct listen_address address = { .text = "a", .host = "192.0.2.1" };
    const struct listen_addresses addresses = { &address, 1 };
    const struct http_server_options options = {
        .addresses = &addresses, .body_bytes_max = 1, .connections_max = 1,
        .idle_timeout_s = 1, .stranger_timeout_s = 1, .answers_bytes_max = 1,
    };
    const struct http_handlers handlers = { .complete = handle };
    char *error = NULL;

    assert_null(http_server_open(&options, &handlers, f, &error));
    assert_non_null(strstr(error, "cannot listen on 192.0.2.1 port 0 ("));
    free(error);

    error = NULL;
    address.host = "127.0.0.1";
    address.port = http_server_port(f->server);
    assert_null(http_server_open(&options, &handlers, f, &error));
    assert_non_null(strstr(error, "(Address already in use)"));
    free(error);
}

static void
ipv6(void **state)
{
    struct listen_address address = { .text = "a", .host = "::1" };
    const struct listen_addresses addresses = { &address, 1 };
    const struct http_server_options options = {
        .addresses = &addresses, .body_bytes_max = 1, .connections_max = 1,
        .idle_timeout_s = 1, .stranger_timeout_s = 1, .answers_bytes_max = 1,
    };
    const struct http_handlers handlers = { .complete = handle };
    char *error = NULL;
    struct http_server *server = http_server_open(&options, &handlers, NULL,
                                                  &error);
    if (!server) {
        /* A machine without IPv6. */
        free(error);
        skip();
    }
    assert_int_not_equal(http_server_port(server), 0);
    http_server_close(server);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(immediate_reply),
        TEST(delayed_reply),
        TEST(second_answers_first),
        TIMED_TEST(waits_longer_than_any_timeout),
        TEST(client_leaves_while_waiting),
        TEST(client_leaves_while_sent),
        TEST(big_reply),
        TEST(pipelined),
        TEST(expect_continue),
        TEST(head_and_empty),
        TEST(half_closed),
        TEST(half_closed_with_the_last_byte),
        TEST(many_connections),
        TEST(args),
        cmocka_unit_test(close_answers_what_waits),
        TEST(impossible_addresses),
        cmocka_unit_test(ipv6),
    };

    init_tests();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
