/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what the column 'vips' tells beyond the other columns: weights, which
 * are places in a VIP's list (only our own driver writes them), and traffic
 * that nothing else explains; see adopt.h.
 */

#include <config.h>
#include "ovn/adopt/adopt-private.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/want/backends.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* Octavia's. */
#define WEIGHT_MAX 256

static char *
format_address(const char *address, uint16_t port)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ip_put_endpoint(&s, address, port);
    return ds_steal_cstr(&s);
}

/* Returns "ADDRESS:PORT" as the driver writes it, or a copy of a text that is
 * no endpoint.  The Python provider writes addresses as Octavia's user did. */
static char *
adopt_canonicalize_endpoint(const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    bool has_brackets = endpoint[0] == '[' && colon && colon[-1] == ']';
    const char *start = endpoint + has_brackets;
    int port;

    if (!colon || !adopt_parse_number(colon + 1, 0, UINT16_MAX, &port)) {
        return xstrdup(endpoint);
    }

    char *address = xmemdup0(start, colon - has_brackets - start);
    char *canonical = ip_canonicalize(address);
    char *result = format_address(canonical, port);

    free(canonical);
    free(address);
    return result;
}

/* Weights. */

/* The list of 'vip' for 'port', if 'vip' is of the given IP version. */
static const char *
find_list(const struct adopt_row *row, const struct model_vip *vip,
          uint16_t port, bool is_ipv6)
{
    if (model_vip_is_ipv6(vip) != is_ipv6) {
        return NULL;
    }

    char *wanted = format_address(vip->address, port);
    const char *list = smap_get(&row->vips, wanted);
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &row->vips) {
        char *key = adopt_canonicalize_endpoint(node->key);
        list = !list && !strcmp(key, wanted) ? node->value : list;
        free(key);
    }
    free(wanted);
    return list;
}

/* The list of backends that OVN has for the pool, or NULL. */
static const char *
find_pool_list(const struct model_lb *lb, const struct adopt_row *row,
               const struct model_pool *pool, bool is_ipv6)
{
    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        if (!uuid_equals(&listener->default_pool_id, &pool->base.id)) {
            continue;
        }

        uint16_t port = listener->protocol_port;
        const char *list = NULL;
        for (size_t j = 0; !list && j < lb->n_vips; j++) {
            list = find_list(row, &lb->vips[j], port, is_ipv6);
        }
        if (list) {
            return list;
        }
    }
    return NULL;
}

static int
count_places(const struct svec *list, const struct model_member *member)
{
    char *backend = format_address(member->address, member->protocol_port);
    int n = 0;

    for (size_t i = 0; i < list->n; i++) {
        char *place = adopt_canonicalize_endpoint(list->names[i]);
        n += !strcmp(place, backend);
        free(place);
    }
    free(backend);
    return n;
}

/* A member that is up and has no place gets no traffic: its weight is 0,
 * unless it is out because it does not answer. */
static void
weigh_member(struct adopter *adopter, const struct model_pool *pool,
             struct model_member *member, int n_places)
{
    if (n_places) {
        member->weight = MIN(n_places, WEIGHT_MAX);
    } else if (member->base.admin_state_up && !pool->monitor) {
        member->weight = 0;
        adopt_problem(adopter, ADOPT_NOTE, "member "UUID_FMT" is up and gets "
                      "no traffic; taken as one of weight 0",
                      UUID_ARGS(&member->base.id));
    }
}

/* The pool's members of one IP version, from the list of their places. */
static void
weigh_members(struct adopter *adopter, struct model_pool *pool, bool is_ipv6,
              const struct svec *list)
{
    size_t n_known = 0;

    for (size_t i = 0; i < pool->n_members; i++) {
        struct model_member *member = &pool->members[i];
        if (model_member_is_ipv6(member) == is_ipv6) {
            int n_places = count_places(list, member);
            weigh_member(adopter, pool, member, n_places);
            n_known += n_places;
        }
    }
    if (n_known != list->n) {
        adopt_problem(adopter, ADOPT_LOSS, "OVN serves pool "UUID_FMT" from "
                      "backends that are not members of it",
                      UUID_ARGS(&pool->base.id));
    }
}

void
adopt_weights(struct adopter *adopter)
{
    struct model_lb *lb = adopter->lb;

    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];

        for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
            const char *text = find_pool_list(lb, adopter->pool_rows[i], pool,
                                              is_ipv6);
            if (text) {
                struct svec list;

                adopt_split(text, &list);
                weigh_members(adopter, pool, is_ipv6, &list);
                svec_destroy(&list);
            }
        }
    }
}

/* Unexplained parts. */

static void
add_addresses(const struct adopt_row *row, const char *key,
              struct sset *addresses)
{
    struct svec list;

    adopt_split(smap_get(&row->external_ids, key), &list);
    for (size_t i = 0; i < list.n; i++) {
        sset_add_and_free(addresses, ip_canonicalize(list.names[i]));
    }
    svec_destroy(&list);
}

/* Collects the endpoints that clients may call: the VIPs and their floating
 * IPs, each with the port of 'listener'. */
static void
add_frontends(const struct adopt_row *row,
              const struct model_listener *listener, struct sset *ret)
{
    static const char *const keys[] = {
        "neutron:vip",
        "neutron:additional_vips",
        "neutron:vip_fip",
        "neutron:additional_vip_fips",
    };
    struct sset addresses = SSET_INITIALIZER(&addresses);
    const char *address;

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        add_addresses(row, keys[i], &addresses);
    }
    SSET_FOR_EACH (address, &addresses) {
        sset_add_and_free(ret, format_address(address,
                                              listener->protocol_port));
    }
    sset_destroy(&addresses);
}

void
adopt_check_vips(struct adopter *adopter, const struct adopt_row *row,
                 enum l4_protocol protocol)
{
    const struct model_lb *lb = adopter->lb;
    struct sset expected = SSET_INITIALIZER(&expected);

    for (size_t i = 0; i < lb->n_listeners; i++) {
        if (lb->listeners[i].protocol == protocol) {
            add_frontends(row, &lb->listeners[i], &expected);
        }
    }

    const struct smap_node **nodes = smap_sort(&row->vips);
    for (size_t i = 0; i < smap_count(&row->vips); i++) {
        char *frontend = adopt_canonicalize_endpoint(nodes[i]->key);
        if (!sset_contains(&expected, frontend)) {
            adopt_problem(adopter, ADOPT_LOSS, "no listener explains the VIP "
                          "\"%s\", which OVN serves", nodes[i]->key);
        }
        free(frontend);
    }
    free(nodes);
    sset_destroy(&expected);
}
