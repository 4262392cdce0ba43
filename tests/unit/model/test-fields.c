/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of POST and PUT against the field tables: what is taken, what it
 * becomes, and the texts for what is not.
 */

#include <config.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "attrs-fixture.h"
#include "base/ip.h"
#include "base/json-read.h"
#include "model/attrs.h"
#include "model/checks.h"
#include "model/formats.h"
#include "model/render.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

#define INPUT "Invalid input for field/attribute "

static void
test_refused(void **state)
{
    static const struct {
        const char *name;
        enum resource_id resource;
        enum attrs_method method;
        const char *body;
        const char *expected;
    } rows[] = {
        { "empty", LB, ATTRS_POST, "{}",
          INPUT "loadbalancer. Value: 'None'. Mandatory field missing." },
        { "null", LB, ATTRS_POST, "{'loadbalancer': null}",
          INPUT "loadbalancer. Value: 'None'. "
          "Value should be a JSON object" },
        { "array", LB, ATTRS_POST, "[]",
          INPUT "load_balancer. Value: '[]'. Value should be a JSON object" },
        { "array inside", LB, ATTRS_POST, "{'loadbalancer': []}",
          INPUT "loadbalancer. Value: '[]'. Value should be a JSON object" },
        { "unknown at top", LB, ATTRS_POST, "{'x': 1}",
          "Unknown attribute for argument load_balancer: x" },
        { "unknown", LB, ATTRS_POST, "{'loadbalancer': {'bogus': 1}}",
          "Unknown attribute for argument load_balancer.loadbalancer: "
          "bogus" },
        { "several unknown", LB, ATTRS_POST,
          "{'loadbalancer': {'bogus': 1, 'bogus2': 1}}",
          "Unknown attributes for argument load_balancer.loadbalancer: "
          "bogus, bogus2" },
        { "read only", LB, ATTRS_POST,
          "{'loadbalancer': {'provisioning_status': 'ACTIVE'}}",
          "Unknown attribute for argument load_balancer.loadbalancer: "
          "provisioning_status" },
        { "not in PUT", LISTENER, ATTRS_PUT, "{'listener': {'protocol': 1}}",
          "Unknown attribute for argument listener_.listener: protocol" },
        { "mandatory, in order", LISTENER, ATTRS_POST,
          "{'listener': {'name': 'x'}}",
          INPUT "protocol. Value: 'None'. Mandatory field missing." },
        { "mandatory, null", LISTENER, ATTRS_POST,
          "{'listener': {'protocol': 'TCP', 'protocol_port': null}}",
          INPUT "protocol_port. Value: 'None'. Mandatory field missing." },
        { "string", LB, ATTRS_POST, "{'loadbalancer': {'name': 1}}",
          INPUT "name. Value: '1'. Value should be string" },
        { "string too long", MEMBER, ATTRS_POST,
          "{'member': {'tenant_id': "
          "'1234567890123456789012345678901234567', 'address': '1.1.1.1', "
          "'protocol_port': 1}}",
          INPUT "tenant_id. Value: '1234567890123456789012345678901234567'. "
          "Value should have a maximum character requirement of 36" },
        { "uuid", LB, ATTRS_POST,
          "{'loadbalancer': {'vip_subnet_id': 'notuuid'}}",
          INPUT "vip_subnet_id. Value: 'notuuid'. "
          "Value should be UUID format" },
        { "address", LB, ATTRS_POST,
          "{'loadbalancer': {'vip_address': '1.2.3'}}",
          INPUT "vip_address. Value: '1.2.3'. "
          "Value should be IPv4 or IPv6 format" },
        { "integer as address", MEMBER, ATTRS_POST,
          "{'member': {'address': 5, 'protocol_port': 1}}",
          INPUT "address. Value: '5'. Value should be IPv4 or IPv6 format" },
        { "port low", LISTENER, ATTRS_POST,
          "{'listener': {'protocol': 'TCP', 'protocol_port': 0}}",
          INPUT "protocol_port. Value: '0'. "
          "Value should be greater or equal to 1" },
        { "port high", LISTENER, ATTRS_POST,
          "{'listener': {'protocol': 'TCP', 'protocol_port': '65536'}}",
          INPUT "protocol_port. Value: '65536'. "
          "Value should be lower or equal to 65535" },
        { "no number", LISTENER, ATTRS_PUT,
          "{'listener': {'timeout_member_data': '80a'}}",
          INPUT "listener_. Value: '{'listener': {'timeout_member_data': "
          "'80a'}}'. invalid literal for int() with base 10: '80a'" },
        { "float", MEMBER, ATTRS_PUT, "{'member': {'weight': 1.5}}",
          INPUT "member_. Value: '{'member': {'weight': 1.5}}'. "
          "invalid literal for int() with base 10: 1.5" },
        { "boolean", LB, ATTRS_PUT,
          "{'loadbalancer': {'admin_state_up': 'notabool'}}",
          INPUT "load_balancer. Value: '{'loadbalancer': "
          "{'admin_state_up': 'notabool'}}'. "
          "Value not an unambiguous boolean: notabool" },
        { "list", LB, ATTRS_PUT, "{'loadbalancer': {'tags': 'abc'}}",
          INPUT "load_balancer. Value: '{'loadbalancer': {'tags': 'abc'}}'. "
          "Value not a valid list: abc" },
        { "enum", POOL, ATTRS_PUT, "{'pool': {'lb_algorithm': 'FOO'}}",
          INPUT "lb_algorithm. Value: 'FOO'. Value should be one of: "
          "LEAST_CONNECTIONS, ROUND_ROBIN, SOURCE_IP, SOURCE_IP_PORT" },
        { "VIPs that are no list", LB, ATTRS_POST,
          "{'loadbalancer': {'additional_vips': {}}}",
          INPUT "load_balancer. Value: '{'loadbalancer': "
          "{'additional_vips': {}}}'. Value not a valid list: {}" },
        { "VIP that is no object", LB, ATTRS_POST,
          "{'loadbalancer': {'additional_vips': [1]}}",
          INPUT "additional_vips. Value: '1'. Value should be a JSON "
          "object" },
        { "VIP without subnet", LB, ATTRS_POST,
          "{'loadbalancer': {'additional_vips': [{}]}}",
          INPUT "subnet_id. Value: 'None'. Mandatory field missing." },
        { "unknown in a VIP", LB, ATTRS_POST,
          "{'loadbalancer': {'additional_vips': [{'subnet_id': '" ID "'}, "
          "{'x': 1}]}}",
          "Unknown attribute for argument "
          "load_balancer.loadbalancer.additional_vips: x" },
        { "part of a load balancer by itself", POOL, ATTRS_POST,
          "{'pool': {'healthmonitor': {}, 'members': [{}]}}",
          "Unknown attributes for argument pool_.pool: healthmonitor, "
          "members" },
        { "parent of a part", LB, ATTRS_POST,
          "{'loadbalancer': {'listeners': [{'protocol': 'TCP', "
          "'protocol_port': 80, 'default_pool': {'name': 'p', 'members': "
          "[{'project_id': 'x'}]}}]}}",
          "Unknown attribute for argument load_balancer.loadbalancer."
          "listeners.default_pool.members: project_id" },
        { "part that is a list", LB, ATTRS_POST,
          "{'loadbalancer': {'pools': [{'healthmonitor': []}]}}",
          INPUT "healthmonitor. Value: '[]'. Value should be a JSON "
          "object" },
        { "mandatory in a part", LB, ATTRS_POST,
          "{'loadbalancer': {'pools': [{'name': 'p', 'members': [{}]}]}}",
          INPUT "address. Value: 'None'. Mandatory field missing." },
        { "VIPs in PUT", LB, ATTRS_PUT,
          "{'loadbalancer': {'additional_vips': []}}",
          "Unknown attribute for argument load_balancer.loadbalancer: "
          "additional_vips" },
        { "cidr", LISTENER, ATTRS_PUT,
          "{'listener': {'allowed_cidrs': ['bad']}}",
          INPUT "allowed_cidrs. Value: '['bad']'. "
          "Value should be IPv4 or IPv6 CIDR format" },
        { "alpn", LISTENER, ATTRS_PUT,
          "{'listener': {'alpn_protocols': ['x']}}",
          INPUT "alpn_protocols. Value: '['x']'. "
          "Value should be a valid ALPN protocol ID" },
        { "decimal", MONITOR, ATTRS_PUT,
          "{'healthmonitor': {'http_version': 1.2}}",
          INPUT "http_version. Value: '1.2'. Value should be one of: "
          "1.0, 1.1" },
        { "format", MONITOR, ATTRS_PUT, "{'healthmonitor': {'url_path': ''}}",
          INPUT "url_path. Value: ''. "
          "Value must be a valid URL Path string" },
        { "null where it is bad", POOL, ATTRS_PUT,
          "{'pool': {'lb_algorithm': null}}",
          "None is not a valid option for lb_algorithm" },
        { "unknown in persistence", POOL, ATTRS_PUT,
          "{'pool': {'session_persistence': {'x': 1}}}",
          "Unknown attribute for argument "
          "pool_.pool.session_persistence: x" },
        { "persistence without type", POOL, ATTRS_POST,
          POOL_HEAD "'UDP', 'session_persistence': {}}}",
          INPUT "type. Value: 'None'. Mandatory field missing." },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fault *fault = NULL;
        struct attrs *attrs = attrs_from_text(rows[i].resource, rows[i].method,
                                    rows[i].body, &fault);

        print_message("%s\n", rows[i].name);
        assert_null(attrs);
        assert_int_equal(fault->code, 400);
        assert_string_equal(fault->text, rows[i].expected);
        fault_destroy(fault);
    }
}

