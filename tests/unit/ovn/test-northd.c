/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of ovn-northd by the version that it notes, and when that
 * becomes another one.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "nb-idl.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovn/db/northd.h"
#include "ovsdb-fixture.h"
#include "ovsdb-idl.h"
#include "util.h"

static void
test_versions(void **state)
{
    static const struct {
        const char *version;
        bool has_central_replies;
    } rows[] = {
        { NULL, false },
        { "", false },
        { "unknown", false },
        { "23", false },
        { "23.09", false },
        { "22.12.1-20.26.0-69.6", false },
        { "23.03.1-20.27.0-70.6", false },
        { "23.06.5-20.27.4-72.10", false },
        { "23.09.0-20.29.0-74.5", true },
        { "24.03.2-20.33.0-72.6", true },
        { "25.03.1-20.41.0-78.8", true },
        { "26.03.0-21.5.0-82.0", true },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].version ? rows[i].version : "none");
        assert_int_equal(northd_has_central_replies(rows[i].version),
                         rows[i].has_central_replies);
    }
}

/* A replica of a Northbound database, and what is made of it. */
struct bench {
    struct ovsdb_fixture *db;
    struct ovsdb_idl *idl;
    struct northd northd;
    unsigned int n_changes;     /* As northd_run() told. */
    int64_t nb_cfg;             /* What the replica has to come to. */
};

static void
bench_wait(void *b_)
{
    struct bench *b = b_;

    ovsdb_idl_wait(b->idl);
}

static bool
bench_run(void *b_)
{
    struct bench *b = b_;

    ovsdb_idl_run(b->idl);
    b->n_changes += northd_run(&b->northd, b->idl);

    const struct nbrec_nb_global *global = nbrec_nb_global_first(b->idl);
    return global && global->nb_cfg == b->nb_cfg;
}

/* Writes 'options', and expects the answers that are in force then. */
static void
commit(struct bench *b, const char *options, unsigned int n_changes,
       bool has_central_replies)
{
    char *ops = xasprintf(
        "{'op':'update','table':'NB_Global','where':[],'row':{"
        "'nb_cfg':%"PRId64",'options':['map',[%s]]}}", ++b->nb_cfg, options);

    json_destroy(ovsdb_fixture_transact(b->db, ops));
    free(ops);
    b->n_changes = 0;
    ovsdb_fixture_wait_until(bench_run, bench_wait, b, "the change");
    assert_int_equal(b->n_changes, n_changes);
    assert_int_equal(b->northd.has_central_replies, has_central_replies);
}

static void
test_changes(void **state)
{
    struct bench b = { .nb_cfg = 0 };

    b.db = ovsdb_fixture_create(ovsdb_fixture_nb_schema(), false);
    json_destroy(ovsdb_fixture_transact(
        b.db, "{'op':'insert','table':'NB_Global','row':{}}"));
    b.idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    ovsdb_idl_add_column(b.idl, &nbrec_nb_global_col_nb_cfg);
    northd_add_columns(b.idl);
    ovsdb_idl_set_remote(b.idl, ovsdb_fixture_remote(b.db), true);

    commit(&b, "", 0, false);
    commit(&b, "['northd_internal_version','23.03.1-20.27.0-70.6']",
           0, false);
    commit(&b, "['northd_internal_version','25.03.1-20.41.0-78.8']",
           1, true);
    commit(&b, "['northd_internal_version','25.03.1-20.41.0-78.8'],"
           "['mac_prefix','0a:00:00']", 0, true);
    commit(&b, "['northd_internal_version','23.03.1-20.27.0-70.6']",
           1, false);

    ovsdb_idl_destroy(b.idl);
    ovsdb_fixture_destroy(b.db);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_changes),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
