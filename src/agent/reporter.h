/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells an existing Octavia what has become of its load balancers: compares
 * the states in OVN_Octavia with those that Octavia has acknowledged, and
 * reports the difference, until there is none.
 *
 * One of several agents reports: the holder of a lock in OVN_Octavia.
 */

#ifndef AGENT_REPORTER_H
#define AGENT_REPORTER_H 1

#include <stdbool.h>
#include <stddef.h>

struct ds;
struct reporter;
struct store;
struct uuid;

struct reporter_options {
    const char *db_remote;      /* The store's: for the lock. */
    const char *status_socket;  /* Paths of the driver-agent's sockets. */
    const char *get_socket;

    /* Called when a report is sent that says how a load balancer itself is:
     * the last one of what a call has changed.  May be NULL. */
    void (*reported)(const struct uuid *lb_id, void *aux);

    /* Called when Octavia has acknowledged all about a load balancer that is
     * gone.  May be NULL. */
    void (*gone)(const struct uuid *lb_id, void *aux);
    void *aux;
};

/* The strings are copied.  The store must have been through
 * reports_watch(). */
struct reporter *reporter_create(struct store *,
                                 const struct reporter_options *);

/* Call when the store is destroyed: it may hold what was submitted. */
void reporter_destroy(struct reporter *);

/* Call after each store_run(), before the next. */
void reporter_run(struct reporter *);
void reporter_wait(struct reporter *);

/* True if this agent, of several, is the one that reports. */
bool reporter_is_active(const struct reporter *);

/* True if more reports are due than Octavia takes at a time. */
bool reporter_is_behind(const struct reporter *);

/* The reporter in numbers. */
struct reporter_counts {
    bool is_away;               /* Octavia does not take reports. */
    size_t n_owed, n_refused, n_open;   /* Load balancers. */
};
struct reporter_counts reporter_count(const struct reporter *);

/* Returns for how long the oldest load balancer is in the queue; 0 without
 * any.  Looks at all that are. */
long long int reporter_oldest_ms(const struct reporter *);

/* Appends what an operator wants to know, a "name: value" in each line. */
void reporter_format_status(const struct reporter *, struct ds *);

#endif /* agent/reporter.h */
