/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket of a daemon, to which ovs-appctl talks.
 */

#ifndef BASE_CONTROL_H
#define BASE_CONTROL_H 1

struct ds;
struct unixctl_server;

/* Opens the socket at 'path' (NULL: where ovs-appctl looks for it) with the
 * command "exit", which is a terminate_request().  Ends the process if that
 * cannot be done.  The caller runs it, and calls unixctl_server_destroy(). */
struct unixctl_server *control_open(const char *path);

/* Registers a command without arguments.  'format' appends the answer. */
void control_add_report(const char *command,
                        void (*format)(const void *aux, struct ds *answer),
                        const void *aux);

/* Registers a command without arguments and without an answer. */
void control_add_action(const char *command, void (*act)(void *aux),
                        void *aux);

#endif /* base/control.h */
