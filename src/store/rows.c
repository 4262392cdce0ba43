/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows by field: finding and reading them; see rows.h.  Every column that a
 * field table names is looked up once, at the start, and its type checked: a
 * table that does not fit the schema does not get as far as serving a
 * request.
 */

#include <config.h>
#include "store/rows.h"
#include <string.h>
#include "model/value.h"
#include "octavia-idl.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "store/rows-private.h"
#include "store/schema.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

/* "A>B>C" or "A>B?C" is two steps at most before its last column. */
#define PATH_STEPS_MAX 2

/* The place of a field's value. */
struct field_place {
    const struct ovsdb_idl_table_class *steps_to[PATH_STEPS_MAX];
    const struct ovsdb_idl_column *steps[PATH_STEPS_MAX];
    size_t n_steps;
    const struct ovsdb_idl_column *column;  /* NULL: the row's own id. */
    const struct ovsdb_idl_table_class *refers_to;  /* NULL: to nothing. */

    /* "?": the members of 'column' whose 'back' refers to the row. */
    const struct ovsdb_idl_column *back;
};

struct rows {
    struct ovsdb_idl *idl;
};

/* Both follow from the field tables and the schema, which never change. */
static const struct ovsdb_idl_table_class *tables[N_RESOURCES];
static struct field_place places[N_RESOURCES][FIELDS_MAX];
static const struct ovsdb_idl_column *known[N_RESOURCES][N_ROW_COLUMNS];

static const char *const column_names[] = {
#define ROW_COLUMN(NAME) [COL_##NAME] = #NAME,
    ROW_COLUMNS
#undef ROW_COLUMN
};

static void resolve_fields(const struct resource *);

static void
resolve_tables(void)
{
    for (size_t i = 0; i < N_RESOURCES; i++) {
        tables[i] = schema_table(resource_get(i)->table);
        for (size_t j = 0; j < N_ROW_COLUMNS; j++) {
            known[i][j] = schema_find_column(tables[i], column_names[j],
                                             strlen(column_names[j]));
        }
        resolve_fields(resource_get(i));
    }
}

static bool
is_reference(const struct ovsdb_idl_column *column)
{
    const struct ovsdb_base_type *base = &column->type.key;

    return base->type == OVSDB_TYPE_UUID && base->uuid.refTableName;
}

/* The table that a column refers to, as the generated code knows it. */
static const struct ovsdb_idl_table_class *
referred_table(const struct ovsdb_idl_column *column)
{
    ovs_assert(is_reference(column));
    return schema_table(column->type.key.uuid.refTableName);
}

static void
resolve_path(struct field_place *place,
             const struct ovsdb_idl_table_class *table, const char *path)
{
    for (;;) {
        size_t length = strcspn(path, ">?");
        const struct ovsdb_idl_column *column = schema_column(table, path,
                                                              length);

        if (path[length] != '>') {
            place->column = column;
            path += length;
            break;
        }
        ovs_assert(place->n_steps < PATH_STEPS_MAX);
        table = referred_table(column);
        place->steps[place->n_steps] = column;
        place->steps_to[place->n_steps++] = table;
        path += length + 1;
    }
    if (is_reference(place->column)) {
        place->refers_to = referred_table(place->column);
    }
    if (*path == '?') {
        ovs_assert(place->refers_to);
        place->back = schema_column(place->refers_to, path + 1,
                                    strlen(path + 1));
    }
}

static void
resolve_fields(const struct resource *resource)
{
    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        struct field_place *place = &places[resource->id][i];

        if (field->flags & FIELD_NO_COLUMN
            || !strcmp(field_column(field), "_uuid")) {
            continue;
        }
        memset(place, 0, sizeof *place);
        resolve_path(place, tables[resource->id], field_column(field));

        const struct ovsdb_type *type = value_type(field);
        if (place->column->type.key.type != type->key.type
            || place->column->type.value.type != type->value.type) {
            ovs_abort(0, "schema: %s.%s does not fit the field %s",
                      resource->table, place->column->name, field->name);
        }
    }
}

struct rows *
rows_create(struct store *store)
{
    struct rows *rows = xzalloc(sizeof *rows);

    rows->idl = store_idl(store);
    resolve_tables();
    return rows;
}

