/* SPDX-License-Identifier: Apache-2.0
 *
 * Statuses of load balancers into a real OVN_Octavia database: what is saved,
 * what vanishes, and what happens if the API writes meanwhile.
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
#include "base/ovs-compat.h"
#include "model-fixture.h"
#include "model/objects.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "store/store.h"
#include "store/tree.h"
#include "tree-fixture.h"
#include "util.h"
#include "uuid.h"

/* What another client sees: how many rows 'table' has. */
static size_t
count_rows(struct tree_bench *bench, const char *table)
{
    char *text = xasprintf("{'op':'select','table':'%s','where':[],"
                           "'columns':['_uuid']}", table);
    struct json *result = ovsdb_fixture_transact(bench->db, text);
    size_t n = json_array_size(shash_find_data(
        json_object(json_array_at(result, 0)), "rows"));

    json_destroy(result);
    free(text);
    return n;
}

struct save_op {
    struct commit_op op;
    struct tree_bench *bench;
    const struct model_lb *lb;
    bool may_remove;
    const char *meanwhile;      /* Transaction of somebody else, after we have
                                 * looked for the first time; NULL: none. */
    unsigned int n_applied;
    enum store_save_result saved;       /* By the last attempt. */
    bool is_over;
    enum commit_result result;
};

static bool
save_apply(struct commit_op *op_, struct ovsdb_idl_txn *txn,
           unsigned int attempt OVS_UNUSED)
{
    struct save_op *op = CONTAINER_OF(op_, struct save_op, op);

    op->saved = store_save_lb(op->bench->store, txn, op->lb, op->may_remove);
    if (!op->n_applied++ && op->meanwhile) {
        json_destroy(ovsdb_fixture_transact(op->bench->db, op->meanwhile));
    }
    op->is_over = op->saved != STORE_SAVE_WRITTEN;
    return !op->is_over;
}

static void
save_done(struct commit_op *op_, enum commit_result result,
          const char *error OVS_UNUSED)
{
    struct save_op *op = CONTAINER_OF(op_, struct save_op, op);

    op->is_over = true;
    op->result = result;
}

static bool
run_until_saved(void *op_)
{
    struct save_op *op = op_;

    tree_run(op->bench);
    return op->is_over;
}

static void
save_wait(void *op_)
{
    struct save_op *op = op_;

    tree_wait(op->bench);
}

static void
save_start(struct save_op *op, struct tree_bench *bench,
           const struct model_lb *lb, bool may_remove)
{
    *op = (struct save_op) {
        .op = { .apply = save_apply, .done = save_done },
        .bench = bench,
        .lb = lb,
        .may_remove = may_remove,
    };
    store_submit(bench->store, &op->op);
}

/* Saves and returns how that ended. */
static enum store_save_result
save(struct tree_bench *bench, const struct model_lb *lb, bool may_remove)
{
    struct save_op op;

    save_start(&op, bench, lb, may_remove);
    ovsdb_fixture_wait_until(run_until_saved, save_wait, &op, "the save");
    assert_int_equal(op.n_applied, 1);
    if (op.saved == STORE_SAVE_WRITTEN) {
        assert_int_equal(op.result, COMMIT_DONE);
    }
    return op.saved;
}

static struct model_lb *
load(struct tree_bench *bench, const char *name)
{
    struct uuid id = uuid_of(name);
    struct model_lb *lb = store_load_lb(bench->store, &id);

    assert_non_null(lb);
    return lb;
}

static void
test_statuses_are_saved_once(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);

    lb->base.provisioning_status = PS_ACTIVE;
    lb->base.operating_status = OS_DEGRADED;
    lb->listeners[0].base.provisioning_status = PS_ACTIVE;
    lb->pools[0].base.operating_status = OS_ERROR;
    lb->pools[0].base.deleting = true;
    lb->pools[0].monitor->base.deleting = false;
    lb->pools[1].monitor->base.provisioning_status = PS_PENDING_UPDATE;
    lb->pools[1].members[1].base.operating_status = OS_NO_MONITOR;
    lb->fault_code = 0;
    free(lb->fault_text);
    lb->fault_text = xstrdup("");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);
    tree_check(bench, "B1",
               "lb 10.0.1.5 subnet=S1 net=N1 ACTIVE/DEGRADED\n"
               "vip none subnet=S2\n"
               "vip fd00::5 subnet=S3 net=N1 port=V2\n"
               "listener L2 udp 53 down ACTIVE/OFFLINE\n"
               "listener L1 tcp 80 pool=P2 ACTIVE/ONLINE\n"
               "pool P1 sctp source_ip deleting ERROR/ERROR\n"
               "monitor H1 udp-connect 5 3 2 4 ERROR/ONLINE\n"
               "pool P2 tcp affinity=60 down PENDING_DELETE/ERROR\n"
               "monitor H2 tcp 7 6 1 3 down PENDING_UPDATE/OFFLINE\n"
               "member M3 10.0.2.3 83 subnet=S1 down "
               "PENDING_UPDATE/DEGRADED\n"
               "member M2 fd00::1 82 subnet=S1 ACTIVE/NO_MONITOR\n"
               "member M1 10.0.2.1 81 subnet=S2 weight=7 backup "
               "ACTIVE/NO_MONITOR\n");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);
    assert_int_equal(store_n_commits(bench->store), 1);
    model_lb_destroy(lb);
}

