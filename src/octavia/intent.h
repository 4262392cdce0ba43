/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes what an existing Octavia wants into OVN_Octavia: a list of objects of
 * its data models (octavia-lib's attribute names) to create, update or delete,
 * all in one transaction.  Afterwards it is as Octavia says, whatever was
 * there before: to create what is there is to update it, and to delete what is
 * not there is to do nothing, so a call may be repeated.
 *
 * The same transaction puts the states that the driver has to resolve on the
 * objects (PENDING_*), and notes what Octavia has to be told
 * (store/reports.h). */

#ifndef OCTAVIA_INTENT_H
#define OCTAVIA_INTENT_H 1

#include <stdbool.h>
#include "model/fields.h"

struct fault;
struct intent;
struct json;
struct octavia_conf;
struct rows;
struct store;
struct uuid;

enum intent_action {
    INTENT_CREATE,
    INTENT_UPDATE,
    INTENT_DELETE,
};

struct intent_result {
    const struct fault *fault;  /* NULL: the intent is committed, durably. */
    const struct uuid *lb_id;   /* Zero if no load balancer was found. */

    /* With a fault: OVN_Octavia does not know this object, which Octavia takes
     * for one of ours.  After an import the same intent can be tried again.
     * NULL: the fault is another one. */
    const struct uuid *unknown;
    enum resource_id unknown_resource;
};

/* 'lb_id' is the load balancer of all that will be added, or NULL if the
 * objects' parents tell. */
struct intent *intent_create(struct store *, struct rows *,
                             const struct uuid *lb_id);

/* Adds one change.  'object' is borrowed until the intent ends: a data model
 * as octavia-lib has it, where a member that is absent is Unset and null is
 * None; what hangs below (listeners, pools, members, healthmonitor) is created
 * with it.  Returns false and sets '*faultp' if it is not well formed, or asks
 * for what OVN cannot do (octavia-v2 provider ABI: UnsupportedOptionError). */
bool intent_add(struct intent *, enum intent_action, enum resource_id,
                const struct json *object, struct fault **faultp);

/* Members of the pool that are not in the list are deleted. */
bool intent_add_batch(struct intent *, const struct uuid *pool_id,
                      const struct json *members, struct fault **faultp);

/* Octavia's own settings, which tell what it fills in where a user says
 * nothing.  Borrowed.  Call before intent_add(). */
void intent_set_conf(struct intent *, const struct octavia_conf *);

/* Options that OVN does without (FIELD_DISPENSABLE) are refused, not stored,
 * unless the object has them already.  Call before intent_add(). */
void intent_set_strict(struct intent *);

/* allowed_cidrs of listeners are refused.  Call before intent_add(). */
void intent_set_refuses_cidrs(struct intent *);

/* The objects are there already, in Octavia and perhaps in OVN: options of
 * theirs that OVN does not do are left out, not refused.  Call before
 * intent_add(). */
void intent_set_lenient(struct intent *);

/* Nothing more can be learned about an unknown object: to delete it is to
 * report that it is gone. */
void intent_set_final(struct intent *);

/* Only the VIP's port is wanted yet: the load balancer is a reservation until
 * it is created. */
void intent_set_reservation(struct intent *);

/* Says what wants it, in a few words (a constant), and the request of
 * Octavia's that this belongs to (copied), or NULL: both are in the comment of
 * the transaction.  Must be called. */
void intent_set_origin(struct intent *, const char *origin,
                       const char *request_id);

/* Deletions are not to be reported: Octavia does not know these objects. */
void intent_set_silent(struct intent *);

/* Submits it and gives it away.  'done' is called once, from store_run(). */
void intent_submit(struct intent *,
                   void (*done)(const struct intent_result *, void *aux),
                   void *aux);

/* Takes a submitted intent back, unless it is on its way to the database: then
 * returns false, and 'done' will be called. */
bool intent_withdraw(struct intent *);

/* Destroys an intent that is not submitted, or was withdrawn. */
void intent_destroy(struct intent *);

#endif /* octavia/intent.h */
