/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics of how long Octavia waits for us, for each kind of call: from its
 * arrival until the outcome is on its way to Octavia.  Only for people to look
 * at; nothing depends on it.
 */

#ifndef AGENT_LATENCY_H
#define AGENT_LATENCY_H 1

struct ds;
struct latency;
struct uuid;

struct latency *latency_create(void);
void latency_destroy(struct latency *);

/* A call 'name' (a literal), which arrived at 'arrived_us' (as time_usec()),
 * was accepted; it changes the load balancer. */
void latency_start(struct latency *, const struct uuid *lb_id,
                   const char *name, long long int arrived_us);

/* Octavia is told, now, that nothing is under way with the load balancer any
 * more.  Does nothing if no call was. */
void latency_stop(struct latency *, const struct uuid *lb_id);

/* A call 'name' that ended with its reply. */
void latency_note(struct latency *, const char *name,
                  long long int arrived_us);

/* For "agent/latency": one "name: n=N median=MS ms p99=MS ms" a line. */
void latency_format(const struct latency *, struct ds *);

#endif /* agent/latency.h */
