/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares a load balancer in OVN_Octavia with Octavia's: its data model
 * against our rows.  Looks, and writes nothing.
 */

#ifndef OCTAVIA_COMPARE_H
#define OCTAVIA_COMPARE_H 1

#include "model/fields.h"
#include "openvswitch/uuid.h"

struct json;
struct octavia_conf;
struct rows;

enum difference_kind {
    DIFFERENCE_NOT_HERE,        /* Octavia has the object, we do not. */
    DIFFERENCE_NOT_THERE,       /* The other way round. */
    DIFFERENCE_VALUE,           /* An attribute. */
    DIFFERENCE_BAD,             /* OVN cannot do what Octavia has. */
};

struct difference {
    enum difference_kind kind;
    enum resource_id resource;
    struct uuid id;
    const char *field;          /* DIFFERENCE_VALUE: its name... */
    const char *ours, *theirs;  /* ...and its values, as JSON. */
    const char *text;           /* DIFFERENCE_BAD: why. */
};

typedef void compare_cb(const struct difference *, void *aux);

/* Calls 'cb' for each difference between 'model', a load balancer as the get
 * socket has it, and the rows.  States are no part of it.  'conf' is Octavia's
 * configuration, or NULL.  Objects in 'model' that are no objects of Octavia's
 * are passed over. */
void octavia_compare_lb(const struct rows *, const struct json *model,
                        const struct octavia_conf *conf, compare_cb *,
                        void *aux);

#endif /* octavia/compare.h */
