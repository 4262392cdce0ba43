/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which objects are shown and written into OVN: that of their
 * creation, or that in which the user named them.
 */

#ifndef STORE_ORDER_H
#define STORE_ORDER_H 1

#include "octavia-idl.h"
#include "uuid.h"

/* Defines compare_TYPE() for qsort() of arrays of pointers to rows of TYPE: by
 * creation, then by id. */
#define DEFINE_COMPARE_CREATED(TYPE)                                    \
    static int                                                          \
    compare_##TYPE(const void *a_, const void *b_)                      \
    {                                                                   \
        const struct octrec_##TYPE *const *a = a_;                      \
        const struct octrec_##TYPE *const *b = b_;                      \
        if ((*a)->created_at != (*b)->created_at) {                     \
            return (*a)->created_at < (*b)->created_at ? -1 : 1;        \
        }                                                               \
        return uuid_compare_3way(&(*a)->header_.uuid,                   \
                                 &(*b)->header_.uuid);                  \
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
