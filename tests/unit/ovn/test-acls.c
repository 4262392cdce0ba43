/* SPDX-License-Identifier: Apache-2.0
 *
 * The ACLs of load balancers in a network: how many, where, and what happens
 * where none would keep clients out.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "model/objects.h"
#include "model/wanted.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "rows-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

/* N1 and N2 are behind R1, which has a floating IP for 10.0.1.5.  N4 is alone.
 * R9, behind which is N9, joins another router. */
static const char network[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N4", MAP("subnet", "10.0.4.0/24")) ","
    ADD_SWITCH("N9", MAP("subnet", "10.0.9.0/24")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R9") ","
    LINK("N1", "R1", "r1n1", "'10.0.1.1/24'") ","
    LINK("N2", "R1", "r1n2", "'10.0.2.1/24'") ","
    LINK("N9", "R9", "r9n9", "'10.0.9.1/24'") ","
    ADD_ROUTER_PORT("R9", "r9r8", "'10.9.0.9/24','peer':'r8r9'") ","
    ADD_NAT("R1", FIXED("1"), FLOATING("172.24.4.15", "10.0.1.5"));

#define POOL "pool P1 tcp\nmember M1 10.0.1.1 80\n"
#define V1_MATCH "ip4.dst == {10.0.1.5, 172.24.4.15} && tcp.dst == 80"     \
                 " && ip4.src == {128.0.0.0/1}\n"

#define V1_TRANSLATED "ip4.dst == {10.0.1.5, 172.24.4.15} && tcp.dst == 80" \
                      " && ct.dnat\ntranslated\n"

static const struct row {
    const char *title;
    const char *tree;
    bool is_refused;            /* By the configuration. */
    const char *expected;
    const char *hole;
} rows[] = {
    {
        "one for each listener with ranges, VIPs and floating IPs together",
        "lb 10.0.1.5 subnet=S1\n"
        "listener L1 tcp 80 pool=P1 allow=0.0.0.0/1\n"
        "listener L2 tcp 81 pool=P1\n"
        POOL, false,
        "vip 10.0.1.5:80 10.0.1.1:80\n"
        "vip 10.0.1.5:81 10.0.1.1:80\n"
        "vip 172.24.4.15:80 10.0.1.1:80\n"
        "vip 172.24.4.15:81 10.0.1.1:80\n"
        "acl L1 R1 4 " V1_TRANSLATED
        "acl L1 R1 4 " V1_MATCH
        "cidrs 0.0.0.0/1\n"
        "entrance R1 sw_r1n1 sw_r1n2\n",
        NULL,
    }, {
        "a listener that is down, or has no pool, is guarded already",
        "lb 10.0.1.5 subnet=S1\n"
        "listener L1 tcp 80 allow=0.0.0.0/1 down\n", false,
        "acl L1 R1 4 " V1_TRANSLATED
        "acl L1 R1 4 " V1_MATCH
        "cidrs 0.0.0.0/1\n"
        "entrance R1 sw_r1n1 sw_r1n2\n",
        NULL,
    }, {
        "a listener that is deleted has none",
        "lb 10.0.1.5 subnet=S1\n"
        "listener L1 tcp 80 allow=0.0.0.0/1 deleting\n", false,
        "",
        NULL,
    }, {
        "a switch without a router has it itself",
        "lb 10.0.4.5 subnet=S4\n"
        "vip fd00:4::5\n"
        "listener L1 tcp 80 allow=0.0.0.0/1\n", false,
        "acl L1 N4 4 ip4.dst == {10.0.4.5} && tcp.dst == 80"
        " && ip4.src == {128.0.0.0/1}\n"
        "cidrs 0.0.0.0/1\n"
        "acl L1 N4 6 ip6.dst == {fd00:4::5} && tcp.dst == 80\n"
        "cidrs 0.0.0.0/1\n",
        NULL,
    }, {
        "where clients cannot be kept out, none is served",
        "lb 10.0.9.5 subnet=S9\n"
        "listener L1 tcp 80 pool=P1 allow=0.0.0.0/1\n"
        "listener L2 tcp 81 pool=P1\n"
        POOL, false,
        "vip 10.0.9.5:81 10.0.1.1:80\n",
        "allowed_cidrs cannot be enforced: router R9 has another router as "
        "its direct peer",
    }, {
        "nor where ACLs are switched off",
        "lb 10.0.1.5 subnet=S1\n"
        "listener L1 tcp 80 pool=P1 allow=0.0.0.0/1\n"
        POOL, true,
        "",
        "allowed_cidrs is switched off in the driver's configuration",
    }, {
        "without ranges neither matters",
        "lb 10.0.9.5 subnet=S9\n"
        "listener L2 tcp 81 pool=P1\n"
        POOL, true,
        "vip 10.0.9.5:81 10.0.1.1:80\n",
        NULL,
    },
};

static void
check_row(const struct topology *topology, const struct row *row)
{
    const struct desired_facts facts = {
        .topology = topology,
        .enforce_cidrs = !row->is_refused,
    };
    struct model_lb *lb = model_lb_parse(row->tree);
    struct model_lb *wanted = model_wanted_create(lb);
    struct desired_watch watch;
    struct ovn_lb want;

    print_message("%s\n", row->title);
    desired_watch_init(&watch);
    desired_lb(wanted, &facts, &want, &watch);
    char *actual = ovn_lb_format(&want, OVN_LB_VIPS | OVN_LB_ACLS);
    assert_string_equal(actual, row->expected);
    assert_true(nullable_string_is_equal(want.hole, row->hole));
    free(actual);
    ovn_lb_uninit(&want);
    desired_watch_uninit(&watch);
    model_wanted_destroy(wanted);
    model_lb_destroy(lb);
}

static void
test_acls(void **state)
{
    struct topology_fixture tf;
    const struct topo_port *port;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);
    HMAP_FOR_EACH (port, by_uuid, topology_ports(tf.topology)) {
        uuid_call(&port->uuid, port->name);
    }
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        check_row(tf.topology, &rows[i]);
    }
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acls),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
