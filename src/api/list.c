/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists: which rows, and the links to the pages around.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/page-link.h"
#include "api/request.h"
#include "api/show.h"
#include "base/array.h"
#include "base/limits.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "store/row-index.h"
#include "util.h"
#include "uuid.h"

/* Bytes of an object in a list, about. */
#define OBJECT_BYTES 1024

struct row_list {
    const struct ovsdb_idl_row **rows;
    size_t n, n_allocated;
    bool is_cut;                /* There are more around it. */
};

static void
row_list_add(struct row_list *list, const struct ovsdb_idl_row *row)
{
    ARRAY_GROW(list->rows, list->n, list->n_allocated);
    list->rows[list->n++] = row;
}

static bool
list_matches(const struct request *request, const struct ovsdb_idl_row *row)
{
    return (row_is_visible(request, row)
            && query_matches(&request->query,
                             resource_get(request->route->resource), row,
                             row_reader.read));
}

static void
list_add_matching(const struct request *request,
                  const struct ovsdb_idl_row *row, struct row_list *list)
{
    if (row && list_matches(request, row)) {
        row_list_add(list, row);
    }
}

/* Prepares the shortest walk that finds all rows that may match. */
static void
list_choose_walk(const struct request *request, struct row_index_walk *walk)
{
    const struct query *query = &request->query;
    enum resource_id resource = request->route->resource;
    const struct field *tags = field_find(resource_get(resource), "tags");
    const struct ovsdb_datum *all = &query->tags[TAGS_ALL];

    row_index_walk_init(walk, request->api->row_index, resource);
    for (size_t i = 0; i < query->n_filters; i++) {
        row_index_walk_narrow(walk, query->filters[i].field,
                              &query->filters[i].value.keys[0]);
    }
    if (request->only_project) {
        row_index_walk_narrow_to_text(walk, field_find(resource_get(resource),
                                                       "project_id"),
                                      request->only_project);
    }
    for (size_t i = 0; i < all->n; i++) {
        row_index_walk_narrow(walk, tags, &all->keys[i]);
    }
    if (query->tags[TAGS_ANY].n) {
        row_index_walk_narrow_to_any(walk, tags, &query->tags[TAGS_ANY]);
    }
}

static void
list_reverse(struct row_list *list)
{
    for (size_t i = 0; i < list->n / 2; i++) {
        const struct ovsdb_idl_row *row = list->rows[i];

        list->rows[i] = list->rows[list->n - 1 - i];
        list->rows[list->n - 1 - i] = row;
    }
}

/* Collects a page in the order of creation, and, going backwards, one row
 * more, if there is one. */
static void
list_collect_page(const struct request *request, struct row_index_walk *walk,
                  const struct ovsdb_idl_row *marker, struct row_list *list)
{
    const struct query *query = &request->query;
    const struct ovsdb_idl_row *row;
    size_t n_max = query->limit + query->is_reverse;

    row_index_walk_begin(walk, marker, query->is_reverse);
    while (list->n < n_max && (row = row_index_walk_next(walk))) {
        list_add_matching(request, row, list);
    }
    if (query->is_reverse) {
        list_reverse(list);
    }
}

/* Collects all that match. */
static void
list_collect_all(const struct request *request, struct row_index_walk *walk,
                 struct row_list *list)
{
    const struct ovsdb_idl_row *row;

    row_index_walk_begin(walk, NULL, false);
    while ((row = row_index_walk_next(walk))) {
        list_add_matching(request, row, list);
    }
}

/* Collects the members that match, in any order. */
static void
list_collect_members(const struct request *request,
                     const struct ovsdb_idl_row *pool, struct row_list *list)
{
    for (size_t i = 0; i < row_get(pool, COL_members)->n; i++) {
        list_add_matching(request, row_ref(pool, COL_members, i), list);
    }
}

/* Collects what is found by the index.  Returns true if that is the page: it
 * is in order, and comes behind 'marker', or before it. */
static bool
list_collect_indexed(const struct request *request,
                     const struct ovsdb_idl_row *marker,
                     struct row_list *list)
{
    bool is_page = !request->query.order.n_keys;
    struct row_index_walk walk;

    list_choose_walk(request, &walk);
    if (is_page) {
        list_collect_page(request, &walk, marker, list);
    } else {
        list_collect_all(request, &walk, list);
    }
    row_index_walk_uninit(&walk);
    return is_page;
}

/* Keeps the last 'n'. */
static void
list_keep_last(struct row_list *list, size_t n)
{
    if (list->n > n) {
        memmove(list->rows, list->rows + list->n - n,
                n * sizeof *list->rows);
        list->n = n;
        list->is_cut = true;
    }
}

