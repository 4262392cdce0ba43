/* SPDX-License-Identifier: Apache-2.0
 *
 * From Neutron's JSON to net.h; see neutron-facts.h.
 */

#include <config.h>
#include "net/neutron-facts.h"
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "net/addr.h"
#include "openvswitch/json.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* Ports with this at the beginning of their device_owner are Neutron's own: of
 * routers, DHCP, floating IPs. */
static const char NETWORK_OWNER[] = "network:";

static bool
neutron_facts_read_uuid(const struct json *json, const char *name,
                        struct uuid *ret)
{
    const char *text = json_member_string(json, name);

    return text && uuid_from_string(ret, text);
}

/* A string that may be missing or null. */
static const char *
read_text(const struct json *json, const char *name)
{
    const char *text = json_member_string(json, name);

    return text ? text : "";
}

static const struct json *
read_array(const struct json *json, const char *name)
{
    const struct json *array = json_member(json, name);

    return array && array->type == JSON_ARRAY ? array : NULL;
}

bool
neutron_read_network(const struct json *json, struct net_network *ret)
{
    const struct json *subnets = read_array(json, "subnets");
    struct net_network network = {
        .name = read_text(json, "name"),
        /* Only administrators see it. */
        .is_provider = *read_text(json, "provider:physical_network") != '\0',
    };

    if (!neutron_facts_read_uuid(json, "id", &network.id)) {
        return false;
    }
    if (subnets && json_array_size(subnets)) {
        network.subnets = xmalloc(json_array_size(subnets)
                                  * sizeof *network.subnets);
    }
    for (size_t i = 0; subnets && i < json_array_size(subnets); i++) {
        const struct json *id = json_array_at(subnets, i);

        if (id->type != JSON_STRING
            || !uuid_from_string(&network.subnets[network.n_subnets],
                                 json_string(id))) {
            net_network_uninit(&network);
            return false;
        }
        network.n_subnets++;
    }
    *ret = network;
    return true;
}

bool
neutron_read_subnet(const struct json *json, struct net_subnet *ret)
{
    const struct json *version = json_member(json, "ip_version");
    struct net_subnet subnet = {
        .name = read_text(json, "name"),
        .cidr = read_text(json, "cidr"),
        .gateway_ip = json_member_string(json, "gateway_ip"),
    };
    struct addr_prefix prefix;

    if (!neutron_facts_read_uuid(json, "id", &subnet.id)
        || !neutron_facts_read_uuid(json, "network_id", &subnet.network_id)
        || !version || version->type != JSON_INTEGER
        || !addr_prefix_parse(subnet.cidr, &prefix)
        || prefix.is_ipv6 != (json_integer(version) == 6)) {
        return false;
    }
    subnet.is_ipv6 = prefix.is_ipv6;
    *ret = subnet;
    return true;
}

static bool
read_address(const struct json *json, struct net_address *ret)
{
    const char *ip = json_member_string(json, "ip_address");

    return (neutron_facts_read_uuid(json, "subnet_id", &ret->subnet_id)
            && ip && ip_parse_any(ip, &ret->ip));
}

bool
neutron_read_port(const struct json *json, struct net_port *ret)
{
    const struct json *ips = read_array(json, "fixed_ips");
    const char *owner = read_text(json, "device_owner");
    struct net_port port = {
        .name = read_text(json, "name"),
        .mac = read_text(json, "mac_address"),
        .device_id = read_text(json, "device_id"),
        .device_owner = owner,
        .is_up_for_use = strncmp(owner, NETWORK_OWNER, strlen(NETWORK_OWNER)),
    };

    if (!neutron_facts_read_uuid(json, "id", &port.id)
        || !neutron_facts_read_uuid(json, "network_id", &port.network_id)) {
        return false;
    }
    if (ips && json_array_size(ips)) {
        port.addresses = xcalloc(json_array_size(ips), sizeof *port.addresses);
    }
    for (size_t i = 0; ips && i < json_array_size(ips); i++) {
        if (!read_address(json_array_at(ips, i),
                          &port.addresses[port.n_addresses])) {
            net_port_uninit(&port);
            return false;
        }
        port.n_addresses++;
    }
    *ret = port;
    return true;
}

bool
neutron_ports_are_valid(const struct json *json)
{
    bool ok = json->type == JSON_ARRAY;

    for (size_t i = 0; ok && i < json_array_size(json); i++) {
        struct net_port port;

        ok = neutron_read_port(json_array_at(json, i), &port);
        if (ok) {
            net_port_uninit(&port);
        }
    }
    return ok;
}

/* The free addresses of an IPv6 subnet may be more than an integer of JSON
 * holds: then they come as a real number.  Neither is negative. */
static bool
read_count(const struct json *json, const char *name, double *ret)
{
    const struct json *value = json_member(json, name);

    if (value && value->type == JSON_INTEGER) {
        *ret = json_integer(value);
    } else if (value && value->type == JSON_REAL) {
        *ret = json_real(value);
    } else {
        return false;
    }
    return *ret >= 0;
}

bool
neutron_read_n_free(const struct json *json, const struct uuid *subnet_id,
                    unsigned long long int max, unsigned long long int *ret)
{
    const struct json *subnets = read_array(json, "subnet_ip_availability");

    for (size_t i = 0; subnets && i < json_array_size(subnets); i++) {
        const struct json *subnet = json_array_at(subnets, i);
        struct uuid id;
        double total, used;

        if (neutron_facts_read_uuid(subnet, "subnet_id", &id)
            && uuid_equals(&id, subnet_id)
            && read_count(subnet, "total_ips", &total)
            && read_count(subnet, "used_ips", &used)) {
            *ret = (used >= total ? 0
                    : total - used >= (double) max ? max
                    : total - used);
            return true;
        }
    }
    return false;
}

bool
neutron_subnet_has_host(const struct net_subnet *subnet,
                        const struct in6_addr *ip)
{
    struct addr_prefix prefix;

    if (!addr_prefix_parse(subnet->cidr, &prefix)
        || !addr_prefix_contains(&prefix, ip)) {
        return false;
    }
    if (prefix.is_ipv6) {
        return true;
    }

    /* Neutron keeps the network's own address even if there is no other. */
    struct in6_addr first = addr_prefix_first(&prefix);
    struct in6_addr last = addr_prefix_last(&prefix);
    return (!ipv6_addr_equals(ip, &first)
            && (prefix.plen >= 31 || !ipv6_addr_equals(ip, &last)));
}

bool
neutron_subnet_contains(const struct net_subnet *subnet,
                        const struct in6_addr *ip)
{
    struct addr_prefix prefix;

    return (addr_prefix_parse(subnet->cidr, &prefix)
            && addr_prefix_contains(&prefix, ip));
}
