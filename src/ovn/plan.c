/* SPDX-License-Identifier: Apache-2.0
 *
 * Wanted minus seen; see plan.h.
 */

#include <config.h>
#include "ovn/plan.h"
#include <stdlib.h>
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovn/desired.h"
#include "ovn/rows.h"
#include "util.h"
#include "uuid.h"

static void diff_rows(const struct ovn_lb *want, const struct ovn_lb *seen,
                      struct plan *);
static void diff_port(const struct ovn_lb *want, const struct ovn_lb *seen,
                      struct plan *);

void
plan_diff(const struct ovn_lb *want, const struct ovn_lb *seen,
          struct plan *ret)
{
    *ret = (struct plan) { .n = 0 };
    diff_rows(want, seen, ret);
    diff_port(want, seen, ret);
}

void
plan_uninit(struct plan *plan)
{
    free(plan->steps);
}

/* Adds a step and returns it, zeroed but for what the arguments say. */
static struct plan_step *
add_step(struct plan *plan, enum plan_verb verb, const struct uuid *row)
{
    if (plan->n >= plan->allocated) {
        plan->steps = x2nrealloc(plan->steps, &plan->allocated,
                                 sizeof *plan->steps);
    }

    struct plan_step *step = &plan->steps[plan->n++];
    *step = (struct plan_step) { .verb = verb, .row = *row };
    return step;
}

static void
add_target_step(struct plan *plan, enum plan_verb verb,
                const struct uuid *row, const struct uuid *target)
{
    add_step(plan, verb, row)->target = *target;
}

static void
add_key_step(struct plan *plan, enum plan_verb verb, const struct uuid *row,
             const char *key, const char *value)
{
    struct plan_step *step = add_step(plan, verb, row);
    step->key = key;
    step->value = value;
}

/* Maps. */

static bool
own_everything(const char *key OVS_UNUSED)
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

/* The three columns of a row that are maps. */
static const struct map_rules {
    size_t offset;                      /* Of the map in struct lb_row. */
    enum plan_verb set, remove;
    bool (*owns)(const char *key);
    bool is_external_ids;
} map_rules[] = {
    { offsetof(struct lb_row, vips), PLAN_VIP_SET, PLAN_VIP_REMOVE,
      own_everything, false },
    { offsetof(struct lb_row, options), PLAN_OPTION_SET, PLAN_OPTION_REMOVE,
      desired_owns_option, false },
    { offsetof(struct lb_row, external_ids), PLAN_EXTERNAL_ID_SET,
      PLAN_EXTERNAL_ID_REMOVE, desired_owns_external_id, true },
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
            || (rules->is_external_ids && desired_external_id_is_json(key)
                && json_is_equal(want, seen)));
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

static void
diff_carriers(const struct uuid *row, const struct uuidset *want,
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

/* Rows. */

static void
diff_row(const struct lb_row *want, const struct lb_row *seen,
         struct plan *plan)
{
    if (strcmp(want->name, seen->name)) {
        add_step(plan, PLAN_SET_NAME, &seen->uuid)->value = want->name;
    }
    if (strcmp(want->protocol, seen->protocol)) {
        add_step(plan, PLAN_SET_PROTOCOL, &seen->uuid)->value
            = want->protocol;
    }
    if (!sset_equals(&want->selection_fields, &seen->selection_fields)) {
        add_step(plan, PLAN_SET_SELECTION, &seen->uuid)->want = want;
    }
    for (size_t i = 0; i < ARRAY_SIZE(map_rules); i++) {
        diff_map(&map_rules[i], want, seen, plan);
    }
    diff_carriers(&seen->uuid, &want->switches, &seen->switches,
                  PLAN_SWITCH_ADD, PLAN_SWITCH_REMOVE, plan);
    diff_carriers(&seen->uuid, &want->routers, &seen->routers,
                  PLAN_ROUTER_ADD, PLAN_ROUTER_REMOVE, plan);
}

static bool
uuid_is_seen(const struct ovn_lb *seen, const struct uuid *uuid)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        if (uuid_equals(&seen->rows[i].uuid, uuid)) {
            return true;
        }
    }
    return false;
}

/* A row keeps its UUID when its protocol changes, so the first candidate for a
 * new one may be taken. */
static struct uuid
choose_uuid(const struct ovn_lb *seen, const char *name, const char *protocol)
{
    struct uuid space, uuid;

    ovs_assert(uuid_from_string(&space, name));
    uuid = lb_row_uuid(&space, protocol);
    while (uuid_is_seen(seen, &uuid)) {
        uuid = lb_row_uuid(&uuid, protocol);
    }
    return uuid;
}

