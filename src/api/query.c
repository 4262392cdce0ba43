/* SPDX-License-Identifier: Apache-2.0
 *
 * The arguments in a URL; see query.h.
 */

#include <config.h>
#include "api/query.h"
#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include "base/array.h"
#include "base/limits.h"
#include "base/ovs-compat.h"
#include "http/server.h"
#include "model/value.h"
#include "openvswitch/json.h"
#include "ovsdb-types.h"
#include "util.h"

static const struct ovsdb_type tags_type = {
    OVSDB_BASE_STRING_INIT, OVSDB_BASE_VOID_INIT, 0, UINT_MAX
};

struct query_parser {
    enum query_kind kind;
    const struct resource *resource;
    struct query *query;
    struct fault **faultp;
};

typedef void query_argument(struct query_parser *, const char *name,
                            const char *value);

static query_argument query_parse_limit, query_parse_marker,
    query_parse_page_reverse, query_parse_fields, query_parse_tags,
    query_parse_order, query_parse_filter;

/* Arguments of lists that are no filters. */
static const struct {
    const char *name;
    query_argument *parse;
    bool is_carried;            /* Repeated in the links. */
} arguments[] = {
    { "limit", query_parse_limit, false },
    { "marker", query_parse_marker, false },
    { "page_reverse", query_parse_page_reverse, false },
    { "fields", query_parse_fields, true },
    { "tags", query_parse_tags, true },
    { "tags-any", query_parse_tags, true },
    { "not-tags", query_parse_tags, true },
    { "not-tags-any", query_parse_tags, true },
    { "sort", query_parse_order, true },
    { "sort_key", query_parse_order, true },
    { "sort_dir", query_parse_order, true },
};

/* As enum tag_test. */
static const char *const tag_arguments[] = {
    "tags", "tags-any", "not-tags", "not-tags-any"
};
BUILD_ASSERT_DECL(ARRAY_SIZE(tag_arguments) == N_TAG_TESTS);

void
query_put_escaped(struct ds *out, const char *text)
{
    for (; *text; text++) {
        if (isalnum((unsigned char) *text) || strchr("-._~", *text)) {
            ds_put_char(out, *text);
        } else {
            ds_put_format(out, "%%%02X", (unsigned char) *text);
        }
    }
}

static void
query_carry(struct query *query, const char *name, const char *value)
{
    ds_put_char(&query->carried, '&');
    query_put_escaped(&query->carried, name);
    ds_put_char(&query->carried, '=');
    query_put_escaped(&query->carried, value);
}

static void
query_parse_limit(struct query_parser *p, const char *name OVS_UNUSED,
                  const char *value)
{
    long long int limit;

    if (!strcmp(value, "infinite")) {
        limit = 0;
    } else if (!str_to_llong(value, 10, &limit)) {
        fault_set(p->faultp, FAULT_INVALID_LIMIT, value);
        return;
    }
    p->query->limit = limit > 0 ? MIN(limit, PAGE_ROWS_MAX) : PAGE_ROWS_MAX;
}

static void
query_parse_marker(struct query_parser *p, const char *name OVS_UNUSED,
                   const char *value)
{
    free(p->query->marker);
    p->query->marker = xstrdup(value);
}

static void
query_parse_page_reverse(struct query_parser *p, const char *name OVS_UNUSED,
                         const char *value)
{
    p->query->is_reverse = !strcmp(value, "True");
}

static void
query_parse_fields(struct query_parser *p, const char *name OVS_UNUSED,
                   const char *value)
{
    char *copy = xstrdup(value);
    char *save = NULL;

    p->query->choice.is_partial = true;
    for (char *word = strtok_r(copy, ",", &save); word;
         word = strtok_r(NULL, ",", &save)) {
        const struct field *field = field_find(p->resource, word);

        if (field) {
            p->query->choice.is_chosen[field_index(p->resource, field)]
                = true;
        }
    }
    free(copy);
}

static void
query_parse_tags(struct query_parser *p, const char *name, const char *value)
{
    struct ovsdb_datum words = { .n = 0 };
    size_t n_allocated = 0;
    size_t test = 0;

    if (!field_find(p->resource, "tags")) {
        return;
    }
    while (strcmp(tag_arguments[test], name)) {
        test++;
    }
    for (;;) {
        size_t length = strcspn(value, ",");

        ARRAY_GROW(words.keys, words.n, n_allocated);
        words.keys[words.n++].s
            = ovsdb_atom_string_create_nocopy(xmemdup0(value, length));
        if (!value[length]) {
            break;
        }
        value += length + 1;
    }

    ovsdb_datum_sort_unique(&words, &tags_type);
    ovsdb_datum_union(&p->query->tags[test], &words, &tags_type);
    ovsdb_datum_destroy(&words, &tags_type);
}

static void
query_parse_order(struct query_parser *p, const char *name, const char *value)
{
    order_note(&p->query->order, name, value);
}

static void
query_parse_filter(struct query_parser *p, const char *name, const char *value)
{
    struct query *query = p->query;
    const struct field *field = field_find_queried(p->resource, name);
    bool is_invalid = !field;

    for (size_t i = 0; !is_invalid && i < query->n_filters; i++) {
        is_invalid = query->filters[i].field == field;
    }
    if (is_invalid) {
        fault_set(p->faultp, FAULT_INVALID_FILTER);
        return;
    }

    struct filter *filter = &query->filters[query->n_filters++];
    filter->field = field;
    filter->is_possible = value_from_text(field, value, &filter->value);
}

