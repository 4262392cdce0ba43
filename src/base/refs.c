/* SPDX-License-Identifier: Apache-2.0
 *
 * References in both directions; see refs.h.
 */

#include <config.h>
#include "base/refs.h"
#include <stdlib.h>
#include "base/uuid-set.h"
#include "util.h"
#include "uuid.h"

struct refs_parent {
    struct hmap_node node;      /* In struct refs's 'parents'. */
    struct uuid uuid;
    struct uuid *children;      /* Sorted. */
    size_t n;
};

struct refs_child {
    struct hmap_node node;      /* In struct refs's 'children'. */
    struct uuid uuid;
    struct uuidset parents;
};

void
refs_init(struct refs *refs)
{
    hmap_init(&refs->parents);
    hmap_init(&refs->children);
}

void
refs_destroy(struct refs *refs)
{
    struct refs_parent *parent;
    HMAP_FOR_EACH_POP (parent, node, &refs->parents) {
        free(parent->children);
        free(parent);
    }
    hmap_destroy(&refs->parents);

    struct refs_child *child;
    HMAP_FOR_EACH_POP (child, node, &refs->children) {
        uuidset_destroy(&child->parents);
        free(child);
    }
    hmap_destroy(&refs->children);
}

static struct refs_parent *
find_refs_parent(const struct refs *refs, const struct uuid *uuid)
{
    struct refs_parent *parent;
    HMAP_FOR_EACH_WITH_HASH (parent, node, uuid_hash(uuid), &refs->parents) {
        if (uuid_equals(&parent->uuid, uuid)) {
            return parent;
        }
    }
    return NULL;
}

static struct refs_child *
find_child(const struct refs *refs, const struct uuid *uuid)
{
    struct refs_child *child;
    HMAP_FOR_EACH_WITH_HASH (child, node, uuid_hash(uuid), &refs->children) {
        if (uuid_equals(&child->uuid, uuid)) {
            return child;
        }
    }
    return NULL;
}

static void
link_child(struct refs *refs, const struct uuid *parent,
           const struct uuid *uuid)
{
    struct refs_child *child = find_child(refs, uuid);
    if (!child) {
        child = xzalloc(sizeof *child);
        child->uuid = *uuid;
        uuidset_init(&child->parents);
        hmap_insert(&refs->children, &child->node, uuid_hash(uuid));
    }
    uuidset_insert(&child->parents, parent);
}

static void
unlink_child(struct refs *refs, const struct uuid *parent,
             const struct uuid *uuid)
{
    struct refs_child *child = find_child(refs, uuid);

    uuidset_find_and_delete(&child->parents, parent);
    if (uuidset_is_empty(&child->parents)) {
        hmap_remove(&refs->children, &child->node);
        uuidset_destroy(&child->parents);
        free(child);
    }
}

static void
sort_if_needed(struct uuid *uuids, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (uuid_compare_3way(&uuids[i - 1], &uuids[i]) > 0) {
            uuid_sort(uuids, n);
            return;
        }
    }
}

void
refs_set(struct refs *refs, const struct uuid *parent_uuid,
         struct uuid *children, size_t n,
         void (*changed)(const struct uuid *child, void *aux), void *aux)
{
    sort_if_needed(children, n);

    struct refs_parent *parent = find_refs_parent(refs, parent_uuid);
    const struct uuid *old = parent ? parent->children : NULL;
    size_t n_old = parent ? parent->n : 0;
    bool differs = false;

    /* Both arrays are sorted: walk them side by side. */
    for (size_t i = 0, j = 0; i < n_old || j < n;) {
        int cmp = (i >= n_old ? 1 : j >= n ? -1
                   : uuid_compare_3way(&old[i], &children[j]));
        if (!cmp) {
            i++;
            j++;
            continue;
        }
        differs = true;

        const struct uuid *child;
        if (cmp < 0) {
            child = &old[i++];
            unlink_child(refs, parent_uuid, child);
        } else {
            child = &children[j++];
            link_child(refs, parent_uuid, child);
        }
        if (changed) {
            changed(child, aux);
        }
    }

    if (!differs) {
        return;
    }
    if (!parent) {
        parent = xzalloc(sizeof *parent);
        parent->uuid = *parent_uuid;
        hmap_insert(&refs->parents, &parent->node, uuid_hash(parent_uuid));
    }
    free(parent->children);
    if (n) {
        parent->children = xmemdup(children, n * sizeof *children);
        parent->n = n;
    } else {
        hmap_remove(&refs->parents, &parent->node);
        free(parent);
    }
}

const struct uuid *
refs_children(const struct refs *refs, const struct uuid *parent_uuid,
              size_t *n)
{
    const struct refs_parent *parent = find_refs_parent(refs, parent_uuid);
    *n = parent ? parent->n : 0;
    return parent ? parent->children : NULL;
}

const struct uuidset *
refs_parents(const struct refs *refs, const struct uuid *child_uuid)
{
    const struct refs_child *child = find_child(refs, child_uuid);
    return child ? &child->parents : NULL;
}

size_t
refs_n_parents(const struct refs *refs)
{
    return hmap_count(&refs->parents);
}

void
refs_find_parents(const struct refs *refs, struct uuidset *ret)
{
    const struct refs_parent *parent;

    HMAP_FOR_EACH (parent, node, &refs->parents) {
        uuidset_insert(ret, &parent->uuid);
    }
}
