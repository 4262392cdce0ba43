/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said to Neutron about ports, and what its answers mean.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "driver/neutron-port.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

#define PORT "11111111-1111-4111-8111-111111111111"
#define NETWORK "22222222-2222-4222-8222-222222222222"
#define SUBNET "33333333-3333-4333-8333-333333333333"
#define LB "44444444-4444-4444-8444-444444444444"
#define IDS "\"id\":\"" PORT "\",\"network_id\":\"" NETWORK "\""

static struct uuid
id_of(const char *text)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid, text));
    return uuid;
}

/* Reading. */

static char *
describe(const struct neutron_ports *ports)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ports->n; i++) {
        const struct neutron_port *port = &ports->array[i];

        ds_put_format(&s, "[%.4s %.4s '%s' '%s' '%s' '%s'",
                      uuid_is_zero(&port->id) ? "none" : PORT,
                      uuid_is_zero(&port->network_id) ? "none" : NETWORK,
                      port->name, port->project_id, port->device_id,
                      port->device_owner);
        for (size_t j = 0; j < port->n_addresses; j++) {
            ds_put_format(&s, " %s%s", port->addresses[j].ip,
                          uuid_is_zero(&port->addresses[j].subnet_id)
                          ? "?" : "");
        }
        ds_put_char(&s, ']');
    }
    return ds_steal_cstr(&s);
}

static const struct {
    const char *json;
    const char *expected;       /* NULL: not understood. */
} answers[] = {
    { "{}", NULL },
    { "[]", NULL },
    { "\"port\"", NULL },
    { "{\"port\":1}", NULL },
    { "{\"port\":{}}", NULL },
    { "{\"port\":{\"id\":\"" PORT "\"}}", NULL },
    { "{\"port\":{\"id\":\"x\",\"network_id\":\"" NETWORK "\"}}", NULL },
    { "{\"ports\":{}}", NULL },
    { "{\"ports\":[1]}", NULL },
    { "{\"ports\":[{" IDS "},{}]}", NULL },
    { "{\"ports\":[]}", "" },
    { "{\"port\":{" IDS "}}", "[1111 2222 '' '' '' '']" },
    { "{\"port\":{" IDS ",\"name\":null,\"project_id\":7}}",
      "[1111 2222 '' '' '' '']" },
    { "{\"ports\":[{" IDS ",\"name\":\"n\",\"project_id\":\"p\","
      "\"device_id\":\"d\",\"device_owner\":\"o\"},{" IDS "}]}",
      "[1111 2222 'n' 'p' 'd' 'o'][1111 2222 '' '' '' '']" },
    { "{\"port\":{" IDS ",\"fixed_ips\":[{\"subnet_id\":\"" SUBNET "\","
      "\"ip_address\":\"10.0.0.1\"},{\"ip_address\":\"fd00::1\"},"
      "{\"subnet_id\":\"" SUBNET "\"},null,[],{\"ip_address\":5}]}}",
      "[1111 2222 '' '' '' '' 10.0.0.1 fd00::1?]" },
    { "{\"port\":{" IDS ",\"fixed_ips\":{}}}", "[1111 2222 '' '' '' '']" },
};

static void
test_parse(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
        struct json *json = json_from_string(answers[i].json);
        struct neutron_ports ports;

        print_message("%s\n", answers[i].json);
        assert_int_equal(neutron_ports_parse(json, &ports),
                         answers[i].expected != NULL);
        char *actual = describe(&ports);
        assert_string_equal(actual,
                            answers[i].expected ? answers[i].expected : "");
        free(actual);
        neutron_ports_uninit(&ports);
        json_destroy(json);
    }
}

static const struct {
    const char *device_id;
    const char *project_id;
    const char *lb_project;
    bool expected;
} owners[] = {
    { "lb-" LB, "p", "p", true },
    { "lb-" LB, "other", "p", false },
    { "lb-" LB, "any", "", true },
    { "", "p", "p", true },
    { "", "other", "p", false },
    { "", "any", "", false },
    { "vm", "p", "p", false },
    { "lb-" PORT, "p", "p", false },
};

