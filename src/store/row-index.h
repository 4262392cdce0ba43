/* SPDX-License-Identifier: Apache-2.0
 *
 * The index that lists are served from: the rows of a resource in the order of
 * their creation, all of them, and those that have a word in a field with
 * FIELD_INDEX.  A page costs what it has, not what the table has.  The index
 * follows the replica and never changes a row; a word in it only says which
 * rows to look at.
 */

#ifndef STORE_ROW_INDEX_H
#define STORE_ROW_INDEX_H 1

#include <stdbool.h>
#include <stddef.h>
#include "model/fields.h"
#include "model/status.h"

struct ovsdb_datum;
struct ovsdb_idl_row;
struct row_index;
struct row_index_list;
struct rows;
struct store;
union ovsdb_atom;

/* Keeps pointers to both arguments.  Call before the first store_run(). */
struct row_index *row_index_create(struct store *, const struct rows *);
void row_index_destroy(struct row_index *);

/* Takes over what store_run() has brought.  Call after each of them. */
void row_index_run(struct row_index *);

/* Return how many rows of a resource have a status. */
unsigned int row_index_n_provisioning(const struct row_index *,
                                      enum resource_id,
                                      enum provisioning_status);
unsigned int row_index_n_operating(const struct row_index *,
                                   enum resource_id, enum operating_status);

/* True if the resource's rows are counted. */
bool row_index_counts(enum resource_id);

/* A walk through rows in the order of creation, or, if 'is_reverse', against
 * it.  Valid until the next row_index_run(). */
struct row_index_walk {
    const struct row_index *index;
    const struct resource *resource;
    const struct row_index_list **lists;        /* The rows of all of them. */
    size_t *places;             /* Of the next row in each list, counted from
                                 * the end where the walk began. */
    size_t n;
    size_t n_rows;              /* At most. */
    bool is_reverse;
};

/* Prepares a walk through all rows of a resource, which must have a field with
 * FIELD_INDEX. */
void row_index_walk_init(struct row_index_walk *, const struct row_index *,
                         enum resource_id);
void row_index_walk_uninit(struct row_index_walk *);

/* Narrow the walk to rows that have the word in 'field' (in one of texts:
 * 'text'), or one of 'words', unless it has fewer already.  Do nothing if the
 * field is not in the index: the caller compares each row anyway. */
void row_index_walk_narrow(struct row_index_walk *, const struct field *,
                           const union ovsdb_atom *word);
void row_index_walk_narrow_to_text(struct row_index_walk *,
                                   const struct field *, const char *text);
void row_index_walk_narrow_to_any(struct row_index_walk *,
                                  const struct field *,
                                  const struct ovsdb_datum *words);

/* Puts the walk behind 'marker' (if 'is_reverse', before it), which need not
 * be one of its rows.  NULL: at the start. */
void row_index_walk_begin(struct row_index_walk *,
                          const struct ovsdb_idl_row *marker,
                          bool is_reverse);

/* Returns the next row, or NULL at the end. */
const struct ovsdb_idl_row *row_index_walk_next(struct row_index_walk *);

#endif /* store/row-index.h */
