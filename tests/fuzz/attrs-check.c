/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes there and back; see attrs-check.h.
 */

#include <config.h>
#include "attrs-check.h"
#include <string.h>
#include "base/json-write.h"
#include "base/ovs-compat.h"
#include "check.h"
#include "model/attrs.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

static void put_object(struct ds *, const struct attrs *);

/* Not as it is stored: "" is what was given as null. */
static void
put_persistence(struct ds *out, const struct ovsdb_datum *map)
{
    ds_put_char(out, '{');
    for (size_t i = 0; i < map->n; i++) {
        const char *name = json_string(map->keys[i].s);
        const char *text = json_string(map->values[i].s);
        const struct field *field = field_find(&session_persistence, name);

        ds_put_format(out, "%s\"%s\": ", i ? ", " : "", name);
        if (!*text) {
            ds_put_cstr(out, "null");
        } else if (field->type == FT_INTEGER) {
            ds_put_cstr(out, text);
        } else {
            json_put_string(out, text, strlen(text));
        }
    }
    ds_put_char(out, '}');
}

static void
put_attr(struct ds *out, const struct field *field, const struct attr *attr)
{
    if (field->type == FT_NESTED && field->nested) {
        ds_put_char(out, '[');
        for (size_t i = 0; i < attr->n_items; i++) {
            ds_put_cstr(out, i ? ", " : "");
            put_object(out, attr->items[i]);
        }
        ds_put_char(out, ']');
    } else if (field->type == FT_PERSISTENCE && attr->datum.n) {
        put_persistence(out, &attr->datum);
    } else {
        value_format(field, &attr->datum, out);
    }
}

static void
put_object(struct ds *out, const struct attrs *attrs)
{
    size_t n = 0;

    ds_put_char(out, '{');
    for (size_t i = 0; i < attrs->resource->n_fields; i++) {
        const struct field *field = &attrs->resource->fields[i];

        if (attrs->attr[i].is_given) {
            ds_put_format(out, "%s\"%s\": ", n++ ? ", " : "", field->name);
            put_attr(out, field, &attrs->attr[i]);
        }
    }
    ds_put_char(out, '}');
}

static void
check_equal(const struct attrs *a, const struct attrs *b)
{
    for (size_t i = 0; i < a->resource->n_fields; i++) {
        ovs_assert(a->attr[i].is_given == b->attr[i].is_given);
        ovs_assert(value_equals(&a->resource->fields[i], &a->attr[i].datum,
                                &b->attr[i].datum));
        ovs_assert(a->attr[i].n_items == b->attr[i].n_items);
        for (size_t j = 0; j < a->attr[i].n_items; j++) {
            check_equal(a->attr[i].items[j], b->attr[i].items[j]);
        }
    }
}

void
check_attrs_again(const struct attrs *attrs)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    struct fault *fault = NULL;

    ds_put_format(&body, "{\"%s\": ", attrs->resource->key);
    put_object(&body, attrs);
    ds_put_char(&body, '}');

    struct json *json = check_json(ds_cstr(&body), body.length);
    struct attrs *again = attrs_parse(attrs->resource, attrs->method, json,
                                      &fault);

    check_same(NULL, fault ? fault->text : NULL);
    check_equal(attrs, again);
    attrs_destroy(again);
    json_destroy(json);
    ds_destroy(&body);
}
