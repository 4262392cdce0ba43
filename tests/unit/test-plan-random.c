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
#include "nb-idl.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovn/desired.h"
#include "ovn/plan.h"
#include "ovn/rows.h"
#include "ovsdb-idl.h"
#include "random.h"
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
    struct model_lb *lb;
    struct topology *topology;
    unsigned int last_name;     /* Of the objects made so far. */
    struct uuid port_sw;        /* Switch of the VIP port. */
    struct ovn_lb seen;
};

/* Changes of the tree. */

static bool
one_in(unsigned int n)
{
    return !random_range(n);
}

static struct uuid
new_id(struct life *life, char letter)
{
    char *name = xasprintf("%c%u", letter, ++life->last_name);
    struct uuid uuid = uuid_of(name);

    free(name);
    return uuid;
}

static struct model_base
new_base(struct life *life, char letter)
{
    return (struct model_base) {
        .id = new_id(life, letter),
        .admin_state_up = !one_in(4),
        .provisioning_status = PS_PENDING_CREATE,
        .operating_status = OS_OFFLINE,
    };
}

static struct uuid
random_pool_id(const struct life *life)
{
    size_t n = life->lb->n_pools;

    return (n && !one_in(3) ? life->lb->pools[random_range(n)].base.id
            : UUID_ZERO);
}

static void
add_listener(struct life *life)
{
    struct model_lb *lb = life->lb;

    lb->listeners = xrealloc(lb->listeners, ((lb->n_listeners + 1)
                                             * sizeof *lb->listeners));
    lb->listeners[lb->n_listeners++] = (struct model_listener) {
        .base = new_base(life, 'L'),
        .protocol = random_range(N_L4_PROTOCOLS),
        /* No two share one, as the API sees to. */
        .protocol_port = life->last_name,
        .default_pool_id = random_pool_id(life),
    };
}

static void
add_pool(struct life *life)
{
    struct model_lb *lb = life->lb;
    bool has_persistence = one_in(2);

    lb->pools = xrealloc(lb->pools, (lb->n_pools + 1) * sizeof *lb->pools);
    lb->pools[lb->n_pools++] = (struct model_pool) {
        .base = new_base(life, 'P'),
        .protocol = random_range(N_L4_PROTOCOLS),
        .is_source_ip = one_in(2),
        .has_persistence = has_persistence,
        .persistence_timeout = (has_persistence && one_in(2)
                                ? xasprintf("%d", random_range(3)) : NULL),
    };
}

static void
add_member(struct life *life)
{
    struct model_lb *lb = life->lb;

    if (!lb->n_pools) {
        return;
    }

    struct model_pool *pool = &lb->pools[random_range(lb->n_pools)];
    pool->members = xrealloc(pool->members, ((pool->n_members + 1)
                                             * sizeof *pool->members));
    pool->members[pool->n_members++] = (struct model_member) {
        .base = new_base(life, 'M'),
        .address = xasprintf(one_in(3) ? "fd00::%d" : "10.0.0.%d",
                             random_range(9)),
        .protocol_port = 1 + random_range(9),
        .weight = 1,
    };
}

static void
remove_member(struct model_pool *pool, size_t i)
{
    free(pool->members[i].address);
    pool->n_members--;
    memmove(&pool->members[i], &pool->members[i + 1],
            (pool->n_members - i) * sizeof *pool->members);
}

static void
remove_pool(struct model_lb *lb, size_t i)
{
    struct model_pool *pool = &lb->pools[i];

    while (pool->n_members) {
        remove_member(pool, 0);
    }
    free(pool->members);
    free(pool->persistence_timeout);
    lb->n_pools--;
    memmove(pool, pool + 1, (lb->n_pools - i) * sizeof *pool);
}

static void
remove_listener(struct model_lb *lb, size_t i)
{
    lb->n_listeners--;
    memmove(&lb->listeners[i], &lb->listeners[i + 1],
            (lb->n_listeners - i) * sizeof *lb->listeners);
}

