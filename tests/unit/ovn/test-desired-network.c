/* SPDX-License-Identifier: Apache-2.0
 *
 * What a load balancer should look like in OVN, given what is around it:
 * who carries it, its floating IPs, and the ports that it needs.
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
#include "model/objects.h"
#include "model/wanted.h"
#include "net/topology.h"
#include "net/vip-ports.h"
#include "openvswitch/vlog.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "rows-fixture.h"
#include "svec.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

#define V6 "00000056-0000-4000-8000-000000000006"
#define V7 "00000056-0000-4000-8000-000000000007"

/* N1 (10.0.1.0/24, fd00:1::/64) and N2 (10.0.2.0/24) on R1, which has floating
 * IPs for addresses that end in .5 and .6.  R5, behind which is N5, has one
 * for the first, too, which it cannot have got from there.  V6 and V7 are
 * ports that users brought, and Neutron says that they have floating IPs. */
static const char network[] =
    ADD_SWITCH("N1", MAP2("subnet", "10.0.1.0/24", "ipv6_prefix", "fd00:1::"))
    ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N5", MAP("subnet", "10.0.5.0/24")) ","
    ADD_PORT("N1", "n1r", PEER("rn1")) ","
    ADD_PORT("N2", "n2r", PEER("rn2")) ","
    ADD_PORT("N5", "n5r", PEER("rn5")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R5") ","
    ADD_ROUTER_PORT("R1", "rn1", "'10.0.1.1/24'") ","
    ADD_ROUTER_PORT("R1", "rn2", "'10.0.2.1/24'") ","
    ADD_ROUTER_PORT("R5", "rn5", "'10.0.5.1/24'") ","
    ADD_NAT("R1", FIXED("1"), FLOATING("172.24.4.15", "10.0.1.5")) ","
    ADD_NAT("R1", FIXED("2"), FLOATING("172.24.4.16", "10.0.1.6")) ","
    ADD_NAT("R1", FIXED("3"), FLOATING("172.24.4.26", "10.0.1.6")) ","
    ADD_NAT("R1", FIXED("4"), FLOATING("fd99::15", "fd00:1::5")) ","
    ADD_NAT("R1", FIXED("5"), NAT("snat", "172.24.4.1", "10.0.1.7")) ","
    ADD_NAT("R5", FIXED("6"), FLOATING("172.24.4.55", "10.0.1.5")) ","
    OP_PORTS(SWITCH, "N1", "insert", NEW("v6")) ","
    "{'op':'insert','table':'Logical_Switch_Port','uuid-name':'v6','row':{"
    "'name':'" V6 "','external_ids':" MAP("neutron:port_fip", "172.24.4.17")
    "}},"
    OP_PORTS(SWITCH, "N1", "insert", NEW("v7")) ","
    "{'op':'insert','table':'Logical_Switch_Port','uuid-name':'v7','row':{"
    "'name':'" V7 "','external_ids':" MAP("neutron:port_fip", "172.24.4.15")
    "}}";

/* 'sources' are "SUBNET=IP" of ports that are ours, or "SUBNET~IP" of
 * Neutron's.  'watched' are the addresses whose change matters; NULL: not
 * asked. */
struct row {
    const char *title;
    const char *tree;
    const char *sources;
    bool use_groups;
    unsigned int parts;
    const char *expected;
    const char *watched;
    bool has_central_replies;
};

static const struct row places[] = {
    {
        "each row is where its own members are",
        "lb 10.0.1.9 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.1.1 80\n"
        "pool P2 udp\n"
        "member M2 10.0.2.1 80 subnet=S2\n"
        "member M3 10.0.2.2 80 subnet=S2",
        NULL, false, OVN_LB_ROW | OVN_LB_IDS | OVN_LB_PLACES,
        "row tcp\n"
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 2}\n"
        "id neutron:vip 10.0.1.9\n"
        "id neutron:vip_port_id V1\n"
        "switches N1 N2\n"
        "routers R1\n"
        "row udp\n"
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 1, \"N2\": 2}\n"
        "id neutron:vip 10.0.1.9\n"
        "id neutron:vip_port_id V1\n"
        "switches N1 N2\n"
        "routers R1\n",
        NULL,
        false,
    }, {
        "a member that is down still counts, one that is deleted does not",
        "lb 10.0.1.9 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.1.1 80 down\n"
        "member M2 10.0.2.1 80 subnet=S2 PENDING_DELETE\n"
        "pool P2 tcp PENDING_DELETE\n"
        "member M3 10.0.2.2 80 subnet=S2",
        NULL, false, OVN_LB_IDS,
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 2}\n"
        "id neutron:vip 10.0.1.9\n"
        "id neutron:vip_port_id V1\n",
        NULL,
        false,
    }, {
        "a port that the user brought is not ours",
        "lb 10.0.1.9 subnet=S1 port=V1",
        NULL, false, OVN_LB_PORT, "", NULL,
        false,
    }, {
        "the VIP's own port holds its address, and answers nobody",
        "lb 10.0.1.9 subnet=S1 port=V9",
        NULL, false, OVN_LB_PORT,
        "port V9 N1 virtual MAC 10.0.1.9\n"
        "portid neutron:cidrs 10.0.1.9/24\n"
        "portid neutron:device_id lb-B1\n"
        "portid neutron:device_owner ovn-lb:vip\n"
        "portid neutron:port_name ovn-lb-vip-B1\n"
        "portid neutron:project_id demo\n",
        NULL,
        false,
    }, {
        "so it does with an IPv6 address",
        "lb fd00:1::9 subnet=F1 port=V9",
        NULL, false, OVN_LB_PORT,
        "port V9 N1 virtual MAC fd00:1::9\n"
        "portid neutron:cidrs fd00:1::9/64\n"
        "portid neutron:device_id lb-B1\n"
        "portid neutron:device_owner ovn-lb:vip\n"
        "portid neutron:port_name ovn-lb-vip-B1\n"
        "portid neutron:project_id demo\n",
        NULL,
        false,
    }, {
        "the port stays while the load balancer is down",
        "lb 10.0.1.9 subnet=S2 port=V9 down",
        NULL, false, OVN_LB_PORT,
        "port V9 N2 virtual MAC 10.0.1.9\n"
        "portid neutron:cidrs 10.0.1.9/24\n"
        "portid neutron:device_id lb-B1\n"
        "portid neutron:device_owner ovn-lb:vip\n"
        "portid neutron:port_name ovn-lb-vip-B1\n"
        "portid neutron:project_id demo\n",
        NULL,
        false,
    }, {
        "a load balancer that is being deleted has no port",
        "lb 10.0.1.9 subnet=S1 port=V9 PENDING_DELETE",
        NULL, false, OVN_LB_ALL, "", NULL,
        false,
    }, {
        "VIPs in several networks are in all of them",
        "lb 10.0.1.5 subnet=S1\n"
        "vip 10.0.5.5 subnet=S5\n"
        "vip 10.0.2.5 net=N2",
        NULL, false, OVN_LB_PLACES,
        "switches N1 N2 N5\n"
        "routers R1 R5\n",
        NULL,
        false,
    }, {
        "with groups, a row tells where its VIPs and members are, and nobody "
        "is named",
        "lb 10.0.1.5 subnet=S1 net=N1\n"
        "vip fd00:1::5 subnet=F1\n"
        "listener L1 tcp 80\n"
        "pool P1 tcp\n"
        "member M1 10.0.1.1 80\n"
        "member M2 10.0.2.1 80 subnet=S2 PENDING_DELETE\n"
        "member M3 10.0.2.1 80 subnet=S2\n"
        "member M4 10.9.9.9 80 subnet=none\n"
        "pool P2 tcp source_ip affinity=60\n"
        "member M5 10.0.5.1 80 subnet=S5",
        NULL, true, OVN_LB_ROW | OVN_LB_HASH | OVN_LB_PLACES | OVN_LB_GROUPS,
        "row tcp\n"
        "hash ip_dst ip_src\n"
        "option affinity_timeout 60\n"
        "wants 46 F1 S1/N1 S5\n"
        "row tcp\n"
        "hash ip_dst ip_src tp_dst tp_src\n"
        "wants 46 F1 S1 S1/N1 S2\n"
        "row tcp\n"
        "option affinity_timeout 60\n"
        "wants 46 F1 S1/N1 S5\n",
        NULL,
        false,
    }, {
        "and there are no references in it",
        "lb 10.0.1.9 subnet=S1",
        NULL, true, OVN_LB_IDS | OVN_LB_PLACES,
        "id enabled True\n"
        "id neutron:vip 10.0.1.9\n"
        "id neutron:vip_port_id V1\n"
        "wants 4 S1\n",
        NULL,
        false,
    },
    { .title = NULL },
};

