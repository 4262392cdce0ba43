/* SPDX-License-Identifier: Apache-2.0
 *
 * Pools to rows; see row-layout.h.
 */

#include <config.h>
#include "ovn/want/row-layout.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

/* Seconds of affinity for a pool that asks for persistence without saying how
 * long. */
#define DEFAULT_AFFINITY_TIMEOUT "360"

/* IP versions of a load balancer's VIPs. */
struct families {
    bool has_ipv4;
    bool has_ipv6;
};

static struct families
families_of(const struct model_lb *lb)
{
    struct families families = { false, false };

    for (size_t i = 0; i < lb->n_vips; i++) {
        if (lb->vips[i].address) {
            bool is_ipv6 = model_vip_is_ipv6(&lb->vips[i]);

            families.has_ipv4 |= !is_ipv6;
            families.has_ipv6 |= is_ipv6;
        }
    }
    return families;
}

/* How pools hash. */

static const char *
affinity_timeout(const struct model_pool *pool)
{
    return (!pool || !pool->has_persistence ? NULL
            : pool->persistence_timeout ? pool->persistence_timeout
            : DEFAULT_AFFINITY_TIMEOUT);
}

/* True if the pools share a row: rows of one protocol that hash alike cannot
 * be told apart in the database. */
static bool
pools_agree(const struct model_pool *a, const struct model_pool *b,
            bool has_algorithms)
{
    return ((!has_algorithms || a->is_source_ip == b->is_source_ip)
            && nullable_string_is_equal(affinity_timeout(a),
                                        affinity_timeout(b)));
}

/* Making rows. */

static struct layout_row *
add_row(struct layout *layout, const struct model_lb *lb)
{
    ARRAY_GROW(layout->rows, layout->n, layout->allocated);

    struct layout_row *row = &layout->rows[layout->n++];
    *row = (struct layout_row) {
        .lb = lb,
        .has_algorithms = layout->has_algorithms,
    };
    return row;
}

/* Adds a row of 'protocol' for the pools that hash as 'like' does.
 *
 * Where OVN has no IPv6 fields, SOURCE_IP would hash all IPv6 clients to the
 * same backend, since ip_src is nothing in their packets.  An IPv6 VIP then
 * needs OVN's own choice of fields, which leaves IPv4 VIPs a row to
 * themselves. */
static void
add_rows(struct layout *layout, const struct model_lb *lb,
         enum l4_protocol protocol, const struct model_pool *like,
         bool is_first, bool must_split)
{
    struct layout_row *row = add_row(layout, lb);

    row->has_protocol = true;
    row->protocol = protocol;
    row->like = like;
    row->is_first = is_first;
    if (must_split && like && like->is_source_ip) {
        row->family = FAMILY_IPV4;
        row = add_row(layout, lb);
        *row = row[-1];
        row->family = FAMILY_IPV6;
        row->is_first = false;
    }
}

static bool
has_row_like(const struct layout *layout, enum l4_protocol protocol,
             const struct model_pool *pool)
{
    for (size_t i = 0; i < layout->n; i++) {
        const struct layout_row *row = &layout->rows[i];
        if (row->protocol == protocol
            && pools_agree(row->like, pool, layout->has_algorithms)) {
            return true;
        }
    }
    return false;
}

static bool
has_listener(const struct model_lb *lb, enum l4_protocol protocol)
{
    for (size_t i = 0; i < lb->n_listeners; i++) {
        if (lb->listeners[i].protocol == protocol) {
            return true;
        }
    }
    return false;
}

static void
lay_out_protocol(const struct model_lb *lb, enum l4_protocol protocol,
                 bool must_split, struct layout *layout)
{
    bool is_first = true;

    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        if (pool->protocol == protocol
            && !has_row_like(layout, protocol, pool)) {
            add_rows(layout, lb, protocol, pool, is_first, must_split);
            is_first = false;
        }
    }
    if (is_first && has_listener(lb, protocol)) {
        add_rows(layout, lb, protocol, NULL, true, false);
    }
}

void
layout_lb(const struct model_lb *lb, bool has_ipv6_hash, struct layout *ret)
{
    struct families families = families_of(lb);
    bool must_split = (families.has_ipv4 && families.has_ipv6
                       && !has_ipv6_hash);

    *ret = (struct layout) {
        .has_algorithms = families.has_ipv4 || has_ipv6_hash,
    };
    for (enum l4_protocol p = 0; p < N_L4_PROTOCOLS; p++) {
        lay_out_protocol(lb, p, must_split, ret);
    }
    if (!ret->n) {
        add_row(ret, lb)->is_first = true;
    }
}

void
layout_uninit(struct layout *layout)
{
    free(layout->rows);
}

/* Contents of rows. */

bool
layout_row_has_pool(const struct layout_row *row,
                    const struct model_pool *pool)
{
    return (row->has_protocol && row->like && pool->protocol == row->protocol
            && pools_agree(row->like, pool, row->has_algorithms));
}

bool
layout_row_has_listener(const struct layout_row *row,
                        const struct model_listener *listener)
{
    if (!row->has_protocol || listener->protocol != row->protocol) {
        return false;
    }

    const struct model_pool *pool
        = model_lb_pool(row->lb, &listener->default_pool_id);
    return (pool && pool->protocol == row->protocol
            ? layout_row_has_pool(row, pool)
            : row->is_first);
}

bool
layout_row_has_version(const struct layout_row *row, bool is_ipv6)
{
    return (row->family == FAMILY_ANY
            || (row->family == FAMILY_IPV6) == is_ipv6);
}

/* Hashing. */

void
layout_row_selection_fields(const struct layout_row *row, bool has_ipv6_hash,
                            struct sset *ret)
{
    struct families families = families_of(row->lb);

    if (!has_ipv6_hash
        && (row->family == FAMILY_IPV6 || !families.has_ipv4)) {
        return;
    }
    sset_add(ret, "ip_src");
    sset_add(ret, "ip_dst");
    if (families.has_ipv6 && has_ipv6_hash) {
        sset_add(ret, "ipv6_src");
        sset_add(ret, "ipv6_dst");
    }
    if (!row->like || !row->like->is_source_ip) {
        sset_add(ret, "tp_src");
        sset_add(ret, "tp_dst");
    }
}

const char *
layout_row_affinity_timeout(const struct layout_row *row)
{
    return affinity_timeout(row->like);
}
