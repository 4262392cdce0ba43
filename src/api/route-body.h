/* SPDX-License-Identifier: Apache-2.0
 *
 * Which objects a route is about, and what its body is.
 */

#ifndef API_ROUTE_BODY_H
#define API_ROUTE_BODY_H 1

#include <stdbool.h>

struct resource;
struct route;

/* Returns the kind of objects, NULL if there is no table of it. */
const struct resource *route_resource(const struct route *);

/* Returns what the body is parsed as. */
const struct resource *route_body_resource(const struct route *);
bool route_takes_body(const struct route *);

/* True if the objects in the body have attributes as in a POST, whatever the
 * method. */
bool route_body_is_new(const struct route *);

#endif /* api/route-body.h */
