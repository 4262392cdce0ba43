/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference between wanted and seen in ACLs and entrances.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "openvswitch/vlog.h"
#include "plan-fixture.h"
#include "util.h"

#define WANT "acl A1 L1 R1 4 ip4\ncidrs 10.0.0.0/8\nentrance R1 P1 P2"

static const struct plan_row rows[] = {
    {
        "what is as it should be is left alone",
        "acl A7 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/8\n"
        "entrance R1 P2 P1",
        WANT,
        "",
    }, {
        "an entrance comes with its first ACL",
        "",
        WANT,
        "ACL_INSERT A1 on R1 B1=ip4\n"
        "ENTRANCE_INSERT R1\n"
        "ENTRANCE_PORT_ADD R1 on P1\n"
        "ENTRANCE_PORT_ADD R1 on P2\n",
    }, {
        "another ACL comes into the entrance that is there",
        "entrance R1 P1 P2",
        WANT,
        "ACL_INSERT A1 on R1 B1=ip4\n",
    }, {
        "one of which a hand took the mark is marked again",
        "acl A7 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/8\n"
        "entrance R1 P1 P2\n"
        "unmarked",
        WANT,
        "ENTRANCE_SET R1\n",
    }, {
        "the ACL for what is translated is one of its own",
        "acl A7 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/8\n"
        "acl A8 L1 R1 4 dnat before\n"
        "translated\n"
        "entrance R1 P1 P2",
        WANT "\nacl A2 L1 R1 4 dnat\ntranslated",
        "ACL_SET A8 on R1 B1=dnat\n",
    }, {
        "ports of an entrance come and go",
        "acl A7 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/8\n"
        "entrance R1 P2 P3",
        WANT,
        "ENTRANCE_PORT_ADD R1 on P1\n"
        "ENTRANCE_PORT_REMOVE R1 on P3\n",
    }, {
        "an ACL of a switch needs no entrance",
        "",
        "acl A1 L1 S1 4 ip4",
        "ACL_INSERT A1 on S1 B1=ip4\n",
    }, {
        "other ranges change the row",
        "acl A7 L1 R1 4 ip4 before\n"
        "cidrs 10.0.0.0/8\n"
        "entrance R1 P1 P2",
        WANT,
        "ACL_SET A7 on R1 B1=ip4\n",
    }, {
        "so do the same ones written in another way",
        "acl A7 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/9\n"
        "entrance R1 P1 P2",
        WANT,
        "ACL_SET A7 on R1 B1=ip4\n",
    }, {
        "a row of which anything else was changed is repaired",
        "acl A7 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/8\n"
        "altered\n"
        "entrance R1 P1 P2",
        WANT,
        "ACL_SET A7 on R1 B1=ip4\n",
    }, {
        "of two rows for the same, the one with the lower UUID stays",
        "acl A8 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/8\n"
        "acl A7 L1 R1 4 ip4\n"
        "cidrs 10.0.0.0/8\n"
        "entrance R1 P1 P2",
        WANT,
        "ACL_REMOVE A8 on R1\n",
    }, {
        "a listener that is for everybody has none",
        "acl A7 L1 R1 4 ip4\n"
        "acl A8 L1 S1 6 ip6",
        "",
        "ACL_REMOVE A7 on R1\n"
        "ACL_REMOVE A8 on S1\n",
    }, {
        "IP versions, places and listeners are different ACLs",
        "acl A7 L1 R1 4 ip4\n"
        "entrance R1",
        "acl A1 L1 R1 6 ip4\n"
        "acl A2 L1 R2 4 ip4\n"
        "acl A3 L2 R1 4 ip4\n"
        "entrance R1\n"
        "entrance R2",
        "ACL_INSERT A1 on R1 B1=ip4\n"
        "ACL_INSERT A2 on R2 B1=ip4\n"
        "ACL_INSERT A3 on R1 B1=ip4\n"
        "ACL_REMOVE A7 on R1\n"
        "ENTRANCE_INSERT R2\n",
    },
};

static void
test_plans(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("%s\n", rows[i].title);
        plan_check_row(&rows[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, plan_names_setup,
                                  plan_names_teardown);
}
