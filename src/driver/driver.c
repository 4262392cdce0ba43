/* SPDX-License-Identifier: Apache-2.0
 *
 * One turn of the driver: news from the two databases become keys in the
 * queue, and keys become work.  News never say what to do, only where to look,
 * so nothing is lost if some are missed together with the connection: after
 * that, everything is looked at.
 */

#include <config.h>
#include "driver/driver.h"
#include "base/limits.h"
#include "base/workq.h"
#include "driver/deadline.h"
#include "driver/janitor.h"
#include "driver/neutron-calls.h"
#include "driver/neutron-removals.h"
#include "driver/neutron-sources.h"
#include "driver/neutron-vips.h"
#include "driver/reconcile.h"
#include "driver/vip.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovn/want/groups.h"
#include "ovn/db/nb.h"
#include "ovn/db/sb.h"
#include "store/store.h"
#include "store/tree.h"
#include "timeval.h"

static void add_news(struct driver *);
static void start_work(struct driver *);
static void become_active(struct driver *);

static void
set_probe_interval(struct driver *driver)
{
    if (driver->options.probe_interval_ms >= 0) {
        nb_set_probe_interval(driver->nb, driver->options.probe_interval_ms);
        sb_set_probe_interval(driver->sb, driver->options.probe_interval_ms);
    }
}

static void
init_neutron(struct driver *driver)
{
    bool has = driver->options.neutron;

    driver->neutron_calls
        = has ? neutron_calls_create(driver->options.neutron) : NULL;
    driver->neutron_vips = has ? neutron_vips_create(driver) : NULL;
    driver->neutron_removals = has ? neutron_removals_create(driver) : NULL;
    driver->neutron_sources = has ? neutron_sources_create(driver) : NULL;
}

void
driver_init(struct driver *driver, const struct driver_options *options)
{
    driver->options = *options;
    driver->store = store_create(options->db_remote, STORE_DRIVER);
    driver->nb = nb_create(options->nb_remote);
    if (options->active_when != ACTIVE_COMMITTED) {
        nb_count_configurations(driver->nb);
    }
    driver->sb = sb_create(options->sb_remote);
    set_probe_interval(driver);
    init_neutron(driver);
    driver->queue = workq_create(RECONCILE_BACKOFF_MIN_MS,
                                 RECONCILE_BACKOFF_MAX_MS);
    ovs_list_init(&driver->reconciles);
    vip_claims_init(&driver->claims);
    driver->deadlines = deadlines_create();
    driver->confirms = confirms_create();
    driver->janitor = janitor_create();
    driver->has_lock = driver->is_active = driver->knows_health = false;
    driver->next_sweep_ms = time_msec() + SWEEP_INTERVAL_MS;
}

void
driver_uninit(struct driver *driver)
{
    reconcile_abandon_all(driver);
    neutron_calls_destroy(driver->neutron_calls);
    neutron_sources_destroy(driver->neutron_sources);
    neutron_removals_destroy(driver->neutron_removals);
    neutron_vips_destroy(driver->neutron_vips);
    janitor_destroy(driver->janitor);
    confirms_destroy(driver->confirms);
    deadlines_destroy(driver->deadlines);
    vip_claims_destroy(&driver->claims);
    workq_destroy(driver->queue);
    sb_destroy(driver->sb);
    nb_destroy(driver->nb);
    store_destroy(driver->store);
}

/* What others under way have come to is news, too. */
static void
run_neutron(struct driver *driver, bool is_active)
{
    if (driver->neutron_calls) {
        neutron_calls_run(driver->neutron_calls);
        neutron_vips_run(driver->neutron_vips);
        neutron_removals_run(driver->neutron_removals);
        if (is_active) {
            neutron_sources_run(driver->neutron_sources);
        }
    }
}

static void
wait_neutron(const struct driver *driver)
{
    if (driver->neutron_calls) {
        neutron_calls_wait(driver->neutron_calls);
        neutron_vips_wait(driver->neutron_vips);
        neutron_removals_wait(driver->neutron_removals);
        if (driver->is_active) {
            neutron_sources_wait(driver->neutron_sources);
        }
    }
}

