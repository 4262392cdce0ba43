/* SPDX-License-Identifier: Apache-2.0
 *
 * Random load balancers in a random network, row by row and by groups at once.
 * After each change:
 *
 *   - the plan, carried out, gives what is wanted, and then nothing is left to
 *     do;
 *   - that is what somebody who starts from nothing would make;
 *   - whoever was not told to look has nothing to do;
 *   - the VIPs are those of a simple model;
 *   - groups carry each row where it would be on its own, and while they move,
 *     nobody who waits for its turn loses what it needs.
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
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "ovn/want/groups.h"
#include "ovn/want/probes.h"
#include "random-network.h"
#include "random-tree.h"
#include "random.h"
#include "rows-fixture.h"
#include "topology-fixture.h"
#include "util.h"
#include "uuid.h"
#include "vips-model.h"

#define N_LBS 4

/* The same lives each time.  More of them: TEST_SEED=N, or TEST_LIVES=N. */
#define N_LIVES 12
#define N_CHANGES 40

/* One load balancer, and the two databases in which it is. */
struct being {
    struct random_tree tree;
    struct ovn_lb direct;
    struct ovn_lb grouped;
    struct desired_watch watch;
    bool must_look;
};

struct life {
    struct random_network *net;
    bool has_ipv6_hash;
    bool has_central_replies;
    struct being beings[N_LBS];
    struct groups *groups;
    struct ovn_lb db;           /* All groups. */
};

/* Who must look. */

static bool
intersects(const struct uuidset *a, const struct uuidset *b)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, a) {
        if (uuidset_contains(b, &node->uuid)) {
            return true;
        }
    }
    return false;
}

static bool
watches_address(const struct being *being, const struct ip_set *changed)
{
    struct in6_addr *ips = ip_set_array(changed);
    bool found = false;

    for (size_t i = 0; i < ip_set_count(changed); i++) {
        struct uuid key = watch_address(&ips[i]);
        found |= uuidset_contains(&being->watch.addresses, &key);
    }
    free(ips);
    return found;
}

/* As nb-index.c finds it out. */
static bool
is_concerned(const struct life *life, const struct being *being)
{
    const struct topology_fixture *tf = &life->net->tf;
    const struct uuidset *homes = &being->watch.homes;

    if (intersects(homes, &tf->changed_switches)
        || (!uuidset_is_empty(&tf->changed_switches)
            && uuidset_contains(homes, &UUID_ZERO))
        || watches_address(being, &tf->changed_addresses)) {
        return true;
    }
    for (size_t i = 0; i < being->direct.n_rows; i++) {
        const struct lb_row *row = being->direct.rows[i];
        if (intersects(&row->switches, &tf->changed_switches)
            || intersects(&row->routers, &tf->changed_routers)) {
            return true;
        }
    }
    return false;
}

/* As touch_group() in nb-index.c: one of those in the group is told. */
static void
tell_group(struct life *life, const struct lb_group *group)
{
    const struct topology_fixture *tf = &life->net->tf;

    if (!intersects(&group->switches, &tf->changed_switches)
        && !intersects(&group->routers, &tf->changed_routers)) {
        return;
    }
    groups_touch(life->groups, &group->id);
    for (size_t i = 0; i < N_LBS; i++) {
        const struct ovn_lb *lb = &life->beings[i].grouped;
        for (size_t j = 0; j < lb->n_rows; j++) {
            if (uuidset_contains(&lb->rows[j]->groups, &group->id)) {
                life->beings[i].must_look = true;
                return;
            }
        }
    }
}

/* Looking. */

static void
desire(const struct life *life, struct being *being, bool use_groups,
       struct ovn_lb *want)
{
    const struct topology *topology = life->net->tf.topology;
    struct desired_facts facts = {
        .topology = topology,
        .has_ipv6_hash = life->has_ipv6_hash,
        .has_central_replies = life->has_central_replies,
        .use_groups = use_groups,
    };
    struct uuidset subnets = UUIDSET_INITIALIZER(&subnets);
    const struct uuidset_node *node;
    struct model_lb *wanted = model_wanted_create(being->tree.lb);