/* Collects the page that comes behind 'marker', or before it. */
static void
list_collect(const struct request *request, const struct ovsdb_idl_row *pool,
             const struct ovsdb_idl_row *marker, struct row_list *list)
{
    const struct query *query = &request->query;
    enum resource_id resource = request->route->resource;
    const struct uuid *id = query_id_filter(query);
    bool is_page = false;

    if (query_is_impossible(query)) {
        return;
    }
    if (pool) {
        list_collect_members(request, pool, list);
    } else if (id) {
        list_add_matching(request, rows_find(request->api->rows, resource,
                                             id), list);
    } else {
        is_page = list_collect_indexed(request, marker, list);
    }
    if (!is_page) {
        list->n = order_rows(&query->order, resource_get(resource),
                             list->rows, list->n, marker, query->is_reverse);
    }
    if (query->is_reverse) {
        list_keep_last(list, query->limit);
    } else {
        list->n = MIN(list->n, query->limit);
    }
}

/* Cuts the start of a page that is too large, going backwards: what comes
 * before it is behind the link to the previous one.  Objects are rendered
 * twice then. */
static void
list_cut_start(const struct request *request, struct row_list *list)
{
    const struct resource *resource = resource_get(request->route->resource);
    struct ds object = DS_EMPTY_INITIALIZER;
    size_t bytes = 0;
    size_t n = 0;

    while (n < list->n && bytes < PAGE_BYTES_MAX) {
        ds_clear(&object);
        render_object(&object, resource, list->rows[list->n - ++n],
                      &row_reader, &request->query.choice);
        bytes += object.length;
    }
    ds_destroy(&object);
    list_keep_last(list, n);
}

/* Stores the row of the marker, NULL if there is none.  Returns false if it
 * is no object of the list: one that the caller may not see is none. */
static bool
list_find_marker(struct request *request, const struct ovsdb_idl_row *pool,
                 const struct ovsdb_idl_row **ret)
{
    const char *text = request->query.marker;
    struct uuid id;

    *ret = NULL;
    if (!text) {
        return true;
    }
    if (uuid_from_string(&id, text)) {
        *ret = rows_find(request->api->rows, request->route->resource, &id);
    }
    if (*ret && ((pool && row_ref(*ret, COL_pool, 0) != pool)
                 || !row_is_visible(request, *ret))) {
        *ret = NULL;
    }
    return *ret || fault_set(&request->fault, FAULT_INVALID_MARKER, text);
}

static void
list_put_link(struct ds *out, const struct request *request,
              const struct ovsdb_idl_row *row, const char *relation)
{
    char *marker = xasprintf(UUID_FMT, UUID_ARGS(row_id(row)));

    page_link_put(out, request, marker, relation);
    free(marker);
}

static void
list_put_links(struct ds *out, const struct request *request,
               const struct row_list *list)
{
    bool has_previous = list->n && (request->query.marker
                                    || (request->query.is_reverse
                                        && list->is_cut));
    bool has_next = (list->n && (list->n >= request->query.limit
                                 || list->is_cut));

    ds_put_char(out, '[');
    if (has_previous) {
        list_put_link(out, request, list->rows[0], "previous");
    }
    if (has_next) {
        ds_put_cstr(out, has_previous ? ", " : "");
        list_put_link(out, request, list->rows[list->n - 1], "next");
    }
    ds_put_char(out, ']');
}

static void
list_put(struct ds *out, const struct request *request,
         struct row_list *list)
{
    const struct resource *resource = resource_get(request->route->resource);

    ds_reserve(out, 256 + list->n * OBJECT_BYTES);
    ds_put_format(out, "{\"%s\": [", resource->plural);
    for (size_t i = 0; i < list->n; i++) {
        if (i) {
            ds_put_buffer(out, ", ", 2);
        }
        render_object(out, resource, list->rows[i], &row_reader,
                      &request->query.choice);
        if (out->length >= PAGE_BYTES_MAX && i + 1 < list->n
            && !request->query.is_reverse) {
            list->n = i + 1;
            list->is_cut = true;
        }
    }
    ds_put_format(out, "], \"%s_links\": ", resource->plural);
    list_put_links(out, request, list);
    ds_put_char(out, '}');
}

/* Asks the policy before the marker is looked up, since the answer tells
 * whether there is such an object. */
void
handle_list(struct request *request)
{
    bool has_pool = request->route->resource == RESOURCE_MEMBER;
    const struct ovsdb_idl_row *pool
        = has_pool ? show_find_pool(request) : NULL;
    const struct ovsdb_idl_row *marker;

    if ((has_pool ? !pool || !authorise_row(request, pool)
         : !authorise_list(request))
        || !list_find_marker(request, pool, &marker)) {
        request_fail(request);
        return;
    }

    struct row_list list = { .n = 0 };
    struct ds body = DS_EMPTY_INITIALIZER;

    list_collect(request, pool, marker, &list);
    if (request->query.is_reverse) {
        list_cut_start(request, &list);
    }
    list_put(&body, request, &list);
    free(list.rows);
    request_reply(request, &body);
}
