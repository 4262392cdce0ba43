/* SPDX-License-Identifier: Apache-2.0
 *
 * From a load balancer to Northbound rows; see desired.h.
 *
 * The encoding is the Python OVN provider's, so that Neutron, operators'
 * scripts and that provider itself can read the rows, take them over and give
 * them back.  For each layer 4 protocol there is one row:
 *
 *     name              id of the load balancer
 *     protocol          "tcp", "udp", "sctp"; empty while nothing needs one
 *     vips              "VIP:port" = "member:port,member:port" for each
 *                       listener that is up and has a backend; a member with
 *                       twice the weight is there twice
 *     selection_fields  what to hash
 *     external_ids      enabled             "True" or "False"
 *                       neutron:vip         address
 *                       neutron:vip_port_id port
 *                       listener_ID[:D]     "port:[pool_ID]"
 *                       pool_ID[:D]         "member_ID_ADDR:PORT_SUBNET,..."
 *                       neutron:member_status  {"ID": "NO_MONITOR", ...}
 *                       ls_refs, lr_ref     see attach.h
 *
 * ":D" marks what is administratively down.
 */

#include <config.h>
#include "ovn/desired.h"
#include <inttypes.h>
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/attach.h"
#include "ovn/backends.h"
#include "ovn/rows.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* What is ours in the two maps.  A prefix ends with '_' or ':'. */
static const struct owned_key {
    const char *key;
    bool is_prefix;
    bool is_json;
} owned_external_ids[] = {
    { "enabled", false, false },
    { "neutron:vip", false, false },
    { "neutron:vip_port_id", false, false },
    { "neutron:member_status", false, true },
    { "ls_refs", false, true },
    { "lr_ref", false, false },
    { "listener_", true, false },
    { "pool_", true, false },
};

static const struct owned_key owned_options[] = {
    { "affinity_timeout", false, false },
};

/* Seconds of affinity for a pool that asks for persistence without saying how
 * long. */
#define DEFAULT_AFFINITY_TIMEOUT "360"

static void build_row(const struct model_lb *, const struct topology *,
                      const enum l4_protocol *, struct ovn_lb *,
                      struct uuidset *homes);
static void build_port(const struct model_lb *, const struct topology *,
                       struct ovn_lb *);
static bool protocol_is_needed(const struct model_lb *, enum l4_protocol);

void
desired_lb(const struct model_lb *lb, const struct topology *topology,
           struct ovn_lb *ret, struct uuidset *ret_homes)
{
    ovn_lb_init(ret, &lb->base.id);
    if (!model_base_is_wanted(&lb->base)) {
        return;
    }
    for (enum l4_protocol p = 0; p < N_L4_PROTOCOLS; p++) {
        if (protocol_is_needed(lb, p)) {
            build_row(lb, topology, &p, ret, ret_homes);
        }
    }
    if (!ret->n_rows) {
        build_row(lb, topology, NULL, ret, ret_homes);
    }
    build_port(lb, topology, ret);
}

static const struct owned_key *
find_owned(const struct owned_key *keys, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (keys[i].is_prefix
            ? !strncmp(key, keys[i].key, strlen(keys[i].key))
            : !strcmp(key, keys[i].key)) {
            return &keys[i];
        }
    }
    return NULL;
}

bool
desired_owns_external_id(const char *key)
{
    return find_owned(owned_external_ids, ARRAY_SIZE(owned_external_ids),
                      key);
}

bool
desired_owns_option(const char *key)
{
    return find_owned(owned_options, ARRAY_SIZE(owned_options), key);
}

bool
desired_external_id_is_json(const char *key)
{
    const struct owned_key *owned
        = find_owned(owned_external_ids, ARRAY_SIZE(owned_external_ids), key);
    return owned && owned->is_json;
}

/* Selection. */

static bool
pool_is_in(const struct model_pool *pool, const enum l4_protocol *protocol)
{
    return (protocol && pool->protocol == *protocol
            && model_base_is_wanted(&pool->base));
}

static bool
listener_is_in(const struct model_listener *listener,
               const enum l4_protocol *protocol)
{
    return (protocol && listener->protocol == *protocol
            && model_base_is_wanted(&listener->base));
}

static bool
protocol_is_needed(const struct model_lb *lb, enum l4_protocol protocol)
{
    for (size_t i = 0; i < lb->n_listeners; i++) {
        if (listener_is_in(&lb->listeners[i], &protocol)) {
            return true;
        }
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        if (pool_is_in(&lb->pools[i], &protocol)) {
            return true;
        }
    }
    return false;
}

/* Formatting. */

/* The members' list in a pool's external_ids entry.  IPv6 without brackets:
 * readers split the port off at the last colon. */
