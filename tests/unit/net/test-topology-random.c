/* SPDX-License-Identifier: Apache-2.0
 *
 * The topology under changes that nobody thought of: random operations on few
 * rows, several to a transaction and several transactions to a run, so that
 * they meet.  After each run it equals one that was built from nothing.
 * $TOPOLOGY_SEED repeats a run.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "random.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

#define ROUNDS 250

/* Few names, so that rows collide, swap and come back. */
static unsigned int
pick(unsigned int n)
{
    return random_range(n);
}

static const char *
pick_config(void)
{
    static const char *const configs[] = {
        "['map',[]]",
        MAP("subnet", "10.0.0.0/24"),
        MAP("subnet", "10.0.0.128/25"),
        MAP2("subnet", "10.0.1.0/28", "exclude_ips", "10.0.1.2..10.0.1.5"),
        MAP2("subnet", "10.0.0.0/24", "exclude_ips",
             "10.0.0.9 10.0.0.3..10.0.0.9 junk 10.0.0.7..10.0.0.6"),
        MAP2("subnet", "10.0.0.0/30", "ipv6_prefix", "fd00::"),
        MAP("ipv6_prefix", "fd00::/120"),
        MAP2("subnet", "nonsense", "ipv6_prefix", "10.0.0.1"),
    };
    return configs[pick(ARRAY_SIZE(configs))];
}

static const char *
pick_ids(void)
{
    static const char *const ids[] = {
        "['map',[]]",
        MAP("neutron:provnet-physical-network", "p"),
        MAP("neutron:network_name", "shown"),
        MAP2("neutron:cidrs", "10.0.0.7/24 fd00::7/64",
             "neutron:port_name", "vip"),
        MAP2("neutron:device_id", "d", "neutron:device_owner", "o"),
        MAP("neutron:is_ext_gw", "True"),
        MAP("neutron:subnet_ids", FIXED("1")),
        MAP("neutron:subnet_ids", FIXED("2") " " FIXED("3") " " FIXED("2")),
        MAP("neutron:subnet_ids", FIXED("3") " junk " FIXED("1")),
        MAP("neutron:port_fip", "172.16.0.1"),
        MAP2("neutron:port_fip", "172.16.0.2", "neutron:device_owner", "o"),
    };
    return ids[pick(ARRAY_SIZE(ids))];
}

static const char *
pick_type(void)
{
    static const char *const types[] = {
        "", "router", "router", "router", "localnet", "virtual",
    };
    return types[pick(ARRAY_SIZE(types))];
}

static const char *
pick_addresses(void)
{
    static const char *const addresses[] = {
        "['set',[]]",
        "'router'",
        "'0a:00:00:00:00:01 10.0.0.5'",
        "'0a:00:00:00:00:02 10.0.0.5 fd00::5'",
        "['set',['0a:00:00:00:00:03 10.0.0.200','unknown']]",
        "'dynamic'",
        "'0a:00:00:00:00:04 dynamic 10.0.1.3'",
    };
    return addresses[pick(ARRAY_SIZE(addresses))];
}

static const char *
pick_networks(void)
{
    static const char *const networks[] = {
        "'10.0.0.1/24'",
        "'10.0.0.129/25'",
        "'10.0.0.1/16'",
        SET2("10.0.1.1/28", "fd00::1/64"),
        SET2("10.0.2.1/31", "fd00:1::1/127"),
        "'fd00::1/32'",
    };
    return networks[pick(ARRAY_SIZE(networks))];
}

static const char *
pick_dhcp_columns(void)
{
    static const char *const columns[] = {
        "'cidr':'10.0.0.0/24','external_ids':" MAP("subnet_id", FIXED("1")),
        "'cidr':'10.0.0.0/24','external_ids':" MAP("subnet_id", FIXED("2")),
        "'cidr':'10.0.0.128/25','external_ids':" MAP("subnet_id", FIXED("2")),
        "'cidr':'10.0.1.0/24','external_ids':" MAP("subnet_id", FIXED("3")),
        "'cidr':'fd00::/64','external_ids':" MAP("subnet_id", FIXED("3")),
        "'cidr':'fd00::/64','external_ids':" MAP("subnet_id", "junk"),
        "'cidr':'10.0.1.0/24','external_ids':['map',[]]",
    };
    return columns[pick(ARRAY_SIZE(columns))];
}

