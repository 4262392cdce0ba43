/* SPDX-License-Identifier: Apache-2.0
 *
 * A server, its handler, and clients that are raw sockets, all driven by one
 * poll loop, for the tests of the HTTP server.  Nothing but bytes in between.
 */

#ifndef HTTP_HARNESS_H
#define HTTP_HARNESS_H 1

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

#define BODY_MAX 114688
#define CONNECTIONS_MAX 50
#define IDLE_S 1
#define DEADLINE_MS 10000
#define BIG_BYTES (8 * 1024 * 1024)
#define ANSWERS_MAX (4 * BIG_BYTES)

#define HOST "Host: h\r\n"
#define CRLF "\r\n"

struct fixture {
    struct http_server *server;
    struct http_request *waiting[64];   /* Oldest first. */
    size_t n_waiting;
    size_t n_handled;
};

/* --- The handler --------------------------------------------------------- */

static inline bool
print_arg(const char *name, const char *value, void *body)
{
    ds_put_format(body, " %s=%s", name, value ? value : "(none)");
    return strcmp(name, "stop") != 0;
}

/* Says what the server understood. */
static inline void
reply_echo(struct http_request *rq)
{
    struct ds reply = DS_EMPTY_INITIALIZER;
    size_t bytes;
    const char *body = http_request_body(rq, &bytes);
    const char *header = http_request_header(rq, "x-test");

    ds_put_format(&reply, "%s %s", http_request_method(rq),
                  http_request_path(rq));
    http_request_for_each_arg(rq, print_arg, &reply);
    ds_put_format(&reply, " [%s] ", header ? header : "");
    if (bytes <= 100) {
        ds_put_buffer(&reply, body, bytes);
    } else {
        ds_put_format(&reply, "%"PRIuSIZE" bytes", bytes);
    }
    http_request_add_header(rq, "X-One", "1");
    http_request_add_header(rq, "X-Two", "2");
    http_reply(rq, 200, "text/plain", &reply);
}

static inline void
reply_big(struct http_request *rq)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_char_multiple(&body, 'x', BIG_BYTES);
    http_reply(rq, 200, "text/plain", &body);
}

static inline void
handle(struct http_request *rq, void *f_)
{
    struct fixture *f = f_;
    const char *path = http_request_path(rq);

    f->n_handled++;
    if (!strcmp(path, "/later")) {
        http_request_set_data(rq, f);
        assert_true(f->n_waiting < ARRAY_SIZE(f->waiting));
        f->waiting[f->n_waiting++] = rq;
    } else if (!strcmp(path, "/big")) {
        reply_big(rq);
    } else if (!strcmp(path, "/empty")) {
        struct ds body = DS_EMPTY_INITIALIZER;
        http_reply(rq, 200, "application/json", &body);
    } else if (!strcmp(path, "/none")) {
        http_reply(rq, 204, NULL, NULL);
    } else {
        reply_echo(rq);
    }
}

/* Answers the oldest request for "/later". */
static inline void
answer_waiting(struct fixture *f)
{
    struct http_request *rq = f->waiting[0];

    assert_true(f->n_waiting > 0);
    assert_ptr_equal(http_request_data(rq), f);
    f->n_waiting--;
    memmove(f->waiting, f->waiting + 1, f->n_waiting * sizeof f->waiting[0]);
    reply_echo(rq);
}

static inline void
init_fixture(struct fixture *f)
{
    const struct http_server_options options = {
        .host = "127.0.0.1",
        .body_bytes_max = BODY_MAX,
        .connections_max = CONNECTIONS_MAX,
        .idle_timeout_s = IDLE_S,
        .stranger_timeout_s = IDLE_S,
        .answers_bytes_max = ANSWERS_MAX,
    };
    const struct http_handlers handlers = { .complete = handle };
    char *error = NULL;

    memset(f, 0, sizeof *f);
    f->server = http_server_open(&options, &handlers, f, &error);
    assert_null(error);
    assert_non_null(f->server);
}

static inline int
setup(void **state)
{
    struct fixture *f = xmalloc(sizeof *f);
    init_fixture(f);
    *state = f;
    return 0;
}

static inline int
teardown(void **state)
{
    struct fixture *f = *state;
    http_server_close(f->server);
    free(f);
    return 0;
}

/* --- Clients ------------------------------------------------------------- */

struct client {
    int fd;
    struct ds in;
    bool eof;
    bool reset;
};

