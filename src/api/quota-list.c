/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of quotas: the projects that have, or had, limits of their own, and
 * those that were counted against a default.  Filters and orders see the
 * limits that apply.  A quota has no id: the marker is the project.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/page-link.h"
#include "api/quota-view.h"
#include "api/request.h"
#include "base/array.h"
#include "base/fault.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "store/quotas.h"
#include "util.h"

struct quota_item {
    struct quota_view view;
    const struct order *order;
};

struct quota_list {
    const struct request *request;
    struct quota_item *items;
    size_t n, n_allocated;
    bool has_marker;            /* The marker is among all projects. */
};

/* A part of the list: 'n' items from 'start' on. */
struct quota_page {
    size_t start, n;
    bool is_cut;                /* Going backwards: there are more before. */
};

static bool
quota_list_matches(const struct request *request,
                   const struct quota_view *view)
{
    return ((!request->only_project
             || !strcmp(request->only_project, quota_view_project(view)))
            && query_matches(&request->query, &quota_resource, view,
                             quota_view_reader.read));
}

/* The marker is kept though it does not match, since the page begins behind
 * it: quota_list_cut() drops it. */
static void
quota_list_add(const char *project, const struct quota_limits *limits,
               void *list_)
{
    struct quota_list *list = list_;
    const char *marker = list->request->query.marker;
    struct quota_item item = { .order = &list->request->query.order };
    bool is_marker = marker && !strcmp(marker, project);

    quota_view_init(&item.view, project, limits);
    if (!is_marker && !quota_list_matches(list->request, &item.view)) {
        quota_view_uninit(&item.view);
        return;
    }
    list->has_marker |= is_marker;
    ARRAY_GROW(list->items, list->n, list->n_allocated);
    list->items[list->n++] = item;
}

static int
quota_list_compare_by(const struct field *field, const struct quota_view *a,
                      const struct quota_view *b)
{
    struct value_scratch a_scratch = { NULL, 0 };
    struct value_scratch b_scratch = { NULL, 0 };
    struct ovsdb_datum a_datum, b_datum;
    int side;

    quota_view_reader.read(a, &quota_resource, field, &a_scratch, &a_datum);
    quota_view_reader.read(b, &quota_resource, field, &b_scratch, &b_datum);
    side = value_compare(field, a_datum.keys, b_datum.keys);
    value_scratch_uninit(&a_scratch);
    value_scratch_uninit(&b_scratch);
    return side;
}

static int
quota_list_compare(const void *a_, const void *b_)
{
    const struct quota_item *a = a_;
    const struct quota_item *b = b_;

    for (size_t i = 0; i < a->order->n_keys; i++) {
        const struct order_key *key = &a->order->keys[i];
        int side = quota_list_compare_by(key->field, &a->view, &b->view);

        if (side) {
            return key->is_descending ? -side : side;
        }
    }
    return strcmp(quota_view_project(&a->view), quota_view_project(&b->view));
}

/* Finds what comes behind the marker, or before it, at most a page of it. */
static void
quota_list_cut(const struct quota_list *list, struct quota_page *page)
{
    const struct query *query = &list->request->query;
    size_t marker = 0;

    while (query->marker
           && strcmp(query->marker,
                     quota_view_project(&list->items[marker].view))) {
        marker++;
    }
    if (query->is_reverse) {
        size_t end = query->marker ? marker : list->n;

        page->n = MIN(end, query->limit);
        page->start = end - page->n;
        page->is_cut = page->start > 0;
    } else {
        page->start = marker + !!query->marker;
        page->n = MIN(list->n - page->start, query->limit);
        page->is_cut = false;
    }
}

static void
quota_list_put_links(struct ds *out, const struct quota_list *list,
                     const struct quota_page *page)
{
    const struct request *request = list->request;
    bool has_previous = page->n && (request->query.marker || page->is_cut);

    if (has_previous) {
        page_link_put(out, request,
                      quota_view_project(&list->items[page->start].view),
                      "previous");
    }
    if (page->n && (page->n >= request->query.limit || page->is_cut)) {
        size_t last = page->start + page->n - 1;

        ds_put_cstr(out, has_previous ? ", " : "");
        page_link_put(out, request,
                      quota_view_project(&list->items[last].view), "next");
    }
}

static void
quota_list_put(struct ds *out, const struct quota_list *list,
               const struct quota_page *page)
{
    ds_put_format(out, "{\"%s\": [", quota_resource.plural);
    for (size_t i = 0; i < page->n; i++) {
        ds_put_cstr(out, i ? ", " : "");
        render_object(out, &quota_resource,
                      &list->items[page->start + i].view, &quota_view_reader,
                      &list->request->query.choice);
    }
    ds_put_format(out, "], \"%s_links\": [", quota_resource.plural);
    quota_list_put_links(out, list, page);
    ds_put_cstr(out, "]}");
}

static void
quota_list_uninit(struct quota_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        quota_view_uninit(&list->items[i].view);
    }
    free(list->items);
}

/* Takes a marker that the caller may not see for none. */
static bool
quota_list_marker_is_good(struct request *request,
                          const struct quota_list *list)
{
    const char *marker = request->query.marker;

    return (!marker
            || (list->has_marker
                && (!request->only_project
                    || !strcmp(marker, request->only_project)))
            || fault_set(&request->fault, FAULT_INVALID_MARKER, marker));
}

void
handle_quotas(struct request *request)
{
    struct quota_list list = { .request = request };

    if (!authorise_list(request)) {
        request_fail(request);
        return;
    }
    quotas_for_each(request->api->quotas, quota_list_add, &list);
    if (quota_list_marker_is_good(request, &list)) {
        struct ds body = DS_EMPTY_INITIALIZER;
        struct quota_page page;

        if (list.n) {
            qsort(list.items, list.n, sizeof *list.items, quota_list_compare);
        }
        quota_list_cut(&list, &page);
        quota_list_put(&body, &list, &page);
        request_reply(request, &body);
    } else {
        request_fail(request);
    }
    quota_list_uninit(&list);
}
