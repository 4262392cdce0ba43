/* SPDX-License-Identifier: Apache-2.0
 *
 * One turn of the driver: news from the databases become keys in the
 * queue, and keys become work.  News never say what to do, only where to look,
 * so nothing is lost if some are missed together with the connection: after
 * that, everything is looked at.
 */

#include <config.h>
#include "driver/driver.h"
#include <stdlib.h>
#include "base/limits.h"
#include "base/workq.h"
#include "driver/deadline.h"
#include "driver/janitor.h"
#include "driver/port-provider.h"
#include "driver/reconcile.h"
#include "driver/vip-claims.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovn/want/groups.h"
#include "ovn/db/nb.h"
#include "ovn/db/sb.h"
#include "store/store.h"
#include "store/tree.h"
#include "timeval.h"
#include "util.h"

struct driver {
    struct store *store;        /* The wanted state. */
    struct nb *nb;              /* The present state. */
    struct sb *sb;              /* The results of probes. */
    struct workq *queue;        /* Ids of load balancers to look at. */
    struct vip_claims *claims;
    struct port_provider *ports;
    struct confirms *confirms;
    struct deadlines *deadlines;
    struct janitor *janitor;
    struct reconciles *reconciles;
    bool has_lock;              /* As of the last turn, like the next two. */
    bool is_active;
    bool knows_health;          /* The Southbound database can be read. */
    long long int next_sweep_ms;    /* When to look at everything again. */
};

static void driver_add_news(struct driver *);
static void driver_start_work(struct driver *);
static void driver_become_active(struct driver *);

static void
driver_connect(struct driver *driver, const struct driver_options *options)
{
    driver->store = store_create(options->db_remote, STORE_DRIVER);
    driver->nb = nb_create(options->nb_remote);
    if (options->active_when != ACTIVE_COMMITTED) {
        nb_count_configurations(driver->nb);
    }
    driver->sb = sb_create(options->sb_remote);
    if (options->probe_interval_ms >= 0) {
        nb_set_probe_interval(driver->nb, options->probe_interval_ms);
        sb_set_probe_interval(driver->sb, options->probe_interval_ms);
    }
}

struct driver *
driver_create(const struct driver_options *options)
{
    struct driver *driver = xzalloc(sizeof *driver);
    int timeout_ms = options->pending_timeout_ms;

    driver_connect(driver, options);
    driver->queue = workq_create(RECONCILE_BACKOFF_MIN_MS,
                                 RECONCILE_BACKOFF_MAX_MS);
    driver->claims = vip_claims_create(driver->store, driver->nb);
    driver->ports = (options->neutron
                     ? ports_neutron_create(options->neutron, driver->store,
                                            driver->nb, driver->queue,
                                            timeout_ms)
                     : ports_ovn_create(driver->nb, driver->claims));
    driver->confirms = confirms_create(driver->nb, driver->queue,
                                       options->active_when);
    driver->deadlines = deadlines_create(driver->store, driver->nb,
                                         driver->ports, driver->confirms,
                                         timeout_ms);
    driver->janitor = janitor_create(driver->nb, driver->ports);

    const struct reconcile_tools tools = {
        .store = driver->store,
        .nb = driver->nb,
        .sb = driver->sb,
        .queue = driver->queue,
        .claims = driver->claims,
        .ports = driver->ports,
        .confirms = driver->confirms,
        .janitor = driver->janitor,
        .use_groups = options->use_groups,
        .enforce_cidrs = options->enforce_cidrs,
    };
    driver->reconciles = reconciles_create(&tools);
    driver->next_sweep_ms = time_msec() + SWEEP_INTERVAL_MS;
    return driver;
}

