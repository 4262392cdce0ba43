/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose turn it is to tell of deletions, as a story: load balancers 1 to 3
 * are of one project, 4 of another.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "agent/turns.h"
#include "base/limits.h"
#include "util.h"
#include "uuid.h"

static const struct uuid lb1 = { { 1 } }, lb2 = { { 2 } }, lb3 = { { 3 } };
static const struct uuid lb4 = { { 4 } };

static void
assert_next(struct turns *turns, const struct uuid *ended,
            const struct uuid *expected)
{
    struct uuid next;

    assert_int_equal(turns_end(turns, ended, 0, &next), expected != NULL);
    if (expected) {
        assert_true(uuid_equals(&next, expected));
    }
}

static void
test_one_after_the_other(void **state OVS_UNUSED)
{
    struct turns turns;

    turns_init(&turns);
    assert_true(turns_take(&turns, "p", &lb1, 0));
    assert_false(turns_take(&turns, "p", &lb2, 0));
    assert_false(turns_take(&turns, "p", &lb3, 0));
    assert_true(turns_take(&turns, "q", &lb4, 0));
    assert_int_equal(turns_n_waiting(&turns), 2);

    /* Asking again changes nothing. */
    assert_true(turns_take(&turns, "p", &lb1, 0));
    assert_false(turns_take(&turns, "p", &lb3, 0));
    assert_int_equal(turns_n_waiting(&turns), 2);

    assert_next(&turns, &lb4, NULL);
    assert_next(&turns, &lb1, &lb2);
    assert_true(turns_take(&turns, "p", &lb2, 0));
    assert_false(turns_take(&turns, "p", &lb1, 0));

    /* One that waits and needs no turn any more gives none away. */
    assert_next(&turns, &lb3, NULL);
    assert_next(&turns, &lb3, NULL);
    assert_next(&turns, &lb2, &lb1);
    assert_next(&turns, &lb1, NULL);
    assert_int_equal(turns_n_waiting(&turns), 0);
    turns_destroy(&turns);
}

static void
test_long_turns_hold_up_nobody(void **state OVS_UNUSED)
{
    struct turns turns;
    struct uuid next;

    turns_init(&turns);
    assert_true(turns_take(&turns, "p", &lb1, 0));
    assert_true(turns_take(&turns, "q", &lb4, 0));
    assert_false(turns_take(&turns, "p", &lb2, 0));
    assert_false(turns_take(&turns, "p", &lb3, 0));
    assert_false(turns_expire(&turns, REPORT_TURN_MS - 1, &next));
    assert_true(turns_expire(&turns, REPORT_TURN_MS, &next));
    assert_true(uuid_equals(&next, &lb2));
    assert_false(turns_expire(&turns, REPORT_TURN_MS, &next));

    /* What lasted long ends without consequences. */
    assert_next(&turns, &lb1, NULL);
    assert_next(&turns, &lb2, &lb3);
    turns_destroy(&turns);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_long_turns_hold_up_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
