/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's settings; see options.h.
 */

#include <config.h>
#include "driver/options.h"
#include <stdlib.h>
#include <string.h>
#include "base/config.h"
#include "base/daemon-options.h"
#include "base/limits.h"
#include "base/log-format.h"
#include "base/octavia-conf.h"
#include "base/octavia-settings.h"
#include "base/places.h"
#include "net/neutron.h"
#include "util.h"

/* Takes one of OVN's databases from octavia.conf.  An option of the driver's
 * own takes precedence. */
static void
driver_settings_take_remote(struct driver_settings *settings,
                            struct config *config, char **remote,
                            const char *key)
{
    char *value = octavia_settings_remote(settings->conf, key);

    if (!*remote && value) {
        config_set_origin(config, remote,
                          octavia_conf_place(settings->conf, "ovn", key));
    }
    config_set_default(remote, value);
}

/* Takes ownership of 'error'. */
static void
driver_settings_refuse(struct driver_settings *settings, struct config *config,
                       char *error)
{
    config_fault_nocopy(config, xasprintf("%s: %s", settings->octavia_conf,
                                          error));
    free(error);
}

static void
driver_settings_load_octavia(struct driver_settings *settings,
                             struct config *config)
{
    struct driver_options *driver = &settings->driver;
    char *error;

    if (!settings->octavia_conf) {
        return;
    }
    settings->conf = octavia_conf_load(settings->octavia_conf, &error);
    if (!settings->conf) {
        config_fault(config, &settings->octavia_conf, "%s", error);
        free(error);
        return;
    }
    driver_settings_take_remote(settings, config, &settings->nb_db,
                                "ovn_nb_connection");
    driver_settings_take_remote(settings, config, &settings->sb_db,
                                "ovn_sb_connection");
    if (!octavia_settings_probe_interval(settings->conf,
                                         &driver->probe_interval_ms, &error)) {
        driver_settings_refuse(settings, config, error);
    }
    if (!octavia_settings_use_tls(settings->conf, &error)) {
        driver_settings_refuse(settings, config, error);
    }
}

/* Tries what driver_settings_create_driver() will do. */
static void
driver_settings_try_neutron(struct driver_settings *settings,
                            struct config *config)
{
    char *error;
    struct neutron *neutron;

    if (settings->conf) {
        neutron = neutron_create(settings->conf, &error);
        if (!neutron) {
            driver_settings_refuse(settings, config, error);
        }
        neutron_destroy(neutron);
    }
}

/* Uses no groups beside an Octavia: its load balancers may have been made by
 * the Python provider, which knows of none, and may be given back to it. */
static void
driver_settings_set_defaults(struct driver_settings *settings)
{
    config_set_default(&settings->association,
                       xstrdup(settings->octavia_conf ? "direct" : "group"));
    config_set_default(&settings->nb_db, places_nb_db());
    config_set_default(&settings->sb_db, places_sb_db());
}

static void
driver_settings_check(struct driver_settings *settings, struct config *config)
{
    struct driver_options *driver = &settings->driver;
    int seconds;

    config_check_remote(config, &settings->db);
    config_check_remote(config, &settings->nb_db);
    config_check_remote(config, &settings->sb_db);
    metrics_listen_finish(&settings->metrics, METRICS_LISTEN_DRIVER, config);
    driver->use_groups = config_choose(config, &settings->association,
                                       "group", "direct");
    driver->enforce_cidrs = config_choose(config, &settings->allowed_cidrs,
                                          "enforce", "refuse");
    if (!active_when_from_string(settings->active_when,
                                 &driver->active_when)) {
        config_fault(config, &settings->active_when,
                     "must be committed, northd or chassis");
    }
    if (!str_to_int(settings->pending_timeout, 10, &seconds)
        || seconds < 1 || seconds > PENDING_TIMEOUT_MAX_S) {
        config_fault(config, &settings->pending_timeout,
                     "must be from 1 to %d seconds", PENDING_TIMEOUT_MAX_S);
    } else {
        driver->pending_timeout_ms = seconds * 1000;
    }
}

void
driver_settings_init(struct driver_settings *settings, int argc, char *argv[])
{
    *settings = (struct driver_settings) {
        .db = places_octavia_db(),
        .allowed_cidrs = xstrdup("enforce"),
        .active_when = xstrdup("committed"),
        .pending_timeout = xstrdup("60"),
        .metrics = { .text = xstrdup(METRICS_LISTEN_DRIVER) },
        .log_format = xstrdup("text"),
        .driver = { .probe_interval_ms = -1 },
    };

    const struct daemon_option table[] = {
        { "db", "DATABASE", "OVN_Octavia (default:\n"
          "unix:/run/ovn-octavia/octavia_db.sock)",
          { "ovn-octavia", "db", &settings->db, NULL } },
        { "nb-db", "DATABASE", "OVN_Northbound (default:\n"
          "unix:/run/ovn/ovnnb_db.sock)",
          { "ovn-octavia", "nb_db", &settings->nb_db, NULL } },
        { "sb-db", "DATABASE", "OVN_Southbound (default:\n"
          "unix:/run/ovn/ovnsb_db.sock)",
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
        { "allowed-cidrs", "enforce|refuse", "keep clients that a listener\n"
          "does not allow out by ACLs (enforce, the\n"
          "default), or make no ACLs (refuse)",
          { "ovn-octavia", "allowed_cidrs", &settings->allowed_cidrs,
            NULL } },
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
        METRICS_LISTEN_OPTION("driver", &settings->metrics,
                              METRICS_LISTEN_DRIVER),
        LOG_FORMAT_OPTION("driver", &settings->log_format),
    };
    struct daemon_setup setup;

    daemon_options_parse(argc, argv, "keeps OVN equal to the load balancers "
                         "in OVN_Octavia", table, ARRAY_SIZE(table), &setup);
    daemon_options_set_log_format(&setup, &settings->log_format);
    driver_settings_load_octavia(settings, &setup.config);
    driver_settings_try_neutron(settings, &setup.config);
    driver_settings_set_defaults(settings);
    driver_settings_check(settings, &setup.config);
    settings->control = daemon_options_finish(&setup);
}

void
driver_settings_destroy(struct driver_settings *settings)
{
    free(settings->db);
    free(settings->nb_db);
    free(settings->sb_db);
    free(settings->octavia_conf);
    octavia_conf_destroy(settings->conf);
    free(settings->association);
    free(settings->allowed_cidrs);
    free(settings->active_when);
    free(settings->pending_timeout);
    metrics_listen_destroy(&settings->metrics);
    free(settings->log_format);
    free(settings->control);
}

struct driver *
driver_settings_create_driver(struct driver_settings *settings)
{
    struct driver_options *options = &settings->driver;
    char *error;

    options->db_remote = settings->db;
    options->nb_remote = settings->nb_db;
    options->sb_remote = settings->sb_db;
    if (settings->conf) {
        options->neutron = neutron_create(settings->conf, &error);
        if (!options->neutron) {
            ovs_fatal(0, "%s: %s", settings->octavia_conf, error);
        }
    }
    return driver_create(options);
}
