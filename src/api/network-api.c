/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients ask Neutron, read only, for OVN without OpenStack: the stock
 * clients ask for networks, ports and floating IPs on the endpoint of the load
 * balancers.  The tables are in network-kinds.c; this answers.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/network-error.h"
#include "api/network-kinds.h"
#include "api/network-query.h"
#include "api/network-values.h"
#include "api/own-url.h"
#include "api/preconditions.h"
#include "api/query.h"
#include "api/request.h"
#include "base/array.h"
#include "base/json-write.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

/* True if the caller may see networks; else fails the request.  OVN does not
 * say whose a network is, so the policy of objects without a project
 * decides.  Users of our own have no Neutron that they could ask instead: to
 * them networks are what they are to all. */
static bool
network_api_may(struct request *request)
{
    if (request->api->local ? authorise_own_for(request, "network:get_local")
        : authorise_own(request)) {
        return true;
    }
    request_fail(request);
    return false;
}

static const struct network_kind *
network_api_kind(const struct request *request)
{
    return network_kind_find(request->route->path);
}

static void
network_api_set_missing(struct network_error *error,
                        const struct network_kind *kind, const char *id)
{
    network_error_set(error, 404, kind->missing, "%s %s %s.", kind->title, id,
                      kind->missing_text);
}

/* One by its id. */

struct network_shower {
    const struct network_query *query;
    struct ds *body;
};

static void
network_api_show_object(const void *object, const struct uuid *id OVS_UNUSED,
                        void *shower_)
{
    const struct network_shower *shower = shower_;

    network_query_put(shower->query, shower->body, object);
}

static void
network_api_skip_object(const void *object OVS_UNUSED,
                        const struct uuid *id OVS_UNUSED,
                        void *aux OVS_UNUSED)
{
}

/* Visits the object that the path names.  Returns false if there is none. */
static bool
network_api_visit(struct request *request, network_visitor *visitor,
                  void *aux)
{
    const struct network_kind *kind = network_api_kind(request);
    struct uuid id;

    return (kind->visit_one
            && uuid_from_string(&id, request->path.ids[0])
            && kind->visit_one(request->api->net, &id, visitor, aux));
}

void
handle_network_show(struct request *request)
{
    const struct network_kind *kind = network_api_kind(request);
    struct network_error error = { .type = NULL };
    struct ds body = DS_EMPTY_INITIALIZER;
    struct network_query query;

    if (!network_api_may(request)) {
        return;
    }
    network_query_init(&query, kind, request->http, false, request->api->net,
                       &error);
    ds_put_format(&body, "{\"%s\": ", kind->key);
    if (network_api_visit(request, network_api_show_object,
                          &(struct network_shower) { &query, &body })) {
        ds_put_char(&body, '}');
        precondition_reply(request, &body);
    } else {
        ds_destroy(&body);
        network_api_set_missing(&error, kind, request->path.ids[0]);
        network_error_reply(&error, request);
    }
    network_query_uninit(&query);
}

/* Lists.  First the ids of all that match, then the objects of the page. */

struct network_match {
    struct uuid id;
    size_t index;               /* In the order of net.h. */
    bool is_hidden;             /* Does not match, but is the marker. */
    const struct network_query *query;
    char *keys[NETWORK_SORTS_MAX];
};

struct network_list {
    const struct network_query *query;
    struct network_match *matches;
    size_t n, n_allocated;
};

static void
network_list_add(const void *object, const struct uuid *id, void *list_)
{
    struct network_list *list = list_;
    const struct network_query *query = list->query;
    bool matches = network_query_matches(query, object);

    if (!matches && (!query->marker || !uuid_equals(id, &query->marker_id))) {
        return;
    }
    ARRAY_GROW(list->matches, list->n, list->n_allocated);

    struct network_match *match = &list->matches[list->n];
    *match = (struct network_match) {
        .id = *id, .index = list->n++, .is_hidden = !matches, .query = query,
    };
    for (size_t i = 0; i < query->n_sort_keys; i++) {
        const struct network_attribute *by = query->sorts[i].attribute;
        struct ds key = DS_EMPTY_INITIALIZER;

        if (by->type->put) {
            by->type->put(&key, network_attribute_value(by, object));
        }
        match->keys[i] = ds_steal_cstr(&key);
    }
}

