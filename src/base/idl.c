/* SPDX-License-Identifier: Apache-2.0
 *
 * Helpers around the IDL; see idl.h.
 */

#include <config.h>
#include "base/idl.h"
#include "openvswitch/hmap.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "util.h"

/* Counts all rows only for tables with dangling references: the IDL keeps an
 * empty row for each of them. */
bool
idl_table_is_complete(const struct ovsdb_idl_row *first, size_t n)
{
    size_t n_rows = 0;

    if (first && n == hmap_count(&first->table->rows)) {
        return true;
    }
    for (const struct ovsdb_idl_row *row = first; row;
         row = ovsdb_idl_next_row(row)) {
        n_rows++;
    }
    return n == n_rows;
}

void
idl_optional_add(const struct idl_optional *optional, struct ovsdb_idl *idl,
                 bool is_tracked)
{
    for (size_t i = 0; i < optional->n; i++) {
        if (!(optional->present & (UINT32_C(1) << i))) {
            continue;
        }
        ovsdb_idl_add_column(idl, optional->columns[i]);
        if (is_tracked) {
            ovsdb_idl_track_add_column(idl, optional->columns[i]);
        }
    }
}

bool
idl_optional_run(struct idl_optional *optional, const struct ovsdb_idl *idl)
{
    uint32_t present = 0;

    if (!ovsdb_idl_has_ever_connected(idl)) {
        return false;
    }
    for (size_t i = 0; i < optional->n; i++) {
        if (ovsdb_idl_server_has_column(idl, optional->columns[i])) {
            present |= UINT32_C(1) << i;
        }
    }
    bool changed = present != optional->present;
    optional->present = present;
    return changed;
}
