/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference between wanted and seen: each verb, what is left alone, and
 * which row continues which.
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
#include "model-fixture.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "rows-fixture.h"
#include "util.h"
#include "uuid.h"

/* New rows get UUIDs that follow from the load balancer's and the protocol:
 * here, T1 is the first candidate for "tcp", T2 the second; U1 that for "udp",
 * and E1 that for a row without protocol.  The same for new checks: C1 is the
 * first candidate for one of 10.0.1.5:80 in T1. */
static const struct row {
    const char *title;
    const char *seen;
    const char *want;
    const char *expected;       /* Lines in alphabetical order. */
} rows[] = {
    {
        "nothing becomes nothing",
        "", "", "",
    }, {
        "what is there already is left alone",
        "row R1 tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "option affinity_timeout 60\n"
        "id enabled True\n"
        "switches S1 S2\n"
        "routers R1\n"
        "row R2 udp\n"
        "port V1 S1 virtual M A\n"
        "portid a b",
        "row none udp\n"
        "row none tcp\n"
        "hash ip_dst ip_src\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "option affinity_timeout 60\n"
        "id enabled True\n"
        "switches S2 S1\n"
        "routers R1\n"
        "port V1 S1 virtual M A\n"
        "portid a b",
        "",
    },

    /* Rows. */
    {
        "the first row is inserted, then put on its switches and routers",
        "",
        "row none tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "switches S1 S2\n"
        "routers R1",
        "ROUTER_ADD T1 on R1\n"
        "ROW_INSERT T1=B1\n"
        "SWITCH_ADD T1 on S1\n"
        "SWITCH_ADD T1 on S2\n",
    }, {
        "a row without protocol is inserted",
        "", "row none", "ROW_INSERT E1=B1\n",
    }, {
        "a second protocol is inserted with a label of its own",
        "row R1 tcp",
        "row none tcp\n"
        "row none udp\n"
        "switches S1",
        "ROW_INSERT U1=B1\n"
        "SWITCH_ADD U1 on S1\n",
    }, {
        "if the first candidate for a label is taken there is another",
        "row T1 udp",
        "row none tcp\n"
        "row none udp",
        "ROW_INSERT T2=B1\n",
    }, {
        "and if that one is taken too there is a third",
        "row T1 udp\n"
        "row T2 sctp",
        "row none tcp\n"
        "row none udp\n"
        "row none sctp",
        "ROW_INSERT T3=B1\n",
    }, {
        "the label of a new row is not that of one that goes",
        "row T1 udp",
        "row none tcp",
        "ROW_DELETE T1\n"
        "ROW_INSERT T2=B1\n",
    }, {
        "a row without protocol continues as the first that has one",
        "row R1",
        "row none udp\n"
        "id listener_L1 53:",
        "EXTERNAL_ID_SET R1 listener_L1=53:\n"
        "SET_PROTOCOL R1=udp\n",
    }, {
        "of two new protocols one continues the row and one is inserted",
        "row R1",
        "row none tcp\n"
        "row none udp",
        "ROW_INSERT U1=B1\n"
        "SET_PROTOCOL R1=tcp\n",
    }, {
        "a row that has its protocol goes before one that would have to take "
        "it",
        "row R1\n"
        "row R2 tcp",
        "row none tcp",
        "ROW_DELETE R1\n",
    }, {
        "the last row loses its protocol, not its identity",
        "row R1 tcp\n"
        "id listener_L1 80:pool_P1\n"
        "id pool_P1 ",
        "row none",
        "EXTERNAL_ID_REMOVE R1 listener_L1\n"
        "EXTERNAL_ID_REMOVE R1 pool_P1\n"
        "SET_PROTOCOL R1=\n",
    }, {
        "of two rows that lose their protocols one goes",
        "row R1 tcp\n"
        "row R2 udp",
        "row none",
        "ROW_DELETE R2\n"
        "SET_PROTOCOL R1=\n",
    }, {
        "one of two rows is deleted when its protocol is not needed, and "
        "taken off whoever carries it",
        "row R1 tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "switches S1\n"
        "routers T9\n"
        "row R2 udp",
        "row none udp",
        "ROUTER_REMOVE R1 on T9\n"
        "ROW_DELETE R1\n"
        "SWITCH_REMOVE R1 on S1\n",
    }, {
        "a second row of one protocol is deleted",
        "row R1 tcp\n"
        "row R2 tcp",
        "row none tcp",
        "ROW_DELETE R2\n",
    }, {
        "all rows go, and the port, when nothing is wanted",
        "row R1 tcp\n"
        "switches S1\n"
        "row R2 udp\n"
        "port V1 S1 virtual M A",
        "",
        "PORT_DELETE V1 on S1\n"
        "ROW_DELETE R1\n"
        "ROW_DELETE R2\n"
        "SWITCH_REMOVE R1 on S1\n",
    }, {
        "a row that was renamed gets its name back",
        "row R1 tcp\n"
        "name foo",
        "row none tcp",
        "SET_NAME R1=B1\n",
    },

    /* Columns. */
    {
        "VIPs are set and removed one by one",
        "row R1 tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.1:81\n"
        "vip 10.0.1.5:82 10.0.2.1:82",
        "row none tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.1:81,10.0.2.2:81\n"
        "vip 10.0.1.5:83 10.0.2.1:83",
        "VIP_REMOVE R1 10.0.1.5:82\n"
        "VIP_SET R1 10.0.1.5:81=10.0.2.1:81,10.0.2.2:81\n"
        "VIP_SET R1 10.0.1.5:83=10.0.2.1:83\n",
    }, {
        "a VIP that somebody else wrote goes: the column is all ours",
        "row R1 tcp\n"
        "vip 10.9.9.9:80 10.0.2.1:80",
        "row none tcp",
        "VIP_REMOVE R1 10.9.9.9:80\n",
    }, {
        "the order of backends and of members means nothing",
        "row R1 tcp\n"
        "id pool_P1 member_M2,member_M1\n"
        "vip 10.0.1.5:80 10.0.2.2:80,10.0.2.1:80",
        "row none tcp\n"
        "id pool_P1 member_M1,member_M2\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.2:80",
        "",
    }, {
        "how often a backend is there means something",
        "row R1 tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.2:80,10.0.2.2:80",
        "row none tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80,10.0.2.1:80,10.0.2.2:80",
        "VIP_SET R1 10.0.1.5:80=10.0.2.1:80,10.0.2.1:80,10.0.2.2:80\n",
    }, {
        "selection fields are a set",
        "row R1 tcp\n"
        "hash ip_src ip_dst tp_src tp_dst",
        "row none tcp\n"
        "hash ip_src ip_dst",
        "SET_SELECTION R1\n",
    }, {
        "our option is set",
        "row R1 tcp\n"
        "option affinity_timeout 60",
        "row none tcp\n"
        "option affinity_timeout 90",
        "OPTION_SET R1 affinity_timeout=90\n",
    }, {
        "our option is removed, others' options are left alone",
        "row R1 tcp\n"
        "option affinity_timeout 60\n"
        "option hairpin_snat_ip 10.0.1.9\n"
        "option reject true",
        "row none tcp",
        "OPTION_REMOVE R1 affinity_timeout\n",
    }, {
        "our external_ids are set and removed, others' are left alone",
        "row R1 tcp\n"
        "id enabled True\n"
        "id listener_L1:D 80:\n"
        "id pool_P1 \n"
        "id neutron:vip_fip 172.24.4.3\n"
        "id neutron:member_status {}\n"
        "id lr_ref R1\n"
        "id octavia:healthmonitors []\n"
        "id somebody else",
        "row none tcp\n"
        "id enabled False\n"
        "id listener_L1 80:",
        "EXTERNAL_ID_REMOVE R1 listener_L1:D\n"
        "EXTERNAL_ID_REMOVE R1 lr_ref\n"
        "EXTERNAL_ID_REMOVE R1 neutron:member_status\n"
        "EXTERNAL_ID_REMOVE R1 neutron:vip_fip\n"
        "EXTERNAL_ID_REMOVE R1 octavia:healthmonitors\n"
        "EXTERNAL_ID_REMOVE R1 pool_P1\n"
        "EXTERNAL_ID_SET R1 enabled=False\n"
        "EXTERNAL_ID_SET R1 listener_L1=80:\n",
    }, {
        "JSON that differs in order and space is equal",
        "row R1 tcp\n"
        "id ls_refs {\"b\":2,\"a\":1}\n"
        "id neutron:member_status { \"M2\" : \"OFFLINE\", \"M1\":\"X\" }",
        "row none tcp\n"
        "id ls_refs {\"a\": 1, \"b\": 2}\n"
        "id neutron:member_status {\"M1\": \"X\", \"M2\": \"OFFLINE\"}",
        "",
    }, {
        "JSON that differs in a value is set",
        "row R1 tcp\n"
        "id ls_refs {\"a\": 2}",
        "row none tcp\n"
        "id ls_refs {\"a\": 1}",
        "EXTERNAL_ID_SET R1 ls_refs={\"a\": 1}\n",
    }, {
        "what is not JSON is set",
        "row R1 tcp\n"
        "id ls_refs {\"a\": 1\n"
        "id neutron:member_status ",
        "row none tcp\n"
        "id ls_refs {\"a\": 1}\n"
        "id neutron:member_status {\"M1\": \"X\"}",
        "EXTERNAL_ID_SET R1 ls_refs={\"a\": 1}\n"
        "EXTERNAL_ID_SET R1 neutron:member_status={\"M1\": \"X\"}\n",
    }, {
        "two texts that are not JSON are not equal for that",
        "row R1 tcp\n"
        "id ls_refs {x",
        "row none tcp\n"
        "id ls_refs {y",
        "EXTERNAL_ID_SET R1 ls_refs={y\n",
    }, {
        "what is no JSON object by its key is compared as text",
        "row R1 tcp\n"
        "id lr_ref [1,2]",
        "row none tcp\n"
        "id lr_ref [1, 2]",
        "EXTERNAL_ID_SET R1 lr_ref=[1, 2]\n",
    },

    /* Who carries the row. */
    {
        "a row is put on what it lacks and taken off what it has too much",
        "row R1 tcp\n"
        "switches S1 S2\n"
        "routers R1 R2",
        "row none tcp\n"
        "switches S2 S3\n"
        "routers R2 R3",
        "ROUTER_ADD R1 on R3\n"
        "ROUTER_REMOVE R1 on R1\n"
        "SWITCH_ADD R1 on S3\n"
        "SWITCH_REMOVE R1 on S1\n",
    },

    {
        "a list whose order means nothing is compared as such",
        "row R1 tcp\n"
        "id lr_ref R2,R1\n"
        "id neutron:additional_vip_fips 172.24.4.4,172.24.4.3",
        "row none tcp\n"
        "id lr_ref R1,R2\n"
        "id neutron:additional_vip_fips 172.24.4.3,172.24.4.4",
        "",
    }, {
        "and set as a whole when an element differs",
        "row R1 tcp\n"
        "id lr_ref R2,R1",
        "row none tcp\n"
        "id lr_ref R1,R2,R3",
        "EXTERNAL_ID_SET R1 lr_ref=R1,R2,R3\n",
    }, {
        "the order of VIPs means something",
        "row R1 tcp\n"
        "id neutron:additional_vips 10.0.1.6,10.0.1.7",
        "row none tcp\n"
        "id neutron:additional_vips 10.0.1.7,10.0.1.6",
        "EXTERNAL_ID_SET R1 neutron:additional_vips=10.0.1.7,10.0.1.6\n",
    },

    /* Groups. */
    {
        "from row by row to a group, and nowhere in between",
        "row R1 tcp\n"
        "id ls_refs {}\n"
        "switches S1 S2\n"
        "routers R1",
        "row none tcp\n"
        "groups G1\n"
        "group G1\n"
        "switches S1 S2\n"
        "routers R1",
        "EXTERNAL_ID_REMOVE R1 ls_refs\n"
        "GROUP_ADD R1 on G1\n"
        "GROUP_INSERT G1\n"
        "GROUP_ROUTER_ADD G1 on R1\n"
        "GROUP_SWITCH_ADD G1 on S1\n"
        "GROUP_SWITCH_ADD G1 on S2\n"
        "ROUTER_REMOVE R1 on R1\n"
        "SWITCH_REMOVE R1 on S1\n"
        "SWITCH_REMOVE R1 on S2\n",
    }, {
        "and back; the group is for others to remove",
        "row R1 tcp\n"
        "groups G1",
        "row none tcp\n"
        "switches S1\n"
        "routers R1",
        "GROUP_REMOVE R1 on G1\n"
        "ROUTER_ADD R1 on R1\n"
        "SWITCH_ADD R1 on S1\n",
    }, {
        "a row moves from group to group",
        "row R1 tcp\n"
        "groups G1 G2",
        "row none tcp\n"
        "groups G2 G3",
        "GROUP_ADD R1 on G3\n"
        "GROUP_REMOVE R1 on G1\n",
    }, {
        "a group is put on what it lacks and taken off what it has too much",
        "group G1\n"
        "switches S1 S2\n"
        "routers R1 R2",
        "group G1\n"
        "switches S2 S3\n"
        "routers R2 R3",
        "GROUP_ROUTER_ADD G1 on R3\n"
        "GROUP_ROUTER_REMOVE G1 on R1\n"
        "GROUP_SWITCH_ADD G1 on S3\n"
        "GROUP_SWITCH_REMOVE G1 on S1\n",
    }, {
        "a group that is settled is not compared",
        "row R1 tcp\n"
        "groups G1\n"
        "group G1\n"
        "switches S1",
        "row none tcp\n"
        "groups G1\n"
        "group G1\n"
        "settled",
        "",
    },

    /* The port. */
    {
        "the port is inserted on its switch",
        "", "port V1 S1 virtual M A\nportid a b",
        "PORT_INSERT V1 on S1\n",
    }, {
        "a port that is on another switch is made anew there",
        "port V1 S2 virtual M A",
        "port V1 S1 virtual M A",
        "PORT_DELETE V1 on S2\n"
        "PORT_INSERT V1 on S1\n",
    }, {
        "a port that is on no switch is made anew",
        "port V1 none virtual M A",
        "port V1 S1 virtual M A",
        "PORT_DELETE V1\n"
        "PORT_INSERT V1 on S1\n",
    }, {
        "a port of another type is set right",
        "port V1 S1  M A",
        "port V1 S1 virtual M A",
        "PORT_SET V1\n",
    }, {
        "a port with other addresses is set right",
        "port V1 S1 virtual M B",
        "port V1 S1 virtual M A",
        "PORT_SET V1\n",
    }, {
        "a port keeps others' external_ids",
        "port V1 S1 virtual M A\n"
        "portid a b\n"
        "portid x y",
        "port V1 S1 virtual M A\n"
        "portid a c\n"
        "portid d e",
        "PORT_EXTERNAL_ID_SET V1 a=c\n"
        "PORT_EXTERNAL_ID_SET V1 d=e\n",
    }, {
        "each of several ports is itself",
        "port V1 S1 virtual M A\n"
        "port V2 S1 virtual M B\n"
        "portname two\n"
        "port V3 S1 virtual M C\n"
        "portname three",
        "port V1 S1 virtual M A\n"
        "port V2 S2 virtual M B\n"
        "portname two\n"
        "port V4 S1 virtual M D\n"
        "portname four",
        "PORT_DELETE V2 on S1\n"
        "PORT_DELETE V3 on S1\n"
        "PORT_INSERT V2 on S2\n"
        "PORT_INSERT V4 on S1\n",
    }, {
        "a port that is shared stays when one has no use for it",
        "port V1 S1 virtual M A\n"
        "shared",
        "",
        "",
    },

    /* Health checks. */
    {
        "a check is inserted into its row",
        "row T1 tcp",
        "row none tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "check none 10.0.1.5:80\n"
        "checkoption interval 5",
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "MAPPING_SET T1 10.0.2.1=p1:10.0.2.254\n",
    }, {
        "with another UUID if that one is taken",
        "row T1 tcp\n"
        "check C1 10.0.1.6:80",
        "row none tcp\n"
        "check none 10.0.1.5:80",
        "CHECK_INSERT T1 on C2 10.0.1.5:80\n"
        "CHECK_REMOVE T1 on C1\n",
    }, {
        "a new row has its mappings from the beginning, and then its checks",
        "",
        "row none tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "check none 10.0.1.5:80",
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "ROW_INSERT T1=B1\n",
    }, {
        "a change of one option leaves the others, and others' keys",
        "row T1 tcp\n"
        "check C1 10.0.1.5:80\n"
        "checkoption interval 5\n"
        "checkoption timeout 3\n"
        "checkoption success_count 2\n"
        "checkoption somebodys own\n"
        "checkid octavia:healthmonitor H1\n"
        "checkid somebody else",
        "row none tcp\n"
        "check none 10.0.1.5:80\n"
        "checkoption interval 6\n"
        "checkoption timeout 3\n"
        "checkid octavia:healthmonitor H2",
        "CHECK_EXTERNAL_ID_SET C1 octavia:healthmonitor=H2\n"
        "CHECK_OPTION_REMOVE C1 success_count\n"
        "CHECK_OPTION_SET C1 interval=6\n",
    }, {
        "a check of another VIP goes, as does a second one of the same",
        "row T1 tcp\n"
        "check H1 10.0.1.5:80\n"
        "check H2 10.0.1.5:80\n"
        "check H3 10.0.1.5:81",
        "row none tcp\n"
        "check none 10.0.1.5:80",
        "CHECK_REMOVE T1 on H2\n"
        "CHECK_REMOVE T1 on H3\n",
    }, {
        "checks without VIP are told apart by the VIP they would be for",
        "row T1 tcp\n"
        "check H2\n"
        "checkid octavia:vip 10.0.1.6\n"
        "checkid octavia:pool_id P1\n"
        "check H1\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1",
        "row none tcp\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.6\n"
        "checkid octavia:pool_id P1",
        "",
    }, {
        "and by their pool",
        "row T1 tcp\n"
        "check H2\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P2\n"
        "check H1\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1",
        "row none tcp\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P1\n"
        "check none\n"
        "checkid octavia:vip 10.0.1.5\n"
        "checkid octavia:pool_id P2",
        "",
    }, {
        "mappings are set and removed one by one",
        "row R1 tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "map 10.0.2.2 p2:10.0.2.254\n"
        "map [fd00:2::1] p1:[fd00:2::fe]",
        "row none tcp\n"
        "map 10.0.2.1 p1:10.0.2.254\n"
        "map [fd00:2::1] p1:[fd00:2::ff]",
        "MAPPING_REMOVE R1 10.0.2.2\n"
        "MAPPING_SET R1 [fd00:2::1]=p1:[fd00:2::ff]\n",
    }, {
        "a row that goes takes its checks with it",
        "row R1 tcp\ncheck H1 10.0.1.5:80",
        "",
        "ROW_DELETE R1\n",
    },

    /* Which row continues which. */
    {
        "when pools fall out, the row that hashes as before stays, and the "
        "other takes its listener along",
        "row R1 tcp\n"
        "hash ip_src ip_dst tp_src tp_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.2:80",
        "row none tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "row none tcp\n"
        "hash ip_src ip_dst tp_src tp_dst\n"
        "vip 10.0.1.5:81 10.0.2.2:80",
        "ROW_INSERT T1=B1\n"
        "VIP_REMOVE R1 10.0.1.5:80\n",
    }, {
        "when they agree again, one row is left",
        "row R1 tcp\n"
        "hash ip_src ip_dst tp_src tp_dst\n"
        "vip 10.0.1.5:81 10.0.2.2:80\n"
        "row R2 tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80",
        "row none tcp\n"
        "hash ip_src ip_dst\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.5:81 10.0.2.2:80",
        "ROW_DELETE R1\n"
        "VIP_SET R2 10.0.1.5:81=10.0.2.2:80\n",
    }, {
        "when all change alike, the row stays",
        "row R1 tcp\nhash ip_src ip_dst\n"
        "option affinity_timeout 60",
        "row none tcp\nhash ip_src ip_dst\n"
        "option affinity_timeout 90",
        "OPTION_SET R1 affinity_timeout=90\n",
    }, {
        "rows of one protocol are told apart by timeouts, too",
        "row R1 tcp\n"
        "option affinity_timeout 60\n"
        "row R2 tcp\n"
        "row R3 tcp\n"
        "option affinity_timeout 90",
        "row none tcp\n"
        "row none tcp\n"
        "option affinity_timeout 90\n"
        "row none tcp\n"
        "option affinity_timeout 60",
        "",
    }, {
        "new rows of one protocol have UUIDs of their own",
        "",
        "row none tcp\ncheck none 10.0.1.5:80\n"
        "row none tcp\nhash ip_src",
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "ROW_INSERT T1=B1\n"
        "ROW_INSERT T2=B1\n",
    },

    /* Floating IPs of members. */
    {
        "a NAT row is centralised, once; undoing is for others",
        "nat N1\nnat N2",
        "nat N2\nnat N3",
        "NAT_CENTRALISE N3\n",
    },
};

