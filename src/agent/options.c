/* SPDX-License-Identifier: Apache-2.0
 *
 * The agent's settings; see options.h.
 */

#include <config.h>
#include "agent/options.h"
#include <stdlib.h>
#include "base/daemon-options.h"
#include "base/log-format.h"
#include "base/octavia-conf.h"
#include "base/places.h"
#include "util.h"

#define DEFAULT_SOCKET "/var/run/octavia/ovn-agent.sock"

/* Settings in Octavia's file, for the agent and the plugin. */
#define SECTION "ovn_octavia"

static void
agent_load_octavia_conf(struct agent_options *options, struct config *config)
{
    char *error;

    if (options->octavia_conf) {
        options->conf = octavia_conf_load(options->octavia_conf, &error);
        if (!options->conf) {
            config_fault(config, &options->octavia_conf, "%s", error);
            free(error);
        }
    }
}

/* Sets an option that is not given, as Octavia's file says, or to
 * 'fallback'. */
static void
fill_in_option(const struct agent_options *options, struct config *config,
               char **option, const char *key, char *fallback)
{
    const char *value = (options->conf
                         ? octavia_conf_get(options->conf, SECTION, key)
                         : NULL);

    if (!*option && value && *value) {
        *option = xstrdup(value);
        config_set_origin(config, option,
                          octavia_conf_place(options->conf, SECTION, key));
    }
    config_set_default(option, fallback);
}

/* As ovn-octavia-ctl has it. */
static char *
default_db(void)
{
    const char *db = getenv("OVN_OCTAVIA_DB");

    return db && *db ? xstrdup(db) : places_octavia_db();
}

static void
agent_options_fill_in(struct agent_options *options, struct config *config)
{
    agent_load_octavia_conf(options, config);
    fill_in_option(options, config, &options->db, "db", default_db());
    fill_in_option(options, config, &options->nb_db, "nb_db", NULL);
    if (options->nb_db && !*options->nb_db) {
        free(options->nb_db);
        options->nb_db = NULL;
    }
    fill_in_option(options, config, &options->socket, "agent_socket",
                   xstrdup(DEFAULT_SOCKET));
    fill_in_option(options, config, &options->socket_group,
                   "agent_socket_group", NULL);
    fill_in_option(options, config, &options->socket_mode,
                   "agent_socket_mode", xstrdup(SOCKET_ACCESS_DEFAULT_MODE));
    fill_in_option(options, config, &options->unsupported_options,
                   "unsupported_options", xstrdup("accept"));
    fill_in_option(options, config, &options->allowed_cidrs, "allowed_cidrs",
                   xstrdup("enforce"));
}

static void
agent_options_check_parent(struct agent_options *options,
                           struct config *config)
{
    if (options->parent
        && (!str_to_int(options->parent, 10, &options->parent_pid)
            || options->parent_pid <= 0)) {
        config_fault(config, &options->parent, "must be a process id");
    }
}

static void
agent_options_check(struct agent_options *options, struct config *config)
{
    config_check_remote(config, &options->db);
    if (options->nb_db) {
        config_check_remote(config, &options->nb_db);
    }
    socket_access_parse(&options->socket_access, config,
                        &options->socket_group, &options->socket_mode);
    metrics_listen_finish(&options->metrics, METRICS_LISTEN_AGENT, config);
    agent_options_check_parent(options, config);
    options->refuses_unsupported_options
        = config_choose(config, &options->unsupported_options, "refuse",
                        "accept");
    options->refuses_cidrs = config_choose(config, &options->allowed_cidrs,
                                           "refuse", "enforce");
}

void
agent_options_init(struct agent_options *options, int argc, char *argv[])
{
    *options = (struct agent_options) {
        .metrics = { .text = xstrdup(METRICS_LISTEN_AGENT) },
        .log_format = xstrdup("text"),
    };

    const struct daemon_option table[] = {
        { "db", "DATABASE", "OVN_Octavia (default: $OVN_OCTAVIA_DB, or\n"
          "unix:/run/ovn-octavia/octavia_db.sock)",
          { "ovn-octavia", "db", &options->db, NULL } },
        { "nb-db", "DATABASE", "OVN_Northbound, to ask about subnets where\n"
          "there is no Neutron",
          { "ovn-octavia", "nb_db", &options->nb_db, NULL } },
        { "socket", "FILE", "where Octavia's plugin calls (default:\n"
          DEFAULT_SOCKET ")",
          { "agent", "socket", &options->socket, NULL } },
        { "socket-group", "GROUP", "the group that may use this socket\n"
          "(default: that of the process)",
          { "agent", "socket_group", &options->socket_group, NULL } },
        { "socket-mode", "MODE", "who may use this socket, as for chmod(1)\n"
          "(default: " SOCKET_ACCESS_DEFAULT_MODE ", its user and group)",
          { "agent", "socket_mode", &options->socket_mode, NULL } },
        { "octavia-conf", "FILE", "Octavia's own configuration, for what is\n"
          "not set otherwise",
          { "agent", "octavia_conf", &options->octavia_conf, NULL } },
        { "unsupported-options", "accept|refuse", "what to do with options\n"
          "that OVN does not honour, and without which traffic\n"
          "flows all the same (connection_limit, time-outs):\n"
          "store them (default), or refuse them",
          { "agent", "unsupported_options", &options->unsupported_options,
            NULL } },
        { "allowed-cidrs", "enforce|refuse", "as the driver has it: take\n"
          "allowed_cidrs of listeners (default), or refuse them",
          { "ovn-octavia", "allowed_cidrs", &options->allowed_cidrs,
            NULL } },
        METRICS_LISTEN_OPTION("agent", &options->metrics,
                              METRICS_LISTEN_AGENT),
        LOG_FORMAT_OPTION("agent", &options->log_format),
        { "parent", "PID", "end when the parent does, which must be PID",
          { "agent", "parent", &options->parent, NULL } },
    };
    struct daemon_setup setup;

    daemon_options_parse(argc, argv, "lets Octavia use OVN load balancing",
                         table, ARRAY_SIZE(table), &setup);
    daemon_options_set_log_format(&setup, &options->log_format);
    agent_options_fill_in(options, &setup.config);
    agent_options_check(options, &setup.config);
    options->control = daemon_options_finish(&setup);
}

void
agent_options_destroy(struct agent_options *options)
{
    free(options->db);
    free(options->nb_db);
    free(options->socket);
    free(options->socket_group);
    free(options->socket_mode);
    free(options->octavia_conf);
    octavia_conf_destroy(options->conf);
    free(options->unsupported_options);
    free(options->allowed_cidrs);
    metrics_listen_destroy(&options->metrics);
    free(options->log_format);
    free(options->parent);
    free(options->control);
}
