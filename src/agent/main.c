/* SPDX-License-Identifier: Apache-2.0
 *
 * ovn-octavia-agent: lets an existing Octavia use OVN load balancing.  Writes
 * what Octavia's plugin calls for into OVN_Octavia, and never touches OVN.
 */

#include <config.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "agent/agent.h"
#include "agent/calls.h"
#include "agent/latency.h"
#include "agent/metrics.h"
#include "agent/options.h"
#include "agent/plugin.h"
#include "agent/repair.h"
#include "agent/reporter.h"
#include "base/control.h"
#include "base/ovs-compat.h"
#include "base/places.h"
#include "base/supervisor.h"
#include "base/terminate.h"
#include "command-line.h"
#include "fatal-signal.h"
#include "http/exporter.h"
#include "net/net.h"
#include "octavia/get-socket.h"
#include "octavia/status-socket.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/store.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent);

static void tie_to_parent(const struct agent_options *);
static struct plugin *open_plugin(const struct agent_options *,
                                  struct agent *);
static struct reporter *open_reporter(const struct agent_options *,
                                      struct agent *);
static struct repair *open_repair(const struct agent_options *,
                                  const struct agent *);
static void agent_import(struct agent *, enum resource_id, const struct uuid *,
                         void (*done)(bool, void *), void *aux);
static struct unixctl_server *agent_open_control(const struct agent_options *,
                                                 struct agent *);
static void agent_tell_supervisor(const struct agent *,
                                  const struct agent_options *);

int
main(int argc, char *argv[])
{
    struct agent_options options;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], OVN_OCTAVIA_VERSION);
    places_init();
    agent_options_init(&options, argc, argv);
    tie_to_parent(&options);
    fatal_ignore_sigpipe();
    ovs_daemonize_start();
    terminate_init();

    /* A busy agent is not worth a line in the log. */
    vlog_set_levels_from_string_assert("poll_loop:warn");

    struct agent agent = {
        .store = store_create(options.db, STORE_READER_WRITER),
        .conf = options.conf,
        .refuses_unsupported_options = options.refuses_unsupported_options,
        .refuses_cidrs = options.refuses_cidrs,
        .calls = OVS_LIST_INITIALIZER(&agent.calls),
    };
    agent.rows = rows_create(agent.store);
    network_init(&agent.network, &options);
    reports_watch(agent.store);
    agent.latency = latency_create();
    agent.reporter = open_reporter(&options, &agent);
    agent.repair = open_repair(&options, &agent);
    agent.import = agent_import;

    struct unixctl_server *control = agent_open_control(&options, &agent);
    struct plugin *plugin = open_plugin(&options, &agent);
    agent_add_metrics(&agent);
    struct exporter *exporter = exporter_create(&options.metrics);
    supervisor_init();
    daemonize_complete();

    while (!terminate_requested()) {
        store_run(agent.store);
        network_run(&agent.network);
        plugin_run(plugin);
        calls_run(&agent);
        reporter_run(agent.reporter);
        /* Polls for the lock: no event tells that it was granted. */
        repair_run(agent.repair, reporter_is_active(agent.reporter),
                   reporter_is_behind(agent.reporter));
        unixctl_server_run(control);
        exporter_run(exporter);
        agent_tell_supervisor(&agent, &options);

        store_wait(agent.store);
        network_wait(&agent.network);
        plugin_wait(plugin);
        calls_wait(&agent);
        repair_wait(agent.repair);
        reporter_wait(agent.reporter);
        unixctl_server_wait(control);
        exporter_wait(exporter);
        supervisor_wait();
        terminate_wait();
        poll_block();
    }
    VLOG_INFO("exiting");
    supervisor_end();
    exporter_destroy(exporter);

    latency_destroy(agent.latency);
    rows_destroy(agent.rows);
    store_destroy(agent.store);
    calls_destroy(&agent);
    repair_destroy(agent.repair);
    reporter_destroy(agent.reporter);
    plugin_close(plugin);
    network_uninit(&agent.network);
    unixctl_server_destroy(control);
    agent_options_destroy(&options);
    return 0;
}

/* octavia-driver-agent starts the agent, and may die without ending it.  Its
 * successor then starts another agent. */
