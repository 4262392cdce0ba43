/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference between wanted and seen in what is around the rows of a load
 * balancer: their switches and routers, groups, ports, health checks, and the
 * NAT rows of members.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "openvswitch/vlog.h"
#include "plan-fixture.h"
#include "util.h"

static const struct plan_row rows[] = {
    /* Who carries the row. */
    {
        "a row is put on what it lacks and taken off what it has too much",
        "row R1 tcp\n"
        "switches S1 S2\n"
        "routers R1 R2",
        "row none tcp\n"
        "switches S2 S3\n"
        "routers R2 R3",
        "ROUTER_ADD R1 on R3\n"
        "ROUTER_REMOVE R1 on R1\n"
        "SWITCH_ADD R1 on S3\n"
        "SWITCH_REMOVE R1 on S1\n",
    },

    /* Groups. */
    {
        "from row by row to a group, and nowhere in between",
        "row R1 tcp\n"
        "id ls_refs {}\n"
        "switches S1 S2\n"
        "routers R1",
        "row none tcp\n"
        "groups G1\n"
        "group G1\n"
        "switches S1 S2\n"
        "routers R1",
        "EXTERNAL_ID_REMOVE R1 ls_refs\n"
        "GROUP_ADD R1 on G1\n"
        "GROUP_INSERT G1\n"
        "GROUP_ROUTER_ADD G1 on R1\n"
        "GROUP_SWITCH_ADD G1 on S1\n"
        "GROUP_SWITCH_ADD G1 on S2\n"
        "ROUTER_REMOVE R1 on R1\n"
        "SWITCH_REMOVE R1 on S1\n"
        "SWITCH_REMOVE R1 on S2\n",
    }, {
        "and back; the group is for others to remove",
        "row R1 tcp\n"
        "groups G1",
        "row none tcp\n"
        "switches S1\n"
        "routers R1",
        "GROUP_REMOVE R1 on G1\n"
        "ROUTER_ADD R1 on R1\n"
        "SWITCH_ADD R1 on S1\n",
    }, {
        "a row moves from group to group",
        "row R1 tcp\n"
        "groups G1 G2",
        "row none tcp\n"
        "groups G2 G3",
        "GROUP_ADD R1 on G3\n"
        "GROUP_REMOVE R1 on G1\n",
    }, {
        "a group is put on what it lacks and taken off what it has too much",
        "group G1\n"
        "switches S1 S2\n"
        "routers R1 R2",
        "group G1\n"
        "switches S2 S3\n"
        "routers R2 R3",
        "GROUP_ROUTER_ADD G1 on R3\n"
        "GROUP_ROUTER_REMOVE G1 on R1\n"
        "GROUP_SWITCH_ADD G1 on S3\n"
        "GROUP_SWITCH_REMOVE G1 on S1\n",
    }, {
        "a group that is settled is not compared",
        "row R1 tcp\n"
        "groups G1\n"
        "group G1\n"
        "switches S1",
        "row none tcp\n"
        "groups G1\n"
        "group G1\n"
        "settled",
        "",
    },

    /* The port. */
    {
        "the port is inserted on its switch",
        "", "port V1 S1 virtual M A\nportid a b",
        "PORT_INSERT V1 on S1\n",
    }, {
        "a port that is on another switch is made anew there",
        "port V1 S2 virtual M A",
        "port V1 S1 virtual M A",
        "PORT_DELETE V1 on S2\n"
        "PORT_INSERT V1 on S1\n",
    }, {
        "a port that is on no switch is made anew",
        "port V1 none virtual M A",
        "port V1 S1 virtual M A",
        "PORT_DELETE V1\n"
        "PORT_INSERT V1 on S1\n",
    }, {
        "a port of another type is set right",
        "port V1 S1  M A",
        "port V1 S1 virtual M A",
        "PORT_SET V1\n",
    }, {
        "a port with other addresses is set right",
        "port V1 S1 virtual M B",
        "port V1 S1 virtual M A",
        "PORT_SET V1\n",
    }, {
        "a port keeps others' external_ids",
        "port V1 S1 virtual M A\n"
        "portid a b\n"
        "portid x y",
        "port V1 S1 virtual M A\n"
        "portid a c\n"
        "portid d e",
        "PORT_EXTERNAL_ID_SET V1 a=c\n"
        "PORT_EXTERNAL_ID_SET V1 d=e\n",
    }, {
        "each of several ports is itself",
        "port V1 S1 virtual M A\n"
        "port V2 S1 virtual M B\n"
        "portname two\n"
        "port V3 S1 virtual M C\n"
        "portname three",
        "port V1 S1 virtual M A\n"
        "port V2 S2 virtual M B\n"
        "portname two\n"
        "port V4 S1 virtual M D\n"
        "portname four",
        "PORT_DELETE V2 on S1\n"
        "PORT_DELETE V3 on S1\n"
        "PORT_INSERT V2 on S2\n"
        "PORT_INSERT V4 on S1\n",
    }, {
        "a port that is shared stays when one has no use for it",
        "port V1 S1 virtual M A\n"
        "shared",
        "",
        "",
    },

    /* Health checks. */
    {
        "a check is inserted into its row",
        "row T1 tcp",
        "row none tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "check none 10.0.1.5:80\n"
        "checkoption interval 5",
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "MAPPING_SET T1 10.0.2.1=p1:10.0.2.254\n",
    }, {
        "with another UUID if that one is taken",
        "row T1 tcp\n"
        "check C1 10.0.1.6:80",
        "row none tcp\n"
        "check none 10.0.1.5:80",
        "CHECK_INSERT T1 on C2 10.0.1.5:80\n"
        "CHECK_REMOVE T1 on C1\n",
    }, {
        "a new row has its mappings from the beginning, and then its checks",
        "",
        "row none tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "check none 10.0.1.5:80",
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "ROW_INSERT T1=B1\n",
    }, {
        "a change of one option leaves the others, and others' keys",
        "row T1 tcp\n"
        "check C1 10.0.1.5:80\n"
        "checkoption interval 5\n"
        "checkoption timeout 3\n"
        "checkoption success_count 2\n"
        "checkoption somebodys own\n"
        "checkid octavia:healthmonitor H1\n"
        "checkid somebody else",
        "row none tcp\n"
        "check none 10.0.1.5:80\n"
        "checkoption interval 6\n"
        "checkoption timeout 3\n"
        "checkid octavia:healthmonitor H2",
        "CHECK_EXTERNAL_ID_SET C1 octavia:healthmonitor=H2\n"
        "CHECK_OPTION_REMOVE C1 success_count\n"
        "CHECK_OPTION_SET C1 interval=6\n",
    }, {
        "a check of another VIP goes, as does a second one of the same",
        "row T1 tcp\n"
        "check H1 10.0.1.5:80\n"
        "check H2 10.0.1.5:80\n"
        "check H3 10.0.1.5:81",
        "row none tcp\n"
        "check none 10.0.1.5:80",
        "CHECK_REMOVE T1 on H2\n"
        "CHECK_REMOVE T1 on H3\n",
    }, {
        "checks without VIP are told apart by the VIP they would be for",
        "row T1 tcp\n"
        "check H2\n"
        "checkid octavia:vip 10.0.1.6\n"
        "checkid octavia:pool_id P1\n"
        "check H1\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1",
        "row none tcp\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.6\n"
        "checkid octavia:pool_id P1",
        "",
    }, {
        "and by their pool",
        "row T1 tcp\n"
        "check H2\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P2\n"
        "check H1\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1",
        "row none tcp\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P2",
        "",
    }, {
        "mappings are set and removed one by one",
        "row R1 tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "map 10.0.2.2 p2:10.0.2.254\n"
        "map [fd00:2::1] p1:[fd00:2::fe]",
        "row none tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "map [fd00:2::1] p1:[fd00:2::ff]",
        "MAPPING_REMOVE R1 10.0.2.2\n"
        "MAPPING_SET R1 [fd00:2::1]=p1:[fd00:2::ff]\n",
    }, {
        "a row that goes takes its checks with it",
        "row R1 tcp\ncheck H1 10.0.1.5:80",
        "",
        "ROW_DELETE R1\n",
    },

    /* Floating IPs of members. */
    {
        "a NAT row is centralised, once; undoing is for others",
        "nat N1\nnat N2",
        "nat N2\nnat N3",
        "NAT_CENTRALISE N3\n",
    },
};

static void
test_difference(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].title);
        plan_check_row(&rows[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, plan_names_setup,
                                  plan_names_teardown);
}
