/* SPDX-License-Identifier: Apache-2.0
 *
 * VIPs that Neutron has to give, and the ports it has.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "driver/neutron-port.h"
#include "driver/wanted-vip.h"
#include "model/objects.h"
#include "util.h"
#include "uuid.h"

#define LB_TEXT "00000001-0000-0000-0000-000000000000"

static const struct uuid lb_id = { { 1 } }, network = { { 2 } };
static const struct uuid subnet = { { 3 } }, subnet6 = { { 4 } };
static const struct uuid port_id = { { 5 } }, other = { { 6 } };

/* A load balancer with a VIP and an additional one. */
static struct model_lb *
make_lb(const char *address, const struct uuid *port)
{
    struct model_lb *lb = model_lb_create();

    lb->base.id = lb_id;
    lb->name = xstrdup("");
    lb->project_id = xstrdup("p");
    lb->fault_text = xstrdup("");
    lb->vips[0].network_id = network;
    lb->vips[0].subnet_id = subnet;
    model_vip_set_address(&lb->vips[0], address);
    lb->vips[0].port_id = port ? *port : UUID_ZERO;
    model_lb_add_vip(lb)->subnet_id = subnet6;
    return lb;
}

static void
test_init(void **state OVS_UNUSED)
{
    struct wanted_vip vip;
    struct model_lb *lb = make_lb(NULL, NULL);

    print_message("a VIP without anything\n");
    assert_true(wanted_vip_init(&vip, lb, 0));
    assert_string_equal(vip.name, "ovn-lb-vip-" LB_TEXT);
    assert_true(uuid_equals(&vip.subnet_id, &subnet));
    assert_true(uuid_equals(&vip.network_id, &network));
    assert_null(vip.address);
    assert_false(vip.is_given);
    assert_false(wanted_vip_is_known(&vip));
    wanted_vip_uninit(&vip);

    print_message("an additional one, on the network of the first\n");
    assert_true(wanted_vip_init(&vip, lb, 1));
    assert_string_equal(vip.name, "ovn-lb-vip-additional-1-" LB_TEXT);
    assert_true(uuid_equals(&vip.subnet_id, &subnet6));
    assert_true(uuid_equals(&vip.network_id, &network));
    wanted_vip_uninit(&vip);
    model_lb_destroy(lb);

    print_message("an address that is asked for\n");
    lb = make_lb("10.0.0.9", NULL);
    assert_true(wanted_vip_init(&vip, lb, 0));
    assert_string_equal(vip.address, "10.0.0.9");
    assert_false(vip.is_given);
    wanted_vip_uninit(&vip);
    model_lb_destroy(lb);

    print_message("a port whose address is to be found out\n");
    lb = make_lb(NULL, &port_id);
    assert_true(wanted_vip_init(&vip, lb, 0));
    assert_true(vip.is_given);
    wanted_vip_forget_port(&vip);
    assert_true(uuid_equals(&vip.port_id, &port_id));
    wanted_vip_uninit(&vip);
    model_lb_destroy(lb);

    print_message("one that lacks nothing\n");
    lb = make_lb("10.0.0.9", &port_id);
    assert_false(wanted_vip_init(&vip, lb, 0));
    model_lb_destroy(lb);
}

/* The first VIP's address is A, and the port has these addresses. */
static const struct {
    const char *wanted;
    const char *in_subnet;
    const char *in_other;
    const char *expected;       /* NULL: none fits. */
} ports[] = {
    { NULL, "10.0.0.5", NULL, "10.0.0.5" },
    { NULL, "10.0.0.5", "fd00::5", "10.0.0.5" },
    { NULL, NULL, "fd00::5", NULL },
    { NULL, NULL, NULL, NULL },
    { NULL, "nonsense", NULL, NULL },
    { "10.0.0.5", "10.0.0.5", NULL, "10.0.0.5" },
    { "10.0.0.6", "10.0.0.5", NULL, NULL },
    { "fd00:0::5", "10.0.0.5", "fd00::5", "fd00::5" },
};

static void
test_take(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
        struct model_lb *lb = make_lb(ports[i].wanted, NULL);
        struct neutron_address addresses[2];
        struct neutron_port port = {
            .id = port_id, .addresses = addresses,
        };
        struct wanted_vip vip;

        if (ports[i].in_other) {
            addresses[port.n_addresses++] = (struct neutron_address) {
                subnet6, CONST_CAST(char *, ports[i].in_other) };
        }
        if (ports[i].in_subnet) {
            addresses[port.n_addresses++] = (struct neutron_address) {
                subnet, CONST_CAST(char *, ports[i].in_subnet) };
        }
        assert_true(wanted_vip_init(&vip, lb, 0));
        assert_int_equal(wanted_vip_take(&vip, &port),
                         ports[i].expected != NULL);
        assert_int_equal(wanted_vip_is_known(&vip),
                         ports[i].expected != NULL);
        if (ports[i].expected) {
            wanted_vip_fill(&vip, lb);
            assert_string_equal(lb->vips[0].address, ports[i].expected);
            assert_true(uuid_equals(&lb->vips[0].port_id, &port_id));
            assert_null(lb->vips[1].address);
        }
        wanted_vip_forget_port(&vip);
        assert_false(wanted_vip_is_known(&vip));
        wanted_vip_uninit(&vip);
        model_lb_destroy(lb);
    }
}

static const struct {
    const char *name;
    const struct uuid *network;
    const char *project;
    bool expected;
} namesakes[] = {
    { "ovn-lb-vip-" LB_TEXT, &network, "p", true },
    { "ovn-lb-vip-" LB_TEXT, &network, "q", false },
    { "ovn-lb-vip-" LB_TEXT, &other, "p", false },
    { "ovn-lb-vip-additional-1-" LB_TEXT, &network, "p", false },
    { "", &network, "p", false },
};

static void
test_is_its(void **state OVS_UNUSED)
{
    struct model_lb *lb = make_lb(NULL, NULL);
    struct wanted_vip vip;

    assert_true(wanted_vip_init(&vip, lb, 0));
    for (size_t i = 0; i < ARRAY_SIZE(namesakes); i++) {
        const struct neutron_port port = {
            .name = CONST_CAST(char *, namesakes[i].name),
            .network_id = *namesakes[i].network,
            .project_id = CONST_CAST(char *, namesakes[i].project),
            .device_id = CONST_CAST(char *, ""),
        };
        assert_int_equal(wanted_vip_is_its(&vip, &port),
                         namesakes[i].expected);
    }
    wanted_vip_uninit(&vip);
    model_lb_destroy(lb);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_is_its),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
