/* SPDX-License-Identifier: Apache-2.0
 *
 * Group commit over a real OVN_Octavia database: what shares a transaction,
 * who fails alone, and what happens once whatever happens to the server.
 */

#include <config.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/commit.h"
#include "base/limits.h"
#include "base/ovs-compat.h"
#include "octavia-idl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "util.h"
#include "uuid.h"

#define BATCH_MAX 10
#define N_OPS_MAX 64

struct bench {
    struct ovsdb_fixture *db;
    struct ovsdb_idl *idl;
    struct commit_queue *queue;
    size_t n_applied;           /* Calls of 'apply' so far. */
};

/* Writes a row of Quota, which has an index on project_id. */
struct quota_op {
    struct commit_op op;
    struct bench *bench;
    struct uuid id;
    const char *project;        /* NULL: refuse. */
    size_t n_comments;          /* Lines that it adds to the transaction's
                                 * comment, */
    const char *text;           /* and what they say. */
    int64_t limit;

    /* Refuse, rather than overwrite, what somebody else wrote. */
    bool is_careful;
    int64_t seen_limit;

    unsigned int n_applied;
    unsigned int last_attempt;
    size_t position;            /* Of the last 'apply', among all. */
    unsigned int n_done;
    bool is_refused;
    enum commit_result result;
    char *error;
};

static struct quota_op ops[N_OPS_MAX];

static bool
write_quota(struct quota_op *op, struct ovsdb_idl_txn *txn)
{
    const struct octrec_quota *row = octrec_quota_get_for_uuid(op->bench->idl,
                                                               &op->id);

    if (!row) {
        row = octrec_quota_insert_persist_uuid(txn, &op->id);
        octrec_quota_set_project_id(row, op->project);
    } else if (op->is_careful) {
        int64_t limit = row->n_load_balancer ? row->load_balancer[0] : -1;
        if (!op->n_applied) {
            op->seen_limit = limit;
        } else if (limit != op->seen_limit) {
            return false;
        }
        octrec_quota_verify_load_balancer(row);
    }
    octrec_quota_set_load_balancer(row, &op->limit, 1);
    return true;
}

static bool
quota_apply(struct commit_op *op_, struct ovsdb_idl_txn *txn,
            unsigned int attempt)
{
    struct quota_op *op = CONTAINER_OF(op_, struct quota_op, op);

    assert_int_equal(op->n_done, 0);
    assert_false(op->is_refused);
    op->is_refused = !op->project || !write_quota(op, txn);
    for (size_t i = 0; i < op->n_comments; i++) {
        commit_queue_comment(op->bench->queue, "%s says %s.", op->project,
                             op->text);
    }
    op->n_applied++;
    op->last_attempt = attempt;
    op->position = op->bench->n_applied++;
    return !op->is_refused;
}

static void
quota_done(struct commit_op *op_, enum commit_result result,
           const char *error)
{
    struct quota_op *op = CONTAINER_OF(op_, struct quota_op, op);

    op->n_done++;
    op->result = result;
    op->error = nullable_xstrdup(error);
    assert_int_equal(error != NULL, result == COMMIT_FAILED);
}

/* Makes 'n' ops that insert quotas of projects of their own. */
static void
make_ops(struct bench *bench, size_t n)
{
    static char projects[N_OPS_MAX][16];

    assert_true(n <= N_OPS_MAX);
    for (size_t i = 0; i < n; i++) {
        snprintf(projects[i], sizeof projects[i], "p%"PRIuSIZE, i);
        free(ops[i].error);
        ops[i] = (struct quota_op) {
            .op = { .apply = quota_apply, .done = quota_done },
            .bench = bench,
            .id = { { 0x51, 0x4000, 0x80000000, i } },
            .project = projects[i],
            .limit = i,
        };
    }
}

static void
submit(struct bench *bench, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        commit_queue_submit(bench->queue, &ops[i].op);
    }
}

