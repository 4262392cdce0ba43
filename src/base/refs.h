/* SPDX-License-Identifier: Apache-2.0
 *
 * An index of "who refers to whom" between things that have UUIDs, searchable
 * from both ends.  The OVSDB replica answers only one direction.
 */

#ifndef BASE_REFS_H
#define BASE_REFS_H 1

#include <stddef.h>
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"
#include "uuidset.h"

struct refs {
    struct hmap parents;        /* By parent. */
    struct hmap children;       /* By child. */
};

void refs_init(struct refs *);
void refs_destroy(struct refs *);

/* Makes the 'n' UUIDs in 'children' what 'parent' refers to; 'n' is 0 for a
 * parent that is gone.  They must all differ; they are sorted in place by
 * uuid_compare_3way().  Calls 'changed' (if it is not NULL) for each child
 * that is new or gone.  Linear in the larger number of children if they were
 * sorted already. */
void refs_set(struct refs *, const struct uuid *parent,
              struct uuid *children, size_t n,
              void (*changed)(const struct uuid *child, void *aux),
              void *aux);

/* The children of 'parent', sorted.  Borrowed; NULL if there are none. */
const struct uuid *refs_children(const struct refs *,
                                 const struct uuid *parent, size_t *n);

/* The parents of 'child'.  Borrowed; NULL if there are none. */
const struct uuidset *refs_parents(const struct refs *,
                                   const struct uuid *child);

/* The number of parents that have children, and, added to 'ret', their
 * UUIDs. */
size_t refs_n_parents(const struct refs *);
void refs_find_parents(const struct refs *, struct uuidset *ret);

#endif /* base/refs.h */
