/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rows a load balancer needs, and which pools and listeners go where.
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
#include "model/wanted.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/want/row-layout.h"
#include "sset.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* One line for each row: protocol, VIPs, hash, affinity, pools and
 * listeners. */
struct row {
    const char *title;
    const char *tree;
    const char *expected;           /* If OVN has no IPv6 fields. */
    const char *expected_hash6;     /* If it has; NULL: the same. */
};

static const struct row rows[] = {
    {
        "one that has nothing is one row",
        "lb 10.0.1.5",
        "none all [ip_dst ip_src tp_dst tp_src]\n",
        NULL,
    }, {
        "there is one row for each protocol",
        "lb 10.0.1.5\n"
        "listener L1 udp 53\n"
        "listener L2 tcp 53\n"
        "pool P1 sctp",
        "tcp all [ip_dst ip_src tp_dst tp_src] L2\n"
        "udp all [ip_dst ip_src tp_dst tp_src] L1\n"
        "sctp all [ip_dst ip_src tp_dst tp_src] P1\n",
        NULL,
    }, {
        "pools that agree share a row",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81 pool=P2\n"
        "listener L3 tcp 82\n"
        "pool P1 tcp source_ip affinity=60\n"
        "pool P2 tcp source_ip affinity=60",
        "tcp all [ip_dst ip_src] 60 P1 P2 L1 L2 L3\n",
        NULL,
    }, {
        "persistence without a timeout agrees with what it means",
        "lb 10.0.1.5\n"
        "pool P1 tcp affinity\n"
        "pool P2 tcp affinity=360",
        "tcp all [ip_dst ip_src tp_dst tp_src] 360 P1 P2\n",
        NULL,
    }, {
        "another algorithm, or another timeout, is another row",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "pool P2 tcp source_ip\n"
        "pool P3 tcp affinity=60\n"
        "pool P4 tcp affinity=61\n"
        "pool P5 tcp source_ip affinity=60\n"
        "pool P6 tcp",
        "tcp all [ip_dst ip_src tp_dst tp_src] P1 P6\n"
        "tcp all [ip_dst ip_src] P2\n"
        "tcp all [ip_dst ip_src tp_dst tp_src] 60 P3\n"
        "tcp all [ip_dst ip_src tp_dst tp_src] 61 P4\n"
        "tcp all [ip_dst ip_src] 60 P5\n",
        NULL,
    }, {
        "protocols do not agree or disagree with each other",
        "lb 10.0.1.5\n"
        "pool P1 tcp source_ip\n"
        "pool P2 udp\n"
        "pool P3 tcp source_ip",
        "tcp all [ip_dst ip_src] P1 P3\n"
        "udp all [ip_dst ip_src tp_dst tp_src] P2\n",
        NULL,
    }, {
        "listeners follow their pool, and without one are in the first row",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P2\n"
        "listener L2 tcp 81 pool=P1\n"
        "listener L3 tcp 82 pool=P2\n"
        "listener L4 tcp 83\n"
        "listener L5 tcp 84 pool=P9\n"
        "pool P1 tcp\n"
        "pool P2 tcp source_ip",
        "tcp all [ip_dst ip_src tp_dst tp_src] P1 L2 L4 L5\n"
        "tcp all [ip_dst ip_src] P2 L1 L3\n",
        NULL,
    }, {
        "a pool of another protocol is none to follow",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P2\n"
        "pool P1 tcp\n"
        "pool P2 udp source_ip",
        "tcp all [ip_dst ip_src tp_dst tp_src] P1 L1\n"
        "udp all [ip_dst ip_src] P2\n",
        NULL,
    }, {
        "what is being deleted is in no row and makes none",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81 pool=P2 PENDING_DELETE\n"
        "listener L3 udp 82 PENDING_DELETE\n"
        "pool P1 tcp source_ip PENDING_DELETE\n"
        "pool P2 tcp",
        "tcp all [ip_dst ip_src tp_dst tp_src] P2 L1\n",
        NULL,
    }, {
        "what is down has its row all the same",
        "lb 10.0.1.5 down\n"
        "listener L1 tcp 80 pool=P1 down\n"
        "pool P1 tcp source_ip down\n"
        "pool P2 tcp",
        "tcp all [ip_dst ip_src] P1 L1\n"
        "tcp all [ip_dst ip_src tp_dst tp_src] P2\n",
        NULL,
    },

    /* IPv6. */
    {
        "IPv6 VIPs are hashed by their own fields, or as OVN pleases",
        "lb fd00:1::5\n"
        "pool P1 tcp",
        "tcp all [] P1\n",
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src tp_dst tp_src] P1\n",
    }, {
        "so they are by source address",
        "lb fd00:1::5\n"
        "pool P1 tcp source_ip",
        "tcp all [] P1\n",
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src] P1\n",
    }, {
        "where there is nothing to choose from, algorithms make no difference",
        "lb fd00:1::5\n"
        "listener L1 tcp 80 pool=P2\n"
        "pool P1 tcp\n"
        "pool P2 tcp source_ip\n"
        "pool P3 tcp affinity=60",
        "tcp all [] P1 P2 L1\n"
        "tcp all [] 60 P3\n",
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src tp_dst tp_src] P1\n"
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src] P2 L1\n"
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src tp_dst tp_src] 60 P3\n",
    }, {
        "dual stack shares a row as long as ports are hashed",
        "lb 10.0.1.5\n"
        "vip fd00:1::5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp",
        "tcp all [ip_dst ip_src tp_dst tp_src] P1 L1\n",
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src tp_dst tp_src] P1 L1\n",
    }, {
        "families part for SOURCE_IP where OVN has no IPv6 fields",
        "lb 10.0.1.5\n"
        "vip fd00:1::5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81\n"
        "pool P1 tcp source_ip affinity=60",
        "tcp IPv4 [ip_dst ip_src] 60 P1 L1 L2\n"
        "tcp IPv6 [] 60 P1 L1\n",
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src] 60 P1 L1 L2\n",
    }, {
        "whichever VIP is the first",
        "lb fd00:1::5\n"
        "vip 10.0.1.5\n"
        "pool P1 tcp\n"
        "pool P2 tcp source_ip",
        "tcp all [ip_dst ip_src tp_dst tp_src] P1\n"
        "tcp IPv4 [ip_dst ip_src] P2\n"
        "tcp IPv6 [] P2\n",
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src tp_dst tp_src] P1\n"
        "tcp all [ip_dst ip_src ipv6_dst ipv6_src] P2\n",
    }, {
        "a VIP that has no address yet is of no family",
        "lb 10.0.1.5\n"
        "vip none subnet=F1\n"
        "pool P1 tcp source_ip",
        "tcp all [ip_dst ip_src] P1\n",
        NULL,
    }, {
        "more VIPs of one family change nothing",
        "lb 10.0.1.5\n"
        "vip 10.0.1.6\n"
        "pool P1 tcp source_ip",
        "tcp all [ip_dst ip_src] P1\n",
        NULL,
    },
};

