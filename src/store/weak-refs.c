/* SPDX-License-Identifier: Apache-2.0
 *
 * Weak references in OVN_Octavia; see weak-refs.h.
 */

#include <config.h>
#include "store/weak-refs.h"
#include "base/array.h"
#include "octavia-idl.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "store/schema.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(weak_refs);

struct weak_refs {
    struct ovsdb_idl *idl;
    struct weak_column *columns;
    size_t n, allocated;
};

static bool
is_weak(const struct ovsdb_base_type *type)
{
    return (type->type == OVSDB_TYPE_UUID && type->uuid.refTableName
            && type->uuid.refType == OVSDB_REF_WEAK);
}

static void
add_column(struct weak_refs *refs, const struct ovsdb_idl_table_class *table,
           const struct ovsdb_idl_column *column)
{
    const struct ovsdb_type *type = &column->type;

    ARRAY_GROW(refs->columns, refs->n, refs->allocated);

    /* A column that refers to several rows would need another index. */
    ovs_assert(type->n_max == 1);
    refs->columns[refs->n++] = (struct weak_column) {
        .table = table,
        .column = column,
        .refers_to = schema_table(type->key.uuid.refTableName),
        .index = (type->n_min ? NULL
                  : ovsdb_idl_index_create1(refs->idl, column)),
    };
}

struct weak_refs *
weak_refs_create(struct ovsdb_idl *idl)
{
    struct weak_refs *refs = xzalloc(sizeof *refs);

    refs->idl = idl;
    for (size_t i = 0; i < octrec_idl_class.n_tables; i++) {
        const struct ovsdb_idl_table_class *table
            = &octrec_idl_class.tables[i];

        for (size_t j = 0; j < table->n_columns; j++) {
            const struct ovsdb_idl_column *column = &table->columns[j];

            ovs_assert(!is_weak(&column->type.value));
            if (is_weak(&column->type.key)) {
                add_column(refs, table, column);
            }
        }
    }
    return refs;
}

/* The indexes belong to the IDL. */
void
weak_refs_destroy(struct weak_refs *refs)
{
    if (refs) {
        free(refs->columns);
        free(refs);
    }
}

const struct weak_column *
weak_refs_columns(const struct weak_refs *refs, size_t *n)
{
    *n = refs->n;
    return refs->columns;
}

static void
empty_column(const struct ovsdb_idl_row *row,
             const struct weak_column *column)
{
    struct ovsdb_datum none;

    ovsdb_datum_init_empty(&none);
    ovsdb_idl_txn_write(row, column->column, &none);
}

/* The index knows what the open transaction has changed, so each row that was
 * found is not found again. */
static void
empty_references(const struct weak_column *column,
                 const struct ovsdb_idl_row *row)
{
    struct ovsdb_idl_row *key = ovsdb_idl_index_init_row(column->index);
    union ovsdb_atom *atom = xmalloc(sizeof *atom);
    struct ovsdb_datum datum;
    const struct ovsdb_idl_row *referrer;

    atom->uuid = row->uuid;
    ovsdb_datum_init_empty(&datum);
    datum.n = 1;
    datum.keys = atom;
    ovsdb_idl_index_write(key, column->column, &datum, column->table);
    while ((referrer = ovsdb_idl_index_find(column->index, key))) {
        empty_column(referrer, column);
    }
    ovsdb_idl_index_destroy_row(key);
}

void
weak_refs_delete_row(const struct weak_refs *refs,
                     const struct ovsdb_idl_row *row)
{
    for (size_t i = 0; i < refs->n; i++) {
        const struct weak_column *column = &refs->columns[i];

        if (column->index && column->refers_to == row->table->class_) {
            empty_references(column, row);
        }
    }
    ovsdb_idl_txn_delete(row);
}

static bool
is_dangling(const struct weak_refs *refs, const struct ovsdb_idl_row *row,
            const struct weak_column *column)
{
    const struct ovsdb_datum *datum = ovsdb_idl_read(row, column->column);

    if (!datum->n) {
        return false;
    }

    const struct ovsdb_idl_row *other
        = ovsdb_idl_get_row_for_uuid(refs->idl, column->refers_to,
                                     &datum->keys[0].uuid);

    return !other || !other->new_datum;
}

bool
weak_refs_heal_row(const struct weak_refs *refs,
                   const struct ovsdb_idl_row *row)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(10, 20);
    bool healed = false;

    for (size_t i = 0; i < refs->n; i++) {
        const struct weak_column *column = &refs->columns[i];

        if (column->index && column->table == row->table->class_
            && is_dangling(refs, row, column)) {
            VLOG_INFO_RL(&rl, "%s "UUID_FMT": what %s referred to is gone, "
                         "setting it to nothing", column->table->name,
                         UUID_ARGS(&row->uuid), column->column->name);
            empty_column(row, column);
            healed = true;
        }
    }
    return healed;
}
