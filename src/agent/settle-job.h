/* SPDX-License-Identifier: Apache-2.0
 *
 * Making one load balancer as Octavia has it.
 */

#ifndef AGENT_SETTLE_JOB_H
#define AGENT_SETTLE_JOB_H 1

#include <stdbool.h>
#include "model/fields.h"

struct exchanger;
struct octavia_api;
struct octavia_conf;
struct rows;
struct settle_job;
struct store;
struct uuid;

enum settle_reason {
    SETTLE_IMPORT,              /* We do not have it. */
    SETTLE_STUCK,               /* Octavia holds it PENDING. */
    SETTLE_DOUBT,               /* Octavia may have rolled something back, or
                                 * hold PENDING something in it.  Not before
                                 * it has taken our report. */
    SETTLE_RESERVATION,         /* Of a VIP's port only. */
};

/* Whom to ask. */
struct settle_context {
    struct store *store;
    struct rows *rows;
    struct exchanger *get;
    struct octavia_api *api;            /* NULL: nobody. */
    const struct octavia_conf *conf;    /* NULL: none. */
};

enum settle_result {
    SETTLE_DONE,                /* It is now as Octavia has it. */
    SETTLE_FINE,                /* It was, as far as it was in doubt. */
    SETTLE_WAITS,               /* Likewise, but something in it is PENDING
                                 * at Octavia, or otherwise there. */
    SETTLE_EARLY,               /* Octavia does not have it, or not yet. */
    SETTLE_NOT_THERE,           /* Octavia has no such thing. */
    SETTLE_FAILED,              /* Octavia does not answer, or OVN cannot do
                                 * it.  It is in the log. */
};

/* Starts with an object of the load balancer, or itself.  The context must
 * outlive the job.  'done' is called once, later. */
struct settle_job *settle_job_start(const struct settle_context *,
                                    enum settle_reason, enum resource_id,
                                    const struct uuid *,
                                    void (*done)(enum settle_result,
                                                 void *aux), void *aux);

/* Call when the store is destroyed: it may hold what was submitted. */
void settle_job_destroy(struct settle_job *);

#endif /* agent/settle-job.h */
