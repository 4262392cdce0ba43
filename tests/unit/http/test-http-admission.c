/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server between a head and its body: what is read before the head
 * was admitted, what a refusal leads to, and who has to make room for whom.
 */

#include <config.h>
#include "http-harness.h"

#define KNOWN_S 2
#define STRANGER_S 1
#define LARGE 100000

/* The field "X-Test" of a head says what becomes of it: "later" knocks, "no"
 * is refused, "stranger" is admitted and not known. */
struct door {
    struct fixture f;           /* First, for its handler. */
    struct http_request *knocking[CONNECTIONS_MAX];
    size_t n_knocking;
    size_t n_met;
    size_t n_gone;
};

static void
refuse(struct http_request *rq)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&text, "who?");
    http_reply(rq, 401, "text/plain", &text);
}

static void
meet(struct http_request *rq, void *door_)
{
    const char *what = http_request_header(rq, "x-test");
    struct door *door = door_;
    size_t bytes;

    door->n_met++;
    http_request_body(rq, &bytes);
    assert_int_equal(bytes, 0);
    if (what && !strcmp(what, "later")) {
        door->knocking[door->n_knocking++] = rq;
    } else if (what && !strcmp(what, "no")) {
        refuse(rq);
    } else {
        http_admit(rq, !what || strcmp(what, "stranger"));
    }
}

static void
forget(struct http_request *rq, void *door_)
{
    struct door *door = door_;

    for (size_t i = 0; i < door->n_knocking; i++) {
        if (door->knocking[i] == rq) {
            door->knocking[i] = door->knocking[--door->n_knocking];
        }
    }
    door->n_gone++;
}

static int
open_door(void **state, int known_s, int stranger_s)
{
    const struct http_server_options options = {
        .addresses = &any_port,
        .body_bytes_max = BODY_MAX,
        .connections_max = CONNECTIONS_MAX,
        .idle_timeout_s = known_s,
        .stranger_timeout_s = stranger_s,
        .answers_bytes_max = ANSWERS_MAX,
    };
    const struct http_handlers handlers = {
        .head = meet, .complete = handle, .gone = forget,
    };
    struct door *door = xzalloc(sizeof *door);
    char *error = NULL;

    door->f.server = http_server_open(&options, &handlers, door, &error);
    assert_non_null(door->f.server);
    *state = door;
    return 0;
}

static int
setup_door(void **state)
{
    return open_door(state, PATIENT_IDLE_S, PATIENT_IDLE_S);
}

static int
setup_timed_door(void **state)
{
    return open_door(state, KNOWN_S, STRANGER_S);
}

/* Those who are known have all the time. */
static int
setup_strict_door(void **state)
{
    return open_door(state, PATIENT_IDLE_S, STRANGER_S);
}

static int
teardown_door(void **state)
{
    struct door *door = *state;

    http_server_close(door->f.server);
    free(door);
    return 0;
}

static void
admit_knocking(struct door *door)
{
    assert_int_equal(door->n_knocking, 1);
    http_admit(door->knocking[--door->n_knocking], true);
}

static char *
post(const char *what, size_t bytes)
{
    return xasprintf("POST /a HTTP/1.1\r\n" HOST "X-Test: %s\r\n"
                     "Content-Length: %"PRIuSIZE"\r\n\r\n", what, bytes);
}

static void
client_post(struct door *door, struct client *c, const char *what,
            size_t bytes)
{
    char *head = post(what, bytes);
    char *body = xmalloc(bytes);

    memset(body, 'x', bytes);
    client_puts(&door->f, c, head);
    client_send(&door->f, c, body, bytes);
    free(body);
    free(head);
}

/* --- Bodies -------------------------------------------------------------- */

static void
body_is_read_when_admitted(void **state)
{
    static const size_t sizes[] = { 0, 1, 2000, 40000, LARGE, BODY_MAX };
    struct door *door = *state;
    struct client c;

    client_open(&c, &door->f);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        client_post(door, &c, "later", sizes[i]);
        TURN_UNTIL(&door->f, &c, door->n_knocking);
        for (int j = 0; j < 3; j++) {
            turn(&door->f, &c);
        }
        size_t kept;
        http_request_body(door->knocking[0], &kept);
        assert_true(kept == 0 || kept == sizes[i]);
        assert_true(kept <= 32768);
        assert_int_equal(door->f.n_handled, i);

        admit_knocking(door);
        expect(&door->f, &c, 200, NULL, true);
        assert_int_equal(door->f.n_handled, i + 1);
    }
    client_close(&c);
    assert_int_equal(door->n_gone, 0);
}

