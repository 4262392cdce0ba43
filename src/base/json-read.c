/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON from people we do not trust; see json-read.h.
 */

#include <config.h>
#include "base/json-read.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/limits.h"
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

/* Looks at brackets and colons only, which is safe: inside of strings they do
 * not count, and the parser finds whatever else is wrong.  Returns false if
 * the text is too deep; else stores the number of colons, which is that of
 * the members of all objects, and of those in the largest of them. */
static bool
scan_structure(const char *text, size_t length, size_t *ret_n_members,
               size_t *ret_widest)
{
    size_t n_here[JSON_DEPTH_MAX + 1] = { 0 };
    size_t n_members = 0;
    size_t widest = 0;
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX) {
                return false;
            }
            if (depth > 0) {
                n_here[depth] = 0;
            }
        } else if (c == '}' || c == ']') {
            depth--;
        } else if (c == ':') {
            n_members++;
            if (depth > 0 && ++n_here[depth] > widest) {
                widest = n_here[depth];
            }
        }
    }
    *ret_n_members = n_members;
    *ret_widest = widest;
    return true;
}

/* The values that wait to be looked at: in a list instead of on the stack. */
struct todo {
    const struct json **values;
    size_t n, allocated;
};

static void
todo_add(struct todo *todo, const struct json *value)
{
    ARRAY_GROW(todo->values, todo->n, todo->allocated);
    todo->values[todo->n++] = value;
}

/* The parser makes bytes that are no UTF-8 of "\udc00", the second half of a
 * character without the first. */
static bool
text_is_valid(const char *text)
{
    return utf8_is_valid(text, strlen(text));
}

/* Looks at one value, and has all within it looked at later. */
static bool
value_is_valid(const struct json *value, struct todo *todo,
               size_t *n_members)
{
    if (value->type == JSON_OBJECT) {
        const struct shash_node *node;

        *n_members += shash_count(json_object(value));
        SHASH_FOR_EACH (node, json_object(value)) {
            if (!text_is_valid(node->name)) {
                return false;
            }
            todo_add(todo, node->data);
        }
    } else if (value->type == JSON_ARRAY) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            todo_add(todo, json_array_at(value, i));
        }
    } else if (value->type == JSON_STRING) {
        return text_is_valid(json_string(value));
    }
    return true;
}

/* True if all strings in 'json' are UTF-8, and its objects have 'n_members'
 * members together. */
static bool
tree_is_valid(const struct json *json, size_t n_members)
{
    struct todo todo = { NULL, 0, 0 };
    size_t n_found = 0;
    bool ok = true;

    todo_add(&todo, json);
    while (ok && todo.n) {
        ok = value_is_valid(todo.values[--todo.n], &todo, &n_found);
    }
    free(todo.values);
    return ok && n_found == n_members;
}

struct json *
json_read(const char *text, size_t length)
{
    size_t n_members, widest;

    if (!utf8_is_valid(text, length)
        || !scan_structure(text, length, &n_members, &widest)) {
        return NULL;
    }

    struct json_parser *parser = json_parser_create(JSPF_TRAILER);
    size_t used = json_parser_feed(parser, text, length);
    struct json *json = json_parser_finish(parser);

    if (used < length || json->type == JSON_STRING
        || !tree_is_valid(json, n_members)) {
        /* The parser reports an error as a string.  A text that is nothing
         * but a string is no request either. */
        json_destroy(json);
        return NULL;
    }
    return json;
}

bool
json_is_wide(const char *text, size_t length)
{
    size_t n_members, widest;

    return (scan_structure(text, length, &n_members, &widest)
            && widest > JSON_MEMBERS_MAX);
}

/* How many bytes follow 'lead', and the range of the first of them, which is
 * what excludes overlong forms, surrogates and values above U+10FFFF. */
static bool
classify_lead(unsigned char lead, unsigned int *n_more, unsigned char *low,
              unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        *n_more = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        *n_more = 2;
        *low = lead == 0xe0 ? 0xa0 : 0x80;
        *high = lead == 0xed ? 0x9f : 0xbf;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        *n_more = 3;
        *low = lead == 0xf0 ? 0x90 : 0x80;
        *high = lead == 0xf4 ? 0x8f : 0xbf;
    } else {
        return false;
    }
    return true;
}

size_t
utf8_char_bytes(const char *text, size_t length)
{
    const unsigned char *p = (const unsigned char *) text;
    unsigned char low, high;
    unsigned int n_more;

    if (!length || *p < 0x80) {
        return length > 0;
    }
    if (!classify_lead(*p, &n_more, &low, &high) || length <= n_more
        || p[1] < low || p[1] > high) {
        return 0;
    }
    for (unsigned int i = 2; i <= n_more; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n_more + 1;
}

bool
utf8_is_valid(const char *text, size_t length)
{
    while (length) {
        size_t bytes = utf8_char_bytes(text, length);

        if (!bytes) {
            return false;
        }
        text += bytes;
        length -= bytes;
    }
    return true;
}

const struct json *
json_member(const struct json *json, const char *name)
{
    return (json && json->type == JSON_OBJECT
            ? shash_find_data(json_object(json), name)
            : NULL);
}

const char *
json_member_string(const struct json *json, const char *name)
{
    const struct json *value = json_member(json, name);

    return value && value->type == JSON_STRING ? json_string(value) : NULL;
}
