/* SPDX-License-Identifier: Apache-2.0
 *
 * ovn-octavia-driver: keeps OVN equal to what OVN_Octavia says.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "base/config.h"
#include "base/control.h"
#include "base/daemon-options.h"
#include "base/limits.h"
#include "base/octavia-conf.h"
#include "base/octavia-settings.h"
#include "base/ovs-compat.h"
#include "base/terminate.h"
#include "command-line.h"
#include "dirs.h"
#include "driver/driver.h"
#include "fatal-signal.h"
#include "net/neutron.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "unixctl.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(main);

struct driver_settings {
    char *db;                   /* Connection methods, comma separated. */
    char *nb_db;                /* NULL: not given. */
    char *sb_db;                /* NULL: not given. */
    char *octavia_conf;         /* File name, or NULL. */
    char *association;          /* "direct" or "group". */
    char *active_when;
    char *pending_timeout;      /* Seconds. */
    char *unixctl;              /* Path of the control socket, or NULL. */
};

static void driver_settings_parse(int argc, char *argv[],
                                  struct driver_settings *);
static struct octavia_conf *driver_settings_load_octavia(
    struct driver_settings *, struct driver_options *);
static void driver_settings_set_defaults(struct driver_settings *);
static void driver_settings_reach_neutron(const struct octavia_conf *,
                                          const struct driver_settings *,
                                          struct driver_options *);
static void driver_settings_check(const struct driver_settings *,
                                  struct driver_options *);

static struct unixctl_server *driver_control_open(
    const struct driver_settings *, struct driver *);

int
main(int argc, char *argv[])
{
    struct driver_settings settings = { .unixctl = NULL };
    struct driver_options options = { .probe_interval_ms = -1 };
    struct octavia_conf *octavia_conf;
    struct driver *driver;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], OVN_OCTAVIA_VERSION);
    driver_settings_parse(argc, argv, &settings);
    octavia_conf = driver_settings_load_octavia(&settings, &options);
    driver_settings_set_defaults(&settings);
    driver_settings_check(&settings, &options);
    fatal_ignore_sigpipe();
    ovs_daemonize_start();
    terminate_init();

    /* Poll loop warnings about CPU use tell an operator nothing: a busy driver
     * is a working driver. */
    vlog_set_levels_from_string_assert("poll_loop:warn");

    driver_settings_reach_neutron(octavia_conf, &settings, &options);
    octavia_conf_destroy(octavia_conf);
    driver = driver_create(&options);

    struct unixctl_server *control = driver_control_open(&settings, driver);
    daemonize_complete();
    VLOG_INFO("%s started", ovs_get_program_name());

    while (!terminate_requested()) {
        driver_run(driver);
        unixctl_server_run(control);

        driver_wait(driver);
        unixctl_server_wait(control);
        terminate_wait();
        poll_block();
    }

    VLOG_INFO("exiting");

    driver_destroy(driver);
    unixctl_server_destroy(control);
    free(settings.db);
    free(settings.nb_db);
    free(settings.sb_db);
    free(settings.octavia_conf);
    free(settings.association);
    free(settings.active_when);
    free(settings.pending_timeout);
    free(settings.unixctl);
    return 0;
}

static void
driver_settings_parse(int argc, char *argv[], struct driver_settings *settings)
{
    const struct daemon_option options[] = {
        { "db", "DATABASE", "OVN_Octavia (default:\n"
          "unix:RUNDIR/octavia_db.sock)",
          { "ovn-octavia", "db", &settings->db, NULL } },
        { "nb-db", "DATABASE", "OVN_Northbound (default:\n"
          "unix:RUNDIR/ovnnb_db.sock)",
          { "ovn-octavia", "nb_db", &settings->nb_db, NULL } },
        { "sb-db", "DATABASE", "OVN_Southbound (default:\n"
          "unix:RUNDIR/ovnsb_db.sock)",
          { "driver", "sb_db", &settings->sb_db, NULL } },
        { "octavia-conf", "FILE", "work beside an existing Octavia, whose\n"
          "octavia.conf this is: ports are made by the\n"
          "Neutron it names, and its [ovn] says where\n"
          "OVN's databases are",
          { "driver", "octavia_conf", &settings->octavia_conf, NULL } },
        { "association", "WAY", "put load balancers on switches and\n"
          "routers one by one (direct, the default\n"
          "with --octavia-conf) or in groups (group,\n"
          "the default without)",
          { "driver", "association", &settings->association, NULL } },
        { "active-when", "WHEN", "call a load balancer ACTIVE when it is\n"
          "committed to OVN_Northbound (committed,\n"
          "the default), when ovn-northd has\n"
          "translated it (northd), or when every\n"
          "chassis has installed it (chassis)",
          { "driver", "active_when", &settings->active_when, NULL } },
        { "pending-timeout", "SECONDS", "call what is not done by then ERROR\n"
          "(default: 60)",
          { "driver", "pending_timeout", &settings->pending_timeout,
            NULL } },
    };

    settings->db = xasprintf("unix:%s/octavia_db.sock", ovs_rundir());
    settings->active_when = xstrdup("committed");
    settings->pending_timeout = xstrdup("60");
    daemon_options_parse(argc, argv, "keeps OVN equal to the load balancers "
                         "in OVN_Octavia", options, ARRAY_SIZE(options),
                         &settings->unixctl);
}

