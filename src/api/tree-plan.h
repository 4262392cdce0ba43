/* SPDX-License-Identifier: Apache-2.0
 *
 * What a document makes of a load balancer and its parts: the difference
 * between them.  It is computed inside the transaction, afresh for each
 * attempt; rows in it are not valid afterwards.
 *
 * Parts are found by what they are to users: a pool by its name and protocol,
 * a listener by protocol and port, a member by address and port; a pool has
 * one monitor.
 */

#ifndef API_TREE_PLAN_H
#define API_TREE_PLAN_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct attrs;
struct family;
struct ovsdb_idl_row;
struct request;

/* An object.  It is created if it has no 'row', deleted if it has no 'attrs',
 * else it has both. */
struct tree_object {
    const struct attrs *attrs;
    const struct ovsdb_idl_row *row;
    bool is_changed;            /* Has both, and they differ. */
    struct uuid id;             /* Of the row, or of the one to be made. */
};

struct tree_pool {
    struct tree_object self;
    struct tree_object monitor; /* Neither 'row' nor 'attrs': none. */
    struct tree_object *members;
    size_t n_members;
};

struct tree_listener {
    struct tree_object self;
    size_t pool;                /* Index of its default pool, or NO_POOL. */
};

struct tree_plan {
    struct tree_object lb;
    struct tree_pool *pools;    /* First those of the document. */
    size_t n_pools;
    struct tree_listener *listeners;
    size_t n_listeners;
    size_t n_changes;           /* Objects that are not as they should be. */
};

/* Returns the plan for the request's graph.  Returns NULL, and sets the
 * request's fault, if something cannot be changed so. */
struct tree_plan *tree_plan_create(struct request *, const struct family *);
void tree_plan_destroy(struct tree_plan *);

/* Calls 'cb' for each object that is to be created, changed or deleted. */
void tree_plan_for_each(const struct tree_plan *,
                        void (*cb)(const struct tree_object *, void *aux),
                        void *aux);

/* True if a document has another value of the object's 'i'th attribute, and
 * the object, which has both, is to be changed by it. */
bool tree_object_changes(const struct tree_object *, size_t i);

#endif /* api/tree-plan.h */
