/* SPDX-License-Identifier: Apache-2.0
 *
 * The agent in numbers; see metrics.h.
 */

#include <config.h>
#include "agent/metrics.h"
#include "agent/agent.h"
#include "agent/call.h"
#include "agent/repair.h"
#include "agent/report-tally.h"
#include "agent/reporter.h"
#include "auth/service.h"
#include "auth/session.h"
#include "base/commit.h"
#include "base/db-link.h"
#include "base/metrics.h"
#include "base/process-metrics.h"
#include "openvswitch/list.h"
#include "store/store.h"
#include "util.h"

static void
agent_put_ready(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, store_is_ready(agent->store), NULL);
}

static void
agent_put_calls_open(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, ovs_list_size(&agent->calls), NULL);
}

static void
agent_put_active(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, reporter_is_active(agent->reporter), NULL);
}

static void
agent_put_away(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, reporter_count(agent->reporter).is_away, NULL);
}

static void
agent_put_owed(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, reporter_count(agent->reporter).n_owed, NULL);
}

static void
agent_put_oldest(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, reporter_oldest_ms(agent->reporter) / 1e3, NULL);
}

static void
agent_put_refused(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, reporter_count(agent->reporter).n_refused, NULL);
}

static void
agent_put_open(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, reporter_count(agent->reporter).n_open, NULL);
}

static void
agent_put_to_settle(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, repair_n_to_settle(agent->repair), NULL);
}

static void
agent_put_settled(struct metrics_page *page, const void *agent_)
{
    const struct agent *agent = agent_;

    metrics_put(page, repair_n_settled(agent->repair), NULL);
}

void
agent_add_metrics(const struct agent *agent)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_agent_ready", METRIC_GAUGE,
          "1 if Octavia's calls can be written down, else 0.",
          agent_put_ready },
        { "ovn_octavia_agent_calls_in_flight", METRIC_GAUGE,
          "Calls of Octavia that are not answered yet.",
          agent_put_calls_open },
        { "ovn_octavia_agent_active", METRIC_GAUGE,
          "1 if this agent, of several, has the lock and reports to Octavia, "
          "else 0.", agent_put_active },
        { "ovn_octavia_agent_octavia_away", METRIC_GAUGE,
          "1 if octavia-driver-agent does not take reports, else 0.",
          agent_put_away },
        { "ovn_octavia_agent_load_balancers_to_report", METRIC_GAUGE,
          "Load balancers whose statuses are owed to Octavia, or just go "
          "there.", agent_put_owed },
        { "ovn_octavia_agent_oldest_report_seconds", METRIC_GAUGE,
          "For how long the oldest of them has been in the queue; 0 without "
          "any.", agent_put_oldest },
        { "ovn_octavia_agent_load_balancers_refused", METRIC_GAUGE,
          "Load balancers whose statuses Octavia has refused, to be sent "
          "again.", agent_put_refused },
        { "ovn_octavia_agent_reports_in_flight", METRIC_GAUGE,
          "Load balancers of which a report is under way.",
          agent_put_open },
        { "ovn_octavia_agent_load_balancers_to_settle", METRIC_GAUGE,
          "Load balancers about which Octavia and OVN_Octavia do not agree "
          "yet.", agent_put_to_settle },
        { "ovn_octavia_agent_settled_total", METRIC_COUNTER,
          "Such load balancers that were settled.", agent_put_settled },
    };

    process_metrics_add();
    metrics_add(metrics, ARRAY_SIZE(metrics), agent);
    call_add_metrics();
    report_tally_add_metrics();
    db_link_add_metrics();
    commit_queue_add_metrics();
    session_add_metrics();
    service_add_metrics();
}
