/* SPDX-License-Identifier: Apache-2.0
 *
 * Every maximum of the product, with the reason for its value.  Code that
 * needs a bound names it here.
 */

#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H 1

/* Octavia's own limit for a request body, to the byte (Octavia's
 * [oslo_middleware] max_request_body_size). */
#define BODY_BYTES_MAX 114688

/* Nesting of a request's JSON.  The deepest that the API defines is the fully
 * populated load balancer (load balancer, listener, policy, pool, member:
 * nine levels with their lists).  The JSON parser is recursive-descent-free
 * but allows 1,000. */
#define JSON_DEPTH_MAX 32

/* Concurrent HTTP connections of one process.  Together with the database
 * connections this stays well below the usual limit of 1,024 descriptors. */
#define HTTP_CONNECTIONS_MAX 900

/* Seconds until a silent or slow HTTP client is cut off. */
#define HTTP_IDLE_TIMEOUT_S 30

/* Ops in one transaction of group commit.  Measured: 100 rows a transaction
 * are 15 times as fast as one; 1,000 are no faster and delay the first. */
#define STORE_BATCH_MAX 100

/* Load balancers in one Northbound transaction, for the same reason. */
#define RECONCILE_BATCH_MAX 100

/* A load balancer that cannot be put into OVN is tried again after this long,
 * doubling up to the maximum: soon enough for a person who mends the cause,
 * seldom enough for thousands of them. */
#define RECONCILE_BACKOFF_MIN_MS 250
#define RECONCILE_BACKOFF_MAX_MS 30000

/* How often the driver looks at everything although nothing seems to have
 * changed.  It should never find anything; it is for what nobody thought of. A
 * sweep of 10,000 load balancers costs about a second of CPU, in turns. */
#define SWEEP_INTERVAL_MS (10 * 60 * 1000)

/* Places in a VIP's list of backends before weights are rounded: with 100, a
 * member's share of the traffic is exact to about one percent.  A pool with
 * more members than that has a place for each. */
#define WEIGHTED_BACKENDS_MAX 100

/* How long a daemon that starts tries to reach a database before it says that
 * it cannot: longer than a database that starts at the same time needs. */
#define DATABASE_PATIENCE_MS 2000

/* How long a POST of a load balancer waits for the driver to accept the VIP
 * before the client is told to try again. */
#define VIP_WAIT_MS 30000

/* The longest time after which the driver calls what is PENDING an ERROR: an
 * hour is more than anybody waits, and still fits an int in ms. */
#define PENDING_TIMEOUT_MAX_S 3600

/* Calls of one HTTP client that may wait for their turn.  More than that means
 * that the server does not keep up: the next ones fail at once, so that their
 * callers notice and hold back, instead of piling up here. */
#define HTTP_CALLS_WAITING_MAX 1000

/* Bytes of all header fields of a response.  Keystone's tokens are in there,
 * and the biggest kinds of them have some kilobytes. */
#define HTTP_RESPONSE_HEAD_BYTES_MAX (64 * 1024)

#endif /* base/limits.h */
