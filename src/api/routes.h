/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the call that a method and a path mean; see routes.c.
 */

#ifndef API_ROUTES_H
#define API_ROUTES_H 1

#include <stdbool.h>
#include <stddef.h>
#include "api/handlers.h"
#include "api/query.h"
#include "model/fields.h"

struct ds;
struct fault;

/* The database or facts that must be there before a call can be answered. */
enum route_needs {
    NEEDS_NOTHING,
    NEEDS_STORE,
    NEEDS_NET,
};

struct route {
    const char *method;         /* "*": any. */
    const char *path;           /* Below "/v2.0/". */
    request_handler *handle;
    const char *policy;         /* After "os_load-balancer_api:". */
    int resource;               /* enum resource_id, or one of those below. */
    int status;                 /* HTTP status of success. */
    enum query_kind query;
    enum route_needs needs;
};

#define NO_RESOURCE -1
#define QUOTA_RESOURCE -2       /* See model/quota.h. */

/* Ids in a path: "pools/{id}/members/{id}". */
#define ROUTE_IDS_MAX 2

struct route_path {
    char *text;                 /* Cut into pieces.  The owner frees it. */
    const char *ids[ROUTE_IDS_MAX];
    size_t n_ids;
};

/* Finds the route for 'text', and stores the path's pieces in '*path', whose
 * 'text' is freed before.  Returns NULL and sets '*faultp' if there is none.
 * If only the method is wrong, appends the right ones to 'allow'. */
const struct route *route_find(struct route_path *path, const char *method,
                               const char *text, struct ds *allow,
                               struct fault **faultp);

/* Returns the 'i'th route, NULL if there are not so many. */
const struct route *route_get(size_t i);

/* True if the path is below "/v2.0/". */
bool route_is_versioned(const struct route *);

/* Returns what is wrong with the table, NULL if nothing is.  The build asks,
 * and fails if a route has neither a policy nor a note why it needs none.  The
 * caller frees the result. */
char *routes_find_fault(void);

/* Returns a number below ROUTES_MAX that tells the route from others, and what
 * it means.  NULL has a number, too. */
#define ROUTES_MAX 256

struct route_name {
    const char *method;
    const char *path;           /* "lbaas/pools/{id}"; "none" of no route. */
};

size_t route_index(const struct route *);
struct route_name route_name(size_t index);

/* True if the call is one write of many objects, whose body is a list. */
bool route_writes_list(const struct route *);

#endif /* api/routes.h */
