/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph of a new load balancer: from the body to pools and listeners that
 * refer to each other, and the checks of what the body alone tells; see
 * graph.h.
 *
 * Of several faults, the first in Octavia's order is the answer: names, then
 * pool by pool, then listeners.
 */

#include <config.h>
#include "api/graph.h"
#include <stdlib.h>
#include "api/listeners.h"
#include "api/members.h"
#include "api/quota-charge.h"
#include "api/request.h"
#include "api/write.h"
#include "base/ip.h"
#include "base/limits.h"
#include "hash.h"
#include "model/checks.h"
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "packets.h"
#include "util.h"

/* What two members of a pool, or two listeners, must not have in common. */
struct graph_place {
    struct hmap_node node;
    const struct attrs *attrs;
    struct in6_addr ip;         /* Members. */
};

static const struct attr *
graph_items(const struct attrs *attrs, const char *name)
{
    return attrs_get_const(attrs, name);
}

/* Returns the only object in the attribute, or NULL. */
static struct attrs *
graph_item(const struct attrs *attrs, const char *name)
{
    const struct attr *attr = graph_items(attrs, name);

    return attr->n_items ? attr->items[0] : NULL;
}

/* True if a default pool is defined where it is used: it has more than the
 * name of one that is defined elsewhere, and what Octavia gives to all. */
static bool
graph_pool_is_definition(const struct attrs *pool)
{
    const struct resource *resource = pool->resource;

    for (size_t i = 0; i < resource->n_fields; i++) {
        const char *name = resource->fields[i].name;

        if (pool->attr[i].is_given && strcmp(name, "name")
            && strcmp(name, "admin_state_up") && strcmp(name, "tls_enabled")) {
            return true;
        }
    }
    return false;
}

static void
graph_add_pool(struct graph *graph, struct attrs *attrs)
{
    const struct attr *members = graph_items(attrs, "members");

    graph->pools[graph->n_pools++] = (struct graph_pool) {
        .attrs = attrs,
        .monitor = graph_item(attrs, "healthmonitor"),
        .members = members->items,
        .n_members = members->n_items,
    };
    graph->n_members += members->n_items;
}

static bool
graph_check_named(struct request *request, const struct attrs *listener)
{
    const struct attrs *pool = graph_item(listener, "default_pool");

    return (!pool || *attrs_string(pool, "name")
            || fault_set(&request->fault, FAULT_VALIDATION,
                         "Pools must be named when creating a fully "
                         "populated loadbalancer."));
}

/* Pools that are defined for a listener come after the others. */
static bool
graph_read_objects(struct request *request, struct graph *graph)
{
    const struct attr *pools = graph_items(request->attrs, "pools");
    const struct attr *listeners = graph_items(request->attrs, "listeners");

    graph->pools = xcalloc(pools->n_items + listeners->n_items,
                           sizeof *graph->pools);
    graph->listeners = xcalloc(listeners->n_items, sizeof *graph->listeners);
    for (size_t i = 0; i < pools->n_items; i++) {
        graph_add_pool(graph, pools->items[i]);
    }
    for (size_t i = 0; i < listeners->n_items; i++) {
        struct attrs *attrs = listeners->items[i];
        struct attrs *pool = graph_item(attrs, "default_pool");

        if (!graph_check_named(request, attrs)) {
            return false;
        }
        if (pool && graph_pool_is_definition(pool)) {
            graph_add_pool(graph, pool);
        }
        graph->listeners[graph->n_listeners++] = (struct graph_listener) {
            .attrs = attrs, .pool = NO_POOL,
        };
    }
    return true;
}

static void
graph_read_members(struct graph *graph)
{
    size_t n = 0;

    graph->members = xcalloc(graph->n_members, sizeof *graph->members);
    for (size_t i = 0; i < graph->n_pools; i++) {
        for (size_t j = 0; j < graph->pools[i].n_members; j++) {
            graph->members[n++] = graph->pools[i].members[j];
        }
    }
}

static size_t
graph_n_monitors(const struct graph *graph)
{
    size_t n = 0;

    for (size_t i = 0; i < graph->n_pools; i++) {
        n += graph->pools[i].monitor != NULL;
    }
    return n;
}

static size_t
graph_n_objects(const struct graph *graph)
{
    return (graph->n_pools + graph_n_monitors(graph) + graph->n_members
            + graph->n_listeners);
}

