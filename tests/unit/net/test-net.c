/* SPDX-License-Identifier: Apache-2.0
 *
 * Network facts from OVN, as their users see them.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/ip.h"
#include "net/addr.h"
#include "net/net.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

#define SUBNET_ID "f0de5ae8-ed5a-5a66-bf53-ba7542cb9f5f"
#define NETWORK_ID "8fd3bdd4-5d0b-4c36-9f0a-0d2c6a0b8e11"

#define NETWORK                                                         \
    OP_INSERT_AS(SWITCH, "web", NETWORK_ID, ",'other_config':"          \
                 MAP2("subnet", "10.0.0.0/24",                          \
                      "exclude_ips", "10.0.0.200..10.0.0.254")) ","     \
    ADD_SWITCH("app", MAP("ipv6_prefix", "fd00::")) ","                 \
    OP_PORTS(SWITCH, "web", "insert", REF(FIXED("1"))) ","              \
    OP_INSERT_AS(PORT, "vm", FIXED("1"), ",'addresses':"                \
                 "'0a:00:00:00:00:05 10.0.0.5 192.168.0.9'") ","        \
    OP_PORTS(SWITCH, "web", "insert", REF(FIXED("2"))) ","              \
    OP_INSERT_AS(PORT, "up", FIXED("2"), PEER("rn")) ","                \
    OP_PORTS(SWITCH, "web", "insert", REF(FIXED("3"))) ","              \
    OP_INSERT_AS(PORT, "vip", FIXED("3"), ",'type':'virtual'") ","      \
    OP_PORTS(SWITCH, "web", "insert", REF(FIXED("4"))) ","              \
    OP_INSERT_AS(PORT, "phys", FIXED("4"), ",'type':'localnet'") ","    \
    ADD_ROUTER("R") "," ADD_ROUTER_PORT("R", "rn", "'10.0.0.1/24'") "," \
    ADD_NAT("R", FIXED("5"), FLOATING("172.16.0.2", "10.0.0.5")) ","    \
    ADD_NAT("R", FIXED("6"), FLOATING("172.16.0.1", "10.0.0.77")        \
            ",'external_ids':" MAP("neutron:fip_id", FIXED("8"))) ","   \
    ADD_NAT("R", FIXED("7"), FLOATING("10.0.0.3", "10.1.0.77")          \
            ",'logical_port':'vip'") ","                                \
    ADD_NAT("R", FIXED("a"), FLOATING("172.16.0.3", "10.0.0.78")        \
            ",'external_ids':" MAP("neutron:fip_id", FIXED("8"))) ","   \
    ADD_NAT("R", FIXED("9"), NAT("snat", "172.16.0.4", "10.0.0.0/24"))

struct context {
    struct ovsdb_fixture *db;
    struct net *net;
};

static int
setup(void **state)
{
    struct context *c = xmalloc(sizeof *c);

    c->db = ovsdb_fixture_create(ovsdb_fixture_nb_schema(), false);
    json_destroy(ovsdb_fixture_transact(c->db, NETWORK));
    c->net = net_ovn_create(ovsdb_fixture_remote(c->db));
    *state = c;
    return 0;
}

static int
teardown(void **state)
{
    struct context *c = *state;

    net_destroy(c->net);
    ovsdb_fixture_destroy(c->db);
    free(c);
    return 0;
}

static struct uuid
id(const char *s)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid, s));
    return uuid;
}

static bool
run_until_ready(void *net)
{
    net_run(net);
    return net_is_ready(net);
}

static bool
run_until_lost(void *net)
{
    net_run(net);
    return !net_is_ready(net);
}

static void
wait_for_net(void *net)
{
    net_wait(net);
}

static void
get_ready(struct context *c)
{
    ovsdb_fixture_wait_until(run_until_ready, wait_for_net, c->net,
                             "network facts");
}

static void
test_not_ready(void **state)
{
    struct context *c = *state;
    struct uuid subnet_id = id(SUBNET_ID);
    struct uuid network_id = id(NETWORK_ID);
    struct uuid port_id = id(FIXED("1"));
    struct in6_addr ip = { .s6_addr = { 0 } };
    struct net_network network;
    struct net_subnet subnet;
    struct net_port port;
    unsigned long long int n;

    assert_false(net_is_ready(c->net));
    assert_int_equal(net_get_network(c->net, &network_id, &network),
                     NET_WAIT);
    assert_int_equal(net_get_subnet(c->net, &subnet_id, &subnet), NET_WAIT);
    assert_int_equal(net_get_port(c->net, &port_id, &port), NET_WAIT);
    assert_int_equal(net_check_address(c->net, &subnet_id, &ip),
                     NET_ADDRESS_WAIT);
    assert_int_equal(net_subnet_n_free(c->net, &subnet_id, 9, &n), NET_WAIT);
}

static void
test_network(void **state)
{
    struct context *c = *state;
    struct uuid network_id = id(NETWORK_ID);
    struct uuid subnet_id = id(SUBNET_ID);
    struct net_network network;
    struct net_subnet subnet;
    unsigned long long int n;

    get_ready(c);
    assert_int_equal(net_get_network(c->net, &network_id, &network),
                     NET_FOUND);
    assert_string_equal(network.name, "web");
    assert_true(network.is_provider);
    assert_int_equal(network.n_subnets, 1);
    assert_true(uuid_equals(&network.subnets[0], &subnet_id));
    net_network_uninit(&network);

    assert_int_equal(net_get_subnet(c->net, &subnet_id, &subnet), NET_FOUND);
    assert_string_equal(subnet.name, "web");
    assert_string_equal(subnet.cidr, "10.0.0.0/24");
    assert_string_equal(subnet.gateway_ip, "10.0.0.1");
    assert_true(uuid_equals(&subnet.network_id, &network_id));
    assert_false(subnet.is_ipv6);

    /* Without .1, .5 and the reserved .200 to .254. */
    assert_int_equal(net_subnet_n_free(c->net, &subnet_id, 1000, &n),
                     NET_FOUND);
    assert_int_equal(n, 197);

    /* The id of one kind of thing says nothing about another. */
    assert_int_equal(net_get_network(c->net, &subnet_id, &network),
                     NET_MISSING);
    assert_int_equal(net_get_subnet(c->net, &network_id, &subnet),
                     NET_MISSING);
    assert_int_equal(net_subnet_n_free(c->net, &network_id, 1000, &n),
                     NET_MISSING);
}

