/* SPDX-License-Identifier: Apache-2.0
 *
 * Wanted minus seen; see plan.h.
 */

#include <config.h>
#include "ovn/diff/plan.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovn/diff/plan-private.h"
#include "ovn/rows/row-match.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

static void diff_rows(const struct ovn_lb *want, const struct ovn_lb *seen,
                      struct plan *);
static void diff_checks(const struct lb_row *want, const struct lb_row *seen,
                        const struct uuid *row, const struct ovn_lb *all_seen,
                        struct plan *);
static void diff_groups(const struct ovn_lb *want, const struct ovn_lb *seen,
                        struct plan *);
static void diff_ports(const struct ovn_lb *want, const struct ovn_lb *seen,
                       struct plan *);
static void diff_nats(const struct ovn_lb *want, const struct ovn_lb *seen,
                      struct plan *);

void
plan_diff(const struct ovn_lb *want, const struct ovn_lb *seen,
          struct plan *ret)
{
    *ret = (struct plan) { .n = 0 };
    plan_acls(want, seen, ret);
    diff_ports(want, seen, ret);
    diff_groups(want, seen, ret);
    diff_rows(want, seen, ret);
    diff_nats(want, seen, ret);
}

void
plan_uninit(struct plan *plan)
{
    free(plan->steps);
}

struct plan_step *
plan_add(struct plan *plan, enum plan_verb verb, const struct uuid *row)
{
    ARRAY_GROW(plan->steps, plan->n, plan->allocated);

    struct plan_step *step = &plan->steps[plan->n++];
    *step = (struct plan_step) { .verb = verb, .row = *row };
    return step;
}

static void
add_target_step(struct plan *plan, enum plan_verb verb,
                const struct uuid *row, const struct uuid *target)
{
    plan_add(plan, verb, row)->target = *target;
}

static void
add_key_step(struct plan *plan, enum plan_verb verb, const struct uuid *row,
             const char *key, const char *value)
{
    struct plan_step *step = plan_add(plan, verb, row);
    step->key = key;
    step->value = value;
}

/* Maps. */

static bool
every_key(const char *key OVS_UNUSED)
{
    return true;
}

static bool
json_is_equal(const char *a, const char *b)
{
    struct json *x = json_from_string(a);
    struct json *y = json_from_string(b);
    bool equal = (x->type != JSON_STRING && json_equal(x, y));

    json_destroy(x);
    json_destroy(y);
    return equal;
}

static void
split_sorted(const char *list, struct svec *words)
{
    char *copy = xstrdup(list);
    char *rest = copy;
    char *word;

    svec_init(words);
    while ((word = strsep(&rest, ",")) != NULL) {
        if (*word) {
            svec_add(words, word);
        }
    }
    svec_sort(words);
    free(copy);
}

/* True if two lists, separated by commas, have the same elements, each as
 * often. */
static bool
set_is_equal(const char *a, const char *b)
{
    struct svec x, y;

    split_sorted(a, &x);
    split_sorted(b, &y);
    bool equal = svec_equal(&x, &y);
    svec_destroy(&x);
    svec_destroy(&y);
    return equal;
}

/* The columns of a row that are maps. */
static const struct map_rules {
    size_t offset;                      /* The map's, in struct lb_row. */
    enum plan_verb set, remove;
    bool (*owns)(const char *key);
    bool (*is_json)(const char *key);   /* NULL: no value is. */
    bool (*is_set)(const char *key);    /* NULL: none is. */
} map_rules[] = {
    /* Ignores the order of backends: rewriting it would redistribute
     * clients. */
    { offsetof(struct lb_row, vips), PLAN_VIP_SET, PLAN_VIP_REMOVE,
      every_key, NULL, every_key },
    { offsetof(struct lb_row, options), PLAN_OPTION_SET, PLAN_OPTION_REMOVE,
      desired_owns_option, NULL, NULL },
    { offsetof(struct lb_row, external_ids), PLAN_EXTERNAL_ID_SET,
      PLAN_EXTERNAL_ID_REMOVE, desired_owns_external_id,
      desired_external_id_is_json, desired_external_id_is_set },
    { offsetof(struct lb_row, ip_port_mappings), PLAN_MAPPING_SET,
      PLAN_MAPPING_REMOVE, every_key, NULL, NULL },
};

