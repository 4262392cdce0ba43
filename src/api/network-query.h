/* SPDX-License-Identifier: Apache-2.0
 *
 * The arguments of a GET as Neutron understands them: filters, fields, pages
 * and order.  What does not fit is an error in Neutron's words; nothing is
 * ignored, since a client would take the wrong object then.
 */

#ifndef API_NETWORK_QUERY_H
#define API_NETWORK_QUERY_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct ds;
struct http_request;
struct net;
struct network_attribute;
struct network_error;
struct network_kind;
struct network_word;

/* The words of all arguments of one name: one of them has to match. */
struct network_filter {
    const struct network_attribute *attribute;
    struct network_word *words;
    size_t n, n_allocated;
};

struct network_sort {
    const struct network_attribute *attribute;
    bool is_descending;
};

#define NETWORK_SORTS_MAX 4

struct network_query {
    const struct network_kind *kind;
    struct network_filter *filters;
    size_t n_filters, n_filters_allocated;
    bool is_hopeless;           /* No object has what is asked for. */
    bool *is_chosen;            /* Attributes to show.  NULL: all. */

    size_t limit;               /* 0: none. */
    char *marker;               /* NULL: none. */
    struct uuid marker_id;      /* Zero if 'marker' is no id. */
    bool is_reverse;

    struct network_sort sorts[NETWORK_SORTS_MAX];
    size_t n_sort_keys, n_sort_dirs;
};

/* Reads the arguments of a list, or, if 'is_list' is false, of an object. */
void network_query_init(struct network_query *, const struct network_kind *,
                        const struct http_request *, bool is_list,
                        struct net *, struct network_error *);
void network_query_uninit(struct network_query *);

bool network_query_matches(const struct network_query *, const void *object);

/* Appends the chosen attributes of 'object' as JSON. */
void network_query_put(const struct network_query *, struct ds *,
                       const void *object);

#endif /* api/network-query.h */
