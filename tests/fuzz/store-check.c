/* SPDX-License-Identifier: Apache-2.0
 *
 * Transactions without a server; see store-check.h.
 */

#include <config.h>
#include "store-check.h"
#include <stdio.h>
#include <stdlib.h>
#include "bitmap.h"
#include "octavia-idl.h"
#include "ovsdb-error.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "store/rows.h"
#include "store/store.h"
#include "util.h"

static struct store *the_store;
static struct rows *the_rows;

static void
create(void)
{
    if (!the_store) {
        the_store = store_create("unix:/nonexistent", STORE_READER_WRITER);
        the_rows = rows_create(the_store);
    }
}

struct store *
store_check_store(void)
{
    create();
    return the_store;
}

struct rows *
store_check_rows(void)
{
    create();
    return the_rows;
}

struct ovsdb_idl_txn *
store_check_begin(void)
{
    return ovsdb_idl_txn_create(store_idl(store_check_store()));
}

static void
check_row(const struct ovsdb_idl_row *row)
{
    const struct ovsdb_idl_table_class *class = row->table->class_;

    for (size_t i = 0; row->new_datum && i < class->n_columns; i++) {
        const struct ovsdb_idl_column *column = &class->columns[i];
        struct ovsdb_error *error
            = (bitmap_is_set(row->written, i)
               ? ovsdb_datum_check_constraints(&row->new_datum[i],
                                               &column->type)
               : NULL);

        if (error) {
            char *text = ovsdb_error_to_string_free(error);

            fprintf(stderr, "%s.%s: %s\n", class->name, column->name, text);
            abort();
        }
    }
}

void
store_check_end(struct ovsdb_idl_txn *txn)
{
    const struct ovsdb_idl *idl = store_idl(the_store);

    for (size_t i = 0; i < octrec_idl_class.n_tables; i++) {
        const struct ovsdb_idl_row *row
            = ovsdb_idl_first_row(idl, &octrec_idl_class.tables[i]);

        for (; row; row = ovsdb_idl_next_row(row)) {
            check_row(row);
        }
    }
    ovsdb_idl_txn_abort(txn);
    ovsdb_idl_txn_destroy(txn);
}