void
driver_destroy(struct driver *driver)
{
    reconciles_destroy(driver->reconciles);
    janitor_destroy(driver->janitor);
    deadlines_destroy(driver->deadlines);
    confirms_destroy(driver->confirms);
    driver->ports->class_->destroy(driver->ports);
    vip_claims_destroy(driver->claims);
    workq_destroy(driver->queue);
    sb_destroy(driver->sb);
    nb_destroy(driver->nb);
    store_destroy(driver->store);
    free(driver);
}

void
driver_run(struct driver *driver)
{
    store_run(driver->store);
    nb_run(driver->nb, store_has_lock(driver->store));
    sb_run(driver->sb);

    bool has_lock = store_has_lock(driver->store);
    if (has_lock && !driver->has_lock) {
        deadlines_restart(driver->deadlines);
    }
    driver->has_lock = has_lock;

    bool is_active = has_lock && nb_is_ready(driver->nb);
    if (is_active && !driver->is_active) {
        driver_become_active(driver);
    }
    driver->is_active = is_active;

    /* No news comes of results of probes that vanished while the Southbound
     * database could not be read. */
    bool knows_health = sb_is_ready(driver->sb);
    if (is_active && knows_health && !driver->knows_health) {
        driver_resync(driver);
    }
    driver->knows_health = knows_health;
    if (is_active && time_msec() >= driver->next_sweep_ms) {
        driver->next_sweep_ms = time_msec() + SWEEP_INTERVAL_MS;
        driver_resync(driver);
    }
    driver_add_news(driver);

    /* Runs before work starts: results of the ports' calls are news, too. */
    driver->ports->class_->run(driver->ports, is_active);
    if (is_active) {
        confirms_run(driver->confirms);
        driver_start_work(driver);
        if (!workq_n_active(driver->queue)) {
            janitor_run(driver->janitor);
        }
    }
    if (has_lock) {
        deadlines_run(driver->deadlines);
    }
}

void
driver_wait(struct driver *driver)
{
    store_wait(driver->store);
    nb_wait(driver->nb, store_has_lock(driver->store));
    sb_wait(driver->sb);
    driver->ports->class_->wait(driver->ports, driver->is_active);
    if (driver->has_lock) {
        deadlines_wait(driver->deadlines);
    }
    if (driver->is_active) {
        workq_wait(driver->queue);
        poll_timer_wait_until(driver->next_sweep_ms);
    }
}

static void
driver_add_lb(const struct uuid *id, void *driver_)
{
    struct driver *driver = driver_;
    workq_add(driver->queue, id);
}

static void
driver_add_stored_lb(const struct uuid *id, void *driver_)
{
    struct driver *driver = driver_;

    deadlines_update(driver->deadlines, id);
    workq_add(driver->queue, id);
}

static void
driver_add_news(struct driver *driver)
{
    const struct uuidset_node *node;
    size_t n;

    store_for_each_changed_lb(driver->store, driver_add_stored_lb, driver);

    const struct in6_addr *probed = sb_changed_addresses(driver->sb, &n);
    for (size_t i = 0; i < n; i++) {
        nb_add_watchers(driver->nb, &probed[i]);
    }
    UUIDSET_FOR_EACH (node, nb_changed_lbs(driver->nb)) {
        workq_add(driver->queue, &node->uuid);
    }
}

/* Keeps a turn short: the rest waits for the next. */
static void
driver_start_work(struct driver *driver)
{
    long long int now_ms = time_msec();
    struct uuid id;

    for (int i = 0; i < RECONCILE_BATCH_MAX; i++) {
        if (!workq_take(driver->queue, now_ms, &id)) {
            return;
        }
        reconciles_start(driver->reconciles, &id);
    }
}

/* Looks at everything: changes from before this driver had both databases and
 * the lock were not seen. */
static void
driver_become_active(struct driver *driver)
{
    driver->ports->class_->distrust(driver->ports);
    nb_for_each_lb(driver->nb, driver_add_lb, driver);
    groups_touch_all(nb_groups(driver->nb));
    driver_resync(driver);
}

