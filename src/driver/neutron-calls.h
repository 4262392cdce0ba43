/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's calls to Neutron: ports are looked for, made and deleted.  What
 * is still to be done when a call has failed is for the callers.
 */

#ifndef DRIVER_NEUTRON_CALLS_H
#define DRIVER_NEUTRON_CALLS_H 1

#include <stddef.h>
#include "driver/neutron-port.h"

struct ds;
struct neutron;
struct neutron_calls;

/* What came of a call.  All borrowed, for as long as the callback runs. */
struct neutron_answer {
    enum neutron_verdict verdict;
    int status;                 /* HTTP; 0: there was no answer. */
    const char *text;           /* For people; "" if it is NEUTRON_OK. */
    struct neutron_ports ports; /* Those found, or the one made. */
};

typedef void neutron_answered(const struct neutron_answer *, void *aux);

/* Takes ownership of 'neutron'. */
struct neutron_calls *neutron_calls_create(struct neutron *neutron);

/* Calls under way are forgotten, their callbacks not called. */
void neutron_calls_destroy(struct neutron_calls *);
void neutron_calls_run(struct neutron_calls *);
void neutron_calls_wait(struct neutron_calls *);

/* Each of these calls 'answered' once, from neutron_calls_run(). */
void neutron_find_ports(struct neutron_calls *, const char *const *names,
                        size_t n, neutron_answered *, void *aux);
void neutron_get_port(struct neutron_calls *, const struct uuid *id,
                      neutron_answered *, void *aux);
void neutron_create_port(struct neutron_calls *,
                         const struct neutron_port_spec *,
                         neutron_answered *, void *aux);
void neutron_delete_port(struct neutron_calls *, const struct uuid *id,
                         neutron_answered *, void *aux);

/* The project whose ports those are that are made without one.  NULL: unknown
 * until a call was answered, or there is none.  Good until the next run. */
const char *neutron_calls_project(const struct neutron_calls *);

/* Calls under way. */
size_t neutron_calls_n(const struct neutron_calls *);

/* For "driver/status": one line, without its end. */
void neutron_calls_format(const struct neutron_calls *, struct ds *);

#endif /* driver/neutron-calls.h */
