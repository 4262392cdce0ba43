/* SPDX-License-Identifier: Apache-2.0
 *
 * The REST services that know us by a session's token: calls with JSON in and
 * out, repeated with back-off as long as that is safe and of use.
 *
 * Nothing blocks.  A service that hangs delays the calls to that service.
 */

#ifndef AUTH_SERVICE_H
#define AUTH_SERVICE_H 1

struct json;
struct service;
struct service_call;
struct session;

struct service_options {
    const char *type;           /* As in the catalog: "network". */
    const char *endpoint_override;  /* Instead of the catalog's; or NULL. */
    const char *const *interfaces;  /* In order of preference: "internal",
                                 * "public", "admin"; also with the suffix
                                 * "URL".  NULL: internal, then public. */
    const char *region_name;    /* NULL: any. */
    unsigned int calls_max;     /* Under way at once; more wait. */
};

/* Copies the strings.  The session must outlive the service. */
struct service *service_create(struct session *,
                               const struct service_options *);

/* Returns Keystone itself as a service, whatever its catalog says.  Paths
 * start with "/v3". */
struct service *service_create_keystone(struct session *);

/* Adds metrics about the calls to all services. */
void service_add_metrics(void);

/* Forgets calls under way: their callbacks are not called. */
void service_destroy(struct service *);

/* Run the service; its session's owner runs the session. */
void service_run(struct service *);
void service_wait(const struct service *);

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
 * 'done' is called once, from service_run(); it may send other calls, and
 * cancel others.  The return value is good until then, for cancelling. */
struct service_call *service_send(struct service *, const char *method,
                                  const char *path, const struct json *body,
                                  service_done *, void *aux);
void service_call_cancel(struct service_call *);

/* Does the same as another user: with that user's token, and what it may see.
 * A 401 is an answer like any other. */
struct service_call *service_send_as(struct service *, const char *user_token,
                                     const char *method, const char *path,
                                     service_done *, void *aux);

/* Does the same with our token and one more header field: 'subject_token',
 * which is asked about (GET /v3/auth/tokens of Keystone). */
struct service_call *service_send_about(struct service *, const char *method,
                                        const char *path,
                                        const char *subject_token,
                                        service_done *, void *aux);

#endif /* auth/service.h */