/* UUIDs of DHCP_Options rows: they have no names. */
#define N_OPTIONS 5
static struct uuid options[N_OPTIONS];
static unsigned int n_options;

static void
put_dhcp_op(struct ds *ops)
{
    unsigned int n = pick(N_OPTIONS);

    if (n >= n_options) {
        struct uuid *uuid = &options[n_options++];

        uuid_generate(uuid);
        ds_put_format(ops, "{'op':'insert','table':'DHCP_Options','uuid':'"
                      UUID_FMT"','row':{", UUID_ARGS(uuid));
        ds_put_format(ops, "%s}}", pick_dhcp_columns());
    } else if (pick(4)) {
        ds_put_format(ops, "{'op':'update','table':'DHCP_Options','where':"
                      "[['_uuid','==',['uuid','"UUID_FMT"']]],'row':{%s}}",
                      UUID_ARGS(&options[n]), pick_dhcp_columns());
    } else {
        ds_put_format(ops, "{'op':'delete','table':'DHCP_Options','where':"
                      "[['_uuid','==',['uuid','"UUID_FMT"']]]}",
                      UUID_ARGS(&options[n]));
        options[n] = options[--n_options];
    }
}

/* The UUID of any port, or one that does not exist. */
static struct uuid
pick_port(const struct topology_fixture *tf)
{
    char name[8];

    snprintf(name, sizeof name, "P%u", pick(10));
    const struct topo_port *port = topology_port_by_name(tf->topology, name);
    return port ? port->uuid : UUID_ZERO;
}

/* A reference to DHCP options, which may not be there, or none: a row without
 * a port stays. */
static void
put_dhcp_reference(struct ds *ops, const char *column)
{
    unsigned int n = pick(8);

    if (n < n_options) {
        ds_put_format(ops, ",'%s':['uuid','"UUID_FMT"']", column,
                      UUID_ARGS(&options[n]));
    } else if (n == 7) {
        ds_put_format(ops, ",'%s':['set',[]]", column);
    }
}

static const char *
pick_boolean(void)
{
    static const char *const booleans[] = { "['set',[]]", "true", "false" };
    return booleans[pick(ARRAY_SIZE(booleans))];
}

static void
put_port_columns(struct ds *ops)
{
    ds_put_format(ops, "'type':'%s','addresses':%s,'external_ids':%s,"
                  "'options':['map',[['router-port','Q%u']]],"
                  "'up':%s,'enabled':%s",
                  pick_type(), pick_addresses(), pick_ids(), pick(6),
                  pick_boolean(), pick_boolean());
    put_dhcp_reference(ops, "dhcpv4_options");
    put_dhcp_reference(ops, "dhcpv6_options");
}

static void
put_switch_op(const struct topology_fixture *tf, struct ds *ops)
{
    struct uuid port = pick_port(tf);

    switch (pick(6)) {
    case 0:
        ds_put_format(ops, "{'op':'insert','table':'" SWITCH "','row':"
                      "{'name':'S%u','other_config':%s}}",
                      pick(4), pick_config());
        break;
    case 1:
        ds_put_format(ops, "{'op':'delete','table':'" SWITCH "','where':"
                      "[['name','==','S%u']]}", pick(12));
        break;
    case 2:
        ds_put_format(ops, "{'op':'update','table':'" SWITCH "','where':"
                      "[['name','==','S%u']],'row':{'name':'S%u',"
                      "'other_config':%s,'external_ids':%s}}",
                      pick(4), pick(4), pick_config(), pick_ids());
        break;
    case 3:
        ds_put_format(ops, "{'op':'update','table':'" SWITCH "','where':"
                      "[['name','==','S%u']],'row':{'other_config':%s}}",
                      pick(4), pick_config());
        break;
    default:
        ds_put_format(ops, "{'op':'mutate','table':'" SWITCH "','where':"
                      "[['name','==','S%u']],'mutations':"
                      "[['ports','%s',['uuid','"UUID_FMT"']]]}",
                      pick(4), pick(3) ? "insert" : "delete",
                      UUID_ARGS(&port));
        break;
    }
}