static void
test_ports(void **state)
{
    static const struct {
        const char *id;
        const char *name;
        bool is_up_for_use;
        const char *mac;
    } rows[] = {
        { FIXED("1"), "vm", true, "0a:00:00:00:00:05" },
        { FIXED("2"), "up", false, "" },
        { FIXED("3"), "vip", true, "" },
        { FIXED("4"), "phys", false, "" },
        { FIXED("5"), NULL, false, NULL },
    };
    struct context *c = *state;
    struct uuid network_id = id(NETWORK_ID);
    struct net_port port;

    get_ready(c);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuid port_id = id(rows[i].id);
        enum net_answer answer = net_get_port(c->net, &port_id, &port);

        assert_int_equal(answer, rows[i].name ? NET_FOUND : NET_MISSING);
        if (rows[i].name) {
            assert_true(uuid_equals(&port.id, &port_id));
            assert_true(uuid_equals(&port.network_id, &network_id));
            assert_string_equal(port.name, rows[i].name);
            assert_string_equal(port.mac, rows[i].mac);
            assert_int_equal(port.is_up_for_use, rows[i].is_up_for_use);
            net_port_uninit(&port);
        }
    }

    /* An address that no subnet holds is an address all the same. */
    struct uuid port_id = id(FIXED("1"));
    struct uuid subnet_id = id(SUBNET_ID);
    assert_int_equal(net_get_port(c->net, &port_id, &port), NET_FOUND);
    assert_int_equal(port.n_addresses, 2);
    assert_true(uuid_equals(&port.addresses[0].subnet_id, &subnet_id));
    assert_true(uuid_is_zero(&port.addresses[1].subnet_id));
    net_port_uninit(&port);
}

