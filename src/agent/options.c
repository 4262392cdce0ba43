/* SPDX-License-Identifier: Apache-2.0
 *
 * The agent's settings; see options.h.
 */

#include <config.h>
#include "agent/options.h"
#include <stdlib.h>
#include "base/daemon-options.h"
#include "base/octavia-conf.h"
#include "dirs.h"
#include "util.h"

#define DEFAULT_SOCKET "/var/run/octavia/ovn-agent.sock"

/* Settings in Octavia's file, for the agent and the plugin. */
#define SECTION "ovn_octavia"

static void
agent_load_octavia_conf(struct agent_options *options)
{
    char *error;

    if (options->octavia_conf) {
        options->conf = octavia_conf_load(options->octavia_conf, &error);
        if (!options->conf) {
            ovs_fatal(0, "%s", error);
        }
    }
}

/* Sets an option that is not given, as Octavia's file says, or to
 * 'fallback'. */
static void
fill_in_option(const struct agent_options *options, char **option,
               const char *key, char *fallback)
{
    const char *value = (options->conf
                         ? octavia_conf_get(options->conf, SECTION, key)
                         : NULL);

    if (!*option) {
        *option = nullable_xstrdup(value && *value ? value : fallback);
    }
    free(fallback);
}

/* As ovn-octavia-ctl has it. */
static char *
default_db(void)
{
    const char *db = getenv("OVN_OCTAVIA_DB");

    return (db && *db ? xstrdup(db)
            : xasprintf("unix:%s/octavia_db.sock", ovs_rundir()));
}

void
agent_options_init(struct agent_options *options, int argc, char *argv[])
{
    *options = (struct agent_options) { .db = NULL };

    const struct daemon_option table[] = {
        { "db", "DATABASE", "OVN_Octavia (default: $OVN_OCTAVIA_DB, or\n"
          "unix:RUNDIR/octavia_db.sock)",
          { "ovn-octavia", "db", &options->db, NULL } },
        { "nb-db", "DATABASE", "OVN_Northbound, to ask about subnets where\n"
          "there is no Neutron",
          { "ovn-octavia", "nb_db", &options->nb_db, NULL } },
        { "socket", "FILE", "where Octavia's plugin calls (default:\n"
          DEFAULT_SOCKET ")",
          { "agent", "socket", &options->socket, NULL } },
        { "octavia-conf", "FILE", "Octavia's own configuration, for what is\n"
          "not set otherwise",
          { "agent", "octavia_conf", &options->octavia_conf, NULL } },
        { "unsupported-options", "accept|refuse", "what to do with options\n"
          "that OVN does not honour, and without which traffic\n"
          "flows all the same (connection_limit, time-outs):\n"
          "store them (default), or refuse them",
          { "agent", "unsupported_options", &options->unsupported_options,
            NULL } },
        { "parent", "PID", "end when the parent does, which must be PID",
          { "agent", "parent", &options->parent, NULL } },
    };
    daemon_options_parse(argc, argv, "lets Octavia use OVN load balancing",
                         table, ARRAY_SIZE(table), &options->control);
    agent_load_octavia_conf(options);
    fill_in_option(options, &options->db, "db", default_db());
    fill_in_option(options, &options->nb_db, "nb_db", NULL);
    fill_in_option(options, &options->socket, "agent_socket",
                   xstrdup(DEFAULT_SOCKET));
    fill_in_option(options, &options->unsupported_options,
                   "unsupported_options", xstrdup("accept"));
    options->refuses_unsupported_options
        = daemon_option_choose("unsupported_options",
                               options->unsupported_options, "refuse",
                               "accept");
}

void
agent_options_destroy(struct agent_options *options)
{
    free(options->db);
    free(options->nb_db);
    free(options->socket);
    free(options->octavia_conf);
    octavia_conf_destroy(options->conf);
    free(options->unsupported_options);
    free(options->parent);
    free(options->control);
}