/* Reads from attributes instead of a row. */
static void
read_attrs(const void *attrs_, const struct resource *resource,
           const struct field *field,
           struct value_scratch *scratch OVS_UNUSED, struct ovsdb_datum *ret)
{
    const struct attrs *attrs = attrs_;

    *ret = attrs->attr[field_index(resource, field)].datum;
}

static const void *
read_item(const void *attrs_, const struct resource *resource,
          const struct field *field, size_t i)
{
    const struct attrs *attrs = attrs_;
    const struct attr *attr = &attrs->attr[field_index(resource, field)];

    return i < attr->n_items ? attr->items[i] : NULL;
}

static const struct object_reader attrs_reader = { read_attrs, read_item };

static void
assert_field(const struct attrs *attrs, const char *name,
             const char *expected)
{
    const struct resource *resource = attrs->resource;
    const struct field *field = field_find(resource, name);
    struct field_choice choice = { .is_partial = true };
    struct ds out = DS_EMPTY_INITIALIZER;
    char *wanted = xasprintf("{\"%s\": %s}", name, expected);

    choice.is_chosen[field_index(resource, field)] = true;
    render_object(&out, resource, attrs, &attrs_reader, &choice);
    assert_string_equal(ds_cstr(&out), wanted);
    ds_destroy(&out);
    free(wanted);
}

