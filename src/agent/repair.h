/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds what Octavia and OVN_Octavia have lost of each other, and settles it:
 * load balancers that Octavia has and we do not (those of the provider before
 * us), objects that Octavia holds PENDING without work here, calls that were
 * accepted here and then rolled back there, VIPs' ports that were reserved for
 * a load balancer that never came, and objects that Octavia has below one that
 * is gone.
 *
 * Which load balancers Octavia has, and in which states, its API tells;
 * without it, only what is asked for by name is found, and what was rolled
 * back.  Nothing is deleted but what is young and known to be of a call that
 * Octavia has rolled back.
 */

#ifndef AGENT_REPAIR_H
#define AGENT_REPAIR_H 1

#include <stdbool.h>
#include <stddef.h>
#include "model/fields.h"

struct ds;
struct octavia_conf;
struct rows;
struct repair;
struct store;
struct uuid;

struct repair_options {
    const char *get_socket;     /* Path. */
    const struct octavia_conf *conf;    /* Borrowed; may be NULL. */
};

/* The store must have been through reports_watch(). */
struct repair *repair_create(struct store *, struct rows *,
                             const struct repair_options *);

/* Imports that are under way are forgotten, their callbacks not called.  Call
 * when the store is destroyed: it may hold what was submitted. */
void repair_destroy(struct repair *);

/* 'is_active': this agent, of several, is the one that reports: see
 * reporter_is_active().  'is_behind': its reports need all that Octavia can
 * take: see reporter_is_behind(). */
void repair_run(struct repair *, bool is_active, bool is_behind);
void repair_wait(struct repair *);

/* Fetches the load balancer to which the object belongs, and writes it into
 * OVN_Octavia as Octavia has it.  'done' is called once, from repair_run() or
 * store_run(); 'is_there' tells whether Octavia has the object. */
void repair_import(struct repair *, enum resource_id, const struct uuid *,
                   void (*done)(bool is_there, void *aux), void *aux);

/* Octavia has acknowledged that the load balancer is gone: what it has below
 * it all the same is found (strays.h). */
void repair_note_gone(struct repair *, const struct uuid *lb_id);

/* Return how many load balancers are to be settled, and were, since the
 * start. */
size_t repair_n_to_settle(const struct repair *);
unsigned long long int repair_n_settled(const struct repair *);

/* Appends what an operator wants to know, a "name: value" in each line. */
void repair_format_status(const struct repair *, struct ds *);

#endif /* agent/repair.h */
