/* SPDX-License-Identifier: Apache-2.0
 *
 * Weak references in OVN_Octavia: columns that name a row without keeping it.
 *
 * The database is expected to empty them when the row goes.  ovsdb-server from
 * 3.3 on does not always: if the same transaction changes the row that refers,
 * in any of its columns, the reference stays for ever and dangles.  So a row
 * is deleted by this file, which empties what refers to it, and whatever else
 * has left a reference dangling, it is emptied when its row is next looked at.
 * Readers go by rows that are there (row_ref(), row_uuid()).
 *
 * Which columns are weak, the schema says; there is no list to forget one in.
 */

#ifndef STORE_WEAK_REFS_H
#define STORE_WEAK_REFS_H 1

#include <stdbool.h>
#include <stddef.h>

struct ovsdb_idl;
struct ovsdb_idl_column;
struct ovsdb_idl_index;
struct ovsdb_idl_row;
struct ovsdb_idl_table_class;
struct weak_refs;

struct weak_column {
    const struct ovsdb_idl_table_class *table;
    const struct ovsdb_idl_column *column;
    const struct ovsdb_idl_table_class *refers_to;

    /* Rows by what they refer to.  NULL for a column that must refer to a row:
     * its rows hang below that one, and go with it. */
    struct ovsdb_idl_index *index;
};

/* For the columns of 'idl', all of which it must monitor already.  Call before
 * its first run. */
struct weak_refs *weak_refs_create(struct ovsdb_idl *);
void weak_refs_destroy(struct weak_refs *);

/* All weak columns of the schema. */
const struct weak_column *weak_refs_columns(const struct weak_refs *,
                                            size_t *n);

/* Deletes 'row', and empties what refers to it, in the open transaction.  It
 * is for the caller to take the row out of the set that keeps it. */
void weak_refs_delete_row(const struct weak_refs *,
                          const struct ovsdb_idl_row *row);

/* Empties the columns of 'row' that refer to rows that are not there, in the
 * open transaction.  Returns true if there were any. */
bool weak_refs_heal_row(const struct weak_refs *,
                        const struct ovsdb_idl_row *row);

#endif /* store/weak-refs.h */
