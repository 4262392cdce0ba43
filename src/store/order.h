/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which objects are shown and written into OVN: that of their
 * creation, or that in which the user named them.
 */

#ifndef STORE_ORDER_H
#define STORE_ORDER_H 1

#include <stdint.h>
#include "octavia-idl.h"
#include "uuid.h"

/* Compares two rows by creation (microseconds since the epoch), then by id. */
static inline int
order_compare(int64_t created_a, const struct uuid *id_a,
              int64_t created_b, const struct uuid *id_b)
{
    return (created_a < created_b ? -1
            : created_a > created_b ? 1
            : uuid_compare_3way(id_a, id_b));
}

/* The same for A and B, pointers to pointers to rows of TYPE, as qsort() hands
 * them over. */
#define ORDER_ROW(TYPE, P) (*(const struct octrec_##TYPE *const *) (P))
#define ORDER_COMPARE(TYPE, A, B)                                       \
    order_compare(ORDER_ROW(TYPE, A)->created_at,                       \
                  &ORDER_ROW(TYPE, A)->header_.uuid,                    \
                  ORDER_ROW(TYPE, B)->created_at,                       \
                  &ORDER_ROW(TYPE, B)->header_.uuid)

static inline int
compare_load_balancer(const void *a, const void *b)
{
    return ORDER_COMPARE(load_balancer, a, b);
}

static inline int
compare_listener(const void *a, const void *b)
{
    return ORDER_COMPARE(listener, a, b);
}

static inline int
compare_pool(const void *a, const void *b)
{
    return ORDER_COMPARE(pool, a, b);
}

static inline int
compare_member(const void *a, const void *b)
{
    return ORDER_COMPARE(member, a, b);
}

/* Compares additional VIPs by the position that the user gave them. */
static inline int
compare_additional_vip(const void *a_, const void *b_)
{
    const struct octrec_additional_vip *const *a = a_;
    const struct octrec_additional_vip *const *b = b_;

    return ((*a)->position < (*b)->position ? -1
            : (*a)->position > (*b)->position);
}

#endif /* store/order.h */
