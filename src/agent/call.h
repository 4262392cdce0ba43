/* SPDX-License-Identifier: Apache-2.0
 *
 * One call under way: what it knows, its next step, and its end.  calls.c
 * starts and runs calls; the steps are there, in vip-port.c, and in
 * member-subnets.c.
 */

#ifndef AGENT_CALL_H
#define AGENT_CALL_H 1

#include <stdbool.h>
#include "agent/agent.h"
#include "octavia/intent.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

struct call;
struct fault;
struct json;

/* A row of the table of calls. */
struct call_type {
    const char *name;
    enum intent_action action;
    enum resource_id resource;

    /* The arguments: the object, and, of an update, what it was before. */
    const char *object, *old_object;

    /* The first step.  The call goes on from there. */
    void (*start)(struct call *);
};

/* Gets the reply, which it owns; see calls_start(). */
typedef void call_reply_cb(struct json *, const struct uuid *lb_id,
                           void *aux);

struct call {
    struct ovs_list node;       /* In agent->calls. */
    struct agent *agent;
    const struct call_type *type;
    struct json *request;       /* Owned. */
    const struct json *args;    /* Within it. */

    /* Called on each turn, if nonnull, until the call is over. */
    void (*step)(struct call *);
    long long int arrived_us;   /* As time_usec(). */
    long long int deadline;     /* The step's; wall time does not count. */

    struct intent *intent;      /* Submitted; it belongs to the store. */
    void (*committed)(struct call *, const struct intent_result *);
    bool was_imported;          /* Looking for it elsewhere is over. */
    bool is_over;               /* Replied to. */
    struct uuid lb_id;          /* The load balancer, for vip-port.c. */
    struct fault *fault;        /* Becomes the reply, later. */
    struct json *built;         /* An object made from the arguments. */

    struct uuid written_lb;     /* By the intent; zero: none. */
    call_reply_cb *reply;
    void *aux;
};

/* Adds a call to agent->calls.  Takes over 'request'. */
struct call *call_create(struct agent *, struct json *request,
                         call_reply_cb *, void *aux);

/* Forgets the call, without a reply.  Not while the store has its intent. */
void call_destroy(struct call *);

/* Returns the argument 'name', NULL if it is absent or null. */
const struct json *call_arg(const struct call *, const char *name);

/* Sets the next step, which has 'wait_ms' (see call_is_late()). */
void call_go_on(struct call *, void (*step)(struct call *), int wait_ms);
bool call_is_late(const struct call *);

/* Submits the intent, and calls 'committed' with the result. */
void call_commit(struct call *, struct intent *,
                 void (*committed)(struct call *,
                                   const struct intent_result *));

/* Adds metrics about calls that were answered. */
void call_add_metrics(void);

/* Ends the call.  Takes over 'result'. */
void call_finish(struct call *, struct json *result);
void call_fail(struct call *, const char *type, const char *text);
void call_fail_with(struct call *, const struct fault *);
void call_fail_no_database(struct call *);

#endif /* agent/call.h */
