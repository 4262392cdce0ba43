/* SPDX-License-Identifier: Apache-2.0
 *
 * Name-based UUIDs, against those that Python's uuid.uuid5() makes.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/name-uuid.h"
#include "util.h"
#include "uuid.h"

#define DNS "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define ZERO "00000000-0000-0000-0000-000000000000"
#define ONES "ffffffff-ffff-ffff-ffff-ffffffffffff"

static const struct {
    const char *space;
    const char *name;
    const char *expected;
} rows[] = {
    { DNS, "python.org", "886313e1-3b8a-5372-9b90-0c9aee199e5d" },
    { DNS, "", "4ebd0208-8328-5d69-8c44-ec50939c0967" },
    { DNS, "tcp", "7052d9e3-8fba-550a-9fe6-909c0d6e4b2d" },
    { ZERO, "tcp", "64ec4bfe-15d9-57a1-80bb-17bc42c8e0ae" },
    { ZERO, "udp", "267ed3dd-8480-5aa7-8cf3-9cad526aa981" },
    { ONES, "tcp", "0d43e3d8-7cf7-5a7d-aee6-4d3f77719709" },
    { ONES, "vip-port", "d4220295-6da5-5284-9bba-18066861519e" },
    /* More than a block of SHA-1. */
    { ZERO, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaa",
      "cc37b499-e903-5b81-831a-5234c22110f4" },
};

static void
test_known_values(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuid space;
        char actual[UUID_LEN + 1];

        print_message("the UUID of \"%s\" in %s\n", rows[i].name,
                      rows[i].space);
        assert_true(uuid_from_string(&space, rows[i].space));

        struct uuid uuid = name_uuid(&space, rows[i].name);
        snprintf(actual, sizeof actual, UUID_FMT, UUID_ARGS(&uuid));
        assert_string_equal(actual, rows[i].expected);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
