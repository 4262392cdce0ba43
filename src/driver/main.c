/* SPDX-License-Identifier: Apache-2.0
 *
 * ovn-octavia-driver: keeps OVN equal to what OVN_Octavia says.
 */

#include <config.h>
#include "base/control.h"
#include "base/ovs-compat.h"
#include "base/places.h"
#include "base/supervisor.h"
#include "base/terminate.h"
#include "command-line.h"
#include "driver/driver.h"
#include "driver/metrics.h"
#include "driver/options.h"
#include "fatal-signal.h"
#include "http/exporter.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "unixctl.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(main);

static struct unixctl_server *driver_control_open(
    const struct driver_settings *, struct driver *);
static void driver_tell_supervisor(const struct driver *,
                                   const struct driver_options *);

int
main(int argc, char *argv[])
{
    struct driver_settings settings;
    struct driver *driver;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], OVN_OCTAVIA_VERSION);
    places_init();
    driver_settings_init(&settings, argc, argv);
    fatal_ignore_sigpipe();
    ovs_daemonize_start();
    terminate_init();

    /* Poll loop warnings about CPU use tell an operator nothing: a busy driver
     * is a working driver. */
    vlog_set_levels_from_string_assert("poll_loop:warn");

    driver = driver_settings_create_driver(&settings);

    struct unixctl_server *control = driver_control_open(&settings, driver);
    driver_add_metrics(driver);
    struct exporter *exporter = exporter_create(&settings.metrics);
    supervisor_init();
    daemonize_complete();
    VLOG_INFO("%s started", ovs_get_program_name());

    while (!terminate_requested()) {
        driver_run(driver);
        unixctl_server_run(control);
        exporter_run(exporter);
        driver_tell_supervisor(driver, &settings.driver);

        driver_wait(driver);
        unixctl_server_wait(control);
        exporter_wait(exporter);
        supervisor_wait();
        terminate_wait();
        poll_block();
    }

    VLOG_INFO("exiting");
    supervisor_end();

    exporter_destroy(exporter);
    driver_destroy(driver);
    unixctl_server_destroy(control);
    driver_settings_destroy(&settings);
    return 0;
}

static void
driver_tell_supervisor(const struct driver *driver,
                       const struct driver_options *options)
{
    supervisor_run(driver_is_connected(driver),
                   supervisor_wants_status()
                   ? driver_describe(driver, options) : NULL);
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
    struct unixctl_server *control = control_open(settings->control);

    control_add_report("driver/status", driver_control_status, driver);
    control_add_action("cluster-state-reset", driver_control_accept_older,
                       driver);
    unixctl_command_register("driver/resync", "[ID]", 0, 1,
                             driver_control_resync, driver);
    return control;
}
