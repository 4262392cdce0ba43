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
 *                       listener that is up and has a member; one with twice
 *                       the weight is there twice, one that takes no new
 *                       connections is not: see backends.h
 *     selection_fields  what to hash
 *     external_ids      enabled             "True" or "False"
 *                       neutron:vip         address
 *                       neutron:vip_port_id port
 *                       listener_ID[:D]     "port:[pool_ID]"
 *                       pool_ID[:D]         "member_ID_ADDR:PORT_SUBNET,..."
 *                       neutron:member_status  {"ID": "NO_MONITOR", ...}
 *                       ls_refs, lr_ref     see attach.h
 *                       octavia:healthmonitors  ["ID", ...]
 *                       neutron:...         more VIPs, and floating IPs
 *     options           affinity_timeout; ct_flush in a row of UDP
 *     health_check, ip_port_mappings          see probes.h
 *
 * There are more rows if pools of one protocol do not agree; see row-layout.h.
 *
 * ":D" marks what is administratively down.
 */

#include <config.h>
#include "ovn/want/desired.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/ip.h"
#include "hash.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/rows/rows.h"
#include "ovn/want/acls.h"
#include "ovn/want/allowed.h"
#include "ovn/want/attach.h"
#include "ovn/want/backends.h"
#include "ovn/want/centralise.h"
#include "ovn/want/entrances.h"
#include "ovn/want/lb-ports.h"
#include "ovn/want/member-switch.h"
#include "ovn/want/probes.h"
#include "ovn/want/row-layout.h"
#include "ovn/want/vips.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* Lists the keys of the maps that are ours.  A prefix ends with '_' or ':'. */
static const struct owned_key {
    const char *key;
    bool is_prefix;
    bool is_json;
    bool is_set;
} owned_external_ids[] = {
    { "enabled", false, false, false },
    { "neutron:vip", false, false, false },
    { "neutron:vip_port_id", false, false, false },
    { "neutron:additional_vips", false, false, false },
    { "neutron:additional_vip_port_ids", false, false, false },
    { "neutron:vip_fip", false, false, false },
    { "neutron:additional_vip_fips", false, false, true },
    { "neutron:member_status", false, true, false },
    { "octavia:healthmonitors", false, true, false },
    { "ls_refs", false, true, false },
    { "lr_ref", false, false, true },
    { "listener_", true, false, false },
    { "pool_", true, false, true },
};

static const struct owned_key owned_options[] = {
    { "affinity_timeout", false, false, false },
    { "ct_flush", false, false, false },
};

static const struct owned_key owned_check_options[] = {
    { "interval", false, false, false },
    { "timeout", false, false, false },
    { "success_count", false, false, false },
    { "failure_count", false, false, false },
};

/* Holds the input that all rows of a load balancer share. */
struct desired_context {
    const struct model_lb *lb;
    const struct desired_facts *facts;
    const struct vip_list *vips;
    struct ovn_lb *ret;
    struct desired_watch *watch;
};

static void build_row(const struct desired_context *,
                      const struct layout_row *);
static void build_limits(struct desired_context *, const struct layout *);
static void watch_addresses(const struct desired_context *);

void
desired_lb(const struct model_lb *lb, const struct desired_facts *facts,
           struct ovn_lb *ret, struct desired_watch *ret_watch)
{
    struct vip_list vips;
    struct layout layout;

    ovn_lb_init(ret, &lb->base.id);
    if (!model_base_is_wanted(&lb->base)) {
        return;
    }

    vip_list_init(&vips, lb, facts->topology);
    layout_lb(lb, facts->has_ipv6_hash, &layout);
    struct desired_context context = {
        .lb = lb,
        .facts = facts,
        .vips = &vips,
        .ret = ret,
        .watch = ret_watch,
    };
    build_limits(&context, &layout);
    for (size_t i = 0; i < layout.n; i++) {
        build_row(&context, &layout.rows[i]);
    }
    lb_ports_build(lb, facts->topology, &facts->sources, ret);
    centralise_find(lb, &vips, facts, &ret->nats);
    watch_addresses(&context);
    layout_uninit(&layout);
    vip_list_uninit(&vips);
}

