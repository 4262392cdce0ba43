/* SPDX-License-Identifier: Apache-2.0
 *
 * What an existing Octavia says to us on its sockets and on ours.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "attrs-check.h"
#include "base/json-read.h"
#include "check.h"
#include "fuzz.h"
#include "octavia/body.h"
#include "octavia/frame.h"
#include "octavia/items.h"
#include "octavia/status-socket.h"
#include "octavia/unserved.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

/* --- Frames -------------------------------------------------------------- */

#define FRAME_BYTES_MAX 4096

/* In pieces of 'piece' bytes. */
static void
put_in_pieces(struct frame *frame, const char *data, size_t size,
              size_t piece)
{
    frame_init(frame, FRAME_BYTES_MAX);
    for (size_t i = 0; i < size && frame_is_open(frame); i += piece) {
        frame_put(frame, data + i, MIN(piece, size - i));
    }
    frame_end(frame);
}

/* What was sent as a frame arrives as it was. */
static void
check_frame_again(const struct json *json)
{
    struct ds out = DS_EMPTY_INITIALIZER;
    struct frame frame;

    frame_write(json, &out);
    put_in_pieces(&frame, ds_cstr(&out), out.length, out.length);
    if (frame.state == FRAME_DONE) {
        struct json *again = frame_read(&frame);

        ovs_assert(again && json_equal(json, again));
        json_destroy(again);
    } else {
        ovs_assert(out.length > FRAME_BYTES_MAX);
    }
    frame_uninit(&frame);
    ds_destroy(&out);
}

/* However a frame is cut by the network, it is the same, unless more came than
 * was announced: that is only noticed if it comes at once. */
void
fuzz_frame(const char *data, size_t size)
{
    struct frame whole, pieces;

    put_in_pieces(&whole, data, size, size);
    put_in_pieces(&pieces, data, size, 1);
    ovs_assert(!frame_is_open(&whole) && !frame_is_open(&pieces));
    ovs_assert(!whole.error == (whole.state == FRAME_DONE));
    ovs_assert(whole.payload.length <= FRAME_BYTES_MAX);
    if (whole.state == FRAME_DONE) {
        struct json *json = frame_read(&whole);

        ovs_assert(pieces.state == FRAME_DONE);
        check_same(ds_cstr(&whole.payload), ds_cstr(&pieces.payload));
        if (json) {
            check_frame_again(json);
            json_destroy(json);
        }
    }
    frame_uninit(&whole);
    frame_uninit(&pieces);
}

/* --- Data models --------------------------------------------------------- */

static void
check_model(enum resource_id resource, enum attrs_method method,
            const struct json *json)
{
    static const struct uuid parent = { { 1, 2, 3, 4 } };

    for (int how = 0; how < 4; how++) {
        const struct body_rules rules = {
            .is_lenient = how & 1,
            .is_strict = how & 2,
        };
        struct fault *fault = NULL;
        struct attrs *attrs = body_parse(resource, method, json, &parent,
                                         &rules, &fault);

        ovs_assert(!attrs == !!fault);
        if (attrs) {
            check_attrs_again(attrs);
            attrs_destroy(attrs);
        } else {
            check_fault(fault);
        }
    }
}

/* A letter for the kind of object, "P" for an update or another one for a
 * creation, and octavia-lib's object. */
void
fuzz_model(const char *data, size_t size)
{
    static const char letters[] = "blpmvh";     /* As enum resource_id. */
    const char *letter = size >= 2 ? strchr(letters, data[0]) : NULL;

    if (!letter || *letter == 'v' || !*letter) {
        return;
    }

    struct json *json = json_read(data + 2, size - 2);
    if (json) {
        enum resource_id resource = letter - letters;
        struct fault *fault = NULL;
        struct uuid id;

        if (!body_id(resource, json, &id, &fault)) {
            check_fault(fault);
        }
        free(unserved_security_groups(json));
        check_model(resource, data[1] == 'P' ? ATTRS_PUT : ATTRS_POST, json);
        json_destroy(json);
    }
}

/* --- Answers ------------------------------------------------------------- */

void
fuzz_status(const char *data, size_t size)
{
    struct json *json = json_read(data, size);
    struct status_reply reply;

    if (json && json->type == JSON_OBJECT) {
        status_reply_parse(json, &reply);
        ovs_assert((reply.result == STATUS_TAKEN) == !reply.error);
        ovs_assert(reply.result != STATUS_AWAY);
        if (reply.result != STATUS_REFUSED) {
            ovs_assert(uuid_is_zero(&reply.refused));
        }
    }
    json_destroy(json);
}

static void
check_items(const struct octavia_items *items)
{
    for (size_t i = 0; i < items->n; i++) {
        const struct octavia_item *item = &items->array[i];

        ovs_assert(strlen(item->provisioning_status) < OCTAVIA_STATE_MAX);
        ovs_assert(strlen(item->operating_status) < OCTAVIA_STATE_MAX);
        ovs_assert(octavia_item_is_pending(item)
                   || !octavia_item_is_pending_delete(item));
    }
}

/* An answer of the REST API, as a list and as a tree.  What a list has, a tree
 * has, too; and a list that comes again has no end. */
void
fuzz_items(const char *data, size_t size)
{
    struct json *json = json_read(data, size);
    struct octavia_items list = { .n = 0 };
    struct octavia_items tree = { .n = 0 };
    size_t n;

    if (json) {
        octavia_items_add_tree(&tree, json);
        check_items(&tree);
    }
    if (octavia_items_add_page(&list, json, "loadbalancers", &n)) {
        check_items(&list);
        ovs_assert(list.n == n && tree.n >= n);
        ovs_assert(octavia_items_add_page(&list, json, "loadbalancers", &n)
                   == !n);
    }
    octavia_items_uninit(&list);
    octavia_items_uninit(&tree);
    json_destroy(json);
}
