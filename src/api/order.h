/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of a list: what the arguments "sort", "sort_key" and "sort_dir"
 * say, and rows in that order.  Rows that are equal in it, as all are if there
 * is none, are in the order of creation, then of id, so that pages join.
 */

#ifndef API_ORDER_H
#define API_ORDER_H 1

#include <stdbool.h>
#include <stddef.h>
#include "model/fields.h"

struct fault;
struct ovsdb_idl_row;

struct order_key {
    const struct field *field;
    bool is_descending;
};

struct order {
    /* As they came, those of one name separated by commas.  NULL: none. */
    char *sort;                 /* KEY or KEY:DIRECTION; wins over... */
    char *names, *directions;   /* ...the older sort_key and sort_dir. */

    struct order_key keys[FIELDS_MAX];  /* One for a field at most. */
    size_t n_keys;              /* 0: only the order of creation. */
};

/* Notes an argument. */
void order_note(struct order *, const char *name, const char *value);

/* Makes the keys, once all arguments are noted.  Returns false and sets
 * '*faultp' if they are wrong. */
bool order_resolve(struct order *, const struct resource *,
                   struct fault **faultp);
void order_uninit(struct order *);

/* Removes from the 'n' 'rows' of 'resource' all that do not come behind
 * 'marker' (if 'is_reverse', before it), and puts the others in order.  With
 * no 'marker' all remain.  Returns how many do. */
size_t order_rows(const struct order *, const struct resource *,
                  const struct ovsdb_idl_row **rows, size_t n,
                  const struct ovsdb_idl_row *marker, bool is_reverse);

#endif /* api/order.h */