static void
test_taken(void **state)
{
    static const struct {
        const char *name;
        enum resource_id resource;
        enum attrs_method method;
        const char *body;
        const char *field;
        const char *expected;
    } rows[] = {
        { "uuid, any spelling", LB, ATTRS_POST,
          "{'loadbalancer': {'vip_port_id': "
          "'{AAAAAAAABBBBCCCCDDDDEEEEEEEEEEEE}'}}",
          "vip_port_id", "\"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\"" },
        { "fallback of a string", LB, ATTRS_POST, "{'loadbalancer': {}}",
          "name", "\"\"" },
        { "fallback of a boolean", LB, ATTRS_POST, "{'loadbalancer': {}}",
          "admin_state_up", "true" },
        { "no fallback in PUT", LB, ATTRS_PUT, "{'loadbalancer': {}}",
          "admin_state_up", "null" },
        { "null name", LB, ATTRS_PUT, "{'loadbalancer': {'name': null}}",
          "name", "\"\"" },
        { "null admin_state_up", LB, ATTRS_POST,
          "{'loadbalancer': {'admin_state_up': null}}",
          "admin_state_up", "false" },
        { "boolean word", LB, ATTRS_POST,
          "{'loadbalancer': {'admin_state_up': 'off'}}",
          "admin_state_up", "false" },
        { "boolean number", LB, ATTRS_POST,
          "{'loadbalancer': {'admin_state_up': 2}}",
          "admin_state_up", "true" },
        { "numeric string", MEMBER, ATTRS_PUT,
          "{'member': {'weight': ' 7 '}}", "weight", "7" },
        { "decimal", MONITOR, ATTRS_PUT,
          "{'healthmonitor': {'http_version': 1.1}}", "http_version",
          "1.1" },
        { "decimal without a fraction", MONITOR, ATTRS_PUT,
          "{'healthmonitor': {'http_version': 1.0}}", "http_version",
          "1.0" },
        { "decimal as text", MONITOR, ATTRS_PUT,
          "{'healthmonitor': {'http_version': '1.1'}}", "http_version",
          "1.1" },
        { "null max_retries_down", MONITOR, ATTRS_PUT,
          "{'healthmonitor': {'max_retries_down': null}}",
          "max_retries_down", "3" },
        { "additional VIPs", LB, ATTRS_POST,
          "{'loadbalancer': {'additional_vips': [{'subnet_id': '" ID "'}, "
          "{'ip_address': 'fd00::1', 'subnet_id': '" ID "'}]}}",
          "additional_vips", "[{\"subnet_id\": \"" ID "\", \"ip_address\": "
          "null, \"port_id\": null}, {\"subnet_id\": \"" ID "\", "
          "\"ip_address\": \"fd00::1\", \"port_id\": null}]" },
        { "no additional VIPs", LB, ATTRS_POST,
          "{'loadbalancer': {'additional_vips': null}}",
          "additional_vips", "[]" },
        { "null weight", MEMBER, ATTRS_PUT, "{'member': {'weight': null}}",
          "weight", "1" },
        { "null timeout", LISTENER, ATTRS_PUT,
          "{'listener': {'timeout_client_data': null}}",
          "timeout_client_data", "50000" },
        { "tags are a set", LB, ATTRS_POST,
          "{'loadbalancer': {'tags': ['b', 'a', 'b']}}",
          "tags", "[\"a\", \"b\"]" },
        { "address as typed", MEMBER, ATTRS_POST,
          "{'member': {'address': '2001:DB8:0::1', 'protocol_port': 1}}",
          "address", "\"2001:DB8:0::1\"" },
        { "cidr is masked", LISTENER, ATTRS_PUT,
          "{'listener': {'allowed_cidrs': ['10.0.0.7/255.255.255.0', "
          "'2001:DB8::1/32', '1.2.3.4']}}", "allowed_cidrs",
          "[\"1.2.3.4/32\", \"10.0.0.0/24\", \"2001:db8::/32\"]" },
        { "empty cidrs", LISTENER, ATTRS_PUT,
          "{'listener': {'allowed_cidrs': []}}", "allowed_cidrs", "null" },
        { "headers", LISTENER, ATTRS_PUT,
          "{'listener': {'insert_headers': {'b': 'x', 'a': 'y'}}}",
          "insert_headers", "{\"a\": \"y\", \"b\": \"x\"}" },
        { "persistence", POOL, ATTRS_POST,
          POOL_HEAD "'UDP', 'session_persistence': {'type': 'SOURCE_IP', "
          "'persistence_timeout': '30'}}}", "session_persistence",
          "{\"type\": \"SOURCE_IP\", \"cookie_name\": null, "
          "\"persistence_timeout\": 30, "
          "\"persistence_granularity\": null}" },
        { "no persistence", POOL, ATTRS_PUT,
          "{'pool': {'session_persistence': null}}",
          "session_persistence", "null" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fault *fault = NULL;
        struct attrs *attrs = attrs_from_text(rows[i].resource, rows[i].method,
                                    rows[i].body, &fault);

        print_message("%s\n", rows[i].name);
        assert_null(fault);
        assert_field(attrs, rows[i].field, rows[i].expected);
        attrs_destroy(attrs);
    }
}

static void
test_null_tags_are_kept(void **state)
{
    struct fault *fault = NULL;
    struct attrs *attrs = attrs_from_text(LB, ATTRS_PUT,
                                "{'loadbalancer': {'tags': null}}", &fault);

    assert_false(attrs_get(attrs, "tags")->is_given);
    attrs_destroy(attrs);
}

static void
test_formats(void **state)
{
    static const struct {
        const struct string_format *format;
        const char *text;
        bool is_valid;
    } rows[] = {
        { &format_url_path, "/", true },
        { &format_url_path, "/a?b=c", true },
        { &format_url_path, "/a#b", true },
        { &format_url_path, "/%zz", true },
        { &format_url_path, "/\xc3\xa4", true },
        { &format_url_path, "", false },
        { &format_url_path, "x", false },
        { &format_url_path, "//x", false },
        { &format_url_path, "/a b", false },
        { &format_url_path, "http://a/", false },
        { &format_expected_codes, "200", true },
        { &format_expected_codes, "200,202 , 404", true },
        { &format_expected_codes, "200-204", true },
        { &format_expected_codes, "", false },
        { &format_expected_codes, "20", false },
        { &format_expected_codes, "2000", false },
        { &format_expected_codes, "200,", false },
        { &format_expected_codes, "200-", false },
        { &format_expected_codes, "200-204,206", false },
        { &format_expected_codes, "200 202", false },
        { &format_domain_name, "www.example.com", true },
        { &format_domain_name, "localhost", true },
        { &format_domain_name, "_x.example.", true },
        { &format_domain_name, "a-b.1", true },
        { &format_domain_name, ".", false },
        { &format_domain_name, "a..b", false },
        { &format_domain_name, "-a.b", false },
        { &format_domain_name, "a-.b", false },
        { &format_domain_name, "a_b.c", false },
        { &format_domain_name, "a b", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].text);
        assert_int_equal(rows[i].format->is_valid(rows[i].text),
                         rows[i].is_valid);
    }
}

