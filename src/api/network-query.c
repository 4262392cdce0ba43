/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments as Neutron understands them; see network-query.h.
 */

#include <config.h>
#include "api/network-query.h"
#include <string.h>
#include <strings.h>
#include "api/network-error.h"
#include "api/network-kinds.h"
#include "api/network-values.h"
#include "base/array.h"
#include "base/limits.h"
#include "http/server.h"
#include "net/net.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

struct network_parser {
    struct network_query *query;
    struct net *net;
    struct network_error *error;
};

typedef void network_argument(struct network_parser *, const char *value);

/* Pages and order. */

static void
network_parse_limit(struct network_parser *p, const char *value)
{
    int limit;

    if (!str_to_int(value, 10, &limit) || limit < 0) {
        network_error_set(p->error, 400, "BadRequest",
                          "Bad limit request: Limit must be an integer 0 or "
                          "greater and not '%s'.", value);
    } else {
        p->query->limit = limit;
    }
}

static void
network_parse_marker(struct network_parser *p, const char *value)
{
    struct network_query *query = p->query;

    free(query->marker);
    query->marker = xstrdup(value);
    if (!uuid_from_string(&query->marker_id, value)) {
        query->marker_id = UUID_ZERO;
    }
}

static void
network_parse_page_reverse(struct network_parser *p, const char *value)
{
    p->query->is_reverse = !strcasecmp(value, "true");
}

static void
network_parse_sort_key(struct network_parser *p, const char *value)
{
    struct network_query *query = p->query;
    const struct network_attribute *attribute
        = network_kind_attribute(query->kind, value);

    if (!attribute || query->n_sort_keys >= NETWORK_SORTS_MAX) {
        network_error_set(p->error, 400, "HTTPBadRequest",
                          "['%s'] is invalid attribute for sort_keys", value);
    } else {
        query->sorts[query->n_sort_keys++].attribute = attribute;
    }
}

static void
network_parse_sort_dir(struct network_parser *p, const char *value)
{
    struct network_query *query = p->query;
    bool is_descending = !strcmp(value, "desc");

    if ((!is_descending && strcmp(value, "asc"))
        || query->n_sort_dirs >= NETWORK_SORTS_MAX) {
        network_error_set(p->error, 400, "HTTPBadRequest",
                          "['%s'] is invalid value for sort_dirs, valid value "
                          "is 'asc' and 'desc'", value);
    } else {
        query->sorts[query->n_sort_dirs++].is_descending = is_descending;
    }
}

/* Neutron ignores the names of what an object does not have. */
static void
network_parse_fields(struct network_parser *p, const char *value)
{
    struct network_query *query = p->query;
    const struct network_kind *kind = query->kind;
    const struct network_attribute *attribute
        = network_kind_attribute(kind, value);

    if (!query->is_chosen) {
        query->is_chosen = xcalloc(kind->n_attributes,
                                   sizeof *query->is_chosen);
    }
    if (attribute) {
        query->is_chosen[attribute - kind->attributes] = true;
    }
}

/* Filters. */

/* OVN has no tags, so that no object has one... */
static void
network_parse_tags(struct network_parser *p, const char *value)
{
    p->query->is_hopeless |= *value != '\0';
}

/* ...and every object lacks it. */
static void
network_parse_not_tags(struct network_parser *p OVS_UNUSED,
                       const char *value OVS_UNUSED)
{
}

static struct network_filter *
network_parse_find_filter(struct network_query *query,
                          const struct network_attribute *attribute)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        if (query->filters[i].attribute == attribute) {
            return &query->filters[i];
        }
    }
    ARRAY_GROW(query->filters, query->n_filters, query->n_filters_allocated);

    struct network_filter *filter = &query->filters[query->n_filters++];
    *filter = (struct network_filter) { .attribute = attribute };
    return filter;
}

/* Replaces an earlier id of a subnet by the present one. */
static void
network_parse_update_id(struct network_word *word, struct net *net)
{
    struct net_subnet subnet;

    if (word->is_id && net_get_subnet(net, &word->id, &subnet) == NET_FOUND) {
        word->id = subnet.id;
    }
}