static void
run(struct bench *bench)
{
    ovsdb_idl_run(bench->idl);
    commit_queue_run(bench->queue,
                     ovsdb_idl_is_connected(bench->idl)
                     && ovsdb_idl_has_ever_connected(bench->idl));
}

static bool
run_until_empty(void *bench_)
{
    struct bench *bench = bench_;

    run(bench);
    return !commit_queue_length(bench->queue);
}

static bool
run_until_loaded(void *bench_)
{
    struct bench *bench = bench_;

    ovsdb_idl_run(bench->idl);
    return ovsdb_idl_has_ever_connected(bench->idl);
}

static void
bench_wait(void *bench_)
{
    struct bench *bench = bench_;

    ovsdb_idl_wait(bench->idl);
    commit_queue_wait(bench->queue, ovsdb_idl_is_connected(bench->idl));
}

static void
finish(struct bench *bench)
{
    ovsdb_fixture_wait_until(run_until_empty, bench_wait, bench,
                             "all ops to finish");
}

static struct bench *
bench_create(void)
{
    const char *schema = getenv("OCTAVIA_SCHEMA");
    struct bench *bench = xzalloc(sizeof *bench);

    bench->db = ovsdb_fixture_create(
        schema ? schema : "schema/ovn-octavia.ovsschema", true);
    bench->idl = ovsdb_idl_create(ovsdb_fixture_remote(bench->db),
                                  &octrec_idl_class, true, true);
    bench->queue = commit_queue_create(bench->idl, "test", BATCH_MAX);
    ovsdb_fixture_wait_until(run_until_loaded, bench_wait, bench,
                             "the replica");
    return bench;
}

static int
setup(void **state)
{
    *state = bench_create();
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    commit_queue_destroy(bench->queue);
    ovsdb_idl_destroy(bench->idl);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    make_ops(NULL, N_OPS_MAX);
    return 0;
}

/* What another client sees: how many rows there are for 'project'. */
static size_t
count_rows(struct bench *bench, const char *project)
{
    char *text = xasprintf("{'op':'select','table':'Quota','where':"
                           "[['project_id','==','%s']],'columns':['_uuid']}",
                           project);
    struct json *result = ovsdb_fixture_transact(bench->db, text);
    size_t n = json_array_size(shash_find_data(
        json_object(json_array_at(result, 0)), "rows"));

    json_destroy(result);
    free(text);
    return n;
}

static void
check_done(const struct quota_op *op, enum commit_result result)
{
    assert_int_equal(op->n_done, 1);
    assert_false(op->is_refused);
    assert_int_equal(op->result, result);
}

static void
check_refused(const struct quota_op *op)
{
    assert_true(op->is_refused);
    assert_int_equal(op->n_done, 0);
}

static void
test_many_ops_share_few_transactions(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 35);
    submit(bench, 0, 35);
    assert_int_equal(commit_queue_length(bench->queue), 35);
    finish(bench);
    for (size_t i = 0; i < 35; i++) {
        check_done(&ops[i], COMMIT_DONE);
        assert_int_equal(ops[i].n_applied, 1);
        assert_int_equal(ops[i].last_attempt, 0);
        assert_int_equal(ops[i].position, i);
        assert_int_equal(count_rows(bench, ops[i].project), 1);
    }
    assert_int_equal(commit_queue_n_commits(bench->queue), 4);
}

static void
test_work_collects_while_a_transaction_is_in_flight(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 9);
    submit(bench, 0, 1);
    run(bench);
    assert_int_equal(ops[0].n_applied, 1);
    assert_int_equal(ops[0].n_done, 0);
    for (size_t i = 1; i < 9; i++) {
        submit(bench, i, 1);
        assert_int_equal(ops[i].n_applied, 0);
    }
    finish(bench);
    assert_int_equal(commit_queue_n_commits(bench->queue), 2);
    for (size_t i = 0; i < 9; i++) {
        check_done(&ops[i], COMMIT_DONE);
    }
}

static void
test_nothing_starts_that_may_not(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 1);
    submit(bench, 0, 1);
    commit_queue_run(bench->queue, false);
    assert_int_equal(ops[0].n_applied, 0);
    assert_int_equal(commit_queue_length(bench->queue), 1);
    finish(bench);
    check_done(&ops[0], COMMIT_DONE);
}

