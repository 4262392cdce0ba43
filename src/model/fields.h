/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes of the API's objects, as tables: one row for each attribute,
 * which says its type and limits, who may set it and when, what null means,
 * what it is if unset, where the database keeps it, and what OVN can do of it.
 *
 * Parsing, validation, rendering, filtering and the rules of PUT all follow
 * from the tables (attrs.c, render.c, api/query.c); so do reading and writing
 * of rows (store/rows.h).  To add an attribute, add a row, and a column to the
 * schema; to add a kind of object, add a table.
 *
 * Values are OVSDB data ('struct ovsdb_datum') from the parser to the
 * database and back, so that nothing has to be translated in between.
 */

#ifndef MODEL_FIELDS_H
#define MODEL_FIELDS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/fault.h"

enum resource_id {
    RESOURCE_LOAD_BALANCER,
    RESOURCE_LISTENER,
    RESOURCE_POOL,
    RESOURCE_MEMBER,
    RESOURCE_ADDITIONAL_VIP,    /* Only within a load balancer. */
    RESOURCE_HEALTH_MONITOR,
    N_RESOURCES
};

enum field_type {
    FT_STRING,                  /* 'min' and 'max' are characters. */
    FT_UUID,
    FT_BOOL,
    FT_INTEGER,                 /* 'min' and 'max' are values. */
    FT_ENUM,                    /* A word out of 'words'. */
    FT_DECIMAL,                 /* A number out of 'words'. */
    FT_IP,                      /* Kept as typed. */
    FT_TIME,                    /* Microseconds since the epoch. */
    FT_STRINGS,                 /* List; 'max' is of each. */
    FT_WORDS,                   /* List of those in 'words'. */
    FT_UUIDS,                   /* List. */
    FT_CIDRS,                   /* List; kept as prefixes. */
    FT_MAP,                     /* Strings to strings; 'max' is of each. */
    FT_IDS,                     /* Prints [{"id": ...}].  Takes, if anything,
                                 * a list of objects of 'nested'. */
    FT_PERSISTENCE,             /* Session persistence: fields in fields. */
    FT_NESTED,                  /* List of objects of 'nested'. */
};

enum field_flags {
    /* Input. */
    FIELD_POST = 1 << 0,        /* POST takes it. */
    FIELD_MUST = 1 << 1,        /* POST must have it. */
    FIELD_PUT = 1 << 2,         /* PUT takes it. */

    /* null.  Means "no value" or, if there is a fallback, that, unless one of
     * these says otherwise. */
    FIELD_NULL_FALSE = 1 << 3,  /* null is false. */
    FIELD_NULL_KEEPS = 1 << 4,  /* PUT: as if it were not there. */
    FIELD_NULL_BAD = 1 << 5,    /* PUT: refused. */

    /* Output. */
    FIELD_HIDDEN = 1 << 6,      /* Never printed. */
    FIELD_NULL_EMPTY = 1 << 7,  /* An empty list prints as null. */
    FIELD_FILTER = 1 << 8,      /* A list may be filtered and ordered by it. */

    /* Storage. */
    FIELD_NO_COLUMN = 1 << 9,   /* Not stored: code looks at it. */

    /* Traffic flows without what OVN does not do of it: if the operator allows
     * that, it is stored, and said not to be honoured. */
    FIELD_DISPENSABLE = 1 << 10,

    /* Lists that are filtered by it are served from store/row-index.h.  For
     * texts, addresses and ids. */
    FIELD_INDEX = 1 << 11,

    /* A list of objects that are there already (a PUT of members) resets it if
     * it leaves it out. */
    FIELD_LIST_RESETS = 1 << 12,

    /* Parts: objects in the POST of the load balancer that they belong to. */
    FIELD_PART = 1 << 13,       /* POST takes it in a part, and only there. */
    FIELD_ALONE = 1 << 14,      /* POST does not take it in a part. */
    FIELD_PART_MAY = 1 << 15,   /* A part may do without what FIELD_MUST
                                 * says: it may be but a name. */
    FIELD_ONE = 1 << 16,        /* FT_NESTED: one object instead of a list. */

