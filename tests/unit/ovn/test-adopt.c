/* SPDX-License-Identifier: Apache-2.0
 *
 * Northbound rows that somebody else wrote, back into load balancers: what is
 * understood, and what is said about the rest.
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
#include "model-fixture.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "nb-idl.h"
#include "ovn/adopt/adopt.h"
#include "ovsdb-idl.h"
#include "random.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

/* 'rows' is for adopt_rows_parse(), 'expected' what adopt_describe() makes of
 * the result. */
struct row {
    const char *title;
    const char *rows;
    const char *expected;
};

#define LB "lb 10.0.1.5 V1 net=N1 subnet=S1\n"
#define L1_P1 "id listener_L1 80:pool_P1\n"

static const struct row plain[] = {
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

static const struct row weights[] = {
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

#define POOL_CHECK(VIP, DELAY)                                          \
    "check vip " VIP " interval " DELAY " timeout 10 success_count 4 "  \
    "failure_count 2 octavia:healthmonitor H1 octavia:pool_id P1 "      \
    "octavia:vip 10.0.1.5\n"

static const struct row monitors[] = {
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

static const struct row bad[] = {
    {
        "without an address there is no load balancer",
        "row\n"
        "id neutron:vip 10.0.1",
        "impossible: neutron:vip is \"10.0.1\", which is no address\n",
    }, {
        "a VIP whose port is not known",
        "row\n"
        "id neutron:vip_port_id V9",
        "lb 10.0.1.5 V9\n"
        "loss: OVN has no port V9, which would tell the network of the VIP "
        "10.0.1.5\n",
    }, {
        "a VIP without a port",
        "row\n"
        "no neutron:vip_port_id",
        "lb 10.0.1.5 none\n"
        "loss: neutron:vip_port_id is \"\", which is no id\n",
    }, {
        "bad additional VIPs",
        "row\n"
        "id neutron:additional_vips 10.0.1.6,x,10.0.1.7\n"
        "id neutron:additional_vip_port_ids V1,V1",
        LB
        "vip 10.0.1.6 V1 net=N1 subnet=S1\n"
        "vip 10.0.1.7 none\n"
        "loss: \"x\" in neutron:additional_vips is no address\n"
        "loss: neutron:additional_vip_port_ids names no port for "
        "10.0.1.7\n",
    }, {
        "rows that disagree, and a word that is none",
        "row tcp\n"
        "id enabled maybe\n"
        "row udp\n"
        "id neutron:vip 10.0.1.6",
        LB
        "loss: enabled is \"maybe\", which is neither True nor False; taken "
        "as True\n"
        "loss: its rows disagree about enabled: \"maybe\" and \"True\"; "
        "taken as the first\n"
        "loss: its rows disagree about neutron:vip: \"10.0.1.5\" and "
        "\"10.0.1.6\"; taken as the first\n",
    }, {
        "protocols that are none",
        "row icmp\n"
        "id listener_L1 80:\n"
        "row\n"
        "id listener_L2 80:",
        LB
        "listener L2 tcp 80\n"
        "note: a row has no protocol; taken as TCP, as OVN does\n"
        "loss: \"icmp\" is no protocol\n",
    }, {
        "bad keys",
        "row tcp\n"
        "id listener_ 80:\n"
        "id listener_x 80:\n"
        "id listener_none 80:\n"
        "id listener_L1:E 80:\n"
        "id pool_L1: \n"
        "id pool_L \n",
        LB
        "loss: the key \"pool_L1:\" has no id\n"
        "loss: the key \"pool_L\" has no id\n"
        "loss: the key \"listener_\" has no id\n"
        "loss: the key \"listener_L1:E\" has no id\n"
        "loss: the key \"listener_none\" has no id\n"
        "loss: the key \"listener_x\" has no id\n",
    }, {
        "bad listeners",
        "row tcp\n"
        "id listener_L1 \n"
        "id listener_L2 80\n"
        "id listener_L3 0:\n"
        "id listener_L4 65536:\n"
        "id listener_L5 +80:\n"
        "id listener_L6 99999999999999999999:\n"
        "id listener_L7 80:pool\n"
        "id listener_L8 81:pool_P9",
        LB
        "listener L7 tcp 80\n"
        "listener L8 tcp 81\n"
        "loss: listener L1 is \"\", not PORT:POOL\n"
        "loss: listener L2 is \"80\", not PORT:POOL\n"
        "loss: listener L3 is \"0:\", not PORT:POOL\n"
        "loss: listener L4 is \"65536:\", not PORT:POOL\n"
        "loss: listener L5 is \"+80:\", not PORT:POOL\n"
        "loss: listener L6 is \"99999999999999999999:\", not PORT:POOL\n"
        "loss: listener L7 uses \"pool\", which is no pool\n"
        "loss: listener L8 uses \"pool_P9\", which is not there\n",
    }, {
        "a pool of another protocol, and things that are there twice",
        "row tcp\n"
        L1_P1
        "id listener_L2 81:pool_P2\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M1_10.0.2.2:80_S2\n"
        "id pool_P1:D member_M1_10.0.2.1:80_S2\n"
        "row udp\n"
        "id pool_P2 ",
        LB
        "listener L1 tcp 80 pool=P1\n"
        "listener L2 tcp 81\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "pool P2 udp\n"
        "loss: member M1 is there twice\n"
        "loss: pool P1 is there twice\n"
        "loss: listener L2 uses \"pool_P2\", which is for another protocol\n",
    }, {
        "bad members",
        "row tcp\n"
        "id pool_P1 ,x,member_,member_M1,member_M1_,member_M1_10.0.2.1_S2,"
        "member_M1_10.0.2.1:0_S2,member_M1_10.0.2:80_S2,"
        "member_M1_10.0.2.1:80_x,member_M1_:80_S2,member_M1x10.0.2.1:80_S2,"
        "member_M2_10.0.2.1:80",
        LB
        "pool P1 tcp\n"
        "member M2 10.0.2.1 80 subnet=S1\n"
#define NOT_MEMBER(TEXT)                                                \
        "loss: pool P1: \"" TEXT "\" is not member_ID_ADDRESS:PORT_SUBNET\n"
        NOT_MEMBER("")
        NOT_MEMBER("x")
        NOT_MEMBER("member_")
        NOT_MEMBER("member_M1")
        NOT_MEMBER("member_M1_")
        NOT_MEMBER("member_M1_10.0.2.1_S2")
        NOT_MEMBER("member_M1_10.0.2.1:0_S2")
        NOT_MEMBER("member_M1_10.0.2:80_S2")
        NOT_MEMBER("member_M1_10.0.2.1:80_x")
        NOT_MEMBER("member_M1_:80_S2")
        NOT_MEMBER("member_M1x10.0.2.1:80_S2")
        "note: member M2 has no subnet; taken as the VIP's\n",
    }, {
        "a member without a subnet, as our driver writes it",
        "row tcp\n"
        "id pool_P1 member_M1_10.0.2.1:80_"
        "00000000-0000-0000-0000-000000000000",
        LB
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S1\n"
        "note: member M1 has no subnet; taken as the VIP's\n",
    }, {
        "a VIP that is there twice, however it is written",
        "row tcp\n"
        "id neutron:vip fd00:1::5\n"
        "id neutron:additional_vips FD00:1::5,10.0.1.6,10.0.1.6\n"
        "id neutron:additional_vip_port_ids V1,V1,V1\n"
        "hash ipv6_src ipv6_dst",
        "lb fd00:1::5 V1 net=N1 subnet=F1\n"
        "vip 10.0.1.6 V1 net=N1 subnet=S1\n"
        "loss: the VIP FD00:1::5 is there twice\n"
        "loss: the VIP 10.0.1.6 is there twice\n",
    }, {
        "a number of seconds is one however it is written",
        "row tcp\n"
        "option affinity_timeout 007\n"
        "id pool_P1 ",
        LB
        "pool P1 tcp affinity=7\n",
    }, {
        "members in a subnet that nobody knows",
        "row tcp\n"
        "id pool_P1 member_M1_10.0.9.1:80_S9,member_M2_10.0.9.2:80_S9",
        LB
        "pool P1 tcp\n"
        "member M1 10.0.9.1 80 subnet=S9\n"
        "member M2 10.0.9.2 80 subnet=S9\n"
        "loss: OVN does not tell where subnet S9 is: its switch would not "
        "carry the load balancer for the members there\n",
    }, {
        "bad statuses",
        "row tcp\n"
        "id neutron:member_status {\"M1\": \"FINE\", \"M2\": 5}\n"
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_10.0.2.2:80_S2\n"
        "row udp\n"
        "id neutron:member_status [\"M3\"]\n"
        "id pool_P3 member_M3_10.0.2.1:80_S2",
        LB
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.2.2 80 subnet=S2\n"
        "pool P3 udp\n"
        "member M3 10.0.2.1 80 subnet=S2\n"
        "note: the status of member M1 is none\n"
        "note: the status of member M2 is none\n"
        "loss: neutron:member_status is no JSON object: which members are "
        "down is not known\n",
    }, {
        "hashing and affinity that are none of ours",
        "row tcp\n"
        "hash eth_src\n"
        "option affinity_timeout long\n"
        "id pool_P1 ",
        LB
        "pool P1 tcp\n"
        "loss: its selection_fields are those of no algorithm; taken as "
        "SOURCE_IP_PORT\n"
        "loss: affinity_timeout is \"long\", which is no number of "
        "seconds\n",
    }, {
        "problems are printable",
        "row tcp\n"
        "id listener_L1 \x1b[2J\t",
        LB
        "loss: listener L1 is \"?[2J?\", not PORT:POOL\n",
    },
    { .title = NULL },
};

/* Tests. */

/* In this network, V1 is a port of N1 and V2 one of N2. */
static const char network[] =
    ADD_SWITCH("N1", MAP2("subnet", "10.0.1.0/24", "ipv6_prefix", "fd00:1::"))
    ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    OP_PORTS(SWITCH, "N1", "insert", NEW("v1")) ","
    OP_PORTS(SWITCH, "N2", "insert", NEW("v2")) ","
    "{'op':'insert','table':'" PORT "','uuid-name':'v1','row':{"
    "'name':'00000056-0000-4000-8000-000000000001'}},"
    "{'op':'insert','table':'" PORT "','uuid-name':'v2','row':{"
    "'name':'00000056-0000-4000-8000-000000000002'}}";

static void
check_row(const struct row *row, const struct topology *topology)
{
    struct adopt_row rows[ADOPT_ROWS_MAX];
    struct adopt_problems problems;
    struct uuid id = uuid_of("B1");
    size_t n = adopt_rows_parse(row->rows, rows);

    adopt_problems_init(&problems);
    struct model_lb *lb = adopt_lb(&id, rows, n, topology, &problems);
    assert_true(!lb == (adopt_problems_worst(&problems)
                        == ADOPT_IMPOSSIBLE));
    assert_true(!lb || uuid_equals(&lb->base.id, &id));

    char *actual = adopt_describe(lb, &problems);
    assert_string_equal(actual, row->expected);
    free(actual);
    model_lb_destroy(lb);
    adopt_problems_uninit(&problems);
    for (size_t i = 0; i < n; i++) {
        adopt_row_uninit(&rows[i]);
    }
}

static void
check_rows(const struct row *row, const struct topology *topology)
{
    for (; row->title; row++) {
        print_message("%s\n", row->title);
        check_row(row, topology);
    }
}

/* Calls the subnet of NN that is IPv4 SN, and that of IPv6 FN, and the network
 * as its switch. */
static void
name_places(const struct topology *topology)
{
    const struct topo_switch *sw;

    HMAP_FOR_EACH (sw, by_uuid, topology_switches(topology)) {
        const struct topo_subnet *subnet;

        uuid_call(&sw->id, sw->name);
        LIST_FOR_EACH (subnet, in_switch, &sw->subnets) {
            char *name = xasprintf("%c%s", subnet->is_ipv6 ? 'F' : 'S',
                                   sw->name + 1);
            uuid_call(&subnet->id, name);
            free(name);
        }
    }
}

static void
test_rows_are_read_back(void **state)
{
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_places(tf.topology);
    check_rows(plain, tf.topology);
    check_rows(weights, tf.topology);
    check_rows(monitors, tf.topology);
    check_rows(bad, tf.topology);
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

/* Replaces, inserts or removes a character. */
static char *
damage(const char *text)
{
    static const char alphabet[] = "_:,[]{}\"D09afMP-. \x01\xc3";
    size_t length = strlen(text);
    size_t place = random_range(length + 1);
    char c = alphabet[random_range(sizeof alphabet - 1)];
    size_t rest = place + random_range(3);

    rest = MIN(rest, length);
    return (random_range(2)
            ? xasprintf("%.*s%c%s", (int) place, text, c, &text[rest])
            : xasprintf("%.*s%s", (int) place, text, &text[rest]));
}

static void
damage_map(struct smap *map)
{
    if (!smap_is_empty(map)) {
        struct smap_node *node = CONTAINER_OF(hmap_random_node(&map->map),
                                              struct smap_node, node);
        char *key = random_range(2) ? xstrdup(node->key) : damage(node->key);
        char *value = damage(node->value);
        smap_remove_node(map, node);
        smap_replace(map, key, value);
        free(key);
        free(value);
    }
}

static void
damage_row(struct adopt_row *row)
{
    struct smap *maps[] = {
        &row->external_ids, &row->external_ids, &row->external_ids,
        &row->vips, &row->options,
        row->n_checks ? &row->checks[0].options : &row->vips,
        row->n_checks ? &row->checks[0].external_ids : &row->vips,
    };

    damage_map(maps[random_range(ARRAY_SIZE(maps))]);
}

/* For the sanitizers, mostly. */
static void
test_damaged_rows_do_no_harm(void **state)
{
    static const char good[] =
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.1:80\n"
        "vip [fd00:1::5]:80 [fd00:2::1]:80\n"
        "option affinity_timeout 60\n"
        POOL_CHECK("10.0.1.5:80", "5")
        "id neutron:additional_vips fd00:1::5\n"
        "id neutron:additional_vip_port_ids V2\n"
        "id octavia:healthmonitors [\"H1\"]\n"
        "id neutron:member_status {\"M1\": \"ERROR\"}\n"
        L1_P1
        "id pool_P1 member_M1_10.0.2.1:80_S2,member_M2_fd00:2::1:80_S2\n"
        "row udp\n"
        "id listener_L2:D 80:pool_P2\n"
        "id pool_P2:D member_M3_10.0.2.1:80_S2";
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&nbrec_idl_class,
                                                         false);
    struct topology *topology = topology_create(idl);
    struct uuid id = uuid_of("B1");

    random_set_seed(1);
    for (int i = 0; i < 2000; i++) {
        struct adopt_row rows[ADOPT_ROWS_MAX];
        struct adopt_problems problems;
        size_t n = adopt_rows_parse(good, rows);

        for (int j = 0; j <= i % 4; j++) {
            damage_row(&rows[random_range(n)]);
        }
        adopt_problems_init(&problems);
        struct model_lb *lb = adopt_lb(&id, rows, n, topology, &problems);
        assert_true(!lb == (adopt_problems_worst(&problems)
                            == ADOPT_IMPOSSIBLE));
        model_lb_destroy(lb);
        adopt_problems_uninit(&problems);
        for (size_t j = 0; j < n; j++) {
            adopt_row_uninit(&rows[j]);
        }
    }
    topology_destroy(topology);
    ovsdb_idl_destroy(idl);
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
        cmocka_unit_test(test_damaged_rows_do_no_harm),
        cmocka_unit_test(test_rows_of_others_are_known),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
