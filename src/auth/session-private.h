/* SPDX-License-Identifier: Apache-2.0
 *
 * What session.c (who we are: the token and its renewal) and service.c (the
 * calls) share, and nobody else may see.
 */

#ifndef AUTH_SESSION_PRIVATE_H
#define AUTH_SESSION_PRIVATE_H 1

#include <stdbool.h>
#include "auth/session.h"
#include "openvswitch/list.h"

/* Whether a call can go out. */
enum token_state {
    TOKEN_READY,
    TOKEN_PENDING,              /* There will be one, or trouble. */
    TOKEN_TROUBLE,              /* We cannot log in for now. */
};

/* Begins to log in if that is necessary. */
enum token_state session_get_token(struct session *);

/* The same without beginning anything. */
enum token_state session_peek_token(const struct session *);

/* True while an attempt to log in is under way or to come. */
bool session_is_logging_in(const struct session *);

/* With TOKEN_READY: the token, and a number that tells it from others. */
const char *session_token(const struct session *);
unsigned int session_token_serial(const struct session *);

/* With TOKEN_TROUBLE: why. */
const char *session_trouble(const struct session *);

/* A service has refused the token with this number.  Returns true if there is,
 * or will be, another one. */
bool session_token_refused(struct session *, unsigned int serial);

/* As catalog_find(), with TOKEN_READY.  If there is none, the session may get
 * a new catalog: then it is TOKEN_PENDING now. */
char *session_find_endpoint(struct session *, const char *type,
                            const char *const *interfaces,
                            const char *region);

/* An endpoint in the catalog that came with the token of this number does not
 * answer: has it moved?  Then the next attempt finds the new one, as soon as
 * there is a new catalog.  Until then, or without Keystone, the old one is
 * good. */
void session_doubt_catalog(struct session *, unsigned int serial);

/* A client with the session's certificates. */
struct http_client *session_create_client(const struct session *,
                                          unsigned int connections_max);
int session_timeout_ms(const struct session *);

/* service.c, for session.c. */
struct service *service_create_in(struct session *, struct ovs_list *services,
                                  const struct service_options *);
void service_run(struct service *);
void service_wait(const struct service *);
struct service *service_from_node(struct ovs_list *);
struct service_call *service_send_about(struct service *, const char *method,
                                        const char *path,
                                        const struct json *body,
                                        const char *subject_token,
                                        service_done *, void *aux);

#endif /* auth/session-private.h */
