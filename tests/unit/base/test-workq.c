/* SPDX-License-Identifier: Apache-2.0
 *
 * The keyed queue, as stories: each step does something to the queue at a
 * time, or says what is taken from it.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/workq.h"
#include "model-fixture.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

#define MIN_MS 100
#define MAX_MS 1000

enum verb { END, ADD, TAKE, NOTHING, DONE, FAILED, COUNT };

static const struct story {
    const char *title;
    struct step {
        enum verb verb;
        const char *key;        /* Of COUNT: "ACTIVE FAILING". */
        long long int now_ms;
    } steps[40];
} stories[] = {
    {
        "an empty queue has nothing",
        { { NOTHING, NULL, 0 }, { COUNT, "0 0", 0 } },
    }, {
        "keys come in the order in which they were added",
        { { ADD, "K3", 0 }, { ADD, "K1", 0 }, { ADD, "K2", 0 },
          { COUNT, "3 0", 0 },
          { TAKE, "K3", 0 }, { TAKE, "K1", 0 }, { TAKE, "K2", 0 },
          { NOTHING, NULL, 0 }, { COUNT, "3 0", 0 } },
    }, {
        "a key that is added twice is there once, at its first place",
        { { ADD, "K1", 0 }, { ADD, "K2", 0 }, { ADD, "K1", 0 },
          { COUNT, "2 0", 0 },
          { TAKE, "K1", 0 }, { TAKE, "K2", 0 }, { NOTHING, NULL, 0 } },
    }, {
        "a key that is done is forgotten",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { DONE, "K1", 0 },
          { NOTHING, NULL, 0 }, { COUNT, "0 0", 0 },
          { ADD, "K1", 0 }, { TAKE, "K1", 0 } },
    }, {
        "a key is not handed out while it is being worked on",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { ADD, "K1", 0 },
          { NOTHING, NULL, 0 }, { COUNT, "1 0", 0 } },
    }, {
        "a key that is added while it is being worked on comes once more",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 },
          { ADD, "K1", 0 }, { ADD, "K1", 0 }, { DONE, "K1", 0 },
          { TAKE, "K1", 0 }, { DONE, "K1", 0 }, { NOTHING, NULL, 0 } },
    }, {
        "it comes behind those that came before",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 },
          { ADD, "K1", 0 }, { ADD, "K2", 0 }, { DONE, "K1", 0 },
          { TAKE, "K2", 0 }, { TAKE, "K1", 0 } },
    }, {
        "a key that failed comes back after a while",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { FAILED, "K1", 5 },
          { COUNT, "0 1", 0 }, { NOTHING, NULL, 104 }, { TAKE, "K1", 105 },
          { COUNT, "1 0", 0 } },
    }, {
        "the while doubles from failure to failure up to the maximum",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { FAILED, "K1", 0 },
          { NOTHING, NULL, 99 }, { TAKE, "K1", 100 },
          { FAILED, "K1", 1000 },
          { NOTHING, NULL, 1199 }, { TAKE, "K1", 1200 },
          { FAILED, "K1", 2000 },
          { NOTHING, NULL, 2399 }, { TAKE, "K1", 2400 },
          { FAILED, "K1", 3000 },
          { NOTHING, NULL, 3799 }, { TAKE, "K1", 3800 },
          { FAILED, "K1", 4000 },
          { NOTHING, NULL, 4999 }, { TAKE, "K1", 5000 },
          { FAILED, "K1", 6000 },
          { NOTHING, NULL, 6999 }, { TAKE, "K1", 7000 } },
    }, {
        "success begins anew",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { FAILED, "K1", 0 },
          { TAKE, "K1", 100 }, { FAILED, "K1", 100 },
          { TAKE, "K1", 300 }, { DONE, "K1", 300 },
          { ADD, "K1", 300 }, { TAKE, "K1", 300 }, { FAILED, "K1", 300 },
          { NOTHING, NULL, 399 }, { TAKE, "K1", 400 } },
    }, {
        "success of a key that was added meanwhile begins anew, too",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { FAILED, "K1", 0 },
          { TAKE, "K1", 100 }, { ADD, "K1", 100 }, { DONE, "K1", 100 },
          { TAKE, "K1", 100 }, { FAILED, "K1", 100 },
          { NOTHING, NULL, 199 }, { TAKE, "K1", 200 } },
    }, {
        "news ends the wait, but does not make the next one shorter",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { FAILED, "K1", 0 },
          { ADD, "K1", 1 }, { COUNT, "1 0", 0 }, { TAKE, "K1", 1 },
          { FAILED, "K1", 1 },
          { NOTHING, NULL, 200 }, { TAKE, "K1", 201 } },
    }, {
        "a failure with news meanwhile is tried again at once",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { ADD, "K1", 0 },
          { FAILED, "K1", 0 }, { COUNT, "1 0", 0 }, { TAKE, "K1", 0 },
          { FAILED, "K1", 0 },
          { NOTHING, NULL, 199 }, { TAKE, "K1", 200 } },
    }, {
        "those that wait come back in the order in which they fall due",
        { { ADD, "K1", 0 }, { ADD, "K2", 0 }, { ADD, "K3", 0 },
          { TAKE, "K1", 0 }, { TAKE, "K2", 0 }, { TAKE, "K3", 0 },
          { FAILED, "K3", 20 }, { FAILED, "K1", 10 }, { FAILED, "K2", 0 },
          { COUNT, "0 3", 0 },
          { TAKE, "K2", 200 }, { TAKE, "K1", 200 }, { TAKE, "K3", 200 } },
    }, {
        "they come behind those that were ready before",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { FAILED, "K1", 0 },
          { ADD, "K2", 0 }, { TAKE, "K2", 200 }, { TAKE, "K1", 200 } },
    }, {
        "one that waits does not hold up others",
        { { ADD, "K1", 0 }, { TAKE, "K1", 0 }, { FAILED, "K1", 0 },
          { ADD, "K2", 50 }, { TAKE, "K2", 50 }, { NOTHING, NULL, 50 } },
    },
};