#define LISTENER                                                        \
    "listener L1 tcp 80 pool=P1\n"                                      \
    "pool P1 tcp\n"                                                     \
    "member M1 10.0.2.1 80 subnet=S2\n"                                 \
    "member M2 fd00:2::1 80 subnet=none\n"
#define FLOATING_PARTS (OVN_LB_VIPS | OVN_LB_IDS)

static const struct row floating_ips[] = {
    {
        "a VIP without a floating IP has none",
        "lb 10.0.1.9 subnet=S1\n"
        LISTENER,
        NULL, false, FLOATING_PARTS,
        "vip 10.0.1.9:80 10.0.2.1:80\n"
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 1, \"N2\": 1}\n"
        "id neutron:vip 10.0.1.9\n"
        "id neutron:vip_port_id V1\n",
        "10.0.1.9 fd00:2::1",
        false,
    }, {
        "the NAT row of a router on the VIP's network makes a floating IP, "
        "that of another router does not",
        "lb 10.0.1.5 subnet=S1\n"
        LISTENER,
        NULL, false, FLOATING_PARTS,
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 172.24.4.15:80 10.0.2.1:80\n"
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 1, \"N2\": 1}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_fip 172.24.4.15\n"
        "id neutron:vip_port_id V1\n",
        "10.0.1.5 10.0.2.1 fd00:2::1",
        false,
    }, {
        "the network will do if there is no subnet",
        "lb 10.0.1.5 net=N1\n"
        LISTENER,
        NULL, false, OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 172.24.4.15:80 10.0.2.1:80\n",
        NULL,
        false,
    }, {
        "if the VIP's network is not known, nobody's NAT row is",
        "lb 10.0.1.5\n"
        LISTENER,
        NULL, false, OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.1:80\n",
        NULL,
        false,
    }, {
        "Neutron's word on the VIP's port counts, whosever it is",
        "lb 10.0.1.9 subnet=S1 port=V6\n"
        LISTENER,
        NULL, false, FLOATING_PARTS,
        "vip 10.0.1.9:80 10.0.2.1:80\n"
        "vip 172.24.4.17:80 10.0.2.1:80\n"
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 1, \"N2\": 1}\n"
        "id neutron:vip 10.0.1.9\n"
        "id neutron:vip_fip 172.24.4.17\n"
        "id neutron:vip_port_id V6\n",
        NULL,
        false,
    }, {
        "what both say counts once",
        "lb 10.0.1.5 subnet=S1 port=V7\n"
        LISTENER,
        NULL, false, OVN_LB_VIPS,
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 172.24.4.15:80 10.0.2.1:80\n",
        NULL,
        false,
    }, {
        "of several floating IPs the first is the VIP's own, and others are "
        "additional",
        "lb 10.0.1.6 subnet=S1 port=V6\n"
        LISTENER,
        NULL, false, FLOATING_PARTS,
        "vip 10.0.1.6:80 10.0.2.1:80\n"
        "vip 172.24.4.16:80 10.0.2.1:80\n"
        "vip 172.24.4.17:80 10.0.2.1:80\n"
        "vip 172.24.4.26:80 10.0.2.1:80\n"
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 1, \"N2\": 1}\n"
        "id neutron:additional_vip_fips 172.24.4.17,172.24.4.26\n"
        "id neutron:vip 10.0.1.6\n"
        "id neutron:vip_fip 172.24.4.16\n"
        "id neutron:vip_port_id V6\n",
        NULL,
        false,
    }, {
        "those of additional VIPs are all additional",
        "lb 10.0.1.9 subnet=S1\n"
        "vip 10.0.1.5 subnet=S1 port=V2\n"
        "vip 10.0.1.9 subnet=S1 port=V6\n"
        LISTENER,
        NULL, false, FLOATING_PARTS,
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 10.0.1.9:80 10.0.2.1:80\n"
        "vip 172.24.4.15:80 10.0.2.1:80\n"
        "vip 172.24.4.17:80 10.0.2.1:80\n"
        "id enabled True\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 3, \"N2\": 1}\n"
        "id neutron:additional_vip_fips 172.24.4.15,172.24.4.17\n"
        "id neutron:additional_vip_port_ids V2,V6\n"
        "id neutron:additional_vips 10.0.1.5,10.0.1.9\n"
        "id neutron:vip 10.0.1.9\n"
        "id neutron:vip_port_id V1\n",
        "10.0.1.5 10.0.1.9 10.0.2.1 fd00:2::1",
        false,
    }, {
        "without one, members' are looked at if OVN has central replies",
        "lb 10.0.1.7 subnet=S1\n"
        LISTENER,
        NULL, false, OVN_LB_VIPS,
        "vip 10.0.1.7:80 10.0.2.1:80\n",
        "10.0.1.7 10.0.2.1 fd00:2::1",
        true,
    }, {
        "an IPv6 VIP has IPv6 floating IPs, not its port's IPv4 one",
        "lb fd00:1::5 subnet=F1 port=V6\n"
        LISTENER,
        NULL, false, OVN_LB_VIPS,
        "vip [fd00:1::5]:80 [fd00:2::1]:80\n"
        "vip [fd99::15]:80 [fd00:2::1]:80\n",
        NULL,
        false,
    }, {
        "a row of another kind is no floating IP",
        "lb 10.0.1.7 subnet=S1\n"
        LISTENER,
        NULL, false, OVN_LB_VIPS,
        "vip 10.0.1.7:80 10.0.2.1:80\n",
        NULL,
        false,
    }, {
        "floating IPs stay known while the load balancer is down",
        "lb 10.0.1.5 subnet=S1 down\n"
        LISTENER,
        NULL, false, FLOATING_PARTS,
        "id enabled False\n"
        "id lr_ref R1\n"
        "id ls_refs {\"N1\": 1, \"N2\": 1}\n"
        "id neutron:vip 10.0.1.5\n"
        "id neutron:vip_fip 172.24.4.15\n"
        "id neutron:vip_port_id V1\n",
        NULL,
        false,
    }, {
        "where families part, floating IPs go with theirs",
        "lb 10.0.1.5 subnet=S1\n"
        "vip fd00:1::5 subnet=F1\n"
        "listener L1 tcp 80 pool=P1\n"
        "pool P1 tcp source_ip\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 fd00:2::1 80 subnet=none\n",
        NULL, false, OVN_LB_ROW | OVN_LB_VIPS,
        "row tcp\n"
        "vip 10.0.1.5:80 10.0.2.1:80\n"
        "vip 172.24.4.15:80 10.0.2.1:80\n"
        "row tcp\n"
        "vip [fd00:1::5]:80 [fd00:2::1]:80\n"
        "vip [fd99::15]:80 [fd00:2::1]:80\n",
        NULL,
        false,
    },
    { .title = NULL },
};

