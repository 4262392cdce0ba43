/* SPDX-License-Identifier: Apache-2.0
 *
 * What a load balancer should look like in OVN: the encoding, rule by rule,
 * but for the VIPs.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "desired-fixture.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "ovsdb-idl.h"
#include "rows-fixture.h"
#include "smap.h"
#include "util.h"

/* Which rows there are, and what is the same in all of them. */
static const struct desired_row rows[] = {
    {
        "one that has nothing is a row without protocol",
        "lb 10.0.1.5",
        OVN_LB_ALL & ~OVN_LB_UUID,
        "row\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "id enabled True\n"
        "id ls_refs {}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_port_id V1\n",
    }, {
        "a listener gives the row its protocol",
        "lb 10.0.1.5\n"
        "listener L1 udp 53",
        OVN_LB_WHAT,
        "row udp\n"
        "id listener_L1 53:\n",
    }, {
        "so does a pool",
        "lb 10.0.1.5\n"
        "pool P1 sctp",
        OVN_LB_WHAT,
        "row sctp\n"
        "id pool_P1 \n",
    }, {
        "each protocol has a row that tells all about the VIP",
        "lb 10.0.1.5 down\n"
        "listener L1 udp 53\n"
        "listener L2 tcp 53\n"
        "listener L3 sctp 53",
        OVN_LB_ALL & ~OVN_LB_UUID & ~OVN_LB_HASH,
        "row sctp\n"
        "id enabled False\n"
        "id listener_L3 53:\n"
        "id ls_refs {}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_port_id V1\n"
        "row tcp\n"
        "id enabled False\n"
        "id listener_L2 53:\n"
        "id ls_refs {}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_port_id V1\n"
        "row udp\n"
        "id enabled False\n"
        "id listener_L1 53:\n"
        "id ls_refs {}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_port_id V1\n",
    }, {
        "one that is being deleted is nothing",
        "lb 10.0.1.5 PENDING_DELETE\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 8080",
        OVN_LB_ALL, "",
    }, {
        "one that is being deleted needs no address",
        "lb none PENDING_DELETE",
        OVN_LB_ALL, "",
    }, {
        "what is in ERROR is wanted all the same",
        "lb 10.0.1.5 ERROR\n"
        "listener L1 tcp 80 ERROR",
        OVN_LB_WHAT,
        "row tcp\n"
        "id listener_L1 80:\n",
    },
    { .title = NULL },
};

