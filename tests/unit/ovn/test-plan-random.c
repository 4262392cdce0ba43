/* SPDX-License-Identifier: Apache-2.0
 *
 * Random lives of load balancers.  After each change the plan is carried out,
 * and then nothing is left to do, nothing of others' is lost, and the rows are
 * those that somebody who starts from nothing would make.
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
#include "model-fixture.h"
#include "model/objects.h"
#include "model/wanted.h"
#include "nb-idl.h"
#include "net/topology.h"
#include "net/vip-ports.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/want/desired.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "ovsdb-idl.h"
#include "random.h"
#include "random-tree.h"
#include "rows-fixture.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* Enough lives to try everything; the clock ends it on a slow machine. */
#define N_LIVES 400
#define N_CHANGES 30
#define TIME_MS_MAX 2000

/* One load balancer's life. */
struct life {
    struct random_tree tree;
    struct topology *topology;
    struct uuid port_sw;        /* Switch of the VIP port. */
    struct ovn_lb seen;
};

/* What others do to the rows meanwhile, and what must be mended. */
static void
meddle(struct life *life)
{
    if (!life->seen.n_rows || !one_in(4)) {
        return;
    }

    struct lb_row *row = life->seen.rows[random_range(life->seen.n_rows)];
    struct uuid stray = uuid_of("Z9");
    switch (random_range(6)) {
    case 0:
        smap_replace(&row->vips, "10.9.9.9:9", "10.9.9.8:9");
        break;
    case 1:
        smap_replace(&row->external_ids, "ls_refs", "not JSON");
        break;
    case 2:
        smap_remove(&row->external_ids, "enabled");
        break;
    case 3:
        uuidset_insert(&row->switches, &stray);
        break;
    case 4:
        sset_clear(&row->selection_fields);
        break;
    default:
        smap_replace(&row->options, "affinity_timeout", "7");
        break;
    }
}

/* The network is a matter of chance here: it has its own tests. */
static void
place_somewhere(struct life *life, struct ovn_lb *want)
{
    static const char *const names[] = { "S1", "S2", "S3", "S4", "S5" };

    for (size_t i = 0; i < want->n_rows; i++) {
        for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
            struct uuid uuid = uuid_of(names[j]);
            if (one_in(2)) {
                uuidset_insert(&want->rows[i]->switches, &uuid);
            }
            if (one_in(2)) {
                uuidset_insert(&want->rows[i]->routers, &uuid);
            }
        }
    }
    if (one_in(10)) {
        life->port_sw = uuid_of(names[random_range(ARRAY_SIZE(names))]);
    }
    if (want->n_rows && !uuid_is_zero(&life->port_sw)) {
        struct lb_port *port = ovn_lb_add_port_nocopy(
            want, vip_port_name(&life->tree.lb->base.id, 0));
        port->uuid = vip_port_id(&life->tree.lb->base.id, 0);
        port->sw = life->port_sw;
        smap_add_format(&port->external_ids, "x", "%d", random_range(2));
    }
}

/* Others' keys, which every row gets when it is first seen. */
#define FOREIGN_KEY "somebody:else"
#define FOREIGN_VALUE "must stay"

static void
check_foreign(const struct ovn_lb *seen)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        const struct lb_row *row = seen->rows[i];
        const char *mark = smap_get(&row->external_ids, FOREIGN_KEY);

        /* A row that the plan inserted has none of either. */
        assert_int_equal(mark != NULL,
                         smap_get(&row->options, FOREIGN_KEY) != NULL);
    }
}

static void
mark_foreign(struct ovn_lb *seen, bool mark)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        struct lb_row *row = seen->rows[i];
        if (mark) {
            smap_replace(&row->external_ids, FOREIGN_KEY, FOREIGN_VALUE);
            smap_replace(&row->options, FOREIGN_KEY, FOREIGN_VALUE);
        } else {
            smap_remove(&row->external_ids, FOREIGN_KEY);
            smap_remove(&row->options, FOREIGN_KEY);
        }
    }
}

