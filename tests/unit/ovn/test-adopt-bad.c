/* SPDX-License-Identifier: Apache-2.0
 *
 * Bad Northbound rows, back into load balancers: what is said about them, and
 * that the worst do no harm.
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
#include "nb-idl.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/adopt/adopt.h"
#include "ovsdb-idl.h"
#include "random.h"
#include "smap.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

static const struct adopt_test_row bad[] = {
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

static void
test_rows_are_read_back(void **state)
{
    struct topology_fixture tf;

    adopt_network_begin(&tf);
    adopt_check_rows(bad, tf.topology);
    adopt_network_end(&tf);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_read_back),
        cmocka_unit_test(test_damaged_rows_do_no_harm),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