static void
chunks_are_read_when_admitted(void **state)
{
    struct door *door = *state;
    struct client c;

    client_open(&c, &door->f);
    client_puts(&door->f, &c, "POST /a HTTP/1.1\r\n" HOST "X-Test: later\r\n"
                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    TURN_UNTIL(&door->f, &c, door->n_knocking);
    client_puts(&door->f, &c, "2\r\nde\r\n0\r\n\r\n");
    turn(&door->f, &c);
    admit_knocking(door);
    expect(&door->f, &c, 200, "POST /a [later] abcde", true);
    client_close(&c);
}

/* One is admitted by another's call, before the server has put it to sleep. */
static void
admitted_in_the_same_turn(void **state)
{
    struct door *door = *state;
    struct client c;

    client_open(&c, &door->f);
    client_post(door, &c, "later", LARGE / 2);
    while (!door->n_knocking) {
        http_server_run(door->f.server);
    }
    admit_knocking(door);
    client_post(door, &c, "", 0);
    expect(&door->f, &c, 200, "POST /a [later] 50000 bytes", true);
    expect(&door->f, &c, 200, NULL, true);
    client_close(&c);
}

static void
half_closed_while_knocking(void **state)
{
    struct door *door = *state;
    struct client c;

    client_open(&c, &door->f);
    client_post(door, &c, "later", 1000);
    shutdown(c.fd, SHUT_WR);
    TURN_UNTIL(&door->f, &c, door->n_knocking);
    turn(&door->f, &c);
    admit_knocking(door);
    expect(&door->f, &c, 200, "POST /a [later] 1000 bytes", true);
    expect_eof(&door->f, &c);
    client_close(&c);
}

/* --- Refusals ------------------------------------------------------------ */

static void
refused_at_once(void **state)
{
    struct door *door = *state;
    struct client c;

    /* Without a body the connection lives on. */
    client_open(&c, &door->f);
    for (int i = 0; i < 2; i++) {
        client_puts(&door->f, &c,
                    "GET /a HTTP/1.1\r\n" HOST "X-Test: no\r\n\r\n");
        expect(&door->f, &c, 401, "who?", true);
    }
    client_post(door, &c, "no", LARGE);
    expect(&door->f, &c, 401, "who?", true);
    expect_eof(&door->f, &c);
    assert_false(c.reset);
    client_close(&c);

    client_open(&c, &door->f);
    client_puts(&door->f, &c, "POST /a HTTP/1.1\r\n" HOST "X-Test: no\r\n"
                "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    expect(&door->f, &c, 401, "who?", true);
    client_close(&c);
    assert_int_equal(door->f.n_handled, 0);
    assert_int_equal(door->n_gone, 0);
}

static void
refused_later(void **state)
{
    static const size_t sizes[] = { 0, 1000, LARGE };
    struct door *door = *state;
    struct client c;

    client_open(&c, &door->f);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        client_post(door, &c, "later", sizes[i]);
        TURN_UNTIL(&door->f, &c, door->n_knocking);
        turn(&door->f, &c);
        refuse(door->knocking[--door->n_knocking]);
        expect(&door->f, &c, 401, "who?", true);
    }
    client_puts(&door->f, &c, "GET /a HTTP/1.1\r\n" HOST CRLF);
    expect(&door->f, &c, 200, "GET /a [] ", true);
    client_close(&c);
    assert_int_equal(door->f.n_handled, 1);
    assert_int_equal(door->n_gone, 0);
}

/* --- Clients that leave -------------------------------------------------- */

static void
client_leaves_before_its_body_is_complete(void **state)
{
    struct door *door = *state;
    struct client c;

    client_open(&c, &door->f);
    char *head = post("", LARGE);
    client_puts(&door->f, &c, head);
    free(head);
    TURN_UNTIL(&door->f, &c, door->n_met);
    client_close(&c);
    TURN_UNTIL(&door->f, NULL, door->n_gone);

    /* And while it knocks: that is found out when it may go on. */
    client_open(&c, &door->f);
    head = post("later", LARGE);
    client_puts(&door->f, &c, head);
    free(head);
    TURN_UNTIL(&door->f, &c, door->n_knocking);
    client_close(&c);
    turn(&door->f, NULL);
    admit_knocking(door);
    TURN_UNTIL(&door->f, NULL, door->n_gone == 2);
    assert_int_equal(door->f.n_handled, 0);
}

/* Every request whose head was met is either handled or gone. */
static void
server_closes_in_between(void **state)
{
    struct door *door = *state;
    struct client c[2];

    for (int i = 0; i < 2; i++) {
        client_open(&c[i], &door->f);
        char *head = post(i ? "later" : "", LARGE);
        client_puts(&door->f, &c[i], head);
        free(head);
    }
    TURN_UNTIL(&door->f, NULL, door->n_met == 2);
    turn(&door->f, NULL);
    http_server_close(door->f.server);
    door->f.server = NULL;
    assert_int_equal(door->n_gone, 2);
    for (int i = 0; i < 2; i++) {
        client_close(&c[i]);
    }
}

/* --- Room ---------------------------------------------------------------- */

/* Sends one byte every 100 ms until the connection ends. */
static void
drip(struct door *door, struct client *c)
{
    long long int start = time_msec();
    long long int next = start;

    while (!c->eof) {
        if (time_msec() >= next) {
            send(c->fd, "x", 1, MSG_NOSIGNAL);
            next += 100;
        }
        assert_true(time_msec() < start + DEADLINE_MS);
        turn(&door->f, c);
    }
}

static void
strangers_have_less_time(void **state)
{
    /* The last one is known. */
    static const char *const starts[] = {
        "GET /a", "GET /a HTTP/1.1\r\nHost",
        "POST /a HTTP/1.1\r\n" HOST "X-Test: stranger\r\n"
        "Content-Length: 100000\r\n\r\n",
        "POST /a HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n",
    };
    struct door *door = *state;

    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        bool is_known = i == ARRAY_SIZE(starts) - 1;
        struct stopwatch watch = stopwatch_start();
        struct client c;

        client_open(&c, &door->f);
        client_puts(&door->f, &c, starts[i]);
        drip(door, &c);
        stopwatch_check(&watch, (is_known ? KNOWN_S : STRANGER_S) * 900,
                        is_known ? DEADLINE_MS : KNOWN_S * 900);
        client_close(&c);
    }
}

