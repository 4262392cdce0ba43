/* SPDX-License-Identifier: Apache-2.0
 *
 * What the HTTP server refuses, what it cuts off, and that a client who sends
 * nonsense, too much, or too slowly gets no further than that.
 */

#include <config.h>
#include "http-harness.h"

#define TOO_LARGE                                                       \
    "413 Request Entity Too Large\n\nRequest is too large. "            \
    "Larger than max_request_body_size (114688)."

/* --- Requests that are refused ------------------------------------------- */

struct refusal_row {
    const char *title;
    const char *request;
    int status;                 /* 0: closed without a word. */
    const char *body;           /* NULL: the library's own, which is not always
                                 * well-formed. */
};

#define REFUSED(WHY) 400, "400 Bad Request\n\n" WHY

/* Refused by the library itself, if that can be told to be strict. */
#ifdef HTTP_MHD_HAS_DISCIPLINE
#define REFUSED_EARLY(WHY) 400, NULL
#else
#define REFUSED_EARLY(WHY) REFUSED(WHY)
#endif

static void
refusals(void **state)
{
    static const struct refusal_row rows[] = {
        { "length and encoding",
          "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n"
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          REFUSED_EARLY("Both Content-Length and Transfer-Encoding.") },
        { "two lengths",
          "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
          "Content-Length: 1\r\n\r\nx",
          REFUSED("More than one Content-Length.") },
        { "no Host", "GET / HTTP/1.1\r\n\r\n", REFUSED_EARLY("No Host.") },
        { "space before the colon",
          "POST / HTTP/1.1\r\n" HOST "Content-Length : 4\r\n\r\nabcd",
          REFUSED_EARLY("Malformed header field name.") },
        { "folded field",
          "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n chunked\r\n\r\n"
          "0\r\n\r\n",
          REFUSED_EARLY("Folded header field.") },
        { "folded field with a value",
          "GET / HTTP/1.1\r\nX: a\r\n\tb\r\n\t c\r\n" HOST CRLF,
          REFUSED_EARLY("Folded header field.") },
        { "NUL in the path", "GET /a%00b HTTP/1.1\r\n" HOST CRLF,
          REFUSED("The request target holds a NUL byte.") },
        { "NUL in an argument", "GET /?a=b%00 HTTP/1.1\r\n" HOST CRLF,
          REFUSED("The request target holds a NUL byte.") },
        { "NUL in an argument's name", "GET /?%00 HTTP/1.1\r\n" HOST CRLF,
          REFUSED("The request target holds a NUL byte.") },
        { "space in the target", "GET /a b HTTP/1.1\r\n" HOST CRLF,
          REFUSED_EARLY("The request target holds a forbidden byte.") },
        { "too large, by its length",
          "POST / HTTP/1.1\r\n" HOST "Content-Length: 114689\r\n\r\n",
          413, TOO_LARGE },
        { "far too large, and asking first",
          "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999\r\n"
          "Expect: 100-continue\r\n\r\n",
          413, TOO_LARGE },
        { "length beyond 64 bits",
          "POST / HTTP/1.1\r\n" HOST
          "Content-Length: 99999999999999999999\r\n\r\n", 413, NULL },
        { "length with a sign",
          "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400, NULL },
        { "no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", 400, NULL },
        { "no version", "GET /\r\n" HOST CRLF, 400, NULL },
        { "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, NULL },
        { "TLS", "\x16\x03\x01\x02\n\r\n", 0, NULL },
        { "bad chunk",
          "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
          "xyz\r\n", 400, NULL },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct refusal_row *row = &rows[i];
        struct client c;

        print_message("  %s\n", row->title);
        client_open(&c, f);
        client_puts(f, &c, row->request);
        /* What follows is never looked at. */
        client_puts(f, &c, "GET /smuggled HTTP/1.1\r\n" HOST CRLF);
        if (row->status) {
            expect(f, &c, row->status, row->body, true);
        }
        TURN_UNTIL(f, &c, c.eof);
        assert_int_equal(f->n_handled, 0);
        if (row->body) {
            assert_string_equal(ds_cstr(&c.in), "");
            assert_false(c.reset);
        }
        client_close(&c);
    }
}

/* The client sends all of it before it reads, as most clients do, and must
 * not see a reset connection. */
static void
too_large_body_is_read_to_its_end(void **state)
{
    struct fixture *f = *state;
    size_t bytes = 4 * 1024 * 1024;
    char *body = xzalloc(bytes);
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "POST / HTTP/1.1\r\n" HOST
                "Content-Length: 4194304\r\n\r\n");
    client_send(f, &c, body, bytes);
    expect(f, &c, 413, TOO_LARGE, true);
    expect_eof(f, &c);
    assert_false(c.reset);
    client_close(&c);
    free(body);
}

static void
send_chunk(struct fixture *f, struct client *c, size_t bytes)
{
    char *head = xasprintf("%"PRIxSIZE"\r\n", bytes);
    char *chunk = xmalloc(bytes);

    memset(chunk, 'x', bytes);
    client_puts(f, c, head);
    client_send(f, c, chunk, bytes);
    client_puts(f, c, CRLF);
    free(chunk);
    free(head);
}

#define CHUNKED_POST                                                    \
    "POST /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"

static void
chunked_body(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, CHUNKED_POST "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    expect(f, &c, 200, "POST /a [] abcde", true);

    /* Up to the limit. */
    client_puts(f, &c, CHUNKED_POST);
    send_chunk(f, &c, 60000);
    send_chunk(f, &c, BODY_MAX - 60000);
    client_puts(f, &c, "0\r\n\r\n");
    expect(f, &c, 200, "POST /a [] 114688 bytes", true);

    /* One byte more. */
    client_puts(f, &c, CHUNKED_POST);
    send_chunk(f, &c, BODY_MAX);
    send_chunk(f, &c, 1);
    client_puts(f, &c, "0\r\n\r\n");
    expect(f, &c, 413, TOO_LARGE, true);
    expect_eof(f, &c);
    client_close(&c);
}

/* MHD 1.0.1 counts the line of an extension one byte short, and takes what
 * follows for malformed: either all of the body is read, or none of it. */
static void
chunk_extension(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, CHUNKED_POST "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
    TURN_UNTIL(f, &c, c.in.length || c.eof);
    if (strncmp(ds_cstr(&c.in), "HTTP/1.1 400 ", 13)) {
        expect(f, &c, 200, "POST /a [] abcde", true);
    } else {
        expect(f, &c, 400, NULL, true);
        expect_eof(f, &c);
        assert_int_equal(f->n_handled, 0);
    }
    client_close(&c);
}

/* A body without an end is not swallowed for ever. */
static void
endless_body(void **state)
{
    struct fixture *f = *state;
    struct client c;
    char *chunk = xzalloc(65536);

    client_open(&c, f);
    client_puts(f, &c, CHUNKED_POST "fffffff\r\n");
    for (int i = 0; i < 1000 && !c.eof; i++) {
        send(c.fd, chunk, 65536, MSG_NOSIGNAL);
        turn(f, &c);
    }
    assert_true(c.eof);
    client_close(&c);
    free(chunk);
}

struct oversized_row {
    const char *title;
    const char *before;
    const char *unit;           /* Repeated to 'bytes'. */
    size_t bytes;
    const char *after;
    const char *reply;          /* Its start. */
};

#define END " HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"

/* What does not fit into the memory of a connection: an error, no crash, and
 * not for ever. */
static void
oversized_heads(void **state)
{
    static const struct oversized_row rows[] = {
        { "100 arguments", "GET /?a", "&a", 198, END, "HTTP/1.1 200 " },
        { "101 arguments", "GET /?a", "&a", 200, END, "HTTP/1.1 400 " },
        { "7,500 arguments", "GET /?a", "&a", 15000, END, "HTTP/1.1 400 " },
        { "100,000 arguments", "GET /?a", "&a", 200000, END, "HTTP/1.1 414 " },
        { "an argument of 15,000 bytes", "GET /?a=", "a", 15000, END,
          "HTTP/1.1 200 " },
        { "an argument of 200,000 bytes", "GET /?a=", "a", 200000, END,
          "HTTP/1.1 414 " },
        { "a path of 15,000 bytes", "GET /", "a", 15000, END,
          "HTTP/1.1 200 " },
        { "a path of 200,000 bytes", "GET /", "a", 200000, END,
          "HTTP/1.1 414 " },
        { "3,000 fields", "GET / HTTP/1.1\r\n", "a:b\r\n", 15000, CRLF,
          "HTTP/1.1 431 " },
        { "40,000 fields", "GET / HTTP/1.1\r\n", "a:b\r\n", 200000, CRLF,
          "HTTP/1.1 431 " },
        { "a field of 200,000 bytes", "GET / HTTP/1.1\r\na: ", "b", 200000,
          "\r\n\r\n", "HTTP/1.1 431 " },
        { "3,000 cookies", "GET / HTTP/1.1\r\nCookie: ", "a=b; ", 15000,
          "\r\n\r\n", "HTTP/1.1 431 " },
        { "200,000 empty lines", "", "\r\n", 400000, "GET /" END,
          "HTTP/1.1 414 " },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct oversized_row *row = &rows[i];
        long long int end_ms = time_msec() + DEADLINE_MS;
        struct ds request = DS_EMPTY_INITIALIZER;
        struct client c;
        size_t sent = 0;

        print_message("  %s\n", row->title);
        ds_put_cstr(&request, row->before);
        size_t end = request.length + row->bytes;
        while (request.length < end) {
            ds_put_cstr(&request, row->unit);
        }
        ds_put_cstr(&request, row->after);

        client_open(&c, f);
        while (!c.eof && in_time(end_ms, row->title)) {
            ssize_t n = send(c.fd, request.string + sent,
                             request.length - sent, MSG_NOSIGNAL);
            sent += MAX(n, 0);
            turn(f, &c);
        }
        /* A reset may overtake the answer. */
        if (!c.reset || c.in.length) {
            assert_true(!strncmp(ds_cstr(&c.in), row->reply,
                                 strlen(row->reply)));
        }
        client_close(&c);
        ds_destroy(&request);
    }
}

/* --- Time ---------------------------------------------------------------- */

/* Sends one byte of 'drip' every 100 ms until it is cut off. */
static void
drip(struct fixture *f, struct client *c, const char *text)
{
    long long int start = time_msec();
    long long int next = start;

    for (const char *p = text; !c->eof; ) {
        if (time_msec() >= next) {
            send(c->fd, p, 1, MSG_NOSIGNAL);
            p = p[1] ? p + 1 : text;
            next += 100;
        }
        assert_true(time_msec() < start + DEADLINE_MS);
        turn(f, c);
    }
}

static void
trickling_clients_are_cut(void **state)
{
    static const char *const heads[] = {
        "",
        "GET /a HTTP/1.1\r\n",
        "POST /a HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n",
        CHUNKED_POST,
    };
    static const char *const drips[] = { "x", "A: b\r\n", "x", "1\r\nx\r\n" };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
        struct stopwatch watch = stopwatch_start();
        struct client c;

        client_open(&c, f);
        client_puts(f, &c, heads[i]);
        drip(f, &c, drips[i]);
        stopwatch_check(&watch, IDLE_S * 900, IDLE_S * 2500);
        assert_int_equal(c.in.length, 0);
        client_close(&c);
    }
    assert_int_equal(f->n_handled, 0);
}

