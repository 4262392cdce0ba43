/* SPDX-License-Identifier: Apache-2.0
 *
 * Networks, subnets and ports as Neutron shows them, read only, for OVN
 * without OpenStack: the stock client asks for them on the endpoint of the
 * load balancers.  Facts that OVN does not have are as in Neutron where they
 * were never set.
 */

#include <config.h>
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/request.h"
#include "base/ip.h"
#include "base/json-write.h"
#include "http/server.h"
#include "model/value.h"
#include "net/net.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

#define FILTERS_MAX 16

/* Returns an object's attribute as a filter compares it, in 'buffer' or
 * elsewhere; NULL if lists cannot be filtered by it. */
typedef const char *attribute_getter(const void *object, const char *name,
                                     char *buffer, size_t size);
typedef void object_formatter(struct ds *, const void *object);

/* The differences between the three kinds. */
struct kind {
    const char *key, *plural;   /* Around one, around many. */
    const char *type, *title;   /* In errors. */
    attribute_getter *get;
    object_formatter *format;
};

struct lister {
    const struct kind *kind;
    char *names[FILTERS_MAX];
    char *values[FILTERS_MAX];
    size_t n;
    struct ds body;
    bool is_first;
};

/* True if the caller may see networks; else fails the request.  OVN does not
 * say whose a network is, so the policy of objects without a project
 * decides. */
static bool
network_api_may(struct request *request)
{
    if (authorise_own(request)) {
        return true;
    }
    request_fail(request);
    return false;
}

static const char *
network_api_format_id(const struct uuid *id, char *buffer, size_t size)
{
    snprintf(buffer, size, UUID_FMT, UUID_ARGS(id));
    return buffer;
}

static void
network_api_put_string(struct ds *out, const char *label, const char *text)
{
    ds_put_cstr(out, label);
    if (text) {
        json_put_string(out, text, strlen(text));
    } else {
        ds_put_cstr(out, "null");
    }
}

static void
network_api_put_uuid(struct ds *out, const char *label, const struct uuid *id)
{
    ds_put_cstr(out, label);
    if (uuid_is_zero(id)) {
        ds_put_cstr(out, "\"\"");
    } else {
        json_put_uuid(out, id);
    }
}

/* Networks. */

static const char *
network_get(const void *network_, const char *name, char *buffer, size_t size)
{
    const struct net_network *network = network_;

    return (!strcmp(name, "id")
                ? network_api_format_id(&network->id, buffer, size)
            : !strcmp(name, "name") ? network->name
            : !strcmp(name, "router:external")
                ? (network->is_provider ? "true" : "false")
                : NULL);
}

static void
network_format(struct ds *out, const void *network_)
{
    const struct net_network *network = network_;

    network_api_put_uuid(out, "{\"id\": ", &network->id);
    network_api_put_string(out, ", \"name\": ", network->name);
    ds_put_cstr(out, ", \"subnets\": [");
    for (size_t i = 0; i < network->n_subnets; i++) {
        network_api_put_uuid(out, i ? ", " : "", &network->subnets[i]);
    }
    ds_put_format(out, "], \"router:external\": %s",
                  network->is_provider ? "true" : "false");
    ds_put_cstr(out, ", \"status\": \"ACTIVE\", \"admin_state_up\": true, "
                "\"shared\": false, \"description\": \"\", "
                "\"availability_zones\": [], \"tags\": [], "
                "\"project_id\": \"\", \"tenant_id\": \"\"}");
}

/* Subnets. */

static const char *
subnet_get(const void *subnet_, const char *name, char *buffer, size_t size)
{
    const struct net_subnet *subnet = subnet_;

    return (!strcmp(name, "id")
                ? network_api_format_id(&subnet->id, buffer, size)
            : !strcmp(name, "name") ? subnet->name
            : !strcmp(name, "network_id")
                ? network_api_format_id(&subnet->network_id, buffer, size)
            : !strcmp(name, "cidr")       ? subnet->cidr
            : !strcmp(name, "ip_version") ? (subnet->is_ipv6 ? "6" : "4")
            : !strcmp(name, "gateway_ip")
                ? (subnet->gateway_ip ? subnet->gateway_ip : "")
                : NULL);
}

