/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids of subnets that are not Neutron's: what happens to them when people
 * change the prefix in other_config.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/name-uuid.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

static const struct topo_switch *
find_switch(const struct topology_fixture *tf)
{
    const struct topo_switch *sw;

    HMAP_FOR_EACH (sw, by_uuid, topology_switches(tf->topology)) {
        return sw;
    }
    OVS_NOT_REACHED();
}

static const struct topo_subnet *
find_subnet(const struct topology_fixture *tf, const char *cidr)
{
    const struct topo_subnet *subnet;

    LIST_FOR_EACH (subnet, in_switch, &find_switch(tf)->subnets) {
        if (!strcmp(subnet->cidr, cidr)) {
            return subnet;
        }
    }
    fail_msg("there is no subnet %s", cidr);
    OVS_NOT_REACHED();
}

static void
apply(struct topology_fixture *tf, const char *key, const char *prefix)
{
    char *ops = xasprintf(OP_UPDATE(SWITCH, "N1", "'other_config':"
                                    MAP("%s", "%s")), key, prefix);

    topology_fixture_apply(tf, ops);
    free(ops);
}

enum fate { SAME, ALIAS, GONE };

/* A subnet whose prefix is changed, and what becomes of its id. */
static const struct change {
    const char *key;
    const char *from;
    const char *to;
    enum fate fate;
} changes[] = {
    { "subnet", "10.1.0.0/24", "10.1.0.0/23", SAME },
    { "subnet", "10.1.0.0/23", "10.1.0.0/24", SAME },
    { "subnet", "10.1.0.0/24", "10.1.0.0/16", SAME },
    { "subnet", "10.1.0.0/26", "10.1.0.0/24", SAME },
    { "subnet", "10.1.0.128/26", "10.1.0.128/25", SAME },
    { "subnet", "10.1.1.0/24", "10.1.0.0/23", ALIAS },
    { "subnet", "10.1.0.0/23", "10.1.1.0/24", ALIAS },
    { "subnet", "10.1.0.192/26", "10.1.0.0/24", ALIAS },
    { "subnet", "10.1.15.0/24", "10.1.0.0/20", ALIAS },
    { "subnet", "10.1.17.0/24", "10.1.0.0/19", GONE },
    { "subnet", "10.1.0.0/24", "10.2.0.0/23", GONE },
    { "subnet", "10.1.0.0/24", "10.1.2.0/23", ALIAS },
    { "ipv6_prefix", "fd00:1::/64", "fd00:1::/60", SAME },
    { "ipv6_prefix", "fd00:1::/64", "fd00:1::/80", SAME },
    { "ipv6_prefix", "fd00:1:0:1::/64", "fd00:1::/60", ALIAS },
    { "ipv6_prefix", "fd00:1::/64", "fd00:2::/64", GONE },
};

static void
test_changes(void **state)
{
    struct topology_fixture *tf = *state;

    topology_fixture_apply(tf, ADD_SWITCH("N1", "['map',[]]"));
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        const struct change *change = &changes[i];

        print_message("%s to %s\n", change->from, change->to);
        apply(tf, change->key, change->from);
        struct uuid before = find_subnet(tf, change->from)->id;
        apply(tf, change->key, change->to);

        const struct topo_subnet *after = find_subnet(tf, change->to);
        const struct topo_subnet *found = topology_subnet_by_id(tf->topology,
                                                                &before);
        assert_true(uuid_equals(&after->id, &before)
                    == (change->fate == SAME));
        assert_ptr_equal(found, change->fate == GONE ? NULL : after);
    }
}

