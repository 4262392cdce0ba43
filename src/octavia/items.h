/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects and their states as Octavia's REST API shows them.  Pure.
 */

#ifndef OCTAVIA_ITEMS_H
#define OCTAVIA_ITEMS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct json;

/* Longer than any state's name. */
#define OCTAVIA_STATE_MAX 24

struct octavia_item {
    struct uuid id;
    char provisioning_status[OCTAVIA_STATE_MAX];
    char operating_status[OCTAVIA_STATE_MAX];
};

bool octavia_item_is_pending(const struct octavia_item *);
bool octavia_item_is_pending_delete(const struct octavia_item *);

/* Zero to begin with. */
struct octavia_items {
    struct octavia_item *array;
    size_t n, allocated;
};

void octavia_items_uninit(struct octavia_items *);

/* Adds a page of a list: 'key' is the list's name in the answer 'body', which
 * may be NULL.  Stores in '*ret_n' how many there were: without any, the list
 * is at its end.  Returns false if it is no such answer, or a page that goes
 * on in circles. */
bool octavia_items_add_page(struct octavia_items *, const struct json *body,
                            const char *key, size_t *ret_n);

/* Adds all objects in 'body', however deep. */
void octavia_items_add_tree(struct octavia_items *, const struct json *body);

#endif /* octavia/items.h */
