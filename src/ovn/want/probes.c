/* SPDX-License-Identifier: Apache-2.0
 *
 * Health monitors; see probes.h.
 *
 * OVN probes a backend of a VIP if the VIP has a Load_Balancer_Health_Check
 * and the backend's address is in ip_port_mappings, which says through which
 * port and from which source address.  ovn-northd makes one Service_Monitor of
 * it in the Southbound database, however many VIPs share the backend.
 */

#include <config.h>
#include "ovn/want/probes.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/ip.h"
#include "model/objects.h"
#include "model/wanted.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/rows/rows.h"
#include "ovn/want/backends.h"
#include "ovn/want/row-layout.h"
#include "ovn/want/vips.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

/* Sources. */

void
probe_sources_add(struct probe_sources *sources,
                  const struct probe_source *source)
{
    ARRAY_GROW(sources->array, sources->n, sources->allocated);
    sources->array[sources->n++] = *source;
}

const struct probe_source *
probe_sources_find(const struct probe_sources *sources,
                   const struct uuid *subnet_id)
{
    for (size_t i = 0; i < sources->n; i++) {
        if (uuid_equals(&sources->array[i].subnet_id, subnet_id)) {
            return &sources->array[i];
        }
    }
    return NULL;
}

void
probe_sources_uninit(struct probe_sources *sources)
{
    free(sources->array);
}

/* Members. */

/* True if the pool's members are probed; OVN cannot probe SCTP. */
static bool
pool_is_probed(const struct model_pool *pool)
{
    return pool->protocol != L4_SCTP && model_pool_active_monitor(pool);
}

static bool
is_probed_in_subnet(const struct model_pool *pool,
                    const struct model_member *member)
{
    return (pool_is_probed(pool) && member->base.admin_state_up
            && member->has_subnet);
}

void
probe_subnets(const struct model_lb *lb, struct uuidset *ret)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        for (size_t j = 0; j < pool->n_members; j++) {
            const struct model_member *member = &pool->members[j];
            if (is_probed_in_subnet(pool, member)) {
                uuidset_insert(ret, &member->subnet_id);
            }
        }
    }
}

static bool
needs_one_of(const struct model_pool *pool, const struct uuidset *subnets)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        if (is_probed_in_subnet(pool, &pool->members[i])
            && uuidset_contains(subnets, &pool->members[i].subnet_id)) {
            return true;
        }
    }
    return false;
}

void
probe_mark_unserved(struct model_lb *lb, const struct uuidset *subnets)
{
    struct model_lb *wanted = model_wanted_create(lb);

    for (size_t i = 0; i < wanted->n_pools; i++) {
        if (needs_one_of(&wanted->pools[i], subnets)) {
            wanted->pools[i].monitor->is_unserved = true;
        }
    }
    model_wanted_destroy(wanted);
}

const struct topo_port *
probe_port(const struct topology *topology, const struct model_member *member)
{
    const struct topo_subnet *subnet
        = topology_subnet_by_id(topology, &member->subnet_id);
    bool is_reserved;

    if (!subnet || !ipv6_addr_is_set(&member->ip)) {
        return NULL;
    }

    /* OVN splits the mapping at the first colon. */
    const struct topo_port *port = topo_switch_user_of(subnet->sw,
                                                       &member->ip,
                                                       &is_reserved);
    return port && !strchr(port->name, ':') ? port : NULL;
}

static char *
probe_format_ip(const struct in6_addr *ip)
{
    char *text = ip_format_any(ip);
    char *result = ip_is_v4(ip) ? xstrdup(text) : xasprintf("[%s]", text);

    free(text);
    return result;
}

static void
map_member(const struct topology *topology,
           const struct probe_sources *sources,
           const struct model_member *member, struct lb_row *row)
{
    const struct topo_port *port = probe_port(topology, member);
    const struct probe_source *source
        = probe_sources_find(sources, &member->subnet_id);

    if (member->base.admin_state_up && port && source) {
        char *key = probe_format_ip(&member->ip);
        char *source_text = probe_format_ip(&source->ip);

        if (!smap_get(&row->ip_port_mappings, key)) {
            smap_add_format(&row->ip_port_mappings, key, "%s:%s", port->name,
                            source_text);
        }
        free(key);
        free(source_text);
    }
}

static void
keep_member(const struct model_member *member, const struct lb_row *seen,
            struct lb_row *row)
{
    char *key = probe_format_ip(&member->ip);
    const char *mapping = smap_get(&seen->ip_port_mappings, key);

    if (mapping && !smap_get(&row->ip_port_mappings, key)) {
        smap_add(&row->ip_port_mappings, key, mapping);
    }
    free(key);
}

