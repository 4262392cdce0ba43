/* SPDX-License-Identifier: Apache-2.0
 *
 * Who we are at Keystone, and the REST services that know us by it: a token
 * (password or application credential, API v3), renewed before it expires and
 * once when a service refuses it; the catalog of endpoints, which is got again
 * when no connection to one of them can be made; and calls with
 * JSON in and out, repeated with back-off as long as that is safe and of use.
 *
 * Nothing blocks.  A service that hangs delays the calls to that service.
 */

#ifndef AUTH_SESSION_H
#define AUTH_SESSION_H 1

#include <stdbool.h>
#include <stddef.h>

struct json;
struct session;
struct service;
struct service_call;

/* As in the sections [service_auth], [neutron] and [keystone_authtoken] of
 * OpenStack's configuration files (keystoneauth's names).  NULL: not given. */
struct session_options {
    const char *auth_url;       /* With or without the final "/v3". */
    const char *auth_type;      /* "password" (or NULL, "v3password"), or
                                 * "v3applicationcredential". */
    const char *username, *user_id, *password;
    const char *user_domain_name, *user_domain_id;
    const char *project_name, *project_id;
    const char *project_domain_name, *project_domain_id;
    const char *system_scope;   /* "all", instead of a project. */
    const char *application_credential_id;
    const char *application_credential_name;
    const char *application_credential_secret;
    const char *cafile, *certfile, *keyfile;
    bool insecure;
    int timeout_ms;             /* Of one attempt; 0: a default. */
};

/* Returns NULL and sets '*errorp', which names the option that is missing or
 * wrong, if nobody could log in with that.  The strings are copied. */
struct session *session_create(const struct session_options *,
                               char **errorp);

/* The project that we are, as Keystone said it the last time; what we make is
 * that project's unless we say otherwise.  NULL: we have not logged in yet, or
 * for no project.  Good until the next session_run(). */
const char *session_project_id(const struct session *);

/* Destroy its services first.  Never from a callback. */
void session_destroy(struct session *);
void session_run(struct session *);
void session_wait(struct session *);

struct service_options {
    const char *type;           /* As in the catalog: "network". */
    const char *endpoint_override;  /* Instead of the catalog's; or NULL. */
    const char *const *interfaces;  /* In order of preference: "internal",
                                 * "public", "admin"; also with the suffix
                                 * "URL".  NULL: internal, then public. */
    const char *region_name;    /* NULL: any. */
    unsigned int calls_max;     /* Under way at once; more wait. */
};

/* The strings are copied.  The session must outlive the service. */
struct service *service_create(struct session *,
                               const struct service_options *);

/* Calls under way are forgotten, their callbacks not called. */
void service_destroy(struct service *);

/* How a call ended. */
struct service_reply {
    int status;                 /* HTTP; 0: there is no answer, although it
                                 * was tried several times. */
    const struct json *json;    /* NULL: the body is empty or no JSON. */
    const char *text;           /* For people, NULL if status is 2xx: the
                                 * message in the body, or what went wrong.
                                 * Never with a secret in it. */
};

typedef void service_done(const struct service_reply *, void *aux);

/* Asks 'method' of 'path' ("/v2.0/ports?name=x", what is behind the endpoint;
 * the caller has escaped it).  'body' is borrowed for the call, and NULL for
 * none.
 *
 * GET, PUT and DELETE are repeated if they fail in a way that may pass (no
 * connection, time-out, 429, 500, 502, 503, 504), a bounded number of times; a
 * POST only if the server cannot have acted.  A 401 renews the token and
 * repeats the call, once.
 *
 * 'done' is called once, from session_run(); it may send other calls, and
 * cancel others.  The return value is good until then, for cancelling. */
struct service_call *service_send(struct service *, const char *method,
                                  const char *path, const struct json *body,
                                  service_done *, void *aux);
void service_call_cancel(struct service_call *);

/* The same as another user: with his token, and what he may see.  A 401 is an
 * answer like any other. */
struct service_call *service_send_as(struct service *, const char *user_token,
                                     const char *method, const char *path,
                                     service_done *, void *aux);

/* The same to Keystone itself, with our token and one more header field: the
 * token that is asked about (GET /v3/auth/tokens).  'path' starts with
 * "/v3". */
struct service_call *session_send(struct session *, const char *method,
                                  const char *path,
                                  const char *subject_token,
                                  service_done *, void *aux);

#endif /* auth/session.h */
