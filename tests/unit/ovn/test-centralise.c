/* SPDX-License-Identifier: Apache-2.0
 *
 * Which members' floating IPs have to be centralised.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model-fixture.h"
#include "model/objects.h"
#include "model/wanted.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/want/centralise.h"
#include "ovn/want/desired.h"
#include "ovn/want/vips.h"
#include "rows-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

#define DISTRIBUTED ",'external_mac':'0a:00:00:00:00:09','logical_port':'x'"
#define CENTRALISED                                                     \
    ",'external_ids':" MAP("ovn-octavia:external_mac", "0a:00:00:00:00:09")

/* The VIP 10.0.1.5 has a floating IP.  Of the members in N2, .1 has one that
 * is distributed, .2 one that never was, .3 one that we have centralised, and
 * .4 one of a router that is not there. */
static const char network[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R5") ","
    ADD_PORT("N1", "n1r", PEER("rn1")) ","
    ADD_PORT("N2", "n2r", PEER("rn2")) ","
    ADD_ROUTER_PORT("R1", "rn1", "'10.0.1.1/24'") ","
    ADD_ROUTER_PORT("R1", "rn2", "'10.0.2.254/24'") ","
    ADD_NAT("R1", FIXED("9"), FLOATING("172.24.4.9", "10.0.1.5")) ","
    ADD_NAT("R1", FIXED("1"), FLOATING("172.24.4.1", "10.0.2.1")
            DISTRIBUTED) ","
    ADD_NAT("R1", FIXED("2"), FLOATING("172.24.4.2", "10.0.2.2")) ","
    ADD_NAT("R1", FIXED("3"), FLOATING("172.24.4.3", "10.0.2.3")
            CENTRALISED) ","
    ADD_NAT("R5", FIXED("4"), FLOATING("172.24.4.4", "10.0.2.4")
            DISTRIBUTED);

static const struct row {
    const char *title;
    const char *tree;
    const char *expected;
    bool has_central_replies;
} rows[] = {
    {
        "a distributed floating IP has to be centralised, and stay so",
        "lb 10.0.1.5 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.2.2 80 subnet=S2\n"
        "member M3 10.0.2.3 80 subnet=S2\n"
        "member M4 10.0.2.4 80 subnet=S2",
        "nats N1 N3\n",
        false,
    }, {
        "once, however many members there are of it",
        "lb 10.0.1.5 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.2.1 81 subnet=S2\n"
        "pool P2 udp\n"
        "member M3 10.0.2.1 80 subnet=S2",
        "nats N1\n",
        false,
    }, {
        "the floating IP of an additional VIP counts as well",
        "lb 10.0.1.7 subnet=S1\n"
        "vip 10.0.1.5 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2",
        "nats N1\n",
        false,
    }, {
        "without a floating IP of the VIP, members may keep theirs",
        "lb 10.0.1.7 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2",
        "",
        false,
    }, {
        "unless OVN sends through the gateway what such members answer",
        "lb 10.0.1.7 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2\n"
        "member M2 10.0.2.2 80 subnet=S2\n"
        "member M3 10.0.2.3 80 subnet=S2\n"
        "member M4 10.0.2.4 80 subnet=S2",
        "nats N1 N3\n",
        true,
    }, {
        "what is going needs nothing then, either",
        "lb 10.0.1.7 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 PENDING_DELETE",
        "",
        true,
    }, {
        "what is going needs nothing",
        "lb 10.0.1.5 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=S2 PENDING_DELETE\n"
        "pool P2 tcp PENDING_DELETE\n"
        "member M2 10.0.2.1 80 subnet=S2",
        "",
        false,
    }, {
        "nor does a member of whose subnet nothing is known",
        "lb 10.0.1.5 subnet=S1\n"
        "pool P1 tcp\n"
        "member M1 10.0.2.1 80 subnet=none",
        "",
        false,
    }, {
        "who is down is still there: its connections live on",
        "lb 10.0.1.5 subnet=S1 down\n"
        "pool P1 tcp down\n"
        "member M1 10.0.2.1 80 subnet=S2 down",
        "nats N1\n",
        false,
    },
};

static void
name_nats(void)
{
    for (unsigned int i = 1; i <= 9; i++) {
        struct uuid uuid;
        char text[UUID_LEN + 1];
        char name[8];

        snprintf(text, sizeof text, "0000000%u-0000-4000-8000-000000000000",
                 i);
        snprintf(name, sizeof name, "N%u", i);
        assert_true(uuid_from_string(&uuid, text));
        uuid_call(&uuid, name);
    }
}

static void
test_find(void **state)
{
    struct topology_fixture tf;

    topology_fixture_init(&tf);
    topology_fixture_apply(&tf, network);
    name_network(tf.topology);
    name_nats();
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuidset nats = UUIDSET_INITIALIZER(&nats);
        struct model_lb *lb = model_lb_parse(rows[i].tree);
        struct model_lb *wanted = model_wanted_create(lb);
        struct ds s = DS_EMPTY_INITIALIZER;
        const struct desired_facts facts = {
            .topology = tf.topology,
            .has_central_replies = rows[i].has_central_replies,
        };
        struct vip_list vips;

        print_message("%s\n", rows[i].title);
        vip_list_init(&vips, lb, tf.topology);
        centralise_find(wanted, &vips, &facts, &nats);
        ds_put_cstr(&s, "");
        put_uuids(&s, "nats", &nats);
        assert_string_equal(ds_cstr(&s), rows[i].expected);
        ds_destroy(&s);
        vip_list_uninit(&vips);
        uuidset_destroy(&nats);
        model_wanted_destroy(wanted);
        model_lb_destroy(lb);
    }
    uuid_forget_all();
    topology_fixture_uninit(&tf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
