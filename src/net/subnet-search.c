/* SPDX-License-Identifier: Apache-2.0
 *
 * The search for a subnet in Neutron; see subnet-search.h.
 */

#include <config.h>
#include "net/subnet-search.h"
#include "base/limits.h"
#include "base/ovs-compat.h"
#include "net/neutron-facts.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

struct subnet_search {
    struct net *net;
    const struct subnet_source *source;
    const struct in6_addr *ip;
    struct net_subnet found;    /* Its id is zero: none yet. */
    bool is_ambiguous;
    bool is_incomplete;         /* An answer is not there yet. */
};

static void
subnet_search_subnet(struct subnet_search *search, const struct uuid *id)
{
    struct net_subnet subnet;
    enum net_answer answer = net_get_subnet(search->net, id, &subnet);

    search->is_incomplete |= answer == NET_WAIT;
    if (answer == NET_FOUND && !uuid_equals(&subnet.id, &search->found.id)
        && neutron_subnet_contains(&subnet, search->ip)) {
        search->is_ambiguous |= !uuid_is_zero(&search->found.id);
        search->found = subnet;
    }
}

static void
subnet_search_interface(struct subnet_search *search, const struct json *json)
{
    struct net_port port;

    if (neutron_read_port(json, &port)) {
        for (size_t i = 0; i < port.n_addresses; i++) {
            subnet_search_subnet(search, &port.addresses[i].subnet_id);
        }
        net_port_uninit(&port);
    }
}

/* 'json' is a router's port on a network. */
static void
subnet_search_router(struct subnet_search *search, const struct json *json)
{
    const struct json *interfaces;
    struct net_port port;
    struct uuid router_id;

    if (!neutron_read_port(json, &port)) {
        return;
    }
    if (uuid_from_string(&router_id, port.device_id)) {
        enum net_answer answer = search->source->list_interfaces(
            search->net, &router_id, &interfaces);

        search->is_incomplete |= answer == NET_WAIT;
        for (size_t i = 0; answer == NET_FOUND
                           && i < json_array_size(interfaces); i++) {
            subnet_search_interface(search, json_array_at(interfaces, i));
        }
    }
    net_port_uninit(&port);
}

static void
subnet_search_own(struct subnet_search *search, const struct uuid *network_id)
{
    struct net_network network;
    enum net_answer answer = net_get_network(search->net, network_id,
                                             &network);

    search->is_incomplete |= answer == NET_WAIT;
    if (answer == NET_FOUND) {
        for (size_t i = 0; i < network.n_subnets; i++) {
            subnet_search_subnet(search, &network.subnets[i]);
        }
        net_network_uninit(&network);
    }
}

static void
subnet_search_network(struct subnet_search *search,
                      const struct uuid *network_id)
{
    const struct json *routers;
    enum net_answer answer = search->source->list_routers(
        search->net, network_id, &routers);

    subnet_search_own(search, network_id);
    search->is_incomplete |= answer == NET_WAIT;
    if (answer == NET_FOUND
        && json_array_size(routers) <= NEUTRON_ROUTERS_MAX) {
        for (size_t i = 0; i < json_array_size(routers); i++) {
            subnet_search_router(search, json_array_at(routers, i));
        }
    }
}

enum net_answer
subnet_search(struct net *net, const struct subnet_source *source,
              const struct uuid *networks, size_t n, const struct in6_addr *ip,
              struct net_subnet *ret)
{
    struct subnet_search search = { net, source, ip, .found = { .cidr = "" } };

    for (size_t i = 0; i < n; i++) {
        subnet_search_network(&search, &networks[i]);
    }
    if (search.is_ambiguous) {
        return NET_MISSING;
    }
    if (search.is_incomplete) {
        return NET_WAIT;
    }
    if (uuid_is_zero(&search.found.id)) {
        return NET_MISSING;
    }
    *ret = search.found;
    return NET_FOUND;
}
