/* SPDX-License-Identifier: Apache-2.0
 *
 * Statuses, bottom up; see rollup.h.
 *
 * The rules are those that clients know from the OVN provider: a member that
 * is not probed is NO_MONITOR, one switched off is OFFLINE, and an object
 * is as bad as the worst of its parts, ERROR only if a part is ERROR as a
 * whole.  A pool that is not probed is ONLINE, which clients wait for.  Unlike
 * there, every pool is judged by itself.
 */

#include <config.h>
#include "model/rollup.h"
#include <stdlib.h>
#include "util.h"
#include "uuid.h"

static void
settle_base(struct model_base *base, enum provisioning_status outcome)
{
    if (model_base_is_wanted(base)) {
        base->provisioning_status = outcome;
    }
}

/* Counts parts by their status. */
struct tally {
    size_t n;
    size_t n_error;
    size_t n_degraded;
};

static void
tally_add(struct tally *tally, enum operating_status status)
{
    tally->n++;
    tally->n_error += status == OS_ERROR;
    tally->n_degraded += status == OS_DEGRADED;
}

/* Ignores the findings of a monitor that is gone, or switched off. */
static enum operating_status
member_operating_status(const struct model_pool *pool,
                        const struct model_member *member)
{
    enum member_health health = (model_pool_active_monitor(pool)
                                 ? member->health : HEALTH_NO_MONITOR);

    return (!member->base.admin_state_up ? OS_OFFLINE
            : member_health_is_bad(health) ? OS_ERROR
            : !member->weight ? OS_DRAINING
            : health == HEALTH_ONLINE ? OS_ONLINE
            : OS_NO_MONITOR);
}

static bool
pool_is_used(const struct model_lb *lb, const struct model_pool *pool)
{
    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        if (model_base_is_wanted(&listener->base)
            && uuid_equals(&listener->default_pool_id, &pool->base.id)) {
            return true;
        }
    }
    return false;
}

/* A pool that is made or changed while it has no members is ONLINE with a
 * listener, as clients expect of a fresh pool; one that loses its last member
 * is OFFLINE.  An empty pool that nothing happens to keeps its status. */
static enum operating_status
empty_pool_status(const struct model_lb *lb, const struct model_pool *pool)
{
    if (pool->n_members) {
        return OS_OFFLINE;      /* All of them are being deleted. */
    }
    if (provisioning_status_is_pending(pool->base.provisioning_status)) {
        return pool_is_used(lb, pool) ? OS_ONLINE : OS_OFFLINE;
    }
    return pool->base.operating_status;
}

/* Members that are switched off do not count. */
static enum operating_status
probed_pool_status(const struct tally *members_up)
{
    return (!members_up->n ? OS_OFFLINE
            : members_up->n_error == members_up->n ? OS_ERROR
            : members_up->n_error ? OS_DEGRADED
            : OS_ONLINE);
}

/* A drained member takes no new clients: its failure matters only if there are
 * no others. */
static bool
fails_unused(const struct model_member *member)
{
    return !member->weight && member->base.operating_status == OS_ERROR;
}

static enum operating_status
pool_status(const struct model_lb *lb, const struct model_pool *pool)
{
    struct tally members_up = { 0 }, unused = { 0 };
    bool has_members = false;

    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        bool is_wanted = model_base_is_wanted(&member->base);

        has_members = has_members || is_wanted;
        if (is_wanted && member->base.admin_state_up) {
            tally_add(fails_unused(member) ? &unused : &members_up,
                      member->base.operating_status);
        }
    }
    return (!pool->base.admin_state_up ? OS_OFFLINE
            : !has_members ? empty_pool_status(lb, pool)
            : !model_pool_active_monitor(pool) ? OS_ONLINE
            : probed_pool_status(members_up.n ? &members_up : &unused));
}

static enum operating_status
status_of_parts(bool admin_state_up, const struct tally *parts)
{
    return (!admin_state_up ? OS_OFFLINE
            : parts->n_error ? OS_ERROR
            : parts->n_degraded ? OS_DEGRADED
            : OS_ONLINE);
}

static enum operating_status
listener_status(const struct model_lb *lb,
                const struct model_listener *listener)
{
    struct tally pools = { 0 };
    const struct model_pool *pool
        = model_lb_pool(lb, &listener->default_pool_id);

    if (pool && model_base_is_wanted(&pool->base)) {
        tally_add(&pools, pool->base.operating_status);
    }
    return status_of_parts(listener->base.admin_state_up, &pools);
}

static void
roll_up_pool(const struct model_lb *lb, struct model_pool *pool)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        pool->members[i].base.operating_status
            = member_operating_status(pool, &pool->members[i]);
    }
    if (pool->monitor) {
        struct model_base *monitor = &pool->monitor->base;

        monitor->operating_status = (!monitor->admin_state_up ? OS_OFFLINE
                                     : pool->monitor->is_unserved ? OS_ERROR
                                     : OS_ONLINE);
    }
    pool->base.operating_status = pool_status(lb, pool);
}

static void
roll_up_operating(struct model_lb *lb)
{
    struct tally listeners = { 0 };

    for (size_t i = 0; i < lb->n_pools; i++) {
        roll_up_pool(lb, &lb->pools[i]);
    }
    for (size_t i = 0; i < lb->n_listeners; i++) {
        struct model_listener *listener = &lb->listeners[i];
        listener->base.operating_status = listener_status(lb, listener);
        if (model_base_is_wanted(&listener->base)) {
            tally_add(&listeners, listener->base.operating_status);
        }
    }
    lb->base.operating_status
        = status_of_parts(lb->base.admin_state_up, &listeners);
}

void
rollup(struct model_lb *lb, const struct model_fault *fault)
{
    bool is_whole = fault && !fault->is_monitors;
    enum provisioning_status outcome = is_whole ? PS_ERROR : PS_ACTIVE;

    lb->fault_code = fault ? fault->code : 0;
    free(lb->fault_text);
    lb->fault_text = xstrdup(fault ? fault->text : "");
    if (is_whole) {
        lb->base.operating_status = OS_ERROR;
    } else {
        roll_up_operating(lb);
    }

    settle_base(&lb->base, outcome);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        settle_base(&lb->listeners[i].base, outcome);
    }
    for (size_t i = 0; i < lb->n_pools; i++) {
        struct model_pool *pool = &lb->pools[i];
        settle_base(&pool->base, outcome);
        if (pool->monitor) {
            settle_base(&pool->monitor->base,
                        pool->monitor->is_unserved ? PS_ERROR : outcome);
        }
        for (size_t j = 0; j < pool->n_members; j++) {
            settle_base(&pool->members[j].base, outcome);
        }
    }
}
