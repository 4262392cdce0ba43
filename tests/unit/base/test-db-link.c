/* SPDX-License-Identifier: Apache-2.0
 *
 * A link between real servers, and between them and what is none: which it
 * takes, when it says so, and what it holds of a connection that it lost.
 * Clusters are in tests/api/test_cluster.py.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/db-link.h"
#include "base/limits.h"
#include "octavia-idl.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "ovsdb-idl.h"
#include "timeval.h"
#include "util.h"

struct bench {
    struct ovsdb_fixture *db;       /* Has OVN_Octavia. */
    struct ovsdb_fixture *other;    /* Has another database. */
    struct ovsdb_idl *idl;
    struct db_link *link;
    bool was_connected;             /* Ever. */
    long long int end_ms;
};

static int
setup(void **state)
{
    struct bench *bench = xzalloc(sizeof *bench);
    const char *schema = getenv("OCTAVIA_SCHEMA");

    bench->db = ovsdb_fixture_create(
        schema ? schema : "schema/ovn-octavia.ovsschema", true);
    bench->other = ovsdb_fixture_create(ovsdb_fixture_nb_schema(), true);
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    db_link_destroy(bench->link);
    ovsdb_idl_destroy(bench->idl);
    ovsdb_fixture_destroy(bench->other);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
}

/* Takes 'remote' over. */
static void
open_link(struct bench *bench, char *remote)
{
    bench->idl = ovsdb_idl_create_unconnected(&octrec_idl_class, true);
    bench->link = db_link_create(bench->idl, "OVN_Octavia", remote);
    free(remote);
}

static void
run(struct bench *bench)
{
    db_link_run(bench->link);
    bench->was_connected |= ovsdb_idl_is_connected(bench->idl);
}

static bool
is_ready(void *bench_)
{
    struct bench *bench = bench_;

    run(bench);
    return db_link_is_ready(bench->link);
}

static bool
is_lost(void *bench)
{
    return !is_ready(bench);
}

static bool
was_connected(void *bench_)
{
    struct bench *bench = bench_;

    run(bench);
    assert_false(db_link_is_ready(bench->link));
    return bench->was_connected && !ovsdb_idl_is_connected(bench->idl);
}

static void
wait_link(void *bench_)
{
    struct bench *bench = bench_;

    db_link_wait(bench->link);
}

static void
wait_until(struct bench *bench, bool (*condition)(void *), const char *what)
{
    ovsdb_fixture_wait_until(condition, wait_link, bench, what);
}

/* A server that is not there, or has another database, is passed over. */
static void
test_passes_over(void **state)
{
    struct bench *bench = *state;

    open_link(bench, xasprintf("unix:%s/none,%s,%s",
                               ovsdb_fixture_directory(bench->db),
                               ovsdb_fixture_remote(bench->other),
                               ovsdb_fixture_remote(bench->db)));
    assert_false(db_link_is_expected(bench->link));
    wait_until(bench, is_ready, "ready");
    assert_false(db_link_is_expected(bench->link));
}

/* A connection alone is no answer. */
static void
test_connected_only(void **state)
{
    struct bench *bench = *state;

    open_link(bench, xstrdup(ovsdb_fixture_remote(bench->other)));
    wait_until(bench, was_connected, "connected, and refused");
    assert_false(db_link_is_expected(bench->link));
}

/* What was lost is expected back, and is not ready until it has answered. */
static void
test_comes_back(void **state)
{
    struct bench *bench = *state;

    open_link(bench, xstrdup(ovsdb_fixture_remote(bench->db)));
    wait_until(bench, is_ready, "ready");

    ovsdb_fixture_stop(bench->db);
    wait_until(bench, is_lost, "lost");
    assert_true(db_link_is_expected(bench->link));

    unsigned int seqno = ovsdb_idl_get_seqno(bench->idl);
    ovsdb_fixture_start(bench->db);
    wait_until(bench, is_ready, "ready again");
    assert_int_not_equal(ovsdb_idl_get_seqno(bench->idl), seqno);
}

/* Another IDL starts from nothing. */
static void
test_other_idl(void **state)
{
    struct bench *bench = *state;

    open_link(bench, xstrdup(ovsdb_fixture_remote(bench->db)));
    wait_until(bench, is_ready, "ready");

    ovsdb_idl_destroy(bench->idl);
    bench->idl = ovsdb_idl_create_unconnected(&octrec_idl_class, true);
    db_link_set_idl(bench->link, bench->idl);
    assert_false(db_link_is_ready(bench->link));
    wait_until(bench, is_ready, "ready with the other");
    assert_true(ovsdb_idl_has_ever_connected(bench->idl));
}

static bool
is_still_connected(void *bench_)
{
    struct bench *bench = bench_;

    run(bench);
    assert_true(!bench->was_connected || ovsdb_idl_is_connected(bench->idl));
    return bench->was_connected && time_msec() >= bench->end_ms;
}

static void
wait_end(void *bench_)
{
    struct bench *bench = bench_;

    db_link_wait(bench->link);
    poll_timer_wait_until(bench->end_ms);
}

/* A server that has to send a whole database, be it to another IDL, may be
 * silent for longer than one that has sent it. */
static void
test_other_idl_takes_time(void **state)
{
    struct bench *bench = *state;

    open_link(bench, ovsdb_fixture_listen_tcp(bench->db));
    wait_until(bench, is_ready, "ready");

    ovsdb_fixture_freeze(bench->db);
    ovsdb_idl_destroy(bench->idl);
    bench->idl = ovsdb_idl_create_unconnected(&octrec_idl_class, true);
    db_link_set_idl(bench->link, bench->idl);
    bench->was_connected = false;
    /* In this time another is given up. */
    bench->end_ms = time_msec() + 2 * DATABASE_PROBE_MS + 500;
    ovsdb_fixture_wait_until(is_still_connected, wait_end, bench, "the end");

    ovsdb_fixture_thaw(bench->db);
    wait_until(bench, is_ready, "ready with the other");
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_passes_over),
        TEST(test_connected_only),
        TEST(test_comes_back),
        TEST(test_other_idl),
        TEST(test_other_idl_takes_time),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_ERR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