static void
test_listener_rules(void **state)
{
    static const struct {
        const char *name;
        const char *protocol;
        const char *rest;       /* Of the body. */
        const char *expected;   /* NULL: no fault. */
    } rows[] = {
        { "plain", "TCP", "", NULL },
        { "headers on TCP", "TCP",
          ", 'insert_headers': {'X-Forwarded-For': 'true'}",
          "insert-headers is not a valid option for a TCP protocol "
          "listener." },
        { "bad header", "HTTP", ", 'insert_headers': {'X-Bogus': 'true'}",
          "dict_keys(['X-Bogus']) is not a valid option for "
          "insert_headers" },
        { "TLS header on HTTP", "HTTP",
          ", 'insert_headers': {'X-SSL-Client-DN': 'true'}",
          "['X-SSL-Client-DN'] is not a valid option for HTTP protocol "
          "listener." },
        { "TLS on UDP", "UDP", ", 'default_tls_container_ref': 'r'",
          "Validation failure: UDP protocol listener does not support "
          "TLS." },
        { "certificate on TCP", "TCP", ", 'sni_container_refs': ['r']",
          "Validation failure: Certificate container references are not "
          "allowed on TCP protocol listeners." },
        { "no certificate", "TERMINATED_HTTPS", "",
          "Validation failure: An SNI or default certificate container "
          "reference must be provided for TERMINATED_HTTPS protocol "
          "listeners." },
        { "client authentication", "TCP",
          ", 'client_authentication': 'OPTIONAL'",
          "Validation failure: Client authentication setting OPTIONAL "
          "requires a client CA container reference." },
        { "null client authentication", "TCP",
          ", 'client_authentication': null", NULL },
        { "HSTS without age", "TCP", ", 'hsts_preload': true",
          "Validation failure: HSTS configuration options "
          "hsts_include_subdomains and hsts_preload only make sense if "
          "hsts_max_age is set as well." },
        { "HSTS on TCP", "TCP", ", 'hsts_max_age': 1",
          "Validation failure: The HSTS feature can only be used for "
          "listeners using the TERMINATED_HTTPS protocol." },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fault *fault = NULL;
        char *body = xasprintf("{'listener': {'loadbalancer_id': '" ID "', "
                               "'protocol_port': 80, 'protocol': '%s'%s}}",
                               rows[i].protocol, rows[i].rest);
        struct attrs *attrs = attrs_from_text(LISTENER, ATTRS_POST, body,
                                              &fault);

        print_message("%s\n", rows[i].name);
        assert_non_null(attrs);
        assert_int_equal(check_listener(attrs, rows[i].protocol, &fault),
                         !rows[i].expected);
        if (rows[i].expected) {
            assert_string_equal(fault->text, rows[i].expected);
        }
        fault_destroy(fault);
        attrs_destroy(attrs);
        free(body);
    }
}