static void
test_check_address(void **state)
{
    static const struct {
        const char *ip;
        enum net_address_state expected;
    } rows[] = {
        { "10.0.0.0", NET_ADDRESS_OUTSIDE },
        { "10.0.0.1", NET_ADDRESS_IN_USE },
        { "10.0.0.5", NET_ADDRESS_IN_USE },
        { "10.0.0.6", NET_ADDRESS_FREE },
        { "10.0.0.200", NET_ADDRESS_FREE },
        { "10.0.0.255", NET_ADDRESS_OUTSIDE },
        { "10.0.1.1", NET_ADDRESS_OUTSIDE },
        { "fd00::1", NET_ADDRESS_OUTSIDE },
    };
    struct context *c = *state;
    struct uuid subnet_id = id(SUBNET_ID);
    struct uuid no_id = id(FIXED("9"));
    struct in6_addr ip;

    get_ready(c);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].ip);
        assert_true(ip_parse_any(rows[i].ip, &ip));
        assert_int_equal(net_check_address(c->net, &subnet_id, &ip),
                         rows[i].expected);
    }
    assert_int_equal(net_check_address(c->net, &no_id, &ip),
                     NET_ADDRESS_OUTSIDE);
}

static void
test_floating_ips(void **state)
{
    static const struct {
        const char *id;
        const char *ip;         /* NULL: there is none with that id. */
        const char *fixed_ip;
        const char *port;       /* NULL: none. */
        bool is_inside;         /* In a network on the router. */
    } rows[] = {
        { FIXED("5"), "172.16.0.2", "10.0.0.5", FIXED("1"), false },
        { FIXED("6"), NULL, NULL, NULL, false },
        { FIXED("8"), "172.16.0.1", "10.0.0.77", NULL, false },
        { FIXED("7"), "10.0.0.3", "10.1.0.77", FIXED("3"), true },
        { FIXED("9"), NULL, NULL, NULL, false },
        { FIXED("a"), NULL, NULL, NULL, false },
    };
    struct context *c = *state;
    struct uuid network_id = id(NETWORK_ID);
    struct net_floating_ip ip;

    get_ready(c);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuid ip_id = id(rows[i].id);
        struct uuid port_id = rows[i].port ? id(rows[i].port) : UUID_ZERO;
        struct in6_addr parsed;

        print_message("%s\n", rows[i].id);
        assert_int_equal(net_get_floating_ip(c->net, &ip_id, &ip),
                         rows[i].ip ? NET_FOUND : NET_MISSING);
        if (!rows[i].ip) {
            continue;
        }
        assert_true(uuid_equals(&ip.id, &ip_id));
        assert_true(uuid_equals(&ip.port_id, &port_id));
        assert_true(uuid_equals(&ip.network_id, (rows[i].is_inside
                                                 ? &network_id
                                                 : &UUID_ZERO)));
        assert_true(ip_parse_any(rows[i].ip, &parsed));
        assert_memory_equal(&ip.ip, &parsed, sizeof parsed);
        assert_true(ip_parse_any(rows[i].fixed_ip, &parsed));
        assert_memory_equal(&ip.fixed_ip, &parsed, sizeof parsed);
    }
}

/* The port of a router says which router has it. */
static void
test_router_port(void **state)
{
    struct context *c = *state;
    struct uuid port_id = id(FIXED("2"));
    struct uuid ip_id = id(FIXED("5"));
    struct net_floating_ip ip;
    struct net_port port;
    struct uuid device;

    get_ready(c);
    assert_int_equal(net_get_floating_ip(c->net, &ip_id, &ip), NET_FOUND);
    assert_int_equal(net_get_port(c->net, &port_id, &port), NET_FOUND);
    assert_true(uuid_from_string(&device, port.device_id));
    assert_true(uuid_equals(&device, &ip.router_id));
    assert_string_equal(port.device_owner, "network:router_interface");
    net_port_uninit(&port);

    port_id = id(FIXED("4"));
    assert_int_equal(net_get_port(c->net, &port_id, &port), NET_FOUND);
    assert_string_equal(port.device_id, "");
    assert_string_equal(port.device_owner, "");
    net_port_uninit(&port);
}

static void
test_router(void **state)
{
    struct context *c = *state;
    struct uuid ip_id = id(FIXED("5"));
    struct net_floating_ip ip;
    struct net_router router;

    assert_int_equal(net_get_router(c->net, &ip_id, &router), NET_WAIT);
    get_ready(c);
    assert_int_equal(net_get_floating_ip(c->net, &ip_id, &ip), NET_FOUND);
    assert_int_equal(net_get_router(c->net, &ip_id, &router), NET_MISSING);
    assert_int_equal(net_get_router(c->net, &ip.router_id, &router),
                     NET_FOUND);
    assert_true(uuid_equals(&router.id, &ip.router_id));
    assert_string_equal(router.name, "R");
    assert_true(router.is_enabled);
    assert_true(uuid_is_zero(&router.gateway_network_id));
    assert_int_equal(router.n_gateway_addresses, 0);
    net_router_uninit(&router);
}

