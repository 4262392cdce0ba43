/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's calls to Neutron: ports are looked for, made and deleted.  A
 * call that fails is not repeated here: that is for the callers.
 */

#ifndef DRIVER_NEUTRON_CALLS_H
#define DRIVER_NEUTRON_CALLS_H 1

#include <stddef.h>
#include "driver/neutron-port.h"

struct ds;
struct neutron;
struct neutron_calls;

/* The outcome of a call.  All is borrowed while the callback runs. */
struct neutron_answer {
    enum neutron_verdict verdict;
    int status;                 /* HTTP; 0: there was no answer. */
    const char *text;           /* For people; "" if it is NEUTRON_OK. */
    struct neutron_ports ports; /* The ones found, or the one made. */
};

typedef void neutron_answered(const struct neutron_answer *, void *aux);

/* Takes ownership of 'neutron'. */
struct neutron_calls *neutron_calls_create(struct neutron *neutron);

/* Forgets calls under way without calling their callbacks. */
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

/* Returns the project of ports that are made without naming one, or NULL if no
 * call has been answered yet, or if the user is in none.  Valid until the next
 * run. */
const char *neutron_calls_project(const struct neutron_calls *);

/* Returns how many calls are under way. */
size_t neutron_calls_n(const struct neutron_calls *);

/* Appends one line, without its end, for "driver/status". */
void neutron_calls_format(const struct neutron_calls *, struct ds *);

#endif /* driver/neutron-calls.h */
