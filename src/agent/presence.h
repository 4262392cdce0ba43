/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells if octavia-driver-agent is there: listens at its status socket, and
 * answers.  It is asked when reports have been without an answer for long, or
 * could not be sent; one report may just take long.
 */

#ifndef AGENT_PRESENCE_H
#define AGENT_PRESENCE_H 1

#include <stdbool.h>

struct exchanger;
struct presence;

/* 'reports' is that which reports go through, at the same socket; borrowed.
 * The caller must call presence_destroy(). */
struct presence *presence_create(const struct exchanger *reports);
void presence_destroy(struct presence *);
void presence_run(struct presence *);
void presence_wait(struct presence *);

/* Notes what a report has found out; 'error' is for the log. */
void presence_set_away(struct presence *, const char *error);
void presence_set_there(struct presence *);

bool presence_is_away(const struct presence *);

/* True if it is away for so long that another agent may have more luck. */
bool presence_is_long_away(const struct presence *);

#endif /* agent/presence.h */