void
rows_destroy(struct rows *rows)
{
    free(rows);
}

static const struct ovsdb_idl_row *
find_row_by_id(const struct ovsdb_idl *idl,
               const struct ovsdb_idl_table_class *table,
               const struct uuid *id)
{
    const struct ovsdb_idl_row *row
        = ovsdb_idl_get_row_for_uuid(idl, table, id);

    /* A row that is referred to, but that the replica does not have, and one
     * that the open transaction deletes. */
    return row && row->new_datum ? row : NULL;
}

const struct ovsdb_idl_row *
rows_find(const struct rows *rows, enum resource_id resource,
          const struct uuid *id)
{
    return find_row_by_id(rows->idl, tables[resource], id);
}

int
row_compare(const struct ovsdb_idl_row *a, const struct ovsdb_idl_row *b)
{
    int64_t time_a = row_integer(a, COL_created_at);
    int64_t time_b = row_integer(b, COL_created_at);

    return (time_a < time_b ? -1 : time_a > time_b ? 1
            : uuid_compare_3way(&a->uuid, &b->uuid));
}

static size_t
row_resource(const struct ovsdb_idl_row *row)
{
    for (size_t i = 0; i < N_RESOURCES; i++) {
        if (row->table->class_ == tables[i]) {
            return i;
        }
    }
    OVS_NOT_REACHED();
}

const struct resource *
row_get_resource(const struct ovsdb_idl_row *row)
{
    return resource_get(row_resource(row));
}

const struct ovsdb_idl_column *
row_column(const struct ovsdb_idl_row *row, enum row_column name)
{
    const struct ovsdb_idl_column *column = known[row_resource(row)][name];

    ovs_assert(column);
    return column;
}

const struct ovsdb_idl_table_class *
resource_table(enum resource_id resource)
{
    return tables[resource];
}

const struct ovsdb_idl_column *
resource_column(const struct resource *resource, size_t i)
{
    return places[resource->id][i].column;
}

const struct uuid *
row_id(const struct ovsdb_idl_row *row)
{
    return &row->uuid;
}

const struct ovsdb_datum *
row_get(const struct ovsdb_idl_row *row, enum row_column name)
{
    return ovsdb_idl_read(row, row_column(row, name));
}

const char *
row_string(const struct ovsdb_idl_row *row, enum row_column name)
{
    const struct ovsdb_datum *datum = row_get(row, name);

    return datum->n ? json_string(datum->keys[0].s) : NULL;
}

const struct uuid *
row_uuid(const struct ovsdb_idl_row *row, enum row_column name)
{
    const struct ovsdb_idl_column *column = row_column(row, name);
    const struct ovsdb_datum *datum = ovsdb_idl_read(row, column);

    return (datum->n && (!is_reference(column) || row_ref(row, name, 0))
            ? &datum->keys[0].uuid : NULL);
}

int64_t
row_integer(const struct ovsdb_idl_row *row, enum row_column name)
{
    const struct ovsdb_datum *datum = row_get(row, name);

    return datum->n ? datum->keys[0].integer : 0;
}

bool
row_bool(const struct ovsdb_idl_row *row, enum row_column name)
{
    const struct ovsdb_datum *datum = row_get(row, name);

    return datum->n && datum->keys[0].boolean;
}

bool
row_is(const struct ovsdb_idl_row *row, enum row_column name,
       const char *text)
{
    const char *value = row_string(row, name);

    return value && !strcmp(value, text);
}

const struct ovsdb_idl_row *
row_ref(const struct ovsdb_idl_row *row, enum row_column name, size_t i)
{
    const struct ovsdb_idl_column *column = row_column(row, name);
    const struct ovsdb_datum *datum = ovsdb_idl_read(row, column);

    return (i < datum->n
            ? find_row_by_id(row->table->idl, referred_table(column),
                             &datum->keys[i].uuid)
            : NULL);
}

static bool
refers_back(const struct ovsdb_idl_row *other,
            const struct ovsdb_idl_column *back,
            const struct ovsdb_idl_row *row)
{
    const struct ovsdb_datum *datum = ovsdb_idl_read(other, back);

    return datum->n && uuid_equals(&datum->keys[0].uuid, &row->uuid);
}

