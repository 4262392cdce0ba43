/* SPDX-License-Identifier: Apache-2.0
 *
 * Neutron's objects in JSON, as the structures of net.h.  Pure.
 *
 * All return false if the JSON is not what Neutron sends.  The stored
 * structures borrow their strings from the JSON; the arrays are the caller's,
 * as with net.h's look-ups.
 */

#ifndef NET_NEUTRON_FACTS_H
#define NET_NEUTRON_FACTS_H 1

#include "net/net.h"

struct json;

/* The fields to ask for, as a query. */
#define NEUTRON_NETWORK_FIELDS \
    "?fields=id&fields=name&fields=subnets&fields=provider:physical_network"
#define NEUTRON_SUBNET_FIELDS \
    "?fields=id&fields=name&fields=network_id&fields=cidr" \
    "&fields=gateway_ip&fields=ip_version"
#define NEUTRON_PORT_FIELDS \
    "?fields=id&fields=name&fields=network_id&fields=mac_address" \
    "&fields=device_id&fields=device_owner&fields=fixed_ips"

/* The interfaces of routers alone, as the end of a query. */
#define NEUTRON_INTERFACE_FIELDS \
    "&device_owner=network:router_interface&fields=id&fields=network_id" \
    "&fields=device_id&fields=fixed_ips"

bool neutron_read_network(const struct json *, struct net_network *ret);
bool neutron_read_subnet(const struct json *, struct net_subnet *ret);
bool neutron_read_port(const struct json *, struct net_port *ret);

/* True if 'json' is a list of ports. */
bool neutron_ports_are_valid(const struct json *);

/* Reads from a "network_ip_availability" the free addresses of a subnet, at
 * most 'max'. */
bool neutron_read_n_free(const struct json *, const struct uuid *subnet_id,
                         unsigned long long int max,
                         unsigned long long int *ret);

/* True if Neutron would give 'ip' to a port of 'subnet'. */
bool neutron_subnet_has_host(const struct net_subnet *,
                             const struct in6_addr *ip);

/* True if the subnet contains 'ip'. */
bool neutron_subnet_contains(const struct net_subnet *,
                             const struct in6_addr *ip);

#endif /* net/neutron-facts.h */
