/* SPDX-License-Identifier: Apache-2.0
 *
 * The VIP of a load balancer to be; see vip.h.  The order of the steps, and
 * which of port, network and subnet wins, are Octavia's.
 */

#include <config.h>
#include "api/vip.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/request.h"
#include "base/ip.h"
#include "model/attrs.h"
#include "model/value.h"
#include "net/net.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

/* A subnet that is chosen for the user must have that many addresses left:
 * the VIP's, and one more, as Octavia has it. */
#define FREE_ADDRESSES_MIN 2

static enum prepare_result
vip_attrs_refuse(struct fault **faultp, const char *text)
{
    fault_set(faultp, FAULT_VALIDATION, text);
    return PREPARE_REFUSED;
}

static enum prepare_result
vip_attrs_refuse_missing(struct fault **faultp, const char *what,
                         const struct uuid *id)
{
    fault_set_id(faultp, FAULT_INVALID_SUBRESOURCE, what, id);
    return PREPARE_REFUSED;
}

/* Returns what to do after a look-up of 'id'. */
static enum prepare_result
vip_attrs_judge(enum net_answer answer, struct fault **faultp,
                const char *what, const struct uuid *id)
{
    switch (answer) {
    case NET_FOUND:
        return PREPARE_READY;
    case NET_WAIT:
        return PREPARE_WAIT;
    case NET_MISSING:
    default:
        return vip_attrs_refuse_missing(faultp, what, id);
    }
}

static void
vip_attrs_set_address(struct attrs *attrs, const char *name,
                      const struct in6_addr *ip)
{
    char *text = ip_format_any(ip);

    attrs_set_string(attrs, name, text);
    free(text);
}

/* Returns the port's address that the user means, or NULL.  'subnet_id' is the
 * id of the subnet that was named, NULL if none. */
static const struct net_address *
vip_attrs_choose_port_address(const struct net_port *port,
                              const struct attrs *attrs,
                              const struct uuid *subnet_id,
                              struct fault **faultp)
{
    const char *address = attrs_string(attrs, "vip_address");
    struct in6_addr ip;

    if (address && !subnet_id && !ip_parse_any(address, &ip)) {
        OVS_NOT_REACHED();
    }
    for (size_t i = 0; i < port->n_addresses; i++) {
        const struct net_address *candidate = &port->addresses[i];

        if (subnet_id ? uuid_equals(&candidate->subnet_id, subnet_id)
            : address ? !memcmp(&candidate->ip, &ip, sizeof ip)
            : port->n_addresses == 1) {
            return candidate;
        }
    }
    vip_attrs_refuse(faultp, subnet_id
                     ? "No VIP address found on the specified VIP port "
                       "within the specified subnet."
                     : address
                     ? "Specified VIP address not found on the specified VIP "
                       "port."
                     : "VIP port's subnet could not be determined. Please "
                       "specify either a VIP subnet or address.");
    return NULL;
}

static enum prepare_result
vip_attrs_check_port_is_free(const struct net_port *port,
                             struct fault **faultp)
{
    if (port->is_up_for_use && !*port->device_id) {
        return PREPARE_READY;
    }

    /* The blank at the end is Octavia's.  What OVN itself has at this end, a
     * localnet port for example, is its own device. */
    char *text = xasprintf("Port "UUID_FMT" is already used by device %s ",
                           UUID_ARGS(&port->id), (*port->device_id
                                                  ? port->device_id
                                                  : port->name));
    vip_attrs_refuse(faultp, text);
    free(text);
    return PREPARE_REFUSED;
}

