/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells systemd, if it has started the process and waits for that
 * (Type=notify), how the process is: that it serves, a line for
 * "systemctl status", that the main loop turns, that it ends.  Does nothing
 * otherwise.
 */

#ifndef BASE_SUPERVISOR_H
#define BASE_SUPERVISOR_H 1

#include <stdbool.h>

/* Call in the process that serves, before daemonize_complete(): it may not be
 * the process that was started. */
void supervisor_init(void);

/* Call in each turn of the main loop.  'is_serving': clients get what they
 * come for; told the first time that it is true, or after a while, since it
 * can last until others are there.  'status' tells an operator,
 * in one line, what the process does or waits for; it may change often, and
 * is sent once a second.  Takes ownership of it. */
void supervisor_run(bool is_serving, char *status);
void supervisor_wait(void);

/* True if supervisor_run() would use a status: making one may cost something,
 * and NULL will do otherwise. */
bool supervisor_wants_status(void);

/* Call when the main loop has ended. */
void supervisor_end(void);

#endif /* base/supervisor.h */
