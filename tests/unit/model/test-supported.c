/* SPDX-License-Identifier: Apache-2.0
 *
 * What OVN can do of what is asked, what is taken all the same, and the texts
 * for what is not.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "attrs-fixture.h"
#include "util.h"

static void
test_supported_by_ovn(void **state)
{
    static const struct {
        const char *name;
        enum resource_id resource;
        enum attrs_method method;
        const char *body;
        const char *expected;   /* NULL: supported. */
    } rows[] = {
        { "TCP", LISTENER, ATTRS_POST, LISTENER_HEAD "'name': 'x'}}", NULL },
        { "the default said aloud", LISTENER, ATTRS_POST,
          LISTENER_HEAD "'timeout_client_data': 50000, "
          "'connection_limit': -1, 'insert_headers': {}, "
          "'allowed_cidrs': null}}", NULL },
        { "no certificate", LISTENER, ATTRS_PUT,
          "{'listener': {'default_tls_container_ref': ''}}", NULL },
        { "HTTP", LISTENER, ATTRS_POST,
          "{'listener': {'loadbalancer_id': '" ID "', 'protocol_port': 80, "
          "'protocol': 'HTTP'}}",
          OVN "provider does not support HTTP protocol" },
        { "allowed_cidrs", LISTENER, ATTRS_PUT,
          "{'listener': {'allowed_cidrs': ['10.0.0.0/8']}}",
          OVN "provider does not support allowed_cidrs option" },
        { "timeout", LISTENER, ATTRS_PUT,
          "{'listener': {'timeout_client_data': 1}}",
          OVN "provider does not support timeout_client_data option" },
        { "algorithm", POOL, ATTRS_PUT,
          "{'pool': {'lb_algorithm': 'ROUND_ROBIN'}}",
          OVN "provider does not support ROUND_ROBIN algorithm; "
          "SOURCE_IP_PORT is the nearest that it has" },
        { "backup", MEMBER, ATTRS_PUT, "{'member': {'backup': true}}", NULL },
        { "persistence", POOL, ATTRS_PUT,
          "{'pool': {'session_persistence': {'type': 'SOURCE_IP', "
          "'persistence_timeout': 65535, 'persistence_granularity': "
          "'255.255.255.255'}}}", NULL },
        { "persistence taken away", POOL, ATTRS_PUT,
          "{'pool': {'session_persistence': {'persistence_timeout': null, "
          "'persistence_granularity': null}}}", NULL },
        { "long persistence", POOL, ATTRS_PUT,
          "{'pool': {'session_persistence': {'persistence_timeout': 65536}}}",
          OVN "provider does not support a persistence_timeout of 65536. It "
          "must be from 1 to 65535 seconds." },
        { "persistence of a network", POOL, ATTRS_PUT,
          "{'pool': {'session_persistence': {'persistence_granularity': "
          "'255.255.255.0'}}}",
          OVN "provider does not support a persistence_granularity of "
          "255.255.255.0, only single addresses" },
        { "cookie", POOL, ATTRS_PUT,
          "{'pool': {'session_persistence': {'type': 'HTTP_COOKIE'}}}",
          OVN "provider does not support HTTP_COOKIE session persistence. "
          "Only SOURCE_IP type is supported." },
        { "monitor_port", MEMBER, ATTRS_PUT,
          "{'member': {'monitor_port': 1}}",
          OVN "Load Balancer does not support different member monitor "
          "address or port." },
        { "monitor type", MONITOR, ATTRS_POST,
          "{'healthmonitor': {'pool_id': '" ID "', 'type': 'PING', "
          "'delay': 1, 'timeout': 1, 'max_retries': 1}}",
          OVN "provider does not support PING health monitor type. "
          "Supported types: UDP-CONNECT, TCP" },
        { "request_sriov", MEMBER, ATTRS_POST,
          "{'member': {'address': '1.1.1.1', 'protocol_port': 1, "
          "'request_sriov': true}}",
          "The load balancer flavor does not allow SR-IOV member ports." },
        { "flavor", LB, ATTRS_POST,
          "{'loadbalancer': {'flavor_id': '" ID "'}}",
          "Validation failure: Invalid flavor_id." },
        { "port of an additional VIP", LB, ATTRS_POST,
          "{'loadbalancer': {'additional_vips': [{'subnet_id': '" ID "', "
          "'port_id': '" ID "'}]}}",
          OVN "provider does not support a port_id in additional_vips: it "
          "makes the ports itself" },
        { "parts", LB, ATTRS_POST,
          "{'loadbalancer': {'flavor_id': null, 'listeners': "
          "[{'protocol': 'TCP', 'protocol_port': 80, 'l7policies': [], "
          "'default_pool': {'name': 'p'}}], 'pools': [{'name': 'p', "
          "'protocol': 'TCP', 'lb_algorithm': 'SOURCE_IP', 'members': ["
          "{'address': '10.0.0.1', 'protocol_port': 80}]}]}}", NULL },
        { "policies of a part", LB, ATTRS_POST,
          "{'loadbalancer': {'listeners': [{'protocol': 'TCP', "
          "'protocol_port': 80, 'l7policies': [{}]}]}}",
          "Provider 'ovn' does not support a requested action: This provider "
          "does not support creating l7policies." },
        { "a part of a part", LB, ATTRS_POST,
          "{'loadbalancer': {'pools': [{'healthmonitor': {'type': 'PING', "
          "'delay': 1, 'timeout': 1, 'max_retries': 1}}]}}",
          OVN "provider does not support PING health monitor type. "
          "Supported types: UDP-CONNECT, TCP" },
    };

    const struct attrs_leeway strict = { .takes_nearby = false };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fault *fault = NULL;
        struct attrs *attrs = attrs_from_text(rows[i].resource, rows[i].method,
                                    rows[i].body, &fault);

        print_message("%s\n", rows[i].name);
        assert_non_null(attrs);
        assert_int_equal(attrs_are_supported(attrs, &strict, &fault),
                         !rows[i].expected);
        if (rows[i].expected) {
            assert_string_equal(fault->text, rows[i].expected);
        }
        fault_destroy(fault);
        attrs_destroy(attrs);
    }
}