static void
put_words(struct ds *s, struct svec *words)
{
    svec_sort(words);
    char *joined = svec_join(words, " ", "");
    ds_put_cstr(s, joined);
    free(joined);
    svec_destroy(words);
}

static void
put_hash(struct ds *s, const struct layout_row *row, bool has_ipv6_hash)
{
    struct sset fields = SSET_INITIALIZER(&fields);
    struct svec words = SVEC_EMPTY_INITIALIZER;
    const char *field;

    layout_row_selection_fields(row, has_ipv6_hash, &fields);
    SSET_FOR_EACH (field, &fields) {
        svec_add(&words, field);
    }
    ds_put_cstr(s, " [");
    put_words(s, &words);
    ds_put_char(s, ']');
    sset_destroy(&fields);

    const char *timeout = layout_row_affinity_timeout(row);
    if (timeout) {
        ds_put_format(s, " %s", timeout);
    }
}

static void
put_row(struct ds *s, const struct layout_row *row, bool has_ipv6_hash)
{
    bool has_ipv4 = layout_row_has_version(row, false);
    bool has_ipv6 = layout_row_has_version(row, true);
    const struct model_lb *lb = row->lb;

    ds_put_format(s, "%s %s",
                  row->has_protocol ? l4_protocol_to_ovn(row->protocol)
                  : "none",
                  has_ipv4 && has_ipv6 ? "all" : has_ipv4 ? "IPv4" : "IPv6");
    put_hash(s, row, has_ipv6_hash);
    for (size_t i = 0; i < lb->n_pools; i++) {
        if (layout_row_has_pool(row, &lb->pools[i])) {
            ds_put_format(s, " "UUID_FMT, UUID_ARGS(&lb->pools[i].base.id));
        }
    }
    for (size_t i = 0; i < lb->n_listeners; i++) {
        if (layout_row_has_listener(row, &lb->listeners[i])) {
            ds_put_format(s, " "UUID_FMT,
                          UUID_ARGS(&lb->listeners[i].base.id));
        }
    }
    ds_put_char(s, '\n');
}

static void
check_layout(const char *tree, bool has_ipv6_hash, const char *expected)
{
    struct model_lb *lb = model_lb_parse(tree);
    struct model_lb *wanted = model_wanted_create(lb);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct layout layout;

    layout_lb(wanted, has_ipv6_hash, &layout);
    for (size_t i = 0; i < layout.n; i++) {
        put_row(&s, &layout.rows[i], has_ipv6_hash);
    }
    char *actual = name_uuids(ds_steal_cstr(&s));
    assert_string_equal(actual, expected);
    free(actual);
    layout_uninit(&layout);
    model_wanted_destroy(wanted);
    model_lb_destroy(lb);
}

static void
test_layout(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct row *row = &rows[i];

        print_message("%s\n", row->title);
        check_layout(row->tree, false, row->expected);
        check_layout(row->tree, true, (row->expected_hash6
                                       ? row->expected_hash6
                                       : row->expected));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