    probe_subnets(wanted, &subnets);
    UUIDSET_FOR_EACH (node, &subnets) {
        const struct topo_subnet *subnet
            = topology_subnet_by_id(topology, &node->uuid);
        if (subnet) {
            struct probe_source source = {
                .subnet_id = subnet->id,
                .ip = subnet->prefix,
            };
            source.ip.s6_addr[15] = 0xfe;
            probe_sources_add(&facts.sources, &source);
        }
    }
    desired_watch_uninit(&being->watch);
    desired_watch_init(&being->watch);
    desired_lb(wanted, &facts, want, &being->watch);
    model_wanted_destroy(wanted);
    probe_sources_uninit(&facts.sources);
    uuidset_destroy(&subnets);
}

/* All rows as text, with objects of JSON in one order: plans leave another
 * one as it is. */
static char *
format_sorted(const struct ovn_lb *lb)
{
    char *text = ovn_lb_format(lb, (OVN_LB_ALL & ~OVN_LB_UUID
                                    & ~OVN_LB_NATS));
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        char *object = strchr(line, '{');

        ds_put_format(&s, "%.*s", (int) strcspn(line, "{"), line);
        if (object) {
            struct json *json = json_from_string(object);
            json_to_ds(json, JSSF_SORT, &s);
            json_destroy(json);
        }
        ds_put_char(&s, '\n');
    }
    free(text);
    return ds_steal_cstr(&s);
}

/* The texts are longer than what cmocka shows, so it gets what follows from
 * the first line that differs. */
static void
check_equal(const struct ovn_lb *a, const struct ovn_lb *b)
{
    char *x = format_sorted(a);
    char *y = format_sorted(b);
    size_t i = 0;

    while (x[i] && x[i] == y[i]) {
        i++;
    }
    while (i && x[i - 1] != '\n') {
        i--;
    }
    assert_string_equal(&x[i], &y[i]);
    free(x);
    free(y);
}

static void
check_is_empty(const struct plan *plan)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    plan_format(plan, &s);
    char *text = name_uuids(ds_steal_cstr(&s));
    assert_string_equal(text, "");
    free(text);
}

static void
check_plan_is_empty(const struct ovn_lb *want, const struct ovn_lb *seen)
{
    struct plan plan;

    plan_diff(want, seen, &plan);
    check_is_empty(&plan);
    plan_uninit(&plan);
}

static void
follow(const struct ovn_lb *want, struct ovn_lb *seen)
{
    struct plan plan;

    plan_diff(want, seen, &plan);
    ovn_lb_apply(seen, &plan);
    plan_uninit(&plan);
    check_plan_is_empty(want, seen);
}

static void
check_vips(const struct life *life, const struct being *being,
           const struct ovn_lb *want)
{
    struct vips_model_float floats[RANDOM_NETWORK_N_NATS];
    char texts[RANDOM_NETWORK_N_NATS][2][32];
    size_t n = random_network_floats(life->net, floats, texts);
    char *expected = vips_model_expect(being->tree.lb, floats, n);
    char *actual = vips_model_read(want);

    assert_string_equal(actual, expected);
    free(expected);
    free(actual);
}

static void
look_direct(struct life *life, struct being *being)
{
    struct ovn_lb want, fresh;

    desire(life, being, false, &want);
    if (!being->must_look) {
        check_plan_is_empty(&want, &being->direct);
    }
    follow(&want, &being->direct);
    check_equal(&being->direct, &want);
    check_vips(life, being, &want);

    ovn_lb_init(&fresh, &being->tree.lb->base.id);
    follow(&want, &fresh);
    check_equal(&being->direct, &fresh);
    ovn_lb_uninit(&fresh);
    ovn_lb_uninit(&want);
}

/* Groups. */

static void
observe_group(const struct uuid *uuid, struct ovn_lb *seen, void *life_)
{
    const struct life *life = life_;
    const struct lb_group *group = ovn_lb_find_group(&life->db, uuid);

    if (group) {
        lb_group_copy(seen, group);
    }
}

static void
give_groups_back(struct life *life, struct ovn_lb *seen)
{
    while (seen->n_groups) {
        struct uuid uuid = seen->groups[0]->id;

        lb_group_copy(&life->db, seen->groups[0]);
        lb_group_delete(seen, &uuid);
    }
}

