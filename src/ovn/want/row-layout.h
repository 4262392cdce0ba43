/* SPDX-License-Identifier: Apache-2.0
 *
 * The Load_Balancer rows that a load balancer needs, and the contents of each.
 * Pure.
 *
 * OVN's hashing and affinity are a row's, while the API's are a pool's.  So
 * there is one row for each protocol as long as all its pools agree; those
 * that want something else get a row of their own, and the listeners go where
 * their pool is.
 */

#ifndef OVN_WANT_ROW_LAYOUT_H
#define OVN_WANT_ROW_LAYOUT_H 1

#include <stdbool.h>
#include <stddef.h>
#include "model/objects.h"

struct sset;

enum vip_family {
    FAMILY_ANY,                 /* All VIPs of the load balancer. */
    FAMILY_IPV4,
    FAMILY_IPV6,
};

struct layout_row {
    const struct model_lb *lb;
    bool has_protocol;
    enum l4_protocol protocol;      /* Only if 'has_protocol'. */
    const struct model_pool *like;  /* A pool that hashes as all in this row
                                     * do; NULL if there is no pool. */
    enum vip_family family;
    bool is_first;                  /* The first row of its protocol. */
    bool has_algorithms;            /* As in struct layout. */
};

struct layout {
    struct layout_row *rows;
    size_t n, allocated;
    bool has_algorithms;            /* False: OVN knows no fields to choose
                                     * from, and all algorithms are the
                                     * same. */
};

/* 'has_ipv6_hash': OVN knows ipv6_src and ipv6_dst as selection fields.  The
 * caller must call layout_uninit(); 'lb' must outlive 'ret'. */
void layout_lb(const struct model_lb *, bool has_ipv6_hash,
               struct layout *ret);
void layout_uninit(struct layout *);

/* True if the row has the pool, the listener, or VIPs of the IP version.  A
 * row for one family of a protocol's VIPs holds the same pools and listeners
 * as that for the other. */
bool layout_row_has_pool(const struct layout_row *, const struct model_pool *);
bool layout_row_has_listener(const struct layout_row *,
                             const struct model_listener *);
bool layout_row_has_version(const struct layout_row *, bool is_ipv6);

/* Adds the row's selection_fields to 'ret'. */
void layout_row_selection_fields(const struct layout_row *,
                                 bool has_ipv6_hash, struct sset *ret);

/* options:affinity_timeout of the row, or NULL for none.  Borrowed. */
const char *layout_row_affinity_timeout(const struct layout_row *);

#endif /* ovn/want/row-layout.h */
