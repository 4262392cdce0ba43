/* SPDX-License-Identifier: Apache-2.0
 *
 * Octavia's data models against rows of a real OVN_Octavia database: each kind
 * of difference, and none where there is none.
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
#include "model/objects.h"
#include "octavia/compare.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "store/import.h"
#include "store/rows.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

#define ID(LETTER, N) "000000" LETTER "-0000-4000-8000-00000000000" N
#define LB ID("42", "1")
#define LISTENER ID("4c", "1")
#define POOL ID("50", "1")
#define MEMBER(N) ID("4d", N)

static const char tree[] =
    "lb 10.0.1.5\n"
    "listener L1 tcp 80 pool=P1\n"
    "pool P1 tcp affinity\n"
    "member M1 10.0.2.1 81 weight=7\n";

/* The same as a data model: with what nobody has asked for as null, and with
 * what we do not know. */
#define MODEL_MEMBER(N, WEIGHT)                                         \
    "{'member_id':'" MEMBER(N) "','pool_id':'" POOL "',"                \
    "'project_id':'demo','address':'10.0.2.1','protocol_port':81,"      \
    "'weight':" WEIGHT ",'backup':false,'admin_state_up':true,"         \
    "'name':null,'subnet_id':null,'monitor_address':null,"              \
    "'monitor_port':null,'of_tomorrow':null}"
#define MODEL_POOL(MEMBERS, ALGORITHM)                                  \
    "{'pool_id':'" POOL "','loadbalancer_id':'" LB "',"                 \
    "'project_id':'demo','protocol':'TCP','lb_algorithm':'" ALGORITHM   \
    "','admin_state_up':true,'name':'','description':null,"             \
    "'session_persistence':{'type':'SOURCE_IP','cookie_name':null,"     \
    "'persistence_timeout':null,'persistence_granularity':null},"       \
    "'healthmonitor':null,'members':[" MEMBERS "],'tls_enabled':false," \
    "'tls_ciphers':null,'tls_versions':null,'alpn_protocols':null}"
#define MODEL_LISTENER(PORT)                                            \
    "{'listener_id':'" LISTENER "','loadbalancer_id':'" LB "',"         \
    "'project_id':'demo','protocol':'TCP','protocol_port':" PORT ","    \
    "'default_pool_id':'" POOL "','default_pool':null,"                 \
    "'admin_state_up':true,'name':null,'connection_limit':-1,"          \
    "'allowed_cidrs':[],'insert_headers':{},'l7policies':[]}"
#define MODEL_LB(ADDRESS, LISTENERS, POOLS)                             \
    "{'loadbalancer_id':'" LB "','project_id':'demo','name':'lb',"      \
    "'admin_state_up':true,'vip_address':'" ADDRESS "',"                \
    "'vip_subnet_id':null,'additional_vips':[],'flavor':null,"          \
    "'listeners':" LISTENERS ",'pools':" POOLS "}"

#define PLAIN_POOL MODEL_POOL(MODEL_MEMBER("1", "7"), "SOURCE_IP_PORT")

struct bench {
    struct ovsdb_fixture *db;
    struct store *store;
    struct rows *rows;
    struct commit_op op;
    struct model_lb *lb;
    bool is_over;
    struct ds text;
};

static bool
run_until_ready(void *bench_)
{
    struct bench *bench = bench_;

    store_run(bench->store);
    return store_is_ready(bench->store);
}

static void
bench_wait(void *bench_)
{
    struct bench *bench = bench_;

    store_wait(bench->store);
}

static bool
import_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
             unsigned int attempt)
{
    store_import_lb(txn, CONTAINER_OF(op, struct bench, op)->lb);
    return true;
}

static void
import_done(struct commit_op *op, enum commit_result result,
            const char *error)
{
    assert_int_equal(result, COMMIT_DONE);
    CONTAINER_OF(op, struct bench, op)->is_over = true;
}