static void
insert_row(const struct lb_row *want, const struct ovn_lb *seen,
           struct plan *plan)
{
    struct uuid uuid = choose_uuid(seen, want->name, want->protocol);

    struct plan_step *step = add_step(plan, PLAN_ROW_INSERT, &uuid);
    step->want = want;
    step->value = want->name;
    diff_carriers(&uuid, &want->switches, NULL, PLAN_SWITCH_ADD,
                  PLAN_SWITCH_REMOVE, plan);
    diff_carriers(&uuid, &want->routers, NULL, PLAN_ROUTER_ADD,
                  PLAN_ROUTER_REMOVE, plan);
}

/* The database would take a deleted row off its carriers by itself, since
 * they refer to it weakly.  But if the same transaction also puts another row
 * on the same carrier, ovsdb-server (3.1.0) may leave the reference dangling.
 * So it is said explicitly. */
static void
delete_row(const struct lb_row *seen, struct plan *plan)
{
    static const struct uuidset none = UUIDSET_INITIALIZER(&none);

    diff_carriers(&seen->uuid, &none, &seen->switches, PLAN_SWITCH_ADD,
                  PLAN_SWITCH_REMOVE, plan);
    diff_carriers(&seen->uuid, &none, &seen->routers, PLAN_ROUTER_ADD,
                  PLAN_ROUTER_REMOVE, plan);
    add_step(plan, PLAN_ROW_DELETE, &seen->uuid);
}

/* Returns the row of 'seen' that is not yet in 'used' and has the given
 * protocol (NULL: any), or its number of rows if there is none. */
static size_t
find_row(const struct ovn_lb *seen, const bool *used, const char *protocol)
{
    for (size_t i = 0; i < seen->n_rows; i++) {
        if (!used[i]
            && (!protocol || !strcmp(seen->rows[i].protocol, protocol))) {
            return i;
        }
    }
    return seen->n_rows;
}

/* Finds for each wanted row the one that it continues: the one with its
 * protocol; else one that has no protocol yet; and if no protocol is wanted
 * any more, whichever is left. */
static void
diff_rows(const struct ovn_lb *want, const struct ovn_lb *seen,
          struct plan *plan)
{
    size_t match[ARRAY_SIZE(want->rows)];
    bool used[ARRAY_SIZE(seen->rows)] = { false };

    for (size_t i = 0; i < want->n_rows; i++) {
        match[i] = find_row(seen, used, want->rows[i].protocol);
        if (match[i] < seen->n_rows) {
            used[match[i]] = true;
        }
    }
    for (size_t i = 0; i < want->n_rows; i++) {
        const struct lb_row *row = &want->rows[i];
        if (match[i] >= seen->n_rows) {
            match[i] = find_row(seen, used, row->protocol[0] ? "" : NULL);
        }
        if (match[i] < seen->n_rows) {
            used[match[i]] = true;
            diff_row(row, &seen->rows[match[i]], plan);
        } else {
            insert_row(row, seen, plan);
        }
    }
    for (size_t i = 0; i < seen->n_rows; i++) {
        if (!used[i]) {
            delete_row(&seen->rows[i], plan);
        }
    }
}

/* The VIP's port. */

static void
add_port_step(struct plan *plan, enum plan_verb verb,
              const struct vip_port *port, const struct uuid *sw)
{
    struct plan_step *step = add_step(plan, verb, &port->uuid);
    step->port = port;
    step->target = *sw;
}

static void
diff_port(const struct ovn_lb *want_lb, const struct ovn_lb *seen_lb,
          struct plan *plan)
{
    const struct vip_port *want = want_lb->port;
    const struct vip_port *seen = seen_lb->port;
    const struct smap_node *node;

    if (!want || !seen || !uuid_equals(&want->sw, &seen->sw)) {
        /* A port cannot move: the old one goes first, since names are
         * unique. */
        if (seen) {
            add_port_step(plan, PLAN_PORT_DELETE, seen, &seen->sw);
        }
        if (want) {
            add_port_step(plan, PLAN_PORT_INSERT, want, &want->sw);
        }
        return;
    }

    if (strcmp(want->type, seen->type)
        || strcmp(want->addresses, seen->addresses)) {
        add_step(plan, PLAN_PORT_SET, &seen->uuid)->port = want;
    }
    SMAP_FOR_EACH (node, &want->external_ids) {
        const char *old = smap_get(&seen->external_ids, node->key);
        if (!old || strcmp(old, node->value)) {
            add_key_step(plan, PLAN_PORT_EXTERNAL_ID_SET, &seen->uuid,
                         node->key, node->value);
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
