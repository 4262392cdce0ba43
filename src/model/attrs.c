/* SPDX-License-Identifier: Apache-2.0
 *
 * The attributes in a body; see attrs.h.
 */

#include <config.h>
#include "model/attrs.h"
#include <string.h>
#include "base/json-repr.h"
#include "base/ovs-compat.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

/* The object that the texts name, and the path to it: the words before an
 * attribute's name in "Unknown attribute for argument ...". */
struct parse_context {
    const struct json *body;
    const char *argument;
    const char *path;
    enum attrs_method method;
    bool has_parts;             /* Objects within the object are parts of it,
                                 * see FIELD_PART. */
    bool is_part;
};

static bool parse_attrs(const struct parse_context *,
                        const struct resource *, const struct shash *,
                        struct attr *, struct fault **);

static bool
fault_set_input(struct fault **faultp, const char *name,
                const struct json *value, const char *why)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    json_str(value, &text);
    fault_set(faultp, FAULT_INVALID_INPUT, name, ds_cstr(&text), why);
    ds_destroy(&text);
    return false;
}

static bool
field_is_allowed(const struct parse_context *ctx, const struct field *field)
{
    if (ctx->method == ATTRS_PUT) {
        return field->flags & FIELD_PUT;
    }
    return (ctx->is_part
            ? (field->flags & (FIELD_POST | FIELD_PART)
               && !(field->flags & FIELD_ALONE))
            : field->flags & FIELD_POST);
}

static bool
field_is_mandatory(const struct parse_context *ctx, const struct field *field)
{
    return (ctx->method == ATTRS_POST && field->flags & FIELD_MUST
            && !(ctx->is_part
                 && field->flags & (FIELD_ALONE | FIELD_PART_MAY)));
}

/* True if 'json' says that an object has no such parts.  Clients fill in what
 * a part may have, also where the object is none. */
static bool
field_is_left_out(const struct parse_context *ctx, const struct field *field,
                  const struct json *json)
{
    return (ctx->method == ATTRS_POST && !ctx->is_part
            && field->flags & FIELD_PART
            && (json->type == JSON_NULL
                || (json->type == JSON_ARRAY && !json_array_size(json)
                    && !(field->flags & FIELD_ONE))));
}

/* The names in 'object' that 'resource' does not have, or that may not be
 * set. */
static bool
check_unknown_members(const struct parse_context *ctx,
                      const struct resource *resource,
                      const struct shash *object, struct fault **faultp)
{
    struct ds names = DS_EMPTY_INITIALIZER;
    const struct shash_node **nodes = shash_sort(object);
    size_t n = 0;

    for (size_t i = 0; i < shash_count(object); i++) {
        const struct field *field = field_find(resource, nodes[i]->name);

        if (!field || (!field_is_allowed(ctx, field)
                       && !field_is_left_out(ctx, field, nodes[i]->data))) {
            ds_put_format(&names, "%s%s", n++ ? ", " : "", nodes[i]->name);
        }
    }
    if (n) {
        fault_set(faultp,
                  n > 1 ? FAULT_UNKNOWN_ATTRIBUTES : FAULT_UNKNOWN_ATTRIBUTE,
                  ctx->path, ds_cstr(&names));
    }
    free(nodes);
    ds_destroy(&names);
    return !n;
}

static void
set_fallback(const struct field *field, const char *text,
             struct ovsdb_datum *datum)
{
    bool ok = value_from_text(field, text, datum);
    ovs_assert(ok);
}

