/* SPDX-License-Identifier: Apache-2.0
 *
 * Reports in numbers; see report-tally.h.
 */

#include <config.h>
#include "agent/report-tally.h"
#include "base/metrics.h"
#include "util.h"

static const char *const report_results[] = {
    [STATUS_TAKEN] = "taken",
    [STATUS_REFUSED] = "refused",
    [STATUS_AWAY] = "away",
    [STATUS_FAILED] = "failed",
};

static unsigned long long int report_n[ARRAY_SIZE(report_results)];
static unsigned long long int report_n_statuses;    /* That were taken. */
static struct metric_histogram report_duration;

/* A report that was not sent took no time. */
void
report_tally_note(enum status_result result, size_t n, long long int us)
{
    report_n[result]++;
    if (result == STATUS_TAKEN) {
        report_n_statuses += n;
    }
    if (result != STATUS_AWAY) {
        metric_histogram_note(&report_duration, us);
    }
}

static void
report_put_results(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(report_results); i++) {
        metrics_put(page, report_n[i], "outcome", report_results[i], NULL);
    }
}

static void
report_put_statuses(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put(page, report_n_statuses, NULL);
}

static void
report_put_duration(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put_histogram(page, &report_duration, NULL);
}

void
report_tally_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_agent_reports_total", METRIC_COUNTER,
          "Reports of statuses by what became of them: Octavia took all, "
          "refused some, was away, or gave no whole answer.",
          report_put_results },
        { "ovn_octavia_agent_statuses_taken_total", METRIC_COUNTER,
          "Statuses of objects in the reports that Octavia took.",
          report_put_statuses },
        { "ovn_octavia_agent_report_duration_seconds", METRIC_HISTOGRAM,
          "Time from queueing a report for Octavia until its answer.",
          report_put_duration },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
