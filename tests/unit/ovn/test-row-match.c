/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of several rows that are alike goes on: the others were made by a
 * transaction that came late, and every driver must give up the same.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "ovn/rows/row-match.h"
#include "ovn/rows/rows.h"
#include "rows-fixture.h"
#include "util.h"
#include "uuid.h"

/* 'expected': the row that goes on as the one that is wanted. */
static const struct row {
    const char *title;
    const char *seen;
    const char *expected;
} rows[] = {
    {
        "of two rows that are alike the first stays",
        "row R1 tcp\n"
        "switches S1\n"
        "row R2 tcp\n"
        "switches S1",
        "R1",
    }, {
        "but rather one that clients reach, by a switch",
        "row R1 tcp\n"
        "row R2 tcp\n"
        "switches S1",
        "R2",
    }, {
        "or by a router",
        "row R1 tcp\n"
        "row R2 tcp\n"
        "routers R9",
        "R2",
    }, {
        "or by a group",
        "row R1 tcp\n"
        "row R2 tcp\n"
        "groups G1",
        "R2",
    }, {
        "one that nobody reaches is better than one that hashes otherwise",
        "row R1 tcp\n"
        "hash ip_src\n"
        "switches S1\n"
        "row R2 tcp",
        "R2",
    }, {
        "which is better than none of the protocol",
        "row R1\n"
        "switches S1\n"
        "row R2 tcp\n"
        "hash ip_src",
        "R2",
    },
};

static void
test_match(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct lb_row *match = NULL;
        bool used[2] = { false, false };
        struct ovn_lb want, seen;
        struct uuid expected = uuid_of(rows[i].expected);

        print_message("%s\n", rows[i].title);
        ovn_lb_parse("row none tcp", &want);
        ovn_lb_parse(rows[i].seen, &seen);
        match_rows(&want, &seen, &match, used);
        assert_non_null(match);
        assert_true(uuid_equals(&match->uuid, &expected));
        assert_int_equal(used[0] + used[1], 1);
        ovn_lb_uninit(&want);
        ovn_lb_uninit(&seen);
    }
    uuid_forget_all();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
