/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables and columns of OVN_Octavia by name, as the generated code has them.
 */

#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H 1

#include <stddef.h>

struct ovsdb_idl_column;
struct ovsdb_idl_table_class;

/* Returns the table 'name', which there must be. */
const struct ovsdb_idl_table_class *schema_table(const char *name);

/* Returns the column that the first 'length' bytes of 'name' name, or NULL;
 * schema_column(): there must be one. */
const struct ovsdb_idl_column *schema_find_column(
    const struct ovsdb_idl_table_class *, const char *name, size_t length);
const struct ovsdb_idl_column *schema_column(
    const struct ovsdb_idl_table_class *, const char *name, size_t length);

#endif /* store/schema.h */