static const struct smap *
map_of(const struct lb_row *row, const struct map_rules *rules)
{
    return ALIGNED_CAST(const struct smap *,
                        (const char *) row + rules->offset);
}

static bool
value_is_equal(const struct map_rules *rules, const char *key,
               const char *want, const char *seen)
{
    return (!strcmp(want, seen)
            || (rules->is_json && rules->is_json(key)
                && json_is_equal(want, seen))
            || (rules->is_set && rules->is_set(key)
                && set_is_equal(want, seen)));
}

static void
diff_map(const struct map_rules *rules, const struct lb_row *want,
         const struct lb_row *seen, struct plan *plan)
{
    const struct smap *want_map = map_of(want, rules);
    const struct smap *seen_map = map_of(seen, rules);
    const struct smap_node *node;

    SMAP_FOR_EACH (node, seen_map) {
        if (rules->owns(node->key) && !smap_get(want_map, node->key)) {
            add_key_step(plan, rules->remove, &seen->uuid, node->key, NULL);
        }
    }
    SMAP_FOR_EACH (node, want_map) {
        const char *old = smap_get(seen_map, node->key);
        if (!old || !value_is_equal(rules, node->key, node->value, old)) {
            add_key_step(plan, rules->set, &seen->uuid, node->key,
                         node->value);
        }
    }
}

/* References. */

void
plan_carriers(const struct uuid *row, const struct uuidset *want,
              const struct uuidset *seen, enum plan_verb add,
              enum plan_verb remove, struct plan *plan)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, want) {
        if (!seen || !uuidset_contains(seen, &node->uuid)) {
            add_target_step(plan, add, row, &node->uuid);
        }
    }
    if (seen) {
        UUIDSET_FOR_EACH (node, seen) {
            if (!uuidset_contains(want, &node->uuid)) {
                add_target_step(plan, remove, row, &node->uuid);
            }
        }
    }
}

/* Everything that carries a row.  'seen' is NULL for a new one. */
static void
diff_all_carriers(const struct uuid *row, const struct lb_row *want,
                  const struct lb_row *seen, struct plan *plan)
{
    plan_carriers(row, &want->switches, seen ? &seen->switches : NULL,
                  PLAN_SWITCH_ADD, PLAN_SWITCH_REMOVE, plan);
    plan_carriers(row, &want->routers, seen ? &seen->routers : NULL,
                  PLAN_ROUTER_ADD, PLAN_ROUTER_REMOVE, plan);
    plan_carriers(row, &want->groups, seen ? &seen->groups : NULL,
                  PLAN_GROUP_ADD, PLAN_GROUP_REMOVE, plan);
}

/* Rows. */

static void
diff_row(const struct lb_row *want, const struct lb_row *seen,
         const struct ovn_lb *all_seen, struct plan *plan)
{
    if (strcmp(want->name, seen->name)) {
        plan_add(plan, PLAN_SET_NAME, &seen->uuid)->value = want->name;
    }
    if (strcmp(want->protocol, seen->protocol)) {
        plan_add(plan, PLAN_SET_PROTOCOL, &seen->uuid)->value
            = want->protocol;
    }
    if (!sset_equals(&want->selection_fields, &seen->selection_fields)) {
        plan_add(plan, PLAN_SET_SELECTION, &seen->uuid)->want = want;
    }
    for (size_t i = 0; i < ARRAY_SIZE(map_rules); i++) {
        diff_map(&map_rules[i], want, seen, plan);
    }
    diff_checks(want, seen, &seen->uuid, all_seen, plan);
    diff_all_carriers(&seen->uuid, want, seen, plan);
}

