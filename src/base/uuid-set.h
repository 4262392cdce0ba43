/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions that libopenvswitch's uuidset and uuid lack.
 */

#ifndef BASE_UUID_SET_H
#define BASE_UUID_SET_H 1

#include <stdlib.h>
#include "uuid.h"
#include "uuidset.h"

/* Empties 'set' for its next use.  A hash table that is merely cleared keeps
 * its size: after the first load, which fills it, every later turn would walk
 * all of it to find it empty. */
static inline void
uuid_set_reset(struct uuidset *set)
{
    if (!uuidset_is_empty(set)) {
        uuidset_destroy(set);
        uuidset_init(set);
    }
}

static inline int
uuid_compare_elements(const void *a, const void *b)
{
    return uuid_compare_3way(a, b);
}

/* Sorts 'uuids', which may be NULL if 'n' is 0. */
static inline void
uuid_sort(struct uuid *uuids, size_t n)
{
    if (n) {
        qsort(uuids, n, sizeof *uuids, uuid_compare_elements);
    }
}

#endif /* base/uuid-set.h */
