/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans carried out in memory, where a step that makes no sense is a failure;
 * see rows-fixture.h.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "ovn/plan.h"
#include "ovn/rows.h"
#include "rows-fixture.h"
#include "util.h"
#include "uuid.h"

static void
replace_string(char **s, const char *new)
{
    char *copy = xstrdup(new);

    free(*s);
    *s = copy;
}

static struct lb_row *
find_row(struct ovn_lb *lb, const struct uuid *uuid)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        if (uuid_equals(&lb->rows[i]->uuid, uuid)) {
            return lb->rows[i];
        }
    }
    fail_msg("no row "UUID_FMT, UUID_ARGS(uuid));
    return NULL;
}

static bool
has_row(const struct ovn_lb *lb, const struct uuid *uuid)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        if (uuid_equals(&lb->rows[i]->uuid, uuid)) {
            return true;
        }
    }
    return false;
}

/* The check and, in '*ret_index', which one it is. */
static struct health_check *
find_check(const struct lb_row *row, const struct uuid *uuid,
           size_t *ret_index)
{
    for (size_t i = 0; i < row->n_checks; i++) {
        if (uuid_equals(&row->checks[i]->uuid, uuid)) {
            *ret_index = i;
            return row->checks[i];
        }
    }
    return NULL;
}

static struct health_check *
get_check(const struct ovn_lb *lb, const struct uuid *uuid)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        size_t index;
        struct health_check *check = find_check(lb->rows[i], uuid, &index);
        if (check) {
            return check;
        }
    }
    fail_msg("no check "UUID_FMT, UUID_ARGS(uuid));
    return NULL;
}

/* Cuts element number 'i' out of an array of pointers. */
static void *
cut(void *array_, size_t *n, size_t i)
{
    void **array = array_;
    void *element = array[i];

    (*n)--;
    memmove(&array[i], &array[i + 1], (*n - i) * sizeof *array);
    return element;
}

/* A load balancer to be filled with what shall be destroyed. */
static void
bin_init(struct ovn_lb *bin)
{
    ovn_lb_init(bin, &UUID_ZERO);
}

static void
delete_row(struct ovn_lb *lb, const struct lb_row *row)
{
    struct ovn_lb bin;

    bin_init(&bin);
    for (size_t i = 0; i < lb->n_rows; i++) {
        if (lb->rows[i] == row) {
            bin.rows = xmalloc(sizeof *bin.rows);
            bin.rows[bin.n_rows++] = cut(lb->rows, &lb->n_rows, i);
            break;
        }
    }
    ovn_lb_uninit(&bin);
}

/* A row and its checks go together: nobody else refers to the checks. */
static void
insert_row(struct ovn_lb *lb, const struct plan_step *step)
{
    assert_false(has_row(lb, &step->row));
    assert_string_equal(lb->name, step->value);

    struct lb_row *row = ovn_lb_add_row(lb);
    row->uuid = step->row;
    replace_string(&row->protocol, step->want->protocol);
    sset_clone(&row->selection_fields, &step->want->selection_fields);
    smap_clone(&row->vips, &step->want->vips);
    smap_clone(&row->options, &step->want->options);
    smap_clone(&row->external_ids, &step->want->external_ids);
    smap_clone(&row->ip_port_mappings, &step->want->ip_port_mappings);
}

static void
insert_check(struct ovn_lb *lb, const struct plan_step *step)
{
    for (size_t i = 0; i < lb->n_rows; i++) {
        size_t index;
        assert_null(find_check(lb->rows[i], &step->target, &index));
    }
    assert_string_equal(step->key, step->check->vip);

    struct health_check *check
        = lb_row_add_check(find_row(lb, &step->row), step->check->vip);
    check->uuid = step->target;
    smap_clone(&check->options, &step->check->options);
    smap_clone(&check->external_ids, &step->check->external_ids);
}

static void
remove_check(struct ovn_lb *lb, const struct plan_step *step)
{
    struct lb_row *row = find_row(lb, &step->row);
    struct lb_row *bin_row;
    struct ovn_lb bin;
    size_t i;

    assert_non_null(find_check(row, &step->target, &i));
    bin_init(&bin);
    bin_row = ovn_lb_add_row(&bin);
    bin_row->checks = xmalloc(sizeof *bin_row->checks);
    bin_row->checks[bin_row->n_checks++] = cut(row->checks, &row->n_checks,
                                               i);
    ovn_lb_uninit(&bin);
}