static bool
uuid_is_seen(const struct ovn_lb *seen, const struct uuid *uuid)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        if (uuid_equals(&seen->rows[i]->uuid, uuid)) {
            return true;
        }
    }
    return false;
}

static bool
uuid_is_planned(const struct plan *plan, const struct uuid *uuid)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->steps[i].verb == PLAN_ROW_INSERT
            && uuid_equals(&plan->steps[i].row, uuid)) {
            return true;
        }
    }
    return false;
}

/* A row keeps its UUID when its protocol changes, and a protocol may have
 * several rows, so the first candidate for the label of a new one may be
 * taken: by a row that is there, or by one that this plan makes. */
static struct uuid
choose_label(const struct ovn_lb *seen, const struct plan *plan,
             const char *name, const char *protocol)
{
    struct uuid space, label;

    ovs_assert(uuid_from_string(&space, name));
    label = lb_row_label(&space, protocol);
    while (uuid_is_seen(seen, &label) || uuid_is_planned(plan, &label)) {
        label = lb_row_label(&label, protocol);
    }
    return label;
}

static void
plan_insert_row(const struct lb_row *want, const struct ovn_lb *seen,
                struct plan *plan)
{
    struct uuid label = choose_label(seen, plan, want->name, want->protocol);

    struct plan_step *step = plan_add(plan, PLAN_ROW_INSERT, &label);
    step->want = want;
    step->value = want->name;
    diff_checks(want, NULL, &label, seen, plan);
    diff_all_carriers(&label, want, NULL, plan);
}

/* The database would take a deleted row off its carriers by itself, since
 * they refer to it weakly.  But if the same transaction also puts another row
 * on the same carrier, ovsdb-server (3.1.0) may leave the reference dangling.
 * So it is said explicitly. */
static void
delete_row(const struct lb_row *seen, struct plan *plan)
{
    static const struct lb_row none = {
        .switches = UUIDSET_INITIALIZER(&none.switches),
        .routers = UUIDSET_INITIALIZER(&none.routers),
        .groups = UUIDSET_INITIALIZER(&none.groups),
    };

    diff_all_carriers(&seen->uuid, &none, seen, plan);
    plan_add(plan, PLAN_ROW_DELETE, &seen->uuid);
}

static void
diff_rows(const struct ovn_lb *want, const struct ovn_lb *seen,
          struct plan *plan)
{
    const struct lb_row **match = xcalloc(want->n_rows, sizeof *match);
    bool *used = xcalloc(seen->n_rows, sizeof *used);

    match_rows(want, seen, match, used);
    for (size_t i = 0; i < want->n_rows; i++) {
        if (match[i]) {
            diff_row(want->rows[i], match[i], seen, plan);
        } else {
            plan_insert_row(want->rows[i], seen, plan);
        }
    }
    for (size_t i = 0; i < seen->n_rows; i++) {
        if (!used[i]) {
            delete_row(seen->rows[i], plan);
        }
    }
    free(match);
    free(used);
}

/* Health checks. */

static bool
has_same_id(const struct health_check *a, const struct health_check *b,
            const char *key)
{
    return nullable_string_is_equal(smap_get(&a->external_ids, key),
                                    smap_get(&b->external_ids, key));
}

/* A VIP has one check.  Checks without a VIP are told apart by the VIP and the
 * pool that they would be for. */
static bool
check_continues(const struct health_check *want,
                const struct health_check *seen)
{
    return (!strcmp(want->vip, seen->vip)
            && (want->vip[0]
                || (has_same_id(want, seen, "octavia:vip")
                    && has_same_id(want, seen, "octavia:pool_id"))));
}

static const struct health_check *
plan_find_check(const struct lb_row *row, const struct health_check *like,
                const bool *used, size_t *index)
{
    for (size_t i = 0; row && i < row->n_checks; i++) {
        if (!used[i] && check_continues(like, row->checks[i])) {
            *index = i;
            return row->checks[i];
        }
    }
    return NULL;
}