static enum prepare_result
vip_attrs_use_port(struct net *net, struct attrs *attrs, struct fault **faultp)
{
    const struct uuid *subnet_id = attrs_uuid(attrs, "vip_subnet_id");
    struct net_subnet subnet;
    struct net_port port;
    enum prepare_result result = vip_attrs_judge(
        net_get_port(net, attrs_uuid(attrs, "vip_port_id"), &port), faultp,
        "Port", attrs_uuid(attrs, "vip_port_id"));

    if (result != PREPARE_READY) {
        return result;
    }
    result = vip_attrs_check_port_is_free(&port, faultp);
    if (result == PREPARE_READY && subnet_id) {
        result = vip_attrs_judge(net_get_subnet(net, subnet_id, &subnet),
                                 faultp, "Subnet", subnet_id);
    }
    if (result == PREPARE_READY) {
        const struct net_address *address = vip_attrs_choose_port_address(
            &port, attrs, subnet_id ? &subnet.id : NULL, faultp);

        if (address) {
            attrs_set_uuid(attrs, "vip_network_id", &port.network_id);
            if (!uuid_is_zero(&address->subnet_id)) {
                attrs_set_uuid(attrs, "vip_subnet_id", &address->subnet_id);
            }
            vip_attrs_set_address(attrs, "vip_address", &address->ip);
        } else {
            result = PREPARE_REFUSED;
        }
    }
    net_port_uninit(&port);
    return result;
}

/* Chooses by the user's address: the first subnet that holds it. */
static enum prepare_result
vip_attrs_choose_subnet_by_address(struct net *net,
                                   const struct net_network *network,
                                   struct attrs *attrs, struct fault **faultp)
{
    const char *address = attrs_string(attrs, "vip_address");

    for (size_t i = 0; i < network->n_subnets; i++) {
        struct net_subnet subnet;
        enum net_answer answer = net_get_subnet(net, &network->subnets[i],
                                                &subnet);

        if (answer == NET_WAIT) {
            return PREPARE_WAIT;
        }
        if (answer == NET_FOUND && cidr_contains(subnet.cidr, address)) {
            attrs_set_uuid(attrs, "vip_subnet_id", &subnet.id);
            return PREPARE_READY;
        }
    }
    return vip_attrs_refuse(faultp,
                            "Supplied network does not contain a subnet for "
                            "VIP address specified.");
}

/* Chooses the first IPv4 subnet with room, else the first with room. */
static enum prepare_result
vip_attrs_choose_subnet_by_room(struct net *net,
                                const struct net_network *network,
                                struct attrs *attrs, struct fault **faultp)
{
    const struct uuid *best = NULL;

    if (!network->n_subnets) {
        return vip_attrs_refuse(faultp,
                                "Supplied network does not contain a subnet.");
    }
    for (size_t i = 0; i < network->n_subnets; i++) {
        const struct uuid *id = &network->subnets[i];
        unsigned long long int n_free = 0;
        struct net_subnet subnet;
        enum net_answer answer = net_get_subnet(net, id, &subnet);

        if (answer == NET_FOUND) {
            answer = net_subnet_n_free(net, id, FREE_ADDRESSES_MIN, &n_free);
        }
        if (answer == NET_WAIT) {
            return PREPARE_WAIT;
        }
        if (answer != NET_FOUND || n_free < FREE_ADDRESSES_MIN) {
            continue;
        }
        if (!subnet.is_ipv6) {
            best = id;
            break;
        }
        best = best ? best : id;
    }
    if (!best) {
        return vip_attrs_refuse(faultp,
                                "Subnet(s) in the supplied network do not "
                                "contain enough available IPs.");
    }
    attrs_set_uuid(attrs, "vip_subnet_id", best);
    return PREPARE_READY;
}

static bool
vip_attrs_network_has(const struct net_network *network, const struct uuid *id)
{
    for (size_t i = 0; i < network->n_subnets; i++) {
        if (uuid_equals(&network->subnets[i], id)) {
            return true;
        }
    }
    return false;
}

/* The id may be one that the subnet had before. */
static enum prepare_result
vip_attrs_check_subnet_of(struct net *net, const struct net_network *network,
                          const struct uuid *id, struct fault **faultp)
{
    struct net_subnet subnet;
    enum net_answer answer;

    if (vip_attrs_network_has(network, id)) {
        return PREPARE_READY;
    }
    answer = net_get_subnet(net, id, &subnet);
    if (answer == NET_FOUND && !vip_attrs_network_has(network, &subnet.id)) {
        answer = NET_MISSING;
    }
    return vip_attrs_judge(answer, faultp, "Subnet", id);
}

