/* SPDX-License-Identifier: Apache-2.0
 *
 * Entity tags and the lists of them in If-Match and If-None-Match.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "api/etag.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define CONFIG "0123456789abcdef0123456789abcdef"
#define STATE "-0011223344556677"
#define OTHER "ffffffffffffffffffffffffffffffff"

static const struct etag tag = { CONFIG STATE };

static void
test_lists(void **state)
{
    static const struct {
        const char *list;
        bool is_strong;         /* Takes no weak tags, */
        bool config;            /* and this is without the second parts. */
        bool expected;
    } rows[] = {
        { "\"" CONFIG STATE "\"", true, false, true },
        { "\"" CONFIG STATE "\"", true, true, true },
        { "\"" CONFIG "-ffffffffffffffff\"", true, true, true },
        { "\"" CONFIG "-ffffffffffffffff\"", true, false, false },
        { "\"" CONFIG "\"", true, true, true },
        { "\"" CONFIG "\"", true, false, false },
        { "\"" CONFIG "x\"", true, true, false },
        { "W/\"" CONFIG STATE "\"", true, false, false },
        { "W/\"" CONFIG STATE "\"", true, true, false },
        { "W/\"" CONFIG STATE "\"", false, false, true },
        { "*", true, true, true },
        { "*", false, false, true },
        { " * ", true, true, true },
        { "\"" OTHER "\", \"" CONFIG STATE "\"", true, false, true },
        { "\"a,b\",W/\"c\" ,\t\"" CONFIG STATE "\"", true, false, true },
        { ",,\"" CONFIG STATE "\",", true, false, true },
        { "\"" OTHER STATE "\"", true, true, false },
        { "\"" OTHER STATE "\"", false, false, false },
        { CONFIG STATE, true, true, false },
        { "\"" CONFIG STATE, true, true, false },
        { "\"*\"", true, true, false },
        { "\"\"", true, true, false },
        { "\"", true, true, false },
        { "W/", false, true, false },
        { "", true, true, false },
        { " ", true, true, false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%"PRIuSIZE": %s\n", i, rows[i].list);
        assert_int_equal(etag_is_in(rows[i].list, &tag, !rows[i].is_strong,
                                    rows[i].config), rows[i].expected);
    }
}

static void
test_bodies(void **state)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    struct etag first, second;

    etag_of_body(&body, &first);
    ds_put_cstr(&body, "x");
    etag_of_body(&body, &second);
    assert_int_equal(strlen(first.text), ETAG_CONFIG_LENGTH);
    assert_string_not_equal(first.text, second.text);
    etag_of_body(&body, &first);
    assert_string_equal(first.text, second.text);
    ds_destroy(&body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_bodies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
