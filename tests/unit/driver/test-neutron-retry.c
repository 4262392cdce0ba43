/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks at Neutron: calls under way, trouble, and when to try again.
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
    struct neutron_retries retries;
    struct neutron_retry retry;

    neutron_retries_init(&retries);
    assert_null(neutron_retry_find(&retries, &id));
    neutron_retry_init(&retries, &retry, &id);
    assert_ptr_equal(neutron_retry_find(&retries, &id), &retry);
    assert_false(neutron_retry_is_busy(&retry));
    assert_null(neutron_retry_what_is_missing(&retry));

    print_message("it is busy until the last call has ended\n");
    neutron_retry_call_starts(&retry);
    neutron_retry_call_starts(&retry);
    assert_true(neutron_retry_is_busy(&retry));
    assert_string_equal(neutron_retry_what_is_missing(&retry),
                        "it has not answered");
    assert_false(neutron_retry_call_ends(&retries, &retry, NULL, 0));
    assert_true(neutron_retry_call_ends(&retries, &retry, NULL, 0));
    assert_false(neutron_retry_is_busy(&retry));
    assert_null(neutron_retries_next(&retries, LLONG_MAX / 2));

    print_message("one call that fails makes it wait, when all have ended\n");
    neutron_retry_call_starts(&retry);
    neutron_retry_call_starts(&retry);
    assert_false(neutron_retry_call_ends(&retries, &retry, "why", 1000));
    assert_null(neutron_retries_next(&retries, LLONG_MAX / 2));
    assert_true(neutron_retry_call_ends(&retries, &retry, NULL, 2000));
    assert_true(neutron_retry_is_busy(&retry));
    assert_string_equal(neutron_retry_what_is_missing(&retry), "why");
    assert_null(
        neutron_retries_next(&retries, 2000 + RECONCILE_BACKOFF_MIN_MS - 1));
    assert_ptr_equal(neutron_retries_next(&retries,
                                          2000 + RECONCILE_BACKOFF_MIN_MS),
                     &retry);
    assert_false(neutron_retry_is_busy(&retry));
    assert_null(neutron_retries_next(&retries, LLONG_MAX / 2));

    neutron_retry_uninit(&retries, &retry);
    neutron_retries_uninit(&retries);
}

static void
test_backoff(void **state OVS_UNUSED)
{
    struct uuid id = { { 1, 2, 3, 4 } };
    struct neutron_retries retries;
    struct neutron_retry retry;
    long long int now_ms = 0, expected_ms = RECONCILE_BACKOFF_MIN_MS;

    neutron_retries_init(&retries);
    neutron_retry_init(&retries, &retry, &id);
    for (int i = 0; i < 100; i++) {
        neutron_retry_call_starts(&retry);
        neutron_retry_call_ends(&retries, &retry, "why", now_ms);
        assert_null(neutron_retries_next(&retries, now_ms + expected_ms - 1));
        now_ms += expected_ms;
        assert_ptr_equal(neutron_retries_next(&retries, now_ms), &retry);
        expected_ms = MIN(expected_ms * 2, RECONCILE_BACKOFF_MAX_MS);
    }

    print_message("one that waits may go\n");
    neutron_retry_call_starts(&retry);
    neutron_retry_call_ends(&retries, &retry, "why", now_ms);
    neutron_retry_uninit(&retries, &retry);
    assert_null(neutron_retries_next(&retries, LLONG_MAX / 2));
    neutron_retries_uninit(&retries);
}

static void
test_order(void **state OVS_UNUSED)
{
    struct uuid ids[] = { { { 1 } }, { { 2 } }, { { 3 } } };
    long long int ends_ms[] = { 300, 100, 200 };
    const int expected[] = { 1, 2, 0 };
    struct neutron_retry array[ARRAY_SIZE(ids)];
    struct neutron_retries retries;

    neutron_retries_init(&retries);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        neutron_retry_init(&retries, &array[i], &ids[i]);
        neutron_retry_call_starts(&array[i]);
        neutron_retry_call_ends(&retries, &array[i], "why", ends_ms[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        assert_ptr_equal(neutron_retries_next(&retries, 100000),
                         &array[expected[i]]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        neutron_retry_uninit(&retries, &array[i]);
    }
    neutron_retries_uninit(&retries);
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
