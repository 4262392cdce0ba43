/* SPDX-License-Identifier: Apache-2.0
 *
 * Subnets of members; see member-subnets.h.
 */

#include <config.h>
#include "agent/member-subnets.h"
#include <stdlib.h>
#include "agent/call.h"
#include "base/ip.h"
#include "base/ovs-compat.h"
#include "model/checks.h"
#include "model/value.h"
#include "net/net.h"
#include "octavia/body.h"
#include "openvswitch/json.h"
#include "packets.h"
#include "store/rows.h"
#include "store/vip-rows.h"
#include "util.h"
#include "uuid.h"

struct check {
    const struct call *call;
    bool is_batch;
    struct uuid *networks;      /* Of the VIPs, as far as they are known. */
    size_t n_networks;
    struct uuid vip_subnet_id;  /* Zero: none, or not known. */
    bool has_more_vips;         /* Perhaps of the other IP version. */
    bool is_known;              /* The load balancer. */
    struct fault **faultp;
};

static enum member_subnets
refuse_without_subnet(const struct check *check)
{
    check_member_subnet(false, check->is_batch, check->faultp);
    return MEMBER_SUBNETS_REFUSED;
}

/* True if the member is known: it was looked at when it was created. */
static bool
member_is_there(const struct check *check, const struct json *member)
{
    struct uuid id;

    return (body_uuid(member, "member_id", &id)
            && rows_find(check->call->agent->rows, RESOURCE_MEMBER, &id));
}

static enum member_subnets
check_no_broadcast(const struct check *check, const char *address,
                   const struct net_subnet *subnet)
{
    const struct in6_addr ip = ip_parse_or_unset(address);

    return (check_member_is_unicast(address,
                                    net_subnet_broadcasts_at(subnet, &ip),
                                    FAULT_UNSUPPORTED_OPTION, check->faultp)
            ? MEMBER_SUBNETS_OK : MEMBER_SUBNETS_REFUSED);
}

/* Looks beyond the VIP's subnet.  What is no address passes here: it is
 * refused later, for that reason. */
static enum member_subnets
search_subnet(const struct check *check, const char *address)
{
    struct net_subnet subnet;
    struct in6_addr ip;

    if (!ip_parse_any(address, &ip)) {
        return MEMBER_SUBNETS_OK;
    }
    switch (net_find_subnet(check->call->agent->network.net, check->networks,
                            check->n_networks, &ip, &subnet)) {
    case NET_FOUND:
        return check_no_broadcast(check, address, &subnet);
    case NET_WAIT:
        return MEMBER_SUBNETS_WAIT;
    case NET_MISSING:
    default:
        return refuse_without_subnet(check);
    }
}

/* An address of another version than all VIPs passes here: it is refused
 * later, for that reason, which is the more important one. */
static bool
address_passes(const struct check *check, const char *address,
               const struct net_subnet *subnet)
{
    struct in6_addr ip;

    return (cidr_contains(subnet->cidr, address)
            || (!check->has_more_vips && ip_parse_any(address, &ip)
                && ip_is_v6(&ip) != subnet->is_ipv6));
}

/* True if 'address' is the last one of a subnet that has room for hosts.  Of
 * the other ones no subnet has to be asked for. */
static bool
address_may_be_last(const char *address)
{
    struct in6_addr ip;

    return (ip_parse_any(address, &ip) && ip_is_v4(&ip)
            && (ntohl(in6_addr_get_mapped_ipv4(&ip)) & 3) == 3);
}

/* Looks at a member whose subnet is named.  One that is not known passes here:
 * Octavia has looked for it. */
static enum member_subnets
check_named_subnet(const struct check *check, const struct json *member,
                   const char *address)
{
    struct net_subnet subnet;
    struct uuid id;

    if (!address_may_be_last(address)
        || !body_uuid(member, "subnet_id", &id)) {
        return MEMBER_SUBNETS_OK;
    }
    switch (net_get_subnet(check->call->agent->network.net, &id, &subnet)) {
    case NET_FOUND:
        return check_no_broadcast(check, address, &subnet);
    case NET_WAIT:
        return MEMBER_SUBNETS_WAIT;
    case NET_MISSING:
    default:
        return MEMBER_SUBNETS_OK;
    }
}