void
driver_resync(struct driver *driver)
{
    store_for_each_lb(driver->store, driver_add_stored_lb, driver);
    janitor_remind(driver->janitor);
}

bool
driver_resync_lb(struct driver *driver, const struct uuid *lb_id)
{
    if (!store_has_lb(driver->store, lb_id)) {
        return false;
    }
    workq_add(driver->queue, lb_id);
    return true;
}

void
driver_accept_older(struct driver *driver)
{
    store_accept_older(driver->store);
    nb_accept_older(driver->nb);
    sb_accept_older(driver->sb);
}

struct driver_counts
driver_count(const struct driver *driver)
{
    const struct port_class *ports = driver->ports->class_;
    struct driver_counts counts = {
        .has_lock = driver->has_lock,
        .is_active = driver->is_active,
        .n_queued = workq_n_active(driver->queue),
        .n_failing = (workq_n_failing(driver->queue)
                      + ports->n_failing(driver->ports)),
        .n_pending = deadlines_n_pending(driver->deadlines),
    };

    counts.is_in_sync = (counts.is_active && !counts.n_queued
                         && !ports->is_busy(driver->ports)
                         && !janitor_is_busy(driver->janitor));
    return counts;
}

long long int
driver_oldest_ms(const struct driver *driver)
{
    return workq_oldest_ms(driver->queue, time_msec());
}

struct driver_probes
driver_count_probes(const struct driver *driver)
{
    return (struct driver_probes) {
        .n_online = sb_n_probes(driver->sb, HEALTH_ONLINE),
        .n_error = sb_n_probes(driver->sb, HEALTH_ERROR),
        .n_unknown = sb_n_probes(driver->sb, HEALTH_UNKNOWN),
    };
}

void
driver_format_status(const struct driver *driver, struct ds *s)
{
    struct driver_counts counts = driver_count(driver);

    ds_put_format(s, "active: %s\n", counts.is_active ? "yes" : "no");
    ds_put_format(s, "in-sync: %s\n", counts.is_in_sync ? "yes" : "no");
    ds_put_format(s, "queued: %"PRIuSIZE"\n", counts.n_queued);
    ds_put_format(s, "failing: %"PRIuSIZE"\n", counts.n_failing);
    ds_put_format(s, "pending: %"PRIuSIZE"\n", counts.n_pending);
    ds_put_format(s, "southbound: %s\n",
                  sb_is_ready(driver->sb) ? "yes" : "no");
    driver->ports->class_->format_status(driver->ports, s);
    ds_put_format(s, "nb-commits: %llu\n", nb_n_commits(driver->nb));
    ds_put_format(s, "store-commits: %llu\n", store_n_commits(driver->store));
}

bool
driver_is_connected(const struct driver *driver)
{
    return store_is_ready(driver->store) && nb_is_ready(driver->nb);
}

static void
driver_count_lb(const struct uuid *id OVS_UNUSED, void *n_)
{
    size_t *n = n_;

    ++*n;
}

char *
driver_describe(const struct driver *driver,
                const struct driver_options *options)
{
    size_t n_lbs = 0;

    if (!store_is_ready(driver->store)) {
        return xasprintf("waiting for OVN_Octavia at %s", options->db_remote);
    }
    if (!nb_is_ready(driver->nb)) {
        return xasprintf("waiting for OVN_Northbound at %s",
                         options->nb_remote);
    }
    if (!driver->is_active) {
        return xstrdup("standby");
    }
    store_for_each_lb(driver->store, driver_count_lb, &n_lbs);
    return xasprintf("active; %"PRIuSIZE" load balancers, %"PRIuSIZE" pending"
                     "%s%s", n_lbs, deadlines_n_pending(driver->deadlines),
                     sb_is_ready(driver->sb)
                     ? "" : "; waiting for OVN_Southbound at ",
                     sb_is_ready(driver->sb) ? "" : options->sb_remote);
}
