/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's settings, from its file and its command line.
 */

#ifndef API_OPTIONS_H
#define API_OPTIONS_H 1

#include <stdbool.h>
#include <stdint.h>
#include "api/auth-options.h"
#include "api/quota-options.h"
#include "base/metrics-listen.h"
#include "svec.h"

struct api_options {
    char *db;                   /* OVN_Octavia. */
    char *nb_db;                /* OVN Northbound. */
    char *listen;               /* As given: HOST:PORT. */
    char *host;                 /* Its parts. */
    uint16_t port;
    struct metrics_listen metrics;
    char *base_url;             /* Of this API, as clients see it, or NULL. */
    char *trusted_proxies;      /* As given, or NULL. */
    struct svec proxies;        /* Their prefixes. */
    struct auth_options auth;
    struct quota_options quotas;
    bool insecure_no_auth;      /* May listen beyond loopback. */
    char *default_provider;
    char *default_project;
    char *round_robin;          /* As given. */
    bool round_robin_is_hashed; /* Else refused. */
    char *unsupported_options;  /* As given. */
    bool takes_unsupported_options;     /* Else refused. */
    bool healthcheck_enabled;   /* Answers /healthcheck. */
    char *control;              /* Path of the control socket, or NULL. */
};

/* Parses; exits with a message if something is wrong, or after --help and
 * --version. */
void api_options_init(struct api_options *, int argc, char *argv[]);
void api_options_destroy(struct api_options *);

#endif /* api/options.h */