static void
do_step(struct workq *q, const struct step *step)
{
    struct uuid key = (step->verb == NOTHING || step->verb == COUNT
                       ? UUID_ZERO : uuid_of(step->key));
    struct uuid taken;

    switch (step->verb) {
    case ADD:
        workq_add(q, &key);
        break;
    case TAKE:
        assert_true(workq_take(q, step->now_ms, &taken));
        assert_true(uuid_equals(&taken, &key));
        break;
    case NOTHING:
        assert_false(workq_take(q, step->now_ms, &taken));
        break;
    case DONE:
    case FAILED:
        workq_done(q, &key, step->verb == FAILED, step->now_ms);
        break;
    case COUNT: {
        char *count = xasprintf("%"PRIuSIZE" %"PRIuSIZE, workq_n_active(q),
                                workq_n_failing(q));
        assert_string_equal(count, step->key);
        free(count);
        break;
    }
    case END:
    default:
        fail();
    }
}

static void
test_stories(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        struct workq *q = workq_create(MIN_MS, MAX_MS);

        print_message("%s\n", stories[i].title);
        for (const struct step *step = stories[i].steps; step->verb;
             step++) {
            do_step(q, step);
        }

        /* Whatever is left in it. */
        workq_destroy(q);
    }
}

/* The age of the oldest key counts from when it fell due until it is done; a
 * key that waits for another try has none. */
static void
test_oldest(void **state OVS_UNUSED)
{
    struct workq *q = workq_create(MIN_MS, MAX_MS);
    struct uuid key = uuid_of("K1"), taken;
    long long int now_ms = time_msec();

    assert_int_equal(workq_oldest_ms(q, now_ms), 0);
    workq_add(q, &key);
    assert_in_range(workq_oldest_ms(q, now_ms + 100000), 90000, 100000);
    workq_add(q, &key);
    assert_true(workq_take(q, now_ms, &taken));
    assert_in_range(workq_oldest_ms(q, now_ms + 100000), 90000, 100000);
    workq_done(q, &key, true, now_ms);
    assert_int_equal(workq_oldest_ms(q, now_ms + 100000), 0);
    assert_true(workq_take(q, now_ms + MAX_MS, &taken));
    workq_done(q, &key, false, now_ms);
    assert_int_equal(workq_oldest_ms(q, now_ms + 100000), 0);
    workq_destroy(q);
}

/* How long the poll loop sleeps if only the queue can wake it. */
static long long int
sleep_ms(const struct workq *q)
{
    long long int start = time_msec();

    workq_wait(q);
    poll_timer_wait_until(start + MAX_MS);
    poll_block();
    return time_msec() - start;
}

static void
test_wait(void **state)
{
    struct workq *q = workq_create(MAX_MS / 2, MAX_MS);
    struct uuid key = uuid_of("K1");
    struct uuid taken;

    /* At once; after a failure, later; without the queue, too late. */
    workq_add(q, &key);
    assert_true(sleep_ms(q) < MAX_MS / 2);

    assert_true(workq_take(q, time_msec(), &taken));
    workq_done(q, &key, true, time_msec());
    long long int slept_ms = sleep_ms(q);
    assert_in_range(slept_ms, 1, MAX_MS - 1);
    assert_true(workq_take(q, time_msec(), &taken));
    workq_destroy(q);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_oldest),
        cmocka_unit_test(test_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
