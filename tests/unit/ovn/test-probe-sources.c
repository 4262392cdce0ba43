/* SPDX-License-Identifier: Apache-2.0
 *
 * From where the members of a subnet are probed.
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
#include "model-fixture.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/rows/rows.h"
#include "ovn/want/probe-sources.h"
#include "ovn/want/probes.h"
#include "rows-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

/* N1 has room for three hosts, .2 to .4, since OVN keeps .1 for a router; N2
 * has none. */
static const char network[] =
    OP_INSERT_AS(SWITCH, "N1", FIXED("1"), ",'other_config':"
                 MAP2("subnet", "10.0.1.0/24", "exclude_ips",
                      "10.0.1.5..10.0.1.254")) ","
    OP_INSERT_AS(SWITCH, "N2", FIXED("2"), ",'other_config':"
                 MAP2("subnet", "10.0.2.0/24", "exclude_ips",
                      "10.0.2.1..10.0.2.254")) ","
    OP_INSERT_AS(SWITCH, "N3", FIXED("3"), ",'other_config':"
                 MAP("ipv6_prefix", "fd00:3::/64"));

static bool
nobody_has(const struct uuid *subnet_id, const struct in6_addr *ip, void *aux)
{
    return false;
}

static bool
somebody_has(const struct uuid *subnet_id, const struct in6_addr *ip,
             void *text)
{
    struct in6_addr taken;

    return ip_parse_any(text, &taken) && !memcmp(&taken, ip, sizeof *ip);
}

/* "ADDRESS ours", "ADDRESS theirs", or "none". */
static char *
find(struct sources *sources, const struct topology_fixture *tf,
     const char *subnet, const char *taken)
{
    struct uuid subnet_id = uuid_of(subnet);
    struct probe_source source;

    if (!sources_find(sources, tf->topology, &subnet_id,
                      taken ? somebody_has : nobody_has,
                      CONST_CAST(char *, taken), &source)) {
        return xstrdup("none");
    }
    assert_true(uuid_equals(&source.subnet_id, &subnet_id));

    char *ip = ip_format_any(&source.ip);
    char *text = xasprintf("%s %s", ip, source.is_ours ? "ours" : "theirs");
    free(ip);
    return text;
}

static bool
has_claimed(const struct sources *sources, const char *subnet,
            const char *address)
{
    struct uuid subnet_id = uuid_of(subnet);
    struct in6_addr ip;

    assert_true(ip_parse_any(address, &ip));
    return sources_has_claimed(sources, &subnet_id, &ip);
}

/* Adds a port that has 'address' to the switch, by name.  'owner' and 'device'
 * are what Neutron knows it is for. */
static void
add_port_of(struct topology_fixture *tf, const char *sw, const char *name,
            const char *display_name, const char *owner, const char *device,
            const char *address)
{
    char *ops = xasprintf(
        OP_PORTS(SWITCH, "%s", "insert", NEW("p")) ","
        "{'op':'insert','table':'Logical_Switch_Port','uuid-name':'p',"
        "'row':{'name':'%s','addresses':'0a:00:00:00:00:01 %s',"
        "'external_ids':['map',[['neutron:port_name','%s'],"
        "['neutron:device_owner','%s'],['neutron:device_id','%s']]]}}",
        sw, name, address, display_name, owner, device);

    topology_fixture_apply(tf, ops);
    free(ops);
}

static void
add_port(struct topology_fixture *tf, const char *sw, const char *name,
         const char *display_name, const char *address)
{
    add_port_of(tf, sw, name, display_name, "", "", address);
}

static void
check(struct sources *sources, const struct topology_fixture *tf,
      const char *subnet, const char *taken, const char *expected)
{
    char *actual = find(sources, tf, subnet, taken);

    assert_string_equal(actual, expected);
    free(actual);
}

static char *
name_of_source(const char *subnet)
{
    struct uuid subnet_id = uuid_of(subnet);

    return source_port_name(&subnet_id);
}

