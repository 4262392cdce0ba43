/* SPDX-License-Identifier: Apache-2.0
 *
 * IP addresses as text; see ip.h.
 */

#include <config.h>
#include "base/ip.h"
#include <arpa/inet.h>
#include <string.h>
#include "util.h"

bool
ip_parse_any(const char *text, struct in6_addr *ret)
{
    struct in_addr ip4;

    if (inet_pton(AF_INET, text, &ip4) == 1) {
        memset(ret, 0, sizeof *ret);
        ret->s6_addr[10] = ret->s6_addr[11] = 0xff;
        memcpy(&ret->s6_addr[12], &ip4, sizeof ip4);
        return true;
    }
    return inet_pton(AF_INET6, text, ret) == 1;
}

bool
ip_is_v4(const struct in6_addr *ip)
{
    return IN6_IS_ADDR_V4MAPPED(ip);
}

char *
ip_format_any(const struct in6_addr *ip)
{
    char text[INET6_ADDRSTRLEN];

    if (ip_is_v4(ip)) {
        inet_ntop(AF_INET, &ip->s6_addr[12], text, sizeof text);
    } else {
        inet_ntop(AF_INET6, ip, text, sizeof text);
    }
    return xstrdup(text);
}
