/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of a list; see order.h.
 */

#include <config.h>
#include "api/order.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/json-repr.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"

/* --- Arguments ----------------------------------------------------------- */

/* Several arguments of one name are one, as Neutron's clients send them. */
void
order_note(struct order *order, const char *name, const char *value)
{
    char **text = (!strcmp(name, "sort") ? &order->sort
                   : !strcmp(name, "sort_key") ? &order->names
                   : &order->directions);

    if (!*text) {
        *text = xstrdup(value);
    } else {
        char *joined = xasprintf("%s,%s", *text, value);

        free(*text);
        *text = joined;
    }
}

void
order_uninit(struct order *order)
{
    free(order->sort);
    free(order->names);
    free(order->directions);
}

/* Sets the fault for a pair with more than one colon. */
static bool
order_refuse_parts(const char *pair, struct fault **faultp)
{
    struct json *parts = json_array_create_empty();
    struct ds repr = DS_EMPTY_INITIALIZER;
    char *copy = xstrdup(pair);
    char *rest = copy;
    char *part;

    while ((part = strsep(&rest, ":"))) {
        json_array_add(parts, json_string_create(part));
    }
    json_repr(parts, &repr);
    fault_set(faultp, FAULT_INVALID_SORT_KEY, ds_cstr(&repr));
    ds_destroy(&repr);
    json_destroy(parts);
    free(copy);
    return false;
}

/* Adds 'name', unless it is there already: then it would change nothing.
 * 'direction' may be NULL. */
static bool
order_add_key(struct order *order, const struct resource *resource,
              const char *name, char *direction, struct fault **faultp)
{
    for (char *p = direction; p && *p; p++) {
        *p = tolower((unsigned char) *p);
    }

    bool is_descending = direction && !strcmp(direction, "desc");
    if (direction && !is_descending && strcmp(direction, "asc")) {
        return fault_set(faultp, FAULT_INVALID_SORT_DIRECTION, direction);
    }

    const struct field *field = field_find_queried(resource, name);
    if (!field) {
        return fault_set(faultp, FAULT_INVALID_SORT_KEY, name);
    }
    for (size_t i = 0; i < order->n_keys; i++) {
        if (order->keys[i].field == field) {
            return true;
        }
    }
    order->keys[order->n_keys++] = (struct order_key) { field, is_descending };
    return true;
}

/* Reads "KEY,KEY:DIRECTION". */
static bool
order_read_pairs(struct order *order, const struct resource *resource,
                 struct fault **faultp)
{
    char *rest = order->sort;
    char *pair;

    while ((pair = strsep(&rest, ","))) {
        char *direction = strchr(pair, ':');

        if (direction && strchr(direction + 1, ':')) {
            return order_refuse_parts(pair, faultp);
        }
        if (direction) {
            *direction++ = '\0';
        }
        if (!order_add_key(order, resource, pair, direction, faultp)) {
            return false;
        }
    }
    return true;
}

/* Reads a list of keys, and one of directions, which may be shorter. */
static bool
order_read_lists(struct order *order, const struct resource *resource,
                 struct fault **faultp)
{
    char *directions = order->directions;
    char *names = order->names;
    char *name;

    if (directions && !*directions) {
        directions = NULL;
    }
    while ((name = strsep(&names, ","))) {
        char *direction = strsep(&directions, ",");

        if (!order_add_key(order, resource, name, direction, faultp)) {
            return false;
        }
    }
    return true;
}

bool
order_resolve(struct order *order, const struct resource *resource,
              struct fault **faultp)
{
    return (order->sort && *order->sort
            ? order_read_pairs(order, resource, faultp)
            : order->names && *order->names
            ? order_read_lists(order, resource, faultp)
            : true);
}

/* --- Rows ---------------------------------------------------------------- */

/* A key's value in a row, read once: rows are compared many times. */
struct order_value {
    bool is_set;
    union ovsdb_atom atom;      /* What it points to is the row's. */
};

struct order_entry {
    const struct ovsdb_idl_row *row;
    struct order_value *values; /* As many as there are keys. */
};

static void
order_read_values(const struct order *order, const struct resource *resource,
                  const struct order_entry *entry)
{
    struct value_scratch scratch = { NULL, 0 };

    for (size_t i = 0; i < order->n_keys; i++) {
        struct order_value *value = &entry->values[i];
        struct ovsdb_datum datum;

        row_reader.read(entry->row, resource, order->keys[i].field, &scratch,
                        &datum);
        value->is_set = datum.n > 0;
        if (value->is_set) {
            value->atom = datum.keys[0];
        }
    }
    value_scratch_uninit(&scratch);
}

/* No value comes before all others, as in Octavia's database. */
static int
order_compare_entries(const void *a_, const void *b_, void *order_)
{
    const struct order_entry *a = a_;
    const struct order_entry *b = b_;
    const struct order *order = order_;

    for (size_t i = 0; i < order->n_keys; i++) {
        const struct order_value *x = &a->values[i];
        const struct order_value *y = &b->values[i];
        int result = (x->is_set != y->is_set ? (x->is_set ? 1 : -1)
                      : !x->is_set ? 0
                      : value_compare(order->keys[i].field, &x->atom,
                                      &y->atom));

        if (result) {
            return order->keys[i].is_descending ? -result : result;
        }
    }
    return row_compare(a->row, b->row);
}

static bool
order_is_on_page(const struct order *order, const struct order_entry *entry,
                 const struct order_entry *mark, bool is_reverse)
{
    int side = order_compare_entries(entry, mark,
                                     CONST_CAST(struct order *, order));

    return is_reverse ? side < 0 : side > 0;
}

size_t
order_rows(const struct order *order, const struct resource *resource,
           const struct ovsdb_idl_row **rows, size_t n,
           const struct ovsdb_idl_row *marker, bool is_reverse)
{
    struct order_entry *entries = xmalloc((n + 1) * sizeof *entries);
    struct order_value *values = xmalloc(((n + 1) * order->n_keys + 1)
                                         * sizeof *values);
    struct order_entry mark = { marker, values + n * order->n_keys };
    size_t n_kept = 0;

    if (marker) {
        order_read_values(order, resource, &mark);
    }
    for (size_t i = 0; i < n; i++) {
        struct order_entry entry = {
            rows[i], values + n_kept * order->n_keys
        };

        order_read_values(order, resource, &entry);
        if (!marker || order_is_on_page(order, &entry, &mark, is_reverse)) {
            entries[n_kept++] = entry;
        }
    }
    qsort_r(entries, n_kept, sizeof *entries, order_compare_entries,
            CONST_CAST(struct order *, order));
    for (size_t i = 0; i < n_kept; i++) {
        rows[i] = entries[i].row;
    }
    free(values);
    free(entries);
    return n_kept;
}
