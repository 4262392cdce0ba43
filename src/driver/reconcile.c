/* SPDX-License-Identifier: Apache-2.0
 *
 * Reconciliation of one load balancer: the story of the product on one page.
 *
 *     1. Load what the user wants.                       (OVN_Octavia)
 *     2. Decide how that looks in OVN, see how it looks now, and write the
 *        difference.                                     (OVN_Northbound)
 *     3. When that is committed, write how it ended.     (OVN_Octavia)
 *
 * A key does not tell what has changed, so this one path serves a create, an
 * update, a delete, a restart, a lost connection, a router that appeared, and
 * a row that was damaged.  If nothing has to change, nothing is written.
 *
 * Steps 2 and 3 are ops of group commit: many load balancers share a
 * transaction.  If what a step was based on has changed meanwhile, the key
 * goes back to the queue and all starts again.
 */

#include <config.h>
#include "driver/reconcile.h"
#include <stdlib.h>
#include <string.h>
#include "base/metrics.h"
#include "base/workq.h"
#include "driver/confirm.h"
#include "driver/janitor.h"
#include "driver/port-provider.h"
#include "driver/vip-claims.h"
#include "driver/vip.h"
#include "model/rollup.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
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

/* How the work on a load balancer ends.  All but the last are as they should
 * be. */
#define RECONCILE_OUTCOMES                                                  \
    RECONCILE_OUTCOME(DONE, "done")     /* Statuses were written. */        \
    RECONCILE_OUTCOME(UNCHANGED, "unchanged")   /* They were right. */      \
    RECONCILE_OUTCOME(WAITING, "waiting")   /* For OVN, or for Neutron. */  \
    RECONCILE_OUTCOME(STALE, "stale")   /* A newer request has come. */     \
    RECONCILE_OUTCOME(ABSENT, "absent") /* OVN_Octavia does not have it. */ \
    RECONCILE_OUTCOME(FAILED, "failed")

enum reconcile_outcome {
#define RECONCILE_OUTCOME(NAME, WORD) RECONCILE_##NAME,
    RECONCILE_OUTCOMES
#undef RECONCILE_OUTCOME
    N_RECONCILE_OUTCOMES
};

/* For metrics. */
static unsigned long long int reconcile_n[N_RECONCILE_OUTCOMES];
static struct metric_histogram reconcile_duration;
static unsigned long long int reconcile_n_changes[N_PLAN_VERBS];

struct reconciles {
    struct reconcile_tools tools;
    struct ovs_list under_way;
};

struct reconcile {
    struct ovs_list node;       /* In reconciles' 'under_way'. */
    const struct reconcile_tools *tools;
    struct uuid lb_id;
    struct commit_op nb_op;
    struct commit_op store_op;

    /* As loaded and changed by step 2; step 3 needs it. */
    struct model_lb *lb;

    /* Groups whose carriers step 2 compared: if the transaction fails, they
     * must be compared again. */
    struct uuid *groups;
    size_t n_groups;

    enum port_sources sources;
    long long int since_us;
    unsigned int n_changes[N_PLAN_VERBS];   /* What step 2 has written. */

    /* The reason for which step 2 failed; 'text' is NULL if it did not. */
    struct vip_refusal refusal;
    bool is_monitors;           /* Only monitors failed: see model_fault. */
};

static bool reconcile_write_nb(struct commit_op *, struct ovsdb_idl_txn *,
                               unsigned int attempt);
static void reconcile_wrote_nb(struct commit_op *, enum commit_result,
                               const char *error);
static bool reconcile_write_outcome(struct commit_op *, struct ovsdb_idl_txn *,
                                    unsigned int attempt);
static void reconcile_wrote_outcome(struct commit_op *, enum commit_result,
                                    const char *error);
static void reconcile_destroy(struct reconcile *);
static void reconcile_finish(struct reconcile *, enum reconcile_outcome);

struct reconciles *
reconciles_create(const struct reconcile_tools *tools)
{
    struct reconciles *reconciles = xmalloc(sizeof *reconciles);

    reconciles->tools = *tools;
    ovs_list_init(&reconciles->under_way);
    return reconciles;
}

void
reconciles_destroy(struct reconciles *reconciles)
{
    if (reconciles) {
        struct reconcile *r;
        LIST_FOR_EACH_SAFE (r, node, &reconciles->under_way) {
            reconcile_destroy(r);
        }
        free(reconciles);
    }
}

