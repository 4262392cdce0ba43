/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the object that a path names, and showing it.
 */

#include <config.h>
#include "api/show.h"
#include <string.h>
#include "api/authorise.h"
#include "api/etag.h"
#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/request.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

/* More than most objects take. */
#define OBJECT_BYTES 2048

/* Compares an id in a path as it is typed, as Octavia does: ours are in lower
 * case. */
static bool
show_parse_id(const char *text, struct uuid *ret)
{
    return !strpbrk(text, "ABCDEF") && uuid_from_string(ret, text);
}

const struct ovsdb_idl_row *
show_find_pool(struct request *request)
{
    const char *text = request->path.ids[0];
    const struct ovsdb_idl_row *pool = NULL;
    struct uuid id;

    if (show_parse_id(text, &id)) {
        pool = rows_find(request->api->rows, RESOURCE_POOL, &id);
    }
    if (!pool) {
        fault_set(&request->fault, FAULT_PARENT_NOT_FOUND,
                  resource_get(RESOURCE_POOL)->title, text);
    }
    return pool;
}

const struct ovsdb_idl_row *
show_find(struct request *request)
{
    enum resource_id resource = request->route->resource;
    const char *text = request->path.ids[request->path.n_ids - 1];
    const struct ovsdb_idl_row *row = NULL;
    const struct ovsdb_idl_row *pool = NULL;

    if (resource == RESOURCE_MEMBER) {
        pool = show_find_pool(request);
        if (!pool) {
            return NULL;
        }
    }
    if (show_parse_id(text, &request->object_id)) {
        row = rows_find(request->api->rows, resource, &request->object_id);
    }
    if (!row || (pool && row_ref(row, COL_pool, 0) != pool)) {
        fault_set(&request->fault, FAULT_NOT_FOUND,
                  resource_get(resource)->title, text);
        return NULL;
    }
    return authorise_row(request, row) ? row : NULL;
}

/* The tag is that of all fields, whichever are shown. */
static void
show_put(const struct request *request, const struct ovsdb_idl_row *row,
         struct ds *body, struct etag *tag)
{
    const struct resource *resource = resource_get(request->route->resource);
    const struct field_choice *choice = &request->query.choice;

    ds_reserve(body, OBJECT_BYTES);
    ds_put_format(body, "{\"%s\": ", resource->key);
    if (choice->is_partial) {
        etag_of_row(resource, row, tag);
        render_object(body, resource, row, &row_reader, choice);
    } else {
        etag_render_row(resource, row, body, tag);
    }
    ds_put_char(body, '}');
}

void
show_reply(struct request *request, const struct ovsdb_idl_row *row)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    struct etag tag;

    show_put(request, row, &body, &tag);
    precondition_put_tag(request, &tag);
    request_reply(request, &body);
}

void
handle_show(struct request *request)
{
    const struct ovsdb_idl_row *row = show_find(request);

    if (row) {
        struct ds body = DS_EMPTY_INITIALIZER;
        struct etag tag;

        show_put(request, row, &body, &tag);
        precondition_reply_tagged(request, &body, &tag);
    } else {
        request_fail(request);
    }
}

/* There is nothing to fail over to: the flows are on every chassis. */
void
handle_failover(struct request *request)
{
    if (show_find(request)) {
        fault_set(&request->fault, FAULT_UNSUPPORTED_OPTION,
                  "OVN provider does not support loadbalancer failover");
    }
    request_fail(request);
}
