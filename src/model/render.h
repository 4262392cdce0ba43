/* SPDX-License-Identifier: Apache-2.0
 *
 * An object as JSON, from its field table.  Where values come from is the
 * caller's: store/rows.h for rows, a test for made-up ones.
 */

#ifndef MODEL_RENDER_H
#define MODEL_RENDER_H 1

#include <stdbool.h>
#include <stddef.h>
#include "model/fields.h"

struct ds;
struct ovsdb_datum;
union ovsdb_atom;

/* Room for a value that is nowhere as it is to be printed.  Reused from field
 * to field; zero to begin with. */
struct value_scratch {
    union ovsdb_atom *atoms;
    size_t n_allocated;
};

void value_scratch_uninit(struct value_scratch *);

/* Returns room for one more atom after the 'n' that are there. */
union ovsdb_atom *value_scratch_add(struct value_scratch *, size_t n);

/* Stores in '*ret' the value of a field of 'object'.  All that it points to is
 * borrowed, from the object or from the scratch. */
typedef void value_reader(const void *object, const struct resource *,
                          const struct field *, struct value_scratch *,
                          struct ovsdb_datum *ret);

/* Returns the 'i'th object in a field of 'object' that has objects in it (see
 * 'nested'), or NULL if there are not so many. */
typedef const void *child_reader(const void *object, const struct resource *,
                                 const struct field *, size_t i);

struct object_reader {
    value_reader *read;
    child_reader *child;
};

/* The fields to print, by index. */
struct field_choice {
    bool is_partial;            /* False: all. */
    bool is_chosen[FIELDS_MAX];
};

/* Appends the object, without its key.  'choice' may be NULL for all. */
void render_object(struct ds *, const struct resource *, const void *object,
                   const struct object_reader *, const struct field_choice *);

/* The same of all fields, and appends to 'config' those without FIELD_STATE,
 * as render_fields() would. */
void render_object_and_config(struct ds *, struct ds *config,
                              const struct resource *, const void *object,
                              const struct object_reader *);

/* Appends the object without the braces around it, for what has more
 * members. */
void render_fields(struct ds *, const struct resource *, const void *object,
                   const struct object_reader *, const struct field_choice *);

#endif /* model/render.h */
