/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers out of a real OVN_Octavia database: what is loaded, and which
 * of them a change concerns.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "model/objects.h"
#include "openvswitch/vlog.h"
#include "store/store.h"
#include "store/tree.h"
#include "tree-fixture.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

static const char full_tree[] =
    "lb 10.0.1.5 subnet=S1 net=N1 fault=409:full PENDING_UPDATE/OFFLINE\n"
    "vip none subnet=S2\n"
    "vip fd00::5 subnet=S3 net=N1 port=V2\n"
    "listener L2 udp 53 down PENDING_CREATE/OFFLINE\n"
    "listener L1 tcp 80 pool=P2 ACTIVE/ONLINE\n"
    "pool P1 sctp source_ip ERROR/OFFLINE\n"
    "monitor H1 udp-connect 5 3 2 4 deleting ERROR/ONLINE\n"
    "pool P2 tcp affinity=60 down PENDING_DELETE/ERROR\n"
    "monitor H2 tcp 7 6 1 3 down ACTIVE/OFFLINE\n"
    "member M3 10.0.2.3 83 subnet=S1 down PENDING_UPDATE/DEGRADED\n"
    "member M2 fd00::1 82 subnet=S1 ACTIVE/DRAINING\n"
    "member M1 10.0.2.1 81 subnet=S2 weight=7 backup ACTIVE/NO_MONITOR\n";

static void
check_changed(struct tree_bench *bench, const char *name)
{
    struct uuid id = uuid_of(name);

    assert_int_equal(uuidset_count(&bench->changed), 1);
    assert_true(uuidset_contains(&bench->changed, &id));
}

static void
test_a_tree_is_loaded(void **state)
{
    struct tree_bench *bench = *state;
    struct uuid id = uuid_of("B1");

    assert_null(store_load_lb(bench->store, &id));
    tree_write(bench, tree_full);
    check_changed(bench, "B1");
    tree_check(bench, "B1", full_tree);

    struct model_lb *lb = store_load_lb(bench->store, &id);
    struct uuid port = uuid_of("V1");
    struct uuid request = uuid_of("Q1");
    assert_string_equal(lb->name, "lb");
    assert_string_equal(lb->project_id, "demo");
    assert_true(uuid_equals(&lb->vips[0].port_id, &port));
    assert_true(uuid_equals(&lb->last_request, &request));
    model_lb_destroy(lb);
}

static void
test_what_is_not_given_is_loaded_as_nothing(void **state)
{
    struct tree_bench *bench = *state;
    struct uuid id = uuid_of("B2");

    tree_write(bench, tree_bare);
    tree_check(bench, "B2",
               "lb none PENDING_CREATE/OFFLINE\n"
               "pool P3 udp affinity ACTIVE/ONLINE\n"
               "member M4 10.0.2.1 81 ACTIVE/NO_MONITOR\n");

    struct model_lb *lb = store_load_lb(bench->store, &id);
    assert_true(uuid_is_zero(&lb->vips[0].port_id));
    assert_false(lb->pools[0].members[0].has_subnet);
    model_lb_destroy(lb);
}

/* Whatever changes, the load balancer that it belongs to is named. */
static void
test_changes_below_name_the_load_balancer(void **state)
{
    static const struct {
        const char *title;
        const char *transaction;
    } rows[] = {
        { "a load balancer", UPDATE("Load_Balancer", LB_ID("1"),
                                    "'admin_state_up':false") },
        { "a listener", UPDATE("Listener", ID("4c", "1"),
                               "'protocol_port':8080") },
        { "a pool", UPDATE("Pool", ID("50", "1"), "'admin_state_up':false") },
        { "a member", UPDATE("Member", ID("4d", "1"), "'weight':9") },
        { "a monitor", UPDATE("Health_Monitor", ID("48", "1"), "'delay':9") },
        { "an additional VIP", UPDATE("Additional_VIP", ID("41", "2"),
                                      "'ip_address':'10.0.2.9'") },
        { "a monitor that goes", UPDATE("Pool", ID("50", "1"),
                                        "'health_monitor':['set',[]]") },
        { "an additional VIP that goes",
          UPDATE("Load_Balancer", LB_ID("1"),
                 "'additional_vips':" ADDITIONAL_VIP("1")) },
        { "a member that goes", UPDATE("Pool", ID("50", "2"),
                                       "'members':" MEMBER("2")) },
        { "a pool that goes", UPDATE("Load_Balancer", LB_ID("1"),
                                     "'pools':" POOL("1")) },
        { "a load balancer that goes",
          "{'op':'delete','table':'Load_Balancer','where':[['_uuid','==',"
          REF("42", "1") "]]}" },
    };
    struct tree_bench *bench = *state;

    tree_write(bench, tree_bare);
    tree_write(bench, tree_full);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("a change of %s\n", rows[i].title);
        tree_write(bench, rows[i].transaction);
        check_changed(bench, "B1");
    }
}

/* Whoever asks for an address must see those of all VIPs of the others. */
static void
test_an_address_is_taken_by_any_vip(void **state)
{
    static const struct {
        const char *subnet;
        const char *address;
        const char *lb;         /* NULL: one that is not there yet. */
        bool taken;
    } rows[] = {
        { "S1", "10.0.1.5", NULL, true },
        { "S3", "fd00::5", NULL, true },
        { "S3", "fd00::5", "B2", true },
        { "S3", "fd00::5", "B1", false },
        { "S1", "fd00::5", NULL, false },
        { "S2", "10.0.2.9", NULL, false },
    };
    struct tree_bench *bench = *state;

    tree_write(bench, tree_full);
    tree_write(bench, tree_bare);
    tree_write(bench, UPDATE("Load_Balancer", LB_ID("1"),
                                   "'fault_code':['set',[]]"));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuid subnet = uuid_of(rows[i].subnet);
        struct uuid lb = uuid_of(rows[i].lb ? rows[i].lb : "none");

        assert_int_equal(store_vip_is_taken(bench->store, &subnet,
                                            rows[i].address,
                                            rows[i].lb ? &lb : NULL),
                         rows[i].taken);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_a_tree_is_loaded),
        TREE_TEST(test_what_is_not_given_is_loaded_as_nothing),
        TREE_TEST(test_changes_below_name_the_load_balancer),
        TREE_TEST(test_an_address_is_taken_by_any_vip),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
