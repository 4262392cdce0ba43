/* SPDX-License-Identifier: Apache-2.0
 *
 * Our login at Keystone: a token (password or application credential, API
 * v3), renewed before it expires and once when a service refuses it.  With the
 * token comes the catalog of endpoints, which is got again when no connection
 * to one of them can be made.  The services that need it stand above this, in
 * service.h.
 *
 * Nothing blocks.
 */

#ifndef AUTH_SESSION_H
#define AUTH_SESSION_H 1

#include <stdbool.h>
#include "auth/login.h"

struct http_client;
struct session;

/* Returns NULL and sets '*errorp', which names the option that is missing or
 * wrong, if a login with these options is impossible.  The strings are
 * copied. */
struct session *session_create(const struct session_options *,
                               char **errorp);

/* Adds metrics about the process's own log-ins. */
void session_add_metrics(void);

/* Destroy the services that use it first.  Never from a callback. */
void session_destroy(struct session *);
void session_run(struct session *);
void session_wait(struct session *);

/* Returns the id of our project, as Keystone said it the last time; what we
 * make is that project's unless we say otherwise.  NULL: we have not logged in
 * yet, or for no project.  Good until the next session_run(). */
const char *session_project_id(const struct session *);

/* Returns Keystone's URL, without "/v3". */
const char *session_url(const struct session *);

/* States of the token, on which it depends whether a call can go out. */
enum token_state {
    TOKEN_READY,
    TOKEN_PENDING,              /* There will be one, or trouble. */
    TOKEN_TROUBLE,              /* We cannot log in for now. */
};

/* Begins to log in if that is necessary. */
enum token_state session_get_token(struct session *);

/* Returns the same without beginning anything. */
enum token_state session_peek_token(const struct session *);

/* True while an attempt to log in is under way or to come. */
bool session_is_logging_in(const struct session *);

/* Return, with TOKEN_READY, the token, and a number that tells it from
 * others. */
const struct token *session_token(const struct session *);
unsigned int session_token_serial(const struct session *);

/* Returns, with TOKEN_TROUBLE, why. */
const char *session_trouble(const struct session *);

/* Notes that a service has refused the token with this number.  Returns true
 * if there is, or will be, another one. */
bool session_token_refused(struct session *, unsigned int serial);

/* Notes that the token's catalog lacks an endpoint.  Unless the catalog is
 * new, begins to get another one: then the state is TOKEN_PENDING. */
void session_renew_catalog(struct session *);

/* Notes that an endpoint in the catalog that came with the token of this
 * number does not answer; it may have moved.  The next attempt finds the new
 * one as soon as there is a new catalog.  Until then, or without Keystone, the
 * old one is good. */
void session_doubt_catalog(struct session *, unsigned int serial);

/* Returns a client with the session's certificates. */
struct http_client *session_create_client(const struct session *,
                                          unsigned int connections_max);
int session_timeout_ms(const struct session *);

#endif /* auth/session.h */
