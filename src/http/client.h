/* SPDX-License-Identifier: Apache-2.0
 *
 * An HTTP client in the poll loop.  The library underneath (libcurl multi) is
 * not visible here.  Connections are kept and used again; what is more than
 * the client may have under way waits its turn; nothing blocks.
 *
 * It speaks HTTP and nothing above: who asks, with what token, and whether a
 * failure is worth another try, is auth/service.h.
 */

#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H 1

#include <stdbool.h>
#include <stddef.h>

struct http_call;
struct http_client;

struct http_client_options {
    const char *ca_file;        /* NULL: the system's authorities. */
    bool insecure;              /* Take any certificate. */
    const char *cert_file;      /* Our own; both NULL: none. */
    const char *key_file;
    unsigned int connections_max;
    int connect_timeout_ms;
    size_t response_bytes_max;  /* A longer response is a failure. */
};

/* Copies the strings. */
struct http_client *http_client_create(const struct http_client_options *);

/* Calls that are under way are forgotten, their callbacks not called. */
void http_client_destroy(struct http_client *);
void http_client_run(struct http_client *);
void http_client_wait(struct http_client *);

struct http_call_options {
    const char *method;
    const char *url;            /* Absolute, http or https. */
    const char *const *headers; /* "Name: value"; NULL, or ends with NULL. */
    const char *body;           /* NULL: none. */
    size_t body_bytes;
    int timeout_ms;             /* For all of it, waiting for a turn too. */
};

/* The response.  All is borrowed while the callback runs. */
struct http_response {
    int status;                 /* 0: no (whole) response; 'error' says why. */
    const char *error;          /* For people; never with a secret in it. */
    bool was_sent;              /* status 0: the server may have acted. */
    const char *body;           /* Never NULL; a NUL byte follows it. */
    size_t body_bytes;

    /* Header fields that callers look at, NULL if absent. */
    const char *content_type;
    const char *retry_after;
    const char *subject_token;  /* X-Subject-Token: Keystone's new token. */
};

typedef void http_call_done(const struct http_response *, void *aux);

/* Sends a request; everything in the options is copied.  'done' is called
 * once, from http_client_run(), never from here; it may send other calls, and
 * cancel others, but not destroy the client.  The return value is good until
 * then, for cancelling.
 *
 * Redirections are not followed, and no proxy is used.  A GET, PUT or DELETE
 * may be sent again if a connection that was kept turns out to be dead; a POST
 * reaches the server once at most. */
struct http_call *http_client_send(struct http_client *,
                                   const struct http_call_options *,
                                   http_call_done *, void *aux);

/* Forgets the call: its callback will not be called. */
void http_call_cancel(struct http_call *);

/* Returns the connections opened since the start: shows that they are used
 * again. */
unsigned long long int http_client_n_connects(const struct http_client *);

#endif /* http/client.h */
