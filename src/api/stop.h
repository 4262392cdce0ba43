/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of the daemon with care.  After the first signal it listens no more,
 * answers the requests that it has, and those that come over connections which
 * are open, with "Connection: close"; requests that wait for a load balancer
 * to settle are answered at once.  It ends when nothing is left to do, when
 * the time for that is over, or with a second signal.
 */

#ifndef API_STOP_H
#define API_STOP_H 1

#include <stdbool.h>

struct api;

struct stop {
    bool has_begun;
    long long int linger_until_ms;  /* Idle connections are kept so long. */
    long long int deadline_ms;
};

/* Begins the end when a signal has come.  Returns true when the daemon shall
 * leave its loop.  Call once in each turn. */
bool stop_run(struct stop *, struct api *, int seconds_max);
void stop_wait(const struct stop *);

#endif /* api/stop.h */