void
reconciles_start(struct reconciles *reconciles, const struct uuid *lb_id)
{
    struct reconcile *r = xzalloc(sizeof *r);

    ovs_list_push_back(&reconciles->under_way, &r->node);
    r->tools = &reconciles->tools;
    r->lb_id = *lb_id;
    r->since_us = time_usec();
    r->nb_op.apply = reconcile_write_nb;
    r->nb_op.done = reconcile_wrote_nb;
    r->store_op.apply = reconcile_write_outcome;
    r->store_op.done = reconcile_wrote_outcome;
    nb_submit(r->tools->nb, &r->nb_op);
}

/* Has groups compared again: their comparison did not lead to a commit. */
static void
reconcile_touch_groups(struct reconcile *r)
{
    for (size_t i = 0; i < r->n_groups; i++) {
        groups_touch(nb_groups(r->tools->nb), &r->groups[i]);
    }
    r->n_groups = 0;
}

static void
reconcile_keep_groups(struct reconcile *r, const struct ovn_lb *want)
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
reconcile_destroy(struct reconcile *r)
{
    ovs_list_remove(&r->node);
    model_lb_destroy(r->lb);
    free(r->refusal.text);
    free(r->groups);
    free(r);
}

static void
reconcile_finish(struct reconcile *r, enum reconcile_outcome outcome)
{
    reconcile_n[outcome]++;
    metric_histogram_note(&reconcile_duration, time_usec() - r->since_us);
    vip_claims_release(r->tools->claims, &r->lb_id);
    workq_done(r->tools->queue, &r->lb_id, outcome == RECONCILE_FAILED,
               time_msec());
    reconcile_destroy(r);
}

/* Forgets what an earlier attempt found. */
static void
reconcile_start_over(struct reconcile *r)
{
    reconcile_touch_groups(r);
    vip_claims_release(r->tools->claims, &r->lb_id);
    model_lb_destroy(r->lb);
    r->lb = store_load_lb(r->tools->store, &r->lb_id);
    free(r->refusal.text);
    r->refusal = (struct vip_refusal) { 0, NULL };
    r->is_monitors = false;
    r->sources = SOURCES_THERE;
}

/* Leaves rows alone whose load balancer is not in OVN_Octavia.  Load balancers
 * are deleted by way of PENDING_DELETE: one that is just absent was never
 * ours, or the database was lost, and taking traffic down is not the driver's
 * decision. */
static void
reconcile_leave_alone(const struct reconcile *r)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);
    struct ovn_lb seen;

    nb_observe(r->tools->nb, &r->lb_id, NULL, NULL, &seen);
    if (seen.n_rows) {
        VLOG_INFO_RL(&rl, "load balancer %s is in OVN_Northbound but not in "
                     "OVN_Octavia: left alone", seen.name);
    }
    ovn_lb_uninit(&seen);
}

/* Marks monitors as failed, not the load balancer: if its members cannot be
 * probed, it serves its clients all the same. */
static void
reconcile_provide_sources(struct reconcile *r, const struct comparison *c)
{
    struct port_provider *ports = r->tools->ports;
    char *why = NULL;

    r->sources = ports->class_->provide_sources(ports, r->lb,
                                                &c->watch.subnets,
                                                &c->sourceless, &why);
    if (r->sources == SOURCES_FAILED && !r->refusal.text) {
        probe_mark_unserved(r->lb, &c->sourceless);
        r->is_monitors = true;
        r->refusal.text = xasprintf("members cannot be probed: %s", why);
    }
    free(why);
}

static bool
reconcile_owns_source(const struct topo_port *port, bool is_in_use,
                      void *tools_)
{
    const struct reconcile_tools *tools = tools_;

    return tools->ports->class_->owns_source(tools->ports, port, is_in_use);
}

static bool
reconcile_ip_is_taken(const struct uuid *subnet_id, const struct in6_addr *ip,
                      void *tools_)
{
    const struct reconcile_tools *tools = tools_;

    return vip_claims_is_taken(tools->claims, subnet_id, ip);
}

