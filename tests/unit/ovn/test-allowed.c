/* SPDX-License-Identifier: Apache-2.0
 *
 * Which packets to a listener are dropped.
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
#include "nb-idl.h"
#include "net/addr.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/want/allowed.h"
#include "ovn/want/vips.h"
#include "ovsdb-idl.h"
#include "random.h"
#include "util.h"

#define LB "lb 10.0.1.5\n"
#define BOTH LB "vip fd00:1::5\n"

/* "none": there is no match. */
struct row {
    const char *title;
    const char *tree;
    const char *ipv4;
    const char *ipv6;
};

static const struct row rows[] = {
    {
        "a listener without ranges is for everybody",
        BOTH "listener L1 tcp 80\n",
        "none", "none",
    }, {
        "who is not in the range is dropped",
        LB "listener L1 tcp 80 allow=128.0.0.0/2\n",
        "ip4.dst == {10.0.1.5} && tcp.dst == 80"
        " && ip4.src == {0.0.0.0/1, 192.0.0.0/2}",
        "none",
    }, {
        "ranges that touch are one",
        LB "listener L1 udp 53 allow=64.0.0.0/2 allow=0.0.0.0/2\n",
        "ip4.dst == {10.0.1.5} && udp.dst == 53"
        " && ip4.src == {128.0.0.0/1}",
        "none",
    }, {
        "a range within another one changes nothing",
        LB "listener L1 sctp 53 allow=10.0.0.0/8 allow=0.0.0.0/1\n",
        "ip4.dst == {10.0.1.5} && sctp.dst == 53"
        " && ip4.src == {128.0.0.0/1}",
        "none",
    }, {
        "all addresses are everybody",
        LB "listener L1 tcp 80 allow=0.0.0.0/0\n",
        "none", "none",
    }, {
        "two halves are everybody, too",
        LB "listener L1 tcp 80 allow=0.0.0.0/1 allow=128.0.0.0/1\n",
        "none", "none",
    }, {
        "a version without a range is nobody's",
        BOTH "listener L1 tcp 80 allow=0.0.0.0/1\n",
        "ip4.dst == {10.0.1.5} && tcp.dst == 80"
        " && ip4.src == {128.0.0.0/1}",
        "ip6.dst == {fd00:1::5} && tcp.dst == 80",
    }, {
        "IPv6 has its own ranges",
        BOTH "listener L1 tcp 80 allow=::/2 allow=4000::/3\n",
        "ip4.dst == {10.0.1.5} && tcp.dst == 80",
        "ip6.dst == {fd00:1::5} && tcp.dst == 80"
        " && ip6.src == {6000::/3, 8000::/1}",
    }, {
        "bits beyond the length mean nothing",
        LB "listener L1 tcp 80 allow=127.1.2.3/1\n",
        "ip4.dst == {10.0.1.5} && tcp.dst == 80"
        " && ip4.src == {128.0.0.0/1}",
        "none",
    }, {
        "additional VIPs are guarded as the first one",
        LB "vip 10.0.2.5\nlistener L1 tcp 80 allow=0.0.0.0/1\n",
        "ip4.dst == {10.0.1.5, 10.0.2.5} && tcp.dst == 80"
        " && ip4.src == {128.0.0.0/1}",
        "none",
    }, {
        "without a VIP there is nothing to guard",
        "lb none\nlistener L1 tcp 80 allow=0.0.0.0/1\n",
        "none", "none",
    },
};

struct fixture {
    struct ovsdb_idl *idl;
    struct topology *topology;
};

static void
fixture_init(struct fixture *f)
{
    f->idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    f->topology = topology_create(f->idl);
}

static void
fixture_uninit(struct fixture *f)
{
    topology_destroy(f->topology);
    ovsdb_idl_destroy(f->idl);
}

static char *
match_of(const struct fixture *f, const char *tree, bool is_ipv6)
{
    struct model_lb *lb = model_lb_parse(tree);
    struct vip_list vips;

    vip_list_init(&vips, lb, f->topology);
    char *match = allowed_format_match(&lb->listeners[0], &vips, is_ipv6);
    vip_list_uninit(&vips);
    model_lb_destroy(lb);
    return match;
}

static void
check_match(const struct fixture *f, const char *tree, bool is_ipv6,
            const char *expected)
{
    char *match = match_of(f, tree, is_ipv6);

    assert_string_equal(match ? match : "none", expected);
    free(match);
}

static void
test_matches(void **state)
{
    struct fixture f;

    fixture_init(&f);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].title);
        check_match(&f, rows[i].tree, false, rows[i].ipv4);
        check_match(&f, rows[i].tree, true, rows[i].ipv6);
    }
    fixture_uninit(&f);
}

/* True if one of the prefixes, separated by commas or words, has the
 * address. */
static bool
prefixes_contain(const char *list, const char *separators, const char *address)
{
    struct in6_addr ip = ip_parse_or_unset(address);
    char *copy = xstrdup(list);
    char *save = NULL;
    bool found = false;

    for (char *word = strtok_r(copy, separators, &save); word;
         word = strtok_r(NULL, separators, &save)) {
        struct addr_prefix prefix;

        assert_true(addr_prefix_parse(word, &prefix));
        found |= addr_prefix_contains(&prefix, &ip);
    }
    free(copy);
    return found;
}

static void
put_random_address(struct ds *s, bool is_ipv6)
{
    if (is_ipv6) {
        ds_put_format(s, "%x:%x::%x", 0x2000 + random_range(8),
                      random_range(4), random_range(16));
    } else {
        ds_put_format(s, "%d.%d.0.%d", random_range(4), random_range(4) * 64,
                      random_range(8));
    }
}

/* An address is refused if it is in no range, and only then. */
static void
check_random(const struct fixture *f, bool is_ipv6)
{
    struct ds tree = DS_EMPTY_INITIALIZER;
    struct ds ranges = DS_EMPTY_INITIALIZER;
    int n = 1 + random_range(12);

    ds_put_format(&tree, "lb %s\nlistener L1 tcp 80",
                  is_ipv6 ? "fd00::5" : "10.0.1.5");
    for (int i = 0; i < n; i++) {
        struct ds range = DS_EMPTY_INITIALIZER;

        put_random_address(&range, is_ipv6);
        ds_put_format(&range, "/%d", (is_ipv6 ? 16 : 1)
                                     + random_range(is_ipv6 ? 113 : 32));
        ds_put_format(&tree, " allow=%s", ds_cstr(&range));
        ds_put_format(&ranges, "%s ", ds_cstr(&range));
        ds_destroy(&range);
    }
    ds_put_char(&tree, '\n');

    char *match = match_of(f, ds_cstr(&tree), is_ipv6);
    char *open = match ? strrchr(match, '{') : NULL;
    if (open) {
        *strchr(open, '}') = '\0';
    }
    for (int i = 0; i < 100; i++) {
        struct ds ip = DS_EMPTY_INITIALIZER;

        put_random_address(&ip, is_ipv6);
        assert_int_equal(open && prefixes_contain(open + 1, ", ",
                                                  ds_cstr(&ip)),
                         !prefixes_contain(ds_cstr(&ranges), " ",
                                           ds_cstr(&ip)));
        ds_destroy(&ip);
    }
    free(match);
    ds_destroy(&ranges);
    ds_destroy(&tree);
}

static void
test_random(void **state)
{
    struct fixture f;

    random_set_seed(15);
    fixture_init(&f);
    for (int i = 0; i < 200; i++) {
        check_random(&f, false);
        check_random(&f, true);
    }
    fixture_uninit(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
