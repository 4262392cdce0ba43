/* SPDX-License-Identifier: Apache-2.0
 *
 * What Octavia is told next: states, deletions, answers and refusals in; the
 * records of the next report out.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "agent/ledger.h"
#include "model-fixture.h"
#include "openvswitch/dynamic-string.h"
#include "store/reports.h"
#include "store/states.h"
#include "util.h"
#include "uuid.h"

#define RECORDS_MAX 100
#define OBJECTS_MAX 8

struct bench {
    struct ledger ledger;
    struct object_state objects[OBJECTS_MAX];
    struct lb_states states;
    struct report_deletion deletions[OBJECTS_MAX];
    struct report report;
    struct ledger_report next;
    char *text;
};

static enum resource_id
resource_of(const char *name)
{
    switch (name[0]) {
    case 'B':
        return RESOURCE_LOAD_BALANCER;
    case 'L':
        return RESOURCE_LISTENER;
    case 'P':
        return RESOURCE_POOL;
    case 'M':
        return RESOURCE_MEMBER;
    default:
        return RESOURCE_HEALTH_MONITOR;
    }
}

static int
setup(void **state)
{
    struct bench *bench = xzalloc(sizeof *bench);
    struct uuid lb = uuid_of("B1");

    ledger_init(&bench->ledger, &lb);
    bench->states.objects = bench->objects;
    bench->report.deletions = bench->deletions;
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    ledger_uninit(&bench->ledger);
    ledger_report_uninit(&bench->next);
    free(bench->text);
    free(bench);
    return 0;
}

/* Somebody writes: states like "B1 ACTIVE/ONLINE", separated by commas, all
 * of them; new ones are changed at 'now'. */
static void
set_states(struct bench *bench, const char *request, const char *text,
           int64_t now)
{
    char *copy = xstrdup(text);
    char *save = NULL;

    bench->states.n = 0;
    bench->states.last_request = uuid_of(request);
    for (char *item = strtok_r(copy, ",", &save); item;
         item = strtok_r(NULL, ",", &save)) {
        struct object_state *state = &bench->objects[bench->states.n++];
        char name[8], ps[32], os[32];

        assert_true(bench->states.n <= OBJECTS_MAX);
        assert_int_equal(sscanf(item, " %7s %31[A-Z_]/%31[A-Z_]", name, ps,
                                os), 3);
        state->resource = resource_of(name);
        state->id = uuid_of(name);
        state->updated_at_us = now;
        assert_true(provisioning_status_from_string(
            ps, &state->provisioning_status));
        assert_true(operating_status_from_string(
            os, &state->operating_status));
    }
    free(copy);
}

static void
set_deletions(struct bench *bench, const char *text)
{
    char *copy = xstrdup(text);
    char *save = NULL;

    bench->report.n_deletions = 0;
    for (char *name = strtok_r(copy, " ", &save); name;
         name = strtok_r(NULL, " ", &save)) {
        bench->deletions[bench->report.n_deletions++]
            = (struct report_deletion) { resource_of(name), uuid_of(name) };
    }
    free(copy);
}

static const struct lb_states *
states_of(const struct bench *bench)
{
    return bench->states.n ? &bench->states : NULL;
}

/* The next report: "M1 ACTIVE/ONLINE, B1 -/ONLINE". */
static const char *
next_at_most(struct bench *bench, size_t records_max)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ledger_report_uninit(&bench->next);
    ledger_next(&bench->ledger, states_of(bench), &bench->report,
                records_max, &bench->next);
    for (size_t i = 0; i < bench->next.n; i++) {
        const struct status_record *record = &bench->next.records[i];
        static const char *const names[] = {
            "B1", "L1", "L2", "P1", "M1", "M2", "H1"
        };

        for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
            struct uuid id = uuid_of(names[j]);

            if (uuid_equals(&id, &record->id)) {
                ds_put_format(&s, "%s%s %s/%s", i ? ", " : "", names[j],
                              record->provisioning_status
                              ? record->provisioning_status : "-",
                              record->operating_status
                              ? record->operating_status : "-");
            }
        }
    }
    free(bench->text);
    bench->text = ds_steal_cstr(&s);
    return bench->text;
}

static const char *
next(struct bench *bench)
{
    return next_at_most(bench, RECORDS_MAX);
}

static void
take(struct bench *bench)
{
    ledger_taken(&bench->ledger, &bench->next);
}