void
desired_watch_init(struct desired_watch *watch)
{
    uuidset_init(&watch->homes);
    uuidset_init(&watch->addresses);
    uuidset_init(&watch->subnets);
    uuidset_init(&watch->nats);
}

void
desired_watch_uninit(struct desired_watch *watch)
{
    uuidset_destroy(&watch->homes);
    uuidset_destroy(&watch->addresses);
    uuidset_destroy(&watch->subnets);
    uuidset_destroy(&watch->nats);
}

/* Mixes the other words into the first one, which is uuid_hash() and the same
 * in all IPv4 addresses.  Nothing is lost. */
struct uuid
watch_address(const struct in6_addr *ip)
{
    struct uuid uuid;

    BUILD_ASSERT_DECL(sizeof uuid == sizeof *ip);
    memcpy(&uuid, ip, sizeof uuid);
    uuid.parts[0] ^= hash_words(&uuid.parts[1], 3, 0);
    return uuid;
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
desired_owns_check_option(const char *key)
{
    return find_owned(owned_check_options, ARRAY_SIZE(owned_check_options),
                      key);
}

bool
desired_external_id_is_json(const char *key)
{
    const struct owned_key *owned
        = find_owned(owned_external_ids, ARRAY_SIZE(owned_external_ids), key);
    return owned && owned->is_json;
}

bool
desired_external_id_is_set(const char *key)
{
    const struct owned_key *owned
        = find_owned(owned_external_ids, ARRAY_SIZE(owned_external_ids), key);
    return owned && owned->is_set;
}

/* Formatting. */

/* Returns the list of members in a pool's external_ids entry.  IPv6 without
 * brackets: readers split the port off at the last colon.  Addresses are as
 * the user wrote them: OVN does not read them, and the Python provider
 * compares them, as text, with Octavia's. */
static char *
format_members(const struct model_pool *pool)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        ds_put_format(&s, "%smember_"UUID_FMT"_%s:%"PRIu16"_"UUID_FMT,
                      i ? "," : "", UUID_ARGS(&member->base.id),
                      model_member_typed_address(member),
                      member->protocol_port, UUID_ARGS(&member->subnet_id));
    }
    return ds_steal_cstr(&s);
}

/* Returns the status that other tools read.  "OFFLINE" is a member that must
 * not be in a VIP's list, for any reason. */
static const char *
desired_member_status(const struct model_pool *pool,
                      const struct model_member *member)
{
    return (!member->base.admin_state_up || member->weight <= 0 ? "OFFLINE"
            : !model_pool_active_monitor(pool) ? "NO_MONITOR"
            : member_health_is_bad(member->health) ? "ERROR"
            : "ONLINE");
}

static void
put_member_statuses(struct ds *s, const struct model_pool *pool)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        ds_put_format(s, "%s\""UUID_FMT"\": \"%s\"",
                      s->length ? ", " : "{", UUID_ARGS(&member->base.id),
                      desired_member_status(pool, member));
    }
}

/* A row, column by column. */

static void
build_identity(const struct desired_context *context, struct lb_row *row)
{
    const struct model_lb *lb = context->lb;
    static const struct {
        enum vip_kind kind;
        const char *key;
        char *(*join)(const struct vip_list *, enum vip_kind);
    } more[] = {
        { VIP_ADDITIONAL, "neutron:additional_vips", vip_list_join },
        { VIP_ADDITIONAL, "neutron:additional_vip_port_ids",
          vip_list_join_ports },
        { VIP_FIRST_FLOATING, "neutron:vip_fip", vip_list_join },
        { VIP_OTHER_FLOATING, "neutron:additional_vip_fips", vip_list_join },
    };

    smap_add(&row->external_ids, "enabled",
             lb->base.admin_state_up ? "True" : "False");
    smap_add(&row->external_ids, "neutron:vip", lb->vips[0].address);
    smap_add_format(&row->external_ids, "neutron:vip_port_id", UUID_FMT,
                    UUID_ARGS(&lb->vips[0].port_id));
    for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
        char *value = more[i].join(context->vips, more[i].kind);
        if (value[0]) {
            smap_add_nocopy(&row->external_ids, xstrdup(more[i].key), value);
        } else {
            free(value);
        }
    }
}

