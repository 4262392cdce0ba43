/* SPDX-License-Identifier: Apache-2.0
 *
 * IP addresses as text; see ip.h.
 */

#include <config.h>
#include "base/ip.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "packets.h"
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

    struct in6_addr ip6;
    if (inet_pton(AF_INET6, text, &ip6) != 1 || ip_is_v4(&ip6)) {
        return false;
    }
    *ret = ip6;
    return true;
}

bool
ip_is_v4(const struct in6_addr *ip)
{
    return IN6_IS_ADDR_V4MAPPED(ip);
}

bool
ip_is_v6(const struct in6_addr *ip)
{
    return ipv6_addr_is_set(ip) && !ip_is_v4(ip);
}

bool
ip_is_loopback(const struct in6_addr *ip)
{
    return (ip_is_v4(ip) ? ip->s6_addr[12] == 127 : IN6_IS_ADDR_LOOPBACK(ip));
}

struct in6_addr
ip_parse_or_unset(const char *text)
{
    struct in6_addr ip;

    return text && ip_parse_any(text, &ip) ? ip : in6addr_any;
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

bool
ip_split_endpoint(const char *text, char **host, bool *has_brackets,
                  uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    int number;

    if (!colon || !str_to_int(colon + 1, 10, &number)
        || number < 0 || number > UINT16_MAX) {
        return false;
    }

    size_t length = colon - text;
    *has_brackets = length > 2 && *text == '[' && text[length - 1] == ']';
    *host = (*has_brackets ? xmemdup0(text + 1, length - 2)
             : xmemdup0(text, length));
    *port = number;
    return true;
}

void
ip_put_endpoint(struct ds *s, const char *address, uint16_t port)
{
    bool is_ipv6 = strchr(address, ':');

    ds_put_format(s, "%s%s%s:%"PRIu16, is_ipv6 ? "[" : "", address,
                  is_ipv6 ? "]" : "", port);
}

char *
ip_canonicalize(const char *text)
{
    struct in6_addr ip;

    return ip_parse_any(text, &ip) ? ip_format_any(&ip) : xstrdup(text);
}

int
ip_compare_texts(const char *a, const char *b)
{
    struct in6_addr a_ip, b_ip;
    bool a_is_ip = ip_parse_any(a, &a_ip);
    bool b_is_ip = ip_parse_any(b, &b_ip);

    return (a_is_ip != b_is_ip ? (a_is_ip ? 1 : -1)
            : a_is_ip ? memcmp(&a_ip, &b_ip, sizeof a_ip)
            : strcmp(a, b));
}