static void
idle_connection_is_closed(void **state)
{
    struct fixture *f = *state;
    struct client c;

    client_open(&c, f);
    struct stopwatch watch = stopwatch_start();
    client_puts(f, &c, "GET /a HTTP/1.1\r\n" HOST CRLF);
    expect(f, &c, 200, "GET /a [] ", true);
    expect_eof(f, &c);
    stopwatch_check(&watch, IDLE_S * 900, IDLE_S * 2000);
    client_close(&c);
}

static void
client_that_does_not_read_is_cut(void **state)
{
    struct fixture *f = *state;
    size_t n_fds = count_fds();
    struct stopwatch watch = stopwatch_start();
    struct client c;

    client_open(&c, f);
    client_puts(f, &c, "GET /big HTTP/1.1\r\n" HOST CRLF);
    TURN_UNTIL(f, NULL, count_fds() == n_fds + 2);
    TURN_UNTIL(f, NULL, count_fds() == n_fds + 1);
    stopwatch_check(&watch, IDLE_S * 3900, IDLE_S * 6000);
    client_close(&c);
}

static void
silent_connections_make_room(void **state)
{
    struct fixture *f = *state;
    struct client silent[CONNECTIONS_MAX];
    struct client c;

    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        client_open(&silent[i], f);
        turn(f, NULL);
    }
    client_open(&c, f);
    client_puts(f, &c, "GET /a HTTP/1.1\r\n" HOST CRLF);
    expect(f, &c, 200, "GET /a [] ", true);
    client_close(&c);
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        client_close(&silent[i]);
    }
}

