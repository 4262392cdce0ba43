/* SPDX-License-Identifier: Apache-2.0
 *
 * An HTTP/1.1 server in the poll loop.  The library underneath is not visible
 * here.  A request comes in two steps: its head, which may be refused before
 * a body is read, and all of it.  Both are answered at once or later: until
 * then the connection sleeps and costs nothing.  Limits (body size, header
 * size, connections, time) are applied before a handler sees anything, and
 * to all clients together, on whichever socket they came.
 */

#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct certificate_files;
struct ds;
struct http_server;
struct http_request;
struct listen_addresses;
struct socket_access;
struct uuid;

struct http_server_options {
    const struct listen_addresses *addresses;
    const struct socket_access *access;     /* Of unix sockets. */
    const struct certificate_files *certificate;    /* NULL: no TLS. */
    size_t body_bytes_max;
    unsigned int connections_max;
    unsigned int idle_timeout_s;        /* Limit for a client that is known. */
    unsigned int stranger_timeout_s;    /* Limit for all others. */
    size_t answers_bytes_max;   /* Bytes that wait to be fetched, in total. */
    unsigned int retry_after_s; /* Retry-After of every 503; 0: none. */
    bool has_request_ids;       /* Answers carry http_request_id(). */
};

typedef void http_handler(struct http_request *, void *aux);

/* 'aux' is as given to open. */
struct http_handlers {
    /* A head is here.  Ends with http_admit() or http_reply(), now or later;
     * until then nothing is kept of a body, but for what arrived together with
     * the head and is all.  NULL: every request is admitted. */
    http_handler *head;

    /* An admitted request is complete.  Ends with http_reply().  From here on
     * the request lives until that or http_server_close() returns, even if its
     * client is gone before. */
    http_handler *complete;

    /* After 'head' was called and before 'complete' or http_reply() was, the
     * client has left, or the server has refused a body that is too large (see
     * 'answered'): the request is gone.  NULL if 'head' is. */
    http_handler *gone;

    /* An answer is made and not sent yet, by a handler or by the server
     * itself, whose refusals come before 'head', when the request has no data,
     * or before 'gone'.  'bytes' are those of its body.  May be NULL. */
    void (*answered)(struct http_request *, int status, size_t bytes,
                     void *aux);
};

/* Starts to listen.  Returns NULL and sets '*errorp' (the caller frees it) if
 * that is impossible. */
struct http_server *http_server_open(const struct http_server_options *,
                                     const struct http_handlers *, void *aux,
                                     char **errorp);

/* Listens no more, and ends each connection with its next answer. */
void http_server_stop(struct http_server *);

/* True if no request is there: none is being received, none waits for
 * http_reply(), and no answer is being fetched. */
bool http_server_is_quiet(const struct http_server *);

/* Answers what is still open with 503 and closes. */
void http_server_close(struct http_server *);
void http_server_run(struct http_server *);
void http_server_wait(struct http_server *);

/* Why connections are ended that their clients would have kept. */
#define HTTP_CUTS                                                           \
    HTTP_CUT(IDLE, "idle")      /* No complete request came in time. */     \
    HTTP_CUT(STRANGER, "stranger")  /* The same, of an unknown client. */   \
    HTTP_CUT(ROOM, "room")      /* All places were taken, others waited. */ \
    HTTP_CUT(UNFETCHED, "unfetched")    /* The answer was not fetched. */

enum http_cut {
#define HTTP_CUT(NAME, WORD) HTTP_CUT_##NAME,
    HTTP_CUTS
#undef HTTP_CUT
    N_HTTP_CUTS
};

/* Events since the start.  'n_refused' are requests that no handler has seen,
 * since they were malformed or too large; what the library itself cannot parse
 * is not among them. */
struct http_server_counts {
    unsigned long long int n_connections;
    unsigned long long int n_cut[N_HTTP_CUTS];
    unsigned long long int n_malformed, n_too_large;
};

const struct http_server_counts *http_server_counts(
    const struct http_server *);

/* Returns how many connections are open. */
unsigned int http_server_n_connections(const struct http_server *);

/* Returns the memory of answers that clients have not fetched yet. */
size_t http_server_answers_bytes(const struct http_server *);

/* Appends lines of a status: connections, and the certificate. */
void http_server_format_status(const struct http_server *, struct ds *);

/* Loads the certificate again, now.  Returns NULL, or what is wrong with it;
 * then the one that is loaded stays. */
const char *http_server_reload(struct http_server *);

/* Returns the first TCP port, 0 if there is none. */
uint16_t http_server_port(const struct http_server *);

/* Has the body read.  'is_known': the client is identified, which gives its
 * connection more time, and keeps it from making room for others. */
void http_admit(struct http_request *, bool is_known);

/* Return the parts of the request, from which all is borrowed.  The path is
 * %-decoded and without the query; a header field that is absent is NULL, of
 * several the first counts; the body is never NULL, and a NUL byte follows it.
 * There is none before the request is complete. */
const char *http_request_method(const struct http_request *);
const char *http_request_path(const struct http_request *);
const char *http_request_header(const struct http_request *, const char *name);
const char *http_request_body(const struct http_request *, size_t *bytes);

/* Returns the request's id, chosen at random when its head was there.  Answers
 * have it as "x-openstack-request-id: req-ID". */
const struct uuid *http_request_id(const struct http_request *);

/* Returns when its head was there, as time_usec(). */
long long int http_request_arrived_us(const struct http_request *);

/* Calls 'cb' for each header field 'name', in the order they came. */
void http_request_for_each_field(const struct http_request *, const char *name,
                                 void (*cb)(const char *value, void *aux),
                                 void *aux);

/* Returns the address of the other end of the connection as text, which the
 * caller frees: that of a proxy, if the client uses one.  NULL if the
 * connection is lost, or is that of a unix socket. */
char *http_request_peer(const struct http_request *);

/* True if the connection is one of TLS. */
bool http_request_is_tls(const struct http_request *);

/* True if the request came over a unix socket. */
bool http_request_is_unix(const struct http_request *);

/* Query arguments in the order they came, %-decoded.  'value' is NULL for an
 * argument without '='.  Stops if 'cb' returns false. */
void http_request_for_each_arg(const struct http_request *,
                               bool (*cb)(const char *name, const char *value,
                                          void *aux),
                               void *aux);

/* The caller's own data, for requests that wait. */
void http_request_set_data(struct http_request *, void *);
void *http_request_data(const struct http_request *);

/* True if the client of a request that waits has closed its direction, or all
 * of the connection: there is no telling which. */
bool http_request_client_has_left(const struct http_request *);

/* Returns the descriptor of the connection, to be watched (leave-watch.h),
 * and for nothing else. */
int http_request_fd(const struct http_request *);

/* Adds a header to the reply to come. */
void http_request_add_header(struct http_request *, const char *name,
                             const char *value);

/* Answers.  'content_type' may be NULL (no Content-Type header, empty body).
 * Takes over the string in 'body' (may be NULL) and leaves it empty.  The
 * request is gone afterwards. */
void http_reply(struct http_request *, int status, const char *content_type,
                struct ds *body);

#endif /* http/server.h */