/* The first labels that follow from 'space' by 'next' are called NAME1, NAME2
 * and so on. */
static void
name_chain(struct uuid uuid, char name, const char *next)
{
    for (int i = 1; i <= 3; i++) {
        char text[8];

        snprintf(text, sizeof text, "%c%d", name, i);
        uuid = name_uuid(&uuid, next);
        uuid_call(&uuid, text);
    }
}

static void
name_candidates(void)
{
    name_chain(uuid_of("B1"), 'T', "tcp");
    name_chain(uuid_of("B1"), 'U', "udp");
    name_chain(uuid_of("B1"), 'E', "");
    name_chain(uuid_of("T1"), 'C', "check/10.0.1.5:80");
}

static char *
format_plan(const struct plan *plan)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    plan_format(plan, &s);
    return name_uuids(ds_steal_cstr(&s));
}

static void
check_is_empty(const struct ovn_lb *want, const struct ovn_lb *seen)
{
    struct plan plan;

    plan_diff(want, seen, &plan);
    char *text = format_plan(&plan);
    assert_string_equal(text, "");
    free(text);
    plan_uninit(&plan);
}

static void
test_difference(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct ovn_lb want, seen;
        struct plan plan;

        print_message("%s\n", rows[i].title);
        ovn_lb_parse(rows[i].want, &want);
        ovn_lb_parse(rows[i].seen, &seen);
        plan_diff(&want, &seen, &plan);
        char *text = sort_lines(format_plan(&plan));
        assert_string_equal(text, rows[i].expected);
        free(text);

        /* Once done, there is nothing to do. */
        ovn_lb_apply(&seen, &plan);
        plan_uninit(&plan);
        check_is_empty(&want, &seen);
        ovn_lb_uninit(&want);
        ovn_lb_uninit(&seen);
    }
}

