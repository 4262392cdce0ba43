/* SPDX-License-Identifier: Apache-2.0
 *
 * What has to be done at Neutron for one load balancer or one subnet, in
 * several calls: which are under way, what the last trouble was, and when to
 * try again.  What the calls are is for those in whose structures this is.
 */

#ifndef DRIVER_NEUTRON_RETRY_H
#define DRIVER_NEUTRON_RETRY_H 1

#include <stdbool.h>
#include <stddef.h>
#include "heap.h"
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"

struct errand {
    struct hmap_node node;      /* In errands' 'by_id'. */
    struct heap_node in_retries;    /* In errands', while 'is_waiting'. */
    struct uuid id;
    size_t n_calls;             /* Under way. */
    char *trouble;              /* The last there was, or NULL. */
    bool has_failed;            /* This try has. */
    bool is_waiting;            /* For another try. */
    unsigned int n_failures;
    long long int due_ms;
};

struct errands {
    struct hmap by_id;
    struct heap retries;
};

void errands_init(struct errands *);

/* The errands must be gone. */
void errands_uninit(struct errands *);

struct errand *errand_find(const struct errands *, const struct uuid *id);
void errand_init(struct errands *, struct errand *, const struct uuid *id);

/* No call may be under way; or all are forgotten. */
void errand_uninit(struct errands *, struct errand *);

/* Whether there is nothing to do now but to wait. */
bool errand_is_busy(const struct errand *);

void errand_call_starts(struct errand *);

/* A call has ended, well if 'trouble' is NULL.  Returns true if it was the
 * last one under way: the errand is to be looked at, unless it waits for
 * another try, because one of the calls failed. */
bool errand_call_ends(struct errands *, struct errand *, const char *trouble,
                      long long int now_ms);

/* An errand that may be tried again at 'now_ms' (as time_msec()), or NULL. */
struct errand *errands_next(struct errands *, long long int now_ms);
void errands_wait(const struct errands *);

/* Errands that wait for another try. */
size_t errands_n_failing(const struct errands *);

/* What the errand waits for.  NULL: for nothing. */
const char *errand_what_is_missing(const struct errand *);

#endif /* driver/neutron-retry.h */