static void
test_an_op_that_refuses_is_alone(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 9);
    ops[0].project = ops[4].project = ops[8].project = NULL;
    submit(bench, 0, 9);
    finish(bench);
    for (size_t i = 0; i < 9; i++) {
        if (i % 4) {
            check_done(&ops[i], COMMIT_DONE);
        } else {
            check_refused(&ops[i]);
        }
    }
    assert_int_equal(commit_queue_n_commits(bench->queue), 1);
}

/* Those that refuse take no place in a transaction: of 30, ten write. */
static void
test_refusals_do_not_count(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 30);
    for (size_t i = 0; i < 20; i++) {
        ops[i].project = NULL;
    }
    submit(bench, 0, 30);
    finish(bench);
    assert_int_equal(commit_queue_n_commits(bench->queue), 1);
    check_refused(&ops[19]);
    check_done(&ops[20], COMMIT_DONE);
    check_done(&ops[29], COMMIT_DONE);
}

static void
test_if_all_refuse_nothing_is_sent(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 3);
    ops[0].project = ops[1].project = ops[2].project = NULL;
    submit(bench, 0, 3);
    finish(bench);
    check_refused(&ops[2]);
    assert_int_equal(commit_queue_n_commits(bench->queue), 0);
}

static void
test_what_is_there_already_is_unchanged(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 1);
    submit(bench, 0, 1);
    finish(bench);
    check_done(&ops[0], COMMIT_DONE);

    make_ops(bench, 1);
    submit(bench, 0, 1);
    finish(bench);
    check_done(&ops[0], COMMIT_UNCHANGED);
    assert_int_equal(commit_queue_n_commits(bench->queue), 1);
}

static void
test_a_queued_op_can_be_withdrawn(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 3);
    submit(bench, 0, 1);
    run(bench);
    submit(bench, 1, 2);
    assert_false(commit_queue_withdraw(bench->queue, &ops[0].op));
    assert_true(commit_queue_withdraw(bench->queue, &ops[1].op));
    assert_false(commit_queue_withdraw(bench->queue, &ops[1].op));
    assert_int_equal(commit_queue_length(bench->queue), 2);
    finish(bench);
    check_done(&ops[0], COMMIT_DONE);
    check_done(&ops[2], COMMIT_DONE);
    assert_int_equal(ops[1].n_applied, 0);
    assert_int_equal(count_rows(bench, "p1"), 0);
}

/* Somebody else changes what one op has looked at, and our replica does not
 * know yet.  The database refuses all of them; then each looks again. */
static void
test_a_conflict_makes_one_op_refuse(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 5);
    submit(bench, 0, 5);
    finish(bench);
    make_ops(bench, 5);
    for (size_t i = 0; i < 5; i++) {
        ops[i].limit = 100 + i;
        ops[i].is_careful = true;
    }
    json_destroy(ovsdb_fixture_transact(
        bench->db, "{'op':'update','table':'Quota',"
        "'where':[['project_id','==','p3']],'row':{'load_balancer':77}}"));

    submit(bench, 0, 5);
    commit_queue_run(bench->queue, true);
    assert_int_equal(ops[3].n_applied, 1);
    finish(bench);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(ops[i].n_applied, 2);
        assert_int_equal(ops[i].last_attempt, 1);
        assert_false(ops[i].op.is_doubtful);
        if (i == 3) {
            check_refused(&ops[i]);
        } else {
            check_done(&ops[i], COMMIT_DONE);
        }
    }
    assert_int_equal(commit_queue_n_commits(bench->queue), 2);

    const struct octrec_quota *row = octrec_quota_get_for_uuid(bench->idl,
                                                               &ops[3].id);
    assert_int_equal(row->load_balancer[0], 77);
}

