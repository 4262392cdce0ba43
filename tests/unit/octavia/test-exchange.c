/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to a driver-agent that answers well, badly, late, in pieces or
 * not at all.  The other end of the socket is the test itself, in the same
 * poll loop.
 */

#include <config.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "octavia/exchange.h"
#include "octavia/get-socket.h"
#include "octavia/status-socket.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

#define CLIENTS_MAX 16

/* Of a question, where its end is the subject. */
#define TIMEOUT_MS 300

/* A server that reads until 'request_end' and then sends 'reply'. */
struct bench {
    char *directory;
    char *path;
    int listener;               /* -1: away. */
    char *reply;
    size_t piece;               /* Bytes sent at once. */
    bool holds;                 /* Reads, and says nothing. */
    bool hangs_up;              /* Reads nothing. */

    int clients[CLIENTS_MAX];
    size_t n_sent[CLIENTS_MAX];
    char received[4096];        /* By the client that came last. */
    size_t n_received;
    size_t n_clients, n_open, n_open_most;

    struct exchanger *exchanger;
    size_t n_answers;
    char *text;                 /* What came, as text. */
};

static int
setup(void **state)
{
    struct bench *bench = xzalloc(sizeof *bench);

    bench->directory = xstrdup("/tmp/test-exchange-XXXXXX");
    assert_non_null(mkdtemp(bench->directory));
    bench->path = xasprintf("%s/status.sock", bench->directory);
    bench->listener = -1;
    bench->piece = SIZE_MAX;
    bench->exchanger = exchanger_create(bench->path, 3, 0);
    *state = bench;
    return 0;
}

static void
server_stop(struct bench *bench)
{
    if (bench->listener >= 0) {
        close(bench->listener);
        unlink(bench->path);
        bench->listener = -1;
    }
    for (size_t i = 0; i < bench->n_clients; i++) {
        if (bench->clients[i] >= 0) {
            close(bench->clients[i]);
            bench->clients[i] = -1;
        }
    }
    bench->n_clients = bench->n_open = 0;
}

/* A reply that begins with an equals sign is framed. */
static void
server_start(struct bench *bench, const char *reply)
{
    free(bench->reply);
    bench->reply = (*reply == '='
                    ? xasprintf("%"PRIuSIZE"\n%s", strlen(reply + 1),
                                reply + 1)
                    : xstrdup(reply));
    server_stop(bench);
    bench->listener = make_unix_socket(SOCK_STREAM, true, bench->path, NULL);
    assert_true(bench->listener >= 0);
    assert_int_equal(listen(bench->listener, 5), 0);
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    server_stop(bench);
    exchanger_destroy(bench->exchanger);
    rmdir(bench->directory);
    free(bench->directory);
    free(bench->path);
    free(bench->reply);
    free(bench->text);
    free(bench);
    return 0;
}

static void
server_close(struct bench *bench, size_t i)
{
    close(bench->clients[i]);
    bench->clients[i] = -1;
    bench->n_open--;
}

static void
server_accept(struct bench *bench)
{
    int fd;

    while ((fd = accept(bench->listener, NULL, NULL)) >= 0) {
        assert_true(bench->n_clients < CLIENTS_MAX);
        set_nonblocking(fd);
        bench->n_sent[bench->n_clients] = 0;
        bench->clients[bench->n_clients++] = fd;
        bench->n_open++;
        bench->n_open_most = MAX(bench->n_open_most, bench->n_open);
        bench->n_received = 0;
        if (bench->hangs_up) {
            server_close(bench, bench->n_clients - 1);
        }
    }
}

static void
server_serve(struct bench *bench, size_t i)
{
    ssize_t n = recv(bench->clients[i], &bench->received[bench->n_received],
                     sizeof bench->received - 1 - bench->n_received, 0);
    if (n > 0) {
        bench->n_received += n;
        bench->received[bench->n_received] = '\0';
    }
    if (!strchr(bench->received, '}') || bench->holds) {
        return;
    }

    size_t left = strlen(bench->reply) - bench->n_sent[i];
    size_t n_now = MIN(left, bench->piece);
    bool is_gone = send(bench->clients[i],
                        &bench->reply[bench->n_sent[i]], n_now,
                        MSG_NOSIGNAL) < 0;

    bench->n_sent[i] += n_now;
    if (is_gone || n_now == left) {
        server_close(bench, i);
    }
}

