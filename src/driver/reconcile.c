/* SPDX-License-Identifier: Apache-2.0
 *
 * Reconciliation of one load balancer: the story of the product on one page.
 *
 *     1. Load what the user wants.                       (OVN_Octavia)
 *     2. Decide how that looks in OVN, see how it looks now, and write the
 *        difference.                                     (OVN_Northbound)
 *     3. When that is committed, write how it ended.     (OVN_Octavia)
 *
 * Nobody says what has changed, so this one path serves a create, an update,
 * a delete, a restart, a lost connection, a router that appeared, and a row
 * that somebody damaged.  If nothing has to change, nothing is written.
 *
 * Steps 2 and 3 are ops of group commit: those of many load balancers share a
 * transaction.  If a step turns out to stand on old ground, the key goes back
 * to the queue and all starts again.
 */

#include <config.h>
#include "driver/reconcile.h"
#include <stdlib.h>
#include "base/workq.h"
#include "driver/confirm.h"
#include "driver/driver.h"
#include "driver/janitor.h"
#include "driver/neutron-removals.h"
#include "driver/neutron-sources.h"
#include "driver/neutron-vips.h"
#include "driver/vip.h"
#include "model/rollup.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/compare.h"
#include "ovn/db/nb.h"
#include "ovn/diff/apply.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "ovn/want/groups.h"
#include "ovn/want/probes.h"
#include "store/store.h"
#include "store/tree.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(reconcile);

struct reconcile {
    struct ovs_list in_driver;  /* In the driver's 'reconciles'. */
    struct driver *driver;
    struct uuid lb_id;
    struct commit_op nb_op;
    struct commit_op store_op;

    /* What step 2 worked from and decided; step 3 needs it. */
    struct model_lb *lb;

    /* Groups whose carriers step 2 compared: if the transaction fails, they
     * must be compared again. */
    struct uuid *groups;
    size_t n_groups;

    /* Of the ports to probe members from, if Neutron makes them. */
    enum neutron_sources_state sources;

    /* Why step 2 failed; 'text' is NULL if it did not. */
    struct vip_refusal refusal;
    bool is_monitors;           /* All of it did not: see model_fault. */
};

static bool write_nb(struct commit_op *, struct ovsdb_idl_txn *,
                     unsigned int attempt);
static void wrote_nb(struct commit_op *, enum commit_result,
                     const char *error);
static bool write_outcome(struct commit_op *, struct ovsdb_idl_txn *,
                          unsigned int attempt);
static void wrote_outcome(struct commit_op *, enum commit_result,
                          const char *error);
static void finish(struct reconcile *, bool failed);

void
reconcile_start(struct driver *driver, const struct uuid *lb_id)
{
    struct reconcile *r = xzalloc(sizeof *r);

    ovs_list_push_back(&driver->reconciles, &r->in_driver);
    r->driver = driver;
    r->lb_id = *lb_id;
    r->nb_op.apply = write_nb;
    r->nb_op.done = wrote_nb;
    r->store_op.apply = write_outcome;
    r->store_op.done = wrote_outcome;
    nb_submit(driver->nb, &r->nb_op);
}

/* The comparison of groups did not lead to a commit. */
static void
touch_groups(struct reconcile *r)
{
    for (size_t i = 0; i < r->n_groups; i++) {
        groups_touch(nb_groups(r->driver->nb), &r->groups[i]);
    }
    r->n_groups = 0;
}

static void
remember_groups(struct reconcile *r, const struct ovn_lb *want)
{
    free(r->groups);
    r->groups = xcalloc(want->n_groups, sizeof *r->groups);
    for (size_t i = 0; i < want->n_groups; i++) {
        if (!want->groups[i]->is_settled) {
            r->groups[r->n_groups++] = want->groups[i]->id;
        }
    }
}

static void
destroy(struct reconcile *r)
{
    ovs_list_remove(&r->in_driver);
    model_lb_destroy(r->lb);
    free(r->refusal.text);
    free(r->groups);
    free(r);
}

void
reconcile_abandon_all(struct driver *driver)
{
    struct reconcile *r;

    LIST_FOR_EACH_SAFE (r, in_driver, &driver->reconciles) {
        destroy(r);
    }
}

static void
finish(struct reconcile *r, bool failed)
{
    vip_release(r->driver, &r->lb_id);
    workq_done(r->driver->queue, &r->lb_id, failed, time_msec());
    destroy(r);
}