static bool
refuse(struct bench *bench, const char *name)
{
    struct uuid id = uuid_of(name);

    return ledger_refused(&bench->ledger, &bench->next, &id);
}

static void
say_unknown(struct bench *bench, const char *name)
{
    struct uuid id = uuid_of(name);

    ledger_unknown(&bench->ledger, &bench->next, &id);
}

static bool
is_settled(struct bench *bench)
{
    return ledger_is_settled(&bench->ledger, states_of(bench),
                             &bench->report);
}

#define TREE(LB, LISTENER, POOL, MEMBER)                                \
    "B1 " LB ", L1 " LISTENER ", P1 " POOL ", M1 " MEMBER
#define UP "ACTIVE/ONLINE"

/* A tree that Octavia knows, after request Q1. */
static void
settle(struct bench *bench)
{
    set_states(bench, "Q1", TREE(UP, UP, UP, UP), 1);
    ledger_settle(&bench->ledger, &bench->states);
    assert_true(is_settled(bench));
    assert_string_equal(next(bench), "");
}

static void
test_all_is_told_at_first(void **state)
{
    struct bench *bench = *state;

    set_states(bench, "Q1", TREE(UP, UP, UP, UP), 1);
    assert_string_equal(next(bench), "M1 ACTIVE/ONLINE, P1 ACTIVE/ONLINE, "
                        "L1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
    assert_false(is_settled(bench));
    take(bench);
    assert_false(is_settled(bench));

    /* Nobody knows whether anything waited for the lock before the listener,
     * but the load balancer's record has. */
    assert_string_equal(next(bench), "L1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next(bench), "");
    assert_true(is_settled(bench));
}

static void
test_only_news_is_told(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE("PENDING_UPDATE/ONLINE",
                                 "PENDING_UPDATE/ONLINE",
                                 "PENDING_UPDATE/ONLINE",
                                 UP) ", M2 PENDING_CREATE/OFFLINE", 2);
    bench->objects[3].updated_at_us = 1;
    assert_string_equal(next(bench), "");
    assert_false(is_settled(bench));

    set_states(bench, "Q2", TREE(UP, UP, UP, UP)
               ", M2 ACTIVE/NO_MONITOR", 3);
    bench->objects[3].updated_at_us = 1;
    assert_string_equal(next(bench), "M2 ACTIVE/NO_MONITOR, "
                        "P1 ACTIVE/ONLINE, L1 ACTIVE/ONLINE, "
                        "B1 ACTIVE/ONLINE");
    take(bench);

    /* The pool waited for the lock. */
    assert_string_equal(next(bench), "");
    assert_true(is_settled(bench));
}

/* PENDING came and went between two looks. */
static void
test_what_was_changed_to_the_same_is_told(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP), 1);
    bench->objects[0].updated_at_us = 2;
    bench->objects[2].updated_at_us = 2;
    assert_string_equal(next(bench), "P1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
}

/* A call that changed nothing here: Octavia has locked the load balancer. */
static void
test_a_request_that_changed_nothing_is_told(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP), 1);
    assert_false(is_settled(bench));
    assert_string_equal(next(bench), "B1 ACTIVE/ONLINE");
    take(bench);
    assert_true(is_settled(bench));
}

/* Octavia may be about to lock it for a call that we do not know yet. */
static void
test_probes_do_not_unlock_anything(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q1", TREE("ACTIVE/ERROR", UP, "ACTIVE/ERROR",
                                 "ACTIVE/ERROR"), 2);
    bench->objects[1].updated_at_us = 1;
    assert_string_equal(next(bench), "M1 -/ERROR, P1 -/ERROR, B1 -/ERROR");
    take(bench);
    assert_true(is_settled(bench));
}

static void
test_the_load_balancer_is_told_last_and_when_nothing_is_pending(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, "PENDING_UPDATE/ONLINE"), 2);
    assert_string_equal(next(bench), "P1 ACTIVE/ONLINE, L1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next(bench), "");
    assert_false(is_settled(bench));

    bench->objects[3].provisioning_status = PS_ERROR;
    assert_string_equal(next(bench), "M1 ERROR/ONLINE, B1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next(bench), "");
    assert_true(is_settled(bench));
}

static void
test_a_listener_is_told_again_behind_the_lock(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP), 1);
    bench->objects[0].updated_at_us = 2;
    bench->objects[1].updated_at_us = 2;
    assert_string_equal(next(bench), "L1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
    take(bench);
    assert_false(is_settled(bench));
    assert_string_equal(next(bench), "L1 ACTIVE/ONLINE");
    take(bench);
    assert_true(is_settled(bench));
    assert_string_equal(next(bench), "");
}

