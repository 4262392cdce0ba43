/* SPDX-License-Identifier: Apache-2.0
 *
 * A task at Neutron for one load balancer or one subnet, in several calls,
 * that is tried again until it succeeds: which calls are under way, what the
 * last trouble was, and when the next try is due.  Which calls these are is up
 * to the structure that has this as a member.
 */

#ifndef DRIVER_NEUTRON_RETRY_H
#define DRIVER_NEUTRON_RETRY_H 1

#include <stdbool.h>
#include <stddef.h>
#include "heap.h"
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"

struct neutron_retry {
    struct hmap_node node;      /* In neutron_retries' 'by_id'. */
    struct heap_node by_due;    /* In its 'by_due', while 'is_waiting'. */
    struct uuid id;
    size_t n_calls;             /* Under way. */
    char *trouble;              /* The last one, or NULL. */
    bool has_failed;            /* In this try. */
    bool is_waiting;            /* For another try. */
    unsigned int n_failures;
    long long int due_ms;
};

struct neutron_retries {
    struct hmap by_id;
    struct heap by_due;
};

void neutron_retries_init(struct neutron_retries *);

/* To be called when the last task is gone. */
void neutron_retries_uninit(struct neutron_retries *);

struct neutron_retry *neutron_retry_find(const struct neutron_retries *,
                                         const struct uuid *id);
void neutron_retry_init(struct neutron_retries *, struct neutron_retry *,
                        const struct uuid *id);

/* To be called when no call is under way, or all are forgotten. */
void neutron_retry_uninit(struct neutron_retries *, struct neutron_retry *);

/* True if there is nothing to do now but to wait. */
bool neutron_retry_is_busy(const struct neutron_retry *);

void neutron_retry_call_starts(struct neutron_retry *);

/* Notes that a call has ended, successfully if 'trouble' is NULL.  Returns
 * true if it was the last one under way: the next step is to be decided,
 * unless a call of this try failed and 'is_waiting' is now true. */
bool neutron_retry_call_ends(struct neutron_retries *, struct neutron_retry *,
                             const char *trouble, long long int now_ms);

/* Returns a task that may be tried again at 'now_ms' (as time_msec()), or
 * NULL. */
struct neutron_retry *neutron_retries_next(struct neutron_retries *,
                                           long long int now_ms);
void neutron_retries_wait(const struct neutron_retries *);

/* Returns how many tasks wait for another try. */
size_t neutron_retries_n_failing(const struct neutron_retries *);

/* Returns the reason for which the task waits, or NULL if it does not. */
const char *neutron_retry_what_is_missing(const struct neutron_retry *);

#endif /* driver/neutron-retry.h */