static void
network_parse_word(struct network_parser *p, struct network_filter *filter,
                   const char *text, size_t length)
{
    const struct network_attribute *attribute = filter->attribute;
    const struct network_type *type = attribute->type;

    if (filter->n >= NETWORK_WORDS_MAX) {
        network_error_set(p->error, 400, "HTTPBadRequest",
                          "Too many values of %s", attribute->name);
        return;
    }
    ARRAY_GROW(filter->words, filter->n, filter->n_allocated);

    struct network_word *word = &filter->words[filter->n++];
    network_word_init(word, type, text, length);
    if (type->takes && !type->takes(word)) {
        char *complaint = xasprintf("%.*s", (int) length, text);

        network_error_set(p->error, 400, "InvalidInput",
                          "Invalid input for operation: '%s' %s.", complaint,
                          type->complaint);
        free(complaint);
    }
    if (attribute->is_subnet) {
        network_parse_update_id(word, p->net);
    }
}

/* "fixed_ips=ip_address=A,subnet_id=S" is the same as one argument each. */
static void
network_parse_filter(struct network_parser *p, const char *name,
                     const char *value)
{
    const struct network_attribute *attribute
        = network_kind_attribute(p->query->kind, name);
    struct network_filter *filter;

    if (!attribute) {
        network_error_set(p->error, 400, "HTTPBadRequest",
                          "['%s'] is invalid attribute for filtering", name);
        return;
    }
    filter = network_parse_find_filter(p->query, attribute);
    for (;;) {
        size_t length = (attribute->type->has_keys ? strcspn(value, ",")
                         : strlen(value));

        network_parse_word(p, filter, value, length);
        if (!value[length]) {
            break;
        }
        value += length + 1;
    }
}

/* Arguments that are no filters. */
static const struct {
    const char *name;
    network_argument *parse;
} network_arguments[] = {
    { "fields", network_parse_fields },
    { "limit", network_parse_limit },
    { "marker", network_parse_marker },
    { "page_reverse", network_parse_page_reverse },
    { "sort_key", network_parse_sort_key },
    { "sort_dir", network_parse_sort_dir },
    { "tags", network_parse_tags },
    { "tags-any", network_parse_tags },
    { "not-tags", network_parse_not_tags },
    { "not-tags-any", network_parse_not_tags },
};

static bool
network_parse_argument(const char *name, const char *value, void *p)
{
    value = value ? value : "";
    for (size_t i = 0; i < ARRAY_SIZE(network_arguments); i++) {
        if (!strcmp(network_arguments[i].name, name)) {
            network_arguments[i].parse(p, value);
            return true;
        }
    }
    network_parse_filter(p, name, value);
    return true;
}

static bool
network_parse_fields_only(const char *name, const char *value, void *p)
{
    if (!strcmp(name, "fields")) {
        network_parse_fields(p, value ? value : "");
    }
    return true;
}

void
network_query_init(struct network_query *query,
                   const struct network_kind *kind,
                   const struct http_request *http, bool is_list,
                   struct net *net, struct network_error *error)
{
    struct network_parser parser = { query, net, error };

    *query = (struct network_query) { .kind = kind };
    http_request_for_each_arg(http, (is_list ? network_parse_argument
                                     : network_parse_fields_only), &parser);
    if (query->n_sort_dirs && query->n_sort_dirs != query->n_sort_keys) {
        network_error_set(error, 400, "HTTPBadRequest", "The number of "
                          "sort_keys and sort_dirs must be same");
    }
}

void
network_query_uninit(struct network_query *query)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        struct network_filter *filter = &query->filters[i];

        for (size_t j = 0; j < filter->n; j++) {
            network_word_uninit(&filter->words[j]);
        }
        free(filter->words);
    }
    free(query->filters);
    free(query->is_chosen);
    free(query->marker);
}

/* What the query makes of an object. */

bool
network_query_matches(const struct network_query *query, const void *object)
{
    bool matches = !query->is_hopeless;

    for (size_t i = 0; matches && i < query->n_filters; i++) {
        const struct network_filter *filter = &query->filters[i];
        const struct network_attribute *attribute = filter->attribute;

        matches = attribute->type->matches(
            network_attribute_value(attribute, object), filter->words,
            filter->n);
    }
    return matches;
}

void
network_query_put(const struct network_query *query, struct ds *out,
                  const void *object)
{
    const struct network_kind *kind = query->kind;
    bool is_first = true;

    ds_put_char(out, '{');
    for (size_t i = 0; i < kind->n_attributes; i++) {
        const struct network_attribute *attribute = &kind->attributes[i];

        if (attribute->type->put
            && (!query->is_chosen || query->is_chosen[i])) {
            ds_put_cstr(out, is_first ? "\"" : ", \"");
            is_first = false;
            ds_put_cstr(out, attribute->name);
            ds_put_cstr(out, "\": ");
            attribute->type->put(out, network_attribute_value(attribute,
                                                              object));
        }
    }
    ds_put_char(out, '}');
}