static char *
format_members(const struct model_pool *pool)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        if (model_base_is_wanted(&member->base)) {
            ds_put_format(&s, "%smember_"UUID_FMT"_%s:%"PRIu16"_"UUID_FMT,
                          s.length ? "," : "", UUID_ARGS(&member->base.id),
                          member->address, member->protocol_port,
                          UUID_ARGS(&member->subnet_id));
        }
    }
    return ds_steal_cstr(&s);
}

static void
put_member_statuses(struct ds *s, const struct model_pool *pool)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        if (model_base_is_wanted(&member->base)) {
            ds_put_format(s, "%s\""UUID_FMT"\": \"%s\"",
                          s->length ? ", " : "{", UUID_ARGS(&member->base.id),
                          backend_is_up(member) ? "NO_MONITOR" : "OFFLINE");
        }
    }
}

/* A row, column by column. */

static void
build_listeners(const struct model_lb *lb, const enum l4_protocol *protocol,
                struct lb_row *row)
{
    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        if (!listener_is_in(listener, protocol)) {
            continue;
        }

        struct ds value = DS_EMPTY_INITIALIZER;
        ds_put_format(&value, "%"PRIu16":", listener->protocol_port);
        const struct model_pool *pool
            = model_lb_pool(lb, &listener->default_pool_id);
        if (pool && pool_is_in(pool, protocol)) {
            ds_put_format(&value, "pool_"UUID_FMT, UUID_ARGS(&pool->base.id));
        }
        smap_add_nocopy(&row->external_ids,
                        xasprintf("listener_"UUID_FMT"%s",
                                  UUID_ARGS(&listener->base.id),
                                  listener->base.admin_state_up ? "" : ":D"),
                        ds_steal_cstr(&value));
    }
}

static void
build_pools(const struct model_lb *lb, const enum l4_protocol *protocol,
            struct lb_row *row)
{
    struct ds statuses = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        if (pool_is_in(pool, protocol)) {
            smap_add_nocopy(&row->external_ids,
                            xasprintf("pool_"UUID_FMT"%s",
                                      UUID_ARGS(&pool->base.id),
                                      pool->base.admin_state_up ? "" : ":D"),
                            format_members(pool));
            put_member_statuses(&statuses, pool);
        }
    }
    if (statuses.length) {
        ds_put_char(&statuses, '}');
        smap_add(&row->external_ids, "neutron:member_status",
                 ds_cstr(&statuses));
    }
    ds_destroy(&statuses);
}

static void
build_vips(const struct model_lb *lb, const enum l4_protocol *protocol,
           struct lb_row *row)
{
    bool is_ipv6 = backend_is_ipv6(lb->vip_address);

    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        const struct model_pool *pool
            = model_lb_pool(lb, &listener->default_pool_id);
        if (!lb->base.admin_state_up || !listener_is_in(listener, protocol)
            || !listener->base.admin_state_up || !pool
            || !pool_is_in(pool, protocol) || !pool->base.admin_state_up) {
            continue;
        }

        char *backends = backends_format(pool, is_ipv6);
        if (backends[0]) {
            struct ds vip = DS_EMPTY_INITIALIZER;
            backend_put_address(&vip, lb->vip_address,
                                listener->protocol_port);
            smap_add_nocopy(&row->vips, ds_steal_cstr(&vip), backends);
        } else {
            free(backends);
        }
    }
}

/* Hashing and affinity are a row's, not a pool's: the pool made last decides
 * for all of its protocol. */
static void
build_hashing(const struct model_lb *lb, const enum l4_protocol *protocol,
              struct lb_row *row)
{
    const struct model_pool *last = NULL;

    for (size_t i = 0; i < lb->n_pools; i++) {
        if (pool_is_in(&lb->pools[i], protocol)) {
            last = &lb->pools[i];
        }
    }
    sset_add(&row->selection_fields, "ip_src");
    sset_add(&row->selection_fields, "ip_dst");
    if (!last || !last->is_source_ip) {
        sset_add(&row->selection_fields, "tp_src");
        sset_add(&row->selection_fields, "tp_dst");
    }
    if (last && last->has_persistence) {
        smap_add(&row->options, "affinity_timeout",
                 last->persistence_timeout ? last->persistence_timeout
                 : DEFAULT_AFFINITY_TIMEOUT);
    }
}

/* The subnets of all members of the row, one entry each.  The caller frees
 * the array. */
static struct uuid *
member_subnets(const struct model_lb *lb, const enum l4_protocol *protocol,
               size_t *n)
{
    struct uuid *ids = NULL;
    size_t allocated = 0;

    *n = 0;
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        if (!pool_is_in(pool, protocol)) {
            continue;
        }
        for (size_t j = 0; j < pool->n_members; j++) {
            const struct model_member *member = &pool->members[j];
            if (model_base_is_wanted(&member->base) && member->has_subnet) {
                if (*n >= allocated) {
                    ids = x2nrealloc(ids, &allocated, sizeof *ids);
                }
                ids[(*n)++] = member->subnet_id;
            }
        }
    }
    return ids;
}