static void
put_port_op(struct ds *ops)
{
    unsigned int name = pick(10);

    switch (pick(4)) {
    case 0:
    case 1:
        ds_put_format(ops, "{'op':'mutate','table':'" SWITCH "','where':"
                      "[['name','==','S%u']],'mutations':"
                      "[['ports','insert',['named-uuid','p%u']]]},"
                      "{'op':'insert','table':'" PORT "','uuid-name':'p%u',"
                      "'row':{'name':'P%u',", pick(4), name, name, name);
        put_port_columns(ops);
        break;
    case 2:
        ds_put_format(ops, "{'op':'update','table':'" PORT "','where':"
                      "[['name','==','P%u']],'row':{", name);
        put_port_columns(ops);
        break;
    default:
        ds_put_format(ops, "{'op':'update','table':'" PORT "','where':"
                      "[['name','==','P%u']],'row':{'name':'P%u'",
                      name, pick(10));
        break;
    }
    ds_put_cstr(ops, "}}");
}

static const char *
pick_router(void)
{
    static const char *const routers[] = {
        "'enabled':true",
        "'enabled':['set',[]],'external_ids':['map',[]]",
        "'enabled':false,'external_ids':" MAP("neutron:router_name", "shown"),
        "'external_ids':" MAP("neutron:router_name", "R0"),
        "'name':'neutron-8fd3bdd4-5d0b-4c36-9f0a-0d2c6a0b8e11'",
    };
    return routers[pick(ARRAY_SIZE(routers))];
}

static void
put_router_op(struct ds *ops)
{
    unsigned int name = pick(6);

    switch (pick(7)) {
    case 0:
        ds_put_format(ops, "{'op':'insert','table':'" ROUTER "','row':"
                      "{'name':'R%u'}}", pick(3));
        break;
    case 1:
        ds_put_format(ops, "{'op':'delete','table':'" ROUTER "','where':"
                      "[['name','==','R%u']]}", pick(9));
        break;
    case 2:
    case 3:
        ds_put_format(ops, "{'op':'mutate','table':'" ROUTER "','where':"
                      "[['name','==','R%u']],'mutations':"
                      "[['ports','insert',['named-uuid','q%u']]]},"
                      "{'op':'insert','table':'" ROUTER_PORT "','uuid-name':"
                      "'q%u','row':{'name':'Q%u','mac':'0a:00:00:00:00:09',"
                      "'networks':%s}}",
                      pick(3), name, name, name, pick_networks());
        break;
    case 4:
        ds_put_format(ops, "{'op':'update','table':'" ROUTER_PORT "','where':"
                      "[['name','==','Q%u']],'row':{'networks':%s,"
                      "'external_ids':%s}}",
                      name, pick_networks(), pick_ids());
        break;
    case 5:
        ds_put_format(ops, "{'op':'update','table':'" ROUTER "','where':"
                      "[['name','==','R%u']],'row':{%s}}", pick(3),
                      pick_router());
        break;
    default:
        ds_put_format(ops, "{'op':'update','table':'" ROUTER_PORT "','where':"
                      "[['name','==','Q%u']],'row':{'name':'Q%u'}}",
                      name, pick(6));
        break;
    }
}

