/* SPDX-License-Identifier: Apache-2.0
 *
 * What a load balancer should look like in OVN: which VIPs it has, and which
 * backends they have.
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
#include "openvswitch/vlog.h"
#include "rows-fixture.h"

static const struct desired_row vips[] = {
    {
        "a listener with a pool with members has a VIP",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M2 10.0.2.2 8082 subnet=S2\n"
        "member M1 10.0.2.1 8081 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.2:8082,10.0.2.1:8081\n",
    }, {
        "IPv6 addresses have brackets",
        "lb fd00:1::5\n"
        "listener L1 udp 80 pool=P1\n"
        "pool P1 udp\n"
        "member M2 fd00:2::2 8082 subnet=S2\n"
        "member M1 fd00:2::1 8081 subnet=S2",
        OVN_LB_VIPS,
        "vip [fd00:1::5]:80 [fd00:2::2]:8082,[fd00:2::1]:8081\n",
    }, {
        "members of the other IP version are no backends of an IPv4 VIP",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 fd00:2::1 8081 subnet=S2\n"
        "member M2 10.0.2.2 8082 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.2:8082\n",
    }, {
        "members of the other IP version are no backends of an IPv6 VIP",
        "lb fd00:1::5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 fd00:2::1 8081 subnet=S2\n"
        "member M2 10.0.2.2 8082 subnet=S2",
        OVN_LB_VIPS,
        "vip [fd00:1::5]:80 [fd00:2::1]:8081\n",
    }, {
        "a VIP without a backend of its version is left out",
        "lb fd00:1::5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M2 10.0.2.2 8082 subnet=S2",
        OVN_LB_VIPS, "",
    }, {
        "each VIP has the members of its own IP version",
        "lb 10.0.1.5\n"
        "vip fd00:1::5\n"
        "vip 10.0.1.6\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 fd00:2::1 8081 subnet=S2\n"
        "member M2 10.0.2.2 8082 subnet=S2\n"
        "member M3 10.0.2.3 8083 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.2:8082,10.0.2.3:8083\n"
        "vip 10.0.1.6:80 10.0.2.2:8082,10.0.2.3:8083\n"
        "vip [fd00:1::5]:80 [fd00:2::1]:8081\n",
    }, {
        "of several VIPs, those without a backend of their version are left "
        "out",
        "lb 10.0.1.5\n"
        "vip fd00:1::5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 8081 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.1:8081\n",
    }, {
        "families whose rows part have their VIPs each",
        "lb 10.0.1.5\n"
        "vip fd00:1::5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp source_ip\n"
        "member M1 10.0.2.1 8081 subnet=S2\n"
        "member M2 fd00:2::1 8081 subnet=S2",
        OVN_LB_ROW | OVN_LB_HASH | OVN_LB_VIPS,
        "row tcp\n"
        "hash ip_dst ip_src\n"
        "vip 10.0.1.5:80 10.0.2.1:8081\n"
        "row tcp\n"
        "vip [fd00:1::5]:80 [fd00:2::1]:8081\n",
    }, {
        "a VIP without address yet is nowhere",
        "lb 10.0.1.5\n"
        "vip none subnet=S1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 8081 subnet=S2",
        OVN_LB_VIPS | OVN_LB_IDS,
        "vip 10.0.1.5:80 10.0.2.1:8081\n"
        "id enabled True\n"
        "id ls_refs {}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_port_id V1\n",
    }, {
        "all VIPs are in every row, in the user's order",
        "lb 10.0.1.5\n"
        "vip fd00:1::5 port=V3\n"
        "vip 10.0.1.4 port=V2\n"
        "listener L1 tcp 80",
        OVN_LB_IDS,
        "id enabled True\n"
        "id ls_refs {}\n"
        "id neutron:additional_vip_port_ids V3,V2\n"
        "id neutron:additional_vips fd00:1::5,10.0.1.4\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_port_id V1\n",
    }, {
        "two listeners may share a pool",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 443 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:443 10.0.2.1:80\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n",
    }, {
        "two members may share a backend",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.2.1 80 subnet=S3",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.1:80\n",
    }, {
        "an empty pool makes no VIP",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp",
        OVN_LB_VIPS, "",
    }, {
        "a member that is down is no backend",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 down\n"
        "member M2 10.0.2.2 80 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.2:80\n",
    }, {
        "if all members are down nobody serves the VIP, which stays",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 down",
        OVN_LB_VIPS, "vip 10.0.1.5:80 \n",
    }, {
        "if all members are going it goes, too",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 PENDING_DELETE",
        OVN_LB_VIPS, "",
    }, {
        "a member that is cut off is no backend, and in ERROR",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 subnet=S2 health=cut_off\n"
        "member M2 10.0.2.2 80 subnet=S2 health=online",
        OVN_LB_VIPS | OVN_LB_OBJECTS,
        "vip 10.0.1.5:80 10.0.2.2:80\n"
        "id listener_L1 80:pool_P1\n"
        "id neutron:member_status {\"M1\": \"ERROR\", "
        "\"M2\": \"ONLINE\"}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.2:80_S2\n",
    }, {
        "a member that some probe found in ERROR stays a backend",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 ACTIVE/ERROR",
        OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.1:80\n",
    }, {
        "a listener that is down has no VIP",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1 down\n"
        "listener L2 tcp 81 pool=P1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:81 10.0.2.1:80\n",
    }, {
        "a pool that is down takes its listeners' VIPs away",
        "lb 10.0.1.5\n"
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81 pool=P2\n"
        "pool P1 tcp down\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "pool P2 tcp\n"
        "member M2 10.0.2.1 80 subnet=S2",
        OVN_LB_VIPS,
        "vip 10.0.1.5:81 10.0.2.1:80\n",
    }, {
        "a load balancer that is down has no VIPs but all else",
        "lb 10.0.1.5 down\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp source_ip affinity=60\n"
        "member M1 10.0.2.1 80 subnet=S2",
        OVN_LB_ALL & ~OVN_LB_UUID,
        "row tcp\n"
        "hash ip_dst ip_src\n"
        "option affinity_timeout 60\n"
        "id enabled False\n"
        "id listener_L1 80:pool_P1\n"
        "id ls_refs {}\n"
        "id neutron:member_status {\"M1\": \"NO_MONITOR\"}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_port_id V1\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2\n",
    },
    { .title = NULL },
};

static void
test_encoding(void **state)
{
    desired_check_rows(vips);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encoding),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