/* Returns NULL if no file is given. */
static struct octavia_conf *
driver_settings_load_octavia(struct driver_settings *settings,
                             struct driver_options *options)
{
    const char *file_name = settings->octavia_conf;
    struct octavia_conf *conf;
    char *error;

    if (!file_name) {
        return NULL;
    }
    conf = octavia_conf_load(file_name, &error);
    if (!conf) {
        ovs_fatal(0, "%s", error);
    }
    /* Options of the driver's own take precedence. */
    config_set_default(&settings->nb_db,
                       octavia_settings_remote(conf, "ovn_nb_connection"));
    config_set_default(&settings->sb_db,
                       octavia_settings_remote(conf, "ovn_sb_connection"));
    if (!octavia_settings_probe_interval(conf, &options->probe_interval_ms,
                                         &error)) {
        ovs_fatal(0, "%s: %s", file_name, error);
    }
    if (!octavia_settings_use_tls(conf, &error)) {
        ovs_fatal(0, "%s: %s", file_name, error);
    }
    return conf;
}

/* Uses no groups beside an Octavia: its load balancers may have been made by
 * the Python provider, which knows of none, and may be given back to it. */
static void
driver_settings_set_defaults(struct driver_settings *settings)
{
    config_set_default(&settings->association,
                       xstrdup(settings->octavia_conf ? "direct" : "group"));
    config_set_default(&settings->nb_db,
                       xasprintf("unix:%s/ovnnb_db.sock", ovs_rundir()));
    config_set_default(&settings->sb_db,
                       xasprintf("unix:%s/ovnsb_db.sock", ovs_rundir()));
}

static void
driver_settings_reach_neutron(const struct octavia_conf *conf,
                              const struct driver_settings *settings,
                              struct driver_options *options)
{
    char *error;

    if (conf) {
        options->neutron = neutron_create(conf, &error);
        if (!options->neutron) {
            ovs_fatal(0, "%s: %s", settings->octavia_conf, error);
        }
    }
}

static void
driver_settings_check(const struct driver_settings *settings,
                      struct driver_options *ret)
{
    int seconds;

    ret->db_remote = settings->db;
    ret->nb_remote = settings->nb_db;
    ret->sb_remote = settings->sb_db;
    ret->use_groups = !strcmp(settings->association, "group");
    if (!ret->use_groups && strcmp(settings->association, "direct")) {
        ovs_fatal(0, "association = %s: must be direct or group",
                  settings->association);
    }
    if (!active_when_from_string(settings->active_when, &ret->active_when)) {
        ovs_fatal(0, "active_when = %s: must be committed, northd or chassis",
                  settings->active_when);
    }
    if (!str_to_int(settings->pending_timeout, 10, &seconds)
        || seconds < 1 || seconds > PENDING_TIMEOUT_MAX_S) {
        ovs_fatal(0, "pending_timeout = %s: must be from 1 to %d seconds",
                  settings->pending_timeout, PENDING_TIMEOUT_MAX_S);
    }
    ret->pending_timeout_ms = seconds * 1000;
}

static void
driver_control_status(const void *driver, struct ds *out)
{
    driver_format_status(driver, out);
}

static void
driver_control_accept_older(void *driver)
{
    driver_accept_older(driver);
}

static void
driver_control_resync(struct unixctl_conn *conn, int argc, const char *argv[],
                      void *driver)
{
    struct uuid id;

    if (argc < 2) {
        driver_resync(driver);
        unixctl_command_reply(conn, NULL);
    } else if (!uuid_from_string(&id, argv[1])) {
        unixctl_command_reply_error(conn, "not the id of a load balancer");
    } else if (!driver_resync_lb(driver, &id)) {
        unixctl_command_reply_error(conn, "no load balancer has this id");
    } else {
        unixctl_command_reply(conn, NULL);
    }
}

static struct unixctl_server *
driver_control_open(const struct driver_settings *settings,
                    struct driver *driver)
{
    struct unixctl_server *control = control_open(settings->unixctl);

    control_add_report("driver/status", driver_control_status, driver);
    control_add_action("cluster-state-reset", driver_control_accept_older,
                       driver);
    unixctl_command_register("driver/resync", "[ID]", 0, 1,
                             driver_control_resync, driver);
    return control;
}