static void
put_nat_columns(struct ds *ops)
{
    static const char *const columns[] = {
        "'type':'dnat_and_snat','logical_ip':'10.0.0.5'",
        "'type':'dnat_and_snat','logical_ip':'10.0.0.7'",
        "'type':'dnat_and_snat','logical_ip':'fd00::5'",
        "'type':'dnat_and_snat','logical_ip':'10.0.0.0/24'",
        "'type':'snat','logical_ip':'10.0.0.5'",
        "'external_mac':'0a:00:00:00:00:08','logical_port':'P1'",
        "'external_mac':['set',[]],'logical_port':['set',[]],'external_ids':"
        MAP("ovn-octavia:external_mac", "0a:00:00:00:00:08"),
    };
    ds_put_cstr(ops, columns[pick(ARRAY_SIZE(columns))]);
}

/* The UUID of any NAT row, or one that does not exist. */
static struct uuid
pick_nat(const struct topology_fixture *tf)
{
    struct uuid uuid = UUID_ZERO;
    struct in6_addr *ips = ip_set_array(&tf->nat_ips);
    size_t n = ip_set_count(&tf->nat_ips);

    if (n) {
        const struct topo_nat *nat = topology_next_nat(tf->topology,
                                                       &ips[pick(n)], NULL);
        if (nat) {
            uuid = nat->uuid;
        }
    }
    free(ips);
    return uuid;
}

static void
put_nat_op(const struct topology_fixture *tf, struct ds *ops)
{
    struct uuid nat = pick_nat(tf);
    static unsigned int serial;

    switch (pick(4)) {
    case 0:
        serial++;
        ds_put_format(ops, "{'op':'mutate','table':'" ROUTER "','where':"
                      "[['name','==','R%u']],'mutations':"
                      "[['nat','insert',['named-uuid','n%u']]]},"
                      "{'op':'insert','table':'NAT','uuid-name':'n%u',"
                      "'row':{'type':'dnat_and_snat',"
                      "'external_ip':'172.16.0.%u','logical_ip':'10.0.0.5'}}",
                      pick(3), serial, serial, pick(4));
        break;
    case 1:
        ds_put_format(ops, "{'op':'mutate','table':'" ROUTER "','where':"
                      "[['name','==','R%u']],'mutations':"
                      "[['nat','%s',['uuid','"UUID_FMT"']]]}",
                      pick(3), pick(2) ? "insert" : "delete",
                      UUID_ARGS(&nat));
        break;
    default:
        ds_put_format(ops, "{'op':'update','table':'NAT','where':"
                      "[['external_ip','==','172.16.0.%u']],'row':{",
                      pick(4));
        put_nat_columns(ops);
        ds_put_cstr(ops, "}}");
        break;
    }
}

static void
put_op(const struct topology_fixture *tf, struct ds *ops)
{
    switch (pick(5)) {
    case 0:
        put_switch_op(tf, ops);
        break;
    case 1:
        put_port_op(ops);
        break;
    case 3:
        put_dhcp_op(ops);
        break;
    case 2:
        put_nat_op(tf, ops);
        break;
    default:
        put_router_op(ops);
        break;
    }
}

static bool
commit_something(struct topology_fixture *tf)
{
    struct ds ops = DS_EMPTY_INITIALIZER;
    unsigned int n = 1 + pick(4);

    while (n--) {
        put_op(tf, &ops);
        ds_put_cstr(&ops, n ? "," : "");
    }
    bool committed = topology_fixture_try_commit(tf, ds_cstr(&ops));
    ds_destroy(&ops);
    return committed;
}

static void
test_random(void **state OVS_UNUSED)
{
    const char *seed = getenv("TOPOLOGY_SEED");
    struct topology_fixture tf;
    unsigned int n = 0;

    random_set_seed(seed ? strtoul(seed, NULL, 10) : 1);
    topology_fixture_init(&tf);
    for (int i = 0; i < ROUNDS; i++) {
        unsigned int commits = 1 + pick(4);

        while (commits--) {
            n += commit_something(&tf);
        }
        topology_fixture_sync(&tf);
    }

    /* Else this tests less than it seems. */
    assert_true(n > ROUNDS / 2);
    topology_fixture_uninit(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