/* Two ops insert quotas for one project, which the schema forbids. */
static void
test_a_violation_fails_alone(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 16);
    ops[5].project = ops[2].project;
    submit(bench, 0, 8);
    run(bench);
    submit(bench, 8, 8);
    finish(bench);
    for (size_t i = 0; i < 16; i++) {
        check_done(&ops[i], i == 5 ? COMMIT_FAILED : COMMIT_DONE);
        assert_int_equal(count_rows(bench, ops[i].project), 1);
    }
    assert_non_null(strstr(ops[5].error, "constraint violation"));

    /* One by one: seven good ones.  Those that came later go together. */
    assert_int_equal(ops[15].n_applied, 1);
    assert_int_equal(commit_queue_n_commits(bench->queue), 8);
}

static void
test_a_violation_by_one_op_fails_after_a_second_look(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 2);
    ops[0].limit = -5;          /* Below the column's minimum. */
    submit(bench, 0, 1);
    run(bench);
    submit(bench, 1, 1);
    finish(bench);
    check_done(&ops[0], COMMIT_FAILED);
    assert_int_equal(ops[0].n_applied, 2);
    check_done(&ops[1], COMMIT_DONE);
}

/* What the op would write is there when it arrives, as after an attempt of its
 * own that came late. */
static void
test_a_collision_makes_one_op_look_again(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 1);
    char *text = xasprintf("{'op':'insert','table':'Quota','uuid':'"UUID_FMT
                           "','row':{'project_id':'%s'}}",
                           UUID_ARGS(&ops[0].id), ops[0].project);
    json_destroy(ovsdb_fixture_transact(bench->db, text));
    free(text);

    submit(bench, 0, 1);
    commit_queue_run(bench->queue, true);
    assert_int_equal(ops[0].n_applied, 1);
    finish(bench);
    check_done(&ops[0], COMMIT_DONE);
    assert_int_equal(ops[0].n_applied, 2);
    assert_int_equal(count_rows(bench, ops[0].project), 1);
}

/* Several guilty ones, and one that refuses among those tried one by one. */
static void
test_violations_among_refusals(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 30);
    ops[1].limit = ops[8].limit = ops[9].limit = ops[25].limit = -5;
    ops[2].project = NULL;
    submit(bench, 0, 30);
    finish(bench);
    for (size_t i = 0; i < 30; i++) {
        if (!ops[i].project) {
            check_refused(&ops[i]);
        } else {
            check_done(&ops[i],
                       ops[i].limit < 0 ? COMMIT_FAILED : COMMIT_DONE);
            assert_int_equal(count_rows(bench, ops[i].project),
                             ops[i].limit >= 0);
        }
    }
}

/* Servers that go. */

/* The server says who it is to whoever connects. */
static pid_t
server_pid(const struct bench *bench)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    struct ucred cred;
    socklen_t len = sizeof cred;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    snprintf(sun.sun_path, sizeof sun.sun_path, "%s/sock",
             ovsdb_fixture_directory(bench->db));
    assert_int_equal(connect(fd, (struct sockaddr *) &sun, sizeof sun), 0);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len), 0);
    close(fd);
    return cred.pid;
}

static void
check_all_once(struct bench *bench, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(ops[i].n_done, 1);
        assert_int_not_equal(ops[i].result, COMMIT_FAILED);
        assert_int_equal(count_rows(bench, ops[i].project), 1);
    }
}

/* The transaction reaches a server that dies before it reads it. */
static void
test_a_transaction_that_was_lost_is_sent_again(void **state)
{
    struct bench *bench = *state;
    pid_t pid = server_pid(bench);

    make_ops(bench, 15);
    submit(bench, 0, 15);
    kill(pid, SIGSTOP);
    run(bench);
    assert_int_equal(ops[9].n_applied, 1);
    kill(pid, SIGKILL);
    ovsdb_fixture_stop(bench->db);
    run(bench);
    ovsdb_fixture_start(bench->db);
    finish(bench);
    check_all_once(bench, 15);
    assert_int_equal(ops[0].last_attempt, 1);
    assert_true(ops[0].op.is_doubtful);
    assert_int_equal(ops[0].result, COMMIT_DONE);
    assert_int_equal(ops[14].last_attempt, 0);
    assert_int_equal(commit_queue_n_commits(bench->queue), 2);
}

