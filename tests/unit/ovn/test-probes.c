/* SPDX-License-Identifier: Apache-2.0
 *
 * Health monitors in OVN: which VIPs are checked and how, and through which
 * port and from which address each member is probed.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/ip.h"
#include "model-fixture.h"
#include "model/objects.h"
#include "model/wanted.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/db/health.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "rows-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

/* N2 has members' ports: "one" with an address of each IP version, "two", and
 * "three:x", whose name OVN could not read back. */
static const char network[] =
    ADD_SWITCH("N1", MAP2("subnet", "10.0.1.0/24", "ipv6_prefix", "fd00:1::"))
    ","
    ADD_SWITCH("N2", MAP2("subnet", "10.0.2.0/24", "ipv6_prefix", "fd00:2::"))
    ","
    ADD_ROUTER("R1") ","
    ADD_PORT("N1", "n1r", PEER("rn1")) ","
    ADD_PORT("N2", "n2r", PEER("rn2")) ","
    ADD_ROUTER_PORT("R1", "rn1", "'10.0.1.1/24'") ","
    ADD_ROUTER_PORT("R1", "rn2", "'10.0.2.1/24'") ","
    ADD_NAT("R1", FIXED("1"), FLOATING("172.24.4.15", "10.0.1.5")) ","
    ADD_PORT("N2", "one",
             ",'addresses':'0a:00:00:00:00:02 10.0.2.11 fd00:2::11'") ","
    ADD_PORT("N2", "two", ",'addresses':'0a:00:00:00:00:03 10.0.2.12'") ","
    OP_PORTS(SWITCH, "N2", "insert", NEW("three")) ","
    "{'op':'insert','table':'Logical_Switch_Port','uuid-name':'three','row':{"
    "'name':'three:x','addresses':'0a:00:00:00:00:04 10.0.2.13'}}";

struct row {
    const char *title;
    const char *tree;
    const char *expected;
    const char *subnets;        /* With members to probe; NULL: not asked. */
};

