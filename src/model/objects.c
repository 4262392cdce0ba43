/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree of a load balancer as plain data; see objects.h.
 */

#include <config.h>
#include "model/objects.h"
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "util.h"
#include "uuid.h"

static const struct {
    const char *octavia;        /* In the API and in OVN_Octavia. */
    const char *ovn;            /* In Load_Balancer.protocol. */
} l4_protocols[N_L4_PROTOCOLS] = {
    [L4_TCP] = { "TCP", "tcp" },
    [L4_UDP] = { "UDP", "udp" },
    [L4_SCTP] = { "SCTP", "sctp" },
};

const char *
l4_protocol_to_ovn(enum l4_protocol protocol)
{
    ovs_assert(protocol < N_L4_PROTOCOLS);
    return l4_protocols[protocol].ovn;
}

const char *
l4_protocol_to_octavia(enum l4_protocol protocol)
{
    ovs_assert(protocol < N_L4_PROTOCOLS);
    return l4_protocols[protocol].octavia;
}

bool
l4_protocol_from_octavia(const char *word, enum l4_protocol *ret_protocol)
{
    for (size_t i = 0; i < N_L4_PROTOCOLS; i++) {
        if (!strcmp(l4_protocols[i].octavia, word)) {
            *ret_protocol = i;
            return true;
        }
    }
    return false;
}

const char *const monitor_type_words[N_MONITOR_TYPES + 1] = {
#define MONITOR_TYPE(NAME, WORD, POOLS) [MONITOR_##NAME] = WORD,
    MONITOR_TYPES(MONITOR_TYPE, MONITOR_TYPE)
#undef MONITOR_TYPE
};

static const char *const monitor_type_pools[N_MONITOR_TYPES] = {
#define MONITOR_TYPE(NAME, WORD, POOLS) [MONITOR_##NAME] = POOLS,
    MONITOR_TYPES(MONITOR_TYPE, MONITOR_TYPE)
#undef MONITOR_TYPE
};

const char *
monitor_type_to_octavia(enum monitor_type type)
{
    ovs_assert(type < N_MONITOR_TYPES);
    return monitor_type_words[type];
}

bool
monitor_type_from_octavia(const char *word, enum monitor_type *ret_type)
{
    for (size_t i = 0; i < N_MONITOR_TYPES; i++) {
        if (!strcmp(monitor_type_words[i], word)) {
            *ret_type = i;
            return true;
        }
    }
    return false;
}

bool
monitor_type_is_for(enum monitor_type type, const char *protocol)
{
    const char *only = monitor_type_pools[type];

    return !only || !strcmp(only, protocol);
}

bool
member_health_is_bad(enum member_health health)
{
    return health == HEALTH_ERROR || health == HEALTH_CUT_OFF;
}

bool
model_base_is_wanted(const struct model_base *base)
{
    return (base->provisioning_status != PS_PENDING_DELETE
            && !base->deleting);
}

const struct model_monitor *
model_pool_active_monitor(const struct model_pool *pool)
{
    const struct model_monitor *monitor = pool->monitor;

    return (monitor && model_base_is_wanted(&monitor->base)
            && monitor->base.admin_state_up ? monitor : NULL);
}

const struct model_pool *
model_lb_pool(const struct model_lb *lb, const struct uuid *id)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        if (uuid_equals(&lb->pools[i].base.id, id)) {
            return &lb->pools[i];
        }
    }
    return NULL;
}

void
model_member_set_address(struct model_member *member, const char *text)
{
    char *address = ip_canonicalize(text);
    char *typed = strcmp(address, text) ? xstrdup(text) : NULL;

    free(member->address);
    free(member->typed_address);
    member->address = address;
    member->typed_address = typed;
    member->ip = ip_parse_or_unset(address);
}

bool
model_member_is_ipv6(const struct model_member *member)
{
    return ip_is_v6(&member->ip);
}

const char *
model_member_typed_address(const struct model_member *member)
{
    return member->typed_address ? member->typed_address : member->address;
}

struct model_lb *
model_lb_create(void)
{
    struct model_lb *lb = xzalloc(sizeof *lb);

    model_lb_add_vip(lb);
    return lb;
}

struct model_vip *
model_lb_add_vip(struct model_lb *lb)
{
    lb->vips = xrealloc(lb->vips, (lb->n_vips + 1) * sizeof *lb->vips);

    struct model_vip *vip = &lb->vips[lb->n_vips++];
    *vip = (struct model_vip) { .address = NULL };
    return vip;
}

void
model_vip_set_address(struct model_vip *vip, const char *text)
{
    char *address = text ? ip_canonicalize(text) : NULL;

    free(vip->address);
    vip->address = address;
    vip->ip = ip_parse_or_unset(address);
}

void
model_vip_set_ip(struct model_vip *vip, const struct in6_addr *ip)
{
    free(vip->address);
    vip->address = ip_format_any(ip);
    vip->ip = *ip;
}

bool
model_vip_is_ipv6(const struct model_vip *vip)
{
    return ip_is_v6(&vip->ip);
}

void
model_lb_destroy(struct model_lb *lb)
{
    if (!lb) {
        return;
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];
        for (size_t j = 0; j < pool->n_members; j++) {
            free(pool->members[j].address);
            free(pool->members[j].typed_address);
        }
        free(pool->members);
        free(pool->monitor);
        free(pool->persistence_timeout);
    }
    free(lb->pools);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        struct model_listener *listener = &lb->listeners[i];
        for (size_t j = 0; j < listener->n_allowed_cidrs; j++) {
            free(listener->allowed_cidrs[j]);
        }
        free(listener->allowed_cidrs);
    }
    free(lb->listeners);
    for (size_t i = 0; i < lb->n_vips; i++) {
        free(lb->vips[i].address);
    }
    free(lb->vips);
    free(lb->name);
    free(lb->project_id);
    free(lb->fault_text);
    free(lb);
}
