/* SPDX-License-Identifier: Apache-2.0
 *
 * The command lines of all daemons: their own options as a table, each also a
 * setting in the file that --config names, and the options that every daemon
 * of Open vSwitch and OVN has.
 */

#ifndef BASE_DAEMON_OPTIONS_H
#define BASE_DAEMON_OPTIONS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "base/config.h"
#include "svec.h"

struct daemon_option {
    const char *name;           /* "--NAME"; NULL: only in the file. */
    const char *metavar;        /* Name of its value; NULL for a flag.  With
                                 * "[,": a list, and the option may be given
                                 * several times. */
    const char *help;           /* Lines separated by \n. */
    struct config_option setting;
};

/* What the command line has said, from daemon_options_parse() to
 * daemon_options_finish(). */
struct daemon_setup {
    struct config config;       /* Takes the faults that are found. */
    char *unixctl;              /* Name of the control socket, or NULL. */
    struct svec files;          /* Of --config. */
    bool check_only;            /* --check-config. */
    bool print_only;            /* --print-config. */
    bool needs_rundir;          /* Files will be made there. */
    struct config_option *settings;
};

/* Takes over the file, then the command line, which wins.  Handles --help
 * ('summary' says in a line what the program does), --version, --config,
 * --unixctl, and the options for logging, daemons and TLS.  Exits with a
 * message if the command line is wrong; what is wrong with values is a fault
 * in 'config', to which the caller adds what it finds. */
void daemon_options_parse(int argc, char *argv[], const char *summary,
                          const struct daemon_option *, size_t n,
                          struct daemon_setup *);

/* Has the daemon log as the setting of LOG_FORMAT_OPTION says, from now on.
 * Returns true if that is JSON.  Call before all that may log. */
bool daemon_options_set_log_format(struct daemon_setup *,
                                   char *const *setting);

/* Call when all values are set and checked, and the places for them are still
 * there.  Exits with all faults as messages if there are any, and after
 * --check-config and --print-config.  Else makes the run directory if it will
 * be used, and returns the name of the control socket for control_open(),
 * which the caller frees. */
char *daemon_options_finish(struct daemon_setup *);

#endif /* base/daemon-options.h */
