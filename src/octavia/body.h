/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects of octavia-lib's data models as attributes of ours.  A member that
 * is absent is Unset, null is None.  Members that our tables do not have are
 * passed over: octavia-lib gets new ones, which are at their defaults unless a
 * user sets them.
 *
 * Octavia has checked the objects by its own rules; here it is found out what
 * OVN cannot do of them.
 */

#ifndef OCTAVIA_BODY_H
#define OCTAVIA_BODY_H 1

#include <stdbool.h>
#include "model/attrs.h"

struct fault;
struct json;
struct octavia_conf;
struct ovsdb_idl_row;
struct uuid;

struct body_rules {
    /* Octavia's own settings: it fills in the time-outs that users leave out.
     * May be NULL. */
    const struct octavia_conf *conf;

    /* The object is there already: what OVN does not do of it is left out
     * instead of refused, as far as the rest makes sense without. */
    bool is_lenient;

    /* An option that OVN does without (FIELD_DISPENSABLE) is refused instead
     * of stored, unless the object has it already. */
    bool is_strict;

    /* The driver makes no ACLs for allowed_cidrs, so these are refused. */
    bool refuses_cidrs;
    const struct ovsdb_idl_row *stored; /* The object; NULL: it is new. */

    /* Words of a whole list of members. */
    bool is_batch;
};

/* The member of 'object' that says which one it is ("listener_id"), or
 * 'name'.  Returns false and sets '*faultp' if it is no UUID. */
bool body_id(enum resource_id, const struct json *object, struct uuid *ret,
             struct fault **faultp);

/* False if it is not there, null, or no UUID. */
bool body_uuid(const struct json *object, const char *name,
               struct uuid *ret);

/* The member, NULL if it is not there or null. */
const struct json *body_get(const struct json *object, const char *name);

/* Its attributes, but for the id and for objects within it.  Bodies of
 * ATTRS_POST have a 'parent' (NULL: the object names it).  Returns NULL and
 * sets '*faultp' if something is wrong. */
struct attrs *body_parse(enum resource_id, enum attrs_method,
                         const struct json *object, const struct uuid *parent,
                         const struct body_rules *, struct fault **faultp);

#endif /* octavia/body.h */
