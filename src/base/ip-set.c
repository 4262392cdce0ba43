/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of IP addresses; see ip-set.h.
 */

#include <config.h>
#include "base/ip-set.h"
#include <stdlib.h>
#include <string.h>
#include "hash.h"
#include "util.h"

struct ip_node {
    struct hmap_node node;          /* In 'ip_set.nodes'. */
    struct in6_addr ip;
};

void
ip_set_init(struct ip_set *set)
{
    hmap_init(&set->nodes);
}

void
ip_set_destroy(struct ip_set *set)
{
    struct ip_node *node;

    HMAP_FOR_EACH_POP (node, node, &set->nodes) {
        free(node);
    }
    hmap_destroy(&set->nodes);
}

void
ip_set_clear(struct ip_set *set)
{
    if (!hmap_is_empty(&set->nodes)) {
        ip_set_destroy(set);
        ip_set_init(set);
    }
}

void
ip_set_add(struct ip_set *set, const struct in6_addr *ip)
{
    if (!ip_set_contains(set, ip)) {
        struct ip_node *node = xmalloc(sizeof *node);

        node->ip = *ip;
        hmap_insert(&set->nodes, &node->node, ip_hash(ip, 0));
    }
}

bool
ip_set_contains(const struct ip_set *set, const struct in6_addr *ip)
{
    struct ip_node *node;

    HMAP_FOR_EACH_WITH_HASH (node, node, ip_hash(ip, 0), &set->nodes) {
        if (!memcmp(&node->ip, ip, sizeof *ip)) {
            return true;
        }
    }
    return false;
}

size_t
ip_set_count(const struct ip_set *set)
{
    return hmap_count(&set->nodes);
}

struct in6_addr *
ip_set_array(const struct ip_set *set)
{
    size_t n = ip_set_count(set);
    struct in6_addr *array = n ? xmalloc(n * sizeof *array) : NULL;
    struct ip_node *node;
    size_t i = 0;

    HMAP_FOR_EACH (node, node, &set->nodes) {
        array[i++] = node->ip;
    }
    return array;
}

uint32_t
ip_hash(const struct in6_addr *ip, uint32_t basis)
{
    return hash_bytes(ip, sizeof *ip, basis);
}