/* A null: which may be a value, after all. */
static bool
parse_null(const struct parse_context *ctx, const struct field *field,
           struct attr *attr, struct fault **faultp)
{
    if (field_is_mandatory(ctx, field)) {
        return fault_set_input(faultp, field->name, NULL,
                               "Mandatory field missing.");
    }
    if (field->flags & FIELD_NULL_BAD && ctx->method == ATTRS_PUT) {
        return fault_set(faultp, FAULT_INVALID_OPTION, "None", field->name);
    }
    if (field->flags & FIELD_NULL_KEEPS) {
        return true;
    }
    attr->is_given = attr->is_null = true;
    if (field->flags & FIELD_NULL_FALSE) {
        set_fallback(field, "false", &attr->datum);
    } else if (field->fallback) {
        set_fallback(field, field->fallback, &attr->datum);
    }
    return true;
}

/* Appends a sub-field to the map of strings. */
static void
map_add(struct ovsdb_datum *map, const struct field *field,
        const struct ovsdb_datum *value)
{
    static const struct field map_field = { .type = FT_MAP };
    union ovsdb_atom key, atom;

    key.s = ovsdb_atom_string_create(field->name);
    if (!value->n) {
        /* Given as null: "take it away", see checks-pool.c. */
        atom.s = ovsdb_atom_string_create("");
    } else if (field->type == FT_INTEGER) {
        atom.s = ovsdb_atom_string_create_nocopy(
            xasprintf("%lld", (long long int) value->keys[0].integer));
    } else {
        atom.s = json_clone(value->keys[0].s);
    }
    ovsdb_datum_add_unsafe(map, &key, &atom, value_type(&map_field), NULL);
    ovsdb_atom_destroy(&key, OVSDB_TYPE_STRING);
    ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
}

static bool
parse_persistence(const struct parse_context *ctx, const struct field *field,
                  const struct json *json, struct attr *attr,
                  struct fault **faultp)
{
    const struct resource *sub = &session_persistence;
    struct attr parsed[FIELDS_MAX];

    if (json->type != JSON_OBJECT) {
        return fault_set_input(faultp, field->name, json,
                               "Value should be a session persistence object");
    }

    char *path = xasprintf("%s.%s", ctx->path, field->name);
    struct parse_context sub_ctx = *ctx;
    sub_ctx.path = path;

    memset(parsed, 0, sizeof parsed);
    bool ok = parse_attrs(&sub_ctx, sub, json_object(json), parsed, faultp);
    for (size_t i = 0; i < sub->n_fields; i++) {
        if (ok && parsed[i].is_given) {
            map_add(&attr->datum, &sub->fields[i], &parsed[i].datum);
        }
        ovsdb_datum_destroy(&parsed[i].datum, value_type(&sub->fields[i]));
    }
    ovsdb_datum_sort_unique(&attr->datum, value_type(field));
    free(path);
    return ok;
}

static bool
parse_item(const struct parse_context *ctx, const struct field *field,
           const struct json *json, struct attr *attr, struct fault **faultp)
{
    if (json->type != JSON_OBJECT) {
        return fault_set_input(faultp, field->name, json,
                               "Value should be a JSON object");
    }

    struct attrs *item = xzalloc(sizeof *item);
    item->resource = resource_get(field->nested);
    item->method = ctx->method;
    attr->items[attr->n_items++] = item;
    return parse_attrs(ctx, item->resource, json_object(json), item->attr,
                       faultp);
}

static bool
parse_items(const struct parse_context *ctx, const struct field *field,
            const struct json *json, struct attr *attr, struct fault **faultp)
{
    if (json->type != JSON_ARRAY) {
        struct ds why = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&why, "Value not a valid list: ");
        json_str(json, &why);
        fault_set_input(faultp, ctx->argument, ctx->body, ds_cstr(&why));
        ds_destroy(&why);
        return false;
    }
    if (field->max && json_array_size(json) > field->max) {
        return fault_set_format(faultp, FAULT_VALIDATION,
                                "Too many %s: at most %"PRId64" are "
                                "supported.", field->name, field->max);
    }

    bool ok = true;
    attr->items = xcalloc(json_array_size(json), sizeof *attr->items);
    for (size_t i = 0; ok && i < json_array_size(json); i++) {
        ok = parse_item(ctx, field, json_array_at(json, i), attr, faultp);
    }
    return ok;
}