static enum prepare_result
vip_attrs_use_network(struct net *net, struct attrs *attrs,
                      struct fault **faultp)
{
    const struct uuid *id = attrs_uuid(attrs, "vip_network_id");
    const struct uuid *subnet_id = attrs_uuid(attrs, "vip_subnet_id");
    struct net_network network;
    enum prepare_result result = vip_attrs_judge(net_get_network(net, id,
                                                                 &network),
                                                 faultp, "Network", id);

    if (result != PREPARE_READY) {
        return result;
    }
    if (subnet_id) {
        result = vip_attrs_check_subnet_of(net, &network, subnet_id, faultp);
    } else if (attrs_has(attrs, "vip_address")) {
        result = vip_attrs_choose_subnet_by_address(net, &network, attrs,
                                                    faultp);
    } else {
        result = vip_attrs_choose_subnet_by_room(net, &network, attrs, faultp);
    }
    net_network_uninit(&network);
    return result;
}

static enum prepare_result
vip_attrs_use_subnet(struct net *net, struct attrs *attrs,
                     struct fault **faultp)
{
    const struct uuid *id = attrs_uuid(attrs, "vip_subnet_id");
    struct net_subnet subnet;
    enum prepare_result result = vip_attrs_judge(net_get_subnet(net, id,
                                                                &subnet),
                                                 faultp, "Subnet", id);

    if (result == PREPARE_READY) {
        attrs_set_uuid(attrs, "vip_network_id", &subnet.network_id);
    }
    return result;
}

static bool
vip_attrs_refuse_taken(struct fault **faultp, const char *address,
                       const struct uuid *subnet_id)
{
    char *text = xasprintf("IP address %s is already allocated in subnet "
                           UUID_FMT, address, UUID_ARGS(subnet_id));

    fault_set(faultp, FAULT_VIP_IN_USE, text);
    free(text);
    return false;
}

enum prepare_result
vip_attrs_check_address(struct net *net, struct attrs *attrs,
                        const char *subnet_name, const char *address_name,
                        struct fault **faultp)
{
    const struct uuid *subnet_id = attrs_uuid(attrs, subnet_name);
    const char *address = attrs_string(attrs, address_name);
    struct in6_addr ip;

    if (!address || !ip_parse_any(address, &ip)) {
        return PREPARE_READY;
    }
    switch (net_check_address(net, subnet_id, &ip)) {
    case NET_ADDRESS_FREE:
        vip_attrs_set_address(attrs, address_name, &ip);
        return PREPARE_READY;
    case NET_ADDRESS_WAIT:
        return PREPARE_WAIT;
    case NET_ADDRESS_OUTSIDE:
        fault_set(faultp, FAULT_INVALID_VIP_ADDRESS, address);
        return PREPARE_REFUSED;
    case NET_ADDRESS_IN_USE:
    default:
        vip_attrs_refuse_taken(faultp, address, subnet_id);
        return PREPARE_REFUSED;
    }
}

bool
vip_attrs_are_free(struct request *request, const struct attrs *attrs,
                   const char *subnet_name, const char *address_name)
{
    const struct uuid *subnet_id = attrs_uuid(attrs, subnet_name);
    const char *address = attrs_string(attrs, address_name);

    return (!subnet_id || !address
            || !store_vip_is_taken(request->api->store, subnet_id, address,
                                   NULL)
            || vip_attrs_refuse_taken(&request->fault, address, subnet_id));
}

enum prepare_result
vip_attrs_resolve(struct net *net, struct attrs *attrs, struct fault **faultp)
{
    enum prepare_result result;

    if (attrs_has(attrs, "vip_port_id")) {
        return vip_attrs_use_port(net, attrs, faultp);
    } else if (attrs_has(attrs, "vip_network_id")) {
        result = vip_attrs_use_network(net, attrs, faultp);
    } else if (attrs_has(attrs, "vip_subnet_id")) {
        result = vip_attrs_use_subnet(net, attrs, faultp);
    } else {
        fault_set(faultp, FAULT_VIP_INCOMPLETE,
                  "vip_port_id, vip_network_id, vip_subnet_id");
        return PREPARE_REFUSED;
    }
    return (result == PREPARE_READY
                ? vip_attrs_check_address(net, attrs, "vip_subnet_id",
                                          "vip_address", faultp)
                : result);
}
