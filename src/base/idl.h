/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to which libopenvswitch's IDL has no answer by itself.
 */

#ifndef BASE_IDL_H
#define BASE_IDL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ovsdb_idl;
struct ovsdb_idl_column;
struct ovsdb_idl_row;

/* Returns true if copies of a table's rows, 'n' of them, can be all of its
 * rows.  'first' is the table's first row, or NULL.  To be asked after the
 * tracked changes were applied to the copies.  Copies are out of date when the
 * IDL threw its replica away and loaded a new one (after a reconnect to a
 * server without history, and after a schema conversion even without one): it
 * reports no deletions then, only insertions.  They also are when a row was
 * inserted with every tracked column at its default, such as a switch without
 * a name: the IDL does not report that at all.  Rows that exist only as
 * references do not count. ovsdb-server 3.1 leaves such references behind when
 * a transaction changes a row and then deletes the row that it refers to
 * weakly. */
bool idl_table_is_complete(const struct ovsdb_idl_row *first, size_t n);

/* Columns that not every version of a database has.  An IDL that is told to
 * replicate what the server lacks warns about it on each connection, so it is
 * only told once the server is known to have it: it starts without them, and
 * its owner makes a new one when the answer below changes; or another IDL,
 * which asks for the tables and none of their rows, has gone first. */
struct idl_optional {
    const struct ovsdb_idl_column *const *columns;
    size_t n;                   /* At most 32. */
    uint32_t present;           /* Bit i: the server has 'columns[i]', as far
                                 * as is known. */
};

/* Adds the columns that are present to an IDL that has not run yet, with
 * change tracking if 'is_tracked'. */
void idl_optional_add(const struct idl_optional *, struct ovsdb_idl *,
                      bool is_tracked);

/* To be called after each run of the IDL.  Returns true if 'present' is
 * another one now, so that the IDL is of no use any more. */
bool idl_optional_run(struct idl_optional *, const struct ovsdb_idl *);

#endif /* base/idl.h */