static void
look_grouped(struct life *life, struct being *being)
{
    const struct topology *topology = life->net->tf.topology;
    struct ovn_lb want;

    desire(life, being, true, &want);
    for (int i = 0; i < 2; i++) {
        struct plan plan;
        const struct groups_observer observer = { observe_group, life };

        groups_assign(life->groups, topology, &being->tree.lb->base.id, &want,
                      &being->grouped, &observer);
        for (size_t j = 0; j < want.n_groups; j++) {
            observe_group(&want.groups[j]->id, &being->grouped, life);
        }
        plan_diff(&want, &being->grouped, &plan);
        if (i || !being->must_look) {
            check_is_empty(&plan);
        }
        ovn_lb_apply(&being->grouped, &plan);
        plan_uninit(&plan);
        give_groups_back(life, &being->grouped);

        ovn_lb_uninit(&want);
        desire(life, being, true, &want);
    }
    ovn_lb_uninit(&want);
}

static void
add_all(struct uuidset *set, const struct uuidset *more)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, more) {
        uuidset_insert(set, &node->uuid);
    }
}

/* Adds what carries the row, by itself or by its groups. */
static void
add_carriers(const struct life *life, const struct lb_row *row,
             struct uuidset *ret)
{
    const struct uuidset_node *node;

    add_all(ret, &row->switches);
    add_all(ret, &row->routers);
    UUIDSET_FOR_EACH (node, &row->groups) {
        const struct lb_group *group = ovn_lb_find_group(&life->db,
                                                         &node->uuid);
        assert_non_null(group);
        add_all(ret, &group->switches);
        add_all(ret, &group->routers);
    }
}

/* Rows and what carries them, each in one line. */
static char *
format_places(const struct life *life, const struct ovn_lb *lb)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < lb->n_rows; i++) {
        const struct lb_row *row = lb->rows[i];
        struct uuidset carriers = UUIDSET_INITIALIZER(&carriers);
        const char **fields = sset_sort(&row->selection_fields);

        ds_put_cstr(&s, row->protocol);
        for (size_t j = 0; j < sset_count(&row->selection_fields); j++) {
            ds_put_format(&s, " %s", fields[j]);
        }
        ds_put_format(&s, " %s: ",
                      smap_get_def(&row->options, "affinity_timeout", ""));
        add_carriers(life, row, &carriers);
        put_uuids(&s, "", &carriers);
        ds_put_char(&s, '\n');
        uuidset_destroy(&carriers);
        free(fields);
    }
    return sort_lines(ds_steal_cstr(&s));
}

/* Groups carry everybody just where it would be on its own. */
static void
check_places(const struct life *life)
{
    for (size_t i = 0; i < N_LBS; i++) {
        char *expected = format_places(life, &life->beings[i].direct);
        char *actual = format_places(life, &life->beings[i].grouped);

        assert_string_equal(actual, expected);
        free(expected);
        free(actual);
    }
}

/* What one who waits for its turn has, row by row, and will need as well. */
struct held {
    struct uuidset *rows;
    size_t n;
};

/* All that every row of 'lb' is on. */
static bool
all_are_on(const struct life *life, const struct ovn_lb *lb,
           const struct uuid *carrier)
{
    bool found = true;

    for (size_t i = 0; i < lb->n_rows; i++) {
        struct uuidset carriers = UUIDSET_INITIALIZER(&carriers);

        add_carriers(life, lb->rows[i], &carriers);
        found &= uuidset_contains(&carriers, carrier);
        uuidset_destroy(&carriers);
    }
    return found;
}

static void
held_init(struct held *held, const struct life *life,
          const struct being *being)
{
    held->n = being->grouped.n_rows;
    held->rows = xcalloc(held->n, sizeof *held->rows);
    for (size_t i = 0; i < held->n; i++) {
        const struct uuidset_node *node;

        uuidset_init(&held->rows[i]);
        add_carriers(life, being->grouped.rows[i], &held->rows[i]);
        UUIDSET_FOR_EACH_SAFE (node, &held->rows[i]) {
            if (!all_are_on(life, &being->direct, &node->uuid)) {
                uuidset_delete(&held->rows[i],
                               CONST_CAST(struct uuidset_node *, node));
            }
        }
    }
}

static void
held_check(const struct held *held, const struct life *life,
           const struct being *being)
{
    for (size_t i = 0; i < held->n; i++) {
        struct uuidset carriers = UUIDSET_INITIALIZER(&carriers);
        const struct uuidset_node *node;

        add_carriers(life, being->grouped.rows[i], &carriers);
        UUIDSET_FOR_EACH (node, &held->rows[i]) {
            assert_true(uuidset_contains(&carriers, &node->uuid));
        }
        uuidset_destroy(&carriers);
    }
}

static void
held_uninit(struct held *held)
{
    for (size_t i = 0; i < held->n; i++) {
        uuidset_destroy(&held->rows[i]);
    }
    free(held->rows);
}

