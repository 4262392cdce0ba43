/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's settings: from its command line, its file, and Octavia's file,
 * in this order.
 */

#ifndef DRIVER_OPTIONS_H
#define DRIVER_OPTIONS_H 1

#include "base/metrics-listen.h"
#include "driver/driver.h"

struct octavia_conf;

struct driver_settings {
    char *db;                   /* Connection methods, comma separated. */
    char *nb_db;
    char *sb_db;
    char *octavia_conf;         /* File name, or NULL. */
    struct octavia_conf *conf;  /* Its content, or NULL. */
    char *association;          /* "direct" or "group". */
    char *allowed_cidrs;        /* "enforce" or "refuse". */
    char *active_when;
    struct metrics_listen metrics;
    char *log_format;           /* As given. */
    char *pending_timeout;      /* Seconds. */
    char *control;              /* Path of the control socket, or NULL. */
    struct driver_options driver;   /* What all that means. */
};

/* Parses; exits with a message if something is wrong, or after --help and
 * --version. */
void driver_settings_init(struct driver_settings *, int argc, char *argv[]);
void driver_settings_destroy(struct driver_settings *);

/* Call after forking: this makes the client for Neutron, too. */
struct driver *driver_settings_create_driver(struct driver_settings *);

#endif /* driver/options.h */