static void
test_the_vip_is_decided_once(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_bare);
    struct model_lb *lb = load(bench, "B2");
    model_vip_set_address(&lb->vips[0], "10.0.1.9");
    lb->vips[0].port_id = uuid_of("V7");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);

    model_vip_set_address(&lb->vips[0], "10.0.1.10");
    lb->vips[0].port_id = uuid_of("V8");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);
    model_lb_destroy(lb);

    struct uuid port = uuid_of("V7");
    lb = load(bench, "B2");
    assert_string_equal(lb->vips[0].address, "10.0.1.9");
    assert_true(uuid_equals(&lb->vips[0].port_id, &port));
    model_lb_destroy(lb);
}

static void
test_additional_vips_are_decided_once(void **state)
{
    struct tree_bench *bench = *state;
    struct uuid new_port = uuid_of("V9");

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    model_vip_set_address(&lb->vips[1], "10.0.2.9");
    lb->vips[1].port_id = new_port;
    model_vip_set_address(&lb->vips[2], "fd00::9");
    lb->vips[2].port_id = new_port;
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);
    model_lb_destroy(lb);

    struct uuid old_port = uuid_of("V2");
    lb = load(bench, "B1");
    assert_string_equal(lb->vips[1].address, "10.0.2.9");
    assert_true(uuid_equals(&lb->vips[1].port_id, &new_port));
    assert_string_equal(lb->vips[2].address, "fd00::5");
    assert_true(uuid_equals(&lb->vips[2].port_id, &old_port));
    model_lb_destroy(lb);
}

static void
test_a_fault_is_saved(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_bare);
    struct model_lb *lb = load(bench, "B2");
    lb->base.provisioning_status = PS_ERROR;
    free(lb->fault_text);
    lb->fault_text = xstrdup("gone");
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    lb->fault_code = 503;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    model_lb_destroy(lb);
    tree_check(bench, "B2",
               "lb none fault=503:gone ERROR/OFFLINE\n"
               "pool P3 udp affinity ACTIVE/ONLINE\n"
               "member M4 10.0.2.1 81 ACTIVE/NO_MONITOR\n");
}

static void
test_what_is_pending_delete_vanishes_with_all_below(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->listeners[0].base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    tree_check(bench, "B1",
               "lb 10.0.1.5 subnet=S1 net=N1 fault=409:full "
               "PENDING_UPDATE/OFFLINE\n"
               "vip none subnet=S2\n"
               "vip fd00::5 subnet=S3 net=N1 port=V2\n"
               "listener L1 tcp 80 ACTIVE/ONLINE\n"
               "pool P1 sctp source_ip ERROR/OFFLINE\n");
    assert_int_equal(count_rows(bench, "Listener"), 1);
    assert_int_equal(count_rows(bench, "Pool"), 1);
    assert_int_equal(count_rows(bench, "Member"), 0);
    assert_int_equal(count_rows(bench, "Health_Monitor"), 0);
    model_lb_destroy(lb);
}

static void
test_a_monitor_vanishes_alone(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->pools[1].base.provisioning_status = PS_ACTIVE;
    lb->pools[1].monitor->base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Health_Monitor"), 0);
    assert_int_equal(count_rows(bench, "Pool"), 2);
    model_lb_destroy(lb);

    lb = load(bench, "B1");
    assert_null(lb->pools[0].monitor);
    assert_null(lb->pools[1].monitor);
    model_lb_destroy(lb);
}