static inline void
client_open(struct client *c, const struct fixture *f)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_port = htons(http_server_port(f->server)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };

    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(c->fd >= 0);
    assert_int_equal(connect(c->fd, (struct sockaddr *) &sin, sizeof sin), 0);
    assert_int_equal(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
    ds_init(&c->in);
    c->eof = c->reset = false;
}

static inline void
client_close(struct client *c)
{
    close(c->fd);
    ds_destroy(&c->in);
}

static inline void
client_run(struct client *c)
{
    char buffer[16384];
    ssize_t n;

    while (!c->eof
           && (n = recv(c->fd, buffer, sizeof buffer, 0)) >= 0) {
        ds_put_buffer(&c->in, buffer, n);
        c->eof = !n;
    }
    if (!c->eof && errno != EAGAIN) {
        c->eof = c->reset = true;
    }
}

/* One turn of the loop for the server and, if there is one, a client.  Takes
 * 'timeout_ms' at most. */
static inline void
turn_for(struct fixture *f, struct client *c, int timeout_ms)
{
    http_server_wait(f->server);
    if (c && !c->eof) {
        poll_fd_wait(c->fd, POLLIN);
    }
    poll_timer_wait(timeout_ms);
    poll_block();
    http_server_run(f->server);
    if (c) {
        client_run(c);
    }
}

static inline void
turn(struct fixture *f, struct client *c)
{
    turn_for(f, c, 20);
}

static inline bool
in_time(long long int end_ms, const char *condition)
{
    if (time_msec() > end_ms) {
        fail_msg("never: %s", condition);
    }
    return true;
}

#define TURN_UNTIL(F, C, CONDITION)                                     \
    do {                                                                \
        long long int end__ = time_msec() + DEADLINE_MS;                \
        while (!(CONDITION) && in_time(end__, #CONDITION)) {            \
            turn(F, C);                                                 \
        }                                                               \
    } while (0)

static inline void
client_send(struct fixture *f, struct client *c, const char *data,
            size_t bytes)
{
    while (bytes) {
        ssize_t n = send(c->fd, data, bytes, MSG_NOSIGNAL);
        if (n > 0) {
            data += n;
            bytes -= n;
        } else {
            assert_int_equal(errno, EAGAIN);
            turn(f, c);
        }
    }
}

static inline void
client_puts(struct fixture *f, struct client *c, const char *s)
{
    client_send(f, c, s, strlen(s));
}

/* Returns the number of bytes in 'c->in' that are a complete reply, and where
 * its body starts; 0 if there is none. */
static inline size_t
find_reply(struct client *c, bool has_body, size_t *ret_body)
{
    const char *in = ds_cstr(&c->in);
    const char *end = strstr(in, "\r\n\r\n");
    const char *length = strstr(in, "Content-Length: ");

    if (!end) {
        return 0;
    }
    *ret_body = end + 4 - in;

    size_t bytes = *ret_body;
    if (has_body && length && length < end) {
        bytes += strtoul(length + strlen("Content-Length: "), NULL, 10);
    }
    return bytes <= c->in.length ? bytes : 0;
}

/* Waits for a reply and takes it off.  'body' NULL: whatever it is. */
static inline void
expect(struct fixture *f, struct client *c, int status, const char *body,
       bool has_body)
{
    size_t body_offset = 0;
    size_t bytes;

    TURN_UNTIL(f, c, (bytes = find_reply(c, has_body, &body_offset))
               || c->eof);
    if (!bytes) {
        fail_msg("closed, with \"%s\"", ds_cstr(&c->in));
    }
    assert_int_equal(strtoul(ds_cstr(&c->in) + strlen("HTTP/1.1 "), NULL, 10),
                     status);
    if (body) {
        char *got = xmemdup0(c->in.string + body_offset, bytes - body_offset);
        assert_string_equal(got, body);
        free(got);
    }
    memmove(c->in.string, c->in.string + bytes, c->in.length - bytes);
    ds_truncate(&c->in, c->in.length - bytes);
}

static inline void
expect_eof(struct fixture *f, struct client *c)
{
    TURN_UNTIL(f, c, c->eof);
    assert_string_equal(ds_cstr(&c->in), "");
}

static inline size_t
count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;

    while (readdir(dir)) {
        n++;
    }
    closedir(dir);
    return n;
}

/* A test with a server of its own. */
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

/* What the server logs about its clients is not of interest here. */
static inline void
init_tests(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
}

#endif /* http-harness.h */
