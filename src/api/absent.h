/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests for objects that OVN does not have (model/absent.h): lists are
 * empty, an id is not found, and what would make one is refused.
 */

#ifndef API_ABSENT_H
#define API_ABSENT_H 1

#include <stdbool.h>

struct request;
struct resource;
struct route;

/* Returns the kind of object that 'route' is about, NULL if it is none of
 * these. */
const struct resource *absent_find(const struct route *);

/* Returns Octavia's other name for the links of a list of such objects; NULL
 * if it has none, or the route is about other objects. */
const char *absent_links(const struct route *);

/* True if a request of 'route' has a body that is read and checked. */
bool absent_takes_body(const struct route *);

/* Checks, before the body is read, that the caller may write such objects at
 * all.  Sets the request's fault and returns false if not. */
bool absent_may_be_allowed(struct request *);

#endif /* api/absent.h */