static void
tie_to_parent(const struct agent_options *options)
{
    if (!options->parent) {
        return;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGTERM)) {
        ovs_fatal(errno, "prctl");
    }
    if (getppid() != options->parent_pid) {
        /* It died before prctl(). */
        ovs_fatal(0, "the parent, process %d, is gone", options->parent_pid);
    }
}

static struct plugin *
open_plugin(const struct agent_options *options, struct agent *agent)
{
    char *error = NULL;
    struct plugin *plugin;
    const struct plugin_socket socket = {
        .path = options->socket,
        .access = options->socket_access,
    };

    plugin = plugin_open(agent, &socket, &error);

    if (!plugin) {
        ovs_fatal(0, "%s", error);
    }
    VLOG_INFO("listening on %s", options->socket);
    return plugin;
}

static void
note_report(const struct uuid *lb_id, void *agent_)
{
    const struct agent *agent = agent_;

    latency_stop(agent->latency, lb_id);
}

static void
note_gone(const struct uuid *lb_id, void *agent_)
{
    const struct agent *agent = agent_;

    repair_note_gone(agent->repair, lb_id);
}

static struct reporter *
open_reporter(const struct agent_options *options, struct agent *agent)
{
    const struct reporter_options reporter = {
        .db_remote = options->db,
        .status_socket = status_socket_path(options->conf),
        .get_socket = get_socket_path(options->conf),
        .reported = note_report,
        .gone = note_gone,
        .aux = agent,
    };

    return reporter_create(agent->store, &reporter);
}

static struct repair *
open_repair(const struct agent_options *options, const struct agent *agent)
{
    const struct repair_options repair = {
        .get_socket = get_socket_path(options->conf),
        .conf = options->conf,
    };

    return repair_create(agent->store, agent->rows, &repair);
}

static void
agent_import(struct agent *agent, enum resource_id resource,
             const struct uuid *id, void (*done)(bool, void *), void *aux)
{
    repair_import(agent->repair, resource, id, done, aux);
}

static char *
agent_describe(const struct agent *agent, const struct agent_options *options)
{
    return (store_is_ready(agent->store)
            ? xasprintf("listening on %s; %"PRIuSIZE" calls under way",
                        options->socket, ovs_list_size(&agent->calls))
            : xasprintf("waiting for OVN_Octavia at %s", options->db));
}

/* Serves even without OVN_Octavia: calls get the answer that it is away, and
 * Octavia must be able to start. */
static void
agent_tell_supervisor(const struct agent *agent,
                      const struct agent_options *options)
{
    supervisor_run(true, supervisor_wants_status()
                   ? agent_describe(agent, options) : NULL);
}

static void
agent_format_status(const void *agent_, struct ds *out)
{
    const struct agent *agent = agent_;

    ds_put_format(out, "loaded: %s\n",
                  store_is_loaded(agent->store) ? "true" : "false");
    ds_put_format(out, "ready: %s\n",
                  store_is_ready(agent->store) ? "true" : "false");
    ds_put_format(out, "calls: %llu\n", agent->n_calls);
    ds_put_format(out, "faults: %llu\n", agent->n_faults);
    ds_put_format(out, "under way: %"PRIuSIZE"\n",
                  ovs_list_size(&agent->calls));
    ds_put_format(out, "commits: %llu\n", store_n_commits(agent->store));
    reporter_format_status(agent->reporter, out);
    repair_format_status(agent->repair, out);
}

static void
format_latency(const void *agent_, struct ds *out)
{
    const struct agent *agent = agent_;

    latency_format(agent->latency, out);
}

static void
agent_accept_older(void *agent_)
{
    struct agent *agent = agent_;

    store_accept_older(agent->store);
    if (agent->network.net) {
        net_accept_older(agent->network.net);
    }
}

static struct unixctl_server *
agent_open_control(const struct agent_options *options, struct agent *agent)
{
    struct unixctl_server *control = control_open(options->control);

    control_add_report("agent/status", agent_format_status, agent);
    control_add_report("agent/latency", format_latency, agent);
    control_add_action("cluster-state-reset", agent_accept_older, agent);
    return control;
}