/* All look, in random order, those first who must. */
static void
look_all_grouped(struct life *life)
{
    struct held held[N_LBS];
    size_t order[N_LBS];

    for (size_t i = 0; i < N_LBS; i++) {
        size_t j = random_range(i + 1);

        held_init(&held[i], life, &life->beings[i]);
        order[i] = order[j];
        order[j] = i;
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < N_LBS; i++) {
            struct being *being = &life->beings[order[i]];

            if (being->must_look == !round) {
                look_grouped(life, being);
                held_uninit(&held[order[i]]);
                held[order[i]] = (struct held) { .n = 0 };
            }
            for (size_t j = 0; j < N_LBS; j++) {
                held_check(&held[j], life, &life->beings[j]);
            }
        }
    }
    check_places(life);
}

/* Lives. */

static void
look_all(struct life *life)
{
    for (size_t i = 0; i < N_LBS; i++) {
        look_direct(life, &life->beings[i]);
    }
    look_all_grouped(life);
    for (size_t i = 0; i < N_LBS; i++) {
        life->beings[i].must_look = false;
    }
}

static void
restart(struct life *life)
{
    groups_destroy(life->groups);
    life->groups = groups_create();
}

static void
begin_again(struct being *being, unsigned int number)
{
    random_tree_uninit(&being->tree);
    random_tree_init(&being->tree, number);
    being->must_look = true;
}

static void
change_being(struct life *life, size_t i)
{
    struct being *being = &life->beings[i];

    if (!model_base_is_wanted(&being->tree.lb->base)) {
        begin_again(being, i + 1);
    }
    for (unsigned int n = 1 + random_range(3); n; n--) {
        random_tree_change(&being->tree);
    }
    being->must_look = true;
}

static void
notice_network(struct life *life)
{
    for (size_t i = 0; i < N_LBS; i++) {
        struct being *being = &life->beings[i];
        being->must_look |= is_concerned(life, being);
    }
    for (size_t i = 0; i < life->db.n_groups; i++) {
        tell_group(life, life->db.groups[i]);
    }
}

static void
step(struct life *life)
{
    bool is_restart = one_in(10);

    for (size_t i = 0; i < N_LBS; i++) {
        if (one_in(2)) {
            change_being(life, i);
        }
    }
    if (one_in(4)) {
        random_network_change(life->net);
        notice_network(life);
    }
    if (is_restart) {
        restart(life);
    }
    look_all(life);
}

static void
live(struct random_network *net)
{
    struct life life = {
        .net = net,
        .has_ipv6_hash = one_in(2),
        .has_central_replies = one_in(2),
        .groups = groups_create(),
    };

    ovn_lb_init(&life.db, &UUID_ZERO);
    for (size_t i = 0; i < N_LBS; i++) {
        struct being *being = &life.beings[i];

        random_tree_init(&being->tree, i + 1);
        ovn_lb_init(&being->direct, &being->tree.lb->base.id);
        ovn_lb_init(&being->grouped, &being->tree.lb->base.id);
        desired_watch_init(&being->watch);
        being->must_look = true;
    }
    for (size_t i = 0; i < N_CHANGES; i++) {
        step(&life);
    }
    for (size_t i = 0; i < N_LBS; i++) {
        struct being *being = &life.beings[i];

        random_tree_uninit(&being->tree);
        ovn_lb_uninit(&being->direct);
        ovn_lb_uninit(&being->grouped);
        desired_watch_uninit(&being->watch);
    }
    ovn_lb_uninit(&life.db);
    groups_destroy(life.groups);
}

/* Of the life that is being lived: what it takes to repeat it. */
static uint32_t seed;

static unsigned long int
number_from_environment(const char *name, unsigned long int fallback)
{
    const char *value = getenv(name);

    return value ? strtoul(value, NULL, 10) : fallback;
}

static void
test_lives(void **state)
{
    unsigned long int first = number_from_environment("TEST_SEED", 1);
    unsigned long int n = number_from_environment("TEST_LIVES", N_LIVES);

    for (seed = first; seed < first + n; seed++) {
        struct random_network net;

        random_set_seed(seed);
        random_network_init(&net);
        live(&net);
        random_network_uninit(&net);
    }
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
        print_error("to repeat: TEST_SEED=%"PRIu32" TEST_LIVES=1\n", seed);
    }
    return n_failed;
}