static const struct desired_row objects[] = {
    {
        "a listener names its port and its pool",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp",
        OVN_LB_OBJECTS,
        "id listener_L1 80:pool_P1\n"
        "id pool_P1 \n",
    }, {
        "a listener that is down is marked, and its value is not",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1 down\n"
        "pool P1 tcp",
        OVN_LB_OBJECTS,
        "id listener_L1:D 80:pool_P1\n"
        "id pool_P1 \n",
    }, {
        "a pool that is down is marked, but not where a listener names it",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp down\n"
        "member M1 10.0.2.1 8080 subnet=S2",
        OVN_LB_OBJECTS,
        "id listener_L1 80:pool_P1\n"
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id pool_P1:D member_M1_10.0.2.1:8080_S2\n",
    }, {
        "members come in order of creation, each with its subnet",
        "lb 10.0.1.5 subnet=S1\n"
        "pool P1 tcp\n"
        "member M9 10.0.2.9 8080 subnet=S2\n"
        "member M1 10.0.1.1 81\n"
        "member M5 10.0.2.5 82 subnet=S2",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M9\": \"NO_MONITOR\", "
        "\"M1\": \"NO_MONITOR\", \"M5\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M9_10.0.2.9:8080_S2,member_M1_10.0.1.1:81_S1,"
        "member_M5_10.0.2.5:82_S2\n",
    }, {
        "the address of an IPv6 member has no brackets",
        "lb fd00:1::5\n"
        "pool P1 tcp\n"
        "member M1 fd00:2::1 8080 subnet=S2",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_fd00:2::1:8080_S2\n",
    }, {
        "OVN gets the canonical address, others that which was typed",
        "lb fd00:1::5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 FD00:0002::1 8080 subnet=S2",
        OVN_LB_WHAT,
        "row tcp\n"
        "vip [fd00:1::5]:80 [fd00:2::1]:8080\n"
        "id listener_L1 80:pool_P1\n"
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_FD00:0002::1:8080_S2\n",
    }, {
        "a member whose subnet nobody knows has the UUID zero for it",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_none\n",
    }, {
        "a member that is down is in the list, and OFFLINE",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 down\n"
        "member M2 10.0.2.2 80 subnet=S2",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M1\": \"OFFLINE\", "
        "\"M2\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.2:80_S2\n",
    }, {
        "a member has as many places as its weight, reduced by what all "
        "have in common",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 weight=4\n"
        "member M2 10.0.2.2 80 subnet=S2 weight=2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.1:80,"
        "10.0.2.1:80,10.0.2.2:80\n",
    }, {
        "a member with weight 0 has no place",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 weight=0\n"
        "member M2 10.0.2.2 80 subnet=S2 weight=3",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.2:80\n",
    }, {
        "a pool with no weight at all has its VIP, with an empty list",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 weight=0\n"
        "member M2 10.0.2.2 80 subnet=S2 weight=0",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 \n",
    }, {
        "the statuses of the members of all pools are in one object",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "pool P2 tcp\n"
        "pool P3 tcp\n"
        "member M2 10.0.2.1 80 subnet=S2 down",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M1\": \"NO_MONITOR\", "
        "\"M2\": \"OFFLINE\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2\n"
        "id pool_P2 \n"
        "id pool_P3 member_M2_10.0.2.1:80_S2\n",
    }, {
        "each protocol knows only its own objects",
        "lb 10.0.1.5\n"
        "listener L1 tcp 53 pool=P1\n"
        "listener L2 udp 53 pool=P2\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 53 subnet=S2\n"
        "pool P2 udp\n"
        "member M2 10.0.2.1 53 subnet=S2",
        OVN_LB_WHAT,
        "row tcp\n"
        "vip 10.0.1.5:53 10.0.2.1:53\n"
        "id listener_L1 53:pool_P1\n"
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_10.0.2.1:53_S2\n"
        "row udp\n"
        "vip 10.0.1.5:53 10.0.2.1:53\n"
        "id listener_L2 53:pool_P2\n"
        "id neutron:member_status {\"M2\": \"NO_MONITOR\"}\n"
        "id pool_P2 member_M2_10.0.2.1:53_S2\n",
    }, {
        "a pool of another protocol is not the listener's",
        "lb 10.0.1.5\n"
        "listener L1 tcp 53 pool=P1\n"
        "pool P1 udp\n"
        "member M1 10.0.2.1 53 subnet=S2",
        OVN_LB_WHAT,
        "row tcp\n"
        "id listener_L1 53:\n"
        "row udp\n"
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_10.0.2.1:53_S2\n",
    }, {
        "a pool that does not exist is not the listener's",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P7",
        OVN_LB_WHAT,
        "row tcp\n"
        "id listener_L1 80:\n",
    }, {
        "a listener that is being deleted is gone",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1 PENDING_DELETE\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2",
        OVN_LB_WHAT,
        "row tcp\n"
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2\n",
    }, {
        "a pool that is being deleted is gone with its members",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp PENDING_DELETE\n"
        "member M1 10.0.2.1 80 subnet=S2",
        OVN_LB_WHAT,
        "row tcp\n"
        "id listener_L1 80:\n",
    }, {
        "a member that is being deleted is gone",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 PENDING_DELETE\n"
        "member M2 10.0.2.2 80 subnet=S2",
        OVN_LB_WHAT,
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.2:80\n"
        "id listener_L1 80:pool_P1\n"
        "id neutron:member_status {\"M2\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M2_10.0.2.2:80_S2\n",
    }, {
        "a member whose weight is 0 is OFFLINE: nobody may put it in a list",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 subnet=S2 weight=0 health=online",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M1\": \"OFFLINE\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2\n",
    }, {
        "a probed member is ONLINE until a probe has failed",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 subnet=S2 health=unknown\n"
        "member M2 10.0.2.2 80 subnet=S2 health=online\n"
        "member M3 10.0.2.3 80 subnet=S2 health=error\n"
        "member M4 10.0.2.4 80 subnet=S2 health=error down",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M1\": \"ONLINE\", \"M2\": \"ONLINE\", "
        "\"M3\": \"ERROR\", \"M4\": \"OFFLINE\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.2:80_S2,"
        "member_M3_10.0.2.3:80_S2,member_M4_10.0.2.4:80_S2\n",
    }, {
        "a pool's monitor says nothing about the members of another",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 subnet=S2 health=error\n"
        "pool P2 tcp\n"
        "member M2 10.0.2.1 80 subnet=S2\n"
        "pool P3 tcp\n"
        "monitor H3 tcp 5 3 2 3 down\n"
        "member M3 10.0.2.1 80 subnet=S2",
        OVN_LB_OBJECTS,
        "id neutron:member_status {\"M1\": \"ERROR\", "
        "\"M2\": \"NO_MONITOR\", \"M3\": \"NO_MONITOR\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2\n"
        "id pool_P2 member_M2_10.0.2.1:80_S2\n"
        "id pool_P3 member_M3_10.0.2.1:80_S2\n",
    }, {
        "without members there are no statuses",
        "lb 10.0.1.5\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 PENDING_DELETE",
        OVN_LB_OBJECTS,
        "id pool_P1 \n",
    }, {
        "if all that had a protocol is being deleted, the row has none",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 PENDING_DELETE\n"
        "pool P1 tcp PENDING_DELETE",
        OVN_LB_WHAT, "row\n",
    },
    { .title = NULL },
};

