/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects out of Octavia's answers; see items.h.
 */

#include <config.h>
#include "octavia/items.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"
#include "uuid.h"

bool
octavia_item_is_pending(const struct octavia_item *item)
{
    return !strncmp(item->provisioning_status, "PENDING_", 8);
}

bool
octavia_item_is_pending_delete(const struct octavia_item *item)
{
    return !strcmp(item->provisioning_status, "PENDING_DELETE");
}

void
octavia_items_uninit(struct octavia_items *items)
{
    free(items->array);
}

static bool
read_string(const struct json *object, const char *name, char *ret,
            size_t size)
{
    const char *value = json_member_string(object, name);

    if (!value || strlen(value) >= size) {
        return false;
    }
    ovs_strlcpy(ret, value, size);
    return true;
}

/* Returns false if it is no object as Octavia shows them. */
static bool
read_item(const struct json *json, struct octavia_item *item)
{
    char id[UUID_LEN + 1];

    return (json->type == JSON_OBJECT
            && read_string(json, "id", id, sizeof id)
            && uuid_from_string(&item->id, id)
            && read_string(json, "provisioning_status",
                           item->provisioning_status,
                           sizeof item->provisioning_status)
            && read_string(json, "operating_status", item->operating_status,
                           sizeof item->operating_status));
}

static bool
add_item(struct octavia_items *items, const struct json *json)
{
    ARRAY_GROW(items->array, items->n, items->allocated);
    if (!read_item(json, &items->array[items->n])) {
        return false;
    }
    items->n++;
    return true;
}

/* A page that ends where the last one did goes on in circles. */
bool
octavia_items_add_page(struct octavia_items *items, const struct json *body,
                       const char *key, size_t *ret_n)
{
    const struct json *list = json_member(body, key);
    struct uuid marker = items->n ? items->array[items->n - 1].id : UUID_ZERO;

    if (!list || list->type != JSON_ARRAY) {
        return false;
    }
    *ret_n = json_array_size(list);
    for (size_t i = 0; i < *ret_n; i++) {
        if (!add_item(items, json_array_at(list, i))) {
            return false;
        }
    }
    return !*ret_n || !uuid_equals(&items->array[items->n - 1].id, &marker);
}

/* Nesting is bounded by JSON_DEPTH_MAX before any answer gets here, so
 * recursion is, too. */
void
octavia_items_add_tree(struct octavia_items *items, const struct json *json)
{
    if (json->type == JSON_ARRAY) {
        for (size_t i = 0; i < json_array_size(json); i++) {
            octavia_items_add_tree(items, json_array_at(json, i));
        }
    } else if (json->type == JSON_OBJECT) {
        const struct shash_node *node;

        add_item(items, json);  /* Or it is what holds the tree. */
        SHASH_FOR_EACH (node, json_object(json)) {
            octavia_items_add_tree(items, node->data);
        }
    }
}
