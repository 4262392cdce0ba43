/* SPDX-License-Identifier: Apache-2.0
 *
 * Subnets in a Northbound database that Neutron writes: what is known of them
 * and of their ids, change by change.
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

/* Ids of subnets, and of DHCP_Options rows. */
#define ID_A FIXED("a")
#define ID_B FIXED("b")
#define ID_C FIXED("c")
#define OPT1 FIXED("1")
#define OPT2 FIXED("2")
#define OPT3 FIXED("3")

#define SUBNET(ID) MAP("subnet_id", ID)
#define USES4(OPT) ",'dhcpv4_options':" REF(OPT)
#define USES6(OPT) ",'dhcpv6_options':" REF(OPT)
#define OP_UPDATE_DHCP(OPT, COLUMNS)                                    \
    "{'op':'update','table':'DHCP_Options',"                            \
    "'where':[['_uuid','=='," REF(OPT) "]],'row':{" COLUMNS "}}"
#define OP_DELETE_DHCP(OPT)                                             \
    "{'op':'delete','table':'DHCP_Options',"                            \
    "'where':[['_uuid','=='," REF(OPT) "]]}"
#define ADD_NEUTRON_ROUTER_PORT(R, NAME, NETWORKS, IDS)                 \
    OP_PORTS(ROUTER, R, "insert", NEW(NAME)) ","                        \
    OP_INSERT(ROUTER_PORT, NAME,                                        \
              ",'mac':'0a:00:00:00:00:01','networks':" NETWORKS         \
              ",'external_ids':" MAP("neutron:subnet_ids", IDS))

struct step {
    const char *title;
    const char *ops;
    const char *switches;       /* Reported as changed. */
    const char *name;           /* A switch, and its subnets then. */
    const char *subnets;
};

static const struct step dhcp[] = {
    {
        "options that no port uses are nowhere",
        ADD_SWITCH("N1", "['map',[]]") "," ADD_SWITCH("N2", "['map',[]]") ","
        DHCP(OPT1, "10.0.1.0/24", SUBNET(ID_A)) ","
        DHCP(OPT2, "10.0.1.0/24", SUBNET(ID_B)),
        "N1 N2", "N1", "",
    }, {
        "a port that uses them brings the subnet",
        ADD_PORT("N1", "vm1", USES4(OPT1)),
        "N1", "N1", "10.0.1.0/24 " ID_A,
    }, {
        "a second port brings nothing new",
        ADD_PORT("N1", "vm2", USES4(OPT1)),
        "", "N1", "10.0.1.0/24 " ID_A,
    }, {
        "options of a port's own are those of the same subnet",
        DHCP(OPT3, "10.0.1.0/24",
             MAP2("subnet_id", ID_A, "port_id", FIXED("9"))) ","
        OP_UPDATE(PORT, "vm1", "'dhcpv4_options':" REF(OPT3)),
        "", "N1", "10.0.1.0/24 " ID_A,
    }, {
        "two switches may have the same prefix",
        ADD_PORT("N2", "vm3", USES4(OPT2)),
        "N2", "N2", "10.0.1.0/24 " ID_B,
    }, {
        "one row less changes nothing while there is another",
        OP_DELETE_DHCP(OPT1),
        "", "N1", "10.0.1.0/24 " ID_A,
    }, {
        "the last row that goes takes the subnet along",
        OP_DELETE_DHCP(OPT3),
        "N1", "N1", "",
    }, {
        "a subnet may get another id",
        OP_UPDATE_DHCP(OPT2, "'external_ids':" SUBNET(ID_C)),
        "N2", "N2", "10.0.1.0/24 " ID_C,
    }, {
        "and another prefix, written in any way",
        OP_UPDATE_DHCP(OPT2, "'cidr':'10.0.2.77/255.255.255.0'"),
        "N2", "N2", "10.0.2.0/24 " ID_C,
    }, {
        "options that are not Neutron's tell nothing",
        OP_UPDATE_DHCP(OPT2, "'external_ids':['map',[]]"),
        "N2", "N2", "",
    }, {
        "nor do those with an id that is none",
        OP_UPDATE_DHCP(OPT2, "'external_ids':" SUBNET("x")),
        "", "N2", "",
    }, {
        "a port that moves takes the subnet along",
        OP_UPDATE_DHCP(OPT2, "'external_ids':" SUBNET(ID_B)) ","
        OP_WHERE("update", SWITCH, "N2") ",'row':{'ports':['set',[]]}},"
        ADD_PORT("N1", "vm4", USES4(OPT2)),
        "N1", "N1", "10.0.2.0/24 " ID_B,
    }, {
        "a port has options of both versions",
        DHCP(OPT1, "fd00::/64", SUBNET(ID_A)) ","
        OP_UPDATE(PORT, "vm4", "'dhcpv6_options':" REF(OPT1)),
        "N1", "N1", "10.0.2.0/24 " ID_B "\nfd00::/64 " ID_A,
    }, {
        "without ports there are no subnets",
        OP_WHERE("update", SWITCH, "N1") ",'row':{'ports':['set',[]]}}",
        "N1", "N1", "",
    },
    { .title = NULL },
};