static bool
run_until_over(void *bench_)
{
    struct bench *bench = bench_;

    store_run(bench->store);
    return bench->is_over;
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
    bench->rows = rows_create(bench->store);
    bench->lb = model_lb_parse(tree);
    ds_init(&bench->text);
    ovsdb_fixture_wait_until(run_until_ready, bench_wait, bench,
                             "the database");
    bench->op = (struct commit_op) { .apply = import_apply,
                                     .done = import_done };
    store_submit(bench->store, &bench->op);
    ovsdb_fixture_wait_until(run_until_over, bench_wait, bench, "the import");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    ds_destroy(&bench->text);
    model_lb_destroy(bench->lb);
    rows_destroy(bench->rows);
    store_destroy(bench->store);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
}

static void
note(const struct difference *difference, void *text)
{
    const char *key = resource_get(difference->resource)->key;

    switch (difference->kind) {
    case DIFFERENCE_NOT_HERE:
        ds_put_format(text, "%s not here\n", key);
        break;
    case DIFFERENCE_NOT_THERE:
        ds_put_format(text, "%s not there\n", key);
        break;
    case DIFFERENCE_VALUE:
        ds_put_format(text, "%s %s %s %s\n", key, difference->field,
                      difference->ours, difference->theirs);
        break;
    case DIFFERENCE_BAD:
    default:
        ds_put_format(text, "%s bad\n", key);
        break;
    }
}

static void
test_differences(void **state)
{
    static const struct {
        const char *title;
        const char *model;
        const char *expected;
    } rows[] = {
        { "none", MODEL_LB("10.0.1.5", "[" MODEL_LISTENER("80") "]",
                           "[" PLAIN_POOL "]"), "" },
        { "an address", MODEL_LB("10.0.1.6", "[" MODEL_LISTENER("80") "]",
                                 "[" PLAIN_POOL "]"),
          "loadbalancer vip_address \"10.0.1.5\" \"10.0.1.6\"\n" },
        { "a port", MODEL_LB("10.0.1.5", "[" MODEL_LISTENER("81") "]",
                             "[" PLAIN_POOL "]"),
          "listener protocol_port 80 81\n" },
        { "a weight",
          MODEL_LB("10.0.1.5", "[" MODEL_LISTENER("80") "]",
                   "[" MODEL_POOL(MODEL_MEMBER("1", "8"),
                                  "SOURCE_IP_PORT") "]"),
          "member weight 7 8\n" },
        { "an algorithm",
          MODEL_LB("10.0.1.5", "[" MODEL_LISTENER("80") "]",
                   "[" MODEL_POOL(MODEL_MEMBER("1", "7"), "SOURCE_IP") "]"),
          "pool lb_algorithm \"SOURCE_IP_PORT\" \"SOURCE_IP\"\n" },
        { "a member more there",
          MODEL_LB("10.0.1.5", "[" MODEL_LISTENER("80") "]",
                   "[" MODEL_POOL(MODEL_MEMBER("1", "7") ","
                                  MODEL_MEMBER("2", "1"),
                                  "SOURCE_IP_PORT") "]"),
          "member not here\n" },
        { "a member more here",
          MODEL_LB("10.0.1.5", "[" MODEL_LISTENER("80") "]",
                   "[" MODEL_POOL("", "SOURCE_IP_PORT") "]"),
          "member not there\n" },
        { "lists that are none", MODEL_LB("10.0.1.5", "null", "{}"),
          "listener not there\npool not there\nmember not there\n" },
        { "objects that are none",
          MODEL_LB("10.0.1.5", "[1, null, {}, []]", "['x', " PLAIN_POOL "]"),
          "listener not there\n" },
        { "what OVN cannot do",
          MODEL_LB("10.0.1.5", "[" MODEL_LISTENER("'x'") "]",
                   "[" PLAIN_POOL "]"), "listener bad\n" },
        { "no object", "{}", "" },
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *text = xstrdup(rows[i].model);
        for (char *p = text; *p; p++) {
            *p = *p == '\'' ? '"' : *p;
        }

        struct json *model = json_from_string(text);
        print_message("%s\n", rows[i].title);
        assert_int_equal(model->type, JSON_OBJECT);
        ds_clear(&bench->text);
        octavia_compare_lb(bench->rows, model, NULL, note, &bench->text);
        assert_string_equal(ds_cstr(&bench->text), rows[i].expected);
        json_destroy(model);
        free(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_differences, setup, teardown),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
