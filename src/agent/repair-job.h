/* SPDX-License-Identifier: Apache-2.0
 *
 * Making one load balancer as Octavia has it.
 */

#ifndef AGENT_REPAIR_JOB_H
#define AGENT_REPAIR_JOB_H 1

#include <stdbool.h>
#include "model/fields.h"

struct exchanger;
struct octavia_api;
struct octavia_conf;
struct rows;
struct repair_job;
struct store;
struct uuid;

enum repair_reason {
    REPAIR_IMPORT,              /* We do not have it. */
    REPAIR_STUCK,               /* Octavia holds it PENDING. */
    REPAIR_DOUBT,               /* Octavia may have rolled something back, or
                                 * hold PENDING something in it.  Not before
                                 * it has taken our report. */
    REPAIR_RESERVATION,         /* Only a VIP's port was reserved. */
};

/* The surroundings of a job. */
struct repair_context {
    struct store *store;
    struct rows *rows;
    struct exchanger *get;
    struct octavia_api *api;            /* NULL: Octavia's API is not used. */
    const struct octavia_conf *conf;    /* NULL: none. */
};

enum repair_result {
    REPAIR_DONE,                /* The load balancer is now as Octavia has
                                 * it. */
    REPAIR_FINE,                /* It was so, as far as it was in doubt. */
    REPAIR_WAITS,               /* It was so, but a part of it is PENDING at
                                 * Octavia, or differs there. */
    REPAIR_EARLY,               /* Octavia does not have it, or not yet. */
    REPAIR_NOT_THERE,           /* Octavia has no such thing. */
    REPAIR_FAILED,              /* Octavia does not answer, or OVN cannot do
                                 * it.  It is in the log. */
};

/* Starts with an object of the load balancer, or with the load balancer.  The
 * context must outlive the job.  'done' is called once, later. */
struct repair_job *repair_job_start(const struct repair_context *,
                                    enum repair_reason, enum resource_id,
                                    const struct uuid *,
                                    void (*done)(enum repair_result,
                                                 void *aux), void *aux);

/* Call when the store is destroyed: it may hold what was submitted. */
void repair_job_destroy(struct repair_job *);

#endif /* agent/repair-job.h */
