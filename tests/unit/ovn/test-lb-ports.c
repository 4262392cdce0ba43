/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the ports of VIPs, and their ids in the API: other tools know them,
 * so they never change.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "net/vip-ports.h"
#include "util.h"
#include "uuid.h"

#define LB "12345678-0000-4000-8000-000000000001"

static void
test_names_are_those_of_the_python_provider(void **state)
{
    struct uuid lb_id;

    assert_true(uuid_from_string(&lb_id, LB));
    char *first = vip_port_name(&lb_id, 0);
    char *third = vip_port_name(&lb_id, 2);
    assert_string_equal(first, "ovn-lb-vip-" LB);
    assert_string_equal(third, "ovn-lb-vip-additional-2-" LB);
    free(first);
    free(third);
}

static void
test_each_port_has_its_own_id(void **state)
{
    struct uuid lb_id;

    assert_true(uuid_from_string(&lb_id, LB));
    struct uuid first = vip_port_id(&lb_id, 0);
    struct uuid second = vip_port_id(&lb_id, 1);
    struct uuid third = vip_port_id(&lb_id, 2);
    struct uuid again = vip_port_id(&lb_id, 2);
    assert_false(uuid_equals(&first, &second));
    assert_false(uuid_equals(&second, &third));
    assert_true(uuid_equals(&third, &again));
}

static void
test_names_lead_to_the_load_balancer(void **state)
{
    static const struct {
        const char *name;
        bool is_ours;
    } rows[] = {
        { "ovn-lb-vip-" LB, true },
        { "ovn-lb-vip-additional-1-" LB, true },
        { "ovn-lb-vip-additional-12-" LB, true },
        { "ovn-lb-vip-additional-" LB, false },
        { "ovn-lb-vip-additional--" LB, false },
        { "ovn-lb-vip-additional-x-" LB, false },
        { "ovn-lb-vip-1-" LB, false },
        { "ovn-lb-vip-additional-1-", false },
        { "ovn-lb-hm-" LB, false },
        { LB, false },
        { "", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuid lb_id, expected;

        print_message("%s\n", rows[i].name);
        assert_int_equal(vip_port_name_parse(rows[i].name, &lb_id),
                         rows[i].is_ours);
        if (rows[i].is_ours) {
            assert_true(uuid_from_string(&expected, LB));
            assert_true(uuid_equals(&lb_id, &expected));
        }
    }
}

static void
test_names_lead_to_the_ids(void **state)
{
    struct uuid lb_id, id, first, second;
    char *name;

    assert_true(uuid_from_string(&lb_id, LB));
    first = vip_port_id(&lb_id, 0);
    name = vip_port_name(&lb_id, 0);
    assert_true(vip_port_name_to_id(name, &id));
    assert_true(uuid_equals(&id, &first));
    free(name);

    second = vip_port_id(&lb_id, 2);
    name = vip_port_name(&lb_id, 2);
    assert_true(vip_port_name_to_id(name, &id));
    assert_true(uuid_equals(&id, &second));
    free(name);
    assert_false(vip_port_name_to_id("ovn-lb-hm-" LB, &id));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_the_python_provider),
        cmocka_unit_test(test_each_port_has_its_own_id),
        cmocka_unit_test(test_names_lead_to_the_load_balancer),
        cmocka_unit_test(test_names_lead_to_the_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
