/* SPDX-License-Identifier: Apache-2.0
 *
 * The states of a load balancer and of all below it, for reports about
 * them.
 */

#ifndef STORE_STATES_H
#define STORE_STATES_H 1

#include <stddef.h>
#include <stdint.h>
#include "model/fields.h"
#include "model/status.h"
#include "openvswitch/uuid.h"

struct store;

struct object_state {
    enum resource_id resource;
    struct uuid id;
    enum provisioning_status provisioning_status;
    enum operating_status operating_status;
    int64_t updated_at_us;      /* 0: never. */
};

struct lb_states {
    char *project_id;
    struct object_state *objects;   /* The load balancer first. */
    size_t n;
    size_t allocated;
    struct uuid last_request;
};

/* Returns false if there is no load balancer 'lb_id'. */
bool store_load_states(const struct store *, const struct uuid *lb_id,
                       struct lb_states *ret);
void lb_states_uninit(struct lb_states *);

/* NULL if there is none. */
const struct object_state *lb_states_find(const struct lb_states *,
                                          const struct uuid *id);

/* True if one of the objects, not the load balancer itself, is PENDING. */
bool lb_states_has_pending_child(const struct lb_states *);

/* A text that stands for all of it; the caller frees it.  The order of the
 * objects makes no difference. */
char *lb_states_digest(const struct lb_states *);

#endif /* store/states.h */
