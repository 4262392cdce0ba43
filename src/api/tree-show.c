/* SPDX-License-Identifier: Apache-2.0
 *
 * Trees and plans as answers; see tree-show.h.
 */

#include <config.h>
#include "api/tree-show.h"
#include <string.h>
#include "api/etag.h"
#include "api/graph.h"
#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/request.h"
#include "api/show.h"
#include "api/tree-plan.h"
#include "base/json-write.h"
#include "model/attrs.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"

/* --- The tag ------------------------------------------------------------- */

static void
tree_tag_rows(struct etag_sum *, enum resource_id,
              const struct ovsdb_idl_row *parent, enum row_column);

static void
tree_tag_row(struct etag_sum *sum, enum resource_id resource,
             const struct ovsdb_idl_row *row)
{
    etag_sum_add(sum, resource_get(resource), row);
    if (resource == RESOURCE_POOL) {
        tree_tag_rows(sum, RESOURCE_HEALTH_MONITOR, row, COL_health_monitor);
        tree_tag_rows(sum, RESOURCE_MEMBER, row, COL_members);
    }
}

/* Adds the rows in the order of their ids. */
static void
tree_tag_rows(struct etag_sum *sum, enum resource_id resource,
              const struct ovsdb_idl_row *parent, enum row_column column)
{
    size_t n = row_get(parent, column)->n;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *row = row_ref(parent, column, i);

        if (row) {
            tree_tag_row(sum, resource, row);
        }
    }
}

void
tree_tag(const struct ovsdb_idl_row *lb, struct etag *ret)
{
    struct etag_sum sum = ETAG_SUM_INITIALIZER;

    tree_tag_row(&sum, RESOURCE_LOAD_BALANCER, lb);
    tree_tag_rows(&sum, RESOURCE_LISTENER, lb, COL_listeners);
    tree_tag_rows(&sum, RESOURCE_POOL, lb, COL_pools);
    etag_sum_finish(&sum, ret);
}

/* --- The tree ------------------------------------------------------------ */

static void
tree_reply_row(struct request *request, const struct ovsdb_idl_row *lb)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    graph_put(&body, lb);
    request_reply(request, &body);
}

void
tree_reply(struct request *request)
{
    const struct ovsdb_idl_row *lb = rows_find(request->api->rows,
                                               RESOURCE_LOAD_BALANCER,
                                               &request->object_id);
    struct etag tag;

    if (!lb) {
        /* Deleted by another request. */
        fault_set_id(&request->fault, FAULT_NOT_FOUND, "Load Balancer",
                     &request->object_id);
        request_fail(request);
        return;
    }
    tree_tag(lb, &tag);
    precondition_put_tag(request, &tag);
    tree_reply_row(request, lb);
}

void
handle_tree(struct request *request)
{
    const struct ovsdb_idl_row *lb = show_find(request);
    struct etag tag;

    if (!lb) {
        request_fail(request);
        return;
    }
    tree_tag(lb, &tag);
    if (precondition_meets_get(request, &tag)) {
        tree_reply_row(request, lb);
    }
}

/* --- The plan ------------------------------------------------------------ */

static const struct resource *
tree_object_resource(const struct tree_object *object)
{
    return (object->attrs ? object->attrs->resource
            : row_get_resource(object->row));
}

static void
tree_put_string(struct ds *out, const char *text)
{
    json_put_string(out, text, strlen(text));
}

/* Appends the values that a new object is given. */
static void
tree_put_new(struct ds *out, const struct tree_object *object)
{
    const struct resource *resource = object->attrs->resource;
    const char *separator = "";

    ds_put_cstr(out, ", \"attributes\": {");
    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        const struct attr *attr = &object->attrs->attr[i];

        if (attr->is_given && attr->datum.n && !field_has_objects(field)) {
            ds_put_format(out, "%s\"%s\": ", separator, field->name);
            value_format(field, &attr->datum, out);
            separator = ", ";
        }
    }
    ds_put_char(out, '}');
}

/* Appends the attributes that get other values. */
static void
tree_put_changes(struct ds *out, const struct tree_object *object)
{
    const struct resource *resource = object->attrs->resource;
    struct value_scratch scratch = { NULL, 0 };
    const char *separator = "";

    ds_put_cstr(out, ", \"changes\": {");
    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        struct ovsdb_datum datum;

        if (tree_object_changes(object, i)) {
            ds_put_format(out, "%s\"%s\": {\"from\": ", separator,
                          field->name);
            row_reader.read(object->row, resource, field, &scratch, &datum);
            value_format(field, &datum, out);
            ds_put_cstr(out, ", \"to\": ");
            value_format(field, &object->attrs->attr[i].datum, out);
            ds_put_char(out, '}');
            separator = ", ";
        }
    }
    ds_put_char(out, '}');
    value_scratch_uninit(&scratch);
}

struct tree_list {
    struct ds *out;
    const char *separator;
};

static void
tree_put_object(const struct tree_object *object, void *list_)
{
    struct tree_list *list = list_;
    struct ds *out = list->out;

    ds_put_format(out, "%s{\"action\": \"%s\", \"kind\": \"%s\", \"name\": ",
                  list->separator,
                  !object->row ? "create" : !object->attrs ? "delete"
                  : "update", tree_object_resource(object)->key);
    tree_put_string(out, (object->attrs
                          ? attrs_string(object->attrs, "name")
                          : row_string(object->row, COL_name)));
    if (object->row) {
        ds_put_cstr(out, ", \"id\": ");
        json_put_uuid(out, row_id(object->row));
    }
    if (!object->row) {
        tree_put_new(out, object);
    } else if (object->attrs) {
        tree_put_changes(out, object);
    }
    ds_put_char(out, '}');
    list->separator = ", ";
}

void
tree_reply_plan(struct request *request, const struct tree_plan *plan)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    struct tree_list list = { &body, "" };
    struct etag tag;

    tree_tag(plan->lb.row, &tag);
    precondition_put_tag(request, &tag);
    ds_put_cstr(&body, "{\"plan\": [");
    tree_plan_for_each(plan, tree_put_object, &list);
    ds_put_cstr(&body, "]}");
    request_reply(request, &body);
}
