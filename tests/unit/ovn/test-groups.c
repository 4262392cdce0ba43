/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers and their groups: who shares one, when a group turns with its
 * load balancers, when they part, and what a restart finds.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "groups-fixture.h"
#include "model-fixture.h"
#include "net/topology.h"
#include "openvswitch/vlog.h"
#include "ovn/rows/rows.h"
#include "rows-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"

/* N1, N2 and N3 are behind R1, N5 is behind R5, N4 and N6 are alone. */
static const char network[] =
    ADD_SWITCH("N1", MAP("subnet", "10.0.1.0/24")) ","
    ADD_SWITCH("N2", MAP("subnet", "10.0.2.0/24")) ","
    ADD_SWITCH("N3", MAP("subnet", "10.0.3.0/24")) ","
    ADD_SWITCH("N4", MAP("subnet", "10.0.4.0/24")) ","
    ADD_SWITCH("N5", MAP("subnet", "10.0.5.0/24")) ","
    ADD_SWITCH("N6", MAP("subnet", "10.0.6.0/24")) ","
    ADD_ROUTER("R1") ","
    ADD_ROUTER("R5") ","
    LINK("N1", "R1", "r1n1", "'10.0.1.1/24'") ","
    LINK("N2", "R1", "r1n2", "'10.0.2.1/24'") ","
    LINK("N3", "R1", "r1n3", "'10.0.3.1/24'") ","
    LINK("N5", "R5", "r5n5", "'10.0.5.1/24'");

#define AT(PLACES) "row none tcp\nwants 4 " PLACES
#define NEW_GROUP_OF_R1                                                 \
    "GROUP_INSERT G1\n"                                                 \
    "GROUP_ROUTER_ADD G1 on R1\n"                                       \
    "GROUP_SWITCH_ADD G1 on N1\n"                                       \
    "GROUP_SWITCH_ADD G1 on N2\n"                                       \
    "GROUP_SWITCH_ADD G1 on N3\n"
#define JOIN(GROUP) "GROUP_ADD T1 on " GROUP "\n" "ROW_INSERT T1=B1\n"
#define MOVE(FROM, TO)                                                  \
    "GROUP_ADD T1 on " TO "\n" "GROUP_REMOVE T1 on " FROM "\n"

/* What happens, one after the other.  If 'lb' is a load balancer's number, it
 * is looked at, wanting 'what' (NULL: what it wanted before), and 'expected'
 * is the plan (NULL: any); if zero, 'what' changes the network; if negative,
 * it is an order: see groups_fixture_obey(). */
struct step {
    const char *title;
    int lb;
    const char *what;
    const char *expected;
};

static const struct step sharing[] = {
    { "the first makes a group", 1, AT("S1"), NEW_GROUP_OF_R1 JOIN("G1") },
    { "who needs the same joins it", 2, AT("S2"), JOIN("G1") },
    { "in whatever words", 3, AT("S99/N3 S1 S2"), JOIN("G1") },
    { "who needs less makes another", 4, AT("S4"),
      "GROUP_ADD T1 on G2\n"
      "GROUP_INSERT G2\n"
      "GROUP_SWITCH_ADD G2 on N4\n"
      "ROW_INSERT T1=B1\n" },
    { "a second look changes nothing", 1, NULL, "" },
    { "for nobody", 2, NULL, "" },
    { "nor does forgetting what was compared", -1, "touch", NULL },
    { "which is compared again", 3, NULL, "" },
    { "who needs something else moves there", 2, AT("S4"), MOVE("G1", "G2") },
    { "who is nowhere is in no group", 3, AT("S99"),
      "GROUP_REMOVE T1 on G1\n" },
    { "the last one out leaves the group as it is", 1, "",
      "GROUP_REMOVE T1 on G1\n"
      "ROW_DELETE T1\n" },
    { "who comes back finds it", 1, AT("S3"), JOIN("G1") },
    { .title = NULL },
};