static void
subnet_format(struct ds *out, const void *subnet_)
{
    const struct net_subnet *subnet = subnet_;

    network_api_put_uuid(out, "{\"id\": ", &subnet->id);
    network_api_put_string(out, ", \"name\": ", subnet->name);
    network_api_put_uuid(out, ", \"network_id\": ", &subnet->network_id);
    network_api_put_string(out, ", \"cidr\": ", subnet->cidr);
    ds_put_format(out, ", \"ip_version\": %d", subnet->is_ipv6 ? 6 : 4);
    network_api_put_string(out, ", \"gateway_ip\": ", subnet->gateway_ip);
    ds_put_cstr(out, ", \"enable_dhcp\": false, \"allocation_pools\": [], "
                "\"dns_nameservers\": [], \"host_routes\": [], "
                "\"description\": \"\", \"tags\": [], "
                "\"project_id\": \"\", \"tenant_id\": \"\"}");
}

/* Ports. */

static const char *
port_get(const void *port_, const char *name, char *buffer, size_t size)
{
    const struct net_port *port = port_;

    return (!strcmp(name, "id")
                ? network_api_format_id(&port->id, buffer, size)
            : !strcmp(name, "name") ? port->name
            : !strcmp(name, "network_id")
                ? network_api_format_id(&port->network_id, buffer, size)
            : !strcmp(name, "device_id")    ? port->device_id
            : !strcmp(name, "device_owner") ? port->device_owner
            : !strcmp(name, "mac_address")  ? port->mac
                                            : NULL);
}

static void
port_put_fixed_ips(struct ds *out, const struct net_port *port)
{
    ds_put_cstr(out, ", \"fixed_ips\": [");
    for (size_t i = 0; i < port->n_addresses; i++) {
        const struct net_address *address = &port->addresses[i];
        char text[INET6_ADDRSTRLEN];

        if (ip_is_v4(&address->ip)) {
            inet_ntop(AF_INET, &address->ip.s6_addr[12], text, sizeof text);
        } else {
            inet_ntop(AF_INET6, &address->ip, text, sizeof text);
        }
        network_api_put_uuid(out,
                             i ? ", {\"subnet_id\": " : "{\"subnet_id\": ",
                             &address->subnet_id);
        network_api_put_string(out, ", \"ip_address\": ", text);
        ds_put_char(out, '}');
    }
    ds_put_char(out, ']');
}

static void
port_format(struct ds *out, const void *port_)
{
    const struct net_port *port = port_;

    network_api_put_uuid(out, "{\"id\": ", &port->id);
    network_api_put_string(out, ", \"name\": ", port->name);
    network_api_put_uuid(out, ", \"network_id\": ", &port->network_id);
    network_api_put_string(out, ", \"mac_address\": ", port->mac);
    port_put_fixed_ips(out, port);
    network_api_put_string(out, ", \"device_id\": ", port->device_id);
    network_api_put_string(out, ", \"device_owner\": ", port->device_owner);
    ds_put_cstr(out, ", \"status\": \"ACTIVE\", \"admin_state_up\": true, "
                "\"security_groups\": [], \"allowed_address_pairs\": [], "
                "\"description\": \"\", \"tags\": [], "
                "\"project_id\": \"\", \"tenant_id\": \"\"}");
}

static const struct kind networks = {
    "network", "networks", "NetworkNotFound", "Network",
    network_get, network_format
};
static const struct kind subnets = {
    "subnet", "subnets", "SubnetNotFound", "Subnet", subnet_get, subnet_format
};
static const struct kind ports = {
    "port", "ports", "PortNotFound", "Port", port_get, port_format
};

/* Lists. */

static bool
lister_add_filter(const char *name, const char *value, void *lister_)
{
    struct lister *lister = lister_;

    if (lister->n < FILTERS_MAX) {
        lister->names[lister->n] = xstrdup(name);
        lister->values[lister->n++] = xstrdup(value ? value : "");
    }
    return true;
}

/* True if 'object' passes the filters.  Filters of different names must all
 * match; of several with the same name, one is enough.  Unknown names are
 * ignored, as Neutron does. */
static bool
lister_passes(const struct lister *lister, const void *object)
{
    for (size_t i = 0; i < lister->n; i++) {
        const char *name = lister->names[i];
        char buffer[64];
        const char *value = lister->kind->get(object, name, buffer,
                                              sizeof buffer);
        bool matches = !value;

        for (size_t j = 0; !matches && j < lister->n; j++) {
            matches = (!strcmp(lister->names[j], name)
                       && !strcasecmp(lister->values[j], value));
        }
        if (!matches) {
            return false;
        }
    }
    return true;
}

static void
lister_add(struct lister *lister, const void *object)
{
    if (lister_passes(lister, object)) {
        ds_put_cstr(&lister->body, lister->is_first ? "" : ", ");
        lister->is_first = false;
        lister->kind->format(&lister->body, object);
    }
}