static void
set_key(struct smap *smap, const struct plan_step *step)
{
    const char *old = smap_get(smap, step->key);

    assert_false(old && !strcmp(old, step->value));
    smap_replace(smap, step->key, step->value);
}

static void
remove_key(struct smap *smap, const struct plan_step *step)
{
    struct smap_node *node = smap_get_node(smap, step->key);

    assert_non_null(node);
    smap_remove_node(smap, node);
}

static void
change_set(struct uuidset *set, const struct uuid *uuid, bool add)
{
    assert_int_equal(uuidset_contains(set, uuid), !add);
    if (add) {
        uuidset_insert(set, uuid);
    } else {
        uuidset_find_and_delete(set, uuid);
    }
}

#define MAP_CASES(NAME, MAP)                                            \
    case PLAN_##NAME##_SET:                                             \
        set_key(MAP, step);                                             \
        return true;                                                    \
    case PLAN_##NAME##_REMOVE:                                          \
        remove_key(MAP, step);                                          \
        return true

#define SET_CASES(NAME, SET)                                            \
    case PLAN_##NAME##_ADD:                                             \
    case PLAN_##NAME##_REMOVE:                                          \
        change_set(SET, &step->target, step->verb == PLAN_##NAME##_ADD); \
        return true

/* These return false for the steps of others. */

static bool
apply_row_step(struct ovn_lb *lb, const struct plan_step *step)
{
    switch ((int) step->verb) {
    case PLAN_ROW_INSERT:
        insert_row(lb, step);
        return true;
    case PLAN_ROW_DELETE:
        delete_row(lb, find_row(lb, &step->row));
        return true;
    case PLAN_SET_NAME:
        replace_string(&find_row(lb, &step->row)->name, step->value);
        return true;
    case PLAN_SET_PROTOCOL:
        replace_string(&find_row(lb, &step->row)->protocol, step->value);
        return true;
    case PLAN_SET_SELECTION: {
        struct lb_row *row = find_row(lb, &step->row);
        sset_destroy(&row->selection_fields);
        sset_clone(&row->selection_fields, &step->want->selection_fields);
        return true;
    }
    MAP_CASES(VIP, &find_row(lb, &step->row)->vips);
    MAP_CASES(OPTION, &find_row(lb, &step->row)->options);
    MAP_CASES(EXTERNAL_ID, &find_row(lb, &step->row)->external_ids);
    MAP_CASES(MAPPING, &find_row(lb, &step->row)->ip_port_mappings);
    SET_CASES(SWITCH, &find_row(lb, &step->row)->switches);
    SET_CASES(ROUTER, &find_row(lb, &step->row)->routers);
    SET_CASES(GROUP, &find_row(lb, &step->row)->groups);
    default:
        return false;
    }
}

static bool
apply_check_step(struct ovn_lb *lb, const struct plan_step *step)
{
    switch ((int) step->verb) {
    case PLAN_CHECK_INSERT:
        insert_check(lb, step);
        return true;
    case PLAN_CHECK_REMOVE:
        remove_check(lb, step);
        return true;
    MAP_CASES(CHECK_OPTION, &get_check(lb, &step->row)->options);
    case PLAN_CHECK_EXTERNAL_ID_SET:
        set_key(&get_check(lb, &step->row)->external_ids, step);
        return true;
    default:
        return false;
    }
}

/* Groups. */

void
lb_group_delete(struct ovn_lb *lb, const struct uuid *uuid)
{
    struct ovn_lb bin;

    bin_init(&bin);
    for (size_t i = 0; i < lb->n_groups; i++) {
        if (uuid_equals(&lb->groups[i]->id, uuid)) {
            bin.groups = xmalloc(sizeof *bin.groups);
            bin.groups[bin.n_groups++] = cut(lb->groups, &lb->n_groups, i);
            break;
        }
    }
    ovn_lb_uninit(&bin);
}

static void
copy_uuids(struct uuidset *dst, const struct uuidset *src)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, src) {
        uuidset_insert(dst, &node->uuid);
    }
}