static const struct row ports[] = {
    {
        "each additional VIP has a port of its own, numbered from 1",
        "lb 10.0.1.5 subnet=S1 port=V9\n"
        "vip fd00:1::5 subnet=F1 port=V91\n"
        "vip 10.0.2.5 net=N2 port=V92",
        NULL, false, OVN_LB_PORT,
        "port V9 N1 virtual MAC 10.0.1.5\n"
        "portid neutron:cidrs 10.0.1.5/24\n"
        "portid neutron:device_id lb-B1\n"
        "portid neutron:device_owner ovn-lb:vip\n"
        "portid neutron:port_name ovn-lb-vip-B1\n"
        "portid neutron:project_id demo\n"
        "port V91 N1 virtual MAC fd00:1::5\n"
        "portname ovn-lb-vip-additional-1-B1\n"
        "portid neutron:cidrs fd00:1::5/64\n"
        "portid neutron:device_id lb-B1\n"
        "portid neutron:device_owner ovn-lb:vip\n"
        "portid neutron:port_name ovn-lb-vip-additional-1-B1\n"
        "portid neutron:project_id demo\n"
        "port V92 N2 virtual MAC 10.0.2.5\n"
        "portname ovn-lb-vip-additional-2-B1\n"
        "portid neutron:device_id lb-B1\n"
        "portid neutron:device_owner ovn-lb:vip\n"
        "portid neutron:port_name ovn-lb-vip-additional-2-B1\n"
        "portid neutron:project_id demo\n",
        NULL,
        false,
    }, {
        "an additional VIP whose port the user brought leaves its number out",
        "lb 10.0.1.5 subnet=S1\n"
        "vip 10.0.1.6 subnet=S1 port=V6\n"
        "vip 10.0.1.7 subnet=S1 port=V92",
        NULL, false, OVN_LB_PORT,
        "port V92 N1 virtual MAC 10.0.1.7\n"
        "portname ovn-lb-vip-additional-2-B1\n"
        "portid neutron:cidrs 10.0.1.7/24\n"
        "portid neutron:device_id lb-B1\n"
        "portid neutron:device_owner ovn-lb:vip\n"
        "portid neutron:port_name ovn-lb-vip-additional-2-B1\n"
        "portid neutron:project_id demo\n",
        NULL,
        false,
    }, {
        "a VIP without an address, or in no known network, has no port",
        "lb 10.0.1.5 subnet=S99 port=V9\n"
        "vip none subnet=S1 port=V91",
        NULL, false, OVN_LB_PORT, "", NULL,
        false,
    }, {
        "the source of probes has a port that all share, unless Neutron has "
        "one",
        "lb 10.0.1.5 subnet=S1\n"
        "pool P1 tcp\n"
        "monitor H1 tcp 5 3 2 3\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.1.1 80 subnet=S1",
        "S2=10.0.2.254 S1~10.0.1.254", false, OVN_LB_PORT,
        "port V95 N2 virtual MAC 10.0.2.254\n"
        "portname ovn-lb-hm-S2\n"
        "portid neutron:cidrs 10.0.2.254/24\n"
        "portid neutron:device_id ovn-lb-hm-S2\n"
        "portid neutron:device_owner ovn-lb-hm:distributed\n"
        "portid neutron:port_name ovn-lb-hm-S2\n"
        "shared\n",
        "10.0.1.1 10.0.1.254 10.0.1.5 10.0.2.1 10.0.2.254",
        false,
    },
    { .title = NULL },
};

