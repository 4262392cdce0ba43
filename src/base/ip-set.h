/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of IP addresses (base/ip.h says what they are).  Not a uuidset, though
 * an address has as many bytes as a UUID: the hash of a UUID is its first four
 * bytes, and those are zero in every IPv4 address.
 */

#ifndef BASE_IP_SET_H
#define BASE_IP_SET_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/hmap.h"

struct ip_set {
    struct hmap nodes;
};

void ip_set_init(struct ip_set *);
void ip_set_destroy(struct ip_set *);

/* Empties the set and gives its memory back, so that a set that was long once
 * does not stay slow to walk. */
void ip_set_clear(struct ip_set *);

/* Does nothing if 'ip' is there already. */
void ip_set_add(struct ip_set *, const struct in6_addr *ip);
bool ip_set_contains(const struct ip_set *, const struct in6_addr *ip);
size_t ip_set_count(const struct ip_set *);

/* The addresses, in no order.  The caller frees it; NULL if there are none. */
struct in6_addr *ip_set_array(const struct ip_set *);

/* For hash tables of others. */
uint32_t ip_hash(const struct in6_addr *, uint32_t basis);

#endif /* base/ip-set.h */
