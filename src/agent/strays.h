/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects that Octavia holds PENDING_CREATE below a load balancer that is
 * gone, and would hold for ever: each is of a call that Octavia allowed
 * because an old report came late, so that the load balancer seemed to stay.
 * They cannot be deleted there, since their load balancer cannot be locked.
 * They are looked for after deletions, and reported as gone.
 *
 * Which load balancers were ours is known only while the agent lives.
 */

#ifndef AGENT_STRAYS_H
#define AGENT_STRAYS_H 1

struct exchanger;
struct strays;
struct octavia_api;
struct rows;
struct store;
struct uuid;

/* All are borrowed; 'get' is the get socket. */
struct strays *strays_create(struct store *, const struct rows *,
                             struct exchanger *get,
                             struct octavia_api *);

/* Call when the store is destroyed: it may hold what was submitted. */
void strays_destroy(struct strays *);

/* Octavia has acknowledged that the load balancer is gone. */
void strays_note(struct strays *, const struct uuid *lb_id);

void strays_run(struct strays *);
void strays_wait(struct strays *);

#endif /* agent/strays.h */
