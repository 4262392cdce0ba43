/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic on addresses, as tables.
 */

#include <config.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/ip.h"
#include "net/addr.h"
#include "util.h"

static struct in6_addr
ip(const char *s)
{
    struct in6_addr addr;

    assert_true(ip_parse_any(s, &addr));
    return addr;
}

static struct addr_prefix
prefix(const char *s)
{
    struct addr_prefix p;

    assert_true(addr_prefix_parse(s, &p));
    return p;
}

static void
test_prefixes(void **state OVS_UNUSED)
{
    static const struct {
        const char *text;
        const char *canonical;      /* NULL if it is no prefix. */
        const char *first;
        const char *last;
    } rows[] = {
        { "10.0.0.7/24", "10.0.0.0/24", "10.0.0.0", "10.0.0.255" },
        { "10.0.0.7/255.255.255.0", "10.0.0.0/24", "10.0.0.0",
          "10.0.0.255" },
        { "10.0.0.7", "10.0.0.7/32", "10.0.0.7", "10.0.0.7" },
        { "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0", "255.255.255.255" },
        { "10.255.0.0/9", "10.128.0.0/9", "10.128.0.0", "10.255.255.255" },
        { "FD00:0::1/64", "fd00::/64", "fd00::",
          "fd00::ffff:ffff:ffff:ffff" },
        { "::/0", "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "fd00::1", "fd00::1/128", "fd00::1", "fd00::1" },
        { "::ffff:10.0.0.1/120", NULL, NULL, NULL },
        { "10.0.0.0/33", NULL, NULL, NULL },
        { "10.0.0.0/255.0.255.0", NULL, NULL, NULL },
        { "fd00::/129", NULL, NULL, NULL },
        { "10.0.0", NULL, NULL, NULL },
        { "10.0.0.1/24 ", NULL, NULL, NULL },
        { "", NULL, NULL, NULL },
        { "unknown", NULL, NULL, NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct addr_prefix p;

        print_message("'%s'\n", rows[i].text);
        assert_int_equal(addr_prefix_parse(rows[i].text, &p),
                         rows[i].canonical != NULL);
        if (!rows[i].canonical) {
            continue;
        }

        char *s = addr_prefix_format(&p);
        assert_string_equal(s, rows[i].canonical);
        free(s);

        struct in6_addr addr = addr_prefix_first(&p);
        s = ip_format_any(&addr);
        assert_string_equal(s, rows[i].first);
        free(s);

        addr = addr_prefix_last(&p);
        s = ip_format_any(&addr);
        assert_string_equal(s, rows[i].last);
        free(s);
    }
}

static void
test_contains(void **state OVS_UNUSED)
{
    static const struct {
        const char *prefix;
        const char *ip;
        bool expected;
    } rows[] = {
        { "10.0.0.9/24", "10.0.0.255", true },
        { "10.0.0.9/24", "10.0.1.0", false },
        { "10.0.0.0/23", "10.0.1.255", true },
        { "10.0.0.0/31", "10.0.0.1", true },
        { "10.0.0.0/31", "10.0.0.2", false },
        { "0.0.0.0/0", "255.255.255.255", true },
        { "0.0.0.0/0", "fd00::1", false },
        { "::/0", "fd00::1", true },
        { "::/0", "10.0.0.1", false },
        { "fd00::/63", "fd00:0:0:1::", true },
        { "fd00::/64", "fd00:0:0:1::", false },
        { "fd00::1/128", "fd00::1", true },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct addr_prefix p = prefix(rows[i].prefix);
        struct in6_addr addr = ip(rows[i].ip);

        print_message("%s %s\n", rows[i].prefix, rows[i].ip);
        assert_int_equal(addr_prefix_contains(&p, &addr), rows[i].expected);
    }
}

/* In this order, whatever was the order before. */
static void
test_order(void **state OVS_UNUSED)
{
    static const char *const sorted[] = {
        "0.0.0.0/0", "10.0.0.0/8", "10.0.0.5/16", "10.0.0.0/24",
        "10.0.1.0/24", "200.0.0.0/8", "::/0", "1::/16", "fd00::/32",
        "fd00::9/64",
    };

    for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(sorted); j++) {
            struct addr_prefix a = prefix(sorted[i]);
            struct addr_prefix b = prefix(sorted[j]);
            int cmp = addr_prefix_compare(&a, &b);

            assert_int_equal((cmp > 0) - (cmp < 0), (i > j) - (i < j));
        }
    }
}

static void
test_steps(void **state OVS_UNUSED)
{
    static const struct {
        const char *low;
        const char *high;
        unsigned long long int n;   /* Addresses, both included. */
    } rows[] = {
        { "10.0.0.1", "10.0.0.1", 1 },
        { "10.0.0.255", "10.0.1.0", 2 },
        { "10.255.255.255", "11.0.0.0", 2 },
        { "10.0.0.0", "10.255.255.255", 1 << 24 },
        { "10.0.0.2", "10.0.0.1", 0 },
        { "0.0.0.0", "255.255.255.255", 1ULL << 32 },
        { "fd00::ffff:ffff:ffff:ffff", "fd00:0:0:1::", 2 },
        { "fd00::", "fd00::ffff:ffff:ffff:fffe", ULLONG_MAX },
        { "fd00::", "fd00::ffff:ffff:ffff:ffff", ULLONG_MAX },
        { "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ULLONG_MAX },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct in6_addr low = ip(rows[i].low);
        struct in6_addr high = ip(rows[i].high);

        print_message("%s %s\n", rows[i].low, rows[i].high);
        assert_true(addr_distance(&low, &high) == rows[i].n);
        if (rows[i].n == 2) {
            struct in6_addr next = addr_next(low);
            struct in6_addr previous = addr_previous(high);
            assert_int_equal(addr_compare(&next, &high), 0);
            assert_int_equal(addr_compare(&previous, &low), 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_contains),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