/* The rows that the set 'datum' refers to: if they are there, and, if the
 * place has a 'back', refer back to 'row'. */
static void
read_references(const struct ovsdb_idl_row *row,
                const struct field_place *place,
                const struct ovsdb_datum *datum,
                struct value_scratch *scratch, struct ovsdb_datum *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < datum->n; i++) {
        const struct ovsdb_idl_row *other
            = find_row_by_id(row->table->idl, place->refers_to,
                             &datum->keys[i].uuid);

        if (other && (!place->back
                      || refers_back(other, place->back, row))) {
            value_scratch_add(scratch, n++)->uuid = other->uuid;
        }
    }
    ret->n = n;
    ret->keys = scratch->atoms;
}

static void
read_field(const void *row_, const struct resource *resource,
           const struct field *field, struct value_scratch *scratch,
           struct ovsdb_datum *ret)
{
    const struct ovsdb_idl_row *row = row_;
    const struct ovsdb_idl_row *owner = row;
    const struct field_place *place
        = &places[resource->id][field - resource->fields];

    ret->values = NULL;
    ret->refcnt = NULL;
    if (!place->column) {
        value_scratch_add(scratch, 0)->uuid = row->uuid;
        ret->n = field->flags & FIELD_NO_COLUMN ? 0 : 1;
        ret->keys = scratch->atoms;
        return;
    }
    for (size_t i = 0; owner && i < place->n_steps; i++) {
        const struct ovsdb_datum *ref = ovsdb_idl_read(owner,
                                                       place->steps[i]);
        owner = (ref->n ? find_row_by_id(row->table->idl, place->steps_to[i],
                                         &ref->keys[0].uuid)
                 : NULL);
    }
    if (!owner) {
        ret->n = 0;
        ret->keys = NULL;
        return;
    }

    const struct ovsdb_datum *datum = ovsdb_idl_read(owner, place->column);
    if (place->refers_to) {
        read_references(row, place, datum, scratch, ret);
    } else {
        *ret = *datum;
    }
}

const char *
row_project(const struct ovsdb_idl_row *row)
{
    const struct resource *resource = resource_get(row_resource(row));
    const struct field *field = field_find(resource, "project_id");
    struct value_scratch scratch = { NULL, 0 };
    struct ovsdb_datum datum = { .n = 0 };

    if (field) {
        read_field(row, resource, field, &scratch, &datum);
        value_scratch_uninit(&scratch);
    }
    return datum.n ? json_string(datum.keys[0].s) : NULL;
}

static bool
has_own_value(const struct field *field)
{
    return field_is_own_column(field) && !field_has_objects(field);
}

bool
row_has_value(const struct field *field, const struct ovsdb_datum *value,
              const void *row_)
{
    const struct ovsdb_idl_row *row = row_;
    struct value_scratch scratch = { NULL, 0 };
    struct ovsdb_datum datum;
    bool is_equal;

    if (!row || !has_own_value(field)) {
        return false;
    }
    read_field(row, resource_get(row_resource(row)), field, &scratch, &datum);
    is_equal = value_equals(field, &datum, value);
    value_scratch_uninit(&scratch);
    return is_equal;
}

/* The 'i'th row in 'column' by position.  There are few of them. */
static const void *
read_child(const void *row_, const struct resource *resource,
           const struct field *field, size_t i)
{
    const struct ovsdb_idl_row *row = row_;
    const struct ovsdb_idl_column *column
        = places[resource->id][field - resource->fields].column;
    const struct ovsdb_datum *refs = ovsdb_idl_read(row, column);

    for (size_t j = 0; j < refs->n; j++) {
        const struct ovsdb_idl_row *child
            = find_row_by_id(row->table->idl, tables[field->nested],
                             &refs->keys[j].uuid);
        size_t n_before = 0;

        for (size_t k = 0; child && k < refs->n; k++) {
            const struct ovsdb_idl_row *other
                = find_row_by_id(row->table->idl, tables[field->nested],
                                 &refs->keys[k].uuid);

            n_before += (other && row_integer(other, COL_position)
                                  < row_integer(child, COL_position));
        }
        if (child && n_before == i) {
            return child;
        }
    }
    return NULL;
}

const struct object_reader row_reader = { read_field, read_child };
