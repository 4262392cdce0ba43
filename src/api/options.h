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
#include "base/socket-access.h"
#include "http/certificate.h"
#include "http/listen-address.h"
#include "svec.h"

struct api_options {
    char *db;                   /* OVN_Octavia. */
    char *nb_db;                /* OVN Northbound. */
    char *listen;               /* As given. */
    struct listen_addresses addresses;      /* Its parts. */
    char *socket_group;         /* As given, or NULL. */
    char *socket_mode;          /* As given. */
    struct socket_access socket_access;     /* What both say. */
    struct certificate_files tls;
    bool has_tls;               /* An address needs these files. */
    char *tls_client_auth;      /* As given. */
    struct metrics_listen metrics;
    char *base_url;             /* Of this API, as clients see it, or NULL. */
    char *trusted_proxies;      /* As given, or NULL. */
    struct svec proxies;        /* See origin.h. */
    struct auth_options auth;
    struct quota_options quotas;
    bool insecure_no_auth;      /* May listen beyond loopback. */
    char *default_provider;
    char *default_project;
    char *round_robin;          /* As given. */
    bool round_robin_is_hashed; /* Else refused. */
    char *unsupported_options;  /* As given. */
    bool takes_unsupported_options;     /* Else refused. */
    char *allowed_cidrs;        /* As given. */
    bool enforces_cidrs;        /* Else refused. */
    char *prefer_wait_max;      /* As given. */
    int prefer_wait_max_s;      /* 0: no request waits. */
    char *stop_seconds;         /* As given. */
    int stop_seconds_max;       /* For requests in flight, at the end. */
    char *access_log;           /* A path, or as in access-log.h. */
    char *log_format;           /* As given. */
    bool log_is_json;
    char *slow_request;         /* As given. */
    int slow_request_ms;        /* 0: no request is slow. */
    bool healthcheck_enabled;   /* Answers /healthcheck. */
    bool ui;                    /* Serves the page at /ui. */
    char *control;              /* Path of the control socket, or NULL. */
};

/* Parses; exits with a message if something is wrong, or after --help and
 * --version. */
void api_options_init(struct api_options *, int argc, char *argv[]);
void api_options_destroy(struct api_options *);

#endif /* api/options.h */