static void
run_once(struct bench *bench)
{
    exchanger_run(bench->exchanger);
    if (bench->listener >= 0) {
        server_accept(bench);
        for (size_t i = 0; i < bench->n_clients; i++) {
            if (bench->clients[i] >= 0) {
                server_serve(bench, i);
            }
        }
    }
}

static bool
run_until_answered(void *bench_)
{
    struct bench *bench = bench_;

    run_once(bench);
    return bench->n_answers > 0;
}

static void
bench_wait(void *bench_)
{
    struct bench *bench = bench_;

    exchanger_wait(bench->exchanger);
    poll_timer_wait(1);
}

static void
take_status(const struct status_reply *reply, void *bench_)
{
    static const char *const words[] = {
        [STATUS_TAKEN] = "taken",
        [STATUS_REFUSED] = "refused",
        [STATUS_AWAY] = "away",
        [STATUS_FAILED] = "failed",
    };
    struct bench *bench = bench_;
    char *refused = (reply->result == STATUS_REFUSED
                     ? xasprintf(" "UUID_FMT, UUID_ARGS(&reply->refused))
                     : xstrdup(""));

    bench->n_answers++;
    free(bench->text);
    bench->text = xasprintf("%s%s %s", words[reply->result], refused,
                            reply->error ? reply->error : "");
    free(refused);
}

static const char *
report(struct bench *bench, const struct status_record *records, size_t n)
{
    bench->n_answers = 0;
    status_send(bench->exchanger, records, n, take_status, bench);
    ovs_assert(!bench->n_answers);
    ovsdb_fixture_wait_until(run_until_answered, bench_wait, bench,
                             "an answer");
    return bench->text;
}

#define MEMBER "0000004d-0000-4000-8000-000000000001"

static const char *
report_one(struct bench *bench)
{
    struct status_record record = {
        .resource = RESOURCE_MEMBER, .id = uuid_of("M1"),
        .provisioning_status = "ACTIVE", .operating_status = "ONLINE",
    };

    return report(bench, &record, 1);
}

static const struct {
    const char *title;
    const char *reply;
    const char *expected;
} replies[] = {
    { "all taken", "={\"status_code\": 200}", "taken " },
    { "no reason", "={\"status_code\": 500}", "failed no reason given" },
    { "a reason", "={\"status_code\": 500, \"fault_string\": \"no DB\"}",
      "failed no DB" },
    { "more than one text", "2\n{}{}", "failed more than was announced" },
    { "a record", "={\"status_code\": 500, \"fault_string\": \"no\", "
      "\"status_object\": 1}", "failed no" },
    { "a refused record", "={\"status_code\": 500, \"fault_string\": "
      "\"no\", \"status_object_id\": \"" MEMBER "\"}",
      "refused " MEMBER " no" },
    { "an id that is none", "={\"status_code\": 500, \"fault_string\": "
      "\"no\", \"status_object_id\": \"x\"}", "failed no" },
    { "a code that is none", "={\"status_code\": \"200\"}",
      "failed no reason given" },
    { "an empty object", "2\n{}", "failed no reason given" },
    { "no object", "2\n[]", "failed not JSON" },
    { "no JSON", "3\nabc", "failed not JSON" },
    { "nothing", "", "failed cut off" },
    { "an empty text", "0\n", "failed not JSON" },
    { "no length", "\n{}", "failed no length" },
    { "a length that is none", "1x\n{}", "failed the length is no number" },
    { "a negative length", "-1\n{}", "failed the length is no number" },
    { "a giant length", "99999999999\n{}", "failed too long" },
    { "a large length", "999999999\n{}", "failed too long" },
    { "half of it", "20\n{\"status_c", "failed cut off" },
};

static void
test_answers_are_understood(void **state)
{
    struct bench *bench = *state;

    for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
        print_message("%s\n", replies[i].title);
        server_start(bench, replies[i].reply);
        assert_string_equal(report_one(bench), replies[i].expected);
    }
}

static void
test_answers_may_come_byte_by_byte(void **state)
{
    struct bench *bench = *state;

    bench->piece = 1;
    for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
        print_message("%s\n", replies[i].title);
        server_start(bench, replies[i].reply);

        /* Nobody waits for what comes behind the frame. */
        if (!strstr(replies[i].expected, "announced")) {
            assert_string_equal(report_one(bench), replies[i].expected);
        }
    }
}

