/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic on addresses (base/ip.h says what they are) and prefixes, whose
 * lengths are as people write them, 0..32 or 0..128.  Pure.
 */

#ifndef NET_ADDR_H
#define NET_ADDR_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include "compiler.h"

/* An address and how much of it names the network.  'ip' may have bits beyond
 * 'plen', as "10.0.0.1/24" does. */
struct addr_prefix {
    struct in6_addr ip;
    unsigned int plen;
    bool is_ipv6;
};

/* Parses "10.0.0.1/24", "10.0.0.1/255.255.255.0" or "fd00::1/64".  Without a
 * length the prefix is the one address. */
bool addr_prefix_parse(const char *, struct addr_prefix *ret)
    OVS_WARN_UNUSED_RESULT;

/* Returns the canonical text, "10.0.0.0/24", without the bits beyond the
 * length.  The caller frees it. */
char *addr_prefix_format(const struct addr_prefix *);

/* Return the first and the last address of a prefix. */
struct in6_addr addr_prefix_first(const struct addr_prefix *);
struct in6_addr addr_prefix_last(const struct addr_prefix *);

bool addr_prefix_contains(const struct addr_prefix *,
                          const struct in6_addr *);

/* Orders IPv4 before IPv6, then by network, then the wider one first: a prefix
 * comes after the prefixes that contain it. */
int addr_prefix_compare(const struct addr_prefix *,
                        const struct addr_prefix *);

/* Orders addresses of one family by number. */
int addr_compare(const struct in6_addr *, const struct in6_addr *);

/* Return the neighbours of an address. */
struct in6_addr addr_next(struct in6_addr);
struct in6_addr addr_previous(struct in6_addr);

/* Returns the number of addresses from 'first' to 'last', both included;
 * ULLONG_MAX if there are more than that; 0 if 'last' is before 'first'. */
unsigned long long int addr_distance(const struct in6_addr *first,
                                     const struct in6_addr *last);

#endif /* net/addr.h */
