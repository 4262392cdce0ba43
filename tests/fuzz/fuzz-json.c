/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON from anybody: what is read, printed and read again is the same; and
 * whatever a text of ours quotes, it stays JSON.
 */

#include <config.h>
#include <stdlib.h>
#include "base/json-read.h"
#include "base/json-repr.h"
#include "base/json-write.h"
#include "check.h"
#include "fuzz.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

/* Any bytes, as a string in an object. */
static void
check_string(const char *data, size_t size)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&out, "{\"x\": ");
    json_put_string(&out, data, size);
    ds_put_char(&out, '}');

    /* A NUL byte is "\u0000", which the parser does not take. */
    ovs_assert(utf8_is_valid(ds_cstr(&out), out.length));
    if (!memchr(data, '\0', size)) {
        struct json *json = check_json(ds_cstr(&out), out.length);
        const char *text = json_member_string(json, "x");

        if (utf8_is_valid(data, size)) {
            check_same(text, data);
        }
        json_destroy(json);
    }
    ds_destroy(&out);
}

static void
check_repr(const struct json *json)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    json_repr(json, &out);
    check_line(ds_cstr(&out), SIZE_MAX);
    ds_destroy(&out);
}

void
fuzz_json(const char *data, size_t size)
{
    struct json *json = json_read(data, size);

    json_is_wide(data, size);
    check_string(data, size);
    if (json) {
        char *text = json_to_string(json, JSSF_SORT);
        struct json *same = check_json(text, strlen(text));
        char *again = json_to_string(same, JSSF_SORT);

        check_same(text, again);
        check_repr(json);
        free(again);
        json_destroy(same);
        free(text);
        json_destroy(json);
    }
}
