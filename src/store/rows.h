/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of OVN_Octavia for code that does not know its generated types: any
 * field of the field tables can be read and written by the same code.
 *
 * A row is valid until the next store_run(); keep its id.
 */

#ifndef STORE_ROWS_H
#define STORE_ROWS_H 1

#include "model/attrs.h"
#include "model/fields.h"
#include "model/render.h"

struct ovsdb_datum;
struct ovsdb_idl_row;
struct ovsdb_idl_txn;
struct rows;
struct store;
struct uuid;

/* The columns that code, rather than the field tables, knows by name. */
#define ROW_COLUMNS                             \
    ROW_COLUMN(additional_vips)                 \
    ROW_COLUMN(address)                         \
    ROW_COLUMN(created_at)                      \
    ROW_COLUMN(default_pool)                    \
    ROW_COLUMN(deleting)                        \
    ROW_COLUMN(fault_code)                      \
    ROW_COLUMN(fault_text)                      \
    ROW_COLUMN(health_monitor)                  \
    ROW_COLUMN(ip_address)                      \
    ROW_COLUMN(last_request)                    \
    ROW_COLUMN(lb_algorithm)                    \
    ROW_COLUMN(listeners)                       \
    ROW_COLUMN(load_balancer)                   \
    ROW_COLUMN(members)                         \
    ROW_COLUMN(name)                            \
    ROW_COLUMN(network_id)                      \
    ROW_COLUMN(operating_status)                \
    ROW_COLUMN(pool)                            \
    ROW_COLUMN(pools)                           \
    ROW_COLUMN(port_id)                         \
    ROW_COLUMN(position)                        \
    ROW_COLUMN(project_id)                      \
    ROW_COLUMN(protocol)                        \
    ROW_COLUMN(protocol_port)                   \
    ROW_COLUMN(provider)                        \
    ROW_COLUMN(provisioning_status)             \
    ROW_COLUMN(session_persistence)             \
    ROW_COLUMN(subnet_id)                       \
    ROW_COLUMN(type)                            \
    ROW_COLUMN(updated_at)                      \
    ROW_COLUMN(vip_address)                     \
    ROW_COLUMN(vip_network_id)                  \
    ROW_COLUMN(vip_port_id)                     \
    ROW_COLUMN(vip_subnet_id)

enum row_column {
#define ROW_COLUMN(NAME) COL_##NAME,
    ROW_COLUMNS
#undef ROW_COLUMN
    N_ROW_COLUMNS
};

/* Call between store_create() and the first store_run(). */
struct rows *rows_create(struct store *);
void rows_destroy(struct rows *);

/* Finding.  NULL if there is none. */
const struct ovsdb_idl_row *rows_find(const struct rows *, enum resource_id,
                                      const struct uuid *);

/* Orders rows by creation, then by id, as strcmp() does texts.  Not for those
 * without created_at. */
int row_compare(const struct ovsdb_idl_row *, const struct ovsdb_idl_row *);

/* Reading.  Values are borrowed. row_get() returns the column as it is, with
 * references to rows that may not be there (store/weak-refs.h).  The other
 * functions see only rows that are. */
const struct uuid *row_id(const struct ovsdb_idl_row *);
const struct ovsdb_datum *row_get(const struct ovsdb_idl_row *,
                                  enum row_column);
const char *row_string(const struct ovsdb_idl_row *, enum row_column);
const struct uuid *row_uuid(const struct ovsdb_idl_row *, enum row_column);
int64_t row_integer(const struct ovsdb_idl_row *, enum row_column);
bool row_bool(const struct ovsdb_idl_row *, enum row_column);

/* True if 'column' is a single string that equals 'text'. */
bool row_is(const struct ovsdb_idl_row *, enum row_column, const char *text);

/* Returns the row that 'column' refers to, or its 'i'th. */
const struct ovsdb_idl_row *row_ref(const struct ovsdb_idl_row *,
                                    enum row_column, size_t i);

/* Returns the kind of object that the row is. */
const struct resource *row_get_resource(const struct ovsdb_idl_row *);

/* Returns the project that the row belongs to: a part has its load balancer's.
 * NULL if it has none (any more). */
const char *row_project(const struct ovsdb_idl_row *);

/* True if the row has this value of the field in a column of its own.  For
 * 'struct attrs_leeway': 'aux' is the row, or NULL. */
bool row_has_value(const struct field *, const struct ovsdb_datum *,
                   const void *row);

/* An 'object_reader' (see model/render.h) for rows. */
extern const struct object_reader row_reader;

/* Writing, within a transaction. */
const struct ovsdb_idl_row *rows_insert(struct ovsdb_idl_txn *,
                                        enum resource_id,
                                        const struct uuid *id);

/* The same in the transaction that 'row' is being written in. */
const struct ovsdb_idl_row *rows_insert_with(const struct ovsdb_idl_row *row,
                                             enum resource_id,
                                             const struct uuid *id);

/* Writes each attribute that has a column: attributes with a value (POST), or
 * given ones (PUT).  Does not write objects within the object. */
void row_write_attrs(const struct ovsdb_idl_row *, const struct attrs *);

/* Writes only given attributes: no fallbacks of others. */
void row_write_given_attrs(const struct ovsdb_idl_row *, const struct attrs *);

/* Writes given attributes, and those that a list resets (FIELD_LIST_RESETS):
 * 'attrs' are one object's of a list in which it is again. */
void row_write_listed_attrs(const struct ovsdb_idl_row *,
                            const struct attrs *);

/* Writes each attribute that a PUT can change, given or not, but for default
 * pools: 'attrs' are all that the object is to have. */
void row_write_whole_attrs(const struct ovsdb_idl_row *, const struct attrs *);
void row_write_string(const struct ovsdb_idl_row *, enum row_column,
                      const char *);
void row_write_integer(const struct ovsdb_idl_row *, enum row_column,
                       int64_t);
void row_write_bool(const struct ovsdb_idl_row *, enum row_column, bool);
void row_write_uuid(const struct ovsdb_idl_row *, enum row_column,
                    const struct uuid *);

void row_write_uuids(const struct ovsdb_idl_row *, enum row_column,
                     const struct uuid *, size_t n);

/* Adds 'id' to a set, whatever else others do to it. */
void row_add_ref(const struct ovsdb_idl_row *, enum row_column,
                 const struct uuid *id);

/* Makes the transaction fail, and be tried again, if another client changes
 * the column meanwhile. */
void row_verify(const struct ovsdb_idl_row *, enum row_column);

#endif /* store/rows.h */
