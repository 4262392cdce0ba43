/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows by field: writing them, within a transaction; see rows.h.
 */

#include <config.h>
#include "store/rows.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "store/rows-private.h"
#include "util.h"
#include "uuid.h"

const struct ovsdb_idl_row *
rows_insert(struct ovsdb_idl_txn *txn, enum resource_id resource,
            const struct uuid *id)
{
    return ovsdb_idl_txn_insert_persist_uuid(txn, resource_table(resource),
                                             id);
}

const struct ovsdb_idl_row *
rows_insert_with(const struct ovsdb_idl_row *row, enum resource_id resource,
                 const struct uuid *id)
{
    return rows_insert(ovsdb_idl_txn_get(row), resource, id);
}

/* Writes what is given, and, if 'is_wanted' says so, what is not. */
static void
write_attrs(const struct ovsdb_idl_row *row, const struct attrs *attrs,
            bool (*is_wanted)(const struct field *, const struct attr *))
{
    const struct resource *resource = attrs->resource;

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        const struct attr *attr = &attrs->attr[i];

        if (field_is_own_column(field) && !field_has_objects(field)
            && (attr->is_given || (is_wanted && is_wanted(field, attr)))) {
            ovsdb_idl_txn_write_clone(row, resource_column(resource, i),
                                      &attr->datum);
        }
    }
}

static bool
attr_has_value(const struct field *field OVS_UNUSED, const struct attr *attr)
{
    return attr->datum.n;
}

void
row_write_attrs(const struct ovsdb_idl_row *row, const struct attrs *attrs)
{
    write_attrs(row, attrs, attr_has_value);
}

void
row_write_given_attrs(const struct ovsdb_idl_row *row,
                      const struct attrs *attrs)
{
    write_attrs(row, attrs, NULL);
}

static bool
attr_is_reset(const struct field *field, const struct attr *attr OVS_UNUSED)
{
    return field->flags & FIELD_LIST_RESETS;
}

void
row_write_listed_attrs(const struct ovsdb_idl_row *row,
                       const struct attrs *attrs)
{
    write_attrs(row, attrs, attr_is_reset);
}

static bool
attr_is_settable(const struct field *field, const struct attr *attr OVS_UNUSED)
{
    return field->flags & FIELD_PUT && strcmp(field->name, "default_pool_id");
}

void
row_write_whole_attrs(const struct ovsdb_idl_row *row,
                      const struct attrs *attrs)
{
    write_attrs(row, attrs, attr_is_settable);
}

/* Takes over what 'atom' points to. */
static void
write_atom(const struct ovsdb_idl_row *row, enum row_column name,
           const union ovsdb_atom *atom)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    datum.n = 1;
    datum.keys = xmemdup(atom, sizeof *atom);
    ovsdb_idl_txn_write(row, row_column(row, name), &datum);
}

void
row_write_string(const struct ovsdb_idl_row *row, enum row_column name,
                 const char *value)
{
    union ovsdb_atom atom = { .s = ovsdb_atom_string_create(value) };

    write_atom(row, name, &atom);
}

void
row_write_integer(const struct ovsdb_idl_row *row, enum row_column name,
                  int64_t value)
{
    union ovsdb_atom atom = { .integer = value };

    write_atom(row, name, &atom);
}

void
row_write_bool(const struct ovsdb_idl_row *row, enum row_column name,
               bool value)
{
    union ovsdb_atom atom = { .boolean = value };

    write_atom(row, name, &atom);
}

void
row_write_uuid(const struct ovsdb_idl_row *row, enum row_column name,
               const struct uuid *value)
{
    union ovsdb_atom atom = { .uuid = *value };

    write_atom(row, name, &atom);
}

void
row_write_uuids(const struct ovsdb_idl_row *row, enum row_column name,
                const struct uuid *values, size_t n)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    datum.n = n;
    datum.keys = xcalloc(n, sizeof *datum.keys);
    for (size_t i = 0; i < n; i++) {
        datum.keys[i].uuid = values[i];
    }
    ovsdb_datum_sort_unique(&datum, &row_column(row, name)->type);
    ovsdb_idl_txn_write(row, row_column(row, name), &datum);
}

/* The row is new, so this transaction has written all that is in the set. */
static void
add_ref_to_new(const struct ovsdb_idl_row *row, enum row_column name,
               const struct uuid *id)
{
    const struct ovsdb_type *type = &row_column(row, name)->type;
    union ovsdb_atom atom = { .uuid = *id };
    struct ovsdb_datum datum;

    ovsdb_datum_clone(&datum, row_get(row, name));
    ovsdb_datum_add_unsafe(&datum, &atom, NULL, type, NULL);
    ovsdb_datum_sort_unique(&datum, type);
    ovsdb_idl_txn_write(row, row_column(row, name), &datum);
}

void
row_add_ref(const struct ovsdb_idl_row *row, enum row_column name,
            const struct uuid *id)
{
    if (!row->old_datum) {
        add_ref_to_new(row, name, id);
        return;
    }

    /* The transaction takes over the datum itself, too. */
    struct ovsdb_datum *datum = xmalloc(sizeof *datum);

    ovsdb_datum_init_empty(datum);
    datum->n = 1;
    datum->keys = xzalloc(sizeof *datum->keys);
    datum->keys[0].uuid = *id;
    ovsdb_idl_txn_write_partial_set(row, row_column(row, name), datum);
}

void
row_verify(const struct ovsdb_idl_row *row, enum row_column name)
{
    ovsdb_idl_txn_verify(row, row_column(row, name));
}
