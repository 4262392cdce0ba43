/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers that say what a client sends and wants.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "api/media-types.h"
#include "util.h"

static void
test_accept(void **state)
{
    static const struct {
        const char *accept;
        bool expected;
    } rows[] = {
        { NULL, true },
        { "", true },
        { "*/*", true },
        { "application/json", true },
        { "application/JSON; charset=utf-8", true },
        { "text/html, application/*;q=0.5", true },
        { "text/html", false },
        { "application/json;q=0", false },
        { "application/json;q=0, */*", true },
        { "application/jsonx", false },
        { ",,", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].accept ? rows[i].accept : "(none)");
        assert_int_equal(accept_allows_json(rows[i].accept),
                         rows[i].expected);
    }
}

static void
test_accept_names(void **state)
{
    assert_true(accept_names("text/html", "text/html"));
    assert_true(accept_names("image/png, TEXT/html;q=0.5", "text/html"));
    assert_false(accept_names("text/html;q=0", "text/html"));
    assert_false(accept_names("*/*", "text/html"));
    assert_false(accept_names("text/*", "text/html"));
    assert_false(accept_names(NULL, "text/html"));
    assert_false(accept_names("", "text/html"));
}

static void
test_content_type(void **state)
{
    assert_true(content_type_is("application/json", "application/json"));
    assert_true(content_type_is(" Application/json;charset=utf-8",
                                "application/json"));
    assert_false(content_type_is("text/plain", "application/json"));
    assert_false(content_type_is(NULL, "application/json"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_accept_names),
        cmocka_unit_test(test_content_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
