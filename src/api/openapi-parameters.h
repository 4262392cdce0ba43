/* SPDX-License-Identifier: Apache-2.0
 *
 * What OpenAPI says about the path, the arguments and the header fields of a
 * route.
 */

#ifndef API_OPENAPI_PARAMETERS_H
#define API_OPENAPI_PARAMETERS_H 1

struct ds;
struct json;
struct route;

/* Appends the route's path, in which each id has a name of its own; adds these
 * to the list 'parameters', unless that is NULL. */
void openapi_put_path(struct ds *, const struct route *,
                      struct json *parameters);

/* Adds arguments and header fields. */
void openapi_put_arguments(struct json *parameters, const struct route *);
void openapi_put_headers(struct json *parameters, const struct route *);

/* Adds the parameters that several routes have. */
void openapi_put_shared(struct json *parameters);

#endif /* api/openapi-parameters.h */
