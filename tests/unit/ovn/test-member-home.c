/* SPDX-License-Identifier: Apache-2.0
 *
 * In which subnets members live that have named none.
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
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/want/member-home.h"
#include "rows-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

#define JOIN(SWITCH, ROUTER, PORT, NETWORK, MORE)               \
    ADD_PORT(SWITCH, "s" PORT, PEER(PORT)) ","                  \
    ADD_ROUTER_PORT(ROUTER, PORT, "'" NETWORK "'" MORE)

/* N1 is behind R1, with N2 and N3, and behind R5, with N5.  N3 and N5 have one
 * range.  R1's way to the outside is N4, which has R4, with N6.  N7 has a
 * subnet in which R1 has no address. */
static const char network[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N3", MAP("subnet", "10.0.3.0/24")) ","
    ADD_SWITCH("N4", MAP("subnet", "10.0.4.0/24")) ","
    ADD_SWITCH("N5", MAP("subnet", "10.0.3.0/24")) ","
    ADD_SWITCH("N6", MAP("subnet", "10.0.6.0/24")) ","
    ADD_SWITCH("N7", MAP2("subnet", "10.0.7.0/24",
                          "ipv6_prefix", "fd00:7::/64")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R5") ","
    ADD_ROUTER("R4") ","
    JOIN("N1", "R1", "r1n1", "10.0.1.1/24", "") ","
    JOIN("N2", "R1", "r1n2", "10.0.2.1/24", "") ","
    JOIN("N3", "R1", "r1n3", "10.0.3.1/24", "") ","
    JOIN("N7", "R1", "r1n7", "10.0.7.1/24", "") ","
    JOIN("N4", "R1", "r1n4", "10.0.4.1/24", ",'external_ids':"
         MAP("neutron:is_ext_gw", "True")) ","
    JOIN("N1", "R5", "r5n1", "10.0.1.2/24", "") ","
    JOIN("N5", "R5", "r5n5", "10.0.3.1/24", "") ","
    JOIN("N4", "R4", "r4n4", "10.0.4.2/24", "") ","
    JOIN("N6", "R4", "r4n6", "10.0.6.1/24", "");

static const struct {
    const char *title;
    const char *vips;
    const char *address;
    const char *subnet;         /* That of this network; "": none. */
} homes[] = {
    { "the VIP's subnet comes first", "lb 10.0.1.5 subnet=S1", "10.0.1.9",
      "N1" },
    { "then the one behind its router", "lb 10.0.1.5 subnet=S1", "10.0.2.9",
      "N2" },
    { "of several none", "lb 10.0.1.5 subnet=S1", "10.0.3.9", "N1" },
    { "nothing beyond a gateway", "lb 10.0.1.5 subnet=S1", "10.0.4.9",
      "N1" },
    { "nor behind that", "lb 10.0.1.5 subnet=S1", "10.0.6.9", "N1" },
    { "nothing at all", "lb 10.0.1.5 subnet=S1", "192.0.2.9", "N1" },
    { "nor beside what a router is in", "lb 10.0.1.5 subnet=S1", "fd00:7::9",
      "N1" },
    { "but what it is in", "lb 10.0.1.5 subnet=S1", "10.0.7.9", "N7" },
    { "an additional VIP counts", "lb 10.0.2.5 subnet=S2\n"
      "vip 10.0.6.5 subnet=S6", "10.0.6.9", "N6" },
    { "only the outside's router", "lb 10.0.4.5 subnet=S4", "10.0.2.9",
      "N4" },
    { "but the inside's", "lb 10.0.4.5 subnet=S4", "10.0.6.9", "N6" },
    { "a subnet that was given stays", "lb 10.0.1.5 subnet=S1",
      "10.0.2.9 80 subnet=S6", "N6" },
    { "without the VIP's subnet", "lb 10.0.1.5 net=N1", "10.0.2.9", "N2" },
    { "and none", "lb 10.0.1.5 net=N1", "10.0.4.9", "" },
};

static const char *
home_of(const struct topology *topology, const struct model_member *member)
{
    const struct topo_subnet *subnet
        = topology_subnet_by_id(topology, &member->subnet_id);

    assert_int_equal(member->has_subnet, subnet != NULL);
    return subnet ? subnet->sw->name : "";
}

static void
test_find(void **state)
{
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);
    for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
        char *tree = xasprintf("%s\npool P1 tcp\nmember M1 %s%s",
                               homes[i].vips, homes[i].address,
                               strchr(homes[i].address, ' ') ? "" : " 80");
        struct model_lb *lb = model_lb_parse(tree);

        print_message("%s\n", homes[i].title);
        member_homes_find(tf.topology, lb);
        assert_string_equal(home_of(tf.topology, &lb->pools[0].members[0]),
                            homes[i].subnet);
        model_lb_destroy(lb);
        free(tree);
    }
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
