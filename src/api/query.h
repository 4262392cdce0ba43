/* SPDX-License-Identifier: Apache-2.0
 *
 * The arguments in a URL: filters, fields, tags, order, limit and marker of
 * lists, and the few that other calls have.
 */

#ifndef API_QUERY_H
#define API_QUERY_H 1

#include <stdbool.h>
#include "api/order.h"
#include "model/fields.h"
#include "model/render.h"
#include "ovsdb-data.h"
#include "openvswitch/dynamic-string.h"

struct http_request;

/* Kinds of calls, by what they do with arguments. */
enum query_kind {
    QUERY_NONE,                 /* Every argument is a fault. */
    QUERY_CASCADE,              /* DELETE of a load balancer. */
    QUERY_ADDITIVE,             /* PUT of the members of a pool. */
    QUERY_TREE,                 /* PUT of a load balancer with its parts. */
    QUERY_SHOW,                 /* fields; all else is ignored. */
    QUERY_LIST,
    QUERY_FREE,                 /* The handler reads them itself. */
};

struct filter {
    const struct field *field;
    bool is_possible;           /* False: no value can be equal. */
    struct ovsdb_datum value;
};

enum tag_test {
    TAGS_ALL,                   /* tags: has all of them. */
    TAGS_ANY,                   /* tags-any. */
    TAGS_NOT_ALL,               /* not-tags. */
    TAGS_NONE,                  /* not-tags-any. */
    N_TAG_TESTS
};

struct query {
    bool cascade;
    bool is_additive;           /* additive_only. */
    bool is_dry_run;            /* dry-run. */
    bool keep;

    struct field_choice choice;
    struct filter filters[FIELDS_MAX];  /* One for a field at most. */
    size_t n_filters;
    struct ovsdb_datum tags[N_TAG_TESTS];       /* Empty: not tested. */

    struct order order;

    size_t limit;               /* Never 0. */
    char *marker;
    bool is_reverse;
    struct ds carried;          /* Arguments that links repeat,
                                 * "&name=value...". */
};

/* Reads the arguments of 'request'.  'resource' may be NULL unless 'kind' is
 * QUERY_SHOW or QUERY_LIST.  Returns false and sets '*faultp' if something is
 * wrong.  Either way the caller destroys '*ret'. */
bool query_parse(const struct http_request *, enum query_kind kind,
                 const struct resource *, struct query *ret,
                 struct fault **faultp);

/* Read arguments one by one; 'value' may be NULL.  query_finish() makes sense
 * of those that depend on each other. */
void query_init(struct query *);
bool query_add(struct query *, enum query_kind, const struct resource *,
               const char *name, const char *value, struct fault **faultp);
bool query_finish(struct query *, const struct resource *,
                  struct fault **faultp);
void query_uninit(struct query *);

/* Appends a text as it has to be in a URL. */
void query_put_escaped(struct ds *, const char *text);

/* Returns the value of the only filter on the object's own id, or NULL. */
const struct uuid *query_id_filter(const struct query *);

/* True if no object can pass. */
bool query_is_impossible(const struct query *);

/* Returns the value of the filter on a text of that name, NULL if there is
 * none. */
const char *query_text_filter(const struct query *, const char *name);

/* True if 'object' passes filters and tags. */
bool query_matches(const struct query *, const struct resource *,
                   const void *object, value_reader *);

#endif /* api/query.h */