struct listing {
    struct ds text;
    int left;
};

static bool
put(struct listing *listing, const char *name)
{
    ds_put_format(&listing->text, "%s ", name);
    return --listing->left > 0;
}

static bool
network_cb(const struct net_network *network, void *listing)
{
    return put(listing, network->name);
}

static bool
subnet_cb(const struct net_subnet *subnet, void *listing)
{
    return put(listing, subnet->name);
}

static bool
port_cb(const struct net_port *port, void *listing)
{
    return put(listing, port->name);
}

static bool
router_cb(const struct net_router *router, void *listing)
{
    return put(listing, router->name);
}

static bool
floating_ip_cb(const struct net_floating_ip *ip, void *listing)
{
    char *text = ip_format_any(&ip->ip);
    bool more = put(listing, text);

    free(text);
    return more;
}

static void
expect_listing(struct listing *listing, const char *expected)
{
    assert_string_equal(ds_cstr(&listing->text), expected);
    ds_clear(&listing->text);
    listing->left = 100;
}

static void
test_lists(void **state)
{
    struct context *c = *state;
    struct listing listing = { .text = DS_EMPTY_INITIALIZER, .left = 100 };

    net_for_each_network(c->net, network_cb, &listing);
    expect_listing(&listing, "");

    get_ready(c);
    net_for_each_network(c->net, network_cb, &listing);
    expect_listing(&listing, "app web ");
    net_for_each_subnet(c->net, subnet_cb, &listing);
    expect_listing(&listing, "app web ");
    net_for_each_port(c->net, port_cb, &listing);
    expect_listing(&listing, "phys up vip vm ");
    net_for_each_floating_ip(c->net, floating_ip_cb, &listing);
    expect_listing(&listing, "10.0.0.3 172.16.0.1 172.16.0.2 ");
    net_for_each_router(c->net, router_cb, &listing);
    expect_listing(&listing, "R ");
    listing.left = 2;
    net_for_each_port(c->net, port_cb, &listing);
    expect_listing(&listing, "phys up ");
    ds_destroy(&listing.text);
}

struct change {
    struct net *net;
    unsigned int seqno;
};

static bool
run_until_change(void *change_)
{
    struct change *change = change_;

    net_run(change->net);
    return net_seqno(change->net) != change->seqno;
}

static void
wait_for_change(void *change_)
{
    struct change *change = change_;

    net_wait(change->net);
}

/* A list is sorted anew when something changed. */
static void
test_change(void **state)
{
    struct context *c = *state;
    struct listing listing = { .text = DS_EMPTY_INITIALIZER, .left = 100 };

    get_ready(c);
    net_for_each_network(c->net, network_cb, &listing);
    expect_listing(&listing, "app web ");

    struct change change = { c->net, net_seqno(c->net) };
    json_destroy(ovsdb_fixture_transact(
        c->db, OP_UPDATE(SWITCH, "app", "'name':'zoo'")));
    ovsdb_fixture_wait_until(run_until_change, wait_for_change, &change,
                             "a change");
    net_for_each_network(c->net, network_cb, &listing);
    expect_listing(&listing, "web zoo ");
    ds_destroy(&listing.text);
}

/* Facts cannot be had while there is no server, nor before a new one has told
 * what it knows. */
static void
test_reconnect(void **state)
{
    struct context *c = *state;
    struct uuid network_id = id(NETWORK_ID);
    struct net_network network;

    get_ready(c);
    ovsdb_fixture_stop(c->db);
    ovsdb_fixture_wait_until(run_until_lost, wait_for_net, c->net,
                             "the connection to be lost");
    assert_int_equal(net_get_network(c->net, &network_id, &network),
                     NET_WAIT);

    ovsdb_fixture_transact_offline(c->db, OP_DELETE(SWITCH, "web"));
    ovsdb_fixture_start(c->db);
    get_ready(c);
    assert_int_equal(net_get_network(c->net, &network_id, &network),
                     NET_MISSING);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_not_ready),
        TEST(test_network),
        TEST(test_ports),
        TEST(test_floating_ips),
        TEST(test_router),
        TEST(test_router_port),
        TEST(test_check_address),
        TEST(test_lists),
        TEST(test_change),
        TEST(test_reconnect),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_ERR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
