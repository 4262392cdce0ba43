/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS connections from their beginning to their first request.  While the
 * library waits for a client in a handshake, it keeps the connection among
 * those that are ready, so that the loop would never sleep.  Therefore such a
 * connection is suspended, and its socket is watched here.  Only so many are
 * let go on in one turn of the loop, since each may cost a signature.
 *
 * Their time is limited elsewhere, as that of all clients without a request.
 */

#ifndef HTTP_HANDSHAKE_H
#define HTTP_HANDSHAKE_H 1

#include <stdbool.h>
#include "openvswitch/list.h"

struct http_request;

struct handshakes {
    struct ovs_list running;    /* struct http_request: the library's. */
    int epoll_fd;               /* Sockets of all that are suspended. */
};

/* Returns false if the process has no descriptor left. */
bool handshakes_init(struct handshakes *);
void handshakes_uninit(struct handshakes *);

/* A connection begins, or is over or has its first request. */
void handshake_begin(struct http_request *);
void handshake_end(struct http_request *);

/* Has the library look again: the connection was shut down. */
void handshake_wake(struct http_request *);

/* Suspends what waits for its client.  Call it between two runs of the
 * library. */
void handshakes_park(struct handshakes *);

/* Wakes what need not wait any more; the library goes on in its next run. */
void handshakes_run(struct handshakes *);
void handshakes_wait(const struct handshakes *);

#endif /* http/handshake.h */
