/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about the host addresses of a subnet: is this one, how many are
 * free, and give me one.
 */

#include <config.h>
#include <limits.h>
#include "net/topology-private.h"

/* Addresses that picking refuses because the caller says they are taken,
 * before it gives up: more than an IPv4 /16 has, so that only in bigger
 * subnets a free address can be missed. */
#define TAKEN_MAX 65536

bool
topo_subnet_contains(const struct topo_subnet *subnet,
                     const struct in6_addr *ip)
{
    return addr_prefix_contains(&subnet_node_cast(subnet)->prefix, ip);
}

bool
topo_subnet_is_host(const struct topo_subnet *subnet,
                    const struct in6_addr *ip)
{
    const struct subnet_node *node = subnet_node_cast(subnet);

    return (addr_prefix_contains(&node->prefix, ip)
            && addr_compare(&node->first_host, ip) <= 0
            && addr_compare(ip, &node->last_host) <= 0);
}

/* Takes the narrower one of two that nest. */
struct topo_subnet *
topo_switch_subnet_of(const struct topo_switch *sw, const struct in6_addr *ip)
{
    struct topo_subnet *best = NULL;
    struct topo_subnet *subnet;

    LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
        if (topo_subnet_contains(subnet, ip)
            && (!best || subnet->plen > best->plen)) {
            best = subnet;
        }
    }
    return best;
}

static unsigned long long int
saturating_sub(unsigned long long int a, unsigned long long int b)
{
    return a > b ? a - b : 0;
}

/* Host addresses of the subnet that are reserved. */
static unsigned long long int
count_reserved(const struct subnet_node *node)
{
    const struct switch_node *sn = switch_node_cast(node->up.sw);
    unsigned long long int n = 0;

    for (size_t i = 0; i < sn->n_reserved; i++) {
        struct in6_addr first = sn->reserved[i].first;
        struct in6_addr last = sn->reserved[i].last;

        if (addr_compare(&first, &node->first_host) < 0) {
            first = node->first_host;
        }
        if (addr_compare(&last, &node->last_host) > 0) {
            last = node->last_host;
        }
        n += addr_distance(&first, &last);
    }
    return n;
}

unsigned long long int
topo_subnet_n_free(const struct topo_subnet *subnet,
                   unsigned long long int max)
{
    const struct subnet_node *node = subnet_node_cast(subnet);
    unsigned long long int n = addr_distance(&node->first_host,
                                             &node->last_host);

    n = saturating_sub(n, node->n_used);
    n = saturating_sub(n, count_reserved(node));
    return MIN(n, max);
}

/* The address below 'ip' that hosts may have; below the lowest, the highest
 * again. */
static struct in6_addr
step_down(const struct subnet_node *node, const struct in6_addr *ip)
{
    return (addr_compare(ip, &node->first_host) <= 0
            ? node->last_host
            : addr_previous(*ip));
}

/* Every look at a candidate costs the same, and there are few in vain: once
 * around the subnet no used address is met twice, and reserved ranges are
 * jumped over.  As each search begins where the last one ended, filling a
 * subnet costs as much as its size.  This also leaves an address that was just
 * given back alone for as long as possible. */
bool
topo_subnet_pick(struct topo_subnet *subnet,
                 bool (*is_taken)(const struct in6_addr *, void *aux),
                 void *aux, struct in6_addr *ret_ip)
{
    struct subnet_node *node = subnet_node_cast(subnet);
    const struct switch_node *sn = switch_node_cast(subnet->sw);
    unsigned long long int n_hosts = addr_distance(&node->first_host,
                                                   &node->last_host);

    if (!topo_subnet_n_free(subnet, 1)) {
        return false;
    }

    unsigned long long int steps = MIN(n_hosts, node->n_used + TAKEN_MAX);
    struct in6_addr ip = (node->has_cursor
                          ? step_down(node, &node->cursor)
                          : node->last_host);
    for (steps += sn->n_reserved + 1; steps; steps--) {
        const struct addr_range *range = addresses_find_reserved(sn, &ip);

        if (range) {
            ip = step_down(node, &range->first);
            continue;
        }
        if (!addresses_is_used(subnet->sw, &ip)
            && !(is_taken && is_taken(&ip, aux))) {
            node->has_cursor = true;
            node->cursor = ip;
            *ret_ip = ip;
            return true;
        }
        ip = step_down(node, &ip);
    }
    return false;
}
