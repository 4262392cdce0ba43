/* SPDX-License-Identifier: Apache-2.0
 *
 * Computes the states of every object of a load balancer from its
 * configuration and from how the attempt to put it into OVN ended.  Pure.
 */

#ifndef MODEL_ROLLUP_H
#define MODEL_ROLLUP_H 1

#include "model/objects.h"

/* Tells why a load balancer cannot be put into OVN.  'code' is the HTTP status
 * for the request that asked for it, 0 if the request was fine and the world
 * has changed since. */
struct model_fault {
    int code;
    const char *text;
    bool is_monitors;           /* All is well but for the monitors that are
                                 * unserved. */
};

/* Brings all statuses of 'lb' and its fault up to date.  'fault' is NULL if
 * OVN has the load balancer as it is wanted.  Octavia refuses changes below a
 * load balancer in ERROR, so that state is for faults that spoil all of it.
 * PENDING_DELETE stays: the caller removes the object. */
void rollup(struct model_lb *, const struct model_fault *fault);

#endif /* model/rollup.h */