static const struct row rows[] = {
    {
        "without a monitor nothing is probed",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.11 80 subnet=S2",
        "", "",
    }, {
        "a VIP is checked, and its members are mapped to their ports",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 4\n"
        "member M1 10.0.2.11 8080 subnet=S2\n"
        "member M2 10.0.2.12 8080 subnet=S2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "map 10.0.2.12 two:10.0.2.254\n"
        "check 10.0.1.9:80\n"
        "checkoption failure_count 4\n"
        "checkoption interval 5\n"
        "checkoption success_count 2\n"
        "checkoption timeout 3\n"
        "checkid octavia:healthmonitor H1\n"
        "checkid octavia:pool_id P1\n"
        "checkid octavia:vip 10.0.1.9\n",
        "S2",
    }, {
        "every listener, VIP and floating IP is checked",
        "lb 10.0.1.5 subnet=S1\n"
        "vip 10.0.1.9 subnet=S1\n"
        "listener L1 udp 80 pool=P1\n"
        "listener L2 udp 81 pool=P1 down\n"
        "listener L3 udp 82 pool=P2\n"
        "pool P1 udp\n"
        "monitor H1 udp-connect 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2\n"
        "pool P2 udp\n",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "check 10.0.1.5:80\n"
        "check 10.0.1.5:81\n"
        "check 10.0.1.9:80\n"
        "check 10.0.1.9:81\n"
        "check 172.24.4.15:80\n"
        "check 172.24.4.15:81\n",
        "S2",
    }, {
        "addresses of IPv6 have brackets wherever there is a colon to come",
        "lb fd00:1::9 subnet=F1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 fd00:2::11 8080 subnet=F2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map [fd00:2::11] one:[fd00:2::fe]\n"
        "check [fd00:1::9]:80\n"
        "checkoption failure_count 3\n"
        "checkoption interval 5\n"
        "checkoption success_count 2\n"
        "checkoption timeout 3\n"
        "checkid octavia:healthmonitor H1\n"
        "checkid octavia:pool_id P1\n"
        "checkid octavia:vip fd00:1::9\n",
        "F2",
    }, {
        "an address is canonical, so that OVN finds it in the VIP's list",
        "lb fd00:1::9 subnet=F1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 FD00:0002::11 8080 subnet=F2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map [fd00:2::11] one:[fd00:2::fe]\n"
        "check [fd00:1::9]:80\n",
        "F2",
    }, {
        "each IP version has its own",
        "lb 10.0.1.9 subnet=S1\n"
        "vip fd00:1::9 subnet=F1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2\n"
        "member M2 fd00:2::11 8080 subnet=F2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "map [fd00:2::11] one:[fd00:2::fe]\n"
        "check 10.0.1.9:80\n"
        "check [fd00:1::9]:80\n",
        "F2 S2",
    }, {
        "a member that no port has is not probed",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.99 8080 subnet=S2\n"
        "member M2 10.0.2.12 8080 subnet=S1\n"
        "member M3 10.0.2.12 8080 subnet=none\n"
        "member M4 10.0.2.12 8080 subnet=S77\n"
        "member M5 10.0.2.13 8080 subnet=S2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "check 10.0.1.9:80\n",
        "S1 S2 S77",
    }, {
        "nor is one that is down or going; one that drains is",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2 down\n"
        "member M2 10.0.2.12 8080 subnet=S2 weight=0\n"
        "member M3 fd00:2::11 8080 subnet=F2 PENDING_DELETE",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.12 two:10.0.2.254\n"
        "check 10.0.1.9:80\n",
        "S2",
    }, {
        "two members with one address share its mapping",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81 pool=P2\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2\n"
        "member M2 10.0.2.11 8081 subnet=S2\n"
        "pool P2 tcp\n"
        "monitor H2 tcp 6 3 2 3\n"
        "member M3 10.0.2.11 8080 subnet=S2",
        "id octavia:healthmonitors [\"H1\", \"H2\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "check 10.0.1.9:80\n"
        "check 10.0.1.9:81\n",
        "S2",
    }, {
        "a monitor that is down is known, and does nothing",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3 down\n"
        "member M1 10.0.2.11 8080 subnet=S2",
        "id octavia:healthmonitors [\"H1\"]\n",
        "",
    }, {
        "a monitor that is going is gone",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3 PENDING_DELETE\n"
        "member M1 10.0.2.11 8080 subnet=S2",
        "", "",
    }, {
        "OVN cannot probe SCTP",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 sctp 80 pool=P1\n"
        "pool P1 sctp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2",
        "id octavia:healthmonitors [\"H1\"]\n",
        "",
    }, {
        "without a listener there are checks of no VIP, one for each address",
        "lb 10.0.1.5 subnet=S1\n"
        "listener L1 tcp 80\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "check\n"
        "checkoption failure_count 3\n"
        "checkoption interval 5\n"
        "checkoption success_count 2\n"
        "checkoption timeout 3\n"
        "checkid octavia:healthmonitor H1\n"
        "checkid octavia:pool_id P1\n"
        "checkid octavia:vip 10.0.1.5\n"
        "check\n"
        "checkoption failure_count 3\n"
        "checkoption interval 5\n"
        "checkoption success_count 2\n"
        "checkoption timeout 3\n"
        "checkid octavia:healthmonitor H1\n"
        "checkid octavia:pool_id P1\n"
        "checkid octavia:vip 172.24.4.15\n",
        "S2",
    }, {
        "a listener that is going is none",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n",
        "id octavia:healthmonitors [\"H1\"]\n"
        "check\n",
        "",
    }, {
        "each row has the checks of its own pools",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81 pool=P2\n"
        "listener L3 udp 82 pool=P3\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2\n"
        "pool P2 tcp source_ip\n"
        "monitor H2 tcp 5 3 2 3\n"
        "member M2 10.0.2.12 8080 subnet=S2\n"
        "pool P3 udp\n"
        "member M3 10.0.2.12 8080 subnet=S2\n",
        "id octavia:healthmonitors [\"H2\"]\n"
        "map 10.0.2.12 two:10.0.2.254\n"
        "check 10.0.1.9:81\n"
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "check 10.0.1.9:80\n",
        "S2",
    }, {
        "families whose rows part have their checks each",
        "lb 10.0.1.9 subnet=S1\n"
        "vip fd00:1::9 subnet=F1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp source_ip\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2\n"
        "member M2 fd00:2::11 8080 subnet=F2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "map [fd00:2::11] one:[fd00:2::fe]\n"
        "check 10.0.1.9:80\n"
        "id octavia:healthmonitors [\"H1\"]\n"
        "map 10.0.2.11 one:10.0.2.254\n"
        "map [fd00:2::11] one:[fd00:2::fe]\n"
        "check [fd00:1::9]:80\n",
        "F2 S2",
    }, {
        "nobody asks for a load balancer that is going",
        "lb 10.0.1.9 subnet=S1 PENDING_DELETE\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2",
        "", NULL,
    },
};

