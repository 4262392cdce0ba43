/* SPDX-License-Identifier: Apache-2.0
 *
 * Which call is meant by a method and a path; see routes.c.
 */

#ifndef API_ROUTES_H
#define API_ROUTES_H 1

#include <stddef.h>
#include "api/query.h"
#include "model/fields.h"

struct ds;
struct fault;
struct request;

typedef void request_handler(struct request *);

/* What must be there before a call can be answered. */
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
    int resource;               /* enum resource_id, or NO_RESOURCE. */
    int status;                 /* Of success. */
    enum query_kind query;
    enum route_needs needs;
};

#define NO_RESOURCE -1

/* Finds the route for a request; sets its path_ids.  Returns NULL and sets
 * '*faultp' if there is none.  If only the method is wrong, appends the right
 * ones to 'allow'. */
const struct route *route_find(struct request *, const char *method,
                               const char *path, struct ds *allow,
                               struct fault **faultp);

#endif /* api/routes.h */
