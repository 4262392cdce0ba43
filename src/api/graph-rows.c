/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph of a new load balancer: what the network says to it, and its
 * rows; see graph.h.
 */

#include <config.h>
#include "api/graph.h"
#include <stdlib.h>
#include "api/member-places.h"
#include "api/members.h"
#include "api/pools.h"
#include "api/request.h"
#include "api/routes.h"
#include "api/write.h"
#include "base/ip.h"
#include "base/name-uuid.h"
#include "model/checks.h"
#include "net/net.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

/* --- The network --------------------------------------------------------- */

/* Notes the IP version of a VIP.  Its address may not be chosen yet: the
 * subnet tells. */
static enum prepare_result
graph_note_version(struct request *request, const struct uuid *subnet_id)
{
    struct graph *graph = request->write->graph;
    struct net_subnet subnet;

    if (!subnet_id) {
        return PREPARE_READY;
    }
    switch (net_get_subnet(request->api->net, subnet_id, &subnet)) {
    case NET_FOUND:
        graph->has_ipv4 |= !subnet.is_ipv6;
        graph->has_ipv6 |= subnet.is_ipv6;
        return PREPARE_READY;
    case NET_WAIT:
        return PREPARE_WAIT;
    case NET_MISSING:
    default:
        return PREPARE_READY;
    }
}

static enum prepare_result
graph_note_versions(struct request *request)
{
    const struct attr *vips = attrs_get_const(request->attrs,
                                              "additional_vips");
    enum prepare_result result
        = graph_note_version(request, attrs_uuid(request->attrs,
                                                 "vip_subnet_id"));

    for (size_t i = 0; result == PREPARE_READY && i < vips->n_items; i++) {
        result = graph_note_version(request, attrs_uuid(vips->items[i],
                                                        "subnet_id"));
    }
    return result;
}

enum prepare_result
graph_prepare(struct request *request)
{
    const struct graph *graph = request->write->graph;

    if (!graph->n_members) {
        return PREPARE_READY;
    }

    /* All VIPs are in one network. */
    const struct member_site site = {
        .vip_subnet_id = attrs_uuid(request->attrs, "vip_subnet_id"),
        .networks = attrs_uuid(request->attrs, "vip_network_id"),
        .n_networks = attrs_has(request->attrs, "vip_network_id"),
    };
    enum prepare_result result = graph_note_versions(request);

    return (result == PREPARE_READY
            ? member_places_find(request, &site, graph->members,
                                 graph->n_members)
            : result);
}

static bool
graph_has_vip(const struct request *request, const char *address)
{
    const struct attr *vips = attrs_get_const(request->attrs,
                                              "additional_vips");
    const char *first = attrs_string(request->attrs, "vip_address");

    if (first && addresses_are_equal(first, address)) {
        return true;
    }
    for (size_t i = 0; i < vips->n_items; i++) {
        const char *vip = attrs_string(vips->items[i], "ip_address");

        if (vip && addresses_are_equal(vip, address)) {
            return true;
        }
    }
    return false;
}

static bool
graph_has_version_of(const struct graph *graph, const char *address)
{
    struct in6_addr ip;

    return (!ip_parse_any(address, &ip)
            || (ip_is_v4(&ip) ? graph->has_ipv4 : graph->has_ipv6));
}

static bool
graph_check_place(struct request *request, size_t i)
{
    const struct graph *graph = request->write->graph;
    const char *address = attrs_string(graph->members[i], "address");
    const struct member_vips vips = {
        .have_address = graph_has_vip(request, address),
        .have_version = graph_has_version_of(graph, address),
    };

    return member_place_check_beside(request, address, i, &vips);
}

static bool
graph_check_probes(struct request *request, const struct graph_pool *pool)
{
    /* A type that OVN does not have at all is told first. */
    return (!pool->monitor
            || (write_is_supported(request, pool->monitor, NULL)
                && check_monitor_protocol(attrs_string(pool->monitor, "type"),
                                          attrs_string(pool->attrs,
                                                       "protocol"),
                                          &request->fault)));
}

bool
graph_check(struct request *request)
{
    const struct graph *graph = request->write->graph;

    for (size_t i = 0; i < graph->n_members; i++) {
        if (!graph_check_place(request, i)) {
            return false;
        }
    }
    for (size_t i = 0; i < graph->n_pools; i++) {
        if (!graph_check_probes(request, &graph->pools[i])) {
            return false;
        }
    }
    return true;
}

/* --- Rows ---------------------------------------------------------------- */

/* Objects are created one microsecond after the other: their order in lists is
 * that of the graph. */
