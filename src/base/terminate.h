/* SPDX-License-Identifier: Apache-2.0
 *
 * SIGTERM and SIGINT as an event of the main loop, so that waiting clients get
 * a reply before the process ends.
 */

#ifndef BASE_TERMINATE_H
#define BASE_TERMINATE_H 1

#include <stdbool.h>

/* Call after daemonize_start(): the process that watches over us with
 * --monitor keeps its own handlers. */
void terminate_init(void);

/* Does what the signals do. */
void terminate_request(void);
bool terminate_requested(void);

/* True if the signals came twice: there is no time to end with care. */
bool terminate_is_urgent(void);

/* Has terminate_wait() wake the poll loop with the next signal, no longer with
 * the first.  Call before terminate_is_urgent(). */
void terminate_acknowledge(void);
void terminate_wait(void);

#endif /* base/terminate.h */