static void
test_choosing(void **state)
{
    struct sources *sources = sources_create();
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);

    print_message("a subnet that is not there, or full, has none\n");
    check(sources, &tf, "S9", NULL, "none");
    check(sources, &tf, "S2", NULL, "none");

    print_message("an address is chosen from the top, and stays chosen\n");
    assert_false(has_claimed(sources, "S1", "10.0.1.4"));
    check(sources, &tf, "S1", NULL, "10.0.1.4 ours");
    check(sources, &tf, "S1", NULL, "10.0.1.4 ours");
    assert_true(has_claimed(sources, "S1", "10.0.1.4"));
    assert_false(has_claimed(sources, "S1", "10.0.1.3"));
    assert_false(has_claimed(sources, "F3", "10.0.1.4"));

    print_message("unless somebody else gets it meanwhile\n");
    add_port(&tf, "N1", "x", "x", "10.0.1.4");
    check(sources, &tf, "S1", "10.0.1.3", "10.0.1.2 ours");
    assert_false(has_claimed(sources, "S1", "10.0.1.4"));

    print_message("once its port is there, the port says what it is\n");
    char *name = name_of_source("S1");
    add_port(&tf, "N1", name, name, "10.0.1.3");
    check(sources, &tf, "S1", NULL, "10.0.1.3 ours");
    assert_false(has_claimed(sources, "S1", "10.0.1.2"));
    free(name);

    sources_destroy(sources);
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

#define PORT_ID(DIGIT) "00000056-0000-4000-8000-00000000000" DIGIT
#define SOURCE_OWNER "ovn-lb-hm:distributed"

static void
test_neutron(void **state)
{
    struct sources *sources = sources_create();
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);

    print_message("a port that only has the name is none\n");
    char *name = name_of_source("F3");
    check(sources, &tf, "F3", NULL, "fd00:3::ffff:ffff:ffff:ffff ours");
    add_port_of(&tf, "N3", PORT_ID("1"), name, "compute:nova", "vm",
                "fd00:3::91");
    add_port_of(&tf, "N3", PORT_ID("2"), name, "", "", "fd00:3::92");
    add_port_of(&tf, "N3", PORT_ID("3"), name, SOURCE_OWNER, "vm",
                "fd00:3::93");
    add_port_of(&tf, "N3", PORT_ID("4"), name, "", name, "fd00:3::94");
    check(sources, &tf, "F3", NULL, "fd00:3::ffff:ffff:ffff:ffff ours");

    print_message("a port that Neutron made is as good, and not ours\n");
    add_port_of(&tf, "N3", PORT_ID("9"), name, SOURCE_OWNER, name,
                "fd00:3::99");
    check(sources, &tf, "F3", NULL, "fd00:3::99 theirs");
    assert_false(has_claimed(sources, "F3",
                             "fd00:3::ffff:ffff:ffff:ffff"));

    print_message("a port of that name on another switch is no source\n");
    char *other = name_of_source("S1");
    add_port(&tf, "N3", other, other, "fd00:3::98");
    check(sources, &tf, "S1", NULL, "10.0.1.4 ours");
    free(name);
    free(other);

    sources_destroy(sources);
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

/* Trusts ports whose address ends in a digit, by the digit. */
static int
trust_by_digit(const struct topo_port *port, const struct in6_addr *ip,
               void *n_asked_)
{
    int *n_asked = n_asked_;

    ++*n_asked;
    assert_memory_equal(ip, &port->addresses[0], sizeof *ip);
    return ip->s6_addr[15] & 0xf;
}

static void
check_trusted(const struct topology_fixture *tf, const char *expected,
              int expected_n_asked)
{
    struct uuid subnet_id = uuid_of("F3");
    struct probe_source source;
    int n_asked = 0;
    bool found = sources_find_port(tf->topology, &subnet_id, trust_by_digit,
                                   &n_asked, &source);

    assert_int_equal(n_asked, expected_n_asked);
    assert_int_equal(found, expected != NULL);
    if (found) {
        char *ip = ip_format_any(&source.ip);

        assert_string_equal(ip, expected);
        free(ip);
    }
}

static void
test_trust(void **state)
{
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);

    char *name = name_of_source("F3");
    print_message("of ports that say the right thing the trusted one is "
                  "taken\n");
    check_trusted(&tf, NULL, 0);
    add_port_of(&tf, "N3", PORT_ID("1"), name, SOURCE_OWNER, name,
                "fd00:3::10");
    check_trusted(&tf, NULL, 1);
    add_port_of(&tf, "N3", PORT_ID("2"), name, SOURCE_OWNER, name,
                "fd00:3::12");
    add_port_of(&tf, "N3", PORT_ID("3"), name, SOURCE_OWNER, name,
                "fd00:3::11");
    add_port_of(&tf, "N3", PORT_ID("4"), name, "compute:nova", name,
                "fd00:3::13");
    check_trusted(&tf, "fd00:3::12", 3);

    print_message("the network's own ports are no tenant's\n");
    add_port_of(&tf, "N3", PORT_ID("5"), name, "network:distributed", "",
                "fd00:3::14");
    check_trusted(&tf, "fd00:3::14", 4);
    free(name);

    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choosing),
        cmocka_unit_test(test_neutron),
        cmocka_unit_test(test_trust),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