static bool
parse_nested(const struct parse_context *ctx, const struct field *field,
             const struct json *json, struct attr *attr,
             struct fault **faultp)
{
    char *path = xasprintf("%s.%s", ctx->path, field->name);
    struct parse_context item_ctx = *ctx;
    bool ok;

    item_ctx.path = path;
    item_ctx.is_part = ctx->has_parts;
    if (field->flags & FIELD_ONE) {
        attr->items = xcalloc(1, sizeof *attr->items);
        ok = parse_item(&item_ctx, field, json, attr, faultp);
    } else {
        ok = parse_items(&item_ctx, field, json, attr, faultp);
    }
    free(path);
    return ok;
}

static bool
parse_value(const struct parse_context *ctx, const struct field *field,
            const struct json *json, struct attr *attr, struct fault **faultp)
{
    char *why = NULL;

    if (json->type == JSON_NULL) {
        return parse_null(ctx, field, attr, faultp);
    }
    attr->is_given = true;
    if (field->type == FT_PERSISTENCE) {
        return parse_persistence(ctx, field, json, attr, faultp);
    }
    if (field_has_objects(field) && field->nested) {
        return parse_nested(ctx, field, json, attr, faultp);
    }

    enum value_result result = value_from_json(field, json, &attr->datum,
                                               &why);
    if (result == VALUE_BAD) {
        fault_set_input(faultp, field->name, json, why);
    } else if (result == VALUE_BAD_TYPE) {
        fault_set_input(faultp, ctx->argument, ctx->body, why);
    }
    free(why);
    return result == VALUE_OK;
}

static bool
parse_attrs(const struct parse_context *ctx, const struct resource *resource,
            const struct shash *object, struct attr *attrs,
            struct fault **faultp)
{
    if (!check_unknown_members(ctx, resource, object, faultp)) {
        return false;
    }
    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        const struct json *value = shash_find_data(object, field->name);

        if (value && !field_is_left_out(ctx, field, value)) {
            if (!parse_value(ctx, field, value, &attrs[i], faultp)) {
                return false;
            }
        } else if (ctx->method == ATTRS_POST) {
            if (field_is_mandatory(ctx, field)) {
                return fault_set_input(faultp, field->name, NULL,
                                       "Mandatory field missing.");
            }
            if (field->fallback) {
                set_fallback(field, field->fallback, &attrs[i].datum);
            }
        }
    }
    return true;
}

/* Finds the object under the resource's key, if it has one; all else there is
 * unknown. */
static const struct shash *
unwrap_body(const struct resource *resource, const struct json *body,
            struct fault **faultp)
{
    if (body->type != JSON_OBJECT) {
        fault_set_input(faultp, resource->argument, body,
                        "Value should be a JSON object");
        return NULL;
    }

    if (!resource->key) {
        return json_object(body);
    }

    const struct shash_node *node;
    SHASH_FOR_EACH (node, json_object(body)) {
        if (strcmp(node->name, resource->key)) {
            fault_set(faultp, FAULT_UNKNOWN_ATTRIBUTE, resource->argument,
                      node->name);
            return NULL;
        }
    }

    const struct json *object = shash_find_data(json_object(body),
                                                resource->key);
    if (!object || object->type != JSON_OBJECT) {
        fault_set_input(faultp, resource->key, object,
                        object ? "Value should be a JSON object"
                        : "Mandatory field missing.");
        return NULL;
    }
    return json_object(object);
}

