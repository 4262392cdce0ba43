/* SPDX-License-Identifier: Apache-2.0
 *
 * Octavia's REST API, as far as it tells which load balancers are ours and
 * which objects wait for us.  We are known there as [service_auth] of
 * octavia.conf says.
 */

#ifndef OCTAVIA_API_H
#define OCTAVIA_API_H 1

#include <stdbool.h>
#include <stddef.h>
#include "octavia/items.h"
#include "openvswitch/uuid.h"

struct octavia_api;
struct octavia_conf;
struct octavia_query;

/* Returns NULL and sets '*errorp' (the caller frees it), which names the
 * option, if the configuration has no credentials. */
struct octavia_api *octavia_api_create(const struct octavia_conf *,
                                       char **errorp);

/* Forgets queries that are under way; their callbacks are not called. */
void octavia_api_destroy(struct octavia_api *);
void octavia_api_run(struct octavia_api *);
void octavia_api_wait(struct octavia_api *);

struct octavia_list {
    const char *error;          /* NULL: this is all there is. */
    const struct octavia_item *items;
    size_t n;
};

typedef void octavia_query_done(const struct octavia_list *, void *aux);

/* Lists all objects at 'path' ("/v2/lbaas/loadbalancers"), of which 'key' is
 * the list's name in the answer, that match 'filter' ("provider=ovn", NULL:
 * all), page by page.  'done' is called once, from octavia_api_run(). */
struct octavia_query *octavia_api_list(struct octavia_api *,
                                       const char *path, const char *key,
                                       const char *filter,
                                       octavia_query_done *, void *aux);

/* The same with a load balancer and all below it, in any order; what is shared
 * may come more than once. */
struct octavia_query *octavia_api_tree(struct octavia_api *,
                                       const struct uuid *lb_id,
                                       octavia_query_done *, void *aux);
void octavia_query_cancel(struct octavia_query *);

#endif /* octavia/api.h */
