/* SPDX-License-Identifier: Apache-2.0
 *
 * Directories; see places.h.
 */

#include <config.h>
#include "base/places.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dirs.h"
#include "util.h"

#define RUNDIR_VARIABLE "OVN_OCTAVIA_RUNDIR"
#define LOGDIR_VARIABLE "OVN_OCTAVIA_LOGDIR"

static const char *
places_get(const char *variable, const char *fallback)
{
    const char *value = getenv(variable);

    return value && *value ? value : fallback;
}

/* libopenvswitch asks the environment, and nothing else. */
void
places_init(void)
{
    if (setenv("OVS_RUNDIR", places_get(RUNDIR_VARIABLE, "/run/ovn-octavia"),
               true)
        || setenv("OVS_LOGDIR",
                  places_get(LOGDIR_VARIABLE, "/var/log/ovn-octavia"), true)) {
        ovs_fatal(errno, "setenv");
    }
}

char *
places_octavia_db(void)
{
    return xasprintf("unix:%s/octavia_db.sock", ovs_rundir());
}

static char *
places_ovn_db(const char *name)
{
    return xasprintf("unix:%s/%s", places_get("OVN_RUNDIR", "/run/ovn"),
                     name);
}

char *
places_nb_db(void)
{
    return places_ovn_db("ovnnb_db.sock");
}

char *
places_sb_db(void)
{
    return places_ovn_db("ovnsb_db.sock");
}

static void
places_make(const char *directory, const char *what, const char *variable)
{
    if (mkdir(directory, 0755) && errno != EEXIST) {
        ovs_fatal(errno, "the %s %s is missing and cannot be made: make it, "
                  "owned by the user of this program, or name another with "
                  "$%s", what, directory, variable);
    }
    if (access(directory, W_OK | X_OK)) {
        ovs_fatal(errno, "no files can be made in the %s %s: give it to the "
                  "user of this program, or name another with $%s", what,
                  directory, variable);
    }
}

void
places_make_rundir(void)
{
    places_make(ovs_rundir(), "run directory", RUNDIR_VARIABLE);
}

void
places_make_logdir(void)
{
    places_make(ovs_logdir(), "log directory", LOGDIR_VARIABLE);
}
