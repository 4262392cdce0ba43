/* SPDX-License-Identifier: Apache-2.0
 *
 * What libopenvswitch's uuidset lacks.
 */

#ifndef BASE_UUID_SET_H
#define BASE_UUID_SET_H 1

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

#endif /* base/uuid-set.h */
