/* SPDX-License-Identifier: Apache-2.0
 *
 * Errands: calls under way, trouble, and when to try again.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/limits.h"
#include "driver/neutron-retry.h"
#include "util.h"
#include "uuid.h"

static void
test_calls(void **state OVS_UNUSED)
{
    struct uuid id = { { 1, 2, 3, 4 } };
    struct errands errands;
    struct errand errand;

    errands_init(&errands);
    assert_null(errand_find(&errands, &id));
    errand_init(&errands, &errand, &id);
    assert_ptr_equal(errand_find(&errands, &id), &errand);
    assert_false(errand_is_busy(&errand));
    assert_null(errand_what_is_missing(&errand));

    print_message("it is busy until the last call has ended\n");
    errand_call_starts(&errand);
    errand_call_starts(&errand);
    assert_true(errand_is_busy(&errand));
    assert_string_equal(errand_what_is_missing(&errand),
                        "it has not answered");
    assert_false(errand_call_ends(&errands, &errand, NULL, 0));
    assert_true(errand_call_ends(&errands, &errand, NULL, 0));
    assert_false(errand_is_busy(&errand));
    assert_null(errands_next(&errands, LLONG_MAX / 2));

    print_message("one call that fails makes it wait, when all have ended\n");
    errand_call_starts(&errand);
    errand_call_starts(&errand);
    assert_false(errand_call_ends(&errands, &errand, "why", 1000));
    assert_null(errands_next(&errands, LLONG_MAX / 2));
    assert_true(errand_call_ends(&errands, &errand, NULL, 2000));
    assert_true(errand_is_busy(&errand));
    assert_string_equal(errand_what_is_missing(&errand), "why");
    assert_null(errands_next(&errands,
                             2000 + RECONCILE_BACKOFF_MIN_MS - 1));
    assert_ptr_equal(errands_next(&errands, 2000 + RECONCILE_BACKOFF_MIN_MS),
                     &errand);
    assert_false(errand_is_busy(&errand));
    assert_null(errands_next(&errands, LLONG_MAX / 2));

    errand_uninit(&errands, &errand);
    errands_uninit(&errands);
}

static void
test_backoff(void **state OVS_UNUSED)
{
    struct uuid id = { { 1, 2, 3, 4 } };
    struct errands errands;
    struct errand errand;
    long long int now_ms = 0, expected_ms = RECONCILE_BACKOFF_MIN_MS;

    errands_init(&errands);
    errand_init(&errands, &errand, &id);
    for (int i = 0; i < 100; i++) {
        errand_call_starts(&errand);
        errand_call_ends(&errands, &errand, "why", now_ms);
        assert_null(errands_next(&errands, now_ms + expected_ms - 1));
        now_ms += expected_ms;
        assert_ptr_equal(errands_next(&errands, now_ms), &errand);
        expected_ms = MIN(expected_ms * 2, RECONCILE_BACKOFF_MAX_MS);
    }

    print_message("one that waits may go\n");
    errand_call_starts(&errand);
    errand_call_ends(&errands, &errand, "why", now_ms);
    errand_uninit(&errands, &errand);
    assert_null(errands_next(&errands, LLONG_MAX / 2));
    errands_uninit(&errands);
}

static void
test_order(void **state OVS_UNUSED)
{
    struct uuid ids[] = { { { 1 } }, { { 2 } }, { { 3 } } };
    long long int ends_ms[] = { 300, 100, 200 };
    const int expected[] = { 1, 2, 0 };
    struct errand array[ARRAY_SIZE(ids)];
    struct errands errands;

    errands_init(&errands);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        errand_init(&errands, &array[i], &ids[i]);
        errand_call_starts(&array[i]);
        errand_call_ends(&errands, &array[i], "why", ends_ms[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        assert_ptr_equal(errands_next(&errands, 100000),
                         &array[expected[i]]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        errand_uninit(&errands, &array[i]);
    }
    errands_uninit(&errands);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_backoff),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