/* What was deleted goes. */
static void
purge(struct model_lb *lb)
{
    for (size_t i = lb->n_listeners; i-- > 0;) {
        if (!model_base_is_wanted(&lb->listeners[i].base)) {
            remove_listener(lb, i);
        }
    }
    for (size_t i = lb->n_pools; i-- > 0;) {
        struct model_pool *pool = &lb->pools[i];
        if (!model_base_is_wanted(&pool->base)) {
            remove_pool(lb, i);
            continue;
        }
        for (size_t j = pool->n_members; j-- > 0;) {
            if (!model_base_is_wanted(&pool->members[j].base)) {
                remove_member(pool, j);
            }
        }
    }
}

/* The base of any object of the tree. */
static struct model_base *
random_base(struct model_lb *lb)
{
    switch (random_range(4)) {
    case 0:
        return &lb->base;
    case 1:
        if (lb->n_listeners) {
            return &lb->listeners[random_range(lb->n_listeners)].base;
        }
        return &lb->base;
    default:
        if (lb->n_pools) {
            struct model_pool *pool = &lb->pools[random_range(lb->n_pools)];
            return (pool->n_members && !one_in(3)
                    ? &pool->members[random_range(pool->n_members)].base
                    : &pool->base);
        }
        return &lb->base;
    }
}

static void
turn_listener(struct life *life)
{
    struct model_lb *lb = life->lb;

    if (lb->n_listeners) {
        lb->listeners[random_range(lb->n_listeners)].default_pool_id
            = random_pool_id(life);
    }
}

static void
turn_pool(struct life *life)
{
    struct model_lb *lb = life->lb;

    if (lb->n_pools) {
        struct model_pool *pool = &lb->pools[random_range(lb->n_pools)];
        pool->is_source_ip = one_in(2);
        pool->has_persistence = one_in(2);
    }
}

static void
delete_something(struct life *life)
{
    struct model_base *base = random_base(life->lb);

    /* A life ends seldom. */
    if (base != &life->lb->base || one_in(30)) {
        base->provisioning_status = PS_PENDING_DELETE;
    }
}

static void
change_tree(struct life *life)
{
    struct model_base *base;

    switch (random_range(12)) {
    case 0: case 1:
        add_listener(life);
        break;
    case 2: case 3:
        add_pool(life);
        break;
    case 4: case 5: case 6:
        add_member(life);
        break;
    case 7:
        base = random_base(life->lb);
        base->admin_state_up = !base->admin_state_up;
        break;
    case 8:
        turn_listener(life);
        break;
    case 9:
        turn_pool(life);
        break;
    case 10:
        delete_something(life);
        break;
    default:
        purge(life->lb);
        break;
    }
}

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
            want, vip_port_name(&life->lb->base.id));
        port->uuid = vip_port_uuid(&life->lb->base.id);
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
    struct desired_watch watch;
    struct ovn_lb want, fresh;
    size_t n_old = life->seen.n_rows;

    desired_watch_init(&watch);
    desired_lb(life->lb, &facts, &want, &watch);
    place_somewhere(life, &want);

    /* A row is continued if it can be, and then keeps what is others'. */
    mark_foreign(&life->seen, true);
    follow(&want, &life->seen);
    check_foreign(&life->seen);
    if (n_old && want.n_rows == 1 && !want.rows[0]->protocol[0]) {
        assert_int_equal(n_marked(&life->seen), 1);
    }
    mark_foreign(&life->seen, false);

    ovn_lb_init(&fresh, &life->lb->base.id);
    follow(&want, &fresh);
    check_equal(&life->seen, &fresh);
    ovn_lb_uninit(&fresh);
    ovn_lb_uninit(&want);
    desired_watch_uninit(&watch);
}

static void
live(struct topology *topology)
{
    struct life life = {
        .lb = model_lb_parse(one_in(2) ? "lb 10.0.0.9" : "lb fd00::9"),
        .topology = topology,
    };

    ovn_lb_init(&life.seen, &life.lb->base.id);
    for (size_t i = 0; i < N_CHANGES; i++) {
        meddle(&life);
        for (unsigned int n = 1 + random_range(3); n; n--) {
            change_tree(&life);
        }
        check_change(&life);
    }
    life.lb->base.provisioning_status = PS_PENDING_DELETE;
    check_change(&life);
    assert_int_equal(life.seen.n_rows, 0);
    assert_int_equal(life.seen.n_ports, 0);
    ovn_lb_uninit(&life.seen);
    model_lb_destroy(life.lb);
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
