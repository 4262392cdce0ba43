/* SPDX-License-Identifier: Apache-2.0
 *
 * The topology when the IDL drops its replica and loads a new one: it reports
 * the rows that are gone to nobody then, and the topology has to find out.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "net/topology.h"
#include "openvswitch/hmap.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "topology-fixture.h"
#include "util.h"

#define NETWORK                                                         \
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","                  \
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","                  \
    ADD_PORT("N1", "n1r", PEER("rn1")) ","                              \
    ADD_PORT("N1", "vm1", ",'addresses':'0a:00:00:00:00:01 10.0.1.5'")  \
    ","                                                                 \
    ADD_PORT("N2", "vm2", ",'addresses':'0a:00:00:00:00:02 10.0.2.5'")  \
    ","                                                                 \
    ADD_PORT("N2", "n2r", PEER("rn2")) ","                              \
    ADD_ROUTER("R1") "," ADD_ROUTER("R2") ","                           \
    ADD_NAT("R1", FIXED("1"), FLOATING("172.16.0.1", "10.0.1.5")) ","   \
    ADD_NAT("R1", FIXED("2"), FLOATING("172.16.0.2", "10.0.1.6")) ","   \
    ADD_NAT("R2", FIXED("3"), FLOATING("172.16.0.3", "10.0.2.5")) ","   \
    ADD_ROUTER_PORT("R1", "rn1", "'10.0.1.1/24'") ","                   \
    ADD_ROUTER_PORT("R2", "rn2", "'10.0.2.1/24'")

static int
setup(void **state)
{
    topology_fixture_setup(state);
    topology_fixture_apply(*state, NETWORK);
    return 0;
}

static void
expect_changes(struct topology_fixture *tf, const char *switches,
               const char *routers, const char *addresses)
{
    char *changed = topology_fixture_changed_switches(tf);
    assert_string_equal(changed, switches);
    free(changed);

    changed = topology_fixture_changed_routers(tf);
    assert_string_equal(changed, routers);
    free(changed);

    changed = topology_fixture_changed_addresses(tf);
    assert_string_equal(changed, addresses);
    free(changed);
}

static void
change_offline(struct topology_fixture *tf, const char *ops)
{
    ovsdb_fixture_stop(tf->db);
    ovsdb_fixture_transact_offline(tf->db, ops);
    tf->nb_cfg++;
    ovsdb_fixture_start(tf->db);
    topology_fixture_sync(tf);
}

/* A reconnect at which nothing changed reports nothing. */
static void
test_nothing_missed(void **state)
{
    struct topology_fixture *tf = *state;
    unsigned int seqno = topology_seqno(tf->topology);

    change_offline(tf, OP_COUNT);
    expect_changes(tf, "", "", "");
    assert_int_equal(topology_seqno(tf->topology), seqno);
}

/* Rows that went while the connection was lost are reported. */
static void
test_deletion_missed(void **state)
{
    struct topology_fixture *tf = *state;

    change_offline(tf, OP_DELETE(SWITCH, "N2") "," OP_DELETE(ROUTER, "R1")
                   "," ADD_SWITCH("N3", MAP("subnet", "10.0.3.0/24")) ","
                   OP_COUNT);
    expect_changes(tf, "N1 N2 N3", "R1 R2",
                   "10.0.1.1 10.0.1.5 10.0.1.6 10.0.2.1 10.0.2.5");
}

/* So are NAT rows and ports of hosts, if nothing else changed. */
static void
test_address_missed(void **state)
{
    struct topology_fixture *tf = *state;

    change_offline(tf, OP_NATS("R1", "delete", FIXED("2")) ","
                   OP_NATS("R2", "delete", FIXED("3")) ","
                   OP_NATS("R1", "insert", FIXED("3")) "," OP_COUNT);
    expect_changes(tf, "", "", "10.0.1.6 10.0.2.5");
    change_offline(tf, OP_WHERE("update", SWITCH, "N1")
                   ",'row':{'ports':['set',[]]}}," OP_COUNT);
    expect_changes(tf, "N1", "R1", "10.0.1.1 10.0.1.5");
}

/* So are subnets that only DHCP options tell. */
static void
test_subnet_missed(void **state)
{
    struct topology_fixture *tf = *state;

    topology_fixture_apply(
        tf, DHCP(FIXED("4"), "10.0.4.0/24", MAP("subnet_id", FIXED("a"))) ","
        DHCP(FIXED("5"), "10.0.5.0/24", MAP("subnet_id", FIXED("b"))) ","
        OP_UPDATE(PORT, "vm1", "'dhcpv4_options':" REF(FIXED("4"))) ","
        OP_UPDATE(PORT, "vm2", "'dhcpv4_options':" REF(FIXED("5"))));
    change_offline(tf, "{'op':'delete','table':'DHCP_Options','where':"
                   "[['cidr','==','10.0.5.0/24']]}," OP_COUNT);
    expect_changes(tf, "N2", "", "");
}

/* So they are if there is nothing left. */
static void
test_everything_gone(void **state)
{
    struct topology_fixture *tf = *state;

    change_offline(tf, "{'op':'delete','table':'" SWITCH "','where':[]},"
                   "{'op':'delete','table':'" ROUTER "','where':[]},"
                   OP_COUNT);
    expect_changes(tf, "N1 N2", "R1 R2",
                   "10.0.1.1 10.0.1.5 10.0.1.6 10.0.2.1 10.0.2.5");
    assert_int_equal(hmap_count(topology_switches(tf->topology)), 0);
    assert_int_equal(hmap_count(topology_ports(tf->topology)), 0);
}

/* A conversion of the schema, as an upgrade of OVN does it, makes the IDL load
 * everything anew over a connection that was never lost. */
static void
test_conversion(void **state)
{
    struct topology_fixture *tf = *state;

    ovsdb_fixture_convert(tf->db);
    topology_fixture_commit(tf, OP_DELETE(SWITCH, "N2"));
    topology_fixture_sync(tf);
    expect_changes(tf, "N2", "R2", "10.0.2.1 10.0.2.5");
}

#define TEST(NAME)                                                      \
    cmocka_unit_test_setup_teardown(NAME, setup, topology_fixture_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_missed),
        TEST(test_deletion_missed),
        TEST(test_address_missed),
        TEST(test_subnet_missed),
        TEST(test_everything_gone),
        TEST(test_conversion),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_ERR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
