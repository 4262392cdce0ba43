/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaving out what is being deleted; see wanted.h.
 */

#include <config.h>
#include "model/wanted.h"
#include <stdlib.h>
#include "model/objects.h"
#include "util.h"

static void
wanted_add_listeners(const struct model_lb *lb, struct model_lb *view)
{
    view->listeners = xmalloc(lb->n_listeners * sizeof *view->listeners);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        if (model_base_is_wanted(&lb->listeners[i].base)) {
            view->listeners[view->n_listeners++] = lb->listeners[i];
        }
    }
}

static void
wanted_add_pool(const struct model_pool *pool, struct model_lb *view)
{
    struct model_pool *copy = &view->pools[view->n_pools++];

    *copy = *pool;
    copy->members = xmalloc(pool->n_members * sizeof *copy->members);
    copy->n_members = 0;
    for (size_t i = 0; i < pool->n_members; i++) {
        if (model_base_is_wanted(&pool->members[i].base)) {
            copy->members[copy->n_members++] = pool->members[i];
        }
    }
    if (pool->monitor && !model_base_is_wanted(&pool->monitor->base)) {
        copy->monitor = NULL;
    }
}

struct model_lb *
model_wanted_create(const struct model_lb *lb)
{
    struct model_lb *view = xmemdup(lb, sizeof *lb);

    view->listeners = NULL;
    view->n_listeners = 0;
    view->pools = NULL;
    view->n_pools = 0;
    if (!model_base_is_wanted(&lb->base)) {
        return view;
    }

    wanted_add_listeners(lb, view);
    view->pools = xmalloc(lb->n_pools * sizeof *view->pools);
    for (size_t i = 0; i < lb->n_pools; i++) {
        if (model_base_is_wanted(&lb->pools[i].base)) {
            wanted_add_pool(&lb->pools[i], view);
        }
    }
    return view;
}

void
model_wanted_destroy(struct model_lb *view)
{
    if (view) {
        for (size_t i = 0; i < view->n_pools; i++) {
            free(view->pools[i].members);
        }
        free(view->pools);
        free(view->listeners);
        free(view);
    }
}
