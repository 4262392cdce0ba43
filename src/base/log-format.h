/* SPDX-License-Identifier: Apache-2.0
 *
 * The form of the lines that a daemon logs to stderr: text, as vlog has it, or
 * JSON, for a journal or a collector.
 *
 * A pattern of vlog cannot escape what it prints, and vlog has no hook for a
 * destination of our own.  But its console is the C library's stderr, which
 * glibc lets a program replace: vlog prints each record to it in one piece,
 * its fields separated by bytes that the pattern has, and what stands behind
 * stderr writes the record as an object.  vlog's file is a descriptor that
 * nothing can stand before: --log-file stays text.
 */

#ifndef BASE_LOG_FORMAT_H
#define BASE_LOG_FORMAT_H 1

/* The row of the option in [SECTION], for daemon_options_set_log_format();
 * FORMAT is a char **. */
#define LOG_FORMAT_OPTION(SECTION, FORMAT)                              \
    { "log-format", "text|json", "how lines of logs look, on stderr\n"  \
      "(default: text)",                                                \
      { SECTION, "log_format", FORMAT, NULL } }

/* Has what vlog prints to stderr become lines of JSON, from now on.  What is
 * printed there otherwise becomes an object with a message, too. */
void log_format_set_json(void);

#endif /* base/log-format.h */
