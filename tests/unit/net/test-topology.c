/* SPDX-License-Identifier: Apache-2.0
 *
 * The topology, change by change, over a real Northbound database.  After each
 * change it is compared with one that was built from nothing; here is what it
 * has to say, and what it has to report.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "net/addr.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

struct step {
    const char *title;
    const char *ops;
    const char *switches;       /* Reported as changed. */
    const char *routers;
    const char *name;           /* A switch, and what it is then. */
    const char *description;
};

static const struct step attachment[] = {
    {
        "a new switch is reported",
        ADD_SWITCH("N1", MAP2("subnet", "10.0.1.0/24", "exclude_ips",
                              "10.0.1.2 10.0.1.10..10.0.1.19")),
        "N1", "",
        "N1", "N1 ports 0 links []\n"
              "N1 10.0.1.0/24 gateway none free 242",
    }, {
        "the order of rows in a transaction does not matter",
        ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
        ADD_PORT("N1", "n1r", PEER("rn1")) ","
        ADD_PORT("N2", "n2r", PEER("rn2")) ","
        ADD_ROUTER("R1") ","
        OP_PORTS(ROUTER, "R1", "insert", REF(FIXED("1"))) ","
        OP_PORTS(ROUTER, "R1", "insert", REF(FIXED("2"))) ","
        OP_INSERT_AS(ROUTER_PORT, "rn1", FIXED("1"),
                     ",'mac':'0a:00:00:00:00:01','networks':'10.0.1.1/24'") ","
        OP_INSERT_AS(ROUTER_PORT, "rn2", FIXED("2"),
                     ",'mac':'0a:00:00:00:00:01','networks':'10.0.2.1/24'"),
        "N1 N2", "R1",
        "N1", "N1 ports 1 links [R1]\n"
              "N1 10.0.1.0/24 gateway 10.0.1.1 free 242",
    }, {
        "a port of a host is not reported",
        ADD_PORT("N1", "vm1", ",'addresses':'0a:00:00:00:00:02 10.0.1.5'"),
        "", "",
        "N1", "N1 ports 2 links [R1]\n"
              "N1 10.0.1.0/24 gateway 10.0.1.1 free 241",
    }, {
        "two ports with one address use one address",
        ADD_PORT("N1", "vm2", ",'addresses':'0a:00:00:00:00:03 10.0.1.5'"),
        "", "",
        "N1", "N1 ports 3 links [R1]\n"
              "N1 10.0.1.0/24 gateway 10.0.1.1 free 241",
    }, {
        "an address is free when its last port is gone, not before",
        OP_UPDATE(PORT, "vm1", "'addresses':'0a:00:00:00:00:02 10.0.1.6'"),
        "", "",
        "N1", "N1 ports 3 links [R1]\n"
              "N1 10.0.1.0/24 gateway 10.0.1.1 free 240",
    }, {
        "a port that takes a reserved address takes no free one",
        OP_UPDATE(PORT, "vm1", "'addresses':'0a:00:00:00:00:02 10.0.1.15'"),
        "", "",
        "N1", "N1 ports 3 links [R1]\n"
              "N1 10.0.1.0/24 gateway 10.0.1.1 free 241",
    }, {
        "addresses become free when they are not reserved any more",
        OP_UPDATE(SWITCH, "N1",
                  "'other_config':" MAP("subnet", "10.0.1.0/24")),
        "", "",
        "N1", "N1 ports 3 links [R1]\n"
              "N1 10.0.1.0/24 gateway 10.0.1.1 free 251",
    }, {
        "attaching one switch and detaching another reports both",
        ADD_SWITCH("N3", "['map',[]]") ","
        OP_PORTS(SWITCH, "N3", "insert", REF(FIXED("3"))) ","
        OP_INSERT_AS(PORT, "n3r", FIXED("3"), PEER("rn3")) ","
        ADD_ROUTER_PORT("R1", "rn3", SET2("10.0.3.1/24", "fd00:3::1/64")) ","
        OP_PORTS(ROUTER, "R1", "delete", REF(FIXED("2"))),
        "N2 N3", "R1",
        "N3", "N3 ports 1 links [R1]\n"
              "N3 10.0.3.0/24 gateway 10.0.3.1 free 253\n"
              "N3:fd00:3::/64 fd00:3::/64 gateway fd00:3::1 free 1000000",
    }, {
        "the one that was detached keeps what it has of its own",
        OP_UPDATE(PORT, "vm1", "'type':''"),
        "", "",
        "N2", "N2 ports 1 links []\n"
              "N2 10.0.2.0/24 gateway none free 253",
    }, {
        "a port that moves reports the old switch and the new one",
        OP_PORTS(SWITCH, "N3", "delete", REF(FIXED("3"))) ","
        OP_PORTS(SWITCH, "N2", "insert", REF(FIXED("3"))),
        "N2 N3", "R1",
        "N2", "N2 ports 2 links [R1]\n"
              "N2 10.0.2.0/24 gateway none free 253\n"
              "N2:10.0.3.0/24 10.0.3.0/24 gateway 10.0.3.1 free 253\n"
              "N2:fd00:3::/64 fd00:3::/64 gateway fd00:3::1 free 1000000",
    }, {
        "a port that is in two switches is in one of them",
        OP_PORTS(SWITCH, "N3", "insert", REF(FIXED("3"))),
        NULL, NULL, NULL, NULL,
    }, {
        "and stays in the other one when that one gives it up",
        OP_PORTS(SWITCH, "N2", "delete", REF(FIXED("3"))),
        NULL, NULL,
        "N3", "N3 ports 1 links [R1]\n"
              "N3 10.0.3.0/24 gateway 10.0.3.1 free 253\n"
              "N3:fd00:3::/64 fd00:3::/64 gateway fd00:3::1 free 1000000",
    }, {
        "a router port that moves to another router reports both",
        ADD_ROUTER("R2") ","
        OP_PORTS(ROUTER, "R1", "delete", REF(FIXED("1"))) ","
        OP_PORTS(ROUTER, "R2", "insert", REF(FIXED("1"))),
        "N1", "R1 R2",
        "N1", "N1 ports 3 links [R2]\n"
              "N1 10.0.1.0/24 gateway 10.0.1.1 free 251",
    },
    { .title = NULL },
};

