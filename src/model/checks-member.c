/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for members; see checks.h.
 */

#include <config.h>
#include "model/checks.h"
#include "base/fault.h"
#include "base/ip.h"
#include "packets.h"

/* The metadata service's: nothing behind it may be reached through a load
 * balancer (Octavia's [networking] reserved_ips). */
#define RESERVED_ADDRESS "169.254.169.254"

#define SUBNET_REQUIRED(ACTION)                                         \
    "Subnet is required, or Loadbalancer associated with Pool must "    \
    "have a subnet, for Member " ACTION " with OVN Provider Driver if " \
    "it is not the same as LB VIP subnet"

bool
check_member_address(const char *address, struct fault **faultp)
{
    if (addresses_are_equal(address, RESERVED_ADDRESS)) {
        return fault_set(faultp, FAULT_INVALID_OPTION, RESERVED_ADDRESS,
                         "member address");
    }
    return true;
}

bool
check_member_monitor(bool has_own, bool is_batch, struct fault **faultp)
{
    return (!has_own
            || fault_set(faultp, FAULT_UNSUPPORTED_OPTION, is_batch
                         ? "OVN provider does not support monitor options"
                         : MEMBER_MONITOR_TEXT));
}

/* Returns the word for the kind of address that no backend can have, or NULL.
 * What is no plain address is refused as such elsewhere. */
static const char *
address_flaw(const struct in6_addr *ip)
{
    if (ip_is_v4(ip)) {
        ovs_be32 ip4 = in6_addr_get_mapped_ipv4(ip);

        return (!ip4 ? "the unspecified address"
                : ip4 == OVS_BE32_MAX ? "the broadcast address"
                : ip_is_multicast(ip4) ? "a multicast address"
                : ntohl(ip4) >> 24 == 127 ? "a loopback address"
                : NULL);
    }
    return (IN6_IS_ADDR_UNSPECIFIED(ip) ? "the unspecified address"
            : IN6_IS_ADDR_LOOPBACK(ip) ? "a loopback address"
            : IN6_IS_ADDR_MULTICAST(ip) ? "a multicast address"
            : NULL);
}

static bool
refuse_backend(const char *address, const char *flaw, enum fault_id id,
               struct fault **faultp)
{
    return fault_set_format(faultp, id, "The address %s cannot be a "
                            "member's: it is %s.", address, flaw);
}

bool
check_member_is_backend(const char *address, bool is_a_vip, enum fault_id id,
                        struct fault **faultp)
{
    struct in6_addr ip;
    const char *flaw = (!ip_parse_any(address, &ip) ? NULL
                        : is_a_vip ? "a VIP of the load balancer itself"
                        : address_flaw(&ip));

    return !flaw || refuse_backend(address, flaw, id, faultp);
}

bool
check_member_is_unicast(const char *address, bool is_broadcast,
                        enum fault_id id, struct fault **faultp)
{
    return (!is_broadcast
            || refuse_backend(address, "the broadcast address of its subnet",
                              id, faultp));
}

bool
check_member_version(bool is_a_vips, struct fault **faultp)
{
    return (is_a_vips
            || fault_set(faultp, FAULT_UNSUPPORTED_OPTION, "OVN provider does "
                         "not support mixing IPv4/IPv6 configuration within "
                         "the same Load Balancer."));
}

bool
check_member_subnet(bool is_found, bool is_batch, struct fault **faultp)
{
    return (is_found
            || fault_set(faultp, FAULT_UNSUPPORTED_OPTION,
                         is_batch ? SUBNET_REQUIRED("batch update")
                         : SUBNET_REQUIRED("creation")));
}

bool
addresses_are_equal(const char *a, const char *b)
{
    return !ip_compare_texts(a, b);
}

bool
ip_versions_are_equal(const char *a, const char *b)
{
    struct in6_addr ip_a, ip_b;

    return (a && ip_parse_any(a, &ip_a) && ip_parse_any(b, &ip_b)
            && ip_is_v4(&ip_a) == ip_is_v4(&ip_b));
}