static int
network_list_compare(const void *a_, const void *b_)
{
    const struct network_match *a = a_;
    const struct network_match *b = b_;

    for (size_t i = 0; i < a->query->n_sort_keys; i++) {
        int cmp = strcmp(a->keys[i], b->keys[i]);

        if (cmp) {
            return a->query->sorts[i].is_descending ? -cmp : cmp;
        }
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

static void
network_list_collect(struct network_list *list, struct net *net)
{
    if (list->query->kind->visit_all) {
        list->query->kind->visit_all(net, network_list_add, list);
    }
    if (list->n && list->query->n_sort_keys) {
        qsort(list->matches, list->n, sizeof *list->matches,
              network_list_compare);
    }
}

/* A part of a list, from 'start' up to, but not including, 'end'. */
struct network_page {
    size_t start, end;
    bool has_previous, has_next;
};

/* Stores the index that the marker has, or would have, and that of the first
 * match after it; takes it out of the list if it does not match.  Returns
 * false if there is no such object. */
static bool
network_list_find_marker(struct network_list *list, size_t *ret_marker,
                         size_t *ret_after)
{
    for (size_t i = 0; i < list->n; i++) {
        struct network_match *match = &list->matches[i];

        if (uuid_equals(&match->id, &list->query->marker_id)) {
            *ret_marker = i;
            *ret_after = i + !match->is_hidden;
            if (match->is_hidden) {
                for (size_t j = 0; j < list->query->n_sort_keys; j++) {
                    free(match->keys[j]);
                }
                list->n--;
                memmove(match, match + 1, (list->n - i) * sizeof *match);
            }
            return true;
        }
    }
    return false;
}

/* Returns false, and sets the error, if the marker is no object. */
static bool
network_list_cut(struct network_list *list, struct network_page *page,
                 struct network_error *error)
{
    const struct network_query *query = list->query;
    size_t marker = 0, after = 0;

    if (query->marker && !network_list_find_marker(list, &marker, &after)) {
        network_api_set_missing(error, query->kind, query->marker);
        return false;
    }
    if (query->is_reverse) {
        page->end = query->marker ? marker : list->n;
        page->start = (query->limit && query->limit < page->end
                       ? page->end - query->limit : 0);
    } else {
        page->start = after;
        page->end = (query->limit && query->limit < list->n - after
                     ? after + query->limit : list->n);
    }
    page->has_previous = page->start > 0;
    page->has_next = page->end < list->n;
    return true;
}

static bool
network_list_carry(const char *name, const char *value, void *href)
{
    if (strcmp(name, "marker") && strcmp(name, "page_reverse")) {
        query_put_escaped(href, name);
        ds_put_char(href, '=');
        query_put_escaped(href, value ? value : "");
        ds_put_char(href, '&');
    }
    return true;
}

/* Appends the URL that was asked for, without its arguments. */
static void
network_list_put_own_url(struct ds *out, const struct request *request)
{
    const char *host = http_request_header(request->http, "Host");

    ds_put_format(out, "http://%s%s", host ? host : "",
                  http_request_path(request->http));
}

static void
network_list_put_link(struct ds *out, const struct request *request,
                      const struct network_match *marker,
                      const char *relation)
{
    struct ds href = DS_EMPTY_INITIALIZER;

    network_list_put_own_url(&href, request);
    ds_put_char(&href, '?');
    http_request_for_each_arg(request->http, network_list_carry, &href);
    ds_put_format(&href, "marker="UUID_FMT"%s", UUID_ARGS(&marker->id),
                  !strcmp(relation, "previous") ? "&page_reverse=True" : "");
    ds_put_format(out, "{\"rel\": \"%s\", \"href\": ", relation);
    json_put_string(out, ds_cstr(&href), href.length);
    ds_put_char(out, '}');
    ds_destroy(&href);
}

/* Neutron has links only if there is a limit. */
static void
network_list_put_links(struct ds *out, const struct request *request,
                       const struct network_list *list,
                       const struct network_page *page)
{
    if (!list->query->limit) {
        return;
    }
    ds_put_format(out, ", \"%s_links\": [", list->query->kind->plural);
    if (page->start < page->end) {
        if (page->has_next) {
            network_list_put_link(out, request,
                                  &list->matches[page->end - 1], "next");
        }
        if (page->has_previous) {
            ds_put_cstr(out, page->has_next ? ", " : "");
            network_list_put_link(out, request, &list->matches[page->start],
                                  "previous");
        }
    }
    ds_put_char(out, ']');
}

static void
network_list_put(struct ds *out, struct request *request,
                 const struct network_list *list,
                 const struct network_page *page)
{
    const struct network_kind *kind = list->query->kind;
    struct network_shower shower = { list->query, out };

    ds_put_format(out, "{\"%s\": [", kind->plural);
    for (size_t i = page->start; i < page->end; i++) {
        ds_put_cstr(out, i > page->start ? ", " : "");
        kind->visit_one(request->api->net, &list->matches[i].id,
                        network_api_show_object, &shower);
    }
    ds_put_char(out, ']');
    network_list_put_links(out, request, list, page);
    ds_put_char(out, '}');
}

static void
network_list_uninit(struct network_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        for (size_t j = 0; j < list->query->n_sort_keys; j++) {
            free(list->matches[i].keys[j]);
        }
    }
    free(list->matches);
}

void
handle_network_list(struct request *request)
{
    struct network_error error = { .type = NULL };
    struct network_list list = { .n = 0 };
    struct network_page page;
    struct network_query query;

    if (!network_api_may(request)) {
        return;
    }
    network_query_init(&query, network_api_kind(request), request->http, true,
                       request->api->net, &error);
    list.query = &query;
    if (!error.type) {
        network_list_collect(&list, request->api->net);
    }
    if (!error.type && network_list_cut(&list, &page, &error)) {
        struct ds body = DS_EMPTY_INITIALIZER;

        network_list_put(&body, request, &list, &page);
        request_reply(request, &body);
    } else {
        network_error_reply(&error, request);
    }
    network_list_uninit(&list);
    network_query_uninit(&query);
}

/* Returns what many of the kind are called; the caller frees it. */
static char *
network_api_name_many(const struct network_kind *kind)
{
    int length = strlen(kind->title);

    return (kind->title[length - 1] == 'y'
            ? xasprintf("%.*sies", length - 1, kind->title)
            : xasprintf("%ss", kind->title));
}

/* Writes.  Neutron answers 403 to what it does not let a user do, and 404 if
 * it is not there, before. */
void
handle_network_write(struct request *request)
{
    const struct network_kind *kind = network_api_kind(request);
    struct network_error error = { .type = NULL };

    if (!network_api_may(request)) {
        return;
    }

    char *many = network_api_name_many(kind);
    if (request->path.n_ids
        && !network_api_visit(request, network_api_skip_object, NULL)) {
        network_api_set_missing(&error, kind, request->path.ids[0]);
    } else if (request->api->neutron) {
        network_error_set(&error, 403, "PolicyNotAuthorized",
                          "%s are Neutron's, which has an endpoint of its "
                          "own.  This API does not change them.", many);
    } else {
        network_error_set(&error, 403, "PolicyNotAuthorized",
                          "There is no Neutron here.  %s cannot be created, "
                          "changed or deleted through this API, but in OVN's "
                          "Northbound database: %s.", many, kind->advice);
    }
    free(many);
    network_error_reply(&error, request);
}

void
handle_network_tags(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;
    struct network_error error = { .type = NULL };

    if (!network_api_may(request)) {
        return;
    }
    if (network_api_visit(request, network_api_skip_object, NULL)) {
        ds_put_cstr(&body, "{\"tags\": []}");
        request_reply(request, &body);
    } else {
        network_api_set_missing(&error, network_api_kind(request),
                                request->path.ids[0]);
        network_error_reply(&error, request);
    }
}