static void
test_owner(void **state OVS_UNUSED)
{
    struct uuid lb_id = id_of(LB);

    for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
        const struct neutron_port port = {
            .device_id = CONST_CAST(char *, owners[i].device_id),
            .project_id = CONST_CAST(char *, owners[i].project_id),
        };

        print_message("device '%s', project '%s' of '%s'\n",
                      owners[i].device_id, owners[i].project_id,
                      owners[i].lb_project);
        assert_int_equal(neutron_port_is_of_lb(&port, &lb_id,
                                               owners[i].lb_project),
                         owners[i].expected);
    }
}

/* Writing. */

static void
check_body(const struct neutron_port_spec *spec, const char *expected)
{
    struct json *body = neutron_port_body(spec);
    char *actual = json_to_string(body, JSSF_SORT);

    assert_string_equal(actual, expected);
    free(actual);
    json_destroy(body);
}

static void
test_body(void **state OVS_UNUSED)
{
    struct neutron_port_spec spec = {
        .name = "n", .device_id = "d", .network_id = id_of(NETWORK),
    };

    print_message("only what is known is said\n");
    check_body(&spec,
               "{\"port\":{\"admin_state_up\":true,\"device_id\":\"d\","
               "\"name\":\"n\",\"network_id\":\"" NETWORK "\"}}");

    print_message("everything\n");
    spec.device_owner = "o";
    spec.project_id = "p";
    spec.subnet_id = id_of(SUBNET);
    spec.address = "10.0.0.1";
    spec.is_unguarded = true;
    check_body(&spec,
               "{\"port\":{\"admin_state_up\":true,\"device_id\":\"d\","
               "\"device_owner\":\"o\",\"fixed_ips\":[{\"ip_address\":"
               "\"10.0.0.1\",\"subnet_id\":\"" SUBNET "\"}],\"name\":\"n\","
               "\"network_id\":\"" NETWORK "\","
               "\"port_security_enabled\":false,\"project_id\":\"p\"}}");

    print_message("a project without a name is ours\n");
    spec = (struct neutron_port_spec) {
        .name = "n", .device_id = "d", .network_id = id_of(NETWORK),
        .project_id = "", .address = "10.0.0.1",
    };
    check_body(&spec,
               "{\"port\":{\"admin_state_up\":true,\"device_id\":\"d\","
               "\"fixed_ips\":[{\"ip_address\":\"10.0.0.1\"}],"
               "\"name\":\"n\",\"network_id\":\"" NETWORK "\"}}");
}

static void
test_paths(void **state OVS_UNUSED)
{
    const char *const names[] = { "a", "b" };
    struct uuid id = id_of(PORT);
    char *query = neutron_port_query(names, 2);
    char *path = neutron_port_path(&id);

    assert_string_equal(query, "/v2.0/ports?name=a&name=b");
    assert_string_equal(path, "/v2.0/ports/" PORT);
    free(query);
    free(path);
}

/* Judging. */

static const struct {
    int status;
    bool is_understood;
    enum neutron_verdict get, post, delete;
} verdicts[] = {
#define OK NEUTRON_OK
#define NO NEUTRON_REFUSED
#define TROUBLE NEUTRON_TROUBLE
    { 0, false, TROUBLE, TROUBLE, TROUBLE },
    { 200, true, OK, OK, OK },
    { 200, false, TROUBLE, TROUBLE, OK },
    { 201, false, TROUBLE, TROUBLE, OK },
    { 204, false, TROUBLE, TROUBLE, OK },
    { 302, false, TROUBLE, TROUBLE, TROUBLE },
    { 400, false, NO, NO, NO },
    { 401, false, TROUBLE, TROUBLE, TROUBLE },
    { 403, false, TROUBLE, TROUBLE, TROUBLE },
    { 404, false, NO, NO, OK },
    { 408, false, TROUBLE, TROUBLE, TROUBLE },
    { 409, false, NO, NO, NO },
    { 413, false, NO, NO, NO },
    { 429, false, TROUBLE, TROUBLE, TROUBLE },
    { 500, false, TROUBLE, TROUBLE, TROUBLE },
    { 503, true, TROUBLE, TROUBLE, TROUBLE },
};

static void
test_judge(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
        int status = verdicts[i].status;
        bool is_understood = verdicts[i].is_understood;

        print_message("%d\n", status);
        assert_int_equal(neutron_judge("GET", status, is_understood),
                         verdicts[i].get);
        assert_int_equal(neutron_judge("POST", status, is_understood),
                         verdicts[i].post);
        assert_int_equal(neutron_judge("DELETE", status, is_understood),
                         verdicts[i].delete);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_owner),
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_judge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