static bool
is_committed(void *bench)
{
    return count_rows(bench, ops[0].project) > 0;
}

/* Nothing would wake us: our own connection is not to be read. */
static void
wait_a_moment(void *bench OVS_UNUSED)
{
    poll_timer_wait(1);
}

/* The transaction is committed, and we never hear of it. */
static void
test_a_reply_that_was_lost_repeats_nothing(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 15);
    submit(bench, 0, 15);
    run(bench);
    ovsdb_fixture_wait_until(is_committed, wait_a_moment, bench,
                             "the server to commit");
    ovsdb_idl_force_reconnect(bench->idl);
    finish(bench);
    check_all_once(bench, 15);
    assert_int_equal(ops[0].last_attempt, 1);
    assert_true(ops[0].op.is_doubtful);
    assert_int_equal(ops[0].result, COMMIT_UNCHANGED);
    assert_int_equal(ops[14].result, COMMIT_DONE);
    assert_int_equal(commit_queue_n_commits(bench->queue), 1);
}

/* Whatever the moment at which the server goes. */
static void
test_a_restart_in_the_midst(void **state)
{
    struct bench *bench = *state;

    make_ops(bench, 40);
    submit(bench, 0, 40);
    run(bench);
    ovsdb_fixture_stop(bench->db);
    ovsdb_fixture_start(bench->db);
    finish(bench);
    check_all_once(bench, 40);
}

/* Returns what was ever written to the database; the caller frees it. */
static char *
read_log(struct bench *bench)
{
    char *command = xasprintf("ovsdb-tool -vconsole:off -m show-log %s/db",
                              ovsdb_fixture_directory(bench->db));
    struct ds text = DS_EMPTY_INITIALIZER;
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    for (int c; (c = getc(pipe)) != EOF; ) {
        ds_put_char(&text, c);
    }
    assert_int_equal(pclose(pipe), 0);
    free(command);
    return ds_steal_cstr(&text);
}

static void
test_comments_are_bounded(void **state)
{
    struct bench *bench = *state;
    char text[2 * COMMIT_COMMENT_BYTES_MAX];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    make_ops(bench, 3);
    ops[0].n_comments = 1;
    ops[0].text = "a";
    ops[1].n_comments = 1;
    ops[1].text = text;
    submit(bench, 0, 2);
    finish(bench);
    ops[2].n_comments = COMMIT_COMMENTS_MAX + 7;
    ops[2].text = "b";
    submit(bench, 2, 1);
    finish(bench);

    char *log = read_log(bench);
    assert_non_null(strstr(log, "p0 says a."));
    assert_non_null(strstr(log, "p1 says xxx"));
    text[COMMIT_COMMENT_BYTES_MAX] = '\0';
    assert_null(strstr(log, text));
    assert_non_null(strstr(log, "and 7 more"));
    free(log);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_many_ops_share_few_transactions),
        TEST(test_work_collects_while_a_transaction_is_in_flight),
        TEST(test_nothing_starts_that_may_not),
        TEST(test_an_op_that_refuses_is_alone),
        TEST(test_refusals_do_not_count),
        TEST(test_if_all_refuse_nothing_is_sent),
        TEST(test_what_is_there_already_is_unchanged),
        TEST(test_a_queued_op_can_be_withdrawn),
        TEST(test_a_conflict_makes_one_op_refuse),
        TEST(test_a_violation_fails_alone),
        TEST(test_a_violation_by_one_op_fails_after_a_second_look),
        TEST(test_a_collision_makes_one_op_look_again),
        TEST(test_violations_among_refusals),
        TEST(test_a_transaction_that_was_lost_is_sent_again),
        TEST(test_a_reply_that_was_lost_repeats_nothing),
        TEST(test_a_restart_in_the_midst),
        TEST(test_comments_are_bounded),
    };

    /* Refusals and lost connections are what is tested here. */
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
