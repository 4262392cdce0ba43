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
#include "driver/driver.h"
#include "driver/neutron-removals.h"
#include "driver/neutron-sources.h"
#include "driver/neutron-vips.h"
#include "model/rollup.h"
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
    struct hmap pending;
    struct ovs_list by_age;     /* Oldest first. */
    struct ovs_list expiries;   /* On their way into the database. */
};

/* A load balancer that is being turned into ERROR. */
struct expiry {
    struct ovs_list node;       /* In deadlines' 'expiries'. */
    struct driver *driver;
    struct uuid lb_id;
    struct commit_op op;
};

struct deadlines *
deadlines_create(void)
{
    struct deadlines *deadlines = xmalloc(sizeof *deadlines);

    hmap_init(&deadlines->pending);
    ovs_list_init(&deadlines->by_age);
    ovs_list_init(&deadlines->expiries);
    return deadlines;
}

static void
forget(struct deadlines *deadlines, struct deadline *deadline)
{
    hmap_remove(&deadlines->pending, &deadline->node);
    ovs_list_remove(&deadline->by_age);
    free(deadline);
}

static void
free_expiry(struct expiry *expiry)
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
            forget(deadlines, deadline);
        }
        hmap_destroy(&deadlines->pending);

        struct expiry *expiry;
        LIST_FOR_EACH_SAFE (expiry, node, &deadlines->expiries) {
            free_expiry(expiry);
        }
        free(deadlines);
    }
}

static struct deadline *
find(const struct deadlines *deadlines, const struct uuid *lb_id)
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
start_clock(struct deadlines *deadlines, const struct uuid *lb_id,
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
deadline_update(struct driver *driver, const struct uuid *lb_id)
{
    struct deadlines *deadlines = driver->deadlines;
    struct deadline *old = find(deadlines, lb_id);
    struct uuid request;
    bool is_pending = store_lb_is_pending(driver->store, lb_id, &request);

    if (old && (!is_pending || !uuid_equals(&old->request, &request))) {
        forget(deadlines, old);
        old = NULL;
    }
    if (is_pending && !old) {
        start_clock(deadlines, lb_id, &request);
    }
}

void
deadlines_restart(struct driver *driver)
{
    struct deadline *deadline;

    LIST_FOR_EACH (deadline, by_age, &driver->deadlines->by_age) {
        deadline->since_ms = time_msec();
    }
}

/* Expiry. */

/* NULL if it is not Neutron that the load balancer waits for. */
static const char *
neutron_what_is_missing(const struct driver *driver, const struct uuid *lb_id)
{
    const char *why = NULL;

    if (driver->neutron_calls) {
        why = neutron_vips_what_is_missing(driver->neutron_vips, lb_id);
        why = why ? why : neutron_removals_what_is_missing(
            driver->neutron_removals, lb_id);
        why = why ? why : neutron_sources_what_is_missing(
            driver->neutron_sources, lb_id);
    }
    return why;
}

static char *
explain(const struct driver *driver, const struct uuid *lb_id)
{
    const char *neutron = neutron_what_is_missing(driver, lb_id);
    bool is_neutrons = nb_is_ready(driver->nb) && neutron;
    const char *why = (!nb_is_ready(driver->nb)
                       ? "OVN_Northbound cannot be reached"
                       : neutron ? neutron
                       : confirm_is_waiting(driver, lb_id)
                       ? confirm_what_is_missing(driver)
                       : "OVN_Northbound has not taken the change");

    return xasprintf("not done within %d seconds: %s%s; the driver keeps "
                     "trying", driver->options.pending_timeout_ms / 1000,
                     is_neutrons ? "Neutron: " : "", why);
}

static void
expire_base(struct model_base *base)
{
    if (provisioning_status_is_pending(base->provisioning_status)) {
        base->deleting |= base->provisioning_status == PS_PENDING_DELETE;
        base->provisioning_status = PS_ERROR;
    }
}

static void
expire_lb(struct model_lb *lb)
{
    expire_base(&lb->base);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        expire_base(&lb->listeners[i].base);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];
        expire_base(&pool->base);
        for (size_t j = 0; j < pool->n_members; j++) {
            expire_base(&pool->members[j].base);
        }
        if (pool->monitor) {
            expire_base(&pool->monitor->base);
        }
    }
}

static bool
write_expiry(struct commit_op *op, struct ovsdb_idl_txn *txn,
             unsigned int attempt OVS_UNUSED)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);
    struct expiry *expiry = CONTAINER_OF(op, struct expiry, op);
    struct driver *driver = expiry->driver;
    struct model_lb *lb = store_load_lb(driver->store, &expiry->lb_id);
    bool wrote = false;

    if (lb && provisioning_status_is_pending(lb->base.provisioning_status)) {
        expire_lb(lb);
        free(lb->fault_text);
        lb->fault_text = explain(driver, &expiry->lb_id);
        lb->fault_code = 0;
        VLOG_WARN_RL(&rl, "load balancer "UUID_FMT": %s",
                     UUID_ARGS(&expiry->lb_id), lb->fault_text);
        wrote = (store_save_lb(driver->store, txn, lb, false)
                 == STORE_SAVE_WRITTEN);
    }
    model_lb_destroy(lb);
    if (!wrote) {
        free_expiry(expiry);
    }
    return wrote;
}

static void
wrote_expiry(struct commit_op *op, enum commit_result result OVS_UNUSED,
             const char *error OVS_UNUSED)
{
    free_expiry(CONTAINER_OF(op, struct expiry, op));
}

static void
expire(struct driver *driver, const struct uuid *lb_id)
{
    struct expiry *expiry = xzalloc(sizeof *expiry);

    ovs_list_push_back(&driver->deadlines->expiries, &expiry->node);
    expiry->driver = driver;
    expiry->lb_id = *lb_id;
    expiry->op.apply = write_expiry;
    expiry->op.done = wrote_expiry;
    store_submit(driver->store, &expiry->op);
}

static struct deadline *
oldest(const struct deadlines *deadlines)
{
    return (ovs_list_is_empty(&deadlines->by_age) ? NULL
            : CONTAINER_OF(ovs_list_front(&deadlines->by_age),
                           struct deadline, by_age));
}

void
deadlines_run(struct driver *driver)
{
    struct deadlines *deadlines = driver->deadlines;
    struct deadline *deadline;

    while ((deadline = oldest(deadlines))
           && (time_msec() - deadline->since_ms
               >= driver->options.pending_timeout_ms)) {
        struct uuid lb_id = deadline->lb_id;

        /* If the write comes too late for this request, there is a new
         * one, and with it a new clock. */
        forget(deadlines, deadline);
        expire(driver, &lb_id);
    }
}

void
deadlines_wait(const struct driver *driver)
{
    const struct deadline *deadline = oldest(driver->deadlines);

    if (deadline) {
        poll_timer_wait_until(deadline->since_ms
                              + driver->options.pending_timeout_ms);
    }
}

size_t
deadlines_n_pending(const struct deadlines *deadlines)
{
    return hmap_count(&deadlines->pending);
}
