/* SPDX-License-Identifier: Apache-2.0
 *
 * State shared by all requests: the connections, the settings, and the list of
 * the requests that wait.  main.c makes it.
 */

#ifndef API_API_H
#define API_API_H 1

#include <stdbool.h>
#include "openvswitch/list.h"

struct access_log;
struct http_request;
struct http_server;
struct local_auth;
struct net;
struct quotas;
struct row_index;
struct rows;
struct service;
struct settle;
struct store;
struct svec;
struct tokens;

struct api {
    struct http_server *server;
    struct store *store;
    struct rows *rows;
    struct row_index *row_index;
    struct net *net;
    struct quotas *quotas;
    struct settle *settle;
    struct access_log *access_log;  /* NULL: there is none. */
    int slow_request_ms;            /* See waits.h. */

    /* Both NULL: no authentication. */
    struct tokens *tokens;          /* Of Keystone. */
    struct local_auth *local;       /* Of users of our own. */
    const char *auth;               /* How users log in: a word of the option
                                     * of that name. */
    const char *www_authenticate_uri;   /* URL at which clients get tokens. */
    struct service *neutron;        /* Knows what a user may see, and what OVN
                                     * does not.  NULL: not asked. */
    bool legacy_roles;              /* load-balancer_* count, too. */
    bool has_quotas;                /* Counts against them. */

    const char *base_url;           /* Under which clients reach us.  NULL:
                                     * as they asked. */
    const struct svec *trusted_proxies;     /* See origin.h. */
    const char *default_provider;
    const char *default_project;    /* For requests that name none. */
    bool ui;                        /* Serves /ui; else 404. */
    bool healthcheck_enabled;       /* Answers /healthcheck; else 404. */
    bool round_robin_is_hashed;     /* Else refused. */
    bool takes_unsupported_options; /* Stores them; else refuses them. */
    bool enforces_cidrs;        /* The driver does; else they are refused. */

    struct ovs_list waiting;        /* struct request. */
    size_t n_waiting;
    size_t n_unknown;               /* The number of these that wait for
                                     * Keystone. */
    unsigned int store_seqno;       /* As the waiting ones have seen them. */
    unsigned int net_seqno;
    unsigned int tokens_seqno;
    unsigned int expectations;
    bool has_answers;               /* Answers of Neutron have come
                                     * meanwhile. */
    unsigned long long int n_requests;
    unsigned long long int n_ended; /* Of these. */
};

#endif /* api/api.h */
