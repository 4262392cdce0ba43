/* SPDX-License-Identifier: Apache-2.0
 *
 * Hands questions about the network to the source that answers them, and
 * answers "not yet" itself while the source is not ready.
 */

#include <config.h>
#include "net/net.h"
#include <stdlib.h>
#include "net/addr.h"
#include "net/net-provider.h"
#include "packets.h"

void
net_destroy(struct net *net)
{
    if (net) {
        net->class_->destroy(net);
    }
}

void
net_run(struct net *net)
{
    net->class_->run(net);
}

void
net_wait(struct net *net)
{
    net->class_->wait(net);
}

void
net_accept_older(struct net *net)
{
    net->class_->accept_older(net);
}

bool
net_is_ready(const struct net *net)
{
    return net->class_->is_ready(net);
}

bool
net_is_expected(const struct net *net)
{
    return net->class_->is_expected(net);
}

unsigned int
net_seqno(const struct net *net)
{
    return net->class_->seqno(net);
}

enum net_answer
net_get_network(struct net *net, const struct uuid *id,
                struct net_network *ret)
{
    return (net_is_ready(net)
            ? net->class_->get_network(net, id, ret)
            : NET_WAIT);
}

enum net_answer
net_get_subnet(struct net *net, const struct uuid *id, struct net_subnet *ret)
{
    return (net_is_ready(net)
            ? net->class_->get_subnet(net, id, ret)
            : NET_WAIT);
}

enum net_answer
net_find_subnet(struct net *net, const struct uuid *networks, size_t n,
                const struct in6_addr *ip, struct net_subnet *ret)
{
    return (net_is_ready(net)
            ? net->class_->find_subnet(net, networks, n, ip, ret)
            : NET_WAIT);
}

bool
net_subnet_broadcasts_at(const struct net_subnet *subnet,
                         const struct in6_addr *ip)
{
    struct addr_prefix prefix;

    if (!addr_prefix_parse(subnet->cidr, &prefix) || prefix.is_ipv6
        || prefix.plen >= 31) {
        return false;
    }

    const struct in6_addr last = addr_prefix_last(&prefix);

    return ipv6_addr_equals(ip, &last);
}

enum net_answer
net_get_port(struct net *net, const struct uuid *id, struct net_port *ret)
{
    return (net_is_ready(net)
            ? net->class_->get_port(net, id, ret)
            : NET_WAIT);
}

enum net_answer
net_get_floating_ip(struct net *net, const struct uuid *id,
                    struct net_floating_ip *ret)
{
    return (!net->class_->get_floating_ip ? NET_MISSING
            : net_is_ready(net) ? net->class_->get_floating_ip(net, id, ret)
            : NET_WAIT);
}

enum net_answer
net_get_router(struct net *net, const struct uuid *id, struct net_router *ret)
{
    return (!net->class_->get_router ? NET_MISSING
            : net_is_ready(net) ? net->class_->get_router(net, id, ret)
            : NET_WAIT);
}

void
net_network_uninit(struct net_network *network)
{
    free(network->subnets);
    network->subnets = NULL;
    network->n_subnets = 0;
}

void
net_port_uninit(struct net_port *port)
{
    free(port->own_device_id);
    port->own_device_id = NULL;
    free(port->addresses);
    port->addresses = NULL;
    port->n_addresses = 0;
}

enum net_address_state
net_check_address(struct net *net, const struct uuid *subnet_id,
                  const struct in6_addr *ip)
{
    return (net_is_ready(net)
            ? net->class_->check_address(net, subnet_id, ip)
            : NET_ADDRESS_WAIT);
}

enum net_answer
net_subnet_n_free(struct net *net, const struct uuid *subnet_id,
                  unsigned long long int max, unsigned long long int *ret_n)
{
    return (net_is_ready(net)
            ? net->class_->subnet_n_free(net, subnet_id, max, ret_n)
            : NET_WAIT);
}

void
net_for_each_network(struct net *net,
                     bool (*cb)(const struct net_network *, void *), void *aux)
{
    if (net->class_->for_each_network && net_is_ready(net)) {
        net->class_->for_each_network(net, cb, aux);
    }
}

void
net_for_each_subnet(struct net *net,
                    bool (*cb)(const struct net_subnet *, void *), void *aux)
{
    if (net->class_->for_each_subnet && net_is_ready(net)) {
        net->class_->for_each_subnet(net, cb, aux);
    }
}

void
net_for_each_port(struct net *net,
                  bool (*cb)(const struct net_port *, void *), void *aux)
{
    if (net->class_->for_each_port && net_is_ready(net)) {
        net->class_->for_each_port(net, cb, aux);
    }
}

void
net_for_each_floating_ip(struct net *net,
                         bool (*cb)(const struct net_floating_ip *, void *),
                         void *aux)
{
    if (net->class_->for_each_floating_ip && net_is_ready(net)) {
        net->class_->for_each_floating_ip(net, cb, aux);
    }
}

void
net_router_uninit(struct net_router *router)
{
    free(router->gateway_addresses);
    router->gateway_addresses = NULL;
    router->n_gateway_addresses = 0;
}

void
net_for_each_router(struct net *net,
                    bool (*cb)(const struct net_router *, void *), void *aux)
{
    if (net->class_->for_each_router && net_is_ready(net)) {
        net->class_->for_each_router(net, cb, aux);
    }
}