/* While there is no source for S2. */
static const struct row sourceless[] = {
    {
        "who has no source is not probed, which is no matter for others",
        "lb 10.0.1.9 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.11 8080 subnet=S2\n"
        "member M2 fd00:2::11 8080 subnet=F2",
        "id octavia:healthmonitors [\"H1\"]\n"
        "map [fd00:2::11] one:[fd00:2::fe]\n"
        "check 10.0.1.9:80\n",
        "F2 S2",
    },
};

/* All subnets but 'without' have .254 as source, or ::fe. */
static void
find_sources(const struct topology *topology, const struct uuidset *subnets,
             const char *without, struct probe_sources *sources)
{
    const struct uuidset_node *node;

    struct uuid skip = uuid_of(without);

    UUIDSET_FOR_EACH (node, subnets) {
        const struct topo_subnet *subnet
            = topology_subnet_by_id(topology, &node->uuid);
        if (subnet && !uuid_equals(&subnet->id, &skip)) {
            struct probe_source source = {
                .subnet_id = subnet->id,
                .ip = subnet->prefix,
            };
            source.ip.s6_addr[15] = 0xfe;
            probe_sources_add(sources, &source);
        }
    }
}

/* "checkoption" and "checkid" are the same in most rows, so only some show
 * them. */
static char *
remove_details(char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        if (line[0] && strncmp(line, "checkoption", 11)
            && strncmp(line, "checkid", 7)) {
            ds_put_format(&s, "%s\n", line);
        }
    }
    free(text);
    return ds_steal_cstr(&s);
}

static void
check_subnets(const struct uuidset *subnets, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    put_uuids(&s, "subnets", subnets);
    char *text = xasprintf("%s%s%s", expected[0] ? "subnets " : "", expected,
                           expected[0] ? "\n" : "");
    assert_string_equal(ds_cstr(&s), text);
    free(text);
    ds_destroy(&s);
}

static void
check_row(const struct topology *topology, const struct row *row,
          const char *without)
{
    print_message("%s\n", row->title);

    struct desired_facts facts = { .topology = topology };
    struct uuidset subnets = UUIDSET_INITIALIZER(&subnets);
    struct model_lb *lb = model_lb_parse(row->tree);
    struct model_lb *wanted = model_wanted_create(lb);
    struct desired_watch watch;
    struct ovn_lb want;

    probe_subnets(wanted, &subnets);
    if (row->subnets) {
        check_subnets(&subnets, row->subnets);
    }
    find_sources(topology, &subnets, without, &facts.sources);
    desired_watch_init(&watch);
    desired_lb(wanted, &facts, &want, &watch);
    model_wanted_destroy(wanted);

    char *actual = ovn_lb_format(&want, OVN_LB_PROBES);
    if (!strstr(row->expected, "checkoption")) {
        actual = remove_details(actual);
    }
    assert_string_equal(actual, row->expected);
    free(actual);
    desired_watch_uninit(&watch);
    ovn_lb_uninit(&want);
    probe_sources_uninit(&facts.sources);
    uuidset_destroy(&subnets);
    model_lb_destroy(lb);
}

static void
test_probes(void **state)
{
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        check_row(tf.topology, &rows[i], "none");
    }
    for (size_t i = 0; i < ARRAY_SIZE(sourceless); i++) {
        check_row(tf.topology, &sourceless[i], "S2");
    }
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

static struct lb_row *
new_row(struct ovn_lb *lb)
{
    struct lb_row *row = ovn_lb_add_row(lb);

    free(row->protocol);
    row->protocol = xstrdup("tcp");
    return row;
}