static enum member_subnets
check_member_of_call(const struct check *check, const struct json *member)
{
    const struct json *address = body_get(member, "address");
    struct net *net = check->call->agent->network.net;
    struct net_subnet subnet;

    if (!address || address->type != JSON_STRING
        || member_is_there(check, member)) {
        return MEMBER_SUBNETS_OK;
    }
    if (body_get(member, "subnet_id")) {
        return check_named_subnet(check, member, json_string(address));
    }
    if (!net_is_ready(net)) {
        return MEMBER_SUBNETS_WAIT;
    }

    enum net_answer answer = (uuid_is_zero(&check->vip_subnet_id)
                              ? NET_MISSING
                              : net_get_subnet(net, &check->vip_subnet_id,
                                               &subnet));
    return (answer == NET_WAIT ? MEMBER_SUBNETS_WAIT
            : answer == NET_FOUND && address_passes(check,
                                                    json_string(address),
                                                    &subnet)
            ? check_no_broadcast(check, json_string(address), &subnet)
            : search_subnet(check, json_string(address)));
}

static enum member_subnets
check_members(const struct check *check, const struct json *members)
{
    enum member_subnets result = MEMBER_SUBNETS_OK;

    for (size_t i = 0; members && members->type == JSON_ARRAY
         && i < json_array_size(members) && result == MEMBER_SUBNETS_OK; i++) {
        result = check_member_of_call(check, json_array_at(members, i));
    }
    return result;
}

/* Looks at the members of a load balancer that comes with all its parts. */
static enum member_subnets
check_pools(const struct check *check, const struct json *pools)
{
    enum member_subnets result = MEMBER_SUBNETS_OK;

    for (size_t i = 0; pools && pools->type == JSON_ARRAY
         && i < json_array_size(pools) && result == MEMBER_SUBNETS_OK; i++) {
        result = check_members(check, body_get(json_array_at(pools, i),
                                               "members"));
    }
    return result;
}

static void
find_vips(struct check *check, const struct json *object)
{
    const struct rows *rows = check->call->agent->rows;
    const struct ovsdb_idl_row *pool, *lb;
    struct uuid id;

    pool = (body_uuid(object, "pool_id", &id)
            ? rows_find(rows, RESOURCE_POOL, &id) : NULL);
    lb = pool ? row_ref(pool, COL_load_balancer, 0) : NULL;
    if (lb) {
        check->is_known = true;
        check->n_networks = vip_rows_networks(lb, &check->networks);
        if (row_uuid(lb, COL_vip_subnet_id)) {
            check->vip_subnet_id = *row_uuid(lb, COL_vip_subnet_id);
        }
        check->has_more_vips = row_get(lb, COL_additional_vips)->n > 0;
    }
}

static void
add_network(struct check *check, const struct json *object, const char *name)
{
    check->n_networks += body_uuid(object, name,
                                   &check->networks[check->n_networks]);
}

/* The same of a load balancer that comes with all its parts. */
static void
read_vips(struct check *check, const struct json *object)
{
    const struct json *vips = body_get(object, "additional_vips");
    size_t n = vips && vips->type == JSON_ARRAY ? json_array_size(vips) : 0;

    body_uuid(object, "vip_subnet_id", &check->vip_subnet_id);
    check->has_more_vips = vips;
    check->networks = xcalloc(n + 1, sizeof *check->networks);
    add_network(check, object, "vip_network_id");
    for (size_t i = 0; i < n; i++) {
        add_network(check, json_array_at(vips, i), "network_id");
    }
}

static enum member_subnets
check_object(struct check *check, const struct json *object)
{
    if (check->call->type->resource == RESOURCE_LOAD_BALANCER) {
        read_vips(check, object);
        return check_pools(check, body_get(object, "pools"));
    }
    if (check->call->type->resource != RESOURCE_MEMBER) {
        return MEMBER_SUBNETS_OK;
    }
    find_vips(check, object);
    if (!check->is_known) {
        return MEMBER_SUBNETS_OK;   /* The intent is refused for that. */
    }
    return (check->is_batch
            ? check_members(check, body_get(object, "members"))
            : check_member_of_call(check, object));
}

enum member_subnets
member_subnets_check(const struct call *call, struct fault **faultp)
{
    const struct call_type *type = call->type;
    const struct json *object = (type->object ? call_arg(call, type->object)
                                 : call->args);
    struct check check = {
        .call = call,
        .is_batch = !type->object,
        .faultp = faultp,
    };

    if (!call->agent->network.net || type->action != INTENT_CREATE
        || !object) {
        return MEMBER_SUBNETS_OK;
    }

    enum member_subnets result = check_object(&check, object);
    free(check.networks);
    return result;
}