static void
build_attachment(const struct model_lb *lb, const struct topology *topology,
                 const enum l4_protocol *protocol, struct lb_row *row,
                 struct uuidset *homes)
{
    struct attach_input input = {
        .vip_subnet_id = lb->vip_subnet_id,
        .vip_network_id = lb->vip_network_id,
        .is_ipv6 = backend_is_ipv6(lb->vip_address),
    };
    struct uuid *subnets = member_subnets(lb, protocol, &input.n_members);
    struct attachment attachment;

    input.member_subnet_ids = subnets;
    attach(topology, &input, &attachment);

    hmap_swap(&row->switches.uuids, &attachment.switches.uuids);
    hmap_swap(&row->routers.uuids, &attachment.routers.uuids);
    smap_add(&row->external_ids, "ls_refs", attachment.ls_refs);
    if (attachment.lr_ref[0]) {
        smap_add(&row->external_ids, "lr_ref", attachment.lr_ref);
    }
    struct uuidset_node *node;
    UUIDSET_FOR_EACH (node, &attachment.homes) {
        if (!uuidset_contains(homes, &node->uuid)) {
            uuidset_insert(homes, &node->uuid);
        }
    }
    attachment_uninit(&attachment);
    free(subnets);
}

static void
build_row(const struct model_lb *lb, const struct topology *topology,
          const enum l4_protocol *protocol, struct ovn_lb *ret,
          struct uuidset *homes)
{
    struct lb_row *row = ovn_lb_add_row(ret);

    if (protocol) {
        free(row->protocol);
        row->protocol = xstrdup(l4_protocol_to_ovn(*protocol));
    }
    smap_add(&row->external_ids, "enabled",
             lb->base.admin_state_up ? "True" : "False");
    smap_add(&row->external_ids, "neutron:vip", lb->vip_address);
    smap_add_format(&row->external_ids, "neutron:vip_port_id", UUID_FMT,
                    UUID_ARGS(&lb->vip_port_id));
    build_listeners(lb, protocol, row);
    build_pools(lb, protocol, row);
    build_vips(lb, protocol, row);
    build_hashing(lb, protocol, row);
    build_attachment(lb, topology, protocol, row, homes);
}

/* The VIP's port. */

/* A locally administered MAC address that follows from the load balancer's
 * id.  Nobody sends to it: see build_port(). */
static struct eth_addr
vip_mac(const struct uuid *port_id)
{
    uint32_t low = port_id->parts[3];
    struct eth_addr mac = {
        .ea = { 0x0a, port_id->parts[0] & 0xff, low >> 24,
                (low >> 16) & 0xff, (low >> 8) & 0xff, low & 0xff },
    };
    return mac;
}

/* The port exists to keep the VIP's address from being given to anybody else:
 * OVN's IPAM counts the addresses of its ports.  Its type "virtual", without
 * virtual parents, keeps OVN from answering ARP requests for the VIP with the
 * port's MAC address, which would lead nowhere: the router must answer.
 *
 * A port that the user brought is the user's: it is not touched. */
static void
build_port(const struct model_lb *lb, const struct topology *topology,
           struct ovn_lb *ret)
{
    struct uuid port_id = vip_port_uuid(&lb->base.id);
    const struct topo_subnet *subnet
        = topology_subnet_by_id(topology, &lb->vip_subnet_id);
    const struct topo_switch *sw
        = (subnet ? subnet->sw
           : topology_switch_by_id(topology, &lb->vip_network_id));

    /* While somebody rewrites the subnet, the address stays taken. */
    if (!sw || !uuid_equals(&port_id, &lb->vip_port_id)) {
        return;
    }

    struct vip_port *port = ovn_lb_add_port(ret);
    struct eth_addr mac = vip_mac(&port_id);
    port->uuid = port_id;
    port->sw = sw->uuid;
    free(port->type);
    port->type = xstrdup("virtual");
    free(port->addresses);
    port->addresses = xasprintf(ETH_ADDR_FMT" %s", ETH_ADDR_ARGS(mac),
                                lb->vip_address);
    smap_add(&port->external_ids, "neutron:port_name", port->name);
    smap_add_format(&port->external_ids, "neutron:device_id", "lb-"UUID_FMT,
                    UUID_ARGS(&lb->base.id));
    smap_add(&port->external_ids, "neutron:device_owner", "ovn-lb:vip");
    smap_add(&port->external_ids, "neutron:project_id", lb->project_id);
    if (subnet) {
        smap_add_format(&port->external_ids, "neutron:cidrs", "%s/%u",
                        lb->vip_address, subnet->plen);
    }
}
