/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON in and out: what is refused, and how values are written.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "base/json-read.h"
#include "base/json-repr.h"
#include "base/json-write.h"
#include "base/limits.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

static void
test_read(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        bool is_valid;
    } rows[] = {
        { "object", "{\"a\": [1, {\"b\": null}]}", true },
        { "array", "[]", true },
        { "nothing", "", false },
        { "blanks", "  ", false },
        { "cut off", "{\"a\": 1", false },
        { "garbage behind", "{} x", false },
        { "a string", "\"abc\"", false },
        { "same name twice", "{\"a\": 1, \"a\": 2}", false },
        { "same name, escaped", "{\"a\": 1, \"\\u0061\": 2}", false },
        { "same name, deeper", "[{\"b\": {\"a\": 1, \"a\": 1}}]", false },
        { "same name in two objects", "[{\"a\": 1}, {\"a\": 1}]", true },
        { "colons and quotes in strings", "{\"a:\\\":\": \"::{[\"}", true },
        { "null character", "{\"a\": \"\\u0000\"}", false },
        { "UTF-8", "{\"a\": \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}",
          true },
        { "stray continuation", "{\"a\": \"\x80\"}", false },
        { "overlong", "{\"a\": \"\xc0\xaf\"}", false },
        { "overlong, 3 bytes", "{\"a\": \"\xe0\x80\xaf\"}", false },
        { "surrogate", "{\"a\": \"\xed\xa0\x80\"}", false },
        { "half a character, escaped", "{\"a\": [\"\\udc00\"]}", false },
        { "half a character in a name", "{\"\\udfff\": 1}", false },
        { "both halves",
          "{\"\\ud83d\\ude00\": \"\\ud83d\\ude00\"}", true },
        { "above U+10FFFF", "{\"a\": \"\xf4\x90\x80\x80\"}", false },
        { "cut off in a character", "{\"a\": \"\xe2\x82", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct json *json = json_read(rows[i].text, strlen(rows[i].text));

        print_message("%s\n", rows[i].name);
        assert_int_equal(json != NULL, rows[i].is_valid);
        json_destroy(json);
    }
}

static void
assert_depth(unsigned int depth, bool is_valid)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_char_multiple(&text, '[', depth);
    ds_put_char_multiple(&text, ']', depth);

    struct json *json = json_read(text.string, text.length);
    assert_int_equal(json != NULL, is_valid);
    json_destroy(json);
    ds_destroy(&text);
}

static void
test_depth_is_bounded(void **state)
{
    assert_depth(JSON_DEPTH_MAX, true);
    assert_depth(JSON_DEPTH_MAX + 1, false);
    assert_depth(BODY_BYTES_MAX / 2, false);
}

static void
assert_written(struct ds *out, const char *expected)
{
    assert_string_equal(ds_cstr(out), expected);
    ds_clear(out);
}

/* An object of 'n' members, whose names look like structure, with others
 * inside and around it. */
static char *
make_wide(size_t n)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&text, "[{\"a\": {}, \"b\": 1}, {");
    for (size_t i = 0; i < n; i++) {
        ds_put_format(&text, "%s\"k%"PRIuSIZE":{\": %s", i ? ", " : "", i,
                      i % 3 ? "[1]" : "{\"k\": \":\"}");
    }
    ds_put_cstr(&text, "}, {\"a\": 1}]");
    return ds_steal_cstr(&text);
}

static void
test_width_is_bounded(void **state)
{
    (void) state;
    for (size_t n = JSON_MEMBERS_MAX - 1; n < JSON_MEMBERS_MAX + 3; n++) {
        char *text = make_wide(n);
        struct json *json = json_read(text, strlen(text));

        assert_non_null(json);
        assert_int_equal(json_is_wide(text, strlen(text)),
                         n > JSON_MEMBERS_MAX);
        json_destroy(json);
        free(text);
    }
    assert_false(json_is_wide("}}::::", 6));
}

#define BAD "\xef\xbf\xbd"

static void
test_write(void **state)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    struct uuid uuid;

    json_put_string(&out, "a\"\\\n\x01\xc3\xa9", 7);
    assert_written(&out, "\"a\\\"\\\\\\n\\u0001\xc3\xa9\"");
    json_put_string(&out, "", 0);
    assert_written(&out, "\"\"");
    /* Bytes that are no character, one that is too short, and one cut off. */
    json_put_string(&out, "a\xff" "b\xc0\xaf\xf0\x9f\x98\x80\xe2\x82", 11);
    assert_written(&out, "\"a" BAD "b" BAD BAD "\xf0\x9f\x98\x80" BAD BAD
                   "\"");

    json_put_integer(&out, 0);
    assert_written(&out, "0");
    json_put_integer(&out, -1);
    assert_written(&out, "-1");
    json_put_integer(&out, INT64_MIN);
    assert_written(&out, "-9223372036854775808");
    json_put_integer(&out, INT64_MAX);
    assert_written(&out, "9223372036854775807");

    assert_true(uuid_from_string(&uuid,
                                 "01234567-89ab-cdef-0123-456789abcdef"));
    json_put_uuid(&out, &uuid);
    assert_written(&out, "\"01234567-89ab-cdef-0123-456789abcdef\"");
    ds_destroy(&out);
}

static void
test_times(void **state)
{
    static const struct {
        int64_t seconds;
        const char *expected;
    } rows[] = {
        { 0, "\"1970-01-01T00:00:00\"" },
        { 951782399, "\"2000-02-28T23:59:59\"" },
        { 951782400, "\"2000-02-29T00:00:00\"" },
        { 951868800, "\"2000-03-01T00:00:00\"" },
        { 1709164800, "\"2024-02-29T00:00:00\"" },
        { 1795356114, "\"2026-11-22T14:01:54\"" },
        { 4107542400, "\"2100-03-01T00:00:00\"" },
    };
    struct ds out = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        json_put_time(&out, rows[i].seconds * 1000000 + 999999);
        assert_written(&out, rows[i].expected);
    }
    ds_destroy(&out);
}

static void
test_repr(void **state)
{
    static const struct {
        const char *json, *expected;
    } rows[] = {
        { "{\"b\": null, \"a\": [true, false]}",
          "{'a': [True, False], 'b': None}" },
        { "[\"it's\", \"\\\"\", \"'\\\"\", \"\\\\\\n\\u0007\"]",
          "[\"it's\", '\"', '\\'\"', '\\\\\\n\\x07']" },
        { "[1, -2, 1.5, 1e30, 0.1]", "[1, -2, 1.5, 1e+30, 0.1]" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct json *json = json_read(rows[i].json, strlen(rows[i].json));
        struct ds out = DS_EMPTY_INITIALIZER;

        json_repr(json, &out);
        assert_string_equal(ds_cstr(&out), rows[i].expected);
        ds_destroy(&out);
        json_destroy(json);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_width_is_bounded),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_repr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
