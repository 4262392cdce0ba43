/* SPDX-License-Identifier: Apache-2.0
 *
 * IP addresses as text.  An address of either version is a 'struct in6_addr',
 * IPv4 as v4-mapped, so that one comparison and one hash table serve both.
 */

#ifndef BASE_IP_H
#define BASE_IP_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "compiler.h"

struct ds;

/* Parses "10.0.0.1" or "fd00::1".  Returns false, and touches nothing that
 * matters, if 'text' is neither.  IPv4 written as IPv6 ("::ffff:10.0.0.1") is
 * neither: no host sends packets to such an address.  Nor is what has a zone
 * ("fe80::1%eth0") or leading zeros in IPv4. */
bool ip_parse_any(const char *text, struct in6_addr *ret)
    OVS_WARN_UNUSED_RESULT;
bool ip_is_v4(const struct in6_addr *);

/* False for "::", which stands for no address, too. */
bool ip_is_v6(const struct in6_addr *);

bool ip_is_loopback(const struct in6_addr *);

/* "::" if 'text' is NULL or no address. */
struct in6_addr ip_parse_or_unset(const char *text);

/* Canonical text, which is OVN's.  The caller frees it. */
char *ip_format_any(const struct in6_addr *);

/* Splits "HOST:PORT" at the last colon, without a look at the host; brackets
 * around it are taken off, and '*has_brackets' says that they were there.
 * Returns false, and stores nothing, if there is no port.  The caller frees
 * '*host'. */
bool ip_split_endpoint(const char *text, char **host, bool *has_brackets,
                       uint16_t *port);

/* Appends "ADDRESS:PORT", with brackets around an IPv6 address. */
void ip_put_endpoint(struct ds *, const char *address, uint16_t port);

/* The canonical text of the address 'text', or a copy of what is none.  The
 * caller frees it. */
char *ip_canonicalize(const char *text);

/* Compares addresses by value, as strcmp() does texts; what is no address
 * comes first, and is compared as text. */
int ip_compare_texts(const char *, const char *);

#endif /* base/ip.h */
