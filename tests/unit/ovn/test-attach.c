/* SPDX-License-Identifier: Apache-2.0
 *
 * Association: which switches and routers carry a load balancer, in networks
 * that a real database holds.
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
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/want/attach.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

/* N1, N2 and N3 are behind R1, which has its uplink in the provider network
 * N6.  N4 is alone.  N5 is behind R5. */
static const char plain[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N3", MAP("subnet", "10.0.3.0/24")) ","
    ADD_SWITCH("N4", MAP("subnet", "10.0.4.0/24")) ","
    ADD_SWITCH("N5", MAP("subnet", "10.0.5.0/24")) ","
    ADD_SWITCH("N6", MAP("subnet", "10.0.6.0/24")) ","
    ADD_PORT("N6", "phys", ",'type':'localnet'") ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R5") ","
    LINK("N1", "R1", "r1n1", "'10.0.1.1/24'") ","
    LINK("N2", "R1", "r1n2", "'10.0.2.1/24'") ","
    LINK("N3", "R1", "r1n3", "'10.0.3.1/24'") ","
    LINK("N6", "R1", "r1n6", "'10.0.6.1/24','external_ids':"
         MAP("neutron:is_ext_gw", "True")) ","
    LINK("N5", "R5", "r5n5", "'10.0.5.1/24'");

/* N1 is behind R1 and R2, and has another subnet, S2, behind R3, with N3.  N4
 * is behind R1. N8 is where R1 and R3 meet. */
static const char meshed[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_SWITCH("N3", MAP("subnet", "10.0.3.0/24")) ","
    ADD_SWITCH("N4", MAP("subnet", "10.0.4.0/24")) ","
    ADD_SWITCH("N8", MAP("subnet", "10.0.8.0/24")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R2") ","
    ADD_ROUTER("R3") ","
    LINK("N1", "R2", "r2n1", "'10.0.1.2/24'") ","
    LINK("N1", "R1", "r1n1", "'10.0.1.1/24'") ","
    LINK("N1", "R3", "r3n1", "'10.0.2.1/24'") ","
    LINK("N3", "R3", "r3n3", "'10.0.3.1/24'") ","
    LINK("N4", "R1", "r1n4", "'10.0.4.1/24'") ","
    LINK("N8", "R1", "r1n8", "'10.0.8.1/24'") ","
    LINK("N8", "R3", "r3n8", "'10.0.8.3/24'");

/* R1 has N1 with both IP versions, N2 with IPv4 only, N3 with IPv6 only.  N4
 * has both, but its router R4 knows only IPv4.  N5 and N6 are alone. */
static const char two_versions[] =
    ADD_SWITCH("N1", MAP2("subnet", "10.0.1.0/24",
                          "ipv6_prefix", "fd00:1::/64")) ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N3", MAP("ipv6_prefix", "fd00:3::/64")) ","
    ADD_SWITCH("N4", MAP2("subnet", "10.0.4.0/24",
                          "ipv6_prefix", "fd00:4::/64")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R4") ","
    LINK("N1", "R1", "r1n1", SET2("10.0.1.1/24", "fd00:1::1/64")) ","
    LINK("N2", "R1", "r1n2", "'10.0.2.1/24'") ","
    LINK("N3", "R1", "r1n3", "'fd00:3::1/64'") ","
    LINK("N4", "R4", "r4n4", "'10.0.4.1/24'") ","
    ADD_SWITCH("N5", MAP2("subnet", "10.0.5.0/24",
                          "ipv6_prefix", "fd00:5::/64")) ","
    ADD_SWITCH("N6", MAP("subnet", "10.0.6.0/24"));

/* The provider network N1 has an inner link to R1, behind which is N2; N3 is
 * one by Neutron's word, and N4 is a plain switch with two uplinks. */
static const char providers[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_PORT("N1", "phys", ",'type':'localnet'") ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N3", MAP("subnet", "10.0.3.0/24") ",'external_ids':"
               MAP("neutron:provnet-physical-network", "p1")) ","
    ADD_SWITCH("N4", MAP("subnet", "10.0.4.0/24")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R4") ","
    LINK("N1", "R1", "r1n1", "'10.0.1.1/24'") ","
    LINK("N2", "R1", "r1n2", "'10.0.2.1/24'") ","
    LINK("N3", "R1", "r1n3", "'10.0.3.1/24'") ","
    LINK("N4", "R1", "r1n4", "'10.0.4.1/24','options':"
         MAP("redirect-chassis", "c1")) ","
    LINK("N4", "R4", "r4n4", "'10.0.4.4/24','external_ids':"
         MAP("neutron:is_ext_gw", "True"));

/* Names that are not just words: S1 is Neutron's N7, S2 has a backslash, S3
 * and its router have no name. */
static const char odd_names[] =
    "{'op':'insert','table':'Logical_Switch','uuid-name':'a','row':{"
    "'name':'neutron-0000004e-0000-4000-8000-000000000007',"
    "'other_config':" MAP("subnet", "10.0.1.0/24") "}},"
    "{'op':'insert','table':'Logical_Switch','uuid-name':'b','row':{"
    "'name':'a\\\\b','other_config':" MAP("subnet", "10.0.2.0/24") "}},"
    "{'op':'insert','table':'Logical_Switch','uuid-name':'c','row':{"
    "'other_config':" MAP("subnet", "10.0.3.0/24") ","
    "'ports':" NEW("sw_p") "}},"
    OP_INSERT(PORT, "sw_p", PEER("p")) ","
    "{'op':'insert','table':'Logical_Router','row':{'ports':" NEW("p") "}},"
    OP_INSERT(ROUTER_PORT, "p",
              ",'mac':'0a:00:00:00:00:01','networks':'10.0.3.1/24'");

static const struct attach_row rows[] = {
    {
        "a VIP on a lonely switch is on that switch",
        plain, "S4", "",
        "switches N4\n"
        "routers \n"
        "homes N4\n"
        "ls_refs {\"N4\": 1}\n"
        "lr_ref \n",
    }, {
        "a VIP behind a router is on the router and all switches there",
        NULL, "S1", "",
        "switches N1 N2 N3\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "members behind the same router change only who counts",
        NULL, "S1", "S2 S1 S2 S2",
        "switches N1 N2 N3\n"
        "routers R1\n"
        "homes N1 N2\n"
        "ls_refs {\"N1\": 2, \"N2\": 3}\n"
        "lr_ref R1\n",
    }, {
        "a member behind another router brings that router in",
        NULL, "S1", "S5",
        "switches N1 N2 N3 N5\n"
        "routers R1 R5\n"
        "homes N1 N5\n"
        "ls_refs {\"N1\": 1, \"N5\": 1}\n"
        "lr_ref R1,R5\n",
    }, {
        "a member's router brings in its switches, too",
        NULL, "S4", "S2",
        "switches N1 N2 N3 N4\n"
        "routers R1\n"
        "homes N2 N4\n"
        "ls_refs {\"N4\": 1, \"N2\": 1}\n"
        "lr_ref R1\n",
    }, {
        "a member on a lonely switch brings in that switch",
        NULL, "S1", "S4",
        "switches N1 N2 N3 N4\n"
        "routers R1\n"
        "homes N1 N4\n"
        "ls_refs {\"N1\": 1, \"N4\": 1}\n"
        "lr_ref R1\n",
    }, {
        "a VIP in a provider network at a router's uplink is nowhere",
        NULL, "S6", "",
        "switches \n"
        "routers \n"
        "homes N6\n"
        "ls_refs {}\n"
        "lr_ref \n",
    }, {
        "a VIP in a provider network is where its members are",
        NULL, "S6", "S5",
        "switches N5\n"
        "routers R5\n"
        "homes N5 N6\n"
        "ls_refs {\"N5\": 1}\n"
        "lr_ref R5\n",
    }, {
        "if nothing is known of the VIP its home is nowhere",
        NULL, "none", "",
        "switches \n"
        "routers \n"
        "homes none\n"
        "ls_refs {}\n"
        "lr_ref \n",
    }, {
        "a subnet that is not there is nowhere, and others count",
        NULL, "S99", "S98 S5 S97",
        "switches N5\n"
        "routers R5\n"
        "homes N5 none\n"
        "ls_refs {\"N5\": 1}\n"
        "lr_ref R5\n",
    }, {
        "without the subnet the network will do",
        NULL, "none/N1", "",
        "switches N1 N2 N3\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "a subnet says more than the network",
        NULL, "S4/N1", "",
        "switches N4\n"
        "routers \n"
        "homes N4\n"
        "ls_refs {\"N4\": 1}\n"
        "lr_ref \n",
    },

    {
        "two routers in the VIP's subnet both carry it, in order of name",
        meshed, "S1", "",
        "switches N1 N4 N8\n"
        "routers R1 R2\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1,R2\n",
    }, {
        "a router in another subnet of the switch does not",
        NULL, "S2", "",
        "switches N1 N3 N8\n"
        "routers R3\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R3\n",
    }, {
        "a member in the other subnet brings in that one's router",
        NULL, "S1", "S2",
        "switches N1 N3 N4 N8\n"
        "routers R1 R2 R3\n"
        "homes N1\n"
        "ls_refs {\"N1\": 2}\n"
        "lr_ref R1,R2,R3\n",
    }, {
        "a router behind a router is none of the VIP's",
        NULL, "S4", "",
        "switches N1 N4 N8\n"
        "routers R1\n"
        "homes N4\n"
        "ls_refs {\"N4\": 1}\n"
        "lr_ref R1\n",
    }, {
        "where all routers meet, all carry it",
        NULL, "S8", "",
        "switches N1 N3 N4 N8\n"
        "routers R1 R3\n"
        "homes N8\n"
        "ls_refs {\"N8\": 1}\n"
        "lr_ref R1,R3\n",
    }, {
        "of a network without a subnet, every router counts",
        NULL, "none/N1", "",
        "switches N1 N3 N4 N8\n"
        "routers R1 R2 R3\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1,R2,R3\n",
    },

    {
        "an IPv4 VIP goes where there is IPv4",
        two_versions, "S1", "",
        "switches N1 N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "an IPv6 VIP goes where there is IPv6",
        NULL, "F1", "",
        "switches N1 N3\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {\"N1\": 1}\n"
        "lr_ref R1\n",
    }, {
        "its members' switches carry it in any case",
        NULL, "F3", "S2",
        "switches N1 N2 N3\n"
        "routers R1\n"
        "homes N2 N3\n"
        "ls_refs {\"N3\": 1, \"N2\": 1}\n"
        "lr_ref R1\n",
    }, {
        "a router that has no IPv6 on the switch is none of an IPv6 VIP's",
        NULL, "F4", "",
        "switches N4\n"
        "routers \n"
        "homes N4\n"
        "ls_refs {\"N4\": 1}\n"
        "lr_ref \n",
    },

    {
        "a VIP in a provider network is on the router inside, not on it",
        providers, "S1", "",
        "switches N2\n"
        "routers R1\n"
        "homes N1\n"
        "ls_refs {}\n"
        "lr_ref R1\n",
    }, {
        "a VIP behind a router is on no provider network of the router",
        NULL, "S2", "S1 S3",
        "switches N2\n"
        "routers R1\n"
        "homes N1 N2 N3\n"
        "ls_refs {\"N2\": 1}\n"
        "lr_ref R1\n",
    }, {
        "no gateway port leads anywhere, whoever says that it is one",
        NULL, "S4", "",
        "switches N4\n"
        "routers \n"
        "homes N4\n"
        "ls_refs {\"N4\": 1}\n"
        "lr_ref \n",
    },

    {
        "names are written as JSON wants them, and UUIDs for want of a name",
        odd_names, "S1", "S2 S2 S3",
        "switches SWITCH a\\b neutron-N7\n"
        "routers ROUTER\n"
        "homes SWITCH a\\b neutron-N7\n"
        "ls_refs {\"neutron-N7\": 1, \"a\\\\b\": 2, \"SWITCH\": 1}\n"
        "lr_ref ROUTER\n",
    }, {
        "Neutron's networks are known by the id in their name",
        NULL, "none/N7", "",
        "switches neutron-N7\n"
        "routers \n"
        "homes neutron-N7\n"
        "ls_refs {\"neutron-N7\": 1}\n"
        "lr_ref \n",
    },
};

/* Who may share a group.  In the network 'two_versions'. */
static const struct {
    const char *title;
    const char *vips;
    const char *other_vips;
    const char *members;        /* Of the other. */
    bool is_same;
} pairs[] = {
    { "the same places are the same group", "S1", "S1", "", true },
    { "places on one switch are the same group", "S1", "S1/N1", "", true },
    { "a place behind the same router changes nothing", "S1", "S1 S2", "",
      true },
    { "a place that is nowhere changes nothing", "S1", "S1 S99", "", true },
    { "another router is another group", "S1", "S4", "", false },
    { "more routers are another group", "S1", "S1 S4", "", false },
    { "the order of places does not matter", "S1 S4", "S4 S1", "", true },
    { "another IP version is another group", "S1", "F1", "", false },
    { "both versions are another group than one", "S1", "S1 F1", "", false },
    { "a member's switch that the router brings changes nothing", "S1", "S1",
      "S2", true },
    { "one that it would not bring is another group", "S1", "S1", "F3",
      false },
    { "without a router, versions do not matter", "S5", "F5", "", true },
    { "lonely switches are groups of their own", "S5", "S6", "", false },
    { "whoever is nowhere is in the same group", "S98", "S99", "", true },
};

static void
test_attach(void **state)
{
    struct topology_fixture tf;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].title);
        if (rows[i].network) {
            if (i) {
                attach_network_end(&tf);
            }
            attach_network_begin(&tf, rows[i].network);
        }
        attach_check_row(tf.topology, &rows[i]);
    }
    attach_network_end(&tf);
}

/* The name of the group, and what it consists of. */
static struct uuid
find_group(const struct topology *topology, const char *vips,
           const char *members, char **ret_set)
{
    struct attach_place places[ATTACH_PLACES_MAX];
    struct attach_input input;
    struct attachment a;

    attach_input_parse(vips, members, places, &input);
    attach_find(topology, &input, &a);
    struct uuid group = attach_group(topology, input.versions, &a);
    attach_expand(topology, input.versions, &a.routers, &a.switches);

    struct ds s = DS_EMPTY_INITIALIZER;
    attach_put_uuids(&s, "switches", &a.switches);
    attach_put_uuids(&s, "routers", &a.routers);
    *ret_set = ds_steal_cstr(&s);
    attachment_uninit(&a);
    return group;
}

static void
test_groups(void **state)
{
    struct topology_fixture tf;

    attach_network_begin(&tf, two_versions);
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        char *a_set, *b_set;

        print_message("%s\n", pairs[i].title);
        struct uuid a = find_group(tf.topology, pairs[i].vips, "", &a_set);
        struct uuid b = find_group(tf.topology, pairs[i].other_vips,
                                   pairs[i].members, &b_set);
        assert_int_equal(uuid_equals(&a, &b), pairs[i].is_same);
        if (pairs[i].is_same) {
            assert_string_equal(a_set, b_set);
        }
        free(a_set);
        free(b_set);
    }
    attach_network_end(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attach),
        cmocka_unit_test(test_groups),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