/* What the operator may allow although OVN only comes near to it. */
static void
test_nearby(void **state)
{
    static const struct {
        const char *algorithm;
        bool is_fine;
    } rows[] = {
        { "SOURCE_IP", true },
        { "ROUND_ROBIN", true },
        { "LEAST_CONNECTIONS", false },
    };

    const struct attrs_leeway nearby = { .takes_nearby = true };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *body = xasprintf("{'pool': {'lb_algorithm': '%s'}}",
                               rows[i].algorithm);
        struct fault *fault = NULL;
        struct attrs *attrs = attrs_from_text(POOL, ATTRS_PUT, body, &fault);

        assert_int_equal(attrs_are_supported(attrs, &nearby, &fault),
                         rows[i].is_fine);
        fault_destroy(fault);
        attrs_destroy(attrs);
        free(body);
    }
}

static bool
has_seven(const struct field *field, const struct ovsdb_datum *datum,
          const void *aux OVS_UNUSED)
{
    return (field->type == FT_INTEGER && datum->n
            && datum->keys[0].integer == 7);
}

/* What the operator may allow although OVN does nothing of it, and what is
 * there already. */
static void
test_dispensable(void **state)
{
    static const struct {
        enum resource_id resource;
        const char *body;
        bool is_taken, is_there;
    } rows[] = {
        { LISTENER, "{'listener': {'connection_limit': 7}}", true, true },
        { LISTENER, "{'listener': {'connection_limit': 8}}", true, false },
        { LISTENER, "{'listener': {'timeout_tcp_inspect': 8}}", true, false },
        { LISTENER, "{'listener': {'insert_headers': {'a': 'b'}}}", true,
          false },
        { LISTENER, "{'listener': {'tls_ciphers': 'x'}}", false, false },
        { LISTENER, "{'listener': {'hsts_max_age': 7}}", false, true },
        { LISTENER, "{'listener': {'allowed_cidrs': ['10.0.0.0/8']}}", false,
          false },
        { LB, "{'loadbalancer': {'vip_qos_policy_id': "
          "'00000001-0000-4000-8000-000000000000'}}", true, false },
        { POOL, "{'pool': {'session_persistence': {'type': 'SOURCE_IP', "
          "'persistence_granularity': '255.255.0.0'}}}", true, false },
        { POOL, "{'pool': {'session_persistence': {'type': 'HTTP_COOKIE'}}}",
          false, false },
    };
    const struct attrs_leeway taken = { .takes_dispensable = true };
    const struct attrs_leeway there = { .has = has_seven };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fault *fault = NULL;
        struct attrs *attrs = attrs_from_text(rows[i].resource, ATTRS_PUT,
                                              rows[i].body, &fault);

        print_message("%s\n", rows[i].body);
        assert_non_null(attrs);
        assert_int_equal(attrs_are_supported(attrs, &taken, &fault),
                         rows[i].is_taken);
        fault_destroy(fault);
        fault = NULL;
        assert_int_equal(attrs_are_supported(attrs, &there, &fault),
                         rows[i].is_there);
        fault_destroy(fault);
        attrs_destroy(attrs);
    }
}

static void
test_switched(void **state)
{
    const struct attrs_leeway switched = { .takes_switched = true };
    struct fault *fault = NULL;
    struct attrs *attrs = attrs_from_text(
        LISTENER, ATTRS_PUT, "{'listener': {'allowed_cidrs': ['10.0.0.0/8']}}",
        &fault);

    assert_true(attrs_are_supported(attrs, &switched, &fault));
    attrs_destroy(attrs);
    attrs = attrs_from_text(LISTENER, ATTRS_PUT,
                            "{'listener': {'tls_ciphers': 'x'}}", &fault);
    assert_false(attrs_are_supported(attrs, &switched, &fault));
    fault_destroy(fault);
    attrs_destroy(attrs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_supported_by_ovn),
        cmocka_unit_test(test_nearby),
        cmocka_unit_test(test_dispensable),
        cmocka_unit_test(test_switched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