/* "SUBNET=IP", or "SUBNET~IP". */
static void
parse_sources(const char *text, struct probe_sources *sources)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;

    svec_parse_words(&words, text);
    for (size_t i = 0; i < words.n; i++) {
        char *rest = words.names[i];
        struct probe_source source = { .is_ours = strchr(rest, '=') };

        source.subnet_id = uuid_of(strsep(&rest, "=~"));
        assert_true(ip_parse_any(rest, &source.ip));
        probe_sources_add(sources, &source);
    }
    svec_destroy(&words);
}

/* The MAC address follows from a hash: what matters is that it is one, of the
 * kind that nobody else gives. */
static void
check_macs(struct ovn_lb *lb)
{
    for (size_t i = 0; i < lb->n_ports; i++) {
        struct lb_port *port = lb->ports[i];

        assert_int_equal(strncmp(port->addresses, "0a:", 3), 0);
        assert_int_equal(strcspn(port->addresses, " "), 17);

        char *shown = xasprintf("MAC%s", port->addresses + 17);
        free(port->addresses);
        port->addresses = shown;
    }
}

static void
check_watched(const struct desired_watch *watch, const char *expected)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;

    svec_parse_words(&words, expected);
    assert_int_equal(uuidset_count(&watch->addresses), words.n);
    for (size_t i = 0; i < words.n; i++) {
        struct in6_addr ip;
        assert_true(ip_parse_any(words.names[i], &ip));
        struct uuid key = watch_address(&ip);
        assert_true(uuidset_contains(&watch->addresses, &key));
    }
    svec_destroy(&words);
}