/* What earlier versions made of the switch and the whole prefix. */
static void
test_earlier_versions(void **state)
{
    static const struct {
        const char *key;
        const char *stored;
        const char *now;
    } rows[] = {
        { "subnet", "10.1.0.0/24", "10.1.0.0/24" },
        { "subnet", "10.1.0.0/23", "10.1.0.0/23" },
        { "subnet", "10.1.0.0/26", "10.1.0.0/26" },
        { "subnet", "10.1.0.0/24", "10.1.0.0/23" },
        { "subnet", "10.1.0.0/22", "10.1.0.0/20" },
        { "subnet", "10.1.0.64/26", "10.1.0.64/27" },
        { "ipv6_prefix", "fd00:1::/64", "fd00:1::/64" },
        { "ipv6_prefix", "fd00:1::/80", "fd00:1::/72" },
    };
    struct topology_fixture *tf = *state;

    topology_fixture_apply(tf, ADD_SWITCH("N1", "['map',[]]"));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuid stored = name_uuid(&find_switch(tf)->uuid,
                                       rows[i].stored);

        print_message("%s, now %s\n", rows[i].stored, rows[i].now);
        apply(tf, rows[i].key, rows[i].now);
        assert_ptr_equal(topology_subnet_by_id(tf->topology, &stored),
                         find_subnet(tf, rows[i].now));
    }
}

/* A router's network that begins like the configured one, and is wider, has an
 * id of its own, until the configured one is as wide. */
static void
test_router_is_first(void **state)
{
    struct topology_fixture *tf = *state;

    topology_fixture_apply(tf,
        ADD_SWITCH("N1", MAP("subnet", "10.1.0.0/24")) ","
        ADD_ROUTER("R1") ","
        ADD_PORT("N1", "n1r", PEER("rn1")) ","
        ADD_ROUTER_PORT("R1", "rn1", "'10.1.0.1/24'"));
    struct uuid id = find_subnet(tf, "10.1.0.0/24")->id;

    topology_fixture_apply(tf, OP_UPDATE(ROUTER_PORT, "rn1",
                                         "'networks':'10.1.0.1/23'"));
    assert_true(uuid_equals(&find_subnet(tf, "10.1.0.0/24")->id, &id));
    struct uuid second = find_subnet(tf, "10.1.0.0/23")->id;
    assert_false(uuid_equals(&second, &id));
    assert_ptr_equal(topology_subnet_by_id(tf->topology, &second),
                     find_subnet(tf, "10.1.0.0/23"));

    apply(tf, "subnet", "10.1.0.0/23");
    assert_true(uuid_equals(&find_subnet(tf, "10.1.0.0/23")->id, &id));
    assert_ptr_equal(topology_subnet_by_id(tf->topology, &second),
                     find_subnet(tf, "10.1.0.0/23"));
}

/* Between two subnets of a switch, what one has comes before what the other
 * may have been. */
static void
test_ids_before_aliases(void **state)
{
    struct topology_fixture *tf = *state;

    topology_fixture_apply(tf,
        ADD_SWITCH("N1", MAP("subnet", "10.1.0.0/24")) ","
        ADD_ROUTER("R1") ","
        ADD_PORT("N1", "n1r", PEER("rn1")) ","
        ADD_ROUTER_PORT("R1", "rn1", SET2("10.1.0.1/24", "10.1.1.1/24")));

    static const char *const cidrs[] = { "10.1.0.0/24", "10.1.1.0/24" };
    for (size_t i = 0; i < ARRAY_SIZE(cidrs); i++) {
        const struct topo_subnet *subnet = find_subnet(tf, cidrs[i]);
        assert_ptr_equal(topology_subnet_by_id(tf->topology, &subnet->id),
                         subnet);
    }

    struct uuid other = find_subnet(tf, "10.1.1.0/24")->id;
    apply(tf, "subnet", "10.1.0.0/23");
    assert_ptr_equal(topology_subnet_by_id(tf->topology, &other),
                     find_subnet(tf, "10.1.0.0/23"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TOPOLOGY_TEST(test_changes),
        TOPOLOGY_TEST(test_earlier_versions),
        TOPOLOGY_TEST(test_router_is_first),
        TOPOLOGY_TEST(test_ids_before_aliases),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
