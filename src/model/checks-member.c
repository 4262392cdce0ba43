/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for members; see checks.h.
 */

#include <config.h>
#include "model/checks.h"
#include "base/fault.h"
#include "base/ip.h"

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
check_member_version(bool is_a_vips, struct fault **faultp)
{
    return (is_a_vips
            || fault_set(faultp, FAULT_UNSUPPORTED_OPTION, "OVN provider does "
                         "not support mixing IPv4/IPv6 configuration within "
                         "the same Load Balancer."));
}

bool
check_member_subnet(bool is_in_vips, bool is_batch, struct fault **faultp)
{
    return (is_in_vips
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