static void
check_row(const struct topology *topology, const struct row *row)
{
    struct desired_facts facts = {
        .topology = topology,
        .has_central_replies = row->has_central_replies,
        .use_groups = row->use_groups,
    };
    struct model_lb *lb = model_lb_parse(row->tree);
    struct model_lb *wanted = model_wanted_create(lb);
    struct desired_watch watch;
    struct ovn_lb want;

    parse_sources(row->sources ? row->sources : "", &facts.sources);
    desired_watch_init(&watch);
    desired_lb(wanted, &facts, &want, &watch);
    model_wanted_destroy(wanted);
    check_macs(&want);
    char *actual = ovn_lb_format(&want, row->parts);
    assert_string_equal(actual, row->expected);
    if (row->watched) {
        check_watched(&watch, row->watched);
    }
    free(actual);
    desired_watch_uninit(&watch);
    ovn_lb_uninit(&want);
    probe_sources_uninit(&facts.sources);
    model_lb_destroy(lb);
}

static void
check_rows(const struct topology *topology, const struct row *row)
{
    for (; row->title; row++) {
        print_message("%s\n", row->title);
        check_row(topology, row);
    }
}

static void
name_ports(void)
{
    struct uuid lb_id = uuid_of("B1");
    struct uuid subnet_id = uuid_of("S2");
    struct uuid uuid = vip_port_id(&lb_id, 0);

    uuid_call(&uuid, "V9");
    uuid = vip_port_id(&lb_id, 1);
    uuid_call(&uuid, "V91");
    uuid = vip_port_id(&lb_id, 2);
    uuid_call(&uuid, "V92");
    uuid = source_port_label(&subnet_id);
    uuid_call(&uuid, "V95");
}

static void
test_network(void **state)
{
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);
    name_ports();
    check_rows(tf.topology, places);
    check_rows(tf.topology, floating_ips);
    check_rows(tf.topology, ports);
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