static const struct step routers[] = {
    {
        "one id and one network belong together",
        ADD_SWITCH("N1", "['map',[]]") "," ADD_ROUTER("R1") ","
        ADD_PORT("N1", "n1r", PEER("rn1")) ","
        ADD_NEUTRON_ROUTER_PORT("R1", "rn1", "'10.0.1.1/24'", ID_A),
        "N1", "N1", "10.0.1.0/24 " ID_A,
    }, {
        "two of each say nothing",
        OP_UPDATE(ROUTER_PORT, "rn1", "'networks':"
                  SET2("10.0.1.1/24", "fd00::1/64") ",'external_ids':"
                  MAP("neutron:subnet_ids", ID_A " " ID_B)),
        "N1", "N1", "10.0.1.0/24 derived\nfd00::/64 derived",
    }, {
        "unless DHCP options know one",
        DHCP(OPT1, "10.0.1.0/24", SUBNET(ID_B)) ","
        ADD_PORT("N1", "vm1", USES4(OPT1)),
        "N1", "N1", "10.0.1.0/24 " ID_B "\nfd00::/64 " ID_A,
    }, {
        "two addresses in one subnet are one subnet",
        OP_UPDATE(ROUTER_PORT, "rn1", "'networks':"
                  SET2("10.0.1.1/24", "10.0.1.2/24") ",'external_ids':"
                  MAP("neutron:subnet_ids", ID_A " " ID_A)) ","
        OP_DELETE_DHCP(OPT1),
        "N1", "N1", "10.0.1.0/24 " ID_A,
    }, {
        "other_config has the prefix, the router the id",
        OP_UPDATE(SWITCH, "N1",
                  "'other_config':" MAP("subnet", "10.0.1.0/24")),
        "", "N1", "10.0.1.0/24 " ID_A,
    }, {
        "another router's port helps",
        ADD_ROUTER("R2") "," ADD_PORT("N1", "n1r2", PEER("rn2")) ","
        ADD_NEUTRON_ROUTER_PORT("R2", "rn2",
                                SET2("10.0.1.9/24", "fd00::9/64"),
                                ID_C " " ID_A),
        "N1", "N1", "10.0.1.0/24 " ID_A "\nfd00::/64 " ID_C,
    }, {
        "of two ids for one subnet the lower counts",
        OP_UPDATE(ROUTER_PORT, "rn2", "'networks':'10.0.1.9/24',"
                  "'external_ids':" MAP("neutron:subnet_ids", FIXED("9"))),
        "N1", "N1", "10.0.1.0/24 " FIXED("9"),
    }, {
        "without an id it is derived",
        OP_UPDATE(ROUTER_PORT, "rn1", "'external_ids':['map',[]]") ","
        OP_UPDATE(ROUTER_PORT, "rn2", "'external_ids':"
                  MAP("neutron:subnet_ids", "x")),
        "N1", "N1", "10.0.1.0/24 derived",
    }, {
        "a router's network that is no subnet takes no id",
        OP_UPDATE(ROUTER_PORT, "rn2", "'networks':'10.0.1.9/32',"
                  "'external_ids':" MAP("neutron:subnet_ids", ID_B)),
        "N1", "N1", "10.0.1.0/24 derived",
    }, {
        "DHCP knows better than a router with a wider network",
        OP_UPDATE(ROUTER_PORT, "rn2", "'networks':'10.0.2.9/16'") ","
        OP_UPDATE(SWITCH, "N1", "'other_config':['map',[]]") ","
        DHCP(OPT1, "10.0.2.0/24", SUBNET(ID_C)) ","
        ADD_PORT("N1", "vm2", USES4(OPT1)),
        "N1", "N1", "10.0.1.0/24 derived\n10.0.2.0/24 " ID_C,
    }, {
        "of options that overlap the first counts",
        DHCP(OPT2, "10.0.2.128/25", SUBNET(ID_A)) ","
        DHCP(OPT3, "10.0.2.0/24", SUBNET(ID_A)) ","
        ADD_PORT("N1", "vm3", USES4(OPT2)) ","
        ADD_PORT("N1", "vm4", USES4(OPT3) USES6(OPT3)),
        "N1", "N1", "10.0.1.0/24 derived\n10.0.2.0/24 " ID_A,
    },
    { .title = NULL },
};

static void
check_steps(struct topology_fixture *tf, const struct step *steps)
{
    for (const struct step *step = steps; step->title; step++) {
        print_message("%s\n", step->title);
        topology_fixture_apply(tf, step->ops);

        char *switches = topology_fixture_changed_switches(tf);
        char *subnets = topology_fixture_subnets(tf, step->name);
        assert_string_equal(subnets, step->subnets);
        assert_string_equal(switches, step->switches);
        free(switches);
        free(subnets);
    }
}

static void
test_dhcp(void **state)
{
    check_steps(*state, dhcp);
}

static void
test_routers(void **state)
{
    check_steps(*state, routers);
}

/* Two switches that claim one id: all processes find the same one. */
static void
test_collision(void **state)
{
    struct topology_fixture *tf = *state;
    struct uuid id;

    topology_fixture_apply(
        tf, DHCP(OPT1, "10.0.1.0/24", SUBNET(ID_A)) ","
        OP_INSERT_AS(SWITCH, "N2", FIXED("2"), "") ","
        OP_INSERT_AS(SWITCH, "N1", FIXED("1"), "") ","
        ADD_PORT("N2", "vm2", USES4(OPT1)) ","
        ADD_PORT("N1", "vm1", USES4(OPT1)));
    assert_true(uuid_from_string(&id, ID_A));
    assert_string_equal(topology_subnet_by_id(tf->topology, &id)->sw->name,
                        "N1");
    topology_fixture_apply(tf, OP_DELETE(SWITCH, "N1"));
    assert_string_equal(topology_subnet_by_id(tf->topology, &id)->sw->name,
                        "N2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TOPOLOGY_TEST(test_dhcp),
        TOPOLOGY_TEST(test_routers),
        TOPOLOGY_TEST(test_collision),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