static void
query_parse_list_argument(struct query_parser *p, const char *name,
                          const char *value)
{
    for (size_t i = 0; i < ARRAY_SIZE(arguments); i++) {
        if (!strcmp(arguments[i].name, name)) {
            arguments[i].parse(p, name, value);
            if (arguments[i].is_carried) {
                query_carry(p->query, name, value);
            }
            return;
        }
    }
    query_parse_filter(p, name, value);
    query_carry(p->query, name, value);
}

static bool
query_parse_argument(const char *name, const char *value, void *p_)
{
    struct query_parser *p = p_;

    value = value ? value : "";
    switch (p->kind) {
    case QUERY_CASCADE:
        if (!strcmp(name, "cascade")) {
            p->query->cascade = word_is_true_in_query(value);
            break;
        }
        fault_set(p->faultp, FAULT_UNKNOWN_ARGUMENT, name);
        break;
    case QUERY_TREE:
        if (!strcmp(name, "dry-run")) {
            p->query->is_dry_run = word_is_true_in_query(value);
            break;
        }
        if (!strcmp(name, "keep")) {
            p->query->keep = word_is_true_in_query(value);
            break;
        }
        fault_set(p->faultp, FAULT_UNKNOWN_ARGUMENT, name);
        break;
    case QUERY_ADDITIVE:
        if (!strcmp(name, "additive_only")) {
            p->query->is_additive = word_is_true_in_query(value);
            break;
        }
        /* Fall through. */
    case QUERY_NONE:
        fault_set(p->faultp, FAULT_UNKNOWN_ARGUMENT, name);
        break;
    case QUERY_SHOW:
        if (!strcmp(name, "fields")) {
            query_parse_fields(p, name, value);
        }
        break;
    case QUERY_LIST:
        query_parse_list_argument(p, name, value);
        break;
    case QUERY_FREE:
    default:
        break;
    }
    return !*p->faultp;
}

void
query_init(struct query *query)
{
    memset(query, 0, sizeof *query);
    query->limit = PAGE_ROWS_MAX;
}

bool
query_add(struct query *query, enum query_kind kind,
          const struct resource *resource, const char *name,
          const char *value, struct fault **faultp)
{
    struct query_parser parser = { kind, resource, query, faultp };

    return query_parse_argument(name, value, &parser);
}

bool
query_parse(const struct http_request *http, enum query_kind kind,
            const struct resource *resource, struct query *query,
            struct fault **faultp)
{
    struct query_parser parser = { kind, resource, query, faultp };

    query_init(query);
    http_request_for_each_arg(http, query_parse_argument, &parser);
    return !*faultp && query_finish(query, resource, faultp);
}

bool
query_finish(struct query *query, const struct resource *resource,
             struct fault **faultp)
{
    return order_resolve(&query->order, resource, faultp);
}

void
query_uninit(struct query *query)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        ovsdb_datum_destroy(&query->filters[i].value,
                            value_type(query->filters[i].field));
    }
    for (size_t i = 0; i < N_TAG_TESTS; i++) {
        ovsdb_datum_destroy(&query->tags[i], &tags_type);
    }
    order_uninit(&query->order);
    free(query->marker);
    ds_destroy(&query->carried);
}

bool
query_is_impossible(const struct query *query)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        if (!query->filters[i].is_possible) {
            return true;
        }
    }
    return false;
}

const struct uuid *
query_id_filter(const struct query *query)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        const struct filter *filter = &query->filters[i];

        if (!strcmp(filter->field->name, "id") && filter->is_possible) {
            return &filter->value.keys[0].uuid;
        }
    }
    return NULL;
}

const char *
query_text_filter(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->n_filters; i++) {
        const struct filter *filter = &query->filters[i];

        if (!strcmp(filter->field->name, name) && filter->is_possible) {
            return json_string(filter->value.keys[0].s);
        }
    }
    return NULL;
}

static bool
tags_match(enum tag_test test, const struct ovsdb_datum *words,
           const struct ovsdb_datum *tags)
{
    switch (test) {
    case TAGS_ALL:
        return ovsdb_datum_includes_all(words, tags, &tags_type);
    case TAGS_ANY:
        return !ovsdb_datum_excludes_all(words, tags, &tags_type);
    case TAGS_NOT_ALL:
        return !ovsdb_datum_includes_all(words, tags, &tags_type);
    case TAGS_NONE:
        return ovsdb_datum_excludes_all(words, tags, &tags_type);
    case N_TAG_TESTS:
    default:
        OVS_NOT_REACHED();
    }
}

bool
query_matches(const struct query *query, const struct resource *resource,
              const void *object, value_reader *read)
{
    struct value_scratch scratch = { NULL, 0 };
    bool ok = true;

    for (size_t i = 0; ok && i < query->n_filters; i++) {
        const struct filter *filter = &query->filters[i];
        struct ovsdb_datum datum;

        ok = filter->is_possible;
        if (ok) {
            read(object, resource, filter->field, &scratch, &datum);
            ok = value_equals(filter->field, &datum, &filter->value);
        }
    }
    for (size_t i = 0; ok && i < N_TAG_TESTS; i++) {
        struct ovsdb_datum datum;

        if (query->tags[i].n) {
            read(object, resource, field_find(resource, "tags"), &scratch,
                 &datum);
            ok = tags_match(i, &query->tags[i], &datum);
        }
    }
    value_scratch_uninit(&scratch);
    return ok;
}
