/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole load balancers into a real OVN_Octavia database: what went in comes
 * out, in the same order, and what nobody said has the API's defaults.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/commit.h"
#include "base/ovs-compat.h"
#include "model-fixture.h"
#include "model/objects.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "store/import.h"
#include "store/store.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"

static const char tree[] =
    "lb 10.0.1.5 subnet=S1 net=N1 down ACTIVE/OFFLINE\n"
    "listener L2 udp 53 down ACTIVE/OFFLINE\n"
    "listener L1 tcp 80 pool=P2 ACTIVE/DEGRADED\n"
    "pool P2 tcp affinity=60 ACTIVE/DEGRADED\n"
    "member M3 10.0.2.3 83 subnet=S2 weight=7 ACTIVE/ERROR\n"
    "member M1 fd00::1 82 subnet=S1 down ACTIVE/OFFLINE\n"
    "pool P1 sctp source_ip down ACTIVE/OFFLINE\n";

struct bench {
    struct ovsdb_fixture *db;
    struct store *store;

    /* The import under way. */
    struct commit_op op;
    const struct model_lb *lb;
    bool is_over;
    enum commit_result result;
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

static int
setup(void **state)
{
    const char *schema = getenv("OCTAVIA_SCHEMA");
    struct bench *bench = xzalloc(sizeof *bench);

    bench->db = ovsdb_fixture_create(
        schema ? schema : "schema/ovn-octavia.ovsschema", true);
    bench->store = store_create(ovsdb_fixture_remote(bench->db),
                                STORE_READER_WRITER);
    ovsdb_fixture_wait_until(run_until_ready, bench_wait, bench,
                             "the database");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    store_destroy(bench->store);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
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
    struct bench *bench = CONTAINER_OF(op, struct bench, op);

    bench->is_over = true;
    bench->result = result;
}

static bool
run_until_over(void *bench_)
{
    struct bench *bench = bench_;

    store_run(bench->store);
    return bench->is_over;
}

static enum commit_result
import(struct bench *bench, const struct model_lb *lb)
{
    bench->op = (struct commit_op) {
        .apply = import_apply,
        .done = import_done,
    };
    bench->lb = lb;
    bench->is_over = false;
    store_submit(bench->store, &bench->op);
    ovsdb_fixture_wait_until(run_until_over, bench_wait, bench,
                             "the import");
    return bench->result;
}

/* As another client sees it: 'columns' of all rows of 'table', as JSON. */
static void
check_rows(struct bench *bench, const char *table, const char *columns,
           const char *expected)
{
    char *op = xasprintf("{'op':'select','table':'%s','where':[],"
                         "'columns':[%s]}", table, columns);
    struct json *result = ovsdb_fixture_transact(bench->db, op);
    const struct json *rows = shash_find_data(
        json_object(json_array_at(result, 0)), "rows");
    char *actual = name_uuids(json_to_string(rows, JSSF_SORT));

    assert_string_equal(actual, expected);
    free(actual);
    json_destroy(result);
    free(op);
}

static void
test_what_goes_in_comes_out(void **state)
{
    struct bench *bench = *state;
    struct model_lb *lb = model_lb_parse(tree);

    assert_int_equal(import(bench, lb), COMMIT_DONE);

    struct model_lb *loaded = store_load_lb(bench->store, &lb->base.id);
    assert_non_null(loaded);
    char *text = model_lb_format(loaded);
    assert_string_equal(text, tree);
    assert_string_equal(loaded->project_id, lb->project_id);
    assert_string_equal(loaded->name, lb->name);
    assert_true(uuid_equals(&loaded->vips[0].port_id, &lb->vips[0].port_id));
    free(text);
    model_lb_destroy(loaded);
    model_lb_destroy(lb);
}

static void
test_what_nobody_said_is_as_in_the_api(void **state)
{
    struct bench *bench = *state;
    struct model_lb *lb = model_lb_parse("lb 10.0.1.5\n"
                                         "listener L1 tcp 80\n"
                                         "pool P1 tcp\n"
                                         "member M1 10.0.2.1 80");

    assert_int_equal(import(bench, lb), COMMIT_DONE);
    check_rows(bench, "Load_Balancer", "'provider','vip_vnic_type'",
               "[{\"provider\":\"ovn\",\"vip_vnic_type\":\"normal\"}]");
    check_rows(bench, "Listener", "'client_authentication',"
               "'connection_limit','timeout_client_data',"
               "'timeout_member_connect','timeout_member_data'",
               "[{\"client_authentication\":\"NONE\","
               "\"connection_limit\":-1,\"timeout_client_data\":50000,"
               "\"timeout_member_connect\":5000,"
               "\"timeout_member_data\":50000}]");
    check_rows(bench, "Member", "'pool','subnet_id','vnic_type','weight'",
               "[{\"pool\":[\"uuid\",\"P1\"],\"subnet_id\":[\"set\",[]],"
               "\"vnic_type\":\"normal\",\"weight\":1}]");
    model_lb_destroy(lb);
}

static void
test_monitors_and_additional_vips(void **state)
{
    struct bench *bench = *state;
    struct model_lb *lb = model_lb_parse("lb 10.0.1.5\n"
                                         "pool P1 udp");
    struct model_monitor monitor = {
        .base = { .id = uuid_of("H1"), .admin_state_up = true,
                  .provisioning_status = PS_ACTIVE },
        .type = MONITOR_UDP_CONNECT,
        .delay = 5, .timeout = 6, .max_retries = 7, .max_retries_down = 8,
    };
    struct model_vip *vip = model_lb_add_vip(lb);

    lb->pools[0].monitor = xmemdup(&monitor, sizeof monitor);
    vip->row = uuid_of("A1");
    vip->port_id = uuid_of("V2");
    vip->subnet_id = uuid_of("S2");
    model_vip_set_address(vip, "fd00::5");
    assert_int_equal(import(bench, lb), COMMIT_DONE);
    check_rows(bench, "Health_Monitor", "'_uuid','type','delay','timeout',"
               "'max_retries','max_retries_down','pool'",
               "[{\"_uuid\":[\"uuid\",\"H1\"],\"delay\":5,"
               "\"max_retries\":7,\"max_retries_down\":8,"
               "\"pool\":[\"uuid\",\"P1\"],\"timeout\":6,"
               "\"type\":\"UDP-CONNECT\"}]");
    check_rows(bench, "Additional_VIP", "'_uuid','ip_address','network_id',"
               "'port_id','position','subnet_id'",
               "[{\"_uuid\":[\"uuid\",\"A1\"],\"ip_address\":\"fd00::5\","
               "\"network_id\":[\"set\",[]],\"port_id\":[\"uuid\",\"V2\"],"
               "\"position\":1,\"subnet_id\":[\"uuid\",\"S2\"]}]");
    model_lb_destroy(lb);
}

static void
test_what_is_there_is_not_replaced(void **state)
{
    struct bench *bench = *state;
    struct model_lb *lb = model_lb_parse("lb 10.0.1.5");
    struct model_lb *other = model_lb_parse("lb 10.0.1.6");

    assert_int_equal(import(bench, lb), COMMIT_DONE);
    assert_int_equal(import(bench, other), COMMIT_FAILED);
    check_rows(bench, "Load_Balancer", "'vip_address'",
               "[{\"vip_address\":\"10.0.1.5\"}]");
    model_lb_destroy(other);
    model_lb_destroy(lb);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
        TEST(test_what_goes_in_comes_out),
        TEST(test_what_nobody_said_is_as_in_the_api),
        TEST(test_monitors_and_additional_vips),
        TEST(test_what_is_there_is_not_replaced),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