static void
test_a_member_vanishes_alone(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->pools[1].base.provisioning_status = PS_ACTIVE;
    lb->pools[1].members[1].base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Member"), 2);
    model_lb_destroy(lb);

    lb = load(bench, "B1");
    assert_int_equal(lb->pools[1].n_members, 2);
    assert_string_equal(lb->pools[1].members[0].address, "10.0.2.3");
    assert_string_equal(lb->pools[1].members[1].address, "10.0.2.1");
    model_lb_destroy(lb);
}

/* OVN may still have it. */
static void
test_nothing_vanishes_that_must_not(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Load_Balancer"), 1);
    assert_int_equal(count_rows(bench, "Pool"), 2);
    model_lb_destroy(lb);
}

static void
test_a_load_balancer_vanishes_with_all_below(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_bare);
    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Load_Balancer"), 1);
    assert_int_equal(count_rows(bench, "Listener"), 0);
    assert_int_equal(count_rows(bench, "Pool"), 1);
    assert_int_equal(count_rows(bench, "Member"), 1);
    assert_int_equal(count_rows(bench, "Health_Monitor"), 0);
    assert_int_equal(count_rows(bench, "Additional_VIP"), 0);

    /* And then there is nothing to save. */
    assert_int_equal(save(bench, lb, true), STORE_SAVE_STALE);
    model_lb_destroy(lb);
}

static void
test_a_request_in_between_makes_it_stale(void **state)
{
    struct tree_bench *bench = *state;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_ACTIVE;
    tree_write(bench, UPDATE("Load_Balancer", LB_ID("1"),
                                   "'last_request':" REQUEST("2")));
    assert_int_equal(save(bench, lb, true), STORE_SAVE_STALE);
    assert_int_equal(store_n_commits(bench->store), 0);
    model_lb_destroy(lb);
}

/* The API writes between our look and our transaction: the database refuses,
 * and the next look shows why. */
static void
check_race(struct tree_bench *bench, enum provisioning_status status)
{
    struct save_op op;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = status;
    save_start(&op, bench, lb, true);
    op.meanwhile = UPDATE("Load_Balancer", LB_ID("1"),
                          "'name':'new','last_request':" REQUEST("2"));
    ovsdb_fixture_wait_until(run_until_saved, save_wait, &op, "the save");
    assert_int_equal(op.n_applied, 2);
    assert_int_equal(op.saved, STORE_SAVE_STALE);
    assert_int_equal(store_n_commits(bench->store), 0);
    model_lb_destroy(lb);

    lb = load(bench, "B1");
    assert_string_equal(lb->name, "new");
    assert_int_equal(lb->base.provisioning_status, PS_PENDING_UPDATE);
    assert_int_equal(lb->n_pools, 2);
    model_lb_destroy(lb);
}

static void
test_a_request_at_the_same_time_wins(void **state)
{
    check_race(*state, PS_ACTIVE);
}

static void
test_a_request_at_the_same_time_keeps_it_from_vanishing(void **state)
{
    check_race(*state, PS_PENDING_DELETE);
}

/* Something else that changes at the same time is no conflict. */
static void
test_a_change_that_is_no_request_is_no_conflict(void **state)
{
    struct tree_bench *bench = *state;
    struct save_op op;

    tree_write(bench, tree_full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_ACTIVE;
    save_start(&op, bench, lb, true);
    op.meanwhile = UPDATE("Member", ID("4d", "1"), "'weight':99");
    ovsdb_fixture_wait_until(run_until_saved, save_wait, &op, "the save");
    assert_int_equal(op.n_applied, 1);
    assert_int_equal(op.result, COMMIT_DONE);
    model_lb_destroy(lb);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_statuses_are_saved_once),
        TREE_TEST(test_the_vip_is_decided_once),
        TREE_TEST(test_additional_vips_are_decided_once),
        TREE_TEST(test_a_fault_is_saved),
        TREE_TEST(test_what_is_pending_delete_vanishes_with_all_below),
        TREE_TEST(test_a_monitor_vanishes_alone),
        TREE_TEST(test_a_member_vanishes_alone),
        TREE_TEST(test_nothing_vanishes_that_must_not),
        TREE_TEST(test_a_load_balancer_vanishes_with_all_below),
        TREE_TEST(test_a_request_in_between_makes_it_stale),
        TREE_TEST(test_a_request_at_the_same_time_wins),
        TREE_TEST(test_a_request_at_the_same_time_keeps_it_from_vanishing),
        TREE_TEST(test_a_change_that_is_no_request_is_no_conflict),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