void
lb_group_copy(struct ovn_lb *dst, const struct lb_group *src)
{
    lb_group_delete(dst, &src->id);

    struct lb_group *copy = ovn_lb_group(dst, &src->id);
    copy->is_settled = src->is_settled;
    copy_uuids(&copy->switches, &src->switches);
    copy_uuids(&copy->routers, &src->routers);
}

static struct lb_group *
get_group(struct ovn_lb *lb, const struct uuid *uuid)
{
    assert_non_null(ovn_lb_find_group(lb, uuid));
    return ovn_lb_group(lb, uuid);
}

static bool
apply_group_step(struct ovn_lb *lb, const struct plan_step *step)
{
    switch ((int) step->verb) {
    case PLAN_GROUP_INSERT:
        assert_null(ovn_lb_find_group(lb, &step->row));
        ovn_lb_group(lb, &step->row);
        return true;
    case PLAN_GROUP_SET_NAME:
        assert_true(get_group(lb, &step->row)->is_renamed);
        get_group(lb, &step->row)->is_renamed = false;
        return true;
    SET_CASES(GROUP_SWITCH, &get_group(lb, &step->row)->switches);
    SET_CASES(GROUP_ROUTER, &get_group(lb, &step->row)->routers);
    case PLAN_NAT_CENTRALISE:
        change_set(&lb->nats, &step->row, true);
        return true;
    default:
        return false;
    }
}

/* Ports. */

static struct lb_port *
get_port(const struct ovn_lb *lb, const struct uuid *uuid)
{
    const struct lb_port *port = ovn_lb_find_port(lb, uuid);

    assert_non_null(port);
    return CONST_CAST(struct lb_port *, port);
}

static void
set_port(struct lb_port *port, const struct lb_port *want)
{
    replace_string(&port->type, want->type);
    replace_string(&port->addresses, want->addresses);
}

/* Neither names nor UUIDs are there twice. */
static void
insert_port(struct ovn_lb *lb, const struct plan_step *step)
{
    for (size_t i = 0; i < lb->n_ports; i++) {
        assert_string_not_equal(lb->ports[i]->name, step->port->name);
        assert_false(uuid_equals(&lb->ports[i]->uuid, &step->row));
    }

    struct lb_port *port = ovn_lb_add_port_nocopy(lb,
                                                  xstrdup(step->port->name));
    port->uuid = step->row;
    port->sw = step->target;
    port->is_shared = step->port->is_shared;
    set_port(port, step->port);
    smap_clone(&port->external_ids, &step->port->external_ids);
}

static void
delete_port(struct ovn_lb *lb, const struct plan_step *step)
{
    const struct lb_port *port = get_port(lb, &step->row);
    struct ovn_lb bin;

    assert_true(uuid_equals(&port->sw, &step->target));
    bin_init(&bin);
    for (size_t i = 0; i < lb->n_ports; i++) {
        if (lb->ports[i] == port) {
            bin.ports = xmalloc(sizeof *bin.ports);
            bin.ports[bin.n_ports++] = cut(lb->ports, &lb->n_ports, i);
            break;
        }
    }
    ovn_lb_uninit(&bin);
}

static bool
apply_port_step(struct ovn_lb *lb, const struct plan_step *step)
{
    switch ((int) step->verb) {
    case PLAN_PORT_INSERT:
        insert_port(lb, step);
        return true;
    case PLAN_PORT_SET:
        set_port(get_port(lb, &step->row), step->port);
        return true;
    case PLAN_PORT_EXTERNAL_ID_SET:
        set_key(&get_port(lb, &step->row)->external_ids, step);
        return true;
    case PLAN_PORT_DELETE:
        delete_port(lb, step);
        return true;
    default:
        return false;
    }
}

void
ovn_lb_apply(struct ovn_lb *lb, const struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_step *step = &plan->steps[i];

        if (!apply_row_step(lb, step) && !apply_check_step(lb, step)
            && !apply_group_step(lb, step) && !apply_port_step(lb, step)) {
            fail_msg("verb %d is not known", (int) step->verb);
        }
    }
}
