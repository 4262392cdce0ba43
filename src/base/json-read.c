/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON from people we do not trust; see json-read.h.
 */

#include <config.h>
#include "base/json-read.h"
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

/* The number of members of all objects in 'json'.  The values still to be
 * looked at wait in a list instead of on the stack. */
static size_t
count_members(const struct json *json)
{
    const struct json **todo = xmalloc(sizeof *todo);
    size_t n = 1, allocated = 1;
    size_t n_members = 0;

    todo[0] = json;
    while (n) {
        const struct json *value = todo[--n];
        size_t n_more = (value->type == JSON_OBJECT
                         ? shash_count(json_object(value))
                         : value->type == JSON_ARRAY ? json_array_size(value)
                         : 0);

        while (n + n_more > allocated) {
            todo = x2nrealloc(todo, &allocated, sizeof *todo);
        }
        if (value->type == JSON_OBJECT) {
            struct shash_node *node;

            n_members += n_more;
            SHASH_FOR_EACH (node, json_object(value)) {
                todo[n++] = node->data;
            }
        } else if (value->type == JSON_ARRAY) {
            for (size_t i = 0; i < n_more; i++) {
                todo[n++] = json_array_at(value, i);
            }
        }
    }
    free(todo);
    return n_members;
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
        || count_members(json) != n_members) {
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
