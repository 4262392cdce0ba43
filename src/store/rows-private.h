/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups in the schema, by rows.c, for the other files of this folder.
 */

#ifndef STORE_ROWS_PRIVATE_H
#define STORE_ROWS_PRIVATE_H 1

#include "store/rows.h"

struct ovsdb_idl_column;
struct ovsdb_idl_table_class;

/* The schema must have the table 'name', and the table the column, of which
 * 'length' bytes are the name. */
const struct ovsdb_idl_table_class *schema_table(const char *name);
const struct ovsdb_idl_column *schema_column(
    const struct ovsdb_idl_table_class *, const char *name, size_t length);

const struct ovsdb_idl_table_class *resource_table(enum resource_id);

/* Of the resource's 'i'th field, which has one. */
const struct ovsdb_idl_column *resource_column(const struct resource *,
                                               size_t i);

/* Of the row's table, which must have it. */
const struct ovsdb_idl_column *row_column(const struct ovsdb_idl_row *,
                                          enum row_column);

#endif /* store/rows-private.h */
