/* SPDX-License-Identifier: Apache-2.0
 *
 * The graph of a new load balancer: listeners, pools, members and health
 * monitors that a POST brings with it (Octavia's "fully populated" load
 * balancer).  All are created in the transaction of the load balancer, or
 * none is.
 *
 * Pools have no ids yet, so that listeners name them: a default pool is
 * defined where it is used, or in the list of pools, or for another listener.
 */

#ifndef API_GRAPH_H
#define API_GRAPH_H 1

#include <stdbool.h>
#include <stddef.h>
#include "api/prepare.h"

struct attrs;
struct ds;
struct family;
struct graph;
struct ovsdb_idl_row;
struct request;

/* A pool of the graph, with the parts that it brings. */
struct graph_pool {
    struct attrs *attrs;        /* All attributes are the request's. */
    struct attrs *monitor;      /* NULL: none. */
    struct attrs **members;
    size_t n_members;
};

struct graph_listener {
    struct attrs *attrs;
    size_t pool;                /* Index of the default pool, or NO_POOL. */
};

#define NO_POOL SIZE_MAX

/* In the order of creation: pools with their parts, then listeners. */
struct graph {
    struct graph_pool *pools;
    size_t n_pools;
    struct graph_listener *listeners;
    size_t n_listeners;
    struct attrs **members;     /* Of all pools, in their order. */
    size_t n_members;

    bool has_ipv4, has_ipv6;    /* VIPs: see graph_prepare(). */
};

/* Reads the graph in the request's body, and checks all that the body alone
 * tells, by the rules for single objects.  Returns NULL and sets the request's
 * fault if something is wrong.  The graph is empty if there is none. */
struct graph *graph_create(struct request *);
void graph_destroy(struct graph *);

/* Before the transaction, when the VIPs are known: looks for the subnets of
 * the request's graph's members. */
enum prepare_result graph_prepare(struct request *);

/* Counts all objects, besides the load balancer 'family->lb' that is none yet,
 * against the quota of its project.  Sets the request's fault and returns
 * false if they are too many. */
bool graph_count(struct request *, const struct family *);

/* Checks whether the members can be where they are, and whether OVN can probe
 * them.  Sets the request's fault and returns false if not. */
bool graph_check(struct request *);

/* Writes the rows of all objects, parts of the new load balancer 'lb'. */
void graph_insert(const struct request *, const struct ovsdb_idl_row *lb);

/* Logs what an operator should know of the objects. */
void graph_log(const struct request *);

/* Appends the load balancer and all of its parts, as a reply
 * (graph-show.c). */
void graph_put(struct ds *, const struct ovsdb_idl_row *lb);

/* Replies with the new load balancer and all of its parts (graph-show.c). */
void graph_reply(struct request *, const struct ovsdb_idl_row *lb);

#endif /* api/graph.h */
