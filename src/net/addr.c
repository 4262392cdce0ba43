/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic on addresses and prefixes; see addr.h.
 */

#include <config.h>
#include "net/addr.h"
#include "base/ip.h"
#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "packets.h"
#include "util.h"

/* Bits of a v4-mapped address that stand before the IPv4 address. */
#define V4_MAPPED_BITS 96

bool
addr_prefix_parse(const char *s, struct addr_prefix *ret)
{
    struct addr_prefix p = { .is_ipv6 = strchr(s, ':') != NULL };
    char *error;

    if (p.is_ipv6) {
        error = ipv6_parse_cidr(s, &p.ip, &p.plen);
        if (!error && IN6_IS_ADDR_V4MAPPED(&p.ip)) {
            /* Would be taken for IPv4, with an impossible length. */
            return false;
        }
    } else {
        ovs_be32 ip4 = 0;

        error = ip_parse_cidr(s, &ip4, &p.plen);
        p.ip = in6_addr_mapped_ipv4(ip4);
    }
    if (error) {
        free(error);
        return false;
    }
    *ret = p;
    return true;
}

char *
addr_prefix_format(const struct addr_prefix *p)
{
    struct in6_addr first = addr_prefix_first(p);
    char *ip = ip_format_any(&first);
    char *s = xasprintf("%s/%u", ip, p->plen);

    free(ip);
    return s;
}

/* The mask of a prefix, as it applies to the 128 bits. */
static struct in6_addr
prefix_mask(const struct addr_prefix *p)
{
    return ipv6_create_mask(p->is_ipv6 ? p->plen : p->plen + V4_MAPPED_BITS);
}

struct in6_addr
addr_prefix_first(const struct addr_prefix *p)
{
    struct in6_addr mask = prefix_mask(p);

    return ipv6_addr_bitand(&p->ip, &mask);
}

struct in6_addr
addr_prefix_last(const struct addr_prefix *p)
{
    struct in6_addr mask = prefix_mask(p);
    struct in6_addr last = p->ip;

    for (size_t i = 0; i < sizeof last.s6_addr; i++) {
        last.s6_addr[i] |= (uint8_t) ~mask.s6_addr[i];
    }
    return last;
}

bool
addr_prefix_contains(const struct addr_prefix *p, const struct in6_addr *ip)
{
    unsigned int plen = p->is_ipv6 ? p->plen : p->plen + V4_MAPPED_BITS;
    unsigned int bytes = plen / 8;
    unsigned int bits = plen % 8;

    /* Without this, ::/0 would hold every IPv4 address. */
    if (p->is_ipv6 == !!IN6_IS_ADDR_V4MAPPED(ip)
        || memcmp(&p->ip, ip, bytes)) {
        return false;
    }
    return (!bits
            || !((p->ip.s6_addr[bytes] ^ ip->s6_addr[bytes]) >> (8 - bits)));
}

int
addr_prefix_compare(const struct addr_prefix *a, const struct addr_prefix *b)
{
    if (a->is_ipv6 != b->is_ipv6) {
        return a->is_ipv6 ? 1 : -1;
    }

    struct in6_addr a_first = addr_prefix_first(a);
    struct in6_addr b_first = addr_prefix_first(b);
    int cmp = addr_compare(&a_first, &b_first);
    if (cmp) {
        return cmp;
    }
    return a->plen < b->plen ? -1 : a->plen > b->plen;
}

int
addr_compare(const struct in6_addr *a, const struct in6_addr *b)
{
    return memcmp(a, b, sizeof *a);
}

struct in6_addr
addr_next(struct in6_addr ip)
{
    for (int i = sizeof ip.s6_addr - 1; i >= 0 && !++ip.s6_addr[i]; i--) {
        continue;
    }
    return ip;
}

struct in6_addr
addr_previous(struct in6_addr ip)
{
    for (int i = sizeof ip.s6_addr - 1; i >= 0 && !ip.s6_addr[i]--; i--) {
        continue;
    }
    return ip;
}

/* The eight bytes from 'start', as a number. */
static uint64_t
addr_half(const struct in6_addr *ip, size_t start)
{
    ovs_be64 be;

    memcpy(&be, &ip->s6_addr[start], sizeof be);
    return ntohll(be);
}

unsigned long long int
addr_distance(const struct in6_addr *first, const struct in6_addr *last)
{
    if (addr_compare(first, last) > 0) {
        return 0;
    }

    uint64_t low = addr_half(last, 8) - addr_half(first, 8);
    uint64_t borrow = addr_half(last, 8) < addr_half(first, 8);
    uint64_t high = addr_half(last, 0) - addr_half(first, 0) - borrow;
    return high || low == UINT64_MAX ? ULLONG_MAX : low + 1;
}
