/* SPDX-License-Identifier: Apache-2.0
 *
 * An HTTP/1.1 server in the poll loop.  The library underneath is not visible
 * here.  One handler gets every complete request, and answers at once or
 * later: until http_reply() is called the connection sleeps and costs nothing.
 * Limits (body size, header size, connections, idle time) are applied before
 * the handler sees anything.
 */

#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct http_server;
struct http_request;

struct http_server_options {
    const char *host;           /* Address literal, "127.0.0.1" or "::1". */
    uint16_t port;              /* 0: the kernel chooses. */
    size_t body_bytes_max;
    unsigned int connections_max;
    unsigned int idle_timeout_s;
};

/* Called for each complete request.  'aux' is as given to open.  The request
 * lives until http_reply() or http_server_close() returns, even if its client
 * is gone before. */
typedef void http_handler(struct http_request *, void *aux);

/* Starts to listen.  Returns NULL and sets '*errorp' (the caller frees it) if
 * that is impossible. */
struct http_server *http_server_open(const struct http_server_options *,
                                     http_handler *, void *aux, char **errorp);

/* Answers what is still open with 503 and closes. */
void http_server_close(struct http_server *);
void http_server_run(struct http_server *);
void http_server_wait(struct http_server *);
uint16_t http_server_port(const struct http_server *);

/* What was asked.  All borrowed from the request.  The path is %-decoded and
 * without the query; a header field that is absent is NULL, of several the
 * first counts; the body is never NULL, and a NUL byte follows it. */
const char *http_request_method(const struct http_request *);
const char *http_request_path(const struct http_request *);
const char *http_request_header(const struct http_request *, const char *name);
const char *http_request_body(const struct http_request *, size_t *bytes);

/* Query arguments in the order they came, %-decoded.  'value' is NULL for an
 * argument without '='.  Stops if 'cb' returns false. */
void http_request_for_each_arg(const struct http_request *,
                               bool (*cb)(const char *name, const char *value,
                                          void *aux),
                               void *aux);

/* The caller's own data, for requests that wait. */
void http_request_set_data(struct http_request *, void *);
void *http_request_data(const struct http_request *);

/* Adds a header to the reply to come. */
void http_request_add_header(struct http_request *, const char *name,
                             const char *value);

/* Answers.  'content_type' may be NULL (no Content-Type header, empty body).
 * Takes over the string in 'body' (may be NULL) and leaves it empty.  The
 * request is gone afterwards. */
void http_reply(struct http_request *, int status, const char *content_type,
                struct ds *body);

#endif /* http/server.h */