struct attrs *
attrs_parse(const struct resource *resource, enum attrs_method method,
            const struct json *body, struct fault **faultp)
{
    const struct shash *object = unwrap_body(resource, body, faultp);
    if (!object) {
        return NULL;
    }

    struct attrs *attrs = xzalloc(sizeof *attrs);
    char *path = (resource->key
                  ? xasprintf("%s.%s", resource->argument, resource->key)
                  : xstrdup(resource->argument));
    struct parse_context ctx = {
        .body = body,
        .argument = resource->argument,
        .path = path,
        .method = method,
        .has_parts = resource->key,
    };

    attrs->resource = resource;
    attrs->method = method;
    if (!parse_attrs(&ctx, resource, object, attrs->attr, faultp)) {
        attrs_destroy(attrs);
        attrs = NULL;
    }
    free(path);
    return attrs;
}

void
attrs_destroy(struct attrs *attrs)
{
    if (attrs) {
        for (size_t i = 0; i < attrs->resource->n_fields; i++) {
            struct attr *attr = &attrs->attr[i];

            ovsdb_datum_destroy(&attr->datum,
                                value_type(&attrs->resource->fields[i]));
            while (attr->n_items) {
                attrs_destroy(attr->items[--attr->n_items]);
            }
            free(attr->items);
        }
        free(attrs);
    }
}

const struct attr *
attrs_get_const(const struct attrs *attrs, const char *name)
{
    const struct field *field = field_find(attrs->resource, name);

    ovs_assert(field);
    return &attrs->attr[field_index(attrs->resource, field)];
}

struct attr *
attrs_get(struct attrs *attrs, const char *name)
{
    return CONST_CAST(struct attr *, attrs_get_const(attrs, name));
}

const char *
attrs_string(const struct attrs *attrs, const char *name)
{
    const struct attr *attr = attrs_get_const(attrs, name);

    return attr->datum.n ? json_string(attr->datum.keys[0].s) : NULL;
}

const struct uuid *
attrs_uuid(const struct attrs *attrs, const char *name)
{
    const struct attr *attr = attrs_get_const(attrs, name);

    return attr->datum.n ? &attr->datum.keys[0].uuid : NULL;
}

bool
attrs_bool(const struct attrs *attrs, const char *name)
{
    const struct attr *attr = attrs_get_const(attrs, name);

    return attr->datum.n && attr->datum.keys[0].boolean;
}

int64_t
attrs_integer(const struct attrs *attrs, const char *name)
{
    const struct attr *attr = attrs_get_const(attrs, name);

    return attr->datum.n ? attr->datum.keys[0].integer : 0;
}

bool
attrs_has(const struct attrs *attrs, const char *name)
{
    return attrs_get_const(attrs, name)->datum.n > 0;
}

bool
attrs_has_text(const struct attrs *attrs, const char *name)
{
    const char *text = attrs_string(attrs, name);

    return text && *text;
}

static void
attrs_replace(struct attrs *attrs, const char *name,
              struct ovsdb_datum *datum)
{
    const struct field *field = field_find(attrs->resource, name);
    struct attr *attr = attrs_get(attrs, name);

    ovsdb_datum_destroy(&attr->datum, value_type(field));
    attr->datum = *datum;
    attr->is_given = true;
    attr->is_null = false;
}

void
attrs_set_string(struct attrs *attrs, const char *name, const char *value)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    datum.n = 1;
    datum.keys = xmalloc(sizeof *datum.keys);
    datum.keys[0].s = ovsdb_atom_string_create(value);
    attrs_replace(attrs, name, &datum);
}

void
attrs_set_uuid(struct attrs *attrs, const char *name,
               const struct uuid *value)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    datum.n = 1;
    datum.keys = xmalloc(sizeof *datum.keys);
    datum.keys[0].uuid = *value;
    attrs_replace(attrs, name, &datum);
}

void
attrs_set_map(struct attrs *attrs, const char *name,
              const struct ovsdb_datum *value)
{
    struct ovsdb_datum datum;

    ovsdb_datum_clone(&datum, value);
    attrs_replace(attrs, name, &datum);
}

const char *
map_find(const struct ovsdb_datum *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++) {
        if (!strcmp(json_string(map->keys[i].s), key)) {
            return json_string(map->values[i].s);
        }
    }
    return NULL;
}