static void
test_an_answer_cut_anywhere_is_none(void **state)
{
    static const char whole[] = "20\n{\"status_code\": 200}";
    struct bench *bench = *state;
    char cut[sizeof whole];

    for (size_t n = 0; n < strlen(whole); n++) {
        ovs_strlcpy(cut, whole, n + 1);
        server_start(bench, cut);
        assert_string_equal(report_one(bench), "failed cut off");
    }
}

static void
test_what_is_asked(void **state)
{
    static const struct status_record records[] = {
        { RESOURCE_LOAD_BALANCER, { { 1, 0, 0, 0 } }, "ACTIVE", NULL },
        { RESOURCE_MEMBER, { { 2, 0, 0, 0 } }, NULL, "ONLINE" },
        { RESOURCE_MEMBER, { { 3, 0, 0, 0 } }, "DELETED", NULL },
    };
    struct bench *bench = *state;

    server_start(bench, "20\n{\"status_code\": 200}");
    report(bench, records, ARRAY_SIZE(records));
    assert_string_equal(
        strchr(bench->received, '{'),
        "{\"loadbalancers\":[{\"id\":"
        "\"00000001-0000-0000-0000-000000000000\","
        "\"provisioning_status\":\"ACTIVE\"}],"
        "\"members\":[{\"id\":\"00000002-0000-0000-0000-000000000000\","
        "\"operating_status\":\"ONLINE\"},"
        "{\"id\":\"00000003-0000-0000-0000-000000000000\","
        "\"provisioning_status\":\"DELETED\"}]}");
}

static void
test_records_are_in_the_order_of_octavia(void **state)
{
    struct status_record records[] = {
        { RESOURCE_LOAD_BALANCER, { { 1, 0, 0, 0 } }, NULL, NULL },
        { RESOURCE_LISTENER, { { 2, 0, 0, 0 } }, NULL, NULL },
        { RESOURCE_POOL, { { 3, 0, 0, 0 } }, NULL, NULL },
        { RESOURCE_HEALTH_MONITOR, { { 4, 0, 0, 0 } }, NULL, NULL },
        { RESOURCE_MEMBER, { { 6, 0, 0, 0 } }, NULL, NULL },
        { RESOURCE_MEMBER, { { 5, 0, 0, 0 } }, NULL, NULL },
    };

    qsort(records, ARRAY_SIZE(records), sizeof records[0],
          status_record_compare);
    for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
        static const unsigned int expected[] = { 5, 6, 4, 3, 2, 1 };

        assert_int_equal(records[i].id.parts[0], expected[i]);
    }
}

static void
test_nobody_listens(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(report_one(bench), "away No such file or directory");

    /* A socket that its server has left behind. */
    server_start(bench, "");
    close(bench->listener);
    bench->listener = -1;
    assert_string_equal(report_one(bench), "away Connection refused");
    unlink(bench->path);
}

static void
test_a_server_that_hangs_up(void **state)
{
    struct bench *bench = *state;

    bench->hangs_up = true;
    server_start(bench, "");
    report_one(bench);
    assert_int_equal(strncmp(bench->text, "failed ", 7), 0);
}

static void
test_a_server_that_says_nothing(void **state)
{
    struct bench *bench = *state;

    exchanger_destroy(bench->exchanger);
    bench->exchanger = exchanger_create(bench->path, 3, TIMEOUT_MS);
    bench->holds = true;
    server_start(bench, "");
    assert_string_equal(report_one(bench), "failed Connection timed out");
}

static void
count_answer(const struct exchange_reply *reply, void *n_)
{
    size_t *n = n_;

    assert_int_equal(reply->result, EXCHANGE_DONE);
    (*n)++;
}

static void
test_more_wait_their_turn(void **state)
{
    struct bench *bench = *state;
    struct json *request = json_object_create();
    size_t n = 0;

    server_start(bench, "2\n{}");
    for (size_t i = 0; i < 10; i++) {
        exchanger_ask(bench->exchanger, request, count_answer, &n);
    }
    bench->holds = true;
    run_once(bench);
    run_once(bench);
    assert_int_equal(bench->n_open, 3);
    bench->holds = false;
    while (n < 10) {
        run_once(bench);
        bench_wait(bench);
        poll_block();
    }
    assert_int_equal(bench->n_open_most, 3);
    json_destroy(request);
}

