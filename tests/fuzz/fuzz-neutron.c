/* SPDX-License-Identifier: Apache-2.0
 *
 * Neutron's answers, as those read them who ask for network facts, and as the
 * driver does.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "base/json-read.h"
#include "check.h"
#include "driver/neutron-port.h"
#include "fuzz.h"
#include "net/addr.h"
#include "net/neutron-facts.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

static const struct uuid some_id = { { 0x11111111, 0x22223333, 0x44445555,
                                       0x55555555 } };

static void
check_subnet(const struct net_subnet *subnet)
{
    struct addr_prefix prefix;
    struct in6_addr first, last, outside;

    ovs_assert(addr_prefix_parse(subnet->cidr, &prefix));
    ovs_assert(prefix.is_ipv6 == subnet->is_ipv6);
    first = addr_prefix_first(&prefix);
    last = addr_prefix_last(&prefix);
    outside = addr_next(last);
    if (!subnet->is_ipv6) {
        ovs_assert(!neutron_subnet_has_host(subnet, &first));
        ovs_assert(prefix.plen == 31
                   || !neutron_subnet_has_host(subnet, &last));
    }
    ovs_assert(!prefix.plen || !neutron_subnet_has_host(subnet, &outside));
}

static void
check_facts(const struct json *json)
{
    struct net_network network;
    struct net_subnet subnet;
    struct net_port port;
    unsigned long long int n_free;

    if (neutron_read_network(json, &network)) {
        ovs_assert(network.name && (!network.n_subnets || network.subnets));
        net_network_uninit(&network);
    }
    if (neutron_read_subnet(json, &subnet)) {
        check_subnet(&subnet);
    }
    if (neutron_read_port(json, &port)) {
        ovs_assert(port.name && port.mac && port.device_id
                   && port.device_owner);
        net_port_uninit(&port);
    }
    if (neutron_read_n_free(json, &some_id, 1000, &n_free)) {
        ovs_assert(n_free <= 1000);
    }
}

static void
check_ports(const struct json *json)
{
    struct neutron_ports ports;
    bool ok = neutron_ports_parse(json, &ports);

    ovs_assert(ok || (!ports.n && !ports.array));
    for (size_t i = 0; i < ports.n; i++) {
        const struct neutron_port *port = &ports.array[i];

        ovs_assert(port->name && port->project_id && port->device_id
                   && port->device_owner);
        for (size_t j = 0; j < port->n_addresses; j++) {
            ovs_assert(port->addresses[j].ip);
        }

        /* Whatever its name, another project's port is not ours. */
        ovs_assert(!strcmp(port->project_id, "another")
                   || !neutron_port_is_of_lb(port, &some_id, "another"));
    }
    neutron_ports_uninit(&ports);
}

void
fuzz_neutron(const char *data, size_t size)
{
    struct json *json = json_read(data, size);

    if (json) {
        check_facts(json);
        check_ports(json);
    }
    json_destroy(json);
}
