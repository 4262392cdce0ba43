/* SPDX-License-Identifier: Apache-2.0
 *
 * Talking to the driver on this machine, by its control socket.
 */

#ifndef CTL_DRIVER_H
#define CTL_DRIVER_H 1

struct context;

enum driver_answer {
    DRIVER_ANSWERED,
    DRIVER_NOT_HERE,            /* No driver runs on this machine, as far as
                                 * one can see. */
    DRIVER_SILENT,              /* It should be there, and does not answer. */
    DRIVER_REFUSED,             /* It answered with an error. */
};

/* Sends the driver a command, with one argument if 'argument' is nonnull, and
 * waits for the answer until the time 'deadline_ms', or as long as the
 * program's timeout allows.  Stores in '*ret_text' what it said, or else what
 * is wrong; the caller frees it. */
enum driver_answer driver_ask(struct context *, const char *command,
                              const char *argument, long long int deadline_ms,
                              char **ret_text);

#endif /* ctl/driver.h */