static void
test_a_listener_that_is_not_there_yet(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP) ", L2 ACTIVE/OFFLINE", 1);
    assert_string_equal(next(bench), "L2 ACTIVE/OFFLINE, B1 ACTIVE/ONLINE");
    assert_false(refuse(bench, "L2"));

    /* This waits until Octavia has committed. */
    assert_string_equal(next(bench), "B1 -/ONLINE");
    take(bench);
    assert_string_equal(next(bench), "L2 ACTIVE/OFFLINE, B1 ACTIVE/ONLINE");
    take(bench);
    assert_true(is_settled(bench));
}

static void
test_a_listener_that_is_nowhere(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP) ", L2 ACTIVE/OFFLINE", 1);
    next(bench);
    assert_false(refuse(bench, "L2"));
    assert_string_equal(next(bench), "B1 -/ONLINE");
    take(bench);
    next(bench);
    assert_true(refuse(bench, "L2"));
    say_unknown(bench, "L2");
    assert_string_equal(next(bench), "B1 ACTIVE/ONLINE");
    take(bench);
    assert_true(is_settled(bench));
}

static void
test_a_refused_record_holds_up_no_other(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP) ", M2 " UP ", H1 " UP, 2);
    assert_string_equal(next(bench), "M1 ACTIVE/ONLINE, M2 ACTIVE/ONLINE, "
                        "H1 ACTIVE/ONLINE, P1 ACTIVE/ONLINE, "
                        "L1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
    assert_true(refuse(bench, "M2"));
    assert_true(ledger_has_refusals(&bench->ledger));
    assert_string_equal(next(bench), "H1 ACTIVE/ONLINE, P1 ACTIVE/ONLINE, "
                        "L1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
    assert_true(refuse(bench, "P1"));
    assert_string_equal(next(bench), "L1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next(bench), "L1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next(bench), "");
    assert_false(is_settled(bench));

    ledger_forgive(&bench->ledger);
    assert_string_equal(next(bench), "M2 ACTIVE/ONLINE, P1 ACTIVE/ONLINE");
    take(bench);
    assert_true(is_settled(bench));
    assert_false(ledger_has_refusals(&bench->ledger));
}

static void
test_waiting_that_is_refused_ends(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP) ", L2 ACTIVE/OFFLINE", 1);
    next(bench);
    assert_false(refuse(bench, "L2"));
    assert_string_equal(next(bench), "B1 -/ONLINE");
    assert_true(refuse(bench, "B1"));
    assert_string_equal(next(bench), "L2 ACTIVE/OFFLINE");
    assert_true(refuse(bench, "L2"));
    assert_string_equal(next(bench), "");
    assert_true(ledger_has_refusals(&bench->ledger));
}

static void
test_deletions_are_told_when_the_object_is_gone(void **state)
{
    struct bench *bench = *state;
    struct uuid member = uuid_of("M1");

    settle(bench);
    set_deletions(bench, "M1");
    set_states(bench, "Q2", TREE("PENDING_UPDATE/ONLINE", UP, UP,
                                 "PENDING_DELETE/ONLINE"), 1);
    assert_string_equal(next(bench), "");

    set_states(bench, "Q2", "B1 ACTIVE/OFFLINE, L1 " UP ", P1 " UP, 2);
    assert_string_equal(next(bench), "M1 DELETED/-, P1 ACTIVE/ONLINE, "
                        "L1 ACTIVE/ONLINE, B1 ACTIVE/OFFLINE");
    assert_false(ledger_knows_gone(&bench->ledger, &member));
    take(bench);
    assert_true(ledger_knows_gone(&bench->ledger, &member));
    assert_string_equal(next(bench), "");
    assert_true(is_settled(bench));

    set_deletions(bench, "");
    assert_string_equal(next(bench), "");
    assert_true(is_settled(bench));
    assert_false(ledger_knows_gone(&bench->ledger, &member));
}

