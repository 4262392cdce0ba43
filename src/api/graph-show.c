/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer to a POST of a load balancer: it, with all of its parts in it;
 * see graph.h.  A part does not name the object that it is shown in.
 */

#include <config.h>
#include "api/graph.h"
#include <stdlib.h>
#include "api/preconditions.h"
#include "api/request.h"
#include "api/routes.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "store/rows.h"
#include "util.h"

/* Fields that are shown in another way, or not at all. */
static const char *const graph_hidden[N_RESOURCES][3] = {
    [RESOURCE_LOAD_BALANCER] = { "listeners", "pools" },
    [RESOURCE_LISTENER] = { "loadbalancers" },
    [RESOURCE_POOL] = { "loadbalancers", "healthmonitor_id", "members" },
    [RESOURCE_HEALTH_MONITOR] = { "pools" },
};

static bool
graph_hides(enum resource_id resource, const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(graph_hidden[resource]); i++) {
        const char *hidden = graph_hidden[resource][i];

        if (hidden && !strcmp(hidden, name)) {
            return true;
        }
    }
    return false;
}

static void
graph_put_fields(struct ds *out, enum resource_id id,
                 const struct ovsdb_idl_row *row)
{
    const struct resource *resource = resource_get(id);
    struct field_choice choice = { .is_partial = true };

    for (size_t i = 0; i < resource->n_fields; i++) {
        choice.is_chosen[i] = !graph_hides(id, resource->fields[i].name);
    }
    render_fields(out, resource, row, &row_reader, &choice);
}

static int
graph_compare_rows(const void *a_, const void *b_)
{
    const struct ovsdb_idl_row *const *a = a_;
    const struct ovsdb_idl_row *const *b = b_;

    return row_compare(*a, *b);
}

/* Appends a list of the rows that 'column' refers to, oldest first. */
static void
graph_put_rows(struct ds *out, const char *name,
               const struct ovsdb_idl_row *row, enum row_column column,
               void (*put)(struct ds *, const struct ovsdb_idl_row *))
{
    size_t n_refs = row_get(row, column)->n;
    const struct ovsdb_idl_row **rows = xcalloc(n_refs, sizeof *rows);
    size_t n = 0;

    for (size_t i = 0; i < n_refs; i++) {
        rows[n] = row_ref(row, column, i);
        n += rows[n] != NULL;
    }
    qsort(rows, n, sizeof *rows, graph_compare_rows);
    ds_put_format(out, "\"%s\": [", name);
    for (size_t i = 0; i < n; i++) {
        ds_put_cstr(out, i ? ", {" : "{");
        put(out, rows[i]);
        ds_put_char(out, '}');
    }
    ds_put_cstr(out, "], ");
    free(rows);
}

static void
graph_put_member(struct ds *out, const struct ovsdb_idl_row *member)
{
    graph_put_fields(out, RESOURCE_MEMBER, member);
}

static void
graph_put_pool(struct ds *out, const struct ovsdb_idl_row *pool)
{
    const struct ovsdb_idl_row *monitor = row_ref(pool, COL_health_monitor, 0);

    graph_put_rows(out, "members", pool, COL_members, graph_put_member);
    ds_put_cstr(out, "\"healthmonitor\": ");
    if (monitor) {
        ds_put_char(out, '{');
        graph_put_fields(out, RESOURCE_HEALTH_MONITOR, monitor);
        ds_put_cstr(out, "}, ");
    } else {
        ds_put_cstr(out, "null, ");
    }
    graph_put_fields(out, RESOURCE_POOL, pool);
}

static void
graph_put_listener(struct ds *out, const struct ovsdb_idl_row *listener)
{
    graph_put_fields(out, RESOURCE_LISTENER, listener);
}

void
graph_put(struct ds *body, const struct ovsdb_idl_row *lb)
{
    ds_put_cstr(body, "{\"loadbalancer\": {");
    graph_put_rows(body, "listeners", lb, COL_listeners, graph_put_listener);
    graph_put_rows(body, "pools", lb, COL_pools, graph_put_pool);
    graph_put_fields(body, RESOURCE_LOAD_BALANCER, lb);
    ds_put_cstr(body, "}}");
}

void
graph_reply(struct request *request, const struct ovsdb_idl_row *lb)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    graph_put(&body, lb);
    precondition_put_row_tag(request, lb);
    request_reply(request, &body);
}
