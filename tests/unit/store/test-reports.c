/* SPDX-License-Identifier: Apache-2.0
 *
 * Table Report in a real OVN_Octavia database: what is written within the
 * transactions of others, what comes back, and which rows have changed.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/commit.h"
#include "model-fixture.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "store/reports.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

struct bench {
    struct ovsdb_fixture *db;
    struct store *store;        /* As the agent. */
    struct uuidset changed;     /* Rows, since the last write. */
};

static void
note(const struct uuid *lb_id, void *uuids)
{
    uuidset_insert(uuids, lb_id);
}

static void
run(struct bench *bench)
{
    store_run(bench->store);
    reports_for_each_changed(bench->store, note, &bench->changed);
}

static bool
run_until_ready(void *bench_)
{
    struct bench *bench = bench_;

    run(bench);
    return store_is_ready(bench->store);
}

static void
bench_wait(void *bench_)
{
    struct bench *bench = bench_;

    store_wait(bench->store);
}

static int
setup(void **state)
{
    const char *schema = getenv("OCTAVIA_SCHEMA");
    struct bench *bench = xzalloc(sizeof *bench);

    bench->db = ovsdb_fixture_create(
        schema ? schema : "schema/ovn-octavia.ovsschema", true);
    bench->store = store_create(ovsdb_fixture_remote(bench->db),
                                STORE_READER_WRITER);
    reports_watch(bench->store);
    uuidset_init(&bench->changed);
    ovsdb_fixture_wait_until(run_until_ready, bench_wait, bench,
                             "the database");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    uuidset_destroy(&bench->changed);
    store_destroy(bench->store);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
}

/* One transaction: a step for each letter of 'script', all on the load
 * balancer B1.  The letters are those of the table below. */
struct write {
    struct commit_op op;
    struct bench *bench;
    const char *script;
    unsigned int n_applied;
    const char *meanwhile;      /* Somebody else's transaction, after we have
                                 * looked for the first time. */
    bool is_over;
    enum commit_result result;
};

