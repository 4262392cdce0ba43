/* SPDX-License-Identifier: Apache-2.0
 *
 * The resources of Neutron that are answered from OVN, as tables: what each is
 * called, which attributes it has, and what to say to a client that wants to
 * change it.
 */

#ifndef API_NETWORK_KINDS_H
#define API_NETWORK_KINDS_H 1

#include <stdbool.h>
#include <stddef.h>

struct net;
struct network_type;
struct uuid;

struct network_attribute {
    const char *name;
    const struct network_type *type;
    size_t offset;              /* Of the value, in the object; or, */
    const void *fixed;          /* unless this is NULL, the value itself. */
    bool is_subnet;             /* Its ids are of subnets. */
};

typedef void network_visitor(const void *object, const struct uuid *id,
                             void *aux);

struct network_kind {
    const char *path;           /* The first word of its routes. */
    const char *key, *plural;   /* Around one, around many. */
    const char *title;          /* At the beginning of an error's text. */
    const char *missing;        /* Type of the error for an id that is not */
    const char *missing_text;   /* there, and the end of its text. */
    const char *advice;         /* Where it can be changed. */

    const struct network_attribute *attributes;
    size_t n_attributes;

    /* Call 'visitor' for each object, and for the one with the id, which
     * may be an earlier id of a subnet.  visit_one() returns false if there is
     * none.  NULL: there are no objects. */
    void (*visit_all)(struct net *, network_visitor *, void *aux);
    bool (*visit_one)(struct net *, const struct uuid *id, network_visitor *,
                      void *aux);
};

/* Returns the kind whose routes begin with the first word of 'path'. */
const struct network_kind *network_kind_find(const char *path);

/* Returns the 'i'th kind, NULL if there are not so many. */
const struct network_kind *network_kind_get(size_t i);

/* Returns the attribute of that name, or NULL. */
const struct network_attribute *network_kind_attribute(
    const struct network_kind *, const char *name);

const void *network_attribute_value(const struct network_attribute *,
                                    const void *object);

#endif /* api/network-kinds.h */
