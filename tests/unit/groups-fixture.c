/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers that share groups; see groups-fixture.h.
 */

#include <config.h>
#include "groups-fixture.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/name-uuid.h"
#include "model-fixture.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/groups.h"
#include "ovn/plan.h"
#include "rows-fixture.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

static struct uuid
lb_id(unsigned int lb)
{
    char *name = xasprintf("B%u", lb);
    struct uuid id = uuid_of(name);

    free(name);
    return id;
}

void
groups_fixture_init(struct groups_fixture *gf, const char *network)
{
    struct uuid id = lb_id(1);
    struct uuid uuid;

    memset(gf, 0, sizeof *gf);
    topology_fixture_init(&gf->tf);
    topology_fixture_apply(&gf->tf, network);
    name_network(gf->tf.topology);
    uuid = name_uuid(&id, "tcp");
    uuid_call(&uuid, "T1");
    uuid = name_uuid(&id, "udp");
    uuid_call(&uuid, "U1");

    gf->groups = groups_create();
    ovn_lb_init(&gf->db, &id);
    for (size_t i = 0; i < GROUPS_FIXTURE_N_LBS; i++) {
        ovn_lb_init(&gf->lbs[i], &id);
        gf->wants[i] = xstrdup("");
    }
}

void
groups_fixture_uninit(struct groups_fixture *gf)
{
    for (size_t i = 0; i < GROUPS_FIXTURE_N_LBS; i++) {
        ovn_lb_uninit(&gf->lbs[i]);
        free(gf->wants[i]);
    }
    ovn_lb_uninit(&gf->db);
    groups_destroy(gf->groups);
    uuid_forget_all();
    topology_fixture_uninit(&gf->tf);
}

static void
touch_all(struct groups_fixture *gf)
{
    for (size_t i = 0; i < gf->db.n_groups; i++) {
        groups_touch(gf->groups, &gf->db.groups[i]->id);
    }
}

void
groups_fixture_change(struct groups_fixture *gf, const char *ops)
{
    topology_fixture_apply(&gf->tf, ops);
    touch_all(gf);
}

/* Looking. */

static bool
is_named(const struct uuid *uuid)
{
    char *name = name_uuids(xasprintf(UUID_FMT, UUID_ARGS(uuid)));
    bool named = strlen(name) != UUID_LEN;

    free(name);
    return named;
}

static void
name_groups(struct groups_fixture *gf, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_step *step = &plan->steps[i];
        if (step->verb == PLAN_GROUP_INSERT && !is_named(&step->row)) {
            char *name = xasprintf("G%u", ++gf->n_named);
            uuid_call(&step->row, name);
            free(name);
        }
    }
}

static void
observe_group(const struct uuid *uuid, struct ovn_lb *seen, void *gf_)
{
    const struct groups_fixture *gf = gf_;
    const struct lb_group *group = ovn_lb_find_group(&gf->db, uuid);

    if (group) {
        lb_group_copy(seen, group);
    }
}

/* As compare_lb() does it. */
static void
compare(struct groups_fixture *gf, unsigned int lb, struct ovn_lb *want,
        struct plan *plan)
{
    struct ovn_lb *seen = &gf->lbs[lb - 1];
    struct uuid id = lb_id(lb);

    groups_assign(gf->groups, gf->tf.topology, &id, want, seen, observe_group,
                  gf);
    for (size_t i = 0; i < want->n_groups; i++) {
        observe_group(&want->groups[i]->id, seen, gf);
    }
    plan_diff(want, seen, plan);
}

/* The groups that 'lb' saw and changed are the database's. */
static void
give_groups_back(struct groups_fixture *gf, unsigned int lb)
{
    struct ovn_lb *seen = &gf->lbs[lb - 1];

    while (seen->n_groups) {
        struct uuid uuid = seen->groups[0]->id;

        lb_group_copy(&gf->db, seen->groups[0]);
        lb_group_delete(seen, &uuid);
    }
}

static char *
format_plan(const struct plan *plan)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    plan_format(plan, &s);
    return sort_lines(name_uuids(ds_steal_cstr(&s)));
}

static char *
look(struct groups_fixture *gf, unsigned int lb)
{
    struct ovn_lb want;
    struct plan plan;

    ovn_lb_parse(gf->wants[lb - 1], &want);
    compare(gf, lb, &want, &plan);
    name_groups(gf, &plan);
    char *text = format_plan(&plan);
    ovn_lb_apply(&gf->lbs[lb - 1], &plan);
    give_groups_back(gf, lb);
    plan_uninit(&plan);
    ovn_lb_uninit(&want);
    return text;
}

char *
groups_fixture_look(struct groups_fixture *gf, unsigned int lb,
                    const char *want)
{
    assert_true(lb >= 1 && lb <= GROUPS_FIXTURE_N_LBS);
    if (want) {
        free(gf->wants[lb - 1]);
        gf->wants[lb - 1] = xstrdup(want);
    }

    char *text = look(gf, lb);
    char *again = look(gf, lb);
    assert_string_equal(again, "");
    free(again);
    return text;
}

/* Orders. */

static void
restart(struct groups_fixture *gf, const struct svec *words OVS_UNUSED)
{
    groups_destroy(gf->groups);
    gf->groups = groups_create();
}

static void
touch(struct groups_fixture *gf, const struct svec *words OVS_UNUSED)
{
    touch_all(gf);
}

static void
forget(struct groups_fixture *gf, const struct svec *words)
{
    struct uuid id = lb_id(words->names[1][0] - '0');

    groups_forget(gf->groups, &id);
}

static void
take_off(struct groups_fixture *gf, const struct svec *words)
{
    struct uuid sw = uuid_of(words->names[1]);
    struct uuid group = uuid_of(words->names[2]);

    assert_true(uuidset_find_and_delete(
        &ovn_lb_group(&gf->db, &group)->switches, &sw));
}

static void
lose(struct groups_fixture *gf, const struct svec *words)
{
    struct uuid group = uuid_of(words->names[1]);

    lb_group_delete(&gf->db, &group);
    for (size_t i = 0; i < GROUPS_FIXTURE_N_LBS; i++) {
        for (size_t j = 0; j < gf->lbs[i].n_rows; j++) {
            uuidset_find_and_delete(&gf->lbs[i].rows[j]->groups, &group);
        }
    }
    groups_row_is_gone(gf->groups, &group);
}

static void
check_used(struct groups_fixture *gf, const struct svec *words)
{
    struct uuid group = uuid_of(words->names[1]);

    assert_false(groups_is_unused(gf->groups, &group));
}

static void
check_unused(struct groups_fixture *gf, const struct svec *words)
{
    struct uuid group = uuid_of(words->names[1]);

    assert_true(groups_is_unused(gf->groups, &group));
}

void
groups_fixture_obey(struct groups_fixture *gf, const char *order)
{
    static const struct {
        const char *word;
        size_t n_words;
        void (*obey)(struct groups_fixture *, const struct svec *words);
    } orders[] = {
        { "restart", 1, restart },
        { "touch", 1, touch },
        { "forget", 2, forget },
        { "off", 3, take_off },
        { "gone", 2, lose },
        { "used", 2, check_used },
        { "unused", 2, check_unused },
    };
    struct svec words = SVEC_EMPTY_INITIALIZER;

    svec_parse_words(&words, order);
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        if (!strcmp(words.names[0], orders[i].word)
            && words.n == orders[i].n_words) {
            orders[i].obey(gf, &words);
            svec_destroy(&words);
            return;
        }
    }
    fail_msg("%s: not an order", order);
}
