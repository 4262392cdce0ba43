/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference between wanted and seen in the rows of a load balancer: each
 * verb, what is left alone, which row continues which, and the order of steps.
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
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "plan-fixture.h"
#include "rows-fixture.h"
#include "util.h"
#include "uuid.h"

static const struct plan_row rows[] = {
    {
        "nothing becomes nothing",
        "", "", "",
    }, {
        "what is there already is left alone",
        "row R1 tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "option affinity_timeout 60\n"
        "id enabled True\n"
        "switches S1 S2\n"
        "routers R1\n"
        "row R2 udp\n"
        "port V1 S1 virtual M A\n"
        "portid a b",
        "row none udp\n"
        "row none tcp\n"
        "hash ip_dst ip_src\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "option affinity_timeout 60\n"
        "id enabled True\n"
        "switches S2 S1\n"
        "routers R1\n"
        "port V1 S1 virtual M A\n"
        "portid a b",
        "",
    },

    /* Rows. */
    {
        "the first row is inserted, then put on its switches and routers",
        "",
        "row none tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "switches S1 S2\n"
        "routers R1",
        "ROUTER_ADD T1 on R1\n"
        "ROW_INSERT T1=B1\n"
        "SWITCH_ADD T1 on S1\n"
        "SWITCH_ADD T1 on S2\n",
    }, {
        "a row without protocol is inserted",
        "", "row none", "ROW_INSERT E1=B1\n",
    }, {
        "a second protocol is inserted with a label of its own",
        "row R1 tcp",
        "row none tcp\n"
        "row none udp\n"
        "switches S1",
        "ROW_INSERT U1=B1\n"
        "SWITCH_ADD U1 on S1\n",
    }, {
        "if the first candidate for a label is taken there is another",
        "row T1 udp",
        "row none tcp\n"
        "row none udp",
        "ROW_INSERT T2=B1\n",
    }, {
        "and if that one is taken too there is a third",
        "row T1 udp\n"
        "row T2 sctp",
        "row none tcp\n"
        "row none udp\n"
        "row none sctp",
        "ROW_INSERT T3=B1\n",
    }, {
        "the label of a new row is not that of one that goes",
        "row T1 udp",
        "row none tcp",
        "ROW_DELETE T1\n"
        "ROW_INSERT T2=B1\n",
    }, {
        "a row without protocol continues as the first that has one",
        "row R1",
        "row none udp\n"
        "id listener_L1 53:",
        "EXTERNAL_ID_SET R1 listener_L1=53:\n"
        "SET_PROTOCOL R1=udp\n",
    }, {
        "of two new protocols one continues the row and one is inserted",
        "row R1",
        "row none tcp\n"
        "row none udp",
        "ROW_INSERT U1=B1\n"
        "SET_PROTOCOL R1=tcp\n",
    }, {
        "a row that has its protocol goes before one that would have to take "
        "it",
        "row R1\n"
        "row R2 tcp",
        "row none tcp",
        "ROW_DELETE R1\n",
    }, {
        "the last row loses its protocol, not its identity",
        "row R1 tcp\n"
        "id listener_L1 80:pool_P1\n"
        "id pool_P1 ",
        "row none",
        "EXTERNAL_ID_REMOVE R1 listener_L1\n"
        "EXTERNAL_ID_REMOVE R1 pool_P1\n"
        "SET_PROTOCOL R1=\n",
    }, {
        "of two rows that lose their protocols one goes",
        "row R1 tcp\n"
        "row R2 udp",
        "row none",
        "ROW_DELETE R2\n"
        "SET_PROTOCOL R1=\n",
    }, {
        "one of two rows is deleted when its protocol is not needed, and "
        "taken off whoever carries it",
        "row R1 tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "switches S1\n"
        "routers T9\n"
        "row R2 udp",
        "row none udp",
        "ROUTER_REMOVE R1 on T9\n"
        "ROW_DELETE R1\n"
        "SWITCH_REMOVE R1 on S1\n",
    }, {
        "a second row of one protocol is deleted",
        "row R1 tcp\n"
        "row R2 tcp",
        "row none tcp",
        "ROW_DELETE R2\n",
    }, {
        "all rows go, and the port, when nothing is wanted",
        "row R1 tcp\n"
        "switches S1\n"
        "row R2 udp\n"
        "port V1 S1 virtual M A",
        "",
        "PORT_DELETE V1 on S1\n"
        "ROW_DELETE R1\n"
        "ROW_DELETE R2\n"
        "SWITCH_REMOVE R1 on S1\n",
    }, {
        "a row that was renamed gets its name back",
        "row R1 tcp\n"
        "name foo",
        "row none tcp",
        "SET_NAME R1=B1\n",
    },

    /* Columns. */
    {
        "VIPs are set and removed one by one",
        "row R1 tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.1:81\n"
        "vip 10.0.1.5:82 10.0.2.1:82",
        "row none tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.1:81,10.0.2.2:81\n"
        "vip 10.0.1.5:83 10.0.2.1:83",
        "VIP_REMOVE R1 10.0.1.5:82\n"
        "VIP_SET R1 10.0.1.5:81=10.0.2.1:81,10.0.2.2:81\n"
        "VIP_SET R1 10.0.1.5:83=10.0.2.1:83\n",
    }, {
        "a VIP that somebody else wrote goes: the column is all ours",
        "row R1 tcp\n"
        "vip 10.9.9.9:80 10.0.2.1:80",
        "row none tcp",
        "VIP_REMOVE R1 10.9.9.9:80\n",
    }, {
        "the order of backends and of members means nothing",
        "row R1 tcp\n"
        "id pool_P1 member_M2,member_M1\n"
        "vip 10.0.1.5:80 10.0.2.2:80,10.0.2.1:80",
        "row none tcp\n"
        "id pool_P1 member_M1,member_M2\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.2:80",
        "",
    }, {
        "how often a backend is there means something",
        "row R1 tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.2:80,10.0.2.2:80",
        "row none tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.1:80,10.0.2.2:80",
        "VIP_SET R1 10.0.1.5:80=10.0.2.1:80,10.0.2.1:80,10.0.2.2:80\n",
    }, {
        "selection fields are a set",
        "row R1 tcp\n"
        "hash ip_src ip_dst tp_src tp_dst",
        "row none tcp\n"
        "hash ip_src ip_dst",
        "SET_SELECTION R1\n",
    }, {
        "our option is set",
        "row R1 tcp\n"
        "option affinity_timeout 60",
        "row none tcp\n"
        "option affinity_timeout 90",
        "OPTION_SET R1 affinity_timeout=90\n",
    }, {
        "our option is removed, others' options are left alone",
        "row R1 tcp\n"
        "option affinity_timeout 60\n"
        "option hairpin_snat_ip 10.0.1.9\n"
        "option reject true",
        "row none tcp",
        "OPTION_REMOVE R1 affinity_timeout\n",
    }, {
        "our external_ids are set and removed, others' are left alone",
        "row R1 tcp\n"
        "id enabled True\n"
        "id listener_L1:D 80:\n"
        "id pool_P1 \n"
        "id neutron:vip_fip 172.24.4.3\n"
        "id neutron:member_status {}\n"
        "id lr_ref R1\n"
        "id octavia:healthmonitors []\n"
        "id somebody else",
        "row none tcp\n"
        "id enabled False\n"
        "id listener_L1 80:",
        "EXTERNAL_ID_REMOVE R1 listener_L1:D\n"
        "EXTERNAL_ID_REMOVE R1 lr_ref\n"
        "EXTERNAL_ID_REMOVE R1 neutron:member_status\n"
        "EXTERNAL_ID_REMOVE R1 neutron:vip_fip\n"
        "EXTERNAL_ID_REMOVE R1 octavia:healthmonitors\n"
        "EXTERNAL_ID_REMOVE R1 pool_P1\n"
        "EXTERNAL_ID_SET R1 enabled=False\n"
        "EXTERNAL_ID_SET R1 listener_L1=80:\n",
    }, {
        "JSON that differs in order and space is equal",
        "row R1 tcp\n"
        "id ls_refs {\"b\":2,\"a\":1}\n"
        "id neutron:member_status { \"M2\" : \"OFFLINE\", \"M1\":\"X\" }",
        "row none tcp\n"
        "id ls_refs {\"a\": 1, \"b\": 2}\n"
        "id neutron:member_status {\"M1\": \"X\", \"M2\": \"OFFLINE\"}",
        "",
    }, {
        "JSON that differs in a value is set",
        "row R1 tcp\n"
        "id ls_refs {\"a\": 2}",
        "row none tcp\n"
        "id ls_refs {\"a\": 1}",
        "EXTERNAL_ID_SET R1 ls_refs={\"a\": 1}\n",
    }, {
        "what is not JSON is set",
        "row R1 tcp\n"
        "id ls_refs {\"a\": 1\n"
        "id neutron:member_status ",
        "row none tcp\n"
        "id ls_refs {\"a\": 1}\n"
        "id neutron:member_status {\"M1\": \"X\"}",
        "EXTERNAL_ID_SET R1 ls_refs={\"a\": 1}\n"
        "EXTERNAL_ID_SET R1 neutron:member_status={\"M1\": \"X\"}\n",
    }, {
        "two texts that are not JSON are not equal for that",
        "row R1 tcp\n"
        "id ls_refs {x",
        "row none tcp\n"
        "id ls_refs {y",
        "EXTERNAL_ID_SET R1 ls_refs={y\n",
    }, {
        "what is no JSON object by its key is compared as text",
        "row R1 tcp\n"
        "id lr_ref [1,2]",
        "row none tcp\n"
        "id lr_ref [1, 2]",
        "EXTERNAL_ID_SET R1 lr_ref=[1, 2]\n",
    },

    {
        "a list whose order means nothing is compared as such",
        "row R1 tcp\n"
        "id lr_ref R2,R1\n"
        "id neutron:additional_vip_fips 172.24.4.4,172.24.4.3",
        "row none tcp\n"
        "id lr_ref R1,R2\n"
        "id neutron:additional_vip_fips 172.24.4.3,172.24.4.4",
        "",
    }, {
        "and set as a whole when an element differs",
        "row R1 tcp\n"
        "id lr_ref R2,R1",
        "row none tcp\n"
        "id lr_ref R1,R2,R3",
        "EXTERNAL_ID_SET R1 lr_ref=R1,R2,R3\n",
    }, {
        "the order of VIPs means something",
        "row R1 tcp\n"
        "id neutron:additional_vips 10.0.1.6,10.0.1.7",
        "row none tcp\n"
        "id neutron:additional_vips 10.0.1.7,10.0.1.6",
        "EXTERNAL_ID_SET R1 neutron:additional_vips=10.0.1.7,10.0.1.6\n",
    },

    /* Which row continues which. */
    {
        "when pools fall out, the row that hashes as before stays, and the "
        "other takes its listener along",
        "row R1 tcp\n"
        "hash ip_src ip_dst tp_src tp_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.2:80",
        "row none tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "row none tcp\n"
        "hash ip_src ip_dst tp_src tp_dst\n"
        "vip 10.0.1.5:81 10.0.2.2:80",
        "ROW_INSERT T1=B1\n"
        "VIP_REMOVE R1 10.0.1.5:80\n",
    }, {
        "when they agree again, one row is left",
        "row R1 tcp\n"
        "hash ip_src ip_dst tp_src tp_dst\n"
        "vip 10.0.1.5:81 10.0.2.2:80\n"
        "row R2 tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80",
        "row none tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.2:80",
        "ROW_DELETE R1\n"
        "VIP_SET R2 10.0.1.5:81=10.0.2.2:80\n",
    }, {
        "when all change alike, the row stays",
        "row R1 tcp\nhash ip_src ip_dst\n"
        "option affinity_timeout 60",
        "row none tcp\nhash ip_src ip_dst\n"
        "option affinity_timeout 90",
        "OPTION_SET R1 affinity_timeout=90\n",
    }, {
        "rows of one protocol are told apart by timeouts, too",
        "row R1 tcp\n"
        "option affinity_timeout 60\n"
        "row R2 tcp\n"
        "row R3 tcp\n"
        "option affinity_timeout 90",
        "row none tcp\n"
        "row none tcp\n"
        "option affinity_timeout 90\n"
        "row none tcp\n"
        "option affinity_timeout 60",
        "",
    }, {
        "new rows of one protocol have UUIDs of their own",
        "",
        "row none tcp\ncheck none 10.0.1.5:80\n"
        "row none tcp\nhash ip_src",
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "ROW_INSERT T1=B1\n"
        "ROW_INSERT T2=B1\n",
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

/* Within a transaction, a row must be there before it is put on anything, what
 * it is in before that, and a port's name must be free before another port
 * gets it. */
static void
test_order(void **state)
{
    static const char expected[] =
        "PORT_DELETE V2 on S2\nPORT_INSERT V1 on S1\n"
        "GROUP_INSERT G1\n"
        "GROUP_SWITCH_ADD G1 on S1\n"
        "GROUP_ROUTER_ADD G1 on R1\n"
        "ROW_INSERT T1=B1\n"
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "SWITCH_ADD T1 on S1\n"
        "ROUTER_ADD T1 on R1\n"
        "GROUP_ADD T1 on G1\n"
        "NAT_CENTRALISE N1\n";
    struct ovn_lb want, seen;
    struct plan plan;

    ovn_lb_parse("row none tcp\n"
                 "check none 10.0.1.5:80\n"
                 "switches S1\n"
                 "routers R1\n"
                 "groups G1\n"
                 "port V1 S1 virtual M A\n"
                 "group G1\n"
                 "switches S1\n"
                 "routers R1\n"
                 "nat N1", &want);
    ovn_lb_parse("port V2 S2 virtual M A", &seen);
    plan_diff(&want, &seen, &plan);
    char *text = plan_text(&plan);
    assert_string_equal(text, expected);
    free(text);
    plan_uninit(&plan);
    ovn_lb_uninit(&want);
    ovn_lb_uninit(&seen);
}

/* The same question has the same answer: a repeated insert must collide. */
static void
test_repetition(void **state)
{
    struct ovn_lb want, seen;
    struct plan a, b;

    ovn_lb_parse("row none tcp\nrow none udp\nrow none sctp", &want);
    ovn_lb_parse("row T1 tcp", &seen);
    plan_diff(&want, &seen, &a);
    plan_diff(&want, &seen, &b);
    assert_int_equal(a.n, 2);
    assert_int_equal(b.n, 2);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.steps[i].verb, PLAN_ROW_INSERT);
        assert_true(uuid_equals(&a.steps[i].row, &b.steps[i].row));
    }
    assert_false(uuid_equals(&a.steps[0].row, &a.steps[1].row));
    plan_uninit(&a);
    plan_uninit(&b);
    ovn_lb_uninit(&want);
    ovn_lb_uninit(&seen);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_repetition),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, plan_names_setup,
                                  plan_names_teardown);
}
