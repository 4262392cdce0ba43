/* SPDX-License-Identifier: Apache-2.0
 *
 * References in both directions, against a matrix that says who refers to
 * whom.
 */

#include <config.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/refs.h"
#include "random.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

#define N_PARENTS 12
#define N_CHILDREN 20
#define N_CHANGES 20000

static uint32_t seed;

/* The same UUIDs serve as parents and as children: the two must not mix. */
static struct uuid
nth_uuid(size_t i)
{
    /* Neither in order nor in one bucket. */
    return (struct uuid) { { i * 2654435761u, i % 3, 7, i } };
}

struct matrix {
    bool refers[N_PARENTS][N_CHILDREN];
};

/* What refs_set() called 'changed' for. */
struct report {
    unsigned int n[N_CHILDREN];
};

static void
note_changed(const struct uuid *child, void *report_)
{
    struct report *report = report_;

    assert_true(child->parts[3] < N_CHILDREN);
    report->n[child->parts[3]]++;
}

static void
check_children(const struct refs *refs, const struct matrix *m, size_t parent)
{
    struct uuid uuid = nth_uuid(parent);
    size_t n, n_expected = 0;
    const struct uuid *children = refs_children(refs, &uuid, &n);

    for (size_t i = 0; i < N_CHILDREN; i++) {
        n_expected += m->refers[parent][i];
    }
    assert_int_equal(n, n_expected);
    assert_int_equal(children != NULL, n > 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(m->refers[parent][children[i].parts[3]]);
        if (i) {
            assert_true(uuid_compare_3way(&children[i - 1], &children[i])
                        < 0);
        }
    }
}

static void
check_parents(const struct refs *refs, const struct matrix *m, size_t child)
{
    struct uuid uuid = nth_uuid(child);
    const struct uuidset *parents = refs_parents(refs, &uuid);
    size_t n_expected = 0;

    for (size_t i = 0; i < N_PARENTS; i++) {
        struct uuid parent = nth_uuid(i);
        if (m->refers[i][child]) {
            assert_non_null(parents);
            assert_true(uuidset_contains(parents, &parent));
            n_expected++;
        }
    }
    assert_int_equal(parents ? uuidset_count(parents) : 0, n_expected);
    assert_int_equal(parents != NULL, n_expected > 0);
}

static void
change(struct refs *refs, struct matrix *m)
{
    struct uuid children[N_CHILDREN];
    struct report report = { .n = { 0 } };
    size_t parent = random_range(N_PARENTS);
    struct uuid uuid = nth_uuid(parent);
    bool wanted[N_CHILDREN];
    size_t n = 0;

    /* Mostly few changes, now and then all new, now and then none left. */
    unsigned int rate = (unsigned int[]) { 2, 10, 10, 40 }[random_range(4)];
    bool none = !random_range(6);
    size_t start = random_range(N_CHILDREN);
    for (size_t i = 0; i < N_CHILDREN; i++) {
        size_t child = (start + i) % N_CHILDREN;
        wanted[child] = (!none
                         && (random_range(rate) ? m->refers[parent][child]
                             : random_range(2)));
        if (wanted[child]) {
            children[n++] = nth_uuid(child);
        }
    }

    bool is_asked = random_range(8);
    refs_set(refs, &uuid, children, n, is_asked ? note_changed : NULL,
             &report);
    for (size_t i = 0; i < N_CHILDREN; i++) {
        assert_int_equal(report.n[i],
                         is_asked && wanted[i] != m->refers[parent][i]);
        m->refers[parent][i] = wanted[i];
    }
}

static void
test_random(void **state)
{
    const char *given = getenv("TEST_SEED");
    struct matrix m = { .refers = { { false } } };
    struct refs refs;

    seed = given ? strtoul(given, NULL, 10) : time_wall_usec();
    seed += !seed;              /* Zero is no seed. */
    random_set_seed(seed);
    refs_init(&refs);
    for (size_t i = 0; i < N_CHANGES; i++) {
        change(&refs, &m);
        check_children(&refs, &m, random_range(N_PARENTS));
        check_parents(&refs, &m, random_range(N_CHILDREN));
    }
    for (size_t i = 0; i < N_PARENTS; i++) {
        check_children(&refs, &m, i);
    }
    for (size_t i = 0; i < N_CHILDREN; i++) {
        check_parents(&refs, &m, i);
    }
    refs_destroy(&refs);
}

static void
test_empty(void **state)
{
    struct uuid uuid = nth_uuid(1);
    struct refs refs;
    size_t n = 99;

    refs_init(&refs);
    assert_null(refs_children(&refs, &uuid, &n));
    assert_int_equal(n, 0);
    assert_null(refs_parents(&refs, &uuid));

    /* One that has never been there goes. */
    refs_set(&refs, &uuid, NULL, 0, NULL, NULL);
    assert_null(refs_children(&refs, &uuid, &n));
    refs_destroy(&refs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_empty),
    };

    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (n_failed) {
        print_error("to repeat: TEST_SEED=%"PRIu32"\n", seed);
    }
    return n_failed;
}
