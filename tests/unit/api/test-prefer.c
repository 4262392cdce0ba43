/* SPDX-License-Identifier: Apache-2.0
 *
 * The header Prefer, in the forms of RFC 7240.
 */

#include <config.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "api/prefer.h"
#include "util.h"

static void
test_wait(void **state)
{
    static const struct {
        const char *prefer;
        int expected;
    } rows[] = {
        { NULL, 0 },
        { "", 0 },
        { "wait=10", 10 },
        { "Wait=10", 10 },
        { "wait = 10", 10 },
        { "wait=\"10\"", 10 },
        { "wait=10;x=5", 10 },
        { "respond-async, wait=100", 100 },
        { "respond-async;wait=3", 0 },
        { "return=minimal; foo=\"a, wait=9\", wait=7", 7 },
        { "return=\"a\\\", wait=9\", wait=7", 7 },
        { "wait=5, wait=6", 5 },
        { "wait", 0 },
        { "wait=", 0 },
        { "wait=,wait=4", 0 },
        { "wait=-1", 0 },
        { "wait=1.5", 0 },
        { "wait=ten", 0 },
        { "waiting=10", 0 },
        { "wait=\"", 0 },
        { "wait=\"1", 0 },
        { ",, ,;;=", 0 },
        { "\"\\", 0 },
        { "wait=99999999999999999999", INT_MAX / 10 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].prefer ? rows[i].prefer : "(none)");
        assert_int_equal(prefer_read_wait_s(rows[i].prefer),
                         rows[i].expected);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