static const struct step rows_apart[] = {
    { "rows of one load balancer may need different groups", 1,
      "row none tcp\n"
      "wants 4 S1\n"
      "row none udp\n"
      "wants 4 S1 S5",
      NEW_GROUP_OF_R1
      "GROUP_INSERT G2\n"
      "GROUP_ROUTER_ADD G2 on R1\n"
      "GROUP_ROUTER_ADD G2 on R5\n"
      "GROUP_SWITCH_ADD G2 on N1\n"
      "GROUP_SWITCH_ADD G2 on N2\n"
      "GROUP_SWITCH_ADD G2 on N3\n"
      "GROUP_SWITCH_ADD G2 on N5\n"
      "GROUP_ADD T1 on G1\n"
      "GROUP_ADD U1 on G2\n"
      "ROW_INSERT T1=B1\n"
      "ROW_INSERT U1=B1\n" },
    { "and stay in them", 1, NULL, "" },
    { "rows that need the same share one", 1,
      "row none tcp\n"
      "wants 4 S1\n"
      "row none udp\n"
      "wants 4 S2",
      "GROUP_ADD U1 on G1\n"
      "GROUP_REMOVE U1 on G2\n" },
    { "of several, one may move on alone", 1,
      "row none tcp\n"
      "wants 4 S1 S5\n"
      "row none udp\n"
      "wants 4 S2",
      "GROUP_ADD T1 on G2\n"
      "GROUP_REMOVE T1 on G1\n" },
    { .title = NULL },
};

#define ATTACH_N4 LINK("N4", "R1", "r1n4", "'10.0.4.1/24'")
#define DETACH_N4                                                       \
    OP_UPDATE(ROUTER, "R1", "'ports':['set',[]]") ","                   \
    LINK("N1", "R1", "r1n1b", "'10.0.1.1/24'")

static const struct step attaching[] = {
    { "two share a group", 1, AT("S1"), NEW_GROUP_OF_R1 JOIN("G1") },
    { "of which this is the other", 2, AT("S2"), JOIN("G1") },
    { "the router gets another switch", 0, ATTACH_N4, NULL },
    { "one of them has the group put there", 2, NULL,
      "GROUP_SWITCH_ADD G1 on N4\n" },
    { "and the other has nothing to do", 1, NULL, "" },
    { "the router loses most of its switches", 0, DETACH_N4, NULL },
    { "who is still there clears up, and leaves the other what it needs", 1,
      NULL,
      "GROUP_SWITCH_REMOVE G1 on N3\n"
      "GROUP_SWITCH_REMOVE G1 on N4\n" },
    { "which clears up when it goes", 2, NULL,
      "GROUP_ADD T1 on G2\n"
      "GROUP_INSERT G2\n"
      "GROUP_REMOVE T1 on G1\n"
      "GROUP_SWITCH_ADD G2 on N2\n"
      "GROUP_SWITCH_REMOVE G1 on N2\n" },
    { "and then there is nothing to do", 1, NULL, "" },
    { .title = NULL },
};

static const struct step turning[] = {
    { "three live on a lonely switch", 1, AT("S4"),
      "GROUP_ADD T1 on G1\n"
      "GROUP_INSERT G1\n"
      "GROUP_SWITCH_ADD G1 on N4\n"
      "ROW_INSERT T1=B1\n" },
    { "two", 2, AT("S4"), JOIN("G1") },
    { "three", 3, AT("S4"), JOIN("G1") },
    { "a router comes", 0, LINK("N4", "R5", "r5n4", "'10.0.4.1/24'"), NULL },
    { "the first of them turns the whole group", 2, NULL,
      "GROUP_ROUTER_ADD G1 on R5\n"
      "GROUP_SWITCH_ADD G1 on N5\n" },
    { "the others stay in it", 1, NULL, "" },
    { "and need nothing", 3, NULL, "" },
    { "somebody new joins them, though the group is not called after what it "
      "is", 4, AT("S5"), JOIN("G1") },
    { "a restart", -1, "restart", NULL },
    { "finds all at home", 3, NULL, "" },
    { "and at rest", 1, NULL, "" },
    { "all of them", 2, NULL, "" },
    { "even the last", 4, NULL, "" },
    { .title = NULL },
};

static const struct step parting[] = {
    { "one lives on N1", 1, AT("S1"), NEW_GROUP_OF_R1 JOIN("G1") },
    { "the other on N2, behind the same router", 2, AT("S2"), JOIN("G1") },
    { "a second router comes to N1", 0,
      LINK("N1", "R5", "r5n1", "'10.0.1.5/24'"), NULL },
    { "who needs it leaves the group", 1, NULL,
      "GROUP_ADD T1 on G2\n"
      "GROUP_INSERT G2\n"
      "GROUP_REMOVE T1 on G1\n"
      "GROUP_ROUTER_ADD G2 on R1\n"
      "GROUP_ROUTER_ADD G2 on R5\n"
      "GROUP_SWITCH_ADD G2 on N1\n"
      "GROUP_SWITCH_ADD G2 on N2\n"
      "GROUP_SWITCH_ADD G2 on N3\n"
      "GROUP_SWITCH_ADD G2 on N5\n" },
    { "who does not stays", 2, NULL, "" },
    { .title = NULL },
};