static bool
graph_check_size(struct request *request, const struct graph *graph)
{
    return (graph_n_objects(graph) <= GRAPH_OBJECTS_MAX
            || fault_set_format(&request->fault, FAULT_VALIDATION,
                                "Too many objects in one request: at most "
                                "%d are supported besides the load balancer.",
                                GRAPH_OBJECTS_MAX));
}

static bool
graph_name_pools(struct request *request, struct graph *graph,
                 struct shash *names)
{
    for (size_t i = 0; i < graph->n_pools; i++) {
        struct graph_pool *pool = &graph->pools[i];

        if (!shash_add_once(names, attrs_string(pool->attrs, "name"), pool)) {
            return fault_set(&request->fault, FAULT_VALIDATION,
                             "Pool names must be unique when creating a "
                             "fully populated loadbalancer.");
        }
    }
    return true;
}

/* Finds the default pools of listeners by their names. */
static bool
graph_join_pools(struct request *request, struct graph *graph,
                 const struct shash *names)
{
    for (size_t i = 0; i < graph->n_listeners; i++) {
        struct graph_listener *listener = &graph->listeners[i];
        const struct attrs *named = graph_item(listener->attrs,
                                               "default_pool");

        if (!named) {
            continue;
        }

        const char *name = attrs_string(named, "name");
        const struct graph_pool *pool = shash_find_data(names, name);
        if (!pool) {
            return fault_set_format(&request->fault, FAULT_VALIDATION,
                                    "Pool '%s' was referenced but no full "
                                    "definition was found.", name);
        }
        listener->pool = pool - graph->pools;
    }
    return true;
}

static bool
graph_read(struct request *request, struct graph *graph)
{
    struct shash names = SHASH_INITIALIZER(&names);

    bool ok = (graph_read_objects(request, graph)
               && graph_check_size(request, graph)
               && graph_name_pools(request, graph, &names)
               && graph_join_pools(request, graph, &names));
    if (ok) {
        graph_read_members(graph);
    }
    shash_destroy(&names);
    return ok;
}

/* --- Checks -------------------------------------------------------------- */

static bool
graph_check_has(struct request *request, const struct attrs *pool,
                const char *attribute)
{
    return (attrs_has(pool, attribute)
            || fault_set_format(&request->fault, FAULT_VALIDATION,
                                "Pool definition for '%s' missing required "
                                "attribute: %s", attrs_string(pool, "name"),
                                attribute));
}

static bool
graph_check_monitor(struct request *request, const struct attrs *monitor,
                    const char *protocol)
{
    const char *type = attrs_string(monitor, "type");

    return (check_monitor_type(type, protocol, &request->fault)
            && check_monitor_delay(monitor, type, &request->fault)
            && check_monitor(monitor, type, &request->fault));
}

/* Notes a member.  Returns false if there is one at the same address and port
 * already. */
static bool
graph_note_member(struct hmap *places, struct graph_place *place,
                  const struct attrs *member)
{
    int64_t port = attrs_integer(member, "protocol_port");
    const struct graph_place *other;

    place->attrs = member;
    place->ip = ip_parse_or_unset(attrs_string(member, "address"));

    uint32_t hash = hash_bytes(&place->ip, sizeof place->ip, port);
    HMAP_FOR_EACH_WITH_HASH (other, node, hash, places) {
        if (ipv6_addr_equals(&other->ip, &place->ip)
            && attrs_integer(other->attrs, "protocol_port") == port) {
            return false;
        }
    }
    hmap_insert(places, &place->node, hash);
    return true;
}

static bool
graph_check_member(struct request *request, struct hmap *places,
                   struct graph_place *place, const struct attrs *member)
{
    const char *address = attrs_string(member, "address");

    return (check_member_address(address, &request->fault)
            && (graph_note_member(places, place, member)
                || member_refuse_duplicate(request, address,
                                           attrs_integer(member,
                                                         "protocol_port"))));
}

static bool
graph_check_members(struct request *request, const struct graph_pool *pool)
{
    struct graph_place *places = xcalloc(pool->n_members, sizeof *places);
    struct hmap map = HMAP_INITIALIZER(&map);
    bool ok = true;

    hmap_reserve(&map, pool->n_members);
    for (size_t i = 0; ok && i < pool->n_members; i++) {
        ok = graph_check_member(request, &map, &places[i], pool->members[i]);
    }
    hmap_destroy(&map);
    free(places);
    return ok;
}