static void
test_persistence_rules(void **state)
{
    static const struct {
        const char *name;
        const char *protocol;
        const char *persistence;
        const char *expected;   /* NULL: no fault. */
    } rows[] = {
        { "UDP", "UDP", "{'type': 'SOURCE_IP', 'persistence_timeout': 1, "
          "'persistence_granularity': '255.255.0.0'}", NULL },
        { "timeout on TCP", "TCP",
          "{'type': 'SOURCE_IP', 'persistence_timeout': 1}",
          "Validation failure: persistence_timeout and "
          "persistence_granularity is only for UDP and SCTP protocol "
          "pools." },
        { "cookie on UDP", "UDP", "{'type': 'HTTP_COOKIE'}",
          "Validation failure: Session persistence of type HTTP_COOKIE is "
          "not supported for UDP/SCTP protocol pools." },
        { "name on SCTP", "SCTP", "{'type': 'SOURCE_IP', "
          "'cookie_name': 'c'}",
          "Validation failure: session_persistence SOURCE_IP type for UDP "
          "and SCTP protocols only accepts: type, persistence_timeout, "
          "persistence_granularity." },
        { "name without APP_COOKIE", "TCP",
          "{'type': 'SOURCE_IP', 'cookie_name': 'c'}",
          "Validation failure: Field \"cookie_name\" can only be specified "
          "with session persistence of type \"APP_COOKIE\"." },
        { "APP_COOKIE without name", "TCP", "{'type': 'APP_COOKIE'}",
          "Validation failure: Field \"cookie_name\" must be specified when "
          "using the \"APP_COOKIE\" session persistence type." },
        { "bad name", "TCP", "{'type': 'APP_COOKIE', 'cookie_name': 'a/b'}",
          "Validation failure: Supplied \"cookie_name\" is invalid." },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fault *fault = NULL;
        char *body = xasprintf(POOL_HEAD "'%s', 'session_persistence': %s}}",
                               rows[i].protocol, rows[i].persistence);
        struct attrs *attrs = attrs_from_text(POOL, ATTRS_POST, body, &fault);

        print_message("%s\n", rows[i].name);
        assert_non_null(attrs);
        assert_int_equal(check_persistence(attrs, rows[i].protocol, NULL,
                                           &fault), !rows[i].expected);
        if (rows[i].expected) {
            assert_string_equal(fault->text, rows[i].expected);
        }
        fault_destroy(fault);
        attrs_destroy(attrs);
        free(body);
    }
}

