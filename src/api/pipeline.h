/* SPDX-License-Identifier: Apache-2.0
 *
 * The one sequence of steps that every request goes through: who asks, which
 * route, what must be there first, the body, the route's handler.  Stands
 * above all the steps; none of them includes this.
 */

#ifndef API_PIPELINE_H
#define API_PIPELINE_H 1

struct http_request;

/* The HTTP server's handlers, in this order; 'api' is a 'struct api *'.  The
 * caller is identified first: the body of a stranger is not read. */
void pipeline_meet(struct http_request *, void *api);
void pipeline_accept(struct http_request *, void *api);
void pipeline_forget(struct http_request *, void *api);

#endif /* api/pipeline.h */
