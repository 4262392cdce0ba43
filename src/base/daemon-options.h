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

struct daemon_option {
    const char *name;           /* "--NAME"; NULL: only in the file. */
    const char *metavar;        /* Name of its value; NULL for a flag. */
    const char *help;           /* Lines separated by \n. */
    struct config_option setting;
};

/* Takes over the file, then the command line, which wins.  Handles --help
 * ('summary' says in a line what the program does), --version, --config,
 * --unixctl (stored in '*unixctl', NULL if not given), and the options for
 * logging, daemons and TLS.  Exits with a message if something is wrong. */
void daemon_options_parse(int argc, char *argv[], const char *summary,
                          const struct daemon_option *, size_t n,
                          char **unixctl);

/* For a setting 'name' of two words: returns true if 'value' is 'yes', false
 * if it is 'no', and exits with a message if it is neither. */
bool daemon_option_choose(const char *name, const char *value,
                          const char *yes, const char *no);

#endif /* base/daemon-options.h */