/* --- Answers ------------------------------------------------------------- */

/* One client reads, slowly, and many do not: it gets all, and they are not
 * kept in memory. */
static void
answers_in_flight_are_bounded(void **state)
{
    struct fixture *f = *state;
    struct client lazy[12];
    struct client c;
    size_t most = 0;
    char piece[65536];
    size_t got = 0;

    client_open(&c, f);
    client_puts(f, &c, "GET /big HTTP/1.1\r\n" HOST CRLF);
    TURN_UNTIL(f, NULL, f->n_handled == 1);
    for (size_t i = 0; i < ARRAY_SIZE(lazy); i++) {
        client_open(&lazy[i], f);
        client_puts(f, &lazy[i], "GET /big HTTP/1.1\r\n" HOST CRLF);
        TURN_UNTIL(f, NULL, f->n_handled == i + 2);
        most = MAX(most, http_server_answers_bytes(f->server));
        /* A twelfth of it. */
        for (size_t end = got + BIG_BYTES / ARRAY_SIZE(lazy); got < end; ) {
            got += MAX(recv(c.fd, piece, sizeof piece, 0), 0);
            turn(f, NULL);
        }
    }
    assert_true(most > 2 * BIG_BYTES);
    assert_true(most <= ANSWERS_MAX);

    TURN_UNTIL(f, &c, got + c.in.length > BIG_BYTES);
    assert_false(c.eof);
    client_close(&c);
    for (size_t i = 0; i < ARRAY_SIZE(lazy); i++) {
        client_close(&lazy[i]);
    }
    TURN_UNTIL(f, NULL, !http_server_answers_bytes(f->server));
}