/* Step 2.  Returns true if there was something to write. */
static bool
reconcile_write_plan(struct reconcile *r, struct ovsdb_idl_txn *txn)
{
    const struct reconcile_tools *tools = r->tools;
    const struct compare_options options = {
        .use_groups = tools->use_groups,
        .enforce_cidrs = tools->enforce_cidrs,
        .ports_are_neutrons = tools->ports->class_->makes_sources,
        .owns_source = reconcile_owns_source,
        .is_taken = reconcile_ip_is_taken,
        .aux = CONST_CAST(struct reconcile_tools *, tools),
    };
    struct comparison c;

    compare_lb(tools->nb, tools->sb, &options, r->lb, &c);
    plan_apply(&c.plan, tools->nb, txn);
    bool wrote = c.plan.n > 0;
    if (wrote) {
        nb_comment_request(tools->nb, &r->lb_id, &r->lb->last_request);
    }
    memset(r->n_changes, 0, sizeof r->n_changes);
    for (size_t i = 0; i < c.plan.n; i++) {
        r->n_changes[c.plan.steps[i].verb]++;
    }
    if (wrote && VLOG_IS_DBG_ENABLED()) {
        struct ds s = DS_EMPTY_INITIALIZER;
        plan_format(&c.plan, &s);
        VLOG_DBG("load balancer %s (req-"UUID_FMT"):\n%s", c.want.name,
                 UUID_ARGS(&r->lb->last_request), ds_cstr(&s));
        ds_destroy(&s);
    }
    nb_set_watch(tools->nb, &r->lb_id, &c.watch);
    reconcile_keep_groups(r, &c.want);
    if (c.want.hole && !r->refusal.text) {
        r->refusal.text = xstrdup(c.want.hole);
    }
    reconcile_provide_sources(r, &c);
    comparison_uninit(&c);
    return wrote;
}

/* True if OVN has the VIP's network.  Without it, a load balancer is in the
 * database and serves no clients: that is not ACTIVE. */
static bool
reconcile_has_network(const struct reconcile *r)
{
    return topology_home(nb_topology(r->tools->nb), &r->lb->vips[0].subnet_id,
                         &r->lb->vips[0].network_id);
}

/* Chooses the VIPs before the comparison, which needs their addresses.  A lost
 * port that is being made again holds nothing up: the rows do not depend on
 * it. */
static bool
reconcile_write_nb(struct commit_op *op, struct ovsdb_idl_txn *txn,
                   unsigned int attempt OVS_UNUSED)
{
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, nb_op);

    reconcile_start_over(r);
    if (!r->lb) {
        reconcile_leave_alone(r);
        r->tools->ports->class_->forget(r->tools->ports, &r->lb_id);
        reconcile_finish(r, RECONCILE_ABSENT);
        return false;
    }

    bool wanted = model_base_is_wanted(&r->lb->base);
    switch (wanted ? vip_assign(r->tools->claims, r->tools->ports, r->lb,
                                &r->refusal)
            : VIP_RESOLVED) {
    case VIP_RESOLVED:
        break;
    case VIP_WAIT:
        reconcile_finish(r, RECONCILE_WAITING);
        return false;
    case VIP_REFUSED:
    default:
        store_submit(r->tools->store, &r->store_op);
        return false;
    }
    if (wanted) {
        vip_restore(r->tools->ports, r->lb, &r->refusal);
    }
    if (wanted && !reconcile_has_network(r)) {
        free(r->refusal.text);
        r->refusal.text = xstrdup("OVN_Northbound does not have the VIP's "
                                  "network");
    }
    if (!reconcile_write_plan(r, txn)) {
        r->n_groups = 0;
        store_submit(r->tools->store, &r->store_op);
        return false;
    }
    return true;
}

static void
reconcile_wrote_nb(struct commit_op *op, enum commit_result result,
                   const char *error)
{
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, nb_op);

    for (size_t i = 0; i < N_PLAN_VERBS && result == COMMIT_DONE; i++) {
        reconcile_n_changes[i] += r->n_changes[i];
    }
    if (result == COMMIT_FAILED) {
        reconcile_touch_groups(r);
        free(r->refusal.text);
        r->is_monitors = false;
        r->refusal.text = xasprintf("OVN_Northbound refused the change: %s",
                                    error);
    } else {
        r->n_groups = 0;
        confirms_wrote(r->tools->confirms, &r->lb_id);
    }
    store_submit(r->tools->store, &r->store_op);
}

/* Logs a failure when it begins, not each time it is met again.  A wrong
 * request is told to the user in the answer; all else is for the operator. */
static void
reconcile_log(const struct reconcile *r)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

    if (r->refusal.text && strcmp(r->refusal.text, r->lb->fault_text)) {
        VLOG_RL(&rl, r->refusal.code ? VLL_INFO : VLL_WARN,
                "load balancer "UUID_FMT" (req-"UUID_FMT"): %s",
                UUID_ARGS(&r->lb_id), UUID_ARGS(&r->lb->last_request),
                r->refusal.text);
    }
}

/* True if it is too early to call the load balancer ACTIVE, or deleted: its
 * ports go last, so that until then its addresses go to no other.  A load
 * balancer that is ACTIVE already waits for nothing. */
static bool
reconcile_must_wait(const struct reconcile *r)
{
    const struct reconcile_tools *tools = r->tools;

    return (!model_base_is_wanted(&r->lb->base)
            ? !tools->ports->class_->remove(tools->ports, r->lb)
            : r->lb->base.provisioning_status != PS_ACTIVE
              && (r->sources == SOURCES_WAIT
                  || !confirms_reached(tools->confirms, &r->lb_id)));
}

