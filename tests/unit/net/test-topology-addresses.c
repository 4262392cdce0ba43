/* SPDX-License-Identifier: Apache-2.0
 *
 * What a topology reports about addresses: no more than a change calls for.
 * That it is no less, the fixture checks at each step.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

struct step {
    const char *title;
    const char *ops;
    const char *addresses;      /* Reported as changed. */
    const char *routers;
};

static const struct step ports[] = {
    {
        "a new port reports its addresses, a switch and a router nothing",
        ADD_SWITCH("N1", "['map',[]]") "," ADD_SWITCH("N2", "['map',[]]") ","
        ADD_ROUTER("R1") ","
        OP_PORTS(SWITCH, "N1", "insert", REF(FIXED("1"))) ","
        OP_INSERT_AS(PORT, "vm", FIXED("1"),
                     ",'addresses':'0a:00:00:00:00:01 10.0.1.5 fd00::5'"),
        "10.0.1.5 fd00::5", "R1",
    }, {
        "a port without address reports nothing",
        ADD_PORT("N1", "mute", ""),
        "", "",
    }, {
        "one that gets an address reports this one",
        OP_UPDATE(PORT, "vm", "'addresses':'0a:00:00:00:00:01 10.0.1.5 "
                  "10.0.1.6 fd00::5'"),
        "10.0.1.6", "",
    }, {
        "one that swaps an address for another reports the two",
        OP_UPDATE(PORT, "vm", "'addresses':'0a:00:00:00:00:01 10.0.1.7 "
                  "10.0.1.6 fd00::5'"),
        "10.0.1.5 10.0.1.7", "",
    }, {
        "their order means nothing, nor does the MAC",
        OP_UPDATE(PORT, "vm", "'addresses':'0a:00:00:00:00:02 fd00::5 "
                  "10.0.1.7 10.0.1.6'"),
        "", "",
    }, {
        "nor do the name to show and the device",
        OP_UPDATE(PORT, "vm", "'external_ids':"
                  MAP2("neutron:port_name", "x", "neutron:device_id", "y")),
        "", "",
    }, {
        "a floating IP concerns all addresses",
        OP_UPDATE(PORT, "vm", "'external_ids':"
                  MAP("neutron:port_fip", "172.16.0.1")),
        "10.0.1.6 10.0.1.7 fd00::5", "",
    }, {
        "so does another one",
        OP_UPDATE(PORT, "vm", "'external_ids':"
                  MAP("neutron:port_fip", "172.16.0.2")),
        "10.0.1.6 10.0.1.7 fd00::5", "",
    }, {
        "and a lost one, together with addresses that come and go",
        OP_UPDATE(PORT, "vm", "'external_ids':['map',[]],"
                  "'addresses':'0a:00:00:00:00:02 fd00::5 10.0.1.8'"),
        "10.0.1.6 10.0.1.7 10.0.1.8 fd00::5", "",
    }, {
        "so does the owner",
        OP_UPDATE(PORT, "vm", "'external_ids':"
                  MAP("neutron:device_owner", "ovn-lb-vip:x")),
        "10.0.1.8 fd00::5", "",
    }, {
        "so does the type",
        OP_UPDATE(PORT, "vm", "'type':'virtual'"),
        "10.0.1.8 fd00::5", "",
    }, {
        "so does being on no chassis",
        OP_UPDATE(PORT, "vm", "'up':false"),
        "10.0.1.8 fd00::5", "",
    }, {
        "which being disabled as well does not make worse",
        OP_UPDATE(PORT, "vm", "'enabled':false"),
        "", "",
    }, {
        "nor being on a chassis better",
        OP_UPDATE(PORT, "vm", "'up':true"),
        "", "",
    }, {
        "being enabled again does",
        OP_UPDATE(PORT, "vm", "'enabled':['set',[]]"),
        "10.0.1.8 fd00::5", "",
    }, {
        "so does the name",
        OP_UPDATE(PORT, "vm", "'name':'vm1'"),
        "10.0.1.8 fd00::5", "",
    }, {
        "so does the switch",
        OP_PORTS(SWITCH, "N1", "delete", REF(FIXED("1"))) ","
        OP_PORTS(SWITCH, "N2", "insert", REF(FIXED("1"))),
        "10.0.1.8 fd00::5", "",
    }, {
        "a router's port has the addresses of its other end",
        ADD_PORT("N1", "n1r", PEER("rn1")) ","
        ADD_ROUTER_PORT("R1", "rn1", "'10.0.1.1/24'"),
        "10.0.1.1", "R1",
    }, {
        "and reports a change there",
        OP_UPDATE(ROUTER_PORT, "rn1", "'networks':'10.0.1.2/24'"),
        "10.0.1.1 10.0.1.2", "R1",
    }, {
        "two ports with one address report it when the first goes",
        ADD_PORT("N1", "twin", ",'addresses':'0a:00:00:00:00:03 10.0.1.8'"),
        "10.0.1.8", "",
    }, {
        "a port that goes with its switch reports its addresses",
        OP_DELETE(SWITCH, "N2"),
        "10.0.1.8 fd00::5", "",
    },
    { .title = NULL },
};