static void
take_step(struct store *store, struct ovsdb_idl_txn *txn, char letter)
{
    struct uuid lb = uuid_of("B1");
    struct uuid member = uuid_of("M1");
    struct uuid pool = uuid_of("P1");

    switch (letter) {
    case 'o':
        report_owe(store, txn, &lb);
        break;
    case 'd':
        report_demand(store, txn, &lb);
        break;
    case 'm':
        report_expect_deletion(store, txn, &lb, RESOURCE_MEMBER, &member);
        break;
    case 'p':
        report_expect_deletion(store, txn, &lb, RESOURCE_POOL, &pool);
        break;
    case 'r':
        report_set_reserved(store, txn, &lb, 1234);
        break;
    case 'f':
        report_set_reserved(store, txn, &lb, 0);
        break;
    case 'a':
        report_acknowledge(store, txn, &lb, "cafe");
        break;
    case 'b':
        report_acknowledge(store, txn, &lb, "beef");
        break;
    case 'M':
        report_forget_deletion(store, txn, &lb, &member);
        break;
    case 'x':
        report_remove(store, txn, &lb);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static bool
write_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
            unsigned int attempt)
{
    struct write *write = CONTAINER_OF(op, struct write, op);

    for (const char *p = write->script; *p; p++) {
        take_step(write->bench->store, txn, *p);
    }
    if (!write->n_applied++ && write->meanwhile) {
        json_destroy(ovsdb_fixture_transact(write->bench->db,
                                            write->meanwhile));
    }
    return true;
}

static void
write_done(struct commit_op *op, enum commit_result result,
           const char *error)
{
    struct write *write = CONTAINER_OF(op, struct write, op);

    write->is_over = true;
    write->result = result;
}

static bool
run_until_written(void *write_)
{
    struct write *write = write_;

    run(write->bench);
    return write->is_over;
}

static void
write_wait(void *write_)
{
    struct write *write = write_;

    bench_wait(write->bench);
}

/* Returns how often it took to apply it. */
static unsigned int
commit(struct bench *bench, const char *script, const char *meanwhile)
{
    struct write write = {
        .op = { .apply = write_apply, .done = write_done },
        .bench = bench,
        .script = script,
        .meanwhile = meanwhile,
    };

    uuidset_clear(&bench->changed);
    store_submit(bench->store, &write.op);
    ovsdb_fixture_wait_until(run_until_written, write_wait, &write,
                             "the transaction");
    assert_int_not_equal(write.result, COMMIT_FAILED);
    return write.n_applied;
}

/* "reserved digest M1=members P1=pools", in this order, or "none". */
static char *
format_report(const struct bench *bench)
{
    struct uuid lb = uuid_of("B1");
    struct uuid member = uuid_of("M1");
    struct uuid pool = uuid_of("P1");
    const char *member_word = "";
    const char *pool_word = "";
    struct report report;

    if (!report_get(bench->store, &lb, &report)) {
        return xstrdup("none");
    }
    assert_true(uuid_equals(&report.lb_id, &lb));
    for (size_t i = 0; i < report.n_deletions; i++) {
        const struct report_deletion *deletion = &report.deletions[i];
        const char *word = report_resource_to_word(deletion->resource);

        if (uuid_equals(&deletion->object_id, &member)) {
            member_word = word;
        } else if (uuid_equals(&deletion->object_id, &pool)) {
            pool_word = word;
        }
    }

    char *digest = (report.is_demanded ? xstrdup("all")
                    : xasprintf("'%s'", report.digest));
    char *text = xasprintf("%"PRId64" %s %"PRIuSIZE" %s %s",
                           report.reserved_at_us, digest,
                           report.n_deletions, member_word, pool_word);
    free(digest);
    report_uninit(&report);
    return text;
}

static void
check(const struct bench *bench, const char *expected)
{
    char *actual = format_report(bench);

    assert_string_equal(actual, expected);
    free(actual);
}

static void
test_each_write_makes_the_row(void **state)
{
    static const struct {
        const char *script;
        const char *expected;
    } rows[] = {
        { "o", "0 '' 0  " },
        { "m", "0 '' 1 members " },
        { "r", "1234 '' 0  " },
        { "a", "0 'cafe' 0  " },
        { "d", "0 all 0  " },
        { "do", "0 all 0  " },
        { "da", "0 'cafe' 0  " },
        { "mop", "0 '' 2 members pools" },
        { "M", "none" },
        { "x", "none" },
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        check(bench, "none");
        commit(bench, rows[i].script, NULL);
        check(bench, rows[i].expected);
        commit(bench, "x", NULL);
    }
}

static void
test_a_life_of_a_report(void **state)
{
    struct bench *bench = *state;

    commit(bench, "r", NULL);
    commit(bench, "fo", NULL);
    check(bench, "0 '' 0  ");
    commit(bench, "a", NULL);
    check(bench, "0 'cafe' 0  ");
    commit(bench, "omp", NULL);
    check(bench, "0 '' 2 members pools");
    commit(bench, "M", NULL);
    check(bench, "0 '' 1  pools");
    commit(bench, "M", NULL);
    check(bench, "0 '' 1  pools");
    commit(bench, "x", NULL);
    check(bench, "none");
}

/* Changes of others may come in the same transaction. */
static void
test_a_removal_is_taken_back(void **state)
{
    static const struct {
        const char *script;
        const char *expected;
    } rows[] = {
        { "x", "none" },
        { "xo", "0 '' 1 members " },
        { "xp", "0 'cafe' 2 members pools" },
        { "oxp", "0 'cafe' 2 members pools" },
        { "Mrxm", "0 'cafe' 1 members " },
        { "xox", "none" },
        { "xd", "0 all 1 members " },
        { "xb", "0 'beef' 1 members " },
        { "xMo", "0 '' 1 members " },
        { "xoM", "0 '' 0  " },
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        commit(bench, "ma", NULL);
        check(bench, "0 'cafe' 1 members ");
        commit(bench, rows[i].script, NULL);
        check(bench, rows[i].expected);
        commit(bench, "x", NULL);
    }
}

static void
test_changed_rows_are_named(void **state)
{
    struct bench *bench = *state;
    struct uuid lb = uuid_of("B1");

    static const char *const scripts[] = { "o", "m", "M", "a", "r", "x" };
    for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
        commit(bench, scripts[i], NULL);
        assert_true(uuidset_contains(&bench->changed, &lb));
        assert_int_equal(uuidset_count(&bench->changed), 1);
    }
}

static void
test_all_rows_are_named(void **state)
{
    struct bench *bench = *state;
    struct uuidset all = UUIDSET_INITIALIZER(&all);
    struct uuid lb = uuid_of("B1");

    reports_for_each(bench->store, note, &all);
    assert_true(uuidset_is_empty(&all));
    commit(bench, "o", NULL);
    reports_for_each(bench->store, note, &all);
    assert_true(uuidset_contains(&all, &lb));
    uuidset_destroy(&all);
}

/* Meanwhile another call is accepted. */
#define OWE_AGAIN                                                       \
    "{'op':'update','table':'Report','where':[],'row':{'digest':'owed'}}"

static void
test_what_is_owed_anew_is_not_acknowledged(void **state)
{
    struct bench *bench = *state;

    commit(bench, "a", NULL);
    assert_int_equal(commit(bench, "b", OWE_AGAIN), 2);
    commit(bench, "a", NULL);
    check(bench, "0 'cafe' 0  ");
    assert_int_equal(commit(bench, "x", OWE_AGAIN), 2);
}

static void
test_words_are_those_of_octavia(void **state)
{
    assert_string_equal(report_resource_to_word(RESOURCE_HEALTH_MONITOR),
                        "healthmonitors");
    assert_null(report_resource_to_word(RESOURCE_ADDITIONAL_VIP));
    assert_null(report_resource_to_word(N_RESOURCES));
    assert_int_equal(report_resource_from_word("loadbalancers"),
                     RESOURCE_LOAD_BALANCER);
    assert_int_equal(report_resource_from_word("l7rules"), N_RESOURCES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
        TEST(test_each_write_makes_the_row),
        TEST(test_a_life_of_a_report),
        TEST(test_a_removal_is_taken_back),
        TEST(test_changed_rows_are_named),
        TEST(test_all_rows_are_named),
        TEST(test_what_is_owed_anew_is_not_acknowledged),
        cmocka_unit_test(test_words_are_those_of_octavia),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