/* Forgets what an earlier attempt found. */
static void
start_over(struct reconcile *r)
{
    touch_groups(r);
    vip_release(r->driver, &r->lb_id);
    model_lb_destroy(r->lb);
    r->lb = store_load_lb(r->driver->store, &r->lb_id);
    free(r->refusal.text);
    r->refusal = (struct vip_refusal) { 0, NULL };
    r->is_monitors = false;
    r->sources = SOURCES_THERE;
}

/* Load balancers go by way of PENDING_DELETE.  One that is just not there was
 * never ours, or the database was lost: taking traffic down is not for us to
 * decide. */
static void
leave_alone(const struct reconcile *r)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);
    struct ovn_lb seen;

    nb_observe(r->driver->nb, &r->lb_id, NULL, NULL, &seen);
    if (seen.n_rows) {
        VLOG_INFO_RL(&rl, "load balancer %s is in OVN_Northbound but not in "
                     "OVN_Octavia: left alone", seen.name);
    }
    ovn_lb_uninit(&seen);
}

/* A load balancer whose members cannot be probed serves its clients all the
 * same. */
static void
provide_sources(struct reconcile *r, const struct comparison *c)
{
    const char *why = NULL;

    if (!r->driver->neutron_sources) {
        return;
    }
    r->sources = neutron_sources_provide(r->driver->neutron_sources, r->lb,
                                         &c->watch.subnets, &c->sourceless,
                                         &why);
    if (r->sources == SOURCES_FAILED && !r->refusal.text) {
        probe_mark_unserved(r->lb, &c->sourceless);
        r->is_monitors = true;
        r->refusal.text = xasprintf("members cannot be probed: Neutron: %s",
                                    why);
    }
}

static bool
owns_source(const struct topo_port *port, bool is_in_use, void *driver_)
{
    const struct driver *driver = driver_;

    return neutron_sources_own(driver->neutron_sources, port, is_in_use);
}

/* Step 2.  Returns true if there was something to write. */
static bool
write_difference(struct reconcile *r, struct ovsdb_idl_txn *txn)
{
    struct driver *driver = r->driver;
    const struct compare_options options = {
        .use_groups = driver->options.use_groups,
        .ports_are_neutrons = driver->neutron_sources,
        .owns_source = owns_source,
        .is_taken = vip_is_taken,
        .aux = driver,
    };
    struct comparison c;

    compare_lb(driver->nb, driver->sb, &options, r->lb, &c);
    plan_apply(&c.plan, driver->nb, txn);
    bool wrote = c.plan.n > 0;
    if (wrote && VLOG_IS_DBG_ENABLED()) {
        struct ds s = DS_EMPTY_INITIALIZER;
        plan_format(&c.plan, &s);
        VLOG_DBG("load balancer %s:\n%s", c.want.name, ds_cstr(&s));
        ds_destroy(&s);
    }
    nb_set_watch(driver->nb, &r->lb_id, &c.watch);
    remember_groups(r, &c.want);
    provide_sources(r, &c);
    comparison_uninit(&c);
    return wrote;
}

/* Without its network a load balancer may be in the database and serves
 * nobody: that is not ACTIVE. */
static bool
network_is_known(const struct reconcile *r)
{
    return topology_home(nb_topology(r->driver->nb), &r->lb->vips[0].subnet_id,
                         &r->lb->vips[0].network_id);
}

static bool
write_nb(struct commit_op *op, struct ovsdb_idl_txn *txn,
         unsigned int attempt OVS_UNUSED)
{
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, nb_op);

    start_over(r);
    if (!r->lb) {
        leave_alone(r);
        if (r->driver->neutron_vips) {
            neutron_vips_forget(r->driver->neutron_vips, &r->lb_id);
            neutron_removals_forget(r->driver->neutron_removals, &r->lb_id);
        }
        finish(r, false);
        return false;
    }

    bool wanted = model_base_is_wanted(&r->lb->base);
    switch (wanted ? vip_resolve(r->driver, r->lb, &r->refusal)
            : VIP_RESOLVED) {
    case VIP_RESOLVED:
        break;
    case VIP_WAIT:
        finish(r, false);
        return false;
    case VIP_REFUSED:
    default:
        store_submit(r->driver->store, &r->store_op);
        return false;
    }
    if (wanted) {
        vip_restore(r->driver, r->lb, &r->refusal);
    }
    if (wanted && !network_is_known(r)) {
        free(r->refusal.text);
        r->refusal.text = xstrdup("OVN_Northbound does not have the VIP's "
                                  "network");
    }
    if (!write_difference(r, txn)) {
        r->n_groups = 0;
        store_submit(r->driver->store, &r->store_op);
        return false;
    }
    return true;
}