static bool
check_is_seen(const struct ovn_lb *seen, const struct uuid *uuid)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        for (size_t j = 0; j < seen->rows[i]->n_checks; j++) {
            if (uuid_equals(&seen->rows[i]->checks[j]->uuid, uuid)) {
                return true;
            }
        }
    }
    return false;
}

static bool
check_is_planned(const struct plan *plan, const struct uuid *uuid)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->steps[i].verb == PLAN_CHECK_INSERT
            && uuid_equals(&plan->steps[i].target, uuid)) {
            return true;
        }
    }
    return false;
}

static void
plan_insert_check(const struct health_check *want, const struct uuid *row,
                  const struct ovn_lb *seen, struct plan *plan)
{
    struct uuid label = health_check_label(row, want->vip);

    while (check_is_seen(seen, &label) || check_is_planned(plan, &label)) {
        label = health_check_label(&label, want->vip);
    }

    struct plan_step *step = plan_add(plan, PLAN_CHECK_INSERT, row);
    step->target = label;
    step->check = want;
    step->key = want->vip;
}

/* Removes only options of our own, and no external_ids, which other tools may
 * have added. */
static void
diff_check(const struct health_check *want, const struct health_check *seen,
           struct plan *plan)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &seen->options) {
        if (desired_owns_check_option(node->key)
            && !smap_get(&want->options, node->key)) {
            add_key_step(plan, PLAN_CHECK_OPTION_REMOVE, &seen->uuid,
                         node->key, NULL);
        }
    }
    SMAP_FOR_EACH (node, &want->options) {
        if (!nullable_string_is_equal(smap_get(&seen->options, node->key),
                                      node->value)) {
            add_key_step(plan, PLAN_CHECK_OPTION_SET, &seen->uuid, node->key,
                         node->value);
        }
    }
    SMAP_FOR_EACH (node, &want->external_ids) {
        if (!nullable_string_is_equal(
                smap_get(&seen->external_ids, node->key), node->value)) {
            add_key_step(plan, PLAN_CHECK_EXTERNAL_ID_SET, &seen->uuid,
                         node->key, node->value);
        }
    }
}

/* 'seen' is NULL for a new row. */
static void
diff_checks(const struct lb_row *want, const struct lb_row *seen,
            const struct uuid *row, const struct ovn_lb *all_seen,
            struct plan *plan)
{
    bool *used = xcalloc(seen ? seen->n_checks : 0, sizeof *used);

    for (size_t i = 0; i < want->n_checks; i++) {
        size_t index;
        const struct health_check *found
            = plan_find_check(seen, want->checks[i], used, &index);

        if (found) {
            used[index] = true;
            diff_check(want->checks[i], found, plan);
        } else {
            plan_insert_check(want->checks[i], row, all_seen, plan);
        }
    }
    for (size_t i = 0; seen && i < seen->n_checks; i++) {
        if (!used[i]) {
            add_target_step(plan, PLAN_CHECK_REMOVE, row,
                            &seen->checks[i]->uuid);
        }
    }
    free(used);
}

/* Groups. */

/* A group that is left by its last row stays: it is others' business, too. */
static void
diff_groups(const struct ovn_lb *want_lb, const struct ovn_lb *seen_lb,
            struct plan *plan)
{
    for (size_t i = 0; i < want_lb->n_groups; i++) {
        const struct lb_group *want = want_lb->groups[i];
        const struct lb_group *seen = ovn_lb_find_group(seen_lb, &want->id);

        if (want->is_settled) {
            continue;
        }
        if (!seen) {
            plan_add(plan, PLAN_GROUP_INSERT, &want->id);
        } else if (seen->is_renamed) {
            plan_add(plan, PLAN_GROUP_SET_NAME, &want->id);
        }
        plan_carriers(&want->id, &want->switches,
                      seen ? &seen->switches : NULL, PLAN_GROUP_SWITCH_ADD,
                      PLAN_GROUP_SWITCH_REMOVE, plan);
        plan_carriers(&want->id, &want->routers,
                      seen ? &seen->routers : NULL, PLAN_GROUP_ROUTER_ADD,
                      PLAN_GROUP_ROUTER_REMOVE, plan);
    }
}