static const struct desired_row hashing[] = {
    {
        "without a pool everything is hashed",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80",
        OVN_LB_HASH, "hash ip_dst ip_src tp_dst tp_src\n",
    }, {
        "SOURCE_IP_PORT hashes everything",
        "lb 10.0.1.5\n"
        "pool P1 tcp",
        OVN_LB_HASH, "hash ip_dst ip_src tp_dst tp_src\n",
    }, {
        "SOURCE_IP hashes addresses",
        "lb 10.0.1.5\n"
        "pool P1 tcp source_ip",
        OVN_LB_HASH, "hash ip_dst ip_src\n",
    }, {
        "pools that hash in different ways have rows of their own",
        "lb 10.0.1.5\n"
        "pool P1 tcp affinity=60\n"
        "pool P2 tcp source_ip",
        OVN_LB_ROW | OVN_LB_HASH,
        "row tcp\n"
        "hash ip_dst ip_src\n"
        "row tcp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "option affinity_timeout 60\n",
    }, {
        "a pool that is being deleted decides nothing",
        "lb 10.0.1.5\n"
        "pool P1 tcp affinity=60\n"
        "pool P2 tcp source_ip PENDING_DELETE",
        OVN_LB_HASH,
        "hash ip_dst ip_src tp_dst tp_src\n"
        "option affinity_timeout 60\n",
    }, {
        "a pool decides for its own protocol",
        "lb 10.0.1.5\n"
        "pool P1 tcp affinity=60\n"
        "pool P2 udp source_ip",
        OVN_LB_ROW | OVN_LB_HASH,
        "row tcp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "option affinity_timeout 60\n"
        "row udp\n"
        "hash ip_dst ip_src\n"
        "option ct_flush true\n",
    }, {
        "only UDP has its clients moved off members that leave",
        "lb 10.0.1.5\n"
        "listener L1 udp 53\n"
        "pool P1 tcp\n"
        "pool P2 sctp",
        OVN_LB_ROW | OVN_LB_HASH,
        "row sctp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "row tcp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "row udp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "option ct_flush true\n",
    }, {
        "every row of UDP has it, beside its affinity",
        "lb 10.0.1.5\n"
        "pool P1 udp\n"
        "pool P2 udp affinity=60",
        OVN_LB_ROW | OVN_LB_HASH,
        "row udp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "option affinity_timeout 60\n"
        "option ct_flush true\n"
        "row udp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "option ct_flush true\n",
    }, {
        "persistence without a timeout is six minutes",
        "lb 10.0.1.5\n"
        "pool P1 tcp affinity",
        OVN_LB_HASH,
        "hash ip_dst ip_src tp_dst tp_src\n"
        "option affinity_timeout 360\n",
    },
    { .title = NULL },
};

