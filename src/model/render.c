/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects as JSON; see render.h.  This is where an API server spends its
 * time: straight from the replica into the reply, one pass, no copies.
 */

#include <config.h>
#include "model/render.h"
#include <string.h>
#include "base/array.h"
#include "base/json-write.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "util.h"
#include "uuid.h"

void
value_scratch_uninit(struct value_scratch *scratch)
{
    free(scratch->atoms);
}

union ovsdb_atom *
value_scratch_add(struct value_scratch *scratch, size_t n)
{
    ARRAY_GROW(scratch->atoms, n, scratch->n_allocated);
    return &scratch->atoms[n];
}

static void
put_atom_string(struct ds *out, const union ovsdb_atom *atom)
{
    const char *text = json_string(atom->s);

    json_put_string(out, text, strlen(text));
}

static void
put_strings(struct ds *out, const struct ovsdb_datum *datum)
{
    ds_put_char(out, '[');
    for (size_t i = 0; i < datum->n; i++) {
        if (i) {
            ds_put_buffer(out, ", ", 2);
        }
        put_atom_string(out, &datum->keys[i]);
    }
    ds_put_char(out, ']');
}

static void
put_uuids(struct ds *out, const struct ovsdb_datum *datum)
{
    ds_put_char(out, '[');
    for (size_t i = 0; i < datum->n; i++) {
        if (i) {
            ds_put_buffer(out, ", ", 2);
        }
        json_put_uuid(out, &datum->keys[i].uuid);
    }
    ds_put_char(out, ']');
}

static void
put_ids(struct ds *out, const struct ovsdb_datum *datum)
{
    ds_put_char(out, '[');
    for (size_t i = 0; i < datum->n; i++) {
        if (i) {
            ds_put_buffer(out, ", ", 2);
        }
        ds_put_buffer(out, "{\"id\": ", 7);
        json_put_uuid(out, &datum->keys[i].uuid);
        ds_put_char(out, '}');
    }
    ds_put_char(out, ']');
}

static void
put_map(struct ds *out, const struct ovsdb_datum *datum)
{
    ds_put_char(out, '{');
    for (size_t i = 0; i < datum->n; i++) {
        if (i) {
            ds_put_buffer(out, ", ", 2);
        }
        put_atom_string(out, &datum->keys[i]);
        ds_put_buffer(out, ": ", 2);
        put_atom_string(out, &datum->values[i]);
    }
    ds_put_char(out, '}');
}

static const char *
map_get(const struct ovsdb_datum *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++) {
        if (!strcmp(json_string(map->keys[i].s), key)) {
            return json_string(map->values[i].s);
        }
    }
    return NULL;
}

/* Always all keys.  Integers are kept as their digits. */
static void
put_map_as_persistence(struct ds *out, const struct ovsdb_datum *map)
{
    for (size_t i = 0; i < session_persistence.n_fields; i++) {
        const struct field *field = &session_persistence.fields[i];
        const char *text = map_get(map, field->name);

        ds_put_cstr(out, i ? ", " : "{");
        ds_put_buffer(out, field->label, field->label_length);
        if (!text) {
            ds_put_buffer(out, "null", 4);
        } else if (field->type == FT_INTEGER) {
            ds_put_cstr(out, text);
        } else {
            json_put_string(out, text, strlen(text));
        }
    }
    ds_put_char(out, '}');
}

void
value_format(const struct field *field, const struct ovsdb_datum *datum,
             struct ds *out)
{
    if (!datum->n
        && (!field_is_list(field) || field->flags & FIELD_NULL_EMPTY)) {
        ds_put_buffer(out, "null", 4);
        return;
    }

    switch (field->type) {
    case FT_STRING:
    case FT_ENUM:
    case FT_IP:
        put_atom_string(out, &datum->keys[0]);
        break;
    case FT_DECIMAL:
        ds_put_cstr(out, json_string(datum->keys[0].s));
        break;
    case FT_UUID:
        json_put_uuid(out, &datum->keys[0].uuid);
        break;
    case FT_BOOL:
        ds_put_cstr(out, datum->keys[0].boolean ? "true" : "false");
        break;
    case FT_INTEGER:
        json_put_integer(out, datum->keys[0].integer);
        break;
    case FT_TIME:
        json_put_time(out, datum->keys[0].integer);
        break;
    case FT_STRINGS:
    case FT_WORDS:
    case FT_CIDRS:
        put_strings(out, datum);
        break;
    case FT_UUIDS:
        put_uuids(out, datum);
        break;
    case FT_IDS:
    case FT_NESTED:
        put_ids(out, datum);
        break;
    case FT_MAP:
        put_map(out, datum);
        break;
    case FT_PERSISTENCE:
        put_map_as_persistence(out, datum);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static void
put_child_objects(struct ds *out, const struct resource *resource,
                  const struct field *field, const void *object,
                  const struct object_reader *reader)
{
    const void *child;

    ds_put_char(out, '[');
    for (size_t i = 0; (child = reader->child(object, resource, field, i));
         i++) {
        if (i) {
            ds_put_buffer(out, ", ", 2);
        }
        render_object(out, resource_get(field->nested), child, reader, NULL);
    }
    ds_put_char(out, ']');
}

void
render_object(struct ds *out, const struct resource *resource,
              const void *object, const struct object_reader *reader,
              const struct field_choice *choice)
{
    ds_put_char(out, '{');
    render_fields(out, resource, object, reader, choice);
    ds_put_char(out, '}');
}

/* Copies what begins at 'start'. */
static void
render_copy_field(const struct ds *out, size_t start, struct ds *config)
{
    if (config->length) {
        ds_put_buffer(config, ", ", 2);
    }
    ds_put_buffer(config, out->string + start, out->length - start);
}

/* 'config' may be NULL. */
static void
render_fields_and_config(struct ds *out, struct ds *config,
                         const struct resource *resource, const void *object,
                         const struct object_reader *reader,
                         const struct field_choice *choice)
{
    bool is_partial = choice && choice->is_partial;
    struct value_scratch scratch = { NULL, 0 };
    bool is_first = true;

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        struct ovsdb_datum datum;

        if (field->flags & FIELD_HIDDEN
            || (is_partial && !choice->is_chosen[i])) {
            continue;
        }
        if (!is_first) {
            ds_put_buffer(out, ", ", 2);
        }
        is_first = false;

        size_t start = out->length;
        ds_put_buffer(out, field->label, field->label_length);
        if (field->type == FT_NESTED && field->nested) {
            put_child_objects(out, resource, field, object, reader);
        } else {
            reader->read(object, resource, field, &scratch, &datum);
            value_format(field, &datum, out);
        }
        if (config && !(field->flags & FIELD_STATE)) {
            render_copy_field(out, start, config);
        }
    }
    value_scratch_uninit(&scratch);
}

void
render_object_and_config(struct ds *out, struct ds *config,
                         const struct resource *resource, const void *object,
                         const struct object_reader *reader)
{
    ds_put_char(out, '{');
    render_fields_and_config(out, config, resource, object, reader, NULL);
    ds_put_char(out, '}');
}

void
render_fields(struct ds *out, const struct resource *resource,
              const void *object, const struct object_reader *reader,
              const struct field_choice *choice)
{
    render_fields_and_config(out, NULL, resource, object, reader, choice);
}
