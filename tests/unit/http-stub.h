/* SPDX-License-Identifier: Apache-2.0
 *
 * An HTTP server that does what it should not: it is slow, silent, talks
 * nonsense, stops in the middle.  It lives in the poll loop of the test, which
 * decides about every byte of every answer.
 */

#ifndef HTTP_STUB_H
#define HTTP_STUB_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_stub;
struct stub_connection;

/* A request, complete.  Borrowed for the call of the handler, except the
 * connection, which lives until it is closed by either end. */
struct stub_request {
    struct stub_connection *connection;
    const char *method;
    const char *path;           /* With its query. */
    const char *head;           /* All lines, the first one too. */
    const char *body;
};

/* May answer at once, later, or never. */
typedef void stub_handler(const struct stub_request *, void *aux);

/* Listens on a port of 127.0.0.1. */
struct http_stub *http_stub_create(stub_handler *, void *aux);
void http_stub_destroy(struct http_stub *);
void http_stub_run(struct http_stub *);
void http_stub_wait(struct http_stub *);

/* "http://127.0.0.1:PORT". */
const char *http_stub_url(const struct http_stub *);
size_t http_stub_n_connections(const struct http_stub *);   /* Ever. */
size_t http_stub_n_requests(const struct http_stub *);      /* Ever. */
size_t http_stub_n_open(const struct http_stub *);

/* An answer of its own length, as JSON.  'headers' is NULL or lines that end
 * with CR LF each. */
void stub_reply(struct stub_connection *, int status, const char *headers,
                const char *body);

/* Raw bytes. */
void stub_send(struct stub_connection *, const char *);

/* From now on one byte a turn. */
void stub_be_slow(struct stub_connection *);

/* After all that is to be sent, 'x' for ever. */
void stub_be_endless(struct stub_connection *);

/* Closes when all has been sent. */
void stub_close(struct stub_connection *);

/* The value of a header field in 'rq->head', or NULL; the caller frees it. */
char *stub_header(const struct stub_request *rq, const char *name);

#endif /* http-stub.h */