/* True if OVN does not have the load balancer as it is wanted. */
static bool
reconcile_has_failed(const struct reconcile *r)
{
    return r->refusal.text && !r->is_monitors;
}

/* Step 3. */
static bool
reconcile_write_outcome(struct commit_op *op, struct ovsdb_idl_txn *txn,
                        unsigned int attempt OVS_UNUSED)
{
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, store_op);
    const struct model_fault fault = {
        r->refusal.code, r->refusal.text, r->is_monitors
    };
    bool is_refused = reconcile_has_failed(r);
    enum store_save_result result;

    if (is_refused || !reconcile_must_wait(r)) {
        reconcile_log(r);
        rollup(r->lb, fault.text ? &fault : NULL);
        result = store_save_lb(r->tools->store, txn, r->lb, !is_refused);
    } else if (model_base_is_wanted(&r->lb->base)) {
        /* OVN has the VIPs: the client need not wait for a chassis. */
        result = store_save_vips(r->tools->store, txn, r->lb);
    } else {
        reconcile_finish(r, RECONCILE_WAITING);
        return false;
    }
    switch (result) {
    case STORE_SAVE_WRITTEN:
        return true;

    case STORE_SAVE_UNCHANGED:
        reconcile_finish(r, (is_refused ? RECONCILE_FAILED
                             : RECONCILE_UNCHANGED));
        return false;

    case STORE_SAVE_STALE:
    default:
        /* A newer request came; the write was right for the old one. */
        workq_add(r->tools->queue, &r->lb_id);
        reconcile_finish(r, RECONCILE_STALE);
        return false;
    }
}

/* Forgets the load balancer, which is gone. */
static void
reconcile_forget(struct reconcile *r)
{
    struct desired_watch none;

    desired_watch_init(&none);
    nb_set_watch(r->tools->nb, &r->lb_id, &none);
    desired_watch_uninit(&none);
    if (groups_forget(nb_groups(r->tools->nb), &r->lb_id)) {
        janitor_remind(r->tools->janitor);
    }
    confirms_forget(r->tools->confirms, &r->lb_id);
    r->tools->ports->class_->forget(r->tools->ports, &r->lb_id);
}

static void
reconcile_wrote_outcome(struct commit_op *op, enum commit_result result,
                        const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct reconcile *r = CONTAINER_OF(op, struct reconcile, store_op);

    if (result == COMMIT_FAILED) {
        VLOG_ERR_RL(&rl, "load balancer "UUID_FMT" (req-"UUID_FMT"): "
                    "OVN_Octavia refused its status: %s",
                    UUID_ARGS(&r->lb_id), UUID_ARGS(&r->lb->last_request),
                    error);
    } else if (!model_base_is_wanted(&r->lb->base)) {
        reconcile_forget(r);
    }
    reconcile_finish(r, (result == COMMIT_FAILED || reconcile_has_failed(r)
                         ? RECONCILE_FAILED : RECONCILE_DONE));
}

/* --- Metrics ------------------------------------------------------------- */

static void
reconcile_put_outcomes(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    static const char *const words[] = {
#define RECONCILE_OUTCOME(NAME, WORD) WORD,
        RECONCILE_OUTCOMES
#undef RECONCILE_OUTCOME
    };

    for (size_t i = 0; i < N_RECONCILE_OUTCOMES; i++) {
        metrics_put(page, reconcile_n[i], "outcome", words[i], NULL);
    }
}

static void
reconcile_put_duration(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put_histogram(page, &reconcile_duration, NULL);
}

static void
reconcile_put_changes(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    static const char *const words[] = {
#define PLAN_VERB(NAME) #NAME,
        PLAN_VERBS
#undef PLAN_VERB
    };

    for (size_t i = 0; i < N_PLAN_VERBS; i++) {
        metrics_put(page, reconcile_n_changes[i], "change", words[i], NULL);
    }
}

void
reconcile_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_driver_reconciles_total", METRIC_COUNTER,
          "Comparisons of a load balancer with OVN by how they ended.",
          reconcile_put_outcomes },
        { "ovn_octavia_driver_reconcile_duration_seconds", METRIC_HISTOGRAM,
          "Time from taking a load balancer from the queue until all is "
          "written about it.", reconcile_put_duration },
        { "ovn_octavia_driver_nb_changes_total", METRIC_COUNTER,
          "Changes of rows in OVN_Northbound that were committed, by the "
          "step that \"diff\" shows.", reconcile_put_changes },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
