/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of writing one listener that a graph needs, too.
 */

#ifndef API_LISTENERS_H
#define API_LISTENERS_H 1

#include <stdbool.h>
#include <stdint.h>

struct request;

/* Sets the request's fault, and returns false: the load balancer has a
 * listener of 'protocol' on that port already. */
bool listener_refuse_duplicate(struct request *, const char *protocol,
                               int64_t port);

#endif /* api/listeners.h */
