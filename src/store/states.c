/* SPDX-License-Identifier: Apache-2.0
 *
 * States from the rows of a load balancer; see states.h.
 */

#include <config.h>
#include "store/states.h"
#include <stdlib.h>
#include "base/array.h"
#include "octavia-idl.h"
#include "sha1.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

static void
add_state(struct lb_states *states, enum resource_id resource,
          const struct uuid *id, const char *provisioning_status,
          const char *operating_status, int64_t updated_at_us)
{
    ARRAY_GROW(states->objects, states->n, states->allocated);

    struct object_state *state = &states->objects[states->n++];
    *state = (struct object_state) {
        .resource = resource,
        .id = *id,
        .updated_at_us = updated_at_us,
    };

    /* The schema allows no other words. */
    ovs_assert(provisioning_status_from_string(provisioning_status,
                                               &state->provisioning_status));
    ovs_assert(operating_status_from_string(operating_status,
                                            &state->operating_status));
}

/* All kinds of objects have these columns. */
#define ADD_STATE(STATES, RESOURCE, ROW)                                \
    add_state(STATES, RESOURCE, &(ROW)->header_.uuid,                   \
              (ROW)->provisioning_status, (ROW)->operating_status,      \
              (ROW)->n_updated_at ? (ROW)->updated_at[0] : 0)

static void
add_pool_states(struct lb_states *states, const struct octrec_pool *pool)
{
    ADD_STATE(states, RESOURCE_POOL, pool);
    for (size_t i = 0; i < pool->n_members; i++) {
        ADD_STATE(states, RESOURCE_MEMBER, pool->members[i]);
    }
    if (pool->health_monitor) {
        ADD_STATE(states, RESOURCE_HEALTH_MONITOR, pool->health_monitor);
    }
}

bool
store_load_states(const struct store *store, const struct uuid *lb_id,
                  struct lb_states *ret)
{
    const struct octrec_load_balancer *lb
        = octrec_load_balancer_get_for_uuid(store_idl(store), lb_id);
    if (!lb || !lb->header_.new_datum) {
        return false;
    }

    *ret = (struct lb_states) {
        .project_id = xstrdup(lb->project_id),
        .last_request = lb->last_request,
    };
    ADD_STATE(ret, RESOURCE_LOAD_BALANCER, lb);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        ADD_STATE(ret, RESOURCE_LISTENER, lb->listeners[i]);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        add_pool_states(ret, lb->pools[i]);
    }
    return true;
}

void
lb_states_uninit(struct lb_states *states)
{
    free(states->project_id);
    free(states->objects);
}

const struct object_state *
lb_states_find(const struct lb_states *states, const struct uuid *id)
{
    for (size_t i = 0; i < states->n; i++) {
        if (uuid_equals(&states->objects[i].id, id)) {
            return &states->objects[i];
        }
    }
    return NULL;
}

bool
lb_states_has_pending_child(const struct lb_states *states)
{
    for (size_t i = 1; i < states->n; i++) {
        if (provisioning_status_is_pending(
                states->objects[i].provisioning_status)) {
            return true;
        }
    }
    return false;
}

/* The part of an object that is hashed, without any padding. */
struct print {
    struct uuid id;
    uint32_t statuses[2];
    int64_t updated_at_us;
};
BUILD_ASSERT_DECL(sizeof(struct print)
                  == sizeof(struct uuid) + 2 * sizeof(uint32_t)
                     + sizeof(int64_t));

static int
compare_prints(const void *a_, const void *b_)
{
    const struct print *a = a_;
    const struct print *b = b_;

    return uuid_compare_3way(&a->id, &b->id);
}

char *
lb_states_digest(const struct lb_states *states)
{
    struct print *prints = xcalloc(states->n, sizeof *prints);
    uint8_t digest[SHA1_DIGEST_SIZE];
    char hex[SHA1_HEX_DIGEST_LEN + 1];

    for (size_t i = 0; i < states->n; i++) {
        const struct object_state *state = &states->objects[i];

        prints[i] = (struct print) {
            .id = state->id,
            .statuses = { state->provisioning_status,
                          state->operating_status },
            .updated_at_us = state->updated_at_us,
        };
    }
    qsort(prints, states->n, sizeof *prints, compare_prints);
    sha1_bytes(prints, states->n * sizeof *prints, digest);
    sha1_to_hex(digest, hex);
    free(prints);
    return xstrdup(hex);
}