/* Ports. */

static void
add_port_step(struct plan *plan, enum plan_verb verb,
              const struct lb_port *port, const struct uuid *sw)
{
    struct plan_step *step = plan_add(plan, verb, &port->uuid);
    step->port = port;
    step->target = *sw;
}

static void
diff_port(const struct lb_port *want, const struct lb_port *seen,
          struct plan *plan)
{
    const struct smap_node *node;

    if (strcmp(want->type, seen->type)
        || strcmp(want->addresses, seen->addresses)) {
        plan_add(plan, PLAN_PORT_SET, &seen->uuid)->port = want;
    }
    SMAP_FOR_EACH (node, &want->external_ids) {
        const char *old = smap_get(&seen->external_ids, node->key);
        if (!old || strcmp(old, node->value)) {
            add_key_step(plan, PLAN_PORT_EXTERNAL_ID_SET, &seen->uuid,
                         node->key, node->value);
        }
    }
}

static const struct lb_port *
find_port_named(const struct ovn_lb *lb, const char *name)
{
    for (size_t i = 0; i < lb->n_ports; i++) {
        if (!strcmp(lb->ports[i]->name, name)) {
            return lb->ports[i];
        }
    }
    return NULL;
}

/* A port cannot move to another switch: it is made anew, after the old one has
 * gone, since names are unique.  Shared ports are not deleted because one load
 * balancer has no use for them. */
static void
diff_ports(const struct ovn_lb *want_lb, const struct ovn_lb *seen_lb,
           struct plan *plan)
{
    for (size_t i = 0; i < seen_lb->n_ports; i++) {
        const struct lb_port *seen = seen_lb->ports[i];
        const struct lb_port *want = find_port_named(want_lb, seen->name);

        if (want ? !uuid_equals(&want->sw, &seen->sw) : !seen->is_shared) {
            add_port_step(plan, PLAN_PORT_DELETE, seen, &seen->sw);
        }
    }
    for (size_t i = 0; i < want_lb->n_ports; i++) {
        const struct lb_port *want = want_lb->ports[i];
        const struct lb_port *seen = find_port_named(seen_lb, want->name);

        if (seen && uuid_equals(&want->sw, &seen->sw)) {
            diff_port(want, seen, plan);
        } else {
            add_port_step(plan, PLAN_PORT_INSERT, want, &want->sw);
        }
    }
}

/* Floating IPs of members.  Undoing is not for one load balancer to decide. */
static void
diff_nats(const struct ovn_lb *want, const struct ovn_lb *seen,
          struct plan *plan)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &want->nats) {
        if (!uuidset_contains(&seen->nats, &node->uuid)) {
            plan_add(plan, PLAN_NAT_CENTRALISE, &node->uuid);
        }
    }
}

void
plan_format(const struct plan *plan, struct ds *s)
{
    static const char *const names[] = {
#define PLAN_VERB(NAME) [PLAN_##NAME] = #NAME,
        PLAN_VERBS
#undef PLAN_VERB
    };

    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_step *step = &plan->steps[i];

        ds_put_format(s, "%s "UUID_FMT, names[step->verb],
                      UUID_ARGS(&step->row));
        if (!uuid_is_zero(&step->target)) {
            ds_put_format(s, " on "UUID_FMT, UUID_ARGS(&step->target));
        }
        if (step->key) {
            ds_put_format(s, " %s", step->key);
        }
        if (step->value) {
            ds_put_format(s, "=%s", step->value);
        }
        ds_put_char(s, '\n');
    }
}
