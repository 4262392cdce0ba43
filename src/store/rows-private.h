/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns that rows.c has looked up in the schema, for rows-write.c.
 */

#ifndef STORE_ROWS_PRIVATE_H
#define STORE_ROWS_PRIVATE_H 1

#include "store/rows.h"

struct ovsdb_idl_column;
struct ovsdb_idl_table_class;

const struct ovsdb_idl_table_class *resource_table(enum resource_id);

/* Returns the column of the resource's 'i'th field, which has one. */
const struct ovsdb_idl_column *resource_column(const struct resource *,
                                               size_t i);

/* Returns the column of the row's table, which must have it. */
const struct ovsdb_idl_column *row_column(const struct ovsdb_idl_row *,
                                          enum row_column);

#endif /* store/rows-private.h */
