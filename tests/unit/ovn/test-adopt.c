/* SPDX-License-Identifier: Apache-2.0
 *
 * Northbound rows that another program wrote, back into load balancers: what
 * is understood, and which rows are looked at.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "adopt-fixture.h"
#include "openvswitch/vlog.h"
#include "ovn/adopt/adopt.h"
#include "smap.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

static const struct adopt_test_row plain[] = {
    {
        "a load balancer with nothing below it",
        "row",
        LB,
    }, {
        "a listener without a pool",
        "row udp\n"
        "id listener_L1 53:",
        LB
        "listener L1 udp 53\n",
    }, {
        "ranges of a listener",
        "row udp\n"
        "id listener_L1 53:\n"
        "id listener_L2 54:\n"
        "cidrs L1 10.0.0.0/8,fd00::/16",
        LB
        "listener L1 udp 53 allow=10.0.0.0/8 allow=fd00::/16\n"
        "listener L2 udp 54\n",
    }, {
        "a listener with a pool with members, in the order of the list",
        "row tcp\n"
        L1_P1
        "id pool_P1 member_M2_10.0.2.2:8080_S2,member_M1_10.0.1.9:81_S1\n"
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M2 10.0.2.2 8080 subnet=S2\n"
        "member M1 10.0.1.9 81 subnet=S1\n",
    }, {
        "what is down",
        "row tcp\n"
        "id enabled False\n"
        "id listener_L1:D 80:pool_P1\n"
        "id pool_P1:D member_M1_10.0.2.1:80_S2\n"
        "id neutron:member_status {\"M1\": \"OFFLINE\"}",
        "lb 10.0.1.5 V1 net=N1 subnet=S1 down\n"
        "listener L1 tcp 80 pool=P1 down\n"
        "pool P1 tcp down\n"
        "member M1 10.0.2.1 80 subnet=S2 down\n",
    }, {
        "a pool that was made while it was down, and is up now",
        "row tcp\n"
        "id listener_L1 80:pool_P1:D\n"
        "id pool_P1 ",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n",
    }, {
        "a pool without a listener",
        "row tcp\n"
        "id pool_P1 ",
        LB
        "pool P1 tcp\n",
    }, {
        "two protocols are two rows",
        "row udp\n"
        "id listener_L2 53:pool_P2\n"
        "id pool_P2 member_M2_10.0.2.2:53_S2\n"
        "row tcp\n"
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 udp 53 pool=P2\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "pool P2 udp\n"
        "member M2 10.0.2.2 53 subnet=S2\n",
    }, {
        "a pool on a second row of the same protocol",
        "row tcp\n"
        "id listener_L1 80:pool_P2\n"
        "row tcp\n"
        "hash ip_src ip_dst\n"
        "id pool_P2 ",
        LB
        "listener L1 tcp 80 pool=P2\n"
        "pool P2 tcp source_ip\n",
    }, {
        "rows of one protocol with settings of their own",
        "row tcp\n"
        "id pool_P1 \n"
        "row tcp\n"
        "hash ip_src ip_dst\n"
        "option affinity_timeout 60\n"
        "id pool_P2 ",
        LB
        "pool P1 tcp\n"
        "pool P2 tcp source_ip affinity=60\n",
    }, {
        "IPv6: a member's address has no brackets",
        "row tcp\n"
        "id neutron:vip fd00:1::5\n"
        "vip [fd00:1::5]:80 [fd00:2::1]:8080,[fd00:2::2]:80\n"
        L1_P1
        "id pool_P1 member_M1_fd00:2::1:8080_S2,member_M2_[fd00:2::2]:80_S2",
        "lb fd00:1::5 V1 net=N1 subnet=F1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 fd00:2::1 8080 subnet=S2\n"
        "member M2 fd00:2::2 80 subnet=S2\n",
    }, {
        "newer OVN hashes IPv6 by fields of its own",
        "row tcp\n"
        "hash ipv6_src ipv6_dst\n"
        "id pool_P1 ",
        LB
        "pool P1 tcp source_ip\n",
    }, {
        "and ours by these and by those of IPv4",
        "row tcp\n"
        "hash ip_src ip_dst ipv6_src ipv6_dst\n"
        "id pool_P1 \n"
        "row udp\n"
        "hash ip_src ip_dst ipv6_src ipv6_dst tp_src tp_dst\n"
        "id pool_P2 ",
        LB
        "pool P1 tcp source_ip\n"
        "pool P2 udp\n",
    }, {
        "additional VIPs, with the floating IPs that nobody has to tell us",
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip [fd00:1::5]:80 [fd00:2::1]:80\n"
        "vip 172.24.4.5:80 10.0.2.1:80\n"
        "vip 172.24.4.6:80 10.0.2.1:80\n"
        "id neutron:additional_vips fd00:1::5,10.0.1.6\n"
        "id neutron:additional_vip_port_ids V2,V1\n"
        "id neutron:vip_fip 172.24.4.5\n"
        "id neutron:additional_vip_fips 172.24.4.6\n"
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_fd00:2::1:80_S2",
        LB
        "vip fd00:1::5 V2 net=N2\n"
        "vip 10.0.1.6 V1 net=N1 subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 fd00:2::1 80 subnet=S2\n"
        "note: OVN does not tell the subnet of the VIP fd00:1::5\n",
    }, {
        "keys that are nobody's business",
        "row tcp\n"
        "id ls_refs {\"neutron-N1\": 3}\n"
        "id lr_ref neutron-R1\n"
        "id mine yes\n"
        "option reject true",
        LB,
    },
    { .title = NULL },
};

static const struct adopt_test_row weights[] = {
    {
        "places are counted however addresses are written",
        "row tcp\n"
        "vip [FD00:1:0::5]:80 "
        "[FD00:2:0::1]:80,[fd00:2::1]:80,[fd00:2:0:0::2]:80\n"
        "id neutron:vip FD00:1:0:0::5\n"
        "id neutron:vip_port_id V2\n"
        L1_P1
        "id pool_P1 member_M1_FD00:2:0::1:80_S2,member_M2_fd00:2::2:80_S2",
        "lb fd00:1::5 V2 net=N2\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 fd00:2::1 80 subnet=S2 weight=2\n"
        "member M2 fd00:2::2 80 subnet=S2\n"
        "note: OVN does not tell the subnet of the VIP FD00:1:0:0::5\n",
    }, {
        "a member's weight is the number of its places",
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.1:80,10.0.2.1:8080,10.0.2.1:80\n"
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.1:8080_S2",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 weight=3\n"
        "member M2 10.0.2.1 8080 subnet=S2\n",
    }, {
        "a member without a place has none; one that is down may have one",
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.2:80_S2,"
        "member_M3_10.0.2.3:80_S2\n"
        "id neutron:member_status {\"M3\": \"OFFLINE\"}",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.2.2 80 subnet=S2 weight=0\n"
        "member M3 10.0.2.3 80 subnet=S2 down\n"
        "note: member M2 is up and gets no traffic; taken as one of weight "
        "0\n",
    }, {
        "backends and VIPs that nothing explains",
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.9:80\n"
        "vip 10.0.1.5:81 10.0.2.1:80\n"
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "loss: OVN serves pool P1 from backends that are not members of it\n"
        "loss: no listener explains the VIP \"10.0.1.5:81\", which OVN "
        "serves\n",
    },
    { .title = NULL },
};

static const struct adopt_test_row monitors[] = {
    {
        "a monitor with a check for the VIP and one for its floating IP",
        "row tcp\n"
        POOL_CHECK("10.0.1.5:80", "5")
        POOL_CHECK("172.24.4.5:80", "5")
        "id octavia:healthmonitors [\"H1\"]\n"
        "id neutron:member_status {\"M1\": \"ERROR\", \"M2\": \"ONLINE\"}\n"
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.2:80_S2",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 health=ERROR\n"
        "member M2 10.0.2.2 80 subnet=S2 health=ONLINE\n"
        "monitor H1 TCP 5 10 4 2\n",
    }, {
        "UDP is probed by UDP-CONNECT, and OVN's options have defaults",
        "row udp\n"
        "check vip  octavia:healthmonitor H1 octavia:pool_id P1\n"
        "id pool_P1 ",
        LB
        "pool P1 udp\n"
        "monitor H1 UDP-CONNECT 5 20 3 3\n",
    }, {
        "a member that a monitor has taken out keeps its weight",
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        POOL_CHECK("10.0.1.5:80", "5")
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.2:80_S2",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.2.2 80 subnet=S2\n"
        "monitor H1 TCP 5 10 4 2\n",
    }, {
        "checks that disagree, that are bad, and that are nobody's",
        "row tcp\n"
        POOL_CHECK("10.0.1.5:80", "5")
        POOL_CHECK("172.24.4.5:80", "6")
        POOL_CHECK("172.24.4.6:80", "often")
        "check vip 1.1.1.1:1 octavia:healthmonitor H2 octavia:pool_id P9\n"
        "check vip 1.1.1.1:2 octavia:healthmonitor x octavia:pool_id P1\n"
        "id octavia:healthmonitors [\"H1\", \"H3\", 5]\n"
        "id pool_P1 ",
        LB
        "pool P1 tcp\n"
        "monitor H1 TCP 5 10 4 2\n"
        "loss: the health checks of pool P1 disagree; taken as the first\n"
        "loss: monitor H1: interval is \"often\"; taken as 5\n"
        "loss: monitor H2 is for pool \"P9\", which is not there\n"
        "loss: the health check of \"1.1.1.1:2\" is of no monitor\n"
        "loss: monitor H3 has no health check\n"
        "loss: monitor without id has no health check\n",
    }, {
        "SCTP cannot be probed, and a list must be one",
        "row sctp\n"
        POOL_CHECK("10.0.1.5:80", "5")
        "id octavia:healthmonitors {\n"
        "id pool_P1 ",
        LB
        "pool P1 sctp\n"
        "loss: monitor H1 is for SCTP, which OVN cannot probe\n"
        "note: octavia:healthmonitors is no JSON list\n",
    },
    { .title = NULL },
};

static void
test_rows_are_read_back(void **state)
{
    struct topology_fixture tf;

    adopt_network_begin(&tf);
    adopt_check_rows(plain, tf.topology);
    adopt_check_rows(weights, tf.topology);
    adopt_check_rows(monitors, tf.topology);
    adopt_network_end(&tf);
}

/* Rows of others are not looked at. */
static void
test_rows_of_others_are_known(void **state)
{
    static const struct {
        const char *title;
        const char *name;
        const char *key, *value;
        bool expected;
    } rows[] = {
        { "one of Octavia's", "00000042-0000-4000-8000-000000000001",
          "neutron:vip", "10.0.1.5", true },
        { "a name that is no id", "web", "neutron:vip", "10.0.1.5", false },
        { "an id and more", "00000042-0000-4000-8000-000000000001x",
          "neutron:vip", "10.0.1.5", false },
        { "the zero id", "00000000-0000-0000-0000-000000000000",
          "neutron:vip", "10.0.1.5", false },
        { "no VIP", "00000042-0000-4000-8000-000000000001", "vip",
          "10.0.1.5", false },
    };
    struct uuid id;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct smap ids = SMAP_INITIALIZER(&ids);

        print_message("%s\n", rows[i].title);
        smap_add(&ids, rows[i].key, rows[i].value);
        assert_int_equal(adopt_row_is_octavia(rows[i].name, &ids, &id),
                         rows[i].expected);
        smap_add(&ids, "neutron:device_owner", "port_forwarding_plugin");
        assert_false(adopt_row_is_octavia(rows[i].name, &ids, &id));
        smap_destroy(&ids);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_read_back),
        cmocka_unit_test(test_rows_of_others_are_known),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