/* --- Who listens --------------------------------------------------------- */

/* Asks and waits for the answer, while nothing but the server's own wait wakes
 * the loop. */
static void
ask_unhelped(struct fixture *f, struct client *c)
{
    long long int end_ms = time_msec() + DEADLINE_MS;

    assert_int_equal(send(c->fd, "GET /a HTTP/1.1\r\n" HOST CRLF, 28, 0), 28);
    while (!strstr(ds_cstr(&c->in), "GET /a [] ")) {
        turn_for(f, c, DEADLINE_MS);
        assert_true(in_time(end_ms, "an answer"));
    }
}

static void
all_leave_between_two_turns(void **state)
{
    struct fixture *f = *state;
    struct client many[CONNECTIONS_MAX];
    struct client c;

    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        client_open(&many[i], f);
        turn(f, NULL);
    }
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        client_close(&many[i]);
    }
    http_server_run(f->server);

    client_open(&c, f);
    ask_unhelped(f, &c);
    client_close(&c);
}

/* Sets how many descriptors the process may have, and returns how many that
 * were before. */
static rlim_t
limit_fds(rlim_t n)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = n;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void
descriptors_run_out(void **state)
{
    struct fixture *f = *state;
    struct client c[3];

    client_open(&c[0], f);
    ask_unhelped(f, &c[0]);

    client_open(&c[1], f);
    client_open(&c[2], f);
    rlim_t before = limit_fds(c[2].fd + 1);
    for (int i = 0; i < 5; i++) {
        turn(f, NULL);
    }
    limit_fds(before);

    ask_unhelped(f, &c[1]);
    ask_unhelped(f, &c[2]);
    for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
        client_close(&c[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refusals),
        TEST(too_large_body_is_read_to_its_end),
        TEST(chunked_body),
        TEST(chunk_extension),
        TEST(endless_body),
        TEST(oversized_heads),
        TIMED_TEST(trickling_clients_are_cut),
        TIMED_TEST(idle_connection_is_closed),
        TIMED_TEST(client_that_does_not_read_is_cut),
        TEST(silent_connections_make_room),
        TEST(answers_in_flight_are_bounded),
        TEST(all_leave_between_two_turns),
        TEST(descriptors_run_out),
    };

    init_tests();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
