/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes in the body of a POST or PUT: parsed, checked one by one
 * against the field table, with fallbacks filled in.  Rules that concern more
 * than one attribute are in checks.h.
 */

#ifndef MODEL_ATTRS_H
#define MODEL_ATTRS_H 1

#include "model/fields.h"
#include "ovsdb-data.h"

struct json;
struct uuid;

enum attrs_method {
    ATTRS_POST,
    ATTRS_PUT,
};

struct attr {
    bool is_given;              /* In the body, null or not. */
    bool is_null;               /* In the body, and null. */
    struct ovsdb_datum datum;   /* Empty: no value. */
    struct attrs **items;       /* If the field has 'nested'; no 'datum'. */
    size_t n_items;
};

struct attrs {
    const struct resource *resource;
    enum attrs_method method;
    struct attr attr[FIELDS_MAX];       /* As in 'resource->fields'. */
};

/* Parses 'body', as in {"listener": {...}}.  Returns NULL and sets '*faultp'
 * if something is wrong.  The caller owns the result. */
struct attrs *attrs_parse(const struct resource *, enum attrs_method,
                          const struct json *body, struct fault **faultp);
void attrs_destroy(struct attrs *);

/* The attribute of that name, which must be in the table. */
struct attr *attrs_get(struct attrs *, const char *name);
const struct attr *attrs_get_const(const struct attrs *, const char *name);

/* The value, or NULL.  Borrowed. */
const char *attrs_string(const struct attrs *, const char *name);
const struct uuid *attrs_uuid(const struct attrs *, const char *name);
bool attrs_bool(const struct attrs *, const char *name);
int64_t attrs_integer(const struct attrs *, const char *name);

/* True if there is something: not null, not an empty list. */
bool attrs_has(const struct attrs *, const char *name);

/* True if there is a text that is not empty: of a reference, both null and ""
 * mean that there is none. */
bool attrs_has_text(const struct attrs *, const char *name);

/* Replace the value. */
void attrs_set_string(struct attrs *, const char *name, const char *);
void attrs_set_uuid(struct attrs *, const char *name, const struct uuid *);
void attrs_set_map(struct attrs *, const char *name,
                   const struct ovsdb_datum *);

/* A string key's value in a map, or NULL. */
const char *map_find(const struct ovsdb_datum *map, const char *key);

/* Values that are accepted although OVN does not do all of them. */
struct attrs_leeway {
    bool takes_nearby;          /* Words that it comes near to. */
    bool takes_dispensable;     /* FIELD_DISPENSABLE. */
    bool takes_switched;        /* FIELD_SWITCHED: OVN does them. */
    bool is_alone;              /* Objects within are not looked at. */

    /* True if the object has this value already.  NULL: it has none. */
    bool (*has)(const struct field *, const struct ovsdb_datum *,
                const void *aux);
    const void *aux;
};

/* Checks that OVN can do what is asked: see 'struct refusal'.  Looks only at
 * attributes that are given.  Returns false and sets '*faultp' if not. */
bool attrs_are_supported(const struct attrs *, const struct attrs_leeway *,
                         struct fault **faultp);

/* True if the value is the field's fallback, or what OVN does anyway. */
bool field_is_honoured(const struct field *, const struct ovsdb_datum *);

#endif /* model/attrs.h */
