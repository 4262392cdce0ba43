/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults: what a client sees of them.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/fault.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

static void
assert_body(struct fault *fault, int code, const char *expected)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    assert_int_equal(fault->code, code);
    fault_format(fault, &body);
    assert_string_equal(ds_cstr(&body), expected);
    ds_destroy(&body);
    fault_destroy(fault);
}

static void
test_api_shape(void **state)
{
    struct fault *fault = NULL;

    assert_false(fault_set(&fault, FAULT_NOT_FOUND, "Pool", "x\"y"));
    assert_body(fault, 404,
                "{\"faultcode\": \"Client\", "
                "\"faultstring\": \"Pool x\\\"y not found.\", "
                "\"debuginfo\": null}");
}

static void
test_server_faults_say_so(void **state)
{
    struct fault *fault = NULL;

    fault_set(&fault, FAULT_UNSUPPORTED_OPTION, "t");
    assert_body(fault, 501,
                "{\"faultcode\": \"Server\", \"faultstring\": \"Provider "
                "'ovn' does not support a requested option: t\", "
                "\"debuginfo\": null}");
}

static void
test_routing_shape(void **state)
{
    struct fault *fault = NULL;

    fault_set(&fault, FAULT_METHOD_NOT_ALLOWED);
    assert_body(fault, 405,
                "{\"code\": 405, \"title\": \"Method Not Allowed\", "
                "\"description\": \"\"}");
    fault = NULL;
    fault_set(&fault, FAULT_NO_ROUTE);
    assert_body(fault, 404,
                "{\"code\": 404, \"title\": \"Not Found\", "
                "\"description\": \"\"}");
    fault = NULL;
    fault_set(&fault, FAULT_NO_TOP_ROUTE);
    assert_body(fault, 404,
                "{\"code\": 404, \"title\": \"Not Found\", "
                "\"description\": null}");
}

static void
test_both_shapes(void **state)
{
    struct fault *fault = NULL;

    fault_set(&fault, FAULT_PARENT_NOT_FOUND, "Pool", "p");
    assert_body(fault, 404,
                "{\"code\": 404, \"title\": \"Bad Request\", "
                "\"description\": \"Pool p not found.\", "
                "\"faultcode\": \"Client\", "
                "\"faultstring\": \"Pool p not found.\", "
                "\"debuginfo\": null}");
}

static void
test_first_fault_wins(void **state)
{
    struct fault *fault = NULL;

    fault_set(&fault, FAULT_NOT_JSON);
    fault_set(&fault, FAULT_UNKNOWN);
    fault_set_text(&fault, 409, "later");
    assert_int_equal(fault->id, FAULT_NOT_JSON);
    fault_destroy(fault);
    fault_destroy(NULL);
}

static void
test_parameters_of_other_types(void **state)
{
    const struct uuid id = { { 1, 2, 3, 4 } };
    struct fault *fault = NULL;

    assert_false(fault_set_id(&fault, FAULT_NOT_FOUND, "Pool", &id));
    assert_string_equal(fault->text,
                        "Pool 00000001-0000-0002-0000-000300000004 not "
                        "found.");
    fault_destroy(fault);

    fault = NULL;
    assert_false(fault_set_format(&fault, FAULT_VALIDATION, "%s %d", "a%s",
                                  2));
    assert_string_equal(fault->text, "Validation failure: a%s 2");
    fault_destroy(fault);

    fault = NULL;
    assert_false(fault_set_value(&fault, FAULT_VALIDATION, "no %s pools",
                                 "TCP"));
    assert_string_equal(fault->text, "Validation failure: no TCP pools");
    assert_false(fault_set_value(&fault, FAULT_VALIDATION, "later", NULL));
    fault_destroy(fault);
}

static void
test_foreign_text(void **state)
{
    struct fault *fault = NULL;

    fault_set_text(&fault, 409, "in use");
    assert_body(fault, 409,
                "{\"faultcode\": \"Client\", \"faultstring\": \"in use\", "
                "\"debuginfo\": null}");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_api_shape),
        cmocka_unit_test(test_server_faults_say_so),
        cmocka_unit_test(test_routing_shape),
        cmocka_unit_test(test_both_shapes),
        cmocka_unit_test(test_first_fault_wins),
        cmocka_unit_test(test_parameters_of_other_types),
        cmocka_unit_test(test_foreign_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
