/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON values as Python prints them; see json-repr.h.  Nesting is bounded by
 * JSON_DEPTH_MAX before any value gets here, so recursion is, too.
 */

#include <config.h>
#include "base/json-repr.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/ovs-compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

static void
put_repr_string(const char *text, struct ds *out)
{
    char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';

    ds_put_char(out, quote);
    for (; *text; text++) {
        unsigned char c = *text;

        if (c == quote || c == '\\') {
            ds_put_char(out, '\\');
            ds_put_char(out, c);
        } else if (c == '\n') {
            ds_put_cstr(out, "\\n");
        } else if (c == '\r') {
            ds_put_cstr(out, "\\r");
        } else if (c == '\t') {
            ds_put_cstr(out, "\\t");
        } else if (c < 0x20 || c == 0x7f) {
            ds_put_format(out, "\\x%02x", c);
        } else {
            ds_put_char(out, c);
        }
    }
    ds_put_char(out, quote);
}

/* The shortest text that reads back as 'value', as Python has it. */
static void
put_real(double value, struct ds *out)
{
    char text[64];

    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    ds_put_cstr(out, text);
    if (!strpbrk(text, ".e")) {
        ds_put_cstr(out, ".0");
    }
}

static void
put_array(const struct json *array, struct ds *out)
{
    ds_put_char(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i) {
            ds_put_cstr(out, ", ");
        }
        json_repr(json_array_at(array, i), out);
    }
    ds_put_char(out, ']');
}

/* Sorted: the order in the text is lost, and any is better than none. */
static void
put_object(const struct shash *object, struct ds *out)
{
    const struct shash_node **nodes = shash_sort(object);
    size_t n = shash_count(object);

    ds_put_char(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i) {
            ds_put_cstr(out, ", ");
        }
        put_repr_string(nodes[i]->name, out);
        ds_put_cstr(out, ": ");
        json_repr(nodes[i]->data, out);
    }
    ds_put_char(out, '}');
    free(nodes);
}

void
json_repr(const struct json *json, struct ds *out)
{
    switch (json ? json->type : JSON_NULL) {
    case JSON_FALSE:
        ds_put_cstr(out, "False");
        break;
    case JSON_TRUE:
        ds_put_cstr(out, "True");
        break;
    case JSON_OBJECT:
        put_object(json_object(json), out);
        break;
    case JSON_ARRAY:
        put_array(json, out);
        break;
    case JSON_INTEGER:
        ds_put_format(out, "%"PRId64, json_integer(json));
        break;
    case JSON_REAL:
        put_real(json_real(json), out);
        break;
    case JSON_STRING:
        put_repr_string(json_string(json), out);
        break;
    case JSON_NULL:
    case JSON_N_TYPES:
    case JSON_SERIALIZED_OBJECT:
    default:
        ds_put_cstr(out, "None");
        break;
    }
}

void
json_str(const struct json *json, struct ds *out)
{
    if (json && json->type == JSON_STRING) {
        ds_put_cstr(out, json_string(json));
    } else {
        json_repr(json, out);
    }
}