static const struct step nats[] = {
    {
        "a floating IP reports the address behind it",
        ADD_ROUTER("R1") "," ADD_ROUTER("R2") ","
        ADD_NAT("R1", FIXED("1"), FLOATING("172.16.0.1", "10.0.1.5")),
        "10.0.1.5", "R1 R2",
    }, {
        "the other types do not, nor do networks and garbage",
        ADD_NAT("R1", FIXED("2"), NAT("snat", "172.16.0.2", "10.0.1.6")) ","
        ADD_NAT("R1", FIXED("3"), NAT("dnat", "172.16.0.2", "10.0.1.7")) ","
        ADD_NAT("R1", FIXED("4"), FLOATING("172.16.0.2", "10.0.1.0/24")) ","
        ADD_NAT("R1", FIXED("5"), FLOATING("172.16.0.2", "rubbish")) ","
        ADD_NAT("R1", FIXED("6"), FLOATING("", "10.0.1.8")),
        "", "",
    }, {
        "an IPv6 one, and a second one of the same address",
        ADD_NAT("R1", FIXED("7"), FLOATING("fd01::1", "fd00::5")) ","
        ADD_NAT("R2", FIXED("8"), FLOATING("172.16.0.3", "10.0.1.5")),
        "10.0.1.5 fd00::5", "",
    }, {
        "another external address",
        OP_UPDATE_NAT(FIXED("8"), "'external_ip':'172.16.0.4'"),
        "10.0.1.5", "",
    }, {
        "another address behind it reports both",
        OP_UPDATE_NAT(FIXED("8"), "'logical_ip':'10.0.1.9'"),
        "10.0.1.5 10.0.1.9", "",
    }, {
        "being made distributed",
        OP_UPDATE_NAT(FIXED("8"), "'logical_port':'vm',"
                      "'external_mac':'0a:00:00:00:00:01'"),
        "10.0.1.9", "",
    }, {
        "being centralised by us",
        OP_UPDATE_NAT(FIXED("8"), "'logical_port':['set',[]],"
                      "'external_mac':['set',[]],'external_ids':"
                      MAP("ovn-octavia:external_mac", "0a:00:00:00:00:01")),
        "10.0.1.9", "",
    }, {
        "what others write about it is not reported",
        OP_UPDATE_NAT(FIXED("8"), "'external_ids':"
                      MAP2("ovn-octavia:external_mac", "0a:00:00:00:00:01",
                           "other", "x")),
        "", "",
    }, {
        "a change of routers",
        OP_NATS("R2", "delete", FIXED("8")) ","
        OP_NATS("R1", "insert", FIXED("8")),
        "10.0.1.9", "",
    }, {
        "becoming a row of another type",
        OP_UPDATE_NAT(FIXED("8"), "'type':'snat'"),
        "10.0.1.9", "",
    }, {
        "and a floating IP again",
        OP_UPDATE_NAT(FIXED("8"), "'type':'dnat_and_snat'"),
        "10.0.1.9", "",
    }, {
        "one that goes",
        OP_NATS("R1", "delete", FIXED("7")),
        "fd00::5", "",
    }, {
        "those that go with their router",
        OP_DELETE(ROUTER, "R1"),
        "10.0.1.5 10.0.1.9", "R1",
    },
    { .title = NULL },
};

static void
check_steps(struct topology_fixture *tf, const struct step *step)
{
    for (; step->title; step++) {
        print_message("%s\n", step->title);
        topology_fixture_apply(tf, step->ops);

        char *addresses = topology_fixture_changed_addresses(tf);
        char *routers = topology_fixture_changed_routers(tf);
        assert_string_equal(addresses, step->addresses);
        assert_string_equal(routers, step->routers);
        free(addresses);
        free(routers);
    }
}

static void
test_ports(void **state)
{
    check_steps(*state, ports);
}

static void
test_nats(void **state)
{
    check_steps(*state, nats);
}

static void
count_port(const struct topo_port *port, void *n)
{
    assert_int_equal(strncmp(port->name, "ovn-lb-", 7), 0);
    ++*(unsigned int *) n;
}

static void
test_ports_named(void **state)
{
    struct topology_fixture *tf = *state;
    unsigned int n = 0;

    topology_fixture_apply(
        tf, ADD_SWITCH("N1", "['map',[]]") ","
        OP_PORTS(SWITCH, "N1", "insert", REF(FIXED("1"))) ","
        OP_PORTS(SWITCH, "N1", "insert", REF(FIXED("2"))) ","
        OP_PORTS(SWITCH, "N1", "insert", REF(FIXED("3"))) ","
        OP_INSERT_AS(PORT, "ovn-lb-hm-1", FIXED("1"), "") ","
        OP_INSERT_AS(PORT, "ovn-lb", FIXED("2"), "") ","
        OP_INSERT_AS(PORT, "ovn-lb-hm-2", FIXED("3"), ""));
    topology_for_each_port_named(tf->topology, "ovn-lb-", count_port, &n);
    assert_int_equal(n, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TOPOLOGY_TEST(test_ports),
        TOPOLOGY_TEST(test_nats),
        TOPOLOGY_TEST(test_ports_named),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