static void
fill(struct door *door, struct client *many, int n, const char *start)
{
    for (int i = 0; i < n; i++) {
        client_open(&many[i], &door->f);
        client_puts(&door->f, &many[i], start);
        turn(&door->f, &many[i]);
    }
}

static void
slow_requests_make_room(void **state)
{
    static const char *const starts[] = {
        "",
        "GET /a HT",
        "GET /a HTTP/1.1\r\nHos",
        "POST /a HTTP/1.1\r\n" HOST "X-Test: stranger\r\n"
        "Content-Length: 9\r\n\r\nx",
        "POST /a HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nx",
        CRLF,
    };
    struct door *door = *state;

    for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
        struct client many[CONNECTIONS_MAX];
        struct client c;

        fill(door, many, CONNECTIONS_MAX, starts[i]);
        struct stopwatch watch = stopwatch_start();
        client_open(&c, &door->f);
        client_puts(&door->f, &c, "GET /a HTTP/1.1\r\n" HOST CRLF);
        expect(&door->f, &c, 200, "GET /a [] ", true);
        /* Before any of them has come to its end. */
        stopwatch_check(&watch, 0, STRANGER_S * 1000);
        client_close(&c);
        for (int j = 0; j < CONNECTIONS_MAX; j++) {
            client_close(&many[j]);
        }
    }
}

static int
count_open(struct door *door, struct client *many, int n)
{
    int n_open = 0;

    for (int i = 0; i < n; i++) {
        client_run(&many[i]);
        n_open += !many[i].eof;
    }
    turn(&door->f, NULL);
    return n_open;
}

/* Clients that are known keep their places as long as there are strangers
 * whose time to show who they are is over, however busy these are. */
static void
strangers_go_first(void **state)
{
    struct door *door = *state;
    struct client known[CONNECTIONS_MAX - 5];
    struct client strangers[5];
    struct client c[5];

    fill(door, strangers, ARRAY_SIZE(strangers), "GET /a HTTP/1.1\r\n");
    fill(door, known, ARRAY_SIZE(known), "GET /a HTTP/1.1\r\n" HOST CRLF);
    for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
        client_open(&c[i], &door->f);
        client_puts(&door->f, &c[i], "GET /a HTTP/1.1\r\n" HOST CRLF);
    }
    for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
        while (!c[i].in.length) {
            send(strangers[i].fd, "a", 1, MSG_NOSIGNAL);
            turn(&door->f, &c[i]);
        }
        expect(&door->f, &c[i], 200, "GET /a [] ", true);
    }
    assert_int_equal(count_open(door, known, ARRAY_SIZE(known)),
                     ARRAY_SIZE(known));
    assert_int_equal(count_open(door, strangers, ARRAY_SIZE(strangers)), 0);

    for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
        client_close(&c[i]);
        client_close(&strangers[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        client_close(&known[i]);
    }
}

#define DOOR_TEST(NAME)                                                 \
    cmocka_unit_test_setup_teardown(NAME, setup_door, teardown_door)
#define TIMED_DOOR_TEST(NAME)                                           \
    cmocka_unit_test_setup_teardown(NAME, setup_timed_door, teardown_door)
#define STRICT_DOOR_TEST(NAME)                                          \
    cmocka_unit_test_setup_teardown(NAME, setup_strict_door, teardown_door)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        DOOR_TEST(body_is_read_when_admitted),
        DOOR_TEST(chunks_are_read_when_admitted),
        DOOR_TEST(admitted_in_the_same_turn),
        DOOR_TEST(half_closed_while_knocking),
        DOOR_TEST(refused_at_once),
        DOOR_TEST(refused_later),
        DOOR_TEST(client_leaves_before_its_body_is_complete),
        DOOR_TEST(server_closes_in_between),
        TIMED_DOOR_TEST(strangers_have_less_time),
        DOOR_TEST(slow_requests_make_room),
        STRICT_DOOR_TEST(strangers_go_first),
    };

    init_tests();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
