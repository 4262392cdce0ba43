/* SPDX-License-Identifier: Apache-2.0
 *
 * Host addresses: which there are, who has them, how many are free, and which
 * one is given out.  And the ids by which all of it is known.
 */

#include <config.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/ip.h"
#include "net/addr.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

#define NETWORK_ID "8fd3bdd4-5d0b-4c36-9f0a-0d2c6a0b8e11"
#define PORT_ID "1d2c3b4a-0000-4000-8000-0000000000aa"

static struct in6_addr
ip(const char *s)
{
    struct in6_addr addr;

    assert_true(ip_parse_any(s, &addr));
    return addr;
}

static struct uuid
id(const char *s)
{
    struct uuid uuid;

    assert_true(uuid_from_string(&uuid, s));
    return uuid;
}

/* The first subnet of the switch with that row. */
static struct topo_subnet *
first_subnet(const struct topology_fixture *tf, const char *row)
{
    struct uuid uuid = id(row);
    struct topo_switch *sw = topology_switch_by_uuid(tf->topology, &uuid);

    assert_non_null(sw);
    assert_false(ovs_list_is_empty(&sw->subnets));
    return CONTAINER_OF(ovs_list_front(&sw->subnets), struct topo_subnet,
                        in_switch);
}

static bool
is_taken(const struct in6_addr *addr, void *taken_)
{
    const struct sset *taken = taken_;
    char *s = ip_format_any(addr);
    bool found = sset_contains(taken, s);

    free(s);
    return found;
}

/* Picks, and expects 'expected'; NULL if there must be nothing. */
static void
expect_pick(struct topo_subnet *subnet, struct sset *taken,
            const char *expected)
{
    struct in6_addr addr;

    if (!topo_subnet_pick(subnet, is_taken, taken, &addr)) {
        assert_null(expected);
        return;
    }
    char *s = ip_format_any(&addr);
    assert_non_null(expected);
    assert_string_equal(s, expected);
    free(s);
}

/* From the top down; not what ports have, not what is reserved, not what the
 * caller says is taken; around the end; and nothing when there is nothing. */
static void
test_pick(void **state)
{
    struct topology_fixture *tf = *state;
    struct sset taken = SSET_INITIALIZER(&taken);

    topology_fixture_apply(
        tf,
        OP_INSERT_AS(SWITCH, "N1", FIXED("1"), ",'other_config':"
                     MAP2("subnet", "10.0.0.0/28", "exclude_ips",
                          "10.0.0.13..10.0.0.200 10.0.0.4")) ","
        ADD_PORT("N1", "vm1", ",'addresses':'0a:00:00:00:00:01 10.0.0.11'"));

    struct topo_subnet *subnet = first_subnet(tf, FIXED("1"));
    sset_add(&taken, "10.0.0.10");
    expect_pick(subnet, &taken, "10.0.0.12");
    expect_pick(subnet, &taken, "10.0.0.9");

    /* The port that was made for an address does not move the search. */
    topology_fixture_apply(
        tf, ADD_PORT("N1", "vm2", ",'addresses':'0a:00:00:00:00:02 "
                     "10.0.0.9 10.0.0.7 10.0.0.6 10.0.0.5 10.0.0.3'"));
    subnet = first_subnet(tf, FIXED("1"));
    assert_int_equal(topo_subnet_n_free(subnet, ULLONG_MAX), 4);
    assert_int_equal(topo_subnet_n_free(subnet, 3), 3);
    expect_pick(subnet, &taken, "10.0.0.8");
    expect_pick(subnet, &taken, "10.0.0.2");
    expect_pick(subnet, &taken, "10.0.0.12");

    sset_add(&taken, "10.0.0.8");
    sset_add(&taken, "10.0.0.2");
    sset_add(&taken, "10.0.0.12");
    expect_pick(subnet, &taken, NULL);
    sset_destroy(&taken);
}

static void
test_pick_ipv6(void **state)
{
    struct topology_fixture *tf = *state;
    struct sset taken = SSET_INITIALIZER(&taken);

    topology_fixture_apply(
        tf, OP_INSERT_AS(SWITCH, "N1", FIXED("1"), ",'other_config':"
                         MAP("ipv6_prefix", "fd00::")));

    struct topo_subnet *subnet = first_subnet(tf, FIXED("1"));
    assert_true(subnet->is_ipv6);
    assert_int_equal(topo_subnet_n_free(subnet, ULLONG_MAX), ULLONG_MAX);
    expect_pick(subnet, &taken, "fd00::ffff:ffff:ffff:ffff");
    sset_add(&taken, "fd00::ffff:ffff:ffff:fffe");
    expect_pick(subnet, &taken, "fd00::ffff:ffff:ffff:fffd");
    sset_destroy(&taken);
}

static bool
everything_is_taken(const struct in6_addr *addr OVS_UNUSED, void *n_)
{
    unsigned int *n = n_;

    ++*n;
    return true;
}

/* A search in vain ends. */
static void
test_pick_in_vain(void **state)
{
    struct topology_fixture *tf = *state;
    struct in6_addr addr;
    unsigned int n = 0;

    topology_fixture_apply(
        tf,
        OP_INSERT_AS(SWITCH, "N1", FIXED("1"), ",'other_config':"
                     MAP("ipv6_prefix", "fd00::")) ","
        OP_INSERT_AS(SWITCH, "N2", FIXED("2"), ",'other_config':"
                     MAP("subnet", "10.0.0.0/29")));
    assert_false(topo_subnet_pick(first_subnet(tf, FIXED("1")),
                                  everything_is_taken, &n, &addr));
    assert_in_range(n, 1000, 100000);

    n = 0;
    assert_false(topo_subnet_pick(first_subnet(tf, FIXED("2")),
                                  everything_is_taken, &n, &addr));
    assert_in_range(n, 5, 10);
}

