/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver in numbers; see metrics.h.
 */

#include <config.h>
#include "driver/metrics.h"
#include "auth/service.h"
#include "auth/session.h"
#include "base/commit.h"
#include "base/db-link.h"
#include "base/metrics.h"
#include "base/process-metrics.h"
#include "driver/driver.h"
#include "driver/reconcile.h"
#include "util.h"

static void
driver_put_lock(struct metrics_page *page, const void *driver)
{
    metrics_put(page, driver_count(driver).has_lock, NULL);
}

static void
driver_put_active(struct metrics_page *page, const void *driver)
{
    metrics_put(page, driver_count(driver).is_active, NULL);
}

static void
driver_put_in_sync(struct metrics_page *page, const void *driver)
{
    metrics_put(page, driver_count(driver).is_in_sync, NULL);
}

static void
driver_put_queue(struct metrics_page *page, const void *driver)
{
    metrics_put(page, driver_count(driver).n_queued, NULL);
}

static void
driver_put_oldest(struct metrics_page *page, const void *driver)
{
    metrics_put(page, driver_oldest_ms(driver) / 1e3, NULL);
}

static void
driver_put_failing(struct metrics_page *page, const void *driver)
{
    metrics_put(page, driver_count(driver).n_failing, NULL);
}

static void
driver_put_pending(struct metrics_page *page, const void *driver)
{
    metrics_put(page, driver_count(driver).n_pending, NULL);
}

static void
driver_put_probes(struct metrics_page *page, const void *driver)
{
    struct driver_probes probes = driver_count_probes(driver);

    metrics_put(page, probes.n_online, "result", "online", NULL);
    metrics_put(page, probes.n_error, "result", "error", NULL);
    metrics_put(page, probes.n_unknown, "result", "unknown", NULL);
}

void
driver_add_metrics(const struct driver *driver)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_driver_lock_held", METRIC_GAUGE,
          "1 if this driver, of several, has the lock, else 0.",
          driver_put_lock },
        { "ovn_octavia_driver_active", METRIC_GAUGE,
          "1 if it has the lock and reaches OVN_Northbound, else 0.",
          driver_put_active },
        { "ovn_octavia_driver_in_sync", METRIC_GAUGE,
          "1 if it is active and OVN is as it should be, else 0.",
          driver_put_in_sync },
        { "ovn_octavia_driver_queue_length", METRIC_GAUGE,
          "Load balancers that are to be compared with OVN, or just are.",
          driver_put_queue },
        { "ovn_octavia_driver_queue_oldest_seconds", METRIC_GAUGE,
          "For how long the oldest of them has been in the queue; 0 without "
          "any.", driver_put_oldest },
        { "ovn_octavia_driver_failing", METRIC_GAUGE,
          "Load balancers that wait for another attempt.",
          driver_put_failing },
        { "ovn_octavia_driver_pending", METRIC_GAUGE,
          "Load balancers of which a status is owed: they are PENDING.",
          driver_put_pending },
        { "ovn_octavia_driver_probes", METRIC_GAUGE,
          "Health probes of OVN by what they have found.",
          driver_put_probes },
    };

    process_metrics_add();
    metrics_add(metrics, ARRAY_SIZE(metrics), driver);
    reconcile_add_metrics();
    db_link_add_metrics();
    commit_queue_add_metrics();
    session_add_metrics();
    service_add_metrics();
}