/* N4 and N6 are alone, and get the same router. */
static const struct step merging[] = {
    { "one lives on N4", 1, AT("S4"),
      "GROUP_ADD T1 on G1\n"
      "GROUP_INSERT G1\n"
      "GROUP_SWITCH_ADD G1 on N4\n"
      "ROW_INSERT T1=B1\n" },
    { "with another", 2, AT("S4"), JOIN("G1") },
    { "somebody lives behind R5", 3, AT("S5"),
      "GROUP_ADD T1 on G2\n"
      "GROUP_INSERT G2\n"
      "GROUP_ROUTER_ADD G2 on R5\n"
      "GROUP_SWITCH_ADD G2 on N5\n"
      "ROW_INSERT T1=B1\n" },
    { "and somebody alone on N6", 4, AT("S6"),
      "GROUP_ADD T1 on G3\n"
      "GROUP_INSERT G3\n"
      "GROUP_SWITCH_ADD G3 on N6\n"
      "ROW_INSERT T1=B1\n" },
    { "R5 comes to both", 0,
      LINK("N4", "R5", "r5n4", "'10.0.4.1/24'") ","
      LINK("N6", "R5", "r5n6", "'10.0.6.1/24'"), NULL },
    { "a group of several turns, since that is less than to move them", 2,
      NULL,
      "GROUP_ROUTER_ADD G1 on R5\n"
      "GROUP_SWITCH_ADD G1 on N5\n"
      "GROUP_SWITCH_ADD G1 on N6\n" },
    { "the group that was there gets the switches", 3, NULL,
      "GROUP_SWITCH_ADD G2 on N4\n"
      "GROUP_SWITCH_ADD G2 on N6\n" },
    { "a single one moves to one of the two", 4, NULL, NULL },
    { "so that nobody is in the third", -1, "unused G3", NULL },
    { "the others", 1, NULL, "" },
    { "have nothing", 2, NULL, "" },
    { "to do", 3, NULL, "" },
    { .title = NULL },
};

/* While the driver is away, things change.  Nobody may lose anything because
 * somebody else is looked at first. */
static const struct step returning[] = {
    { "two share a group", 1, AT("S1"), NEW_GROUP_OF_R1 JOIN("G1") },
    { "of which this is the other", 2, AT("S2"), JOIN("G1") },
    { "the driver goes", -1, "restart", NULL },
    { "meanwhile, one needed something else: it leaves, and the group stays "
      "as it is", 1, AT("S6"),
      "GROUP_ADD T1 on G2\n"
      "GROUP_INSERT G2\n"
      "GROUP_REMOVE T1 on G1\n"
      "GROUP_SWITCH_ADD G2 on N6\n" },
    { "the other has nothing to do", 2, NULL, "" },
    { "the driver goes again", -1, "restart", NULL },
    { "meanwhile, the router got a switch", 0,
      LINK("N4", "R1", "r1n4", "'10.0.4.1/24'"), NULL },
    { "the group follows", 2, NULL, "GROUP_SWITCH_ADD G1 on N4\n" },
    { "and R5 comes to N2", 0, LINK("N2", "R5", "r5n2", "'10.0.2.5/24'"),
      NULL },
    { "so the group turns", 2, NULL,
      "GROUP_ROUTER_ADD G1 on R5\n"
      "GROUP_SWITCH_ADD G1 on N5\n" },
    { "the driver goes once more", -1, "restart", NULL },
    { "somebody new needs what the group was made for, and must not have it "
      "back", 3, AT("S1"),
      "GROUP_ADD T1 on G3\n"
      "GROUP_INSERT G3\n"
      "GROUP_ROUTER_ADD G3 on R1\n"
      "GROUP_SWITCH_ADD G3 on N1\n"
      "GROUP_SWITCH_ADD G3 on N2\n"
      "GROUP_SWITCH_ADD G3 on N3\n"
      "GROUP_SWITCH_ADD G3 on N4\n"
      "ROW_INSERT T1=B1\n" },
    { "who is in it has nothing to do", 2, NULL, "" },
    { "nor has who was there before all", 1, NULL, "" },
    { "the driver goes the last time", -1, "restart", NULL },
    { "somebody new finds the group that was made second", 4, AT("S3"),
      JOIN("G3") },
    { .title = NULL },
};

