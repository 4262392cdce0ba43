/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames of the unix sockets: whole, in pieces, and broken.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "octavia/frame.h"
#include "openvswitch/json.h"
#include "util.h"

#define BYTES_MAX 100

static const struct {
    const char *name;
    const char *text;
    enum frame_state state;     /* When all of it was put. */
    const char *error;          /* At the end of the stream; NULL: none. */
} rows[] = {
    { "whole", "2\n{}", FRAME_DONE, NULL },
    { "leading zeros", "0002\n{}", FRAME_DONE, NULL },
    { "empty payload", "0\n", FRAME_DONE, NULL },
    { "the longest", "100\n", FRAME_BODY, "cut off" },
    { "nothing", "", FRAME_HEAD, "cut off" },
    { "half a length", "12", FRAME_HEAD, "cut off" },
    { "half a payload", "10\n{\"a\"", FRAME_BODY, "cut off" },
    { "too long", "101\n", FRAME_BAD, "too long" },
    { "much too long", "99999999999999999999\n", FRAME_BAD, "too long" },
    { "no length", "\n{}", FRAME_BAD, "no length" },
    { "negative", "-1\n", FRAME_BAD, "the length is no number" },
    { "blank", " 2\n{}", FRAME_BAD, "the length is no number" },
    { "HTTP", "GET / HTTP/1.1\r\n", FRAME_BAD, "the length is no number" },
    { "two frames", "2\n{}2\n{}", FRAME_BAD, "more than was announced" },
};

static void
check(size_t i, size_t piece)
{
    size_t length = strlen(rows[i].text);
    struct frame frame;

    frame_init(&frame, BYTES_MAX);
    for (size_t at = 0; at < length; at += piece) {
        frame_put(&frame, &rows[i].text[at], MIN(piece, length - at));
    }
    assert_int_equal(frame.state, rows[i].state);
    assert_int_equal(frame_is_open(&frame),
                     rows[i].state == FRAME_HEAD
                     || rows[i].state == FRAME_BODY);
    if (rows[i].error) {
        assert_int_equal(frame_end(&frame), FRAME_BAD);
        assert_string_equal(frame.error, rows[i].error);
    } else {
        assert_int_equal(frame_end(&frame), FRAME_DONE);
    }
    frame_uninit(&frame);
}

static void
test_frames(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].name);
        for (size_t piece = 1; piece < 8; piece++) {
            check(i, piece);
        }
        check(i, SIZE_MAX / 2);
    }
}

static void
test_payload(void **state)
{
    static const char *const bad[] = { "1\n{", "0\n", "3\n\xff{}", "2\n{]" };
    struct ds out = DS_EMPTY_INITIALIZER;
    struct json *json = json_object_create();
    struct frame frame;

    json_object_put_string(json, "name", "caf\xc3\xa9");
    frame_write(json, &out);
    assert_string_equal(ds_cstr(&out), "16\n{\"name\":\"caf\xc3\xa9\"}");

    frame_init(&frame, BYTES_MAX);
    frame_put(&frame, out.string, out.length);
    struct json *read = frame_read(&frame);
    assert_non_null(read);
    assert_true(json_equal(read, json));
    json_destroy(read);
    json_destroy(json);
    frame_uninit(&frame);
    ds_destroy(&out);

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        frame_init(&frame, BYTES_MAX);
        assert_int_equal(frame_put(&frame, bad[i], strlen(bad[i])),
                         FRAME_DONE);
        assert_null(frame_read(&frame));
        frame_uninit(&frame);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_payload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
