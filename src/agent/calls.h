/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of Octavia's provider interface: from a request off the plugin's
 * socket, {"call": NAME, "args": {...}}, to a reply, {"result": ...} or
 * {"fault": {"type", "user_fault_string", "operator_fault_string"}}, where
 * "type" is an exception of octavia-lib.
 *
 * A call is accepted, and replied to, as soon as what it wants is in
 * OVN_Octavia, durably; only create_vip_port waits for more (vip-port.h).  It
 * may be repeated: then it finds its own work.
 */

#ifndef AGENT_CALLS_H
#define AGENT_CALLS_H 1

struct agent;
struct fault;
struct json;
struct uuid;

/* Takes over 'request'.  'reply' is called once, from calls_run(), and owns
 * the JSON that it gets.  'lb_id' is the load balancer that was written, or
 * zero: if the reply cannot be delivered, Octavia rolls back. */
void calls_start(struct agent *, struct json *request,
                 void (*reply)(struct json *, const struct uuid *lb_id,
                               void *aux), void *aux);

void calls_run(struct agent *);
void calls_wait(struct agent *);

/* Forgets the calls that are under way, without a reply.  The store must be
 * destroyed before: it may hold their intents. */
void calls_destroy(struct agent *);

#endif /* agent/calls.h */