static void
keep_members(const struct model_pool *pool, const struct uuidset *subnets,
             const struct lb_row *seen, struct lb_row *row)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];

        if (is_probed_in_subnet(pool, member)
            && uuidset_contains(subnets, &member->subnet_id)) {
            keep_member(member, seen, row);
        }
    }
}

static bool
has_check(const struct ovn_lb *seen, const struct lb_row *row,
          const char *vip)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        if (!strcmp(seen->rows[i]->protocol, row->protocol)
            && lb_row_find_check(seen->rows[i], vip)) {
            return true;
        }
    }
    return false;
}

/* Removes checks that OVN does not have yet: with a check and without a probe,
 * OVN would send nothing to the members.  See probe_keep(). */
static void
hold_back_checks(const struct model_pool *pool, const struct ovn_lb *seen,
                 struct lb_row *row)
{
    char *pool_id = xasprintf(UUID_FMT, UUID_ARGS(&pool->base.id));
    size_t i = 0;

    while (i < row->n_checks) {
        struct health_check *check = row->checks[i];
        const char *owner = smap_get(&check->external_ids, "octavia:pool_id");

        if (owner && !strcmp(owner, pool_id)
            && !has_check(seen, row, check->vip)) {
            lb_row_remove_check(row, check);
        } else {
            i++;
        }
    }
    free(pool_id);
}

void
probe_keep(const struct model_lb *lb, const struct uuidset *subnets,
           const struct ovn_lb *seen, struct lb_row *row)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];

        if (!needs_one_of(pool, subnets)) {
            continue;
        }
        for (size_t j = 0; j < seen->n_rows; j++) {
            if (!strcmp(seen->rows[j]->protocol, row->protocol)) {
                keep_members(pool, subnets, seen->rows[j], row);
            }
        }
        hold_back_checks(pool, seen, row);
    }
}

/* Checks. */

static void
add_check(const struct model_pool *pool, const struct vip *vip,
          const char *key, struct lb_row *row)
{
    const struct model_monitor *monitor = pool->monitor;
    struct health_check *check = lb_row_add_check(row, key);

    smap_add_format(&check->options, "interval", "%d", monitor->delay);
    smap_add_format(&check->options, "timeout", "%d", monitor->timeout);
    smap_add_format(&check->options, "success_count", "%d",
                    monitor->max_retries);
    smap_add_format(&check->options, "failure_count", "%d",
                    monitor->max_retries_down);
    smap_add_format(&check->external_ids, "octavia:healthmonitor", UUID_FMT,
                    UUID_ARGS(&monitor->base.id));
    smap_add_format(&check->external_ids, "octavia:pool_id", UUID_FMT,
                    UUID_ARGS(&pool->base.id));
    smap_add(&check->external_ids, "octavia:vip", vip->address);
}

/* Adds a check for each VIP of each listener that uses 'pool'.  Without a
 * listener the VIP of the checks is empty, which means nothing to OVN, but
 * tells other tools that there is a monitor. */
static void
add_checks(const struct layout_row *layout, const struct vip_list *vips,
           const struct model_pool *pool, struct lb_row *row)
{
    const struct model_lb *lb = layout->lb;
    bool is_used = false;

    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        if (!layout_row_has_listener(layout, listener)
            || !uuid_equals(&listener->default_pool_id, &pool->base.id)) {
            continue;
        }
        is_used = true;
        for (size_t j = 0; j < vips->n; j++) {
            const struct vip *vip = &vips->vips[j];
            if (layout_row_has_version(layout, vip_is_ipv6(vip))) {
                struct ds key = DS_EMPTY_INITIALIZER;
                ip_put_endpoint(&key, vip->address,
                                    listener->protocol_port);
                add_check(pool, vip, ds_cstr(&key), row);
                ds_destroy(&key);
            }
        }
    }
    for (size_t i = 0; i < vips->n && !is_used; i++) {
        add_check(pool, &vips->vips[i], "", row);
    }
}

void
probe_build(const struct layout_row *layout, const struct vip_list *vips,
            const struct topology *topology,
            const struct probe_sources *sources, struct lb_row *row)
{
    struct ds monitors = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < layout->lb->n_pools; i++) {
        const struct model_pool *pool = &layout->lb->pools[i];
        if (!layout_row_has_pool(layout, pool) || !pool->monitor) {
            continue;
        }
        ds_put_format(&monitors, "%s\""UUID_FMT"\"",
                      monitors.length ? ", " : "[",
                      UUID_ARGS(&pool->monitor->base.id));
        if (pool_is_probed(pool)) {
            add_checks(layout, vips, pool, row);
            for (size_t j = 0; j < pool->n_members; j++) {
                map_member(topology, sources, &pool->members[j], row);
            }
        }
    }
    if (monitors.length) {
        ds_put_char(&monitors, ']');
        smap_add(&row->external_ids, "octavia:healthmonitors",
                 ds_cstr(&monitors));
    }
    ds_destroy(&monitors);
}