struct graph_insertion {
    const struct ovsdb_idl_row *lb;
    int64_t created_at_us;      /* Of the next one. */
};

/* Returns the id of the 'i'th object of a kind.  It is derived, so that a
 * repeated attempt meets its own rows. */
static struct uuid
graph_id(const struct uuid *parent_id, const char *kind, size_t i)
{
    char *name = xasprintf("%s-%"PRIuSIZE, kind, i);
    struct uuid id = name_uuid(parent_id, name);

    free(name);
    return id;
}

static const struct ovsdb_idl_row *
graph_insert_object(struct graph_insertion *insertion,
                    const struct attrs *attrs, const struct uuid *parent_id,
                    size_t i)
{
    struct uuid id = graph_id(parent_id, attrs->resource->key, i);
    const struct ovsdb_idl_row *row
        = rows_insert_with(insertion->lb, attrs->resource->id, &id);

    write_fill_row(row, attrs, insertion->created_at_us);
    lock_set_object(row, WRITE_CREATE, insertion->created_at_us++);
    return row;
}

static void
graph_insert_monitor(struct graph_insertion *insertion,
                     const struct attrs *attrs,
                     const struct ovsdb_idl_row *pool)
{
    const struct ovsdb_idl_row *row = graph_insert_object(insertion, attrs,
                                                          row_id(pool), 0);

    row_write_uuid(row, COL_pool, row_id(pool));
    row_write_uuid(pool, COL_health_monitor, row_id(row));
}

/* Comes after the monitor: members have their first state by it. */
static void
graph_insert_members(struct graph_insertion *insertion,
                     const struct graph_pool *from,
                     const struct ovsdb_idl_row *pool)
{
    struct uuid *ids = xcalloc(from->n_members, sizeof *ids);

    for (size_t i = 0; i < from->n_members; i++) {
        const struct ovsdb_idl_row *row
            = graph_insert_object(insertion, from->members[i], row_id(pool),
                                  i);

        member_set_pool(row, pool);
        ids[i] = *row_id(row);
    }
    row_write_uuids(pool, COL_members, ids, from->n_members);
    free(ids);
}

static struct uuid *
graph_insert_pools(struct graph_insertion *insertion,
                   const struct graph *graph)
{
    struct uuid *ids = xcalloc(graph->n_pools, sizeof *ids);

    for (size_t i = 0; i < graph->n_pools; i++) {
        const struct graph_pool *from = &graph->pools[i];
        const struct ovsdb_idl_row *row
            = graph_insert_object(insertion, from->attrs,
                                  row_id(insertion->lb), i);

        row_write_uuid(row, COL_load_balancer, row_id(insertion->lb));
        if (from->monitor) {
            graph_insert_monitor(insertion, from->monitor, row);
        }
        graph_insert_members(insertion, from, row);
        ids[i] = *row_id(row);
    }
    row_write_uuids(insertion->lb, COL_pools, ids, graph->n_pools);
    return ids;
}

static void
graph_insert_listeners(struct graph_insertion *insertion,
                       const struct graph *graph, const struct uuid *pool_ids)
{
    struct uuid *ids = xcalloc(graph->n_listeners, sizeof *ids);

    for (size_t i = 0; i < graph->n_listeners; i++) {
        const struct graph_listener *from = &graph->listeners[i];
        const struct ovsdb_idl_row *row
            = graph_insert_object(insertion, from->attrs,
                                  row_id(insertion->lb), i);

        row_write_uuid(row, COL_load_balancer, row_id(insertion->lb));
        if (from->pool != NO_POOL) {
            row_write_uuid(row, COL_default_pool, &pool_ids[from->pool]);
        }
        ids[i] = *row_id(row);
    }
    row_write_uuids(insertion->lb, COL_listeners, ids, graph->n_listeners);
    free(ids);
}

void
graph_insert(const struct request *request, const struct ovsdb_idl_row *lb)
{
    const struct graph *graph = request->write->graph;
    struct graph_insertion insertion = {
        .lb = lb,
        .created_at_us = row_integer(lb, COL_created_at) + 1,
    };
    struct uuid *pool_ids = graph_insert_pools(&insertion, graph);

    graph_insert_listeners(&insertion, graph, pool_ids);
    free(pool_ids);
}

void
graph_log(const struct request *request)
{
    const struct graph *graph = request->write->graph;

    for (size_t i = 0; graph && i < graph->n_pools; i++) {
        if (!strcmp(attrs_string(graph->pools[i].attrs, "lb_algorithm"),
                    "ROUND_ROBIN")) {
            struct uuid id = graph_id(&request->object_id, "pool", i);

            pool_log_round_robin(&id);
        }
    }
}
