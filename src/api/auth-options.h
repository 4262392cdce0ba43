/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings of authentication: whether there is any, and what
 * keystonemiddleware reads from [keystone_authtoken], in our own file or in
 * the octavia.conf of an existing Octavia.
 */

#ifndef API_AUTH_OPTIONS_H
#define API_AUTH_OPTIONS_H 1

#include <stdbool.h>
#include <stddef.h>

struct config;
struct daemon_option;
struct service;
struct session;
struct tokens;

#define KEYSTONE_OPTIONS_MAX 32

struct auth_options {
    char *auth;                 /* As given. */
    bool is_keystone;           /* If neither this, */
    bool is_local;              /* nor this, there is no authentication. */
    char *users_file;           /* Users of our own. */
    char *token_hours_text;     /* As given. */
    int token_hours;            /* How long their tokens are good. */
    bool insecure_login;        /* Takes passwords over plain HTTP. */
    bool legacy_roles;
    char *unknown;              /* Names in our own file that are none. */
    char *octavia_conf;         /* Name of that file, or NULL. */
    char *keystone[KEYSTONE_OPTIONS_MAX];   /* By the table of names. */
};

/* The most that auth_options_add() adds. */
#define AUTH_OPTIONS_MAX (KEYSTONE_OPTIONS_MAX + 9)

void auth_options_init(struct auth_options *);
void auth_options_destroy(struct auth_options *);

/* Adds the options to a table for daemon_options_parse(), which has 'n'. */
size_t auth_options_add(struct auth_options *, struct daemon_option *table,
                        size_t n);

/* After parsing.  What is wrong becomes a fault. */
void auth_options_finish(struct auth_options *, struct config *);

/* Open what the settings describe; only if 'is_keystone'.  Exit with a message
 * that names the option if no login is possible with the settings. */
struct session *auth_options_open_session(const struct auth_options *);
struct tokens *auth_options_open_tokens(const struct auth_options *,
                                        struct session *);

/* Returns Neutron, which knows what users may see; NULL if it is not to be
 * asked. */
struct service *auth_options_open_neutron(const struct auth_options *,
                                          struct session *);

/* Returns where clients are sent for a token.  Borrowed. */
const char *auth_options_www_uri(const struct auth_options *);

#endif /* api/auth-options.h */