static bool
lister_add_network(const struct net_network *network, void *lister)
{
    lister_add(lister, network);
    return true;
}

static bool
lister_add_subnet(const struct net_subnet *subnet, void *lister)
{
    lister_add(lister, subnet);
    return true;
}

static bool
lister_add_port(const struct net_port *port, void *lister)
{
    lister_add(lister, port);
    return true;
}

static void
lister_start(struct lister *lister, const struct kind *kind,
             const struct request *request)
{
    memset(lister, 0, sizeof *lister);
    lister->kind = kind;
    lister->is_first = true;
    http_request_for_each_arg(request->http, lister_add_filter, lister);
    ds_put_format(&lister->body, "{\"%s\": [", kind->plural);
}

static void
lister_finish(struct lister *lister, struct request *request)
{
    for (size_t i = 0; i < lister->n; i++) {
        free(lister->names[i]);
        free(lister->values[i]);
    }
    ds_put_cstr(&lister->body, "]}");
    request_reply(request, &lister->body);
}

void
handle_networks(struct request *request)
{
    struct lister lister;

    if (network_api_may(request)) {
        lister_start(&lister, &networks, request);
        net_for_each_network(request->api->net, lister_add_network, &lister);
        lister_finish(&lister, request);
    }
}

/* Replaces earlier ids of subnets in the filters by the present ones. */
static void
lister_update_ids(struct lister *lister, struct net *net)
{
    for (size_t i = 0; i < lister->n; i++) {
        struct net_subnet subnet;
        struct uuid id;

        if (!strcmp(lister->names[i], "id")
            && uuid_from_string(&id, lister->values[i])
            && net_get_subnet(net, &id, &subnet) == NET_FOUND) {
            free(lister->values[i]);
            lister->values[i] = xasprintf(UUID_FMT, UUID_ARGS(&subnet.id));
        }
    }
}

void
handle_subnets(struct request *request)
{
    struct lister lister;

    if (network_api_may(request)) {
        lister_start(&lister, &subnets, request);
        lister_update_ids(&lister, request->api->net);
        net_for_each_subnet(request->api->net, lister_add_subnet, &lister);
        lister_finish(&lister, request);
    }
}

void
handle_ports(struct request *request)
{
    struct lister lister;

    if (network_api_may(request)) {
        lister_start(&lister, &ports, request);
        net_for_each_port(request->api->net, lister_add_port, &lister);
        lister_finish(&lister, request);
    }
}

/* Replies with one object by its id.  Neutron has an error body of its own. */

static void
network_api_reply(struct request *request, const struct kind *kind,
                  const void *object)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_format(&body, "{\"%s\": ", kind->key);
    kind->format(&body, object);
    ds_put_char(&body, '}');
    request_reply(request, &body);
}

static void
network_api_reply_not_found(struct request *request, const struct kind *kind)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    char *text = xasprintf("%s %s could not be found.", kind->title,
                           request->path.ids[0]);

    network_api_put_string(&body,
                           "{\"NeutronError\": {\"type\": ", kind->type);
    network_api_put_string(&body, ", \"message\": ", text);
    ds_put_cstr(&body, ", \"detail\": \"\"}}");
    free(text);
    request_reply_as(request, 404, &body);
}

void
handle_network(struct request *request)
{
    struct net_network network;
    struct uuid id;

    if (!network_api_may(request)) {
        return;
    }
    if (uuid_from_string(&id, request->path.ids[0])
        && net_get_network(request->api->net, &id, &network) == NET_FOUND) {
        network_api_reply(request, &networks, &network);
        net_network_uninit(&network);
    } else {
        network_api_reply_not_found(request, &networks);
    }
}

void
handle_subnet(struct request *request)
{
    struct net_subnet subnet;
    struct uuid id;

    if (!network_api_may(request)) {
        return;
    }
    if (uuid_from_string(&id, request->path.ids[0])
        && net_get_subnet(request->api->net, &id, &subnet) == NET_FOUND) {
        network_api_reply(request, &subnets, &subnet);
    } else {
        network_api_reply_not_found(request, &subnets);
    }
}

void
handle_port(struct request *request)
{
    struct net_port port;
    struct uuid id;

    if (!network_api_may(request)) {
        return;
    }
    if (uuid_from_string(&id, request->path.ids[0])
        && net_get_port(request->api->net, &id, &port) == NET_FOUND) {
        network_api_reply(request, &ports, &port);
        net_port_uninit(&port);
    } else {
        network_api_reply_not_found(request, &ports);
    }
}
