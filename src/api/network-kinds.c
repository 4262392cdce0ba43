/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of Neutron's resources; see network-kinds.h.  Facts that OVN does not
 * have are as in Neutron where they were never set.
 */

#include <config.h>
#include "api/network-kinds.h"
#include <string.h>
#include "api/network-values.h"
#include "net/net.h"
#include "util.h"

#define FIELD(NAME, TYPE, STRUCT, MEMBER)                               \
    { NAME, &network_##TYPE, offsetof(struct STRUCT, MEMBER), NULL, false }
#define SUBNET_FIELD(NAME, TYPE, STRUCT, MEMBER)                        \
    { NAME, &network_##TYPE, offsetof(struct STRUCT, MEMBER), NULL, true }
#define WHOLE(NAME, TYPE)                                               \
    { NAME, &network_##TYPE, 0, NULL, true }
#define FIXED(NAME, TYPE, VALUE) { NAME, &network_##TYPE, 0, VALUE, false }
#define FIXED_TEXT(NAME, TEXT)                                          \
    FIXED(NAME, text, &(const char *const) { TEXT })
#define FIXED_FLAG(NAME, VALUE)                                         \
    FIXED(NAME, flag, &(const bool) { VALUE })
#define FIXED_LIST(NAME) FIXED(NAME, list, "")

/* Attributes by which Neutron's clients may filter, and of which OVN knows
 * nothing: a filter finds none, rather than what was not asked for. */
#define UNKNOWN(NAME) FIXED(NAME, unknown, "")
#define UNKNOWN_TIMES                                                   \
    UNKNOWN("created_at"),                                              \
    UNKNOWN("updated_at"),                                              \
    UNKNOWN("revision_number")

/* OVN does not say whose an object is. */
#define STANDARD                                                        \
    FIXED_TEXT("description", ""),                                      \
    FIXED_LIST("tags"),                                                 \
    FIXED_TEXT("project_id", ""),                                       \
    FIXED_TEXT("tenant_id", ""),                                        \
    UNKNOWN_TIMES

/* A network belongs to no project, and every caller who sees it may use it:
 * to Neutron that is a shared one, and dashboards list it with a project's
 * own. */
static const struct network_attribute network_attributes[] = {
    FIELD("id", id, net_network, id),
    FIELD("name", text, net_network, name),
    WHOLE("subnets", subnet_ids),
    FIELD("router:external", flag, net_network, is_provider),
    FIXED_TEXT("status", "ACTIVE"),
    FIXED_FLAG("admin_state_up", true),
    FIXED_FLAG("shared", true),
    FIXED_LIST("availability_zones"),
    STANDARD,
    UNKNOWN("availability_zone_hints"),
    UNKNOWN("dns_domain"),
    UNKNOWN("ipv4_address_scope"),
    UNKNOWN("ipv6_address_scope"),
    UNKNOWN("is_default"),
    UNKNOWN("l2_adjacency"),
    UNKNOWN("mtu"),
    UNKNOWN("port_security_enabled"),
    UNKNOWN("provider:network_type"),
    UNKNOWN("provider:physical_network"),
    UNKNOWN("provider:segmentation_id"),
    UNKNOWN("qos_policy_id"),
    UNKNOWN("vlan_transparent"),
};

static const struct network_attribute subnet_attributes[] = {
    SUBNET_FIELD("id", id, net_subnet, id),
    FIELD("name", text, net_subnet, name),
    FIELD("network_id", id, net_subnet, network_id),
    FIELD("cidr", cidr, net_subnet, cidr),
    FIELD("ip_version", version, net_subnet, is_ipv6),
    FIELD("gateway_ip", text, net_subnet, gateway_ip),
    FIELD("router:external", flag, net_subnet, is_provider),
    FIXED("shared", hidden_flag, &(const bool) { true }),
    FIXED_FLAG("enable_dhcp", false),
    FIXED_LIST("allocation_pools"),
    FIXED_LIST("dns_nameservers"),
    FIXED_LIST("host_routes"),
    STANDARD,
    UNKNOWN("dns_publish_fixed_ip"),
    UNKNOWN("ipv6_address_mode"),
    UNKNOWN("ipv6_ra_mode"),
    UNKNOWN("segment_id"),
    UNKNOWN("service_types"),
    UNKNOWN("subnetpool_id"),
};

static const struct network_attribute port_attributes[] = {
    FIELD("id", id, net_port, id),
    FIELD("name", text, net_port, name),
    FIELD("network_id", id, net_port, network_id),
    FIELD("mac_address", mac, net_port, mac),
    WHOLE("fixed_ips", fixed_ips),
    FIELD("device_id", text, net_port, device_id),
    FIELD("device_owner", text, net_port, device_owner),
    FIXED_TEXT("status", "ACTIVE"),
    FIXED_FLAG("admin_state_up", true),
    FIXED_LIST("security_groups"),
    FIXED_LIST("allowed_address_pairs"),
    STANDARD,
    UNKNOWN("binding:host_id"),
    UNKNOWN("binding:profile"),
    UNKNOWN("binding:vif_details"),
    UNKNOWN("binding:vif_type"),
    UNKNOWN("binding:vnic_type"),
    UNKNOWN("dns_domain"),
    UNKNOWN("dns_name"),
    UNKNOWN("extra_dhcp_opts"),
    UNKNOWN("ip_allocation"),
    UNKNOWN("port_security_enabled"),
    UNKNOWN("propagate_uplink_status"),
    UNKNOWN("qos_network_policy_id"),
    UNKNOWN("qos_policy_id"),
};

static const struct network_attribute floating_ip_attributes[] = {
    FIELD("id", id, net_floating_ip, id),
    FIELD("floating_ip_address", ip, net_floating_ip, ip),
    FIELD("fixed_ip_address", ip, net_floating_ip, fixed_ip),
    FIELD("port_id", id_or_null, net_floating_ip, port_id),
    FIELD("router_id", id_or_null, net_floating_ip, router_id),
    FIELD("floating_network_id", id_or_null, net_floating_ip, network_id),
    FIXED_TEXT("status", "ACTIVE"),
    FIXED("port_details", null, ""),
    FIXED_LIST("port_forwardings"),
    STANDARD,
    UNKNOWN("dns_domain"),
    UNKNOWN("dns_name"),
    UNKNOWN("qos_network_policy_id"),
    UNKNOWN("qos_policy_id"),
    UNKNOWN("subnet_id"),
};

static const struct network_attribute router_attributes[] = {
    FIELD("id", id, net_router, id),
    FIELD("name", text, net_router, name),
    FIXED_TEXT("status", "ACTIVE"),
    FIELD("admin_state_up", flag, net_router, is_enabled),
    { "external_gateway_info", &network_gateway, 0, NULL, false },
    FIXED_LIST("availability_zones"),
    FIXED_LIST("availability_zone_hints"),
    STANDARD,
    UNKNOWN("distributed"),
    UNKNOWN("enable_ndp_proxy"),
    UNKNOWN("flavor_id"),
    UNKNOWN("ha"),
    UNKNOWN("routes"),
    UNKNOWN("service_type_id"),
};

static const struct network_attribute qos_policy_attributes[] = {
    UNKNOWN("id"),
    UNKNOWN("name"),
    FIXED_FLAG("shared", false),
    FIXED_FLAG("is_default", false),
    STANDARD,
};

static const struct network_attribute security_group_attributes[] = {
    UNKNOWN("id"),
    UNKNOWN("name"),
    FIXED_FLAG("shared", false),
    FIXED_FLAG("stateful", true),
    STANDARD,
};

static const struct network_attribute security_group_rule_attributes[] = {
    UNKNOWN("id"),
    UNKNOWN("security_group_id"),
    UNKNOWN("direction"),
    UNKNOWN("ethertype"),
    UNKNOWN("normalized_cidr"),
    UNKNOWN("protocol"),
    UNKNOWN("port_range_min"),
    UNKNOWN("port_range_max"),
    UNKNOWN("remote_address_group_id"),
    UNKNOWN("remote_group_id"),
    UNKNOWN("remote_ip_prefix"),
    STANDARD,
};

/* Where the objects are.  What net.h calls back with becomes a visit. */
struct network_visit {
    network_visitor *visitor;
    void *aux;
};

#define NETWORK_VISITS(KIND)                                            \
    static bool                                                         \
    network_visit_##KIND(const struct net_##KIND *object, void *visit_) \
    {                                                                   \
        const struct network_visit *visit = visit_;                     \
                                                                        \
        visit->visitor(object, &object->id, visit->aux);                \
        return true;                                                    \
    }                                                                   \
                                                                        \
    static void                                                         \
    network_visit_each_##KIND(struct net *net, network_visitor *visitor,\
                              void *aux)                                \
    {                                                                   \
        struct network_visit visit = { visitor, aux };                  \
                                                                        \
        net_for_each_##KIND(net, network_visit_##KIND, &visit);         \
    }                                                                   \
                                                                        \
    static bool                                                         \
    network_visit_one_##KIND(struct net *net, const struct uuid *id,    \
                             network_visitor *visitor, void *aux)       \
    {                                                                   \
        struct net_##KIND object;                                       \
                                                                        \
        if (net_get_##KIND(net, id, &object) != NET_FOUND) {            \
            return false;                                               \
        }                                                               \
        visitor(&object, &object.id, aux);                              \
        network_uninit_##KIND(&object);                                 \
        return true;                                                    \
    }

#define network_uninit_network net_network_uninit
#define network_uninit_port net_port_uninit
#define network_uninit_subnet(OBJECT)
#define network_uninit_floating_ip(OBJECT)
#define network_uninit_router net_router_uninit

NETWORK_VISITS(network)
NETWORK_VISITS(subnet)
NETWORK_VISITS(port)
NETWORK_VISITS(floating_ip)
NETWORK_VISITS(router)

#define ATTRIBUTES(KIND) KIND##_attributes, ARRAY_SIZE(KIND##_attributes)
#define VISITS(KIND) network_visit_each_##KIND, network_visit_one_##KIND

static const struct network_kind network_kinds[] = {
    { "networks", "network", "networks", "Network",
      "NetworkNotFound", "could not be found",
      "a network is a logical switch (ovn-nbctl ls-add)",
      ATTRIBUTES(network), VISITS(network) },
    { "subnets", "subnet", "subnets", "Subnet",
      "SubnetNotFound", "could not be found",
      "a subnet is a prefix in other_config of a logical switch",
      ATTRIBUTES(subnet), VISITS(subnet) },
    { "ports", "port", "ports", "Port",
      "PortNotFound", "could not be found",
      "a port is a port of a logical switch (ovn-nbctl lsp-add)",
      ATTRIBUTES(port), VISITS(port) },
    { "floatingips", "floatingip", "floatingips", "Floating IP",
      "FloatingIPNotFound", "could not be found",
      "a floating IP is a NAT row of type dnat_and_snat (ovn-nbctl "
      "lr-nat-add)",
      ATTRIBUTES(floating_ip), VISITS(floating_ip) },
    { "routers", "router", "routers", "Router",
      "RouterNotFound", "could not be found",
      "a router is a logical router (ovn-nbctl lr-add)",
      ATTRIBUTES(router), VISITS(router) },
    { "qos", "policy", "policies", "QoS policy",
      "QosPolicyNotFound", "could not be found",
      "bandwidths are limited by rows of table QoS (ovn-nbctl qos-add)",
      ATTRIBUTES(qos_policy), NULL, NULL },
    { "security-groups", "security_group", "security_groups",
      "Security group",
      "SecurityGroupNotFound", "does not exist",
      "who may reach what is decided by ACLs (ovn-nbctl acl-add)",
      ATTRIBUTES(security_group), NULL, NULL },
    { "security-group-rules", "security_group_rule", "security_group_rules",
      "Security group rule",
      "SecurityGroupRuleNotFound", "does not exist",
      "who may reach what is decided by ACLs (ovn-nbctl acl-add)",
      ATTRIBUTES(security_group_rule), NULL, NULL },
};

const struct network_kind *
network_kind_find(const char *path)
{
    size_t length = strcspn(path, "/");

    for (size_t i = 0; i < ARRAY_SIZE(network_kinds); i++) {
        const char *word = network_kinds[i].path;

        if (!strncmp(word, path, length) && !word[length]) {
            return &network_kinds[i];
        }
    }
    OVS_NOT_REACHED();
}

const struct network_kind *
network_kind_get(size_t i)
{
    return i < ARRAY_SIZE(network_kinds) ? &network_kinds[i] : NULL;
}

const struct network_attribute *
network_kind_attribute(const struct network_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_attributes; i++) {
        if (!strcmp(kind->attributes[i].name, name)) {
            return &kind->attributes[i];
        }
    }
    return NULL;
}

const void *
network_attribute_value(const struct network_attribute *attribute,
                        const void *object)
{
    return (attribute->fixed ? attribute->fixed
            : (const char *) object + attribute->offset);
}
