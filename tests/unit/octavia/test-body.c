/* SPDX-License-Identifier: Apache-2.0
 *
 * octavia-lib's data models as attributes: what is taken, what is passed over,
 * and what is refused when.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/octavia-conf.h"
#include "octavia/body.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

#define LB "\"loadbalancer_id\": \"0b0b0b0b-0000-4000-8000-000000000001\""
#define LISTENER LB ", \"protocol\": \"TCP\", \"protocol_port\": 80"

static struct octavia_conf *conf;

static const struct {
    const char *name;
    enum resource_id resource;
    enum attrs_method method;
    bool has_conf, is_lenient;
    const char *object;
    const char *text;           /* How the fault begins; NULL: none. */
} rows[] = {
    { "least", RESOURCE_LISTENER, ATTRS_POST, false, false,
      "{"LISTENER"}", NULL },
    { "new members of a model", RESOURCE_LISTENER, ATTRS_POST, false, false,
      "{"LISTENER", \"colour\": \"red\", \"hsts_max_age\": null}", NULL },
    { "time-out that nobody has by default", RESOURCE_LISTENER, ATTRS_POST,
      false, false, "{"LISTENER", \"timeout_client_data\": 7000}",
      "OVN provider does not support timeout_client_data option" },
    { "time-out that is this operator's default", RESOURCE_LISTENER,
      ATTRS_POST, true, false,
      "{"LISTENER", \"timeout_client_data\": 7000}", NULL },
    { "time-out that is everybody's default", RESOURCE_LISTENER,
      ATTRS_POST, true, false,
      "{"LISTENER", \"timeout_client_data\": 50000}", NULL },
    { "another one's default", RESOURCE_LISTENER, ATTRS_POST, true, false,
      "{"LISTENER", \"timeout_member_data\": 7000}",
      "OVN provider does not support timeout_member_data option" },
    { "it is there already", RESOURCE_LISTENER, ATTRS_POST, false, true,
      "{"LISTENER", \"timeout_member_data\": 7000, \"allowed_cidrs\": "
      "[\"10.0.0.0/8\"], \"l7policies\": [{}]}", NULL },
    { "there already, but nonsense", RESOURCE_LISTENER, ATTRS_POST, false,
      true, "{"LB", \"protocol\": \"HTTP\", \"protocol_port\": 80}",
      "OVN provider does not support HTTP protocol" },
    { "quality of service", RESOURCE_LOAD_BALANCER, ATTRS_PUT, false, false,
      "{\"vip_qos_policy_id\": \"0b0b0b0b-0000-4000-8000-000000000002\"}",
      "OVN provider does not support vip_qos_policy_id option" },
    { "none", RESOURCE_LOAD_BALANCER, ATTRS_PUT, false, false,
      "{\"vip_qos_policy_id\": null, \"flavor\": {}}", NULL },
    { "a flavor", RESOURCE_LOAD_BALANCER, ATTRS_POST, false, false,
      "{\"flavor\": {\"a\": \"b\"}}",
      "OVN provider does not support flavors" },
    { "a number for a word", RESOURCE_LISTENER, ATTRS_POST, false, false,
      "{"LB", \"protocol\": 6, \"protocol_port\": 80}",
      "Invalid input for field/attribute protocol. Value: '6'." },
};

static void
test_rows(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct body_rules rules = {
            .conf = rows[i].has_conf ? conf : NULL,
            .is_lenient = rows[i].is_lenient,
            .is_strict = true,
        };
        struct json *object = json_from_string(rows[i].object);
        struct fault *fault = NULL;
        struct attrs *attrs;

        print_message("%s\n", rows[i].name);
        attrs = body_parse(rows[i].resource, rows[i].method, object, NULL,
                           &rules, &fault);
        if (rows[i].text) {
            assert_null(attrs);
            assert_non_null(fault);
            assert_int_equal(strncmp(fault_detail(fault), rows[i].text,
                                     strlen(rows[i].text)), 0);
        } else {
            assert_null(fault);
            assert_non_null(attrs);
        }
        attrs_destroy(attrs);
        fault_destroy(fault);
        json_destroy(object);
    }
}

/* Unless the operator wants them refused. */
static void
test_dispensable_options_are_taken(void **state)
{
    static const struct {
        const char *object;
        bool has_conf;
        int64_t expected;
    } dispensable[] = {
        { "{"LISTENER", \"timeout_client_data\": 8000}", true, 8000 },
        /* The operator's default is nobody's wish. */
        { "{"LISTENER", \"timeout_client_data\": 7000}", true, 50000 },
        { "{"LISTENER", \"timeout_client_data\": 7000}", false, 7000 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(dispensable); i++) {
        const struct body_rules rules = {
            .conf = dispensable[i].has_conf ? conf : NULL,
        };
        struct json *object = json_from_string(dispensable[i].object);
        struct fault *fault = NULL;
        struct attrs *attrs = body_parse(RESOURCE_LISTENER, ATTRS_POST,
                                         object, NULL, &rules, &fault);

        assert_null(fault);
        assert_int_equal(attrs_integer(attrs, "timeout_client_data"),
                         dispensable[i].expected);
        attrs_destroy(attrs);
        json_destroy(object);
    }
}

static void
test_null_and_absent(void **state)
{
    const struct body_rules rules = { .conf = NULL };
    struct json *object = json_from_string(
        "{\"name\": null, \"vip_address\": null, \"description\": \"d\"}");
    struct fault *fault = NULL;
    struct attrs *attrs = body_parse(RESOURCE_LOAD_BALANCER, ATTRS_POST,
                                     object, NULL, &rules, &fault);

    assert_non_null(attrs);
    assert_string_equal(attrs_string(attrs, "name"), "");
    assert_true(attrs_get(attrs, "name")->is_given);
    assert_false(attrs_get(attrs, "vip_address")->is_given);
    assert_false(attrs_get(attrs, "admin_state_up")->is_given);
    assert_true(attrs_bool(attrs, "admin_state_up"));
    attrs_destroy(attrs);
    json_destroy(object);
}

static void
test_parent(void **state)
{
    const struct body_rules rules = { .conf = NULL };
    struct uuid parent = UUID_ZERO;
    struct json *object = json_from_string("{"LISTENER"}");
    struct fault *fault = NULL;

    parent.parts[3] = 7;
    struct attrs *attrs = body_parse(RESOURCE_LISTENER, ATTRS_POST, object,
                                     &parent, &rules, &fault);
    assert_non_null(attrs);
    assert_true(uuid_equals(attrs_uuid(attrs, "loadbalancer_id"), &parent));
    attrs_destroy(attrs);
    json_destroy(object);
}

static int
load_conf(void **state)
{
    static const char text[]
        = "[haproxy_amphora]\ntimeout_client_data = 7000\n";
    char name[] = "test-body-XXXXXX";
    int fd = mkstemp(name);
    char *error = NULL;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    conf = octavia_conf_load(name, &error);
    unlink(name);
    return conf ? 0 : -1;
}

static int
free_conf(void **state)
{
    octavia_conf_destroy(conf);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_dispensable_options_are_taken),
        cmocka_unit_test(test_null_and_absent),
        cmocka_unit_test(test_parent),
    };

    return cmocka_run_group_tests(tests, load_conf, free_conf);
}