/* Puts the server's end to sleep and back. */
static int
server_sleep(struct bench *bench)
{
    int listener = bench->listener;

    bench->listener = -1;
    return listener;
}

static void
run_for(struct bench *bench, int ms)
{
    long long int until_ms = time_msec() + ms;

    while (time_msec() < until_ms) {
        run_once(bench);
        exchanger_wait(bench->exchanger);
        poll_timer_wait_until(until_ms);
        poll_block();
    }
}

static void
test_a_full_queue_is_no_failure(void **state)
{
    struct bench *bench = *state;
    struct json *request = json_object_create();
    struct exchange *first;
    size_t n = 0;
    int listener;

    exchanger_destroy(bench->exchanger);
    bench->exchanger = exchanger_create(bench->path, 12, 0);
    server_start(bench, "2\n{}");
    assert_int_equal(exchanger_silent_since_ms(bench->exchanger), LLONG_MAX);
    listener = server_sleep(bench);
    first = exchanger_ask(bench->exchanger, request, count_answer, &n);
    for (size_t i = 1; i < 14; i++) {
        exchanger_ask(bench->exchanger, request, count_answer, &n);
    }

    /* A queue of 5 holds 6. */
    run_once(bench);
    assert_true(exchange_is_sent(first));
    run_for(bench, TIMEOUT_MS);
    assert_int_equal(n, 0);
    assert_true(exchanger_silent_since_ms(bench->exchanger)
                <= time_msec() - TIMEOUT_MS);

    bench->listener = listener;
    while (n < 14) {
        run_once(bench);
        bench_wait(bench);
        poll_block();
    }
    assert_int_equal(bench->n_clients, 14);
    assert_int_equal(exchanger_silent_since_ms(bench->exchanger), LLONG_MAX);
    json_destroy(request);
}

static void
never_call(const struct exchange_reply *reply, void *aux)
{
    fail_msg("a cancelled question was answered");
}

static void
test_a_cancelled_question_is_not_answered(void **state)
{
    struct bench *bench = *state;
    struct json *request = json_object_create();
    struct exchange *exchanges[5];
    size_t n = 0;

    server_start(bench, "2\n{}");
    for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++) {
        exchanges[i] = exchanger_ask(bench->exchanger, request, never_call,
                                     NULL);
    }
    exchanger_run(bench->exchanger);
    for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++) {
        exchange_cancel(exchanges[i]);
    }
    exchanger_ask(bench->exchanger, request, count_answer, &n);
    while (!n) {
        run_once(bench);
        bench_wait(bench);
        poll_block();
    }
    json_destroy(request);
}

static void
take_object(const struct get_reply *reply, void *bench_)
{
    struct bench *bench = bench_;

    bench->n_answers++;
    free(bench->text);
    bench->text = (reply->error ? xstrdup(reply->error)
                   : reply->object ? json_to_string(reply->object, 0)
                   : xstrdup("none"));
}

static const char *
get(struct bench *bench)
{
    struct uuid id = uuid_of("M1");

    bench->n_answers = 0;
    get_send(bench->exchanger, RESOURCE_MEMBER, &id, take_object, bench);
    ovsdb_fixture_wait_until(run_until_answered, bench_wait, bench,
                             "an answer");
    return bench->text;
}

static void
test_objects(void **state)
{
    struct bench *bench = *state;

    server_start(bench, "10\n{\"name\":1}");
    assert_string_equal(get(bench), "{\"name\":1}");
    assert_string_equal(strchr(bench->received, '{'),
                        "{\"id\":\"" MEMBER "\",\"object\":\"members\"}");
    server_start(bench, "2\n{}");
    assert_string_equal(get(bench), "none");
    server_start(bench, "2\n{");
    assert_string_equal(get(bench), "cut off");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
        TEST(test_answers_are_understood),
        TEST(test_answers_may_come_byte_by_byte),
        TEST(test_an_answer_cut_anywhere_is_none),
        TEST(test_what_is_asked),
        cmocka_unit_test(test_records_are_in_the_order_of_octavia),
        TEST(test_nobody_listens),
        TEST(test_a_server_that_hangs_up),
        TEST(test_more_wait_their_turn),
        TEST(test_a_full_queue_is_no_failure),
        TEST(test_a_cancelled_question_is_not_answered),
        TEST(test_objects),
        TEST(test_a_server_that_says_nothing),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
