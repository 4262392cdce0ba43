/* SPDX-License-Identifier: Apache-2.0
 *
 * The bound on PENDING; see deadline.h.
 *
 * The clock of a load balancer starts when this process first sees the request
 * that made it PENDING, so a driver that comes back after an hour first gives
 * everything a chance.
 */

#include <config.h>
#include "driver/deadline.h"
#include <stdlib.h>
#include "driver/confirm.h"
#include "driver/port-provider.h"
#include "model/rollup.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovn/db/nb.h"
#include "store/store.h"
#include "store/tree.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(deadline);

/* A load balancer that is PENDING. */
struct deadline {
    struct hmap_node node;      /* In deadlines' 'pending', by 'lb_id'. */
    struct ovs_list by_age;     /* In deadlines' 'by_age'. */
    struct uuid lb_id;
    struct uuid request;        /* The one that made it PENDING. */
    long long int since_ms;
};

struct deadlines {
    struct store *store;        /* Borrowed, like the next three. */
    const struct nb *nb;
    struct port_provider *ports;
    const struct confirms *confirms;
    int timeout_ms;
    struct hmap pending;
    struct ovs_list by_age;     /* Oldest first. */
    struct ovs_list expiries;   /* On their way into the database. */
};

/* A load balancer that is being turned into ERROR. */
struct expiry {
    struct ovs_list node;       /* In deadlines' 'expiries'. */
    struct deadlines *owner;
    struct uuid lb_id;
    struct uuid request;        /* The one whose time is up. */
    struct commit_op op;
};

struct deadlines *
deadlines_create(struct store *store, const struct nb *nb,
                 struct port_provider *ports,
                 const struct confirms *confirms, int timeout_ms)
{
    struct deadlines *deadlines = xmalloc(sizeof *deadlines);

    deadlines->store = store;
    deadlines->nb = nb;
    deadlines->ports = ports;
    deadlines->confirms = confirms;
    deadlines->timeout_ms = timeout_ms;
    hmap_init(&deadlines->pending);
    ovs_list_init(&deadlines->by_age);
    ovs_list_init(&deadlines->expiries);
    return deadlines;
}

static void
deadline_destroy(struct deadlines *deadlines, struct deadline *deadline)
{
    hmap_remove(&deadlines->pending, &deadline->node);
    ovs_list_remove(&deadline->by_age);
    free(deadline);
}

static void
expiry_destroy(struct expiry *expiry)
{
    ovs_list_remove(&expiry->node);
    free(expiry);
}

void
deadlines_destroy(struct deadlines *deadlines)
{
    if (deadlines) {
        struct deadline *deadline;
        HMAP_FOR_EACH_SAFE (deadline, node, &deadlines->pending) {
            deadline_destroy(deadlines, deadline);
        }
        hmap_destroy(&deadlines->pending);

        struct expiry *expiry;
        LIST_FOR_EACH_SAFE (expiry, node, &deadlines->expiries) {
            expiry_destroy(expiry);
        }
        free(deadlines);
    }
}

static struct deadline *
deadline_find(const struct deadlines *deadlines, const struct uuid *lb_id)
{
    struct deadline *deadline;
    HMAP_FOR_EACH_WITH_HASH (deadline, node, uuid_hash(lb_id),
                             &deadlines->pending) {
        if (uuid_equals(&deadline->lb_id, lb_id)) {
            return deadline;
        }
    }
    return NULL;
}

static void
deadline_start(struct deadlines *deadlines, const struct uuid *lb_id,
               const struct uuid *request)
{
    struct deadline *deadline = xmalloc(sizeof *deadline);

    deadline->lb_id = *lb_id;
    deadline->request = *request;
    deadline->since_ms = time_msec();
    hmap_insert(&deadlines->pending, &deadline->node, uuid_hash(lb_id));
    ovs_list_push_back(&deadlines->by_age, &deadline->by_age);
}

void
deadlines_update(struct deadlines *deadlines, const struct uuid *lb_id)
{
    struct deadline *old = deadline_find(deadlines, lb_id);
    struct uuid request;
    bool is_pending = store_lb_is_pending(deadlines->store, lb_id, &request);

    if (old && (!is_pending || !uuid_equals(&old->request, &request))) {
        deadline_destroy(deadlines, old);
        old = NULL;
    }
    if (is_pending && !old) {
        deadline_start(deadlines, lb_id, &request);
    }
}

void
deadlines_restart(struct deadlines *deadlines)
{
    struct deadline *deadline;

    LIST_FOR_EACH (deadline, by_age, &deadlines->by_age) {
        deadline->since_ms = time_msec();
    }
}

/* Expiry. */