/* How many of the rows were there before. */
static size_t
n_marked(const struct ovn_lb *seen)
{
    size_t n = 0;

    for (size_t i = 0; i < seen->n_rows; i++) {
        n += smap_get(&seen->rows[i]->external_ids, FOREIGN_KEY) != NULL;
    }
    return n;
}

static void
check_uuids_differ(const struct ovn_lb *lb)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        assert_false(uuid_is_zero(&lb->rows[i]->uuid));
        for (size_t j = 0; j < i; j++) {
            assert_false(uuid_equals(&lb->rows[i]->uuid, &lb->rows[j]->uuid));
        }
    }
}

static void
check_equal(const struct ovn_lb *a, const struct ovn_lb *b)
{
    char *x = ovn_lb_format(a, OVN_LB_ALL & ~OVN_LB_UUID);
    char *y = ovn_lb_format(b, OVN_LB_ALL & ~OVN_LB_UUID);

    assert_string_equal(x, y);
    free(x);
    free(y);
}

static void
follow(const struct ovn_lb *want, struct ovn_lb *seen)
{
    struct plan plan;

    plan_diff(want, seen, &plan);
    ovn_lb_apply(seen, &plan);
    plan_uninit(&plan);

    plan_diff(want, seen, &plan);
    assert_int_equal(plan.n, 0);
    plan_uninit(&plan);
    check_uuids_differ(seen);
}

static void
check_change(struct life *life)
{
    const struct desired_facts facts = { .topology = life->topology };
    struct model_lb *wanted = model_wanted_create(life->tree.lb);
    struct desired_watch watch;
    struct ovn_lb want, fresh;
    size_t n_old = life->seen.n_rows;

    desired_watch_init(&watch);
    desired_lb(wanted, &facts, &want, &watch);
    model_wanted_destroy(wanted);
    place_somewhere(life, &want);

    /* A row is continued if it can be, and then keeps what is others'. */
    mark_foreign(&life->seen, true);
    follow(&want, &life->seen);
    check_foreign(&life->seen);
    if (n_old && want.n_rows == 1 && !want.rows[0]->protocol[0]) {
        assert_int_equal(n_marked(&life->seen), 1);
    }
    mark_foreign(&life->seen, false);

    ovn_lb_init(&fresh, &life->tree.lb->base.id);
    follow(&want, &fresh);
    check_equal(&life->seen, &fresh);
    ovn_lb_uninit(&fresh);
    ovn_lb_uninit(&want);
    desired_watch_uninit(&watch);
}

static void
live(struct topology *topology)
{
    struct life life = { .topology = topology };

    random_tree_init(&life.tree, 1);
    ovn_lb_init(&life.seen, &life.tree.lb->base.id);
    for (size_t i = 0; i < N_CHANGES; i++) {
        meddle(&life);
        for (unsigned int n = 1 + random_range(3); n; n--) {
            random_tree_change(&life.tree);
        }
        check_change(&life);
    }
    life.tree.lb->base.provisioning_status = PS_PENDING_DELETE;
    check_change(&life);
    assert_int_equal(life.seen.n_rows, 0);
    assert_int_equal(life.seen.n_ports, 0);
    ovn_lb_uninit(&life.seen);
    random_tree_uninit(&life.tree);
}

/* Of the life that is being lived: what it takes to repeat it. */
static uint32_t seed;

static void
test_lives(void **state)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&nbrec_idl_class,
                                                         false);
    struct topology *topology = topology_create(idl);
    const char *given = getenv("TEST_SEED");
    long long int deadline = time_msec() + TIME_MS_MAX;
    size_t n = 0;

    seed = given ? strtoul(given, NULL, 10) : time_wall_usec();
    do {
        seed += !seed;          /* Zero is no seed. */
        random_set_seed(seed);
        live(topology);
        seed++;
    } while (!given && ++n < N_LIVES && time_msec() < deadline);
    topology_destroy(topology);
    ovsdb_idl_destroy(idl);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lives),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (n_failed) {
        print_error("to repeat: TEST_SEED=%"PRIu32"\n", seed);
    }
    return n_failed;
}
