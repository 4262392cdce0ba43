/* SPDX-License-Identifier: Apache-2.0
 *
 * Octavia's data models against our rows; see compare.h.
 */

#include <config.h>
#include "octavia/compare.h"
#include <string.h>
#include "base/fault.h"
#include "base/ovs-compat.h"
#include "model/attrs.h"
#include "model/checks.h"
#include "model/render.h"
#include "model/value.h"
#include "octavia/body.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

struct compare {
    const struct rows *rows;
    struct body_rules rules;
    compare_cb *cb;
    void *aux;
    struct uuidset seen;        /* In the model. */
    struct value_scratch scratch;
};

static void
report_difference(const struct compare *compare, enum difference_kind kind,
                  enum resource_id resource, const struct uuid *id)
{
    const struct difference difference = {
        .kind = kind, .resource = resource, .id = *id,
    };

    compare->cb(&difference, compare->aux);
}

/* True if the value is missing, or an empty text, which means the same in
 * every place. */
static bool
is_nothing(const struct field *field, const struct ovsdb_datum *datum)
{
    return (!datum->n
            || (field->type == FT_STRING && datum->n == 1
                && !*json_string(datum->keys[0].s)));
}

static bool
field_is_equal(const struct field *field, const struct ovsdb_datum *a,
               const struct ovsdb_datum *b)
{
    return ((is_nothing(field, a) && is_nothing(field, b))
            || value_equals(field, a, b));
}

static void
say_value(const struct compare *compare, const struct attrs *attrs, size_t i,
          const struct uuid *id, const struct ovsdb_datum *ours)
{
    const struct field *field = &attrs->resource->fields[i];
    struct ds ours_text = DS_EMPTY_INITIALIZER;
    struct ds theirs_text = DS_EMPTY_INITIALIZER;

    value_format(field, ours, &ours_text);
    value_format(field, &attrs->attr[i].datum, &theirs_text);

    const struct difference difference = {
        .kind = DIFFERENCE_VALUE,
        .resource = attrs->resource->id,
        .id = *id,
        .field = field->name,
        .ours = ds_cstr(&ours_text),
        .theirs = ds_cstr(&theirs_text),
    };
    compare->cb(&difference, compare->aux);
    ds_destroy(&ours_text);
    ds_destroy(&theirs_text);
}

/* Only what the object says, and what has a column of its own. */
static void
compare_values(struct compare *compare, const struct attrs *attrs,
               const struct ovsdb_idl_row *row)
{
    const struct resource *resource = attrs->resource;

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        const struct attr *attr = &attrs->attr[i];
        struct ovsdb_datum ours;

        if (!field_is_own_column(field) || field_has_objects(field)
            || !attr->is_given) {
            continue;
        }
        row_reader.read(row, resource, field, &compare->scratch, &ours);
        if (!field_is_equal(field, &ours, &attr->datum)) {
            say_value(compare, attrs, i, row_id(row), &ours);
        }
    }
}

static void
say_bad(const struct compare *compare, enum resource_id resource,
        const struct uuid *id, const struct fault *fault)
{
    const struct difference difference = {
        .kind = DIFFERENCE_BAD, .resource = resource, .id = *id,
        .text = fault ? fault->text : "no object of Octavia's",
    };

    compare->cb(&difference, compare->aux);
}

static void
compare_object(struct compare *compare, enum resource_id resource,
               const struct json *object, const struct uuid *parent)
{
    struct fault *fault = NULL;
    struct uuid id;

    if (!body_id(resource, object, &id, &fault)) {
        fault_destroy(fault);
        return;
    }
    uuidset_insert(&compare->seen, &id);

    const struct ovsdb_idl_row *row = rows_find(compare->rows, resource,
                                                &id);
    compare->rules.stored = row;
    struct attrs *attrs = body_parse(resource, ATTRS_POST, object, parent,
                                     &compare->rules, &fault);
    if (!attrs || (resource == RESOURCE_POOL
                   && !check_persistence(attrs,
                                         attrs_string(attrs, "protocol"),
                                         NULL, &fault))) {
        say_bad(compare, resource, &id, fault);
    } else if (!row) {
        report_difference(compare, DIFFERENCE_NOT_HERE, resource, &id);
    } else {
        compare_values(compare, attrs, row);
    }
    attrs_destroy(attrs);
    fault_destroy(fault);
}

/* The list's objects; 'below' goes on with each of them. */
static void
compare_list(struct compare *compare, enum resource_id resource,
             const struct json *owner, const char *name,
             const struct uuid *parent,
             void (*below)(struct compare *, const struct json *))
{
    const struct json *list = body_get(owner, name);

    for (size_t i = 0;
         list && list->type == JSON_ARRAY && i < json_array_size(list); i++) {
        compare_object(compare, resource, json_array_at(list, i), parent);
        if (below) {
            below(compare, json_array_at(list, i));
        }
    }
}

static void
compare_below_pool(struct compare *compare, const struct json *pool)
{
    const struct json *monitor = body_get(pool, "healthmonitor");
    struct uuid id;

    if (body_uuid(pool, "pool_id", &id)) {
        compare_list(compare, RESOURCE_MEMBER, pool, "members", &id, NULL);
        if (monitor) {
            compare_object(compare, RESOURCE_HEALTH_MONITOR, monitor, &id);
        }
    }
}

/* Rows that the model does not have. */
static void
find_extra(const struct compare *compare, const struct ovsdb_idl_row *row,
           enum row_column column, enum resource_id resource)
{
    size_t n = row_get(row, column)->n;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *child = row_ref(row, column, i);

        if (child && !uuidset_contains(&compare->seen, row_id(child))) {
            report_difference(compare, DIFFERENCE_NOT_THERE, resource,
                              row_id(child));
        }
    }
}

static void
find_all_extra(const struct compare *compare, const struct ovsdb_idl_row *lb)
{
    size_t n = row_get(lb, COL_pools)->n;

    find_extra(compare, lb, COL_listeners, RESOURCE_LISTENER);
    find_extra(compare, lb, COL_pools, RESOURCE_POOL);
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *pool = row_ref(lb, COL_pools, i);

        if (pool) {
            find_extra(compare, pool, COL_members, RESOURCE_MEMBER);
            find_extra(compare, pool, COL_health_monitor,
                       RESOURCE_HEALTH_MONITOR);
        }
    }
}

void
octavia_compare_lb(const struct rows *rows, const struct json *model,
                   const struct octavia_conf *conf, compare_cb *cb,
                   void *aux)
{
    struct compare compare = {
        .rows = rows,
        .rules = { .conf = conf, .is_lenient = true },
        .cb = cb,
        .aux = aux,
        .seen = UUIDSET_INITIALIZER(&compare.seen),
    };
    struct uuid id;

    if (body_uuid(model, "loadbalancer_id", &id)) {
        const struct ovsdb_idl_row *lb = rows_find(rows,
                                                   RESOURCE_LOAD_BALANCER,
                                                   &id);

        compare_object(&compare, RESOURCE_LOAD_BALANCER, model, NULL);
        compare_list(&compare, RESOURCE_LISTENER, model, "listeners", &id,
                     NULL);
        compare_list(&compare, RESOURCE_POOL, model, "pools", &id,
                     compare_below_pool);
        if (lb) {
            find_all_extra(&compare, lb);
        }
    }
    value_scratch_uninit(&compare.scratch);
    uuidset_destroy(&compare.seen);
}
