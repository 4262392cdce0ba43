/* SPDX-License-Identifier: Apache-2.0
 *
 * Where packets to a load balancer come in, in networks that a real database
 * holds.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "attach-fixture.h"
#include "model-fixture.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/want/attach.h"
#include "ovn/want/entrances.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

/* N1 and N2 are behind R1, whose uplink is in the provider network N6, with R5
 * and N5 behind it.  N3 has IPv6 only.  N4 is alone.  R2 joins N2 and N7 with
 * its uplink in N8, a transit switch to another OVN; R9 and R8 are joined
 * without a switch, with N9 behind R9. */
static const char network[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N3", MAP("ipv6_prefix", "fd00:3::/64")) ","
    ADD_SWITCH("N4", MAP("subnet", "10.0.4.0/24")) ","
    ADD_SWITCH("N5", MAP("subnet", "10.0.5.0/24")) ","
    ADD_SWITCH("N6", MAP("subnet", "10.0.6.0/24")) ","
    ADD_PORT("N6", "phys", ",'type':'localnet'") ","
    ADD_SWITCH("N7", MAP("subnet", "10.0.7.0/24")) ","
    ADD_SWITCH("N8", MAP("subnet", "10.0.8.0/24")) ","
    ADD_PORT("N8", "far", ",'type':'remote'") ","
    ADD_SWITCH("N9", MAP("subnet", "10.0.9.0/24")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R2") ","
    ADD_ROUTER("R5") ","
    ADD_ROUTER("R8") ","
    ADD_ROUTER("R9") ","
    LINK("N1", "R1", "r1n1", "'10.0.1.1/24'") ","
    LINK("N2", "R1", "r1n2", "'10.0.2.1/24'") ","
    LINK("N3", "R1", "r1n3", "'fd00:3::1/64'") ","
    LINK("N6", "R1", "r1n6", "'10.0.6.1/24','external_ids':"
         MAP("neutron:is_ext_gw", "True")) ","
    LINK("N6", "R5", "r5n6", "'10.0.6.5/24','external_ids':"
         MAP("neutron:is_ext_gw", "True")) ","
    LINK("N5", "R5", "r5n5", "'10.0.5.1/24'") ","
    LINK("N7", "R2", "r2n7", "'10.0.7.1/24'") ","
    LINK("N8", "R2", "r2n8", "'10.0.8.1/24'") ","
    LINK("N9", "R9", "r9n9", "'10.0.9.1/24'") ","
    ADD_ROUTER_PORT("R9", "r9r8", "'10.9.0.9/24','peer':'r8r9'") ","
    ADD_ROUTER_PORT("R8", "r8r9", "'10.9.0.8/24','peer':'r9r8'");

static const struct row {
    const char *title;
    const char *vips;
    const char *members;
    const char *expected;
} rows[] = {
    {
        "all switches of the router, carriers or not",
        "S1", "",
        "routers R1\n"
        "switches \n"
        "ports sw_r1n1 sw_r1n2 sw_r1n3 sw_r1n6\n",
    }, {
        "a switch without a router by itself",
        "S4", "",
        "routers \n"
        "switches N4\n"
        "ports \n",
    }, {
        "a member's switch without a router, too",
        "S1", "S2 S4",
        "routers R1\n"
        "switches N4\n"
        "ports sw_r1n1 sw_r1n2 sw_r1n3 sw_r1n6\n",
    }, {
        "the routers of all members",
        "S1", "S5",
        "routers R1 R5\n"
        "switches \n"
        "ports sw_r1n1 sw_r1n2 sw_r1n3 sw_r1n6 sw_r5n5 sw_r5n6\n",
    }, {
        "a VIP in the provider network has no router, and no carrier there",
        "S6", "",
        "routers \n"
        "switches \n"
        "ports \n",
    }, {
        "what another OVN sends in cannot be kept out",
        "S7", "",
        "routers R2\n"
        "switches \n"
        "ports sw_r2n7 sw_r2n8\n"
        "hole allowed_cidrs cannot be enforced: network N8 also belongs to "
        "another OVN\n",
    }, {
        "nor what comes from a router without a switch between",
        "S9", "",
        "routers R9\n"
        "switches \n"
        "ports sw_r9n9\n"
        "hole allowed_cidrs cannot be enforced: router R9 has another router "
        "as its direct peer\n",
    }, {
        "where nothing is known, nothing comes in",
        "S99", "",
        "routers \n"
        "switches \n"
        "ports \n",
    },
};

static void
name_ports(const struct topology *topology)
{
    const struct topo_port *port;

    HMAP_FOR_EACH (port, by_uuid, topology_ports(topology)) {
        uuid_call(&port->uuid, port->name);
    }
}

static char *
describe(const struct topology *topology, const char *vips,
         const char *members)
{
    struct attach_place places[ATTACH_PLACES_MAX];
    struct uuidset ports = UUIDSET_INITIALIZER(&ports);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct attach_input input;
    struct attachment carriers;
    struct entrances entrances;
    const struct uuidset_node *node;

    attach_input_parse(vips, members, places, &input);
    attach_find(topology, &input, &carriers);
    entrances_init(&entrances);
    entrances_find(topology, &carriers.switches, &carriers.routers,
                   &entrances);
    UUIDSET_FOR_EACH (node, &entrances.routers) {
        entrances_find_ports(topology, &node->uuid, &ports);
    }
    attach_put_uuids(&s, "routers", &entrances.routers);
    attach_put_uuids(&s, "switches", &entrances.switches);
    attach_put_uuids(&s, "ports", &ports);
    if (entrances.hole) {
        ds_put_format(&s, "hole %s\n", entrances.hole);
    }
    uuidset_destroy(&ports);
    entrances_uninit(&entrances);
    attachment_uninit(&carriers);
    return ds_steal_cstr(&s);
}

static void
check_row(const struct topology *topology, const struct row *row)
{
    char *actual = describe(topology, row->vips, row->members);

    print_message("%s\n", row->title);
    assert_string_equal(actual, row->expected);
    free(actual);
}

static void
test_entrances(void **state)
{
    struct topology_fixture tf;

    attach_network_begin(&tf, network);
    name_ports(tf.topology);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        check_row(tf.topology, &rows[i]);
    }
    attach_network_end(&tf);
}

/* Fails unless 'ops' change what 'row' says, and say that R2 or R9 has
 * changed. */
static void
check_change(struct topology_fixture *tf, const char *ops, const char *router,
             const struct row *row)
{
    topology_fixture_apply(tf, ops);

    char *changed = topology_fixture_changed_routers(tf);
    assert_string_equal(changed, router);
    free(changed);
    check_row(tf->topology, row);
}

static void
test_changes(void **state)
{
    static const struct row closed = {
        "a transit switch that is one no more is like any other", "S7", "",
        "routers R2\nswitches \nports sw_r2n7 sw_r2n8\n",
    };
    static const struct row parted = {
        "so are routers that part", "S9", "",
        "routers R9\nswitches \nports sw_r9n9\n",
    };
    struct topology_fixture tf;

    attach_network_begin(&tf, network);
    name_ports(tf.topology);
    check_change(&tf, OP_UPDATE(PORT, "far", "'type':''"), "R2", &closed);
    check_change(&tf, OP_UPDATE(ROUTER_PORT, "r9r8", "'peer':['set',[]]"),
                 "R9", &parted);
    attach_network_end(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entrances),
        cmocka_unit_test(test_changes),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