/* What a user may ask for. */
static void
test_users(void **state)
{
    static const struct {
        const char *ip;
        bool is_host;
        const char *user;
        bool reserved;
    } rows[] = {
        { "10.0.0.0", false, NULL, false },
        { "10.0.0.1", true, NULL, true },       /* OVN's IPAM keeps it. */
        { "10.0.0.2", true, NULL, false },
        { "10.0.0.4", true, NULL, true },
        { "10.0.0.10", true, NULL, true },
        { "10.0.0.11", true, "vm1", false },    /* Reserved, but there. */
        { "10.0.0.12", true, NULL, true },
        { "10.0.0.13", true, NULL, false },
        { "10.0.0.20", true, "vip", false },    /* Only in neutron:cidrs. */
        { "10.0.0.21", true, "vm2", false },    /* Given by OVN's IPAM. */
        { "10.0.0.254", true, "nr", false },    /* The router itself. */
        { "10.0.0.255", false, NULL, false },
        { "10.0.1.0", false, NULL, false },
        { "fd00::1", false, NULL, false },
    };
    struct topology_fixture *tf = *state;

    topology_fixture_apply(
        tf,
        OP_INSERT_AS(SWITCH, "N1", FIXED("1"), ",'other_config':"
                     MAP2("subnet", "10.0.0.0/24", "exclude_ips",
                          "10.0.0.4 10.0.0.10..10.0.0.12")) ","
        ADD_PORT("N1", "vm1", ",'addresses':'0a:00:00:00:00:01 10.0.0.11'")
        "," ADD_PORT("N1", "vm2", ",'addresses':'dynamic',"
                     "'dynamic_addresses':'0a:00:00:00:00:02 10.0.0.21'")
        "," ADD_PORT("N1", "vip", ",'external_ids':"
                     MAP("neutron:cidrs", "10.0.0.20/24 fd00::20/64")) ","
        ADD_PORT("N1", "nr", PEER("rn")) "," ADD_ROUTER("R1") ","
        ADD_ROUTER_PORT("R1", "rn", "'10.0.0.254/24'"));

    struct topo_subnet *subnet = first_subnet(tf, FIXED("1"));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct in6_addr addr = ip(rows[i].ip);
        bool reserved;
        struct topo_port *port = topo_switch_user_of(subnet->sw, &addr,
                                                     &reserved);

        print_message("%s\n", rows[i].ip);
        assert_int_equal(topo_subnet_is_host(subnet, &addr),
                         rows[i].is_host);
        assert_int_equal(reserved, rows[i].reserved);
        assert_int_equal(port != NULL, rows[i].user != NULL);
        if (port) {
            assert_string_equal(port->name, rows[i].user);
        }
    }
    assert_string_equal(subnet->gateway_ip, "10.0.0.254");
}

/* The ids are those of Neutron where it made the row, and always the same
 * where it did not: uuid5(row, cidr), by anybody's implementation. */
static void
test_ids(void **state)
{
    struct topology_fixture *tf = *state;

    topology_fixture_apply(
        tf,
        OP_INSERT_AS(SWITCH, "N1", NETWORK_ID, ",'other_config':"
                     MAP2("subnet", "10.0.0.77/24", "ipv6_prefix",
                          "fd00:0::9")) ","
        OP_INSERT_AS(SWITCH, "neutron-" NETWORK_ID, FIXED("2"),
                     ",'external_ids':"
                     MAP("neutron:network_name", "private")) ","
        OP_INSERT_AS(PORT, PORT_ID, FIXED("3"), ",'external_ids':"
                     MAP2("neutron:port_name", "mine",
                          "neutron:device_id", "dev")) ","
        OP_PORTS(SWITCH, "N1", "insert", REF(FIXED("3"))));

    struct uuid uuid = id("f0de5ae8-ed5a-5a66-bf53-ba7542cb9f5f");
    struct topo_subnet *subnet = topology_subnet_by_id(tf->topology, &uuid);
    assert_string_equal(subnet->cidr, "10.0.0.0/24");
    assert_string_equal(subnet->name, "N1");

    uuid = id("6452f84b-631a-5edd-9021-288650cb331b");
    subnet = topology_subnet_by_id(tf->topology, &uuid);
    assert_string_equal(subnet->cidr, "fd00::/64");
    assert_string_equal(subnet->name, "N1:fd00::/64");

    /* Two switches claim the id; the row of the second is lower. */
    uuid = id(NETWORK_ID);
    const struct topo_switch *sw = topology_switch_by_id(tf->topology, &uuid);
    assert_string_equal(sw->display_name, "private");

    uuid = id(PORT_ID);
    const struct topo_port *port = topology_port_by_id(tf->topology, &uuid);
    assert_string_equal(port->display_name, "mine");
    assert_string_equal(port->device_id, "dev");
    assert_string_equal(port->device_owner, "");
    assert_ptr_equal(port, topology_port_by_name(tf->topology, PORT_ID));
    assert_string_equal(port->sw->name, "N1");

    uuid = id(FIXED("3"));
    assert_null(topology_port_by_id(tf->topology, &uuid));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TOPOLOGY_TEST(test_pick),
        TOPOLOGY_TEST(test_pick_ipv6),
        TOPOLOGY_TEST(test_pick_in_vain),
        TOPOLOGY_TEST(test_users),
        TOPOLOGY_TEST(test_ids),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