/* PUT: what is not given stays, what is null goes. */
static void
test_persistence_is_merged(void **state)
{
    struct fault *fault = NULL;
    struct attrs *stored = attrs_from_text(
        POOL, ATTRS_POST, POOL_HEAD "'UDP', "
        "'session_persistence': {"
        "'type': 'SOURCE_IP', "
        "'persistence_granularity': '255.0.0.0', "
        "'persistence_timeout': 9}}}", &fault);
    struct attrs *put = attrs_from_text(POOL, ATTRS_PUT,
                              "{'pool': {'session_persistence': {"
                              "'persistence_timeout': 5, "
                              "'persistence_granularity': null}}}", &fault);

    assert_true(check_persistence(put, "UDP",
                                  &attrs_get(stored, "session_persistence")
                                  ->datum, &fault));
    assert_field(put, "session_persistence",
                 "{\"type\": \"SOURCE_IP\", \"cookie_name\": null, "
                 "\"persistence_timeout\": 5, "
                 "\"persistence_granularity\": null}");
    attrs_destroy(stored);
    attrs_destroy(put);
}

static void
test_canonical_addresses(void **state)
{
    static const struct {
        const char *text;
        const char *expected;   /* NULL: it is no address. */
    } rows[] = {
        { "10.0.0.1", "10.0.0.1" },
        { "FD00:6:0::0050", "fd00:6::50" },
        { "fd00:6:0:0:0:0:0:50", "fd00:6::50" },
        { "fd00:0:0:1:0:0:0:1", "fd00:0:0:1::1" },
        { "fd00:6::10.0.0.1", "fd00:6::a00:1" },
        { "::1.2.3.4", "::1.2.3.4" },
        { "::102:304", "::1.2.3.4" },
        { "::", "::" },
        { "::ffff:10.0.0.1", NULL },
        { "::FFFF:a00:1", NULL },
        { "0:0:0:0:0:ffff:10.0.0.1", NULL },
        { "fe80::1%eth0", NULL },
        { "010.0.0.1", NULL },
        { "10.0.0.01", NULL },
        { "10.1", NULL },
        { " 10.0.0.1", NULL },
        { "[fd00::1]", NULL },
        { "fd00::10.0.0.01", NULL },
        { "", NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *canonical = ip_canonicalize(rows[i].text);
        struct in6_addr ip;

        print_message("%s\n", rows[i].text);
        assert_int_equal(ip_parse_any(rows[i].text, &ip),
                         rows[i].expected != NULL);
        assert_string_equal(canonical, (rows[i].expected ? rows[i].expected
                                        : rows[i].text));
        assert_int_equal(ip_compare_texts(rows[i].text, canonical), 0);
        free(canonical);
    }
    assert_true(ip_compare_texts("fd00::9", "FD00::A") < 0);
    assert_true(ip_compare_texts("10.0.0.10", "10.0.0.9") > 0);
    assert_true(ip_compare_texts("", "10.0.0.9") < 0);
    assert_true(ip_compare_texts("10.0.0.9", "x") > 0);
}

static void
test_addresses(void **state)
{
    struct fault *fault = NULL;

    assert_true(addresses_are_equal("2001:DB8:0::1", "2001:db8::1"));
    assert_true(addresses_are_equal("10.0.0.1", "10.0.0.1"));
    assert_false(addresses_are_equal("10.0.0.1", "10.0.0.2"));
    assert_true(check_member_address("10.0.0.1", &fault));
    assert_false(check_member_address("169.254.169.254", &fault));
    assert_string_equal(fault->text, "169.254.169.254 is not a valid option "
                        "for member address");
    fault_destroy(fault);
}

static void
test_member_beside_vips(void **state)
{
    struct fault *fault = NULL;

    assert_true(ip_versions_are_equal("10.0.0.1", "10.0.0.2"));
    assert_true(ip_versions_are_equal("2001:db8::1", "2001:DB8:0::2"));
    assert_false(ip_versions_are_equal("10.0.0.1", "2001:db8::1"));
    assert_false(ip_versions_are_equal("10.0.0.1", "no address"));
    assert_false(ip_versions_are_equal(NULL, "10.0.0.1"));

    assert_true(check_member_version(true, &fault));
    assert_true(check_member_subnet(true, false, &fault));
    assert_false(check_member_version(false, &fault));
    assert_string_equal(fault_detail(fault),
                        "OVN provider does not support mixing IPv4/IPv6 "
                        "configuration within the same Load Balancer.");
    fault_destroy(fault);

    fault = NULL;
    assert_false(check_member_subnet(false, true, &fault));
    assert_string_equal(fault_detail(fault),
                        "Subnet is required, or Loadbalancer associated with "
                        "Pool must have a subnet, for Member batch update "
                        "with OVN Provider Driver if it is not the same as "
                        "LB VIP subnet");
    fault_destroy(fault);
}

static void
test_backends(void **state)
{
    static const struct {
        const char *address;
        const char *flaw;       /* NULL: none. */
    } rows[] = {
        { "10.0.0.1", NULL },
        { "fd00::1", NULL },
        { "0.0.0.0", "the unspecified address" },
        { "::", "the unspecified address" },
        { "127.0.0.1", "a loopback address" },
        { "127.9.9.9", "a loopback address" },
        { "::1", "a loopback address" },
        { "224.0.0.0", "a multicast address" },
        { "239.255.255.255", "a multicast address" },
        { "ff02::1", "a multicast address" },
        { "255.255.255.255", "the broadcast address" },
        { "126.255.255.255", NULL },
        { "223.255.255.255", NULL },
        { "no address", NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct fault *fault = NULL;
        bool ok = check_member_is_backend(rows[i].address, false,
                                          FAULT_VALIDATION, &fault);

        assert_int_equal(ok, !rows[i].flaw);
        if (rows[i].flaw) {
            char *text = xasprintf("Validation failure: The address %s cannot "
                                   "be a member's: it is %s.",
                                   rows[i].address, rows[i].flaw);
            assert_string_equal(fault->text, text);
            free(text);
        }
        fault_destroy(fault);
    }

    struct fault *fault = NULL;
    assert_false(check_member_is_backend("10.0.0.1", true,
                                         FAULT_UNSUPPORTED_OPTION, &fault));
    assert_string_equal(fault_detail(fault), "The address 10.0.0.1 cannot be "
                        "a member's: it is a VIP of the load balancer "
                        "itself.");
    fault_destroy(fault);
}

static void
test_monitor_types_of_ovn(void **state)
{
    struct fault *fault = NULL;

    assert_true(check_monitor_protocol("TCP", "TCP", &fault));
    assert_true(check_monitor_protocol("UDP-CONNECT", "TCP", &fault));
    assert_true(check_monitor_protocol("UDP-CONNECT", "UDP", &fault));
    assert_false(check_monitor_protocol("TCP", "UDP", &fault));
    assert_string_equal(fault_detail(fault),
                        "OVN provider does not support TCP health monitors "
                        "of UDP pools. Supported type: UDP-CONNECT");
    fault_destroy(fault);

    fault = NULL;
    assert_false(check_monitor_protocol("UDP-CONNECT", "SCTP", &fault));
    assert_string_equal(fault_detail(fault),
                        "OVN provider does not support health monitors of "
                        "SCTP pools");
    fault_destroy(fault);
}

static void
test_protocols(void **state)
{
    struct fault *fault = NULL;

    assert_true(check_protocols("TCP", "TCP", &fault));
    assert_true(check_protocols("TCP", "PROXY", &fault));
    assert_true(protocols_collide("TCP", "TERMINATED_HTTPS"));
    assert_false(protocols_collide("TCP", "UDP"));
    assert_false(check_protocols("HTTP", "TCP", &fault));
    assert_string_equal(fault->text, "Validation failure: The pool protocol "
                        "'TCP' is invalid while the listener protocol is "
                        "'HTTP'.");
    fault_destroy(fault);
    fault = NULL;
    assert_false(check_protocols("PROMETHEUS", "TCP", &fault));
    fault_destroy(fault);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_null_tags_are_kept),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_listener_rules),
        cmocka_unit_test(test_persistence_rules),
        cmocka_unit_test(test_persistence_is_merged),
        cmocka_unit_test(test_canonical_addresses),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_member_beside_vips),
        cmocka_unit_test(test_backends),
        cmocka_unit_test(test_monitor_types_of_ovn),
        cmocka_unit_test(test_protocols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