    FIELD_STATE = 1 << 17,      /* Tells how the object is, not how users want
                                 * it: changes without them. */
    FIELD_SWITCHED = 1 << 18,   /* Refused, as 'refusal' says, only where the
                                 * operator has switched it off. */
};

/* Options that OVN does not do must be refused, not dropped silently.  A field
 * with a refusal takes no value, and the words in 'supported' or the integers
 * from 'ovn_min' to 'ovn_max', or, if it has neither, only the fallback.  "%s"
 * in the text is the value. */
struct refusal {
    enum fault_id fault;
    const char *text;           /* NULL: everything is supported. */
    const char *const *supported;
};

struct string_format;

struct field {
    const char *name;
    const char *label;          /* The name as it is printed. */
    size_t label_length;
    enum field_type type;
    unsigned int flags;
    int64_t min, max;           /* FT_NESTED: 0 is no maximum. */
    const char *const *words;   /* Ends with NULL. */
    const struct string_format *format;     /* FT_STRING; NULL: any. */
    const char *fallback;       /* Value if unset, NULL for none. */

    /* FT_NESTED, FT_IDS; 0: not looked into, for they are all refused. */
    enum resource_id nested;

    /* The place of the value; NULL: in the row, under the same name.  Else a
     * path: "A" is a column, "_uuid" the row's own id, "A>B" is B of the row
     * that A refers to, and "A?B" are those rows in A whose B refers to this
     * row. */
    const char *column;

    /* Another name that filters and orders of lists know it by: Octavia's data
     * model's, or that of clients.  NULL: none. */
    const char *query_name;
    struct refusal refusal;
    int64_t ovn_min, ovn_max;
    const char *const *nearby;  /* Words that OVN only comes near to: for the
                                 * operator to allow. */
};

struct resource {
    enum resource_id id;
    const char *key;            /* Around an object; NULL: nothing. */
    const char *plural;         /* Around a list. */
    const char *argument;       /* Octavia's word for the body in texts. */
    const char *title;          /* Octavia's word for the object in texts. */
    const char *table;          /* In the database. */
    const struct field *fields; /* In the order of printing. */
    size_t n_fields;
};

/* Bounds the bitmaps and arrays that have a place for each field. */
#define FIELDS_MAX 64

const struct resource *resource_get(enum resource_id);

/* NULL if there is no such field. */
const struct field *field_find(const struct resource *, const char *name);
size_t field_index(const struct resource *, const struct field *);

/* Returns the field that lists may be filtered and ordered by as 'name', or
 * NULL. */
const struct field *field_find_queried(const struct resource *,
                                       const char *name);

/* True if the field's value lives in the object's own row, under the name
 * that field_column() returns. */
bool field_is_own_column(const struct field *);
const char *field_column(const struct field *);

/* True if values are lists, or objects, even with nothing in them. */
bool field_is_list(const struct field *);

/* True if the field's value is other objects, whose rows refer to each
 * other. */
bool field_has_objects(const struct field *);

/* True if the field is refused unless it has its fallback: a value that equals
 * the fallback changes nothing. */
bool field_is_mere_option(const struct field *);

bool word_is_in(const char *const *words, const char *word);

/* The fields of a session persistence object, which are not columns but keys
 * of a map. */
extern const struct resource session_persistence;

/* The body of a PUT of all members of a pool: a list of members, as "members",
 * which is all there is around them. */
extern const struct resource member_list;

/* The tables. */
extern const struct field load_balancer_fields[], listener_fields[];
extern const struct field pool_fields[], member_fields[];
extern const struct field health_monitor_fields[];
extern const struct field additional_vip_fields[];
extern const size_t n_load_balancer_fields, n_listener_fields;
extern const size_t n_pool_fields, n_member_fields;
extern const size_t n_health_monitor_fields, n_additional_vip_fields;

/* For the tables: what is derived from the name. */
#define FIELD_NAME(NAME)                        \
    .name = NAME,                               \
    .label = "\"" NAME "\": ",                  \
    .label_length = sizeof "\"" NAME "\": " - 1

#endif /* model/fields.h */