/* Within a transaction, a row must be there before it is put on anything, what
 * it is in before that, and a port's name must be free before another port
 * gets it. */
static void
test_order(void **state)
{
    static const char expected[] =
        "PORT_DELETE V2 on S2\nPORT_INSERT V1 on S1\n"
        "GROUP_INSERT G1\n"
        "GROUP_SWITCH_ADD G1 on S1\n"
        "GROUP_ROUTER_ADD G1 on R1\n"
        "ROW_INSERT T1=B1\n"
        "CHECK_INSERT T1 on C1 10.0.1.5:80\n"
        "SWITCH_ADD T1 on S1\n"
        "ROUTER_ADD T1 on R1\n"
        "GROUP_ADD T1 on G1\n"
        "NAT_CENTRALISE N1\n";
    struct ovn_lb want, seen;
    struct plan plan;

    ovn_lb_parse("row none tcp\n"
                 "check none 10.0.1.5:80\n"
                 "switches S1\n"
                 "routers R1\n"
                 "groups G1\n"
                 "port V1 S1 virtual M A\n"
                 "group G1\n"
                 "switches S1\n"
                 "routers R1\n"
                 "nat N1", &want);
    ovn_lb_parse("port V2 S2 virtual M A", &seen);
    plan_diff(&want, &seen, &plan);
    char *text = format_plan(&plan);
    assert_string_equal(text, expected);
    free(text);
    plan_uninit(&plan);
    ovn_lb_uninit(&want);
    ovn_lb_uninit(&seen);
}

/* The same question has the same answer: a repeated insert must collide. */
static void
test_repetition(void **state)
{
    struct ovn_lb want, seen;
    struct plan a, b;

    ovn_lb_parse("row none tcp\nrow none udp\nrow none sctp", &want);
    ovn_lb_parse("row T1 tcp", &seen);
    plan_diff(&want, &seen, &a);
    plan_diff(&want, &seen, &b);
    assert_int_equal(a.n, 2);
    assert_int_equal(b.n, 2);
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.steps[i].verb, PLAN_ROW_INSERT);
        assert_true(uuid_equals(&a.steps[i].row, &b.steps[i].row));
    }
    assert_false(uuid_equals(&a.steps[0].row, &a.steps[1].row));
    plan_uninit(&a);
    plan_uninit(&b);
    ovn_lb_uninit(&want);
    ovn_lb_uninit(&seen);
}

static int
setup(void **state)
{
    name_candidates();
    return 0;
}

static int
teardown(void **state)
{
    uuid_forget_all();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_repetition),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, setup, teardown);
}