void
driver_run(struct driver *driver)
{
    store_run(driver->store);
    nb_run(driver->nb, store_has_lock(driver->store));
    sb_run(driver->sb);

    bool has_lock = store_has_lock(driver->store);
    if (has_lock && !driver->has_lock) {
        deadlines_restart(driver);
    }
    driver->has_lock = has_lock;

    bool is_active = has_lock && nb_is_ready(driver->nb);
    if (is_active && !driver->is_active) {
        become_active(driver);
    }
    driver->is_active = is_active;

    /* Nobody tells of results of probes that vanished while we could not
     * see. */
    bool knows_health = sb_is_ready(driver->sb);
    if (is_active && knows_health && !driver->knows_health) {
        driver_resync(driver);
    }
    driver->knows_health = knows_health;
    if (is_active && time_msec() >= driver->next_sweep_ms) {
        driver->next_sweep_ms = time_msec() + SWEEP_INTERVAL_MS;
        driver_resync(driver);
    }
    add_news(driver);
    run_neutron(driver, is_active);
    if (is_active) {
        confirms_run(driver);
        start_work(driver);
        if (!workq_n_active(driver->queue)) {
            janitor_run(driver);
        }
    }
    if (has_lock) {
        deadlines_run(driver);
    }
}

void
driver_wait(struct driver *driver)
{
    store_wait(driver->store);
    nb_wait(driver->nb, store_has_lock(driver->store));
    sb_wait(driver->sb);
    wait_neutron(driver);
    if (driver->has_lock) {
        deadlines_wait(driver);
    }
    if (driver->is_active) {
        workq_wait(driver->queue);
        poll_timer_wait_until(driver->next_sweep_ms);
    }
}

static void
add_key(const struct uuid *id, void *driver_)
{
    struct driver *driver = driver_;
    workq_add(driver->queue, id);
}

static void
add_store_news(const struct uuid *id, void *driver_)
{
    struct driver *driver = driver_;

    deadline_update(driver, id);
    workq_add(driver->queue, id);
}

static void
add_news(struct driver *driver)
{
    const struct uuidset_node *node;
    size_t n;

    store_for_each_changed_lb(driver->store, add_store_news, driver);

    const struct in6_addr *probed = sb_changed_addresses(driver->sb, &n);
    for (size_t i = 0; i < n; i++) {
        nb_add_watchers(driver->nb, &probed[i]);
    }
    UUIDSET_FOR_EACH (node, nb_changed_lbs(driver->nb)) {
        workq_add(driver->queue, &node->uuid);
    }
}

/* A turn stays short: the rest waits for the next. */
static void
start_work(struct driver *driver)
{
    long long int now_ms = time_msec();
    struct uuid id;

    for (int i = 0; i < RECONCILE_BATCH_MAX; i++) {
        if (!workq_take(driver->queue, now_ms, &id)) {
            return;
        }
        reconcile_start(driver, &id);
    }
}

static void
distrust(const struct uuid *lb_id, void *neutron_vips)
{
    neutron_vips_distrust(neutron_vips, lb_id);
}

/* Whatever happened before we got both databases and the lock, we have not
 * seen it. */
static void
become_active(struct driver *driver)
{
    if (driver->neutron_vips) {
        neutron_vips_distrust_all(driver->neutron_vips);
        store_for_each_lb(driver->store, distrust, driver->neutron_vips);
    }
    nb_for_each_lb(driver->nb, add_key, driver);
    groups_touch_all(nb_groups(driver->nb));
    driver_resync(driver);
}

void
driver_resync(struct driver *driver)
{
    store_for_each_lb(driver->store, add_store_news, driver);
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

void
driver_format_status(const struct driver *driver, struct ds *s)
{
    size_t n_active = workq_n_active(driver->queue);
    size_t n_failing = workq_n_failing(driver->queue);

    if (driver->neutron_calls) {
        n_failing += (neutron_vips_n_failing(driver->neutron_vips)
                      + neutron_removals_n_failing(driver->neutron_removals));
    }
    ds_put_format(s, "active: %s\n", driver->is_active ? "yes" : "no");
    ds_put_format(s, "in-sync: %s\n",
                  driver->is_active && !n_active
                  && !(driver->neutron_calls
                       && neutron_calls_n(driver->neutron_calls))
                  && !janitor_is_busy(driver->janitor) ? "yes" : "no");
    ds_put_format(s, "queued: %"PRIuSIZE"\n", n_active);
    ds_put_format(s, "failing: %"PRIuSIZE"\n", n_failing);
    ds_put_format(s, "pending: %"PRIuSIZE"\n",
                  deadlines_n_pending(driver->deadlines));
    ds_put_format(s, "southbound: %s\n",
                  sb_is_ready(driver->sb) ? "yes" : "no");
    if (driver->neutron_calls) {
        neutron_calls_format(driver->neutron_calls, s);
        ds_put_char(s, '\n');
    }
    ds_put_format(s, "nb-commits: %llu\n", nb_n_commits(driver->nb));
    ds_put_format(s, "store-commits: %llu\n", store_n_commits(driver->store));
}