static void
test_encoding(void **state)
{
    desired_check_rows(rows);
    desired_check_rows(objects);
    desired_check_rows(hashing);
}

/* The names that the other tests have for UUIDs must not hide how they are
 * written. */
static void
test_uuids_are_written_in_full(void **state)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&nbrec_idl_class,
                                                         false);
    struct topology *topology = topology_create(idl);
    const struct smap *ids;
    struct ovn_lb want;

    desired_from_tree("lb 10.0.1.5\n"
                      "listener L1 tcp 80 pool=P1 down\n"
                      "pool P1 tcp\n"
                      "member M1 10.0.2.1 81 subnet=S2", topology, &want);
    ids = &want.rows[0]->external_ids;

    assert_string_equal(want.name, "00000042-0000-4000-8000-000000000001");
    assert_string_equal(
        smap_get(ids, "listener_0000004c-0000-4000-8000-000000000001:D"),
        "80:pool_00000050-0000-4000-8000-000000000001");
    assert_string_equal(
        smap_get(ids, "pool_00000050-0000-4000-8000-000000000001"),
        "member_0000004d-0000-4000-8000-000000000001_10.0.2.1:81_"
        "00000053-0000-4000-8000-000000000002");
    assert_string_equal(
        smap_get(ids, "neutron:member_status"),
        "{\"0000004d-0000-4000-8000-000000000001\": \"NO_MONITOR\"}");
    assert_string_equal(smap_get(ids, "neutron:vip_port_id"),
                        "00000056-0000-4000-8000-000000000001");
    ovn_lb_uninit(&want);
    topology_destroy(topology);
    ovsdb_idl_destroy(idl);
}

static void
test_owned_keys(void **state)
{
    static const struct {
        const char *key;
        bool is_ours, is_json, is_set, is_our_option;
    } keys[] = {
        { "enabled", true, false, false, false },
        { "neutron:vip", true, false, false, false },
        { "neutron:vip_port_id", true, false, false, false },
        { "neutron:additional_vips", true, false, false, false },
        { "neutron:additional_vip_port_ids", true, false, false, false },
        { "neutron:vip_fip", true, false, false, false },
        { "neutron:additional_vip_fips", true, false, true, false },
        { "neutron:member_status", true, true, false, false },
        { "octavia:healthmonitors", true, true, false, false },
        { "ls_refs", true, true, false, false },
        { "lr_ref", true, false, true, false },
        { "listener_1", true, false, false, false },
        { "pool_1:D", true, false, true, false },
        { "affinity_timeout", false, false, false, true },
        { "ct_flush", false, false, false, true },
        /* Others' business. */
        { "", false, false, false, false },
        { "listener", false, false, false, false },
        { "enabled2", false, false, false, false },
        { "neutron:device_owner", false, false, false, false },
        { "hairpin_snat_ip", false, false, false, false },
        { "reject", false, false, false, false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        print_message("the owner of \"%s\"\n", keys[i].key);
        assert_int_equal(desired_owns_external_id(keys[i].key),
                         keys[i].is_ours);
        assert_int_equal(desired_external_id_is_json(keys[i].key),
                         keys[i].is_json);
        assert_int_equal(desired_external_id_is_set(keys[i].key),
                         keys[i].is_set);
        assert_int_equal(desired_owns_option(keys[i].key),
                         keys[i].is_our_option);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_uuids_are_written_in_full),
        cmocka_unit_test(test_owned_keys),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