/* Only one of a group is looked at when something happens to the group. */
static const struct step leaving[] = {
    { "one lives on N1", 1, AT("S1"), NEW_GROUP_OF_R1 JOIN("G1") },
    { "the other on N2", 2, AT("S2"), JOIN("G1") },
    { "the router gets a switch, and N1 gets another router", 0,
      LINK("N4", "R1", "r1n4", "'10.0.4.1/24'") ","
      LINK("N1", "R5", "r5n1", "'10.0.1.5/24'"), NULL },
    { "the first leaves, and does what is to be done for the other", 1, NULL,
      "GROUP_ADD T1 on G2\n"
      "GROUP_INSERT G2\n"
      "GROUP_REMOVE T1 on G1\n"
      "GROUP_ROUTER_ADD G2 on R1\n"
      "GROUP_ROUTER_ADD G2 on R5\n"
      "GROUP_SWITCH_ADD G1 on N4\n"
      "GROUP_SWITCH_ADD G2 on N1\n"
      "GROUP_SWITCH_ADD G2 on N2\n"
      "GROUP_SWITCH_ADD G2 on N3\n"
      "GROUP_SWITCH_ADD G2 on N4\n"
      "GROUP_SWITCH_ADD G2 on N5\n" },
    { "a third joins", 3, AT("S2"), JOIN("G1") },
    { "the router gets one more", 0,
      LINK("N6", "R1", "r1n6", "'10.0.6.1/24'"), NULL },
    { "it is deleted, and does the same", 3, "",
      "GROUP_REMOVE T1 on G1\n"
      "GROUP_SWITCH_ADD G1 on N6\n"
      "ROW_DELETE T1\n" },
    { .title = NULL },
};

static const struct step meddling[] = {
    { "a group", 1, AT("S1"), NEW_GROUP_OF_R1 JOIN("G1") },
    { "with two in it", 2, AT("S1"), JOIN("G1") },
    { "somebody takes it off a switch", -1, "off N2 G1", NULL },
    { "which goes unseen as long as nobody says so", 1, NULL, "" },
    { "somebody says so", -1, "touch", NULL },
    { "and it is put back", 2, NULL, "GROUP_SWITCH_ADD G1 on N2\n" },
    { "once", 1, NULL, "" },
    { "somebody deletes the group", -1, "gone G1", NULL },
    { "the first to notice makes it anew", 1, NULL,
      NEW_GROUP_OF_R1
      "GROUP_ADD T1 on G1\n" },
    { "the second joins", 2, NULL, "GROUP_ADD T1 on G1\n" },
    { "both go", 1, "",
      "GROUP_REMOVE T1 on G1\n"
      "ROW_DELETE T1\n" },
    { "with it", 2, "",
      "GROUP_REMOVE T1 on G1\n"
      "ROW_DELETE T1\n" },
    { "now it is unused", -1, "unused G1", NULL },
    { "and deleted, which is no surprise", -1, "gone G1", NULL },
    { "the next makes it anew", 3, AT("S1"), NEW_GROUP_OF_R1 JOIN("G1") },
    { "now it is used", -1, "used G1", NULL },
    { "who is forgotten uses nothing", -1, "forget 3", NULL },
    { "so it is unused", -1, "unused G1", NULL },
    { .title = NULL },
};

static void
check_plan(const char *plan, const char *expected)
{
    if (expected) {
        char *sorted = sort_lines(xstrdup(expected));
        assert_string_equal(plan, sorted);
        free(sorted);
    }
}

static void
run_steps(const struct step *steps)
{
    struct groups_fixture gf;

    groups_fixture_init(&gf, network);
    for (const struct step *step = steps; step->title; step++) {
        print_message("%s\n", step->title);
        if (step->lb > 0) {
            char *plan = groups_fixture_look(&gf, step->lb, step->what);
            check_plan(plan, step->expected);
            free(plan);
        } else if (step->lb < 0) {
            groups_fixture_obey(&gf, step->what);
        } else {
            groups_fixture_change(&gf, step->what);
        }
    }
    groups_fixture_uninit(&gf);
}

static void
test_sharing(void **state)
{
    run_steps(sharing);
    run_steps(rows_apart);
}

static void
test_network(void **state)
{
    run_steps(attaching);
    run_steps(turning);
    run_steps(parting);
    run_steps(merging);
    run_steps(returning);
    run_steps(leaving);
}

static void
test_meddling(void **state)
{
    run_steps(meddling);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sharing),
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_meddling),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