static void
wrote_nb(struct commit_op *op, enum commit_result result, const char *error)
{
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, nb_op);

    if (result == COMMIT_FAILED) {
        touch_groups(r);
        free(r->refusal.text);
        r->is_monitors = false;
        r->refusal.text = xasprintf("OVN_Northbound refused the change: %s",
                                    error);
    } else {
        r->n_groups = 0;
        confirm_wrote(r->driver, &r->lb_id);
    }
    store_submit(r->driver->store, &r->store_op);
}

/* Logs a failure when it begins, not each time it is met again.  A request
 * that was wrong is told to who made it; the world being wrong is for the
 * operator. */
static void
log_refusal(const struct reconcile *r)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

    if (r->refusal.text && strcmp(r->refusal.text, r->lb->fault_text)) {
        VLOG_RL(&rl, r->refusal.code ? VLL_INFO : VLL_WARN,
                "load balancer "UUID_FMT": %s", UUID_ARGS(&r->lb_id),
                r->refusal.text);
    }
}

/* Whether Neutron still has something of a load balancer that is to be
 * deleted.  Its ports go last: until then nobody else gets its addresses. */
static bool
neutron_has_ports(const struct reconcile *r)
{
    return (r->driver->neutron_vips
            && (!neutron_vips_forget(r->driver->neutron_vips, &r->lb_id)
                || !neutron_removals_finish(r->driver->neutron_removals,
                                            r->lb)));
}

/* Whether it is too early to call the load balancer ACTIVE, or deleted.  One
 * that is ACTIVE already waits for nobody. */
static bool
must_wait(const struct reconcile *r)
{
    return (!model_base_is_wanted(&r->lb->base) ? neutron_has_ports(r)
            : r->lb->base.provisioning_status != PS_ACTIVE
              && (r->sources == SOURCES_WAIT
                  || !confirm_is_reached(r->driver, &r->lb_id)));
}

/* Whether OVN does not have the load balancer as it is wanted. */
static bool
has_failed(const struct reconcile *r)
{
    return r->refusal.text && !r->is_monitors;
}

/* Step 3. */
static bool
write_outcome(struct commit_op *op, struct ovsdb_idl_txn *txn,
              unsigned int attempt OVS_UNUSED)
{
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, store_op);
    const struct model_fault fault = {
        r->refusal.code, r->refusal.text, r->is_monitors
    };
    bool is_refused = has_failed(r);

    if (!is_refused && must_wait(r)) {
        finish(r, false);
        return false;
    }
    log_refusal(r);
    rollup(r->lb, fault.text ? &fault : NULL);
    switch (store_save_lb(r->driver->store, txn, r->lb, !is_refused)) {
    case STORE_SAVE_WRITTEN:
        return true;

    case STORE_SAVE_UNCHANGED:
        finish(r, is_refused);
        return false;

    case STORE_SAVE_STALE:
    default:
        /* What we did was right for what the user wanted then. */
        workq_add(r->driver->queue, &r->lb_id);
        finish(r, false);
        return false;
    }
}

/* The load balancer is gone. */
static void
forget(struct reconcile *r)
{
    struct desired_watch none;

    desired_watch_init(&none);
    nb_set_watch(r->driver->nb, &r->lb_id, &none);
    desired_watch_uninit(&none);
    if (groups_forget(nb_groups(r->driver->nb), &r->lb_id)) {
        janitor_remind(r->driver->janitor);
    }
    confirm_forget(r->driver, &r->lb_id);
    if (r->driver->neutron_removals) {
        neutron_removals_forget(r->driver->neutron_removals, &r->lb_id);
    }
}

static void
wrote_outcome(struct commit_op *op, enum commit_result result,
              const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, store_op);

    if (result == COMMIT_FAILED) {
        VLOG_ERR_RL(&rl, "load balancer "UUID_FMT": OVN_Octavia refused its "
                    "status: %s", UUID_ARGS(&r->lb_id), error);
    } else if (!model_base_is_wanted(&r->lb->base)) {
        forget(r);
    }
    finish(r, result == COMMIT_FAILED || has_failed(r));
}
