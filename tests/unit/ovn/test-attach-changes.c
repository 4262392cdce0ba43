/* SPDX-License-Identifier: Apache-2.0
 *
 * Association in a network that changes row by row: which switches and routers
 * carry a load balancer after each change.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "attach-fixture.h"
#include "openvswitch/vlog.h"
#include "topology-fixture.h"
#include "util.h"

/* N1 and N2 with both IP versions behind R1, whose port on N1 has a second
 * IPv4 network.  N3 is behind R3. */
static const char changing[] =
    ADD_SWITCH("N1", MAP2("subnet", "10.0.1.0/24",
                          "ipv6_prefix", "fd00:1::/64")) ","
    ADD_SWITCH("N2", MAP2("subnet", "10.0.2.0/24",
                          "ipv6_prefix", "fd00:2::/64")) ","
    ADD_SWITCH("N3", MAP("subnet", "10.0.3.0/24")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R3") ","
    LINK("N1", "R1", "r1n1", "['set',['10.0.1.1/24','10.0.11.1/24',"
                             "'fd00:1::1/64']]") ","
    LINK("N2", "R1", "r1n2", SET2("10.0.2.1/24", "fd00:2::1/64")) ","
    LINK("N3", "R3", "r3n3", "'10.0.3.1/24'");

#define NO_MAP "['map',[]]"
#define NO_SET "['set',[]]"

/* One network that changes row by row; here, 'network' is what changes.  The
 * names are those of the beginning. */
static const struct attach_row changes[] = {
    {
        "dual stack is where either version is",
        changing, "S1 F1", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 2}\n"
        "lr_ref R1\n",
    }, {
        "a second network of the router's port is as good as the first",
        NULL, "S11", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "when the router loses IPv6 on the switch, IPv6 VIPs lose the router",
        OP_UPDATE(ROUTER_PORT, "r1n1",
                  "'networks':" SET2("10.0.1.1/24", "10.0.11.1/24")),
        "F1", "",
        "switches N1\n"
        "routers \n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref \n",
    }, {
        "IPv4 VIPs do not",
        NULL, "S1", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "and dual stack keeps it for the other version",
        NULL, "S1 F1", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 2}\n"
        "lr_ref R1\n",
    }, {
        "a VIP of the other version on another switch of the router is not "
        "where its version is not",
        NULL, "F2", "",
        "switches N2\n"
        "routers R1\n"
        "homes N2\n"
        "ls_refs {\"N2\": 1}\n"
        "lr_ref R1\n",
    }, {
        "a second network that goes takes nothing of the first with it",
        OP_UPDATE(ROUTER_PORT, "r1n1", "'networks':'10.0.1.1/24'"),
        "S1", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "the VIPs of that network are nowhere",
        NULL, "S11", "",
        "switches \n"
        "routers \n"
        "homes none\n"
        "ls_refs {}\n"
        "lr_ref \n",
    }, {
        "unless their network is known",
        NULL, "S11/N1", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    },

    {
        "a port with gateway_chassis is a gateway",
        "{'op':'insert','table':'Gateway_Chassis','uuid-name':'gc1','row':{"
        "'name':'gc1','chassis_name':'c1','priority':1}},"
        OP_UPDATE(ROUTER_PORT, "r1n2", "'gateway_chassis':" NEW("gc1")),
        "S2", "S1",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1 N2\n"
        "ls_refs {\"N2\": 1, \"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "so nothing leads through it",
        NULL, "S1", "",
        "switches N1\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "a port with an ha_chassis_group is one",
        "{'op':'insert','table':'HA_Chassis_Group','uuid-name':'ha1','row':{"
        "'name':'ha1'}},"
        OP_UPDATE(ROUTER_PORT, "r1n2",
                  "'gateway_chassis':" NO_SET ","
                  "'ha_chassis_group':" NEW("ha1")),
        "S2", "",
        "switches N2\n"
        "routers \n"
        "homes N2\n"
        "ls_refs {\"N2\": 1}\n"
        "lr_ref \n",
    }, {
        "a port with options:redirect-chassis is one",
        OP_UPDATE(ROUTER_PORT, "r1n2",
                  "'ha_chassis_group':" NO_SET ","
                  "'options':" MAP("redirect-chassis", "c1")),
        "S2", "",
        "switches N2\n"
        "routers \n"
        "homes N2\n"
        "ls_refs {\"N2\": 1}\n"
        "lr_ref \n",
    }, {
        "a port that Neutron calls one is one",
        OP_UPDATE(ROUTER_PORT, "r1n2",
                  "'options':" NO_MAP ","
                  "'external_ids':" MAP("neutron:is_ext_gw", "True")),
        "S2", "",
        "switches N2\n"
        "routers \n"
        "homes N2\n"
        "ls_refs {\"N2\": 1}\n"
        "lr_ref \n",
    }, {
        "and a port that is none any more is none",
        OP_UPDATE(ROUTER_PORT, "r1n2", "'external_ids':" NO_MAP),
        "S2", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N2\n"
        "ls_refs {\"N2\": 1}\n"
        "lr_ref R1\n",
    },

    {
        "a switch that gets an uplink carries nobody; its router does",
        ADD_PORT("N3", "phys", ",'type':'localnet'"),
        "S3", "",
        "switches \n"
        "routers R3\n"
        "homes N3\n"
        "ls_refs {}\n"
        "lr_ref R3\n",
    }, {
        "not even those whose other members are elsewhere",
        NULL, "S1", "S3",
        "switches N1 N2\n"
        "routers R1 R3\n"
        "homes N1 N3\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1,R3\n",
    }, {
        "one that loses it carries them again",
        OP_UPDATE(PORT, "phys", "'type':''"),
        "S3", "",
        "switches N3\n"
        "routers R3\n"
        "homes N3\n"
        "ls_refs {\"N3\": 1}\n"
        "lr_ref R3\n",
    },

    {
        "a subnet that vanishes leaves its users nowhere",
        OP_UPDATE(SWITCH, "N2", "'other_config':" NO_MAP) ","
        OP_UPDATE(ROUTER_PORT, "r1n2", "'networks':'192.168.0.1/24'"),
        "S2", "S3",
        "switches N3\n"
        "routers R3\n"
        "homes N3 none\n"
        "ls_refs {\"N3\": 1}\n"
        "lr_ref R3\n",
    }, {
        "a switch that vanishes takes its name with it",
        OP_DELETE(SWITCH, "N3"),
        "S3/N3", "S1",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1 none\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "a router that vanishes leaves switches alone",
        OP_DELETE(ROUTER, "R1"),
        "S1", "",
        "switches N1\n"
        "routers \n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref \n",
    },
};

static void
test_changes(void **state)
{
    struct topology_fixture tf;

    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        print_message("%s\n", changes[i].title);
        if (!i) {
            attach_network_begin(&tf, changes[i].network);
        } else if (changes[i].network) {
            topology_fixture_apply(&tf, changes[i].network);
        }
        attach_check_row(tf.topology, &changes[i]);
    }
    attach_network_end(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