static void
build_listeners(const struct layout_row *layout, struct lb_row *row)
{
    const struct model_lb *lb = layout->lb;

    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        if (!layout_row_has_listener(layout, listener)) {
            continue;
        }

        struct ds value = DS_EMPTY_INITIALIZER;
        ds_put_format(&value, "%"PRIu16":", listener->protocol_port);
        const struct model_pool *pool
            = model_lb_pool(lb, &listener->default_pool_id);
        if (pool && layout_row_has_pool(layout, pool)) {
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
build_pools(const struct layout_row *layout, struct lb_row *row)
{
    const struct model_lb *lb = layout->lb;
    struct ds statuses = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        if (layout_row_has_pool(layout, pool)) {
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
desired_add_vip(const struct vip *vip, uint16_t port, const char *backends,
                struct lb_row *row)
{
    if (backends) {
        struct ds key = DS_EMPTY_INITIALIZER;
        ip_put_endpoint(&key, vip->address, port);
        smap_replace(&row->vips, ds_cstr(&key), backends);
        ds_destroy(&key);
    }
}

static void
build_listener_vips(const struct desired_context *context,
                    const struct layout_row *layout,
                    const struct model_listener *listener,
                    const struct model_pool *pool, struct lb_row *row)
{
    char *ipv4 = backends_format(pool, false);
    char *ipv6 = backends_format(pool, true);

    for (size_t i = 0; i < context->vips->n; i++) {
        const struct vip *vip = &context->vips->vips[i];
        if (layout_row_has_version(layout, vip_is_ipv6(vip))) {
            desired_add_vip(vip, listener->protocol_port,
                            vip_is_ipv6(vip) ? ipv6 : ipv4, row);
        }
    }
    free(ipv4);
    free(ipv6);
}

static void
build_vips(const struct desired_context *context,
           const struct layout_row *layout, struct lb_row *row)
{
    const struct model_lb *lb = context->lb;

    for (size_t i = 0; i < lb->n_listeners && lb->base.admin_state_up; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        const struct model_pool *pool
            = model_lb_pool(lb, &listener->default_pool_id);

        if (listener->base.admin_state_up && pool
            && pool->base.admin_state_up
            && !(context->ret->hole && allowed_is_limited(listener))
            && layout_row_has_listener(layout, listener)
            && layout_row_has_pool(layout, pool)) {
            build_listener_vips(context, layout, listener, pool, row);
        }
    }
}

static void
build_hashing(const struct desired_context *context,
              const struct layout_row *layout, struct lb_row *row)
{
    const char *affinity_timeout = layout_row_affinity_timeout(layout);

    layout_row_selection_fields(layout, context->facts->has_ipv6_hash,
                                &row->selection_fields);
    if (affinity_timeout) {
        smap_add(&row->options, "affinity_timeout", affinity_timeout);
    }
}

/* Has ovn-controller forget the connections of a backend that leaves the list.
 * OVN tracks the datagrams from one port of a client as a connection, which
 * lasts as long as the client sends, and would outlive the backend.  The
 * option works only if it was there before the backend left, so it is always
 * there; an OVN that does not know it ignores it.  Removing it would end all
 * connections. */
static void
build_flushing(const struct layout_row *layout, struct lb_row *row)
{
    if (layout->has_protocol && layout->protocol == L4_UDP) {
        smap_add(&row->options, "ct_flush", "true");
    }
}

/* Association. */

struct places {
    struct attach_place *array;
    size_t n, allocated;
};

static void
add_place(struct places *places, const struct uuid *subnet_id,
          const struct uuid *network_id)
{
    ARRAY_GROW(places->array, places->n, places->allocated);
    places->array[places->n++]
        = (struct attach_place) { *subnet_id, *network_id };
}

static bool
subnet_is_known(const struct desired_context *context,
                const struct model_member *member)
{
    return topology_subnet_by_id(context->facts->topology,
                                 &member->subnet_id) != NULL;
}

static void
add_member_place(struct places *places, const struct desired_context *context,
                 const struct model_member *member)
{
    const struct topo_switch *sw
        = (subnet_is_known(context, member) ? NULL
           : member_neighbourhood(context->facts->topology, context->lb,
                                  member));

    add_place(places, &member->subnet_id, sw ? &sw->id : &UUID_ZERO);
}

/* Collects the subnets of all VIPs, and of all members in the row. */
static void
find_places(const struct desired_context *context,
            const struct layout_row *layout, struct places *places)
{
    const struct model_lb *lb = layout->lb;

    for (size_t i = 0; i < lb->n_vips; i++) {
        add_place(places, &lb->vips[i].subnet_id, &lb->vips[i].network_id);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        if (!layout_row_has_pool(layout, pool)) {
            continue;
        }
        for (size_t j = 0; j < pool->n_members; j++) {
            const struct model_member *member = &pool->members[j];
            if (member->has_subnet) {
                add_member_place(places, context, member);
            }
        }
    }
}

static unsigned int
vip_versions(const struct vip_list *vips)
{
    unsigned int versions = 0;

    for (size_t i = 0; i < vips->n; i++) {
        versions |= (vip_is_ipv6(&vips->vips[i])
                     ? ATTACH_IPV6 : ATTACH_IPV4);
    }
    return versions;
}

/* Leaves the choice of the group to groups_assign(), since it depends on those
 * that exist. */
static void
want_group(struct places *places, unsigned int versions, struct lb_row *row)
{
    row->wants_group = true;
    row->versions = versions;
    row->n_places = places->n;
    row->places = places->array;
    places->array = NULL;
}

static void
carry_directly(const struct desired_context *context, unsigned int versions,
               struct attachment *attachment, struct lb_row *row)
{
    attach_expand(context->facts->topology, versions, &attachment->routers,
                  &attachment->switches);
    hmap_swap(&row->switches.uuids, &attachment->switches.uuids);
    hmap_swap(&row->routers.uuids, &attachment->routers.uuids);
    smap_add(&row->external_ids, "ls_refs", attachment->ls_refs);
    if (attachment->lr_ref[0]) {
        smap_add(&row->external_ids, "lr_ref", attachment->lr_ref);
    }
}

/* Watches the homes with groups, too: a change of the network there changes
 * the group that the row needs. */
static void
build_attachment(const struct desired_context *context,
                 const struct layout_row *layout, struct lb_row *row)
{
    struct places places = { .n = 0 };
    struct attachment attachment;

    find_places(context, layout, &places);
    struct attach_input input = {
        .places = places.array,
        .n_places = places.n,
        .versions = vip_versions(context->vips),
    };
    attach_find(context->facts->topology, &input, &attachment);

    struct uuidset_node *node;
    UUIDSET_FOR_EACH (node, &attachment.homes) {
        uuidset_insert(&context->watch->homes, &node->uuid);
    }
    if (context->facts->use_groups) {
        want_group(&places, input.versions, row);
    } else {
        carry_directly(context, input.versions, &attachment, row);
    }
    attachment_uninit(&attachment);
    free(places.array);
}

/* Limits of clients. */

static bool
has_limits(const struct model_lb *lb)
{
    for (size_t i = 0; i < lb->n_listeners; i++) {
        if (allowed_is_limited(&lb->listeners[i])) {
            return true;
        }
    }
    return false;
}

/* Finds the carriers of all rows; the switches behind routers are left out. */
static void
find_carriers(const struct desired_context *context,
              const struct layout *layout, struct attachment *ret)
{
    struct places places = { .n = 0 };

    for (size_t i = 0; i < layout->n; i++) {
        find_places(context, &layout->rows[i], &places);
    }
    const struct attach_input input = {
        .places = places.array,
        .n_places = places.n,
        .versions = vip_versions(context->vips),
    };
    attach_find(context->facts->topology, &input, ret);
    free(places.array);
}

/* Builds the ACLs of the listeners.  Watches the routers, as homes, since a
 * switch that is joined to one is an entrance from then on.  Where packets
 * cannot be kept out, no listener with ranges may be served. */
static void
build_limits(struct desired_context *context, const struct layout *layout)
{
    struct attachment carriers;
    struct entrances entrances;
    const struct uuidset_node *node;

    if (!has_limits(context->lb)) {
        return;
    }
    if (!context->facts->enforce_cidrs) {
        context->ret->hole = xstrdup("allowed_cidrs is switched off in the "
                                     "driver's configuration");
        return;
    }

    entrances_init(&entrances);
    find_carriers(context, layout, &carriers);
    entrances_find(context->facts->topology, &carriers.switches,
                   &carriers.routers, &entrances);
    UUIDSET_FOR_EACH (node, &entrances.routers) {
        uuidset_insert(&context->watch->homes, &node->uuid);
    }
    if (entrances.hole) {
        context->ret->hole = xstrdup(entrances.hole);
    } else {
        acls_build(context->lb, context->vips, context->facts->topology,
                   &entrances, context->ret);
    }
    attachment_uninit(&carriers);
    entrances_uninit(&entrances);
}

static void
build_row(const struct desired_context *context,
          const struct layout_row *layout)
{
    struct lb_row *row = ovn_lb_add_row(context->ret);

    if (layout->has_protocol) {
        free(row->protocol);
        row->protocol = xstrdup(l4_protocol_to_ovn(layout->protocol));
    }
    build_identity(context, row);
    build_listeners(layout, row);
    build_pools(layout, row);
    build_vips(context, layout, row);
    build_hashing(context, layout, row);
    build_flushing(layout, row);
    probe_build(layout, context->vips, context->facts->topology,
                &context->facts->sources, row);
    build_attachment(context, layout, row);
}

/* Watches. */

static void
add_watched(struct uuidset *addresses, const struct in6_addr *ip)
{
    if (ipv6_addr_is_set(ip)) {
        struct uuid key = watch_address(ip);

        uuidset_insert(addresses, &key);
    }
}

/* Registers each VIP, since its floating IPs come and go with its port and
 * with NAT rows for it; each member that is probed, has an unknown subnet, or
 * may need its floating IP centralised, since its port, the results of its
 * probes and its own floating IP come and go with its address; and the sources
 * of probes. */
static void
watch_addresses(const struct desired_context *context)
{
    const struct model_lb *lb = context->lb;
    struct uuidset *addresses = &context->watch->addresses;
    const struct probe_sources *sources = &context->facts->sources;

    bool centralises = centralise_is_needed(context->vips, context->facts);

    for (size_t i = 0; i < context->vips->n; i++) {
        const struct vip *vip = &context->vips->vips[i];
        add_watched(addresses, &vip->of->ip);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        bool all = centralises || model_pool_active_monitor(pool);
        for (size_t j = 0; j < pool->n_members; j++) {
            const struct model_member *member = &pool->members[j];
            if (all || !subnet_is_known(context, member)) {
                add_watched(addresses, &member->ip);
            }
        }
    }
    for (size_t i = 0; i < sources->n; i++) {
        add_watched(addresses, &sources->array[i].ip);
    }

    const struct uuidset_node *node;
    UUIDSET_FOR_EACH (node, &context->ret->nats) {
        uuidset_insert(&context->watch->nats, &node->uuid);
    }
}
