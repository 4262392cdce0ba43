/* SPDX-License-Identifier: Apache-2.0
 *
 * IP addresses as text.  An address of either version is a 'struct in6_addr',
 * IPv4 as v4-mapped, so that one comparison and one hash table serve both.
 */

#ifndef BASE_IP_H
#define BASE_IP_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include "compiler.h"

/* Parses "10.0.0.1" or "fd00::1".  Returns false, and touches nothing that
 * matters, if 'text' is neither. */
bool ip_parse_any(const char *text, struct in6_addr *ret)
    OVS_WARN_UNUSED_RESULT;
bool ip_is_v4(const struct in6_addr *);

/* Canonical text.  The caller frees it. */
char *ip_format_any(const struct in6_addr *);

#endif /* base/ip.h */
