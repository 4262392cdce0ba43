/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables and columns by name; see schema.h.
 */

#include <config.h>
#include "store/schema.h"
#include <string.h>
#include "octavia-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"

const struct ovsdb_idl_table_class *
schema_table(const char *name)
{
    for (size_t i = 0; i < octrec_idl_class.n_tables; i++) {
        if (!strcmp(octrec_idl_class.tables[i].name, name)) {
            return &octrec_idl_class.tables[i];
        }
    }
    OVS_NOT_REACHED();
}

const struct ovsdb_idl_column *
schema_find_column(const struct ovsdb_idl_table_class *table,
                   const char *name, size_t length)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct ovsdb_idl_column *column = &table->columns[i];

        if (strlen(column->name) == length
            && !memcmp(column->name, name, length)) {
            return column;
        }
    }
    return NULL;
}

const struct ovsdb_idl_column *
schema_column(const struct ovsdb_idl_table_class *table, const char *name,
              size_t length)
{
    const struct ovsdb_idl_column *column = schema_find_column(table, name,
                                                               length);

    if (!column) {
        ovs_abort(0, "schema: %s has no column %.*s", table->name,
                  (int) length, name);
    }
    return column;
}
