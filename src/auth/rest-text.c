/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages out of the bodies of answers; see rest-text.h.
 */

#include <config.h>
#include "auth/rest-text.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "base/json-read.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

/* A person does not read more, and a log should not hold more. */
#define TEXT_BYTES_MAX 500

/* The shapes of errors, each a way to a text:
 *
 *     Keystone    {"error": {"message": "..."}}
 *     Neutron     {"NeutronError": {"message": "..."}} or a string there
 *     Octavia     {"faultstring": "..."}, {"description": "..."}
 *     others      {"badRequest": {"message": "..."}}, {"message": "..."}
 */
static const char *
rest_find_message(const struct json *json)
{
    static const char *const names[] = {
        "faultstring", "message", "description", "title",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *text = json_member_string(json, names[i]);
        if (text && *text) {
            return text;
        }
    }
    return NULL;
}

static const char *
rest_find_text(const struct json *json)
{
    const char *text = rest_find_message(json);
    const struct shash_node *node;

    if (text || !json || json->type != JSON_OBJECT
        || shash_count(json_object(json)) != 1) {
        return text;
    }
    node = shash_first(json_object(json));
    const struct json *inner = node->data;
    return inner->type == JSON_STRING ? json_string(inner)
                                      : rest_find_message(inner);
}

static bool
rest_text_holds_secret(const char *text, const char *const *secrets)
{
    for (size_t i = 0; secrets[i]; i++) {
        if (*secrets[i] && strstr(text, secrets[i])) {
            return true;
        }
    }
    return false;
}

/* Returns one line of printable text; UTF-8 is not cut within a character. */
static char *
rest_text_tidy(const char *text)
{
    size_t n = strlen(text);
    bool is_cut = n > TEXT_BYTES_MAX;

    if (is_cut) {
        n = TEXT_BYTES_MAX;
        while (n && ((unsigned char) text[n] & 0xc0) == 0x80) {
            n--;
        }
    }

    char *copy = xasprintf("%.*s%s", (int) n, text, is_cut ? "..." : "");
    for (char *p = copy; *p; p++) {
        if ((unsigned char) *p < ' ' || *p == 0x7f) {
            *p = ' ';
        }
    }
    return copy;
}

char *
rest_error_text(int status, const struct json *json,
                const char *const *secrets)
{
    const char *text = rest_find_text(json);

    return (text && *text && !rest_text_holds_secret(text, secrets)
            ? rest_text_tidy(text)
            : xasprintf("HTTP status %d", status));
}
