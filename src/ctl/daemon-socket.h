/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the control sockets of the daemons on this machine are.
 */

#ifndef CTL_DAEMON_SOCKET_H
#define CTL_DAEMON_SOCKET_H 1

struct context;

#define DRIVER_PROGRAM "ovn-octavia-driver"

/* Returns the path of the control socket of 'program': of the driver, the one
 * that the operator has named (--driver-ctl); else, in the run directory,
 * PROGRAM.PID.ctl if its pid file says so, else the only one of PROGRAM.ctl
 * and PROGRAM.*.ctl at which a process listens.  Returns NULL and sets
 * '*errorp' if there is not exactly one.  The caller frees either. */
char *daemon_socket_find(const struct context *, const char *program,
                         char **errorp);

/* The same for a daemon that another one has started, or that has a run
 * directory of its own, and that listens at 'socket': the only one of
 * SOCKET.ctl and, in that directory, PROGRAM.ctl and PROGRAM.*.ctl at which a
 * process listens.  Returns NULL if there is not exactly one.  The caller
 * frees it. */
char *daemon_socket_find_beside(const char *program, const char *socket);

#endif /* ctl/daemon-socket.h */