static const struct step changes[] = {
    {
        "a switch whose only subnets are those of its router",
        ADD_SWITCH("N1", "['map',[]]") ","
        ADD_PORT("N1", "n1r", PEER("rn1")) ","
        ADD_ROUTER("R1") ","
        ADD_ROUTER_PORT("R1", "rn1", SET2("10.0.3.1/24", "fd00:3::1/64")),
        "N1", "R1",
        "N1", "N1 ports 1 links [R1]\n"
              "N1 10.0.3.0/24 gateway 10.0.3.1 free 253\n"
              "N1:fd00:3::/64 fd00:3::/64 gateway fd00:3::1 free 1000000",
    }, {
        "a change of networks reports both ends",
        OP_UPDATE(ROUTER_PORT, "rn1", "'networks':'10.0.4.1/24'"),
        "N1", "R1",
        "N1", "N1 ports 1 links [R1]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.1 free 253",
    }, {
        "becoming a gateway reports both ends",
        OP_UPDATE(ROUTER_PORT, "rn1",
                  "'options':" MAP("redirect-chassis", "hv1")),
        "N1", "R1",
        "N1", "N1 ports 1 links [R1(gateway)]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.1 free 253",
    }, {
        "a gateway by chassis is the same gateway",
        OP_INSERT("Gateway_Chassis", "gc1", ",'chassis_name':'hv1'") ","
        OP_UPDATE(ROUTER_PORT, "rn1",
                  "'options':['map',[]],'gateway_chassis':" NEW("gc1")),
        "", "",
        "N1", "N1 ports 1 links [R1(gateway)]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.1 free 253",
    }, {
        "losing the chassis reports both ends",
        OP_UPDATE(ROUTER_PORT, "rn1", "'gateway_chassis':['set',[]]"),
        "N1", "R1",
        "N1", "N1 ports 1 links [R1]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.1 free 253",
    }, {
        "a group of chassis makes a gateway",
        OP_INSERT("HA_Chassis_Group", "ha1", "") ","
        OP_UPDATE(ROUTER_PORT, "rn1", "'ha_chassis_group':" NEW("ha1")),
        "N1", "R1",
        "N1", "N1 ports 1 links [R1(gateway)]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.1 free 253",
    }, {
        "a subnet that holds the router's network takes its place",
        OP_UPDATE(SWITCH, "N1",
                  "'other_config':" MAP("subnet", "10.0.4.0/22")),
        "N1", "",
        "N1", "N1 ports 1 links [R1(gateway)]\n"
              "N1 10.0.4.0/22 gateway 10.0.4.1 free 1021",
    }, {
        "a subnet inside the router's network does not",
        OP_UPDATE(SWITCH, "N1",
                  "'other_config':" MAP("subnet", "10.0.4.128/25")),
        "N1", "",
        "N1", "N1 ports 1 links [R1(gateway)]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.1 free 252\n"
              "N1:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "the port of a router that is no gateway is the way out",
        ADD_ROUTER("R2") ","
        ADD_PORT("N1", "n1r2", PEER("r2n1")) ","
        ADD_ROUTER_PORT("R2", "r2n1", "'10.0.4.9/24'"),
        "N1", "R2",
        "N1", "N1 ports 2 links [R1(gateway) R2]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.9 free 251\n"
              "N1:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "two router ports that swap names swap their switch ports",
        OP_UPDATE(ROUTER_PORT, "rn1", "'name':'tmp'") ","
        OP_UPDATE(ROUTER_PORT, "r2n1", "'name':'rn1'") ","
        OP_UPDATE(ROUTER_PORT, "tmp", "'name':'r2n1'"),
        "N1", "R1 R2",
        "N1", "N1 ports 2 links [R1(gateway) R2]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.9 free 251\n"
              "N1:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "a router port that gets another name leaves its switch",
        OP_UPDATE(ROUTER_PORT, "rn1", "'name':'gone'"),
        "N1", "R2",
        "N1", "N1 ports 2 links [R1(gateway)]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.1 free 252\n"
              "N1:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "a switch port that gives the new name brings it back",
        OP_UPDATE(PORT, "n1r", "'options':" MAP("router-port", "gone")),
        "N1", "R2",
        "N1", "N1 ports 2 links [R1(gateway) R2]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.9 free 251\n"
              "N1:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "the name of a router is reported",
        OP_UPDATE(ROUTER, "R2", "'name':'R9'"),
        "", "R9",
        "N1", "N1 ports 2 links [R1(gateway) R9]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.9 free 251\n"
              "N1:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "a localnet port makes a provider network, which its routers must "
        "hear",
        ADD_PORT("N1", "phys", ",'type':'localnet'"),
        "N1", "R1 R9",
        "N1", "N1 provider ports 3 links [R1(gateway) R9]\n"
              "N1 10.0.4.0/24 gateway 10.0.4.9 free 251\n"
              "N1:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "so does Neutron's word for it, and then nothing changes",
        OP_UPDATE(SWITCH, "N1", "'external_ids':"
                  MAP2("neutron:provnet-physical-network", "p1",
                       "neutron:network_name", "public")) ","
        OP_UPDATE(PORT, "phys", "'type':''"),
        "", "",
        "N1", "public provider ports 3 links [R1(gateway) R9]\n"
              "public 10.0.4.0/24 gateway 10.0.4.9 free 251\n"
              "public:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "a router that goes is reported with its switch",
        OP_DELETE(ROUTER, "R9"),
        "N1", "R9",
        "N1", "public provider ports 3 links [R1(gateway)]\n"
              "public 10.0.4.0/24 gateway 10.0.4.1 free 252\n"
              "public:10.0.4.128/25 10.0.4.128/25 gateway none free 125",
    }, {
        "a switch that goes is reported with its router",
        OP_DELETE(SWITCH, "N1"),
        "N1", "R1", NULL, NULL,
    }, {
        "a switch without a name and without anything is there all the same",
        "{'op':'insert','table':'Logical_Switch','row':{}}",
        "", "",
        "", " ports 0 links []",
    },
    { .title = NULL },
};

static void
check_step(struct topology_fixture *tf, const struct step *step)
{
    print_message("%s\n", step->title);
    topology_fixture_apply(tf, step->ops);
    if (step->switches) {
        char *switches = topology_fixture_changed_switches(tf);
        char *routers = topology_fixture_changed_routers(tf);
        assert_string_equal(switches, step->switches);
        assert_string_equal(routers, step->routers);
        free(switches);
        free(routers);
    }
    if (step->name) {
        char *description = topology_fixture_describe(tf, step->name);
        assert_string_equal(description, step->description);
        free(description);
    }
}

static void
test_attachment(void **state)
{
    for (const struct step *step = attachment; step->title; step++) {
        check_step(*state, step);
    }
}

static void
test_changes(void **state)
{
    for (const struct step *step = changes; step->title; step++) {
        check_step(*state, step);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TOPOLOGY_TEST(test_attachment),
        TOPOLOGY_TEST(test_changes),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