/* The deletion took too long and goes on. */
static void
test_a_deletion_that_failed(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_deletions(bench, "M1");
    set_states(bench, "Q2", TREE(UP, UP, UP, "ERROR/ONLINE"), 2);
    assert_string_equal(next(bench), "M1 ERROR/ONLINE, P1 ACTIVE/ONLINE, "
                        "L1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next(bench), "");
    assert_false(is_settled(bench));

    set_states(bench, "Q2", "B1 " UP ", L1 " UP ", P1 " UP, 2);
    assert_string_equal(next(bench), "M1 DELETED/-");
}

static void
test_a_load_balancer_is_deleted_last(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_deletions(bench, "B1 M1 L1 P1");
    set_states(bench, "Q2", "", 2);
    assert_string_equal(next(bench), "M1 DELETED/-, P1 DELETED/-, "
                        "L1 DELETED/OFFLINE, B1 DELETED/OFFLINE");
    assert_true(refuse(bench, "L1"));
    say_unknown(bench, "L1");
    assert_string_equal(next(bench), "B1 DELETED/OFFLINE");
    assert_true(refuse(bench, "B1"));
    assert_false(is_settled(bench));
    assert_string_equal(next(bench), "");

    ledger_forgive(&bench->ledger);
    assert_string_equal(next(bench), "B1 DELETED/OFFLINE");
    take(bench);
    assert_true(is_settled(bench));
}

static void
test_large_reports_are_split(void **state)
{
    struct bench *bench = *state;

    set_states(bench, "Q1", TREE(UP, UP, UP, UP) ", M2 " UP, 1);
    assert_string_equal(next_at_most(bench, 2), "M1 ACTIVE/ONLINE, "
                        "M2 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next_at_most(bench, 2), "P1 ACTIVE/ONLINE, "
                        "L1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next_at_most(bench, 2), "B1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next_at_most(bench, 2), "L1 ACTIVE/ONLINE");
    take(bench);
    assert_string_equal(next_at_most(bench, 2), "");
    assert_true(is_settled(bench));
}

static void
test_answers_to_what_is_old_are_no_answers_to_what_is_new(void **state)
{
    struct bench *bench = *state;

    settle(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, "ACTIVE/ERROR"), 2);
    next(bench);
    set_states(bench, "Q2", TREE(UP, UP, UP, UP), 3);
    take(bench);
    assert_false(is_settled(bench));
    assert_string_equal(next(bench), "M1 ACTIVE/ONLINE, P1 ACTIVE/ONLINE, "
                        "L1 ACTIVE/ONLINE, B1 ACTIVE/ONLINE");
}

static void
test_digests(void **state)
{
    struct bench *bench = *state;
    struct {
        const char *states;
        int64_t now;
        bool is_same;
    } rows[] = {
        { "B1 " UP ", M1 " UP, 1, true },
        { "M1 " UP ", B1 " UP, 1, true },
        { "B1 " UP ", M2 " UP, 1, false },
        { "B1 " UP, 1, false },
        { "B1 " UP ", M1 ACTIVE/ERROR", 1, false },
        { "B1 " UP ", M1 ERROR/ONLINE", 1, false },
        { "B1 " UP ", M1 " UP, 2, false },
    };
    char *first = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        set_states(bench, "Q1", rows[i].states, rows[i].now);

        char *digest = lb_states_digest(&bench->states);
        first = first ? first : xstrdup(digest);
        assert_int_equal(!strcmp(digest, first), rows[i].is_same);
        free(digest);
    }
    free(first);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
        TEST(test_all_is_told_at_first),
        TEST(test_only_news_is_told),
        TEST(test_what_was_changed_to_the_same_is_told),
        TEST(test_a_request_that_changed_nothing_is_told),
        TEST(test_probes_do_not_unlock_anything),
        TEST(test_the_load_balancer_is_told_last_and_when_nothing_is_pending),
        TEST(test_a_listener_is_told_again_behind_the_lock),
        TEST(test_a_listener_that_is_not_there_yet),
        TEST(test_a_listener_that_is_nowhere),
        TEST(test_a_refused_record_holds_up_no_other),
        TEST(test_waiting_that_is_refused_ends),
        TEST(test_deletions_are_told_when_the_object_is_gone),
        TEST(test_a_deletion_that_failed),
        TEST(test_a_load_balancer_is_deleted_last),
        TEST(test_large_reports_are_split),
        TEST(test_answers_to_what_is_old_are_no_answers_to_what_is_new),
        TEST(test_digests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
