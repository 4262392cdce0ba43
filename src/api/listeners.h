/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of writing one listener that a graph needs, too.
 */

#ifndef API_LISTENERS_H
#define API_LISTENERS_H 1

#include <stdbool.h>
#include <stdint.h>

struct attrs;
struct ovsdb_idl_row;
struct request;

/* Checks that each of 'allowed_cidrs' is of the IP version of a VIP of 'lb'.
 * Sets the request's fault and returns false if not. */
bool listener_check_cidrs(struct request *, const struct attrs *,
                          const struct ovsdb_idl_row *lb);

/* Sets the request's fault, and returns false: the load balancer has a
 * listener of 'protocol' on that port already. */
bool listener_refuse_duplicate(struct request *, const char *protocol,
                               int64_t port);

#endif /* api/listeners.h */
