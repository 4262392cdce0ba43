/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and prefixes, which come from users, from Neutron and out of OVN's
 * rows: there is one text for each value, and it stands for that value.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "check.h"
#include "fuzz.h"
#include "model/value-list.h"
#include "net/addr.h"
#include "util.h"

void
fuzz_address(const char *text, size_t size OVS_UNUSED)
{
    char *canonical = ip_canonicalize(text);
    char *again = ip_canonicalize(canonical);
    struct in6_addr ip, same;

    check_same(canonical, again);
    ovs_assert(!ip_compare_texts(text, canonical));
    if (ip_parse_any(text, &ip)) {
        ovs_assert(ip_parse_any(canonical, &same));
        ovs_assert(!addr_compare(&ip, &same));
        ovs_assert(ip_is_v4(&ip) == !strchr(canonical, ':'));
    } else {
        check_same(text, canonical);
    }
    free(again);
    free(canonical);
}

/* Its neighbours are outside, its ends are inside. */
static void
check_ends(const struct addr_prefix *prefix)
{
    struct in6_addr first = addr_prefix_first(prefix);
    struct in6_addr last = addr_prefix_last(prefix);
    struct in6_addr before = addr_previous(first);
    struct in6_addr after = addr_next(last);

    ovs_assert(addr_prefix_contains(prefix, &first));
    ovs_assert(addr_prefix_contains(prefix, &prefix->ip));
    ovs_assert(addr_prefix_contains(prefix, &last));
    ovs_assert(addr_compare(&first, &last) <= 0);
    ovs_assert(addr_distance(&first, &last) >= 1);
    if (prefix->plen) {
        ovs_assert(!addr_prefix_contains(prefix, &before));
        ovs_assert(!addr_prefix_contains(prefix, &after));
    }
}

void
fuzz_prefix(const char *text, size_t size OVS_UNUSED)
{
    struct addr_prefix prefix, same;

    if (addr_prefix_parse(text, &prefix)) {
        char *canonical = addr_prefix_format(&prefix);

        ovs_assert(addr_prefix_parse(canonical, &same));
        ovs_assert(!addr_prefix_compare(&prefix, &same));
        check_ends(&prefix);
        free(canonical);
    }

    char *cidr = cidr_canonicalize(text);
    if (cidr) {
        char *again = cidr_canonicalize(cidr);

        check_same(cidr, again);
        ovs_assert(addr_prefix_parse(cidr, &same));
        check_ends(&same);
        free(again);
    }
    free(cidr);
}