/* Who was before us has a mapping for each of these. */
static void
test_keep(void **state)
{
    static const struct {
        const char *title, *member;
        bool was_checked;
        const char *kept;       /* NULL: the mapping is gone. */
        bool is_checked;
    } cases[] = {
        { "what was probed stays so until there is a source",
          "member M1 10.0.2.11 8080 subnet=S2", true, "theirs:10.0.2.2",
          true },
        { "but not from a subnet that has a source",
          "member M1 10.0.2.11 8080 subnet=F2", true, NULL, true },
        { "nor what is not a member", "member M1 10.0.2.12 8080 subnet=S2",
          true, NULL, true },
        { "what was not probed is not until there is a source",
          "member M1 10.0.2.12 8080 subnet=S2", false, NULL, false },
        { "unless there is one", "member M1 10.0.2.12 8080 subnet=F2", false,
          NULL, true },
    };
    struct uuid s2 = uuid_of("S2");
    struct uuidset subnets = UUIDSET_INITIALIZER(&subnets);

    uuidset_insert(&subnets, &s2);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        print_message("%s\n", cases[i].title);

        char *tree = xasprintf("lb 10.0.1.9 subnet=S1\n"
                               "listener L1 tcp 80 pool=P1\n"
                               "pool P1 tcp\n"
                               "monitor H1 tcp 5 3 2 3\n"
                               "%s", cases[i].member);
        struct model_lb *lb = model_lb_parse(tree);
        struct ovn_lb seen, wanted;

        ovn_lb_init(&seen, &lb->base.id);
        ovn_lb_init(&wanted, &lb->base.id);
        struct lb_row *old = new_row(&seen);
        struct lb_row *want = new_row(&wanted);
        smap_add(&old->ip_port_mappings, "10.0.2.11", "theirs:10.0.2.2");
        if (cases[i].was_checked) {
            lb_row_add_check(old, "10.0.1.9:80");
        }
        smap_add_format(&lb_row_add_check(want, "10.0.1.9:80")->external_ids,
                        "octavia:pool_id", UUID_FMT,
                        UUID_ARGS(&lb->pools[0].base.id));
        probe_keep(lb, &subnets, &seen, want);
        assert_int_equal(want->n_checks, cases[i].is_checked);
        const char *kept = smap_get(&want->ip_port_mappings, "10.0.2.11");
        assert_string_equal(kept ? kept : "",
                            cases[i].kept ? cases[i].kept : "");
        ovn_lb_uninit(&seen);
        ovn_lb_uninit(&wanted);
        model_lb_destroy(lb);
        free(tree);
    }
    uuidset_destroy(&subnets);
    uuid_forget_all();
}

/* What is said about members while nobody can ask the probes. */
static void
test_blind(void **state)
{
    static const struct {
        const char *title, *member, *vips;
        enum member_health health;
    } cases[] = {
        { "what was known before stays known",
          "member M1 10.0.2.11 80 subnet=S2 ACTIVE/ONLINE", "", HEALTH_ONLINE,
        },
        { "also of one that did not answer",
          "member M1 10.0.2.11 80 subnet=S2 ACTIVE/ERROR", "", HEALTH_ERROR },
        { "one that nobody has is in ERROR",
          "member M1 10.0.2.99 80 subnet=S2 ACTIVE/ONLINE", "", HEALTH_ERROR },
        { "one that is cut off and listed stays listed",
          "member M1 10.0.2.12 80 subnet=S2 ACTIVE/ONLINE",
          "10.0.2.11:80,10.0.2.12:80", HEALTH_ERROR },
        { "and one that was left out stays out",
          "member M1 10.0.2.12 80 subnet=S2 ACTIVE/ERROR",
          "10.0.2.11:80,10.0.2.12:8", HEALTH_CUT_OFF },
        { "a disabled port is as good as one on no chassis",
          "member M1 fd00:2::12 80 subnet=F2 ACTIVE/ONLINE", "",
          HEALTH_CUT_OFF },
    };
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    topology_fixture_apply(
        &tf, OP_UPDATE(PORT, "two", "'up':false") ","
        ADD_PORT("N2", "six", ",'addresses':'0a:00:00:00:00:05 fd00:2::12',"
                 "'enabled':false"));
    name_network(tf.topology);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        print_message("%s\n", cases[i].title);

        char *tree = xasprintf("lb 10.0.1.9 subnet=S1\n"
                               "pool P1 tcp\n"
                               "monitor H1 tcp 5 3 2 3\n"
                               "%s", cases[i].member);
        struct model_lb *lb = model_lb_parse(tree);
        struct ovn_lb seen;

        ovn_lb_init(&seen, &lb->base.id);
        smap_add(&new_row(&seen)->vips, "10.0.1.9:80", cases[i].vips);
        health_load(lb, tf.topology, NULL, &seen);
        assert_int_equal(lb->pools[0].members[0].health, cases[i].health);
        ovn_lb_uninit(&seen);
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
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_blind),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