static char *
deadline_explain(const struct deadlines *deadlines, const struct uuid *lb_id)
{
    struct port_provider *provider = deadlines->ports;
    char *ports = provider->class_->what_is_missing(provider, lb_id);
    const char *ovn = confirms_what_is_missing(deadlines->confirms, lb_id);
    char *text = xasprintf("not done within %d seconds: %s; the driver keeps "
                           "trying", deadlines->timeout_ms / 1000,
                           !nb_is_ready(deadlines->nb)
                           ? "OVN_Northbound cannot be reached"
                           : ports ? ports
                           : ovn ? ovn
                           : "OVN_Northbound has not taken the change");

    free(ports);
    return text;
}

static void
expiry_mark(struct model_base *base)
{
    if (provisioning_status_is_pending(base->provisioning_status)) {
        base->deleting |= base->provisioning_status == PS_PENDING_DELETE;
        base->provisioning_status = PS_ERROR;
    }
}

static void
expiry_mark_lb(struct model_lb *lb)
{
    expiry_mark(&lb->base);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        expiry_mark(&lb->listeners[i].base);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];
        expiry_mark(&pool->base);
        for (size_t j = 0; j < pool->n_members; j++) {
            expiry_mark(&pool->members[j].base);
        }
        if (pool->monitor) {
            expiry_mark(&pool->monitor->base);
        }
    }
}

/* Decides within the transaction: the load balancer may have become ACTIVE, or
 * be gone, or have a newer request with a clock of its own, since the clock
 * ran out. */
static bool
expiry_is_due(const struct expiry *expiry)
{
    struct uuid request;

    return (store_lb_is_pending(expiry->owner->store, &expiry->lb_id, &request)
            && uuid_equals(&request, &expiry->request));
}

static bool
expiry_write(struct commit_op *op, struct ovsdb_idl_txn *txn,
             unsigned int attempt OVS_UNUSED)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);
    struct expiry *expiry = CONTAINER_OF(op, struct expiry, op);
    struct deadlines *deadlines = expiry->owner;
    struct model_lb *lb = (expiry_is_due(expiry)
                           ? store_load_lb(deadlines->store, &expiry->lb_id)
                           : NULL);
    bool wrote = false;

    if (lb) {
        expiry_mark_lb(lb);
        free(lb->fault_text);
        lb->fault_text = deadline_explain(deadlines, &expiry->lb_id);
        lb->fault_code = 0;
        VLOG_WARN_RL(&rl, "load balancer "UUID_FMT" (req-"UUID_FMT"): %s",
                     UUID_ARGS(&expiry->lb_id), UUID_ARGS(&expiry->request),
                     lb->fault_text);
        wrote = (store_save_lb(deadlines->store, txn, lb, false)
                 == STORE_SAVE_WRITTEN);
    }
    model_lb_destroy(lb);
    if (!wrote) {
        expiry_destroy(expiry);
    }
    return wrote;
}

static void
expiry_wrote(struct commit_op *op, enum commit_result result OVS_UNUSED,
             const char *error OVS_UNUSED)
{
    expiry_destroy(CONTAINER_OF(op, struct expiry, op));
}

static void
deadline_expire(struct deadlines *deadlines, const struct uuid *lb_id,
                const struct uuid *request)
{
    struct expiry *expiry = xzalloc(sizeof *expiry);

    ovs_list_push_back(&deadlines->expiries, &expiry->node);
    expiry->owner = deadlines;
    expiry->lb_id = *lb_id;
    expiry->request = *request;
    expiry->op.apply = expiry_write;
    expiry->op.done = expiry_wrote;
    store_submit(deadlines->store, &expiry->op);
}

static struct deadline *
deadline_oldest(const struct deadlines *deadlines)
{
    return (ovs_list_is_empty(&deadlines->by_age) ? NULL
            : CONTAINER_OF(ovs_list_front(&deadlines->by_age),
                           struct deadline, by_age));
}

void
deadlines_run(struct deadlines *deadlines)
{
    struct deadline *deadline;

    while ((deadline = deadline_oldest(deadlines))
           && time_msec() - deadline->since_ms >= deadlines->timeout_ms) {
        deadline_expire(deadlines, &deadline->lb_id, &deadline->request);
        deadline_destroy(deadlines, deadline);
    }
}

void
deadlines_wait(const struct deadlines *deadlines)
{
    const struct deadline *deadline = deadline_oldest(deadlines);

    if (deadline) {
        poll_timer_wait_until(deadline->since_ms + deadlines->timeout_ms);
    }
}

size_t
deadlines_n_pending(const struct deadlines *deadlines)
{
    return hmap_count(&deadlines->pending);
}