static bool
graph_check_pool(struct request *request, const struct graph_pool *pool)
{
    return (graph_check_has(request, pool->attrs, "protocol")
            && graph_check_has(request, pool->attrs, "lb_algorithm")
            && check_persistence(pool->attrs,
                                 attrs_string(pool->attrs, "protocol"), NULL,
                                 &request->fault)
            && check_pool_tls(pool->attrs, &request->fault)
            && (!pool->monitor
                || graph_check_monitor(request, pool->monitor,
                                       attrs_string(pool->attrs, "protocol")))
            && graph_check_members(request, pool));
}

/* Refuses a pool that is named by an id: nothing of a new load balancer has
 * one. */
static bool
graph_check_no_id(struct request *request, const struct attrs *listener)
{
    const struct uuid *id = attrs_uuid(listener, "default_pool_id");

    return !id || fault_set_id(&request->fault, FAULT_NOT_FOUND, "Pool", id);
}

static bool
graph_check_protocols(struct request *request, const struct graph *graph,
                      const struct graph_listener *listener)
{
    return (listener->pool == NO_POOL
            || check_protocols(attrs_string(listener->attrs, "protocol"),
                               attrs_string(
                                   graph->pools[listener->pool].attrs,
                                   "protocol"),
                               &request->fault));
}

/* Notes a listener.  Sets the request's fault and returns false if another one
 * answers on its port. */
static bool
graph_check_port(struct request *request, struct hmap *places,
                 struct graph_place *place, const struct attrs *listener)
{
    const char *protocol = attrs_string(listener, "protocol");
    int64_t port = attrs_integer(listener, "protocol_port");
    const struct graph_place *other;

    HMAP_FOR_EACH_WITH_HASH (other, node, hash_int(port, 0), places) {
        const char *theirs = attrs_string(other->attrs, "protocol");

        if (attrs_integer(other->attrs, "protocol_port") == port
            && protocols_collide(protocol, theirs)) {
            return listener_refuse_duplicate(request, theirs, port);
        }
    }
    place->attrs = listener;
    hmap_insert(places, &place->node, hash_int(port, 0));
    return true;
}

static bool
graph_check_listener(struct request *request, const struct graph *graph,
                     struct hmap *places, struct graph_place *place,
                     const struct graph_listener *listener)
{
    return (graph_check_no_id(request, listener->attrs)
            && graph_check_protocols(request, graph, listener)
            && check_listener(listener->attrs,
                              attrs_string(listener->attrs, "protocol"),
                              &request->fault)
            && graph_check_port(request, places, place, listener->attrs)
            && check_listener_tls(listener->attrs,
                                  attrs_string(listener->attrs, "protocol"),
                                  &request->fault));
}

static bool
graph_check_listeners(struct request *request, const struct graph *graph)
{
    struct graph_place *places = xcalloc(graph->n_listeners, sizeof *places);
    struct hmap map = HMAP_INITIALIZER(&map);
    bool ok = true;

    hmap_reserve(&map, graph->n_listeners);
    for (size_t i = 0; ok && i < graph->n_listeners; i++) {
        ok = graph_check_listener(request, graph, &map, &places[i],
                                  &graph->listeners[i]);
    }
    hmap_destroy(&map);
    free(places);
    return ok;
}

static bool
graph_check_objects(struct request *request, const struct graph *graph)
{
    for (size_t i = 0; i < graph->n_pools; i++) {
        if (!graph_check_pool(request, &graph->pools[i])) {
            return false;
        }
    }
    return graph_check_listeners(request, graph);
}

struct graph *
graph_create(struct request *request)
{
    struct graph *graph = xzalloc(sizeof *graph);

    if (!graph_read(request, graph) || !graph_check_objects(request, graph)) {
        graph_destroy(graph);
        return NULL;
    }
    return graph;
}

/* In Octavia's order. */
bool
graph_count(struct request *request, const struct family *family)
{
    const struct graph *graph = request->write->graph;

    return (quota_charge(request, family, RESOURCE_POOL, graph->n_pools)
            && quota_charge(request, family, RESOURCE_HEALTH_MONITOR,
                            graph_n_monitors(graph))
            && quota_charge(request, family, RESOURCE_MEMBER,
                            graph->n_members)
            && quota_charge(request, family, RESOURCE_LISTENER,
                            graph->n_listeners));
}

void
graph_destroy(struct graph *graph)
{
    if (graph) {
        free(graph->pools);
        free(graph->listeners);
        free(graph->members);
        free(graph);
    }
}
