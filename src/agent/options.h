/* SPDX-License-Identifier: Apache-2.0
 *
 * The agent's settings: from its command line, its file, and Octavia's file,
 * in this order.
 */

#ifndef AGENT_OPTIONS_H
#define AGENT_OPTIONS_H 1

#include <stdbool.h>
#include <sys/types.h>
#include "base/metrics-listen.h"
#include "base/socket-access.h"

struct octavia_conf;

struct agent_options {
    char *db;                   /* OVN_Octavia. */
    char *nb_db;                /* OVN Northbound, or NULL. */
    char *socket;               /* Path of the socket for the plugin. */
    char *socket_group;         /* As given, or NULL. */
    char *socket_mode;          /* As given. */
    struct socket_access socket_access;     /* What both say. */
    char *octavia_conf;         /* Name of Octavia's file, or NULL. */
    struct octavia_conf *conf;  /* The content of the file, or NULL. */
    char *unsupported_options;  /* As given. */
    bool refuses_unsupported_options;   /* Else stored. */
    char *allowed_cidrs;        /* As given. */
    bool refuses_cidrs;         /* Else enforced. */
    struct metrics_listen metrics;
    char *log_format;           /* As given. */
    char *parent;               /* The parent's process id, or NULL. */
    int parent_pid;
    char *control;              /* Path of the control socket, or NULL. */
};

/* Parses; exits with a message if something is wrong, or after --help and
 * --version. */
void agent_options_init(struct agent_options *, int argc, char *argv[]);
void agent_options_destroy(struct agent_options *);

#endif /* agent/options.h */
