/* SPDX-License-Identifier: Apache-2.0
 *
 * Structures and functions that server.c (connections and their time) and
 * request.c (requests and their answers) share.  No other file includes this.
 */

#ifndef HTTP_SERVER_PRIVATE_H
#define HTTP_SERVER_PRIVATE_H 1

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include "http/certificate-watch.h"
#include "http/drain.h"
#include "http/framing.h"
#include "http/handshake.h"
#include "http/listener-set.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

enum request_phase {
    PHASE_LINE,                 /* Request line not complete. */
    PHASE_HEAD,                 /* Header fields not complete. */
    PHASE_MEETING,              /* Inside the first call of a handler. */
    PHASE_KNOCKING,             /* The handler will call http_admit(). */
    PHASE_BODY,                 /* Admitted; body not complete. */
    PHASE_HANDLER,              /* Inside the call that has all of it. */
    PHASE_WAITING,              /* The handler will call http_reply(). */
    PHASE_ANSWERED,             /* It has; the library does not know yet. */
    PHASE_SENDING,              /* The library has the answer. */
};

enum handshake_state {
    HANDSHAKE_NONE,             /* No TLS, or a request has begun. */
    HANDSHAKE_NEW,
    HANDSHAKE_PARKED,           /* Waits for the client. */
    HANDSHAKE_RUNNING,
};

/* A connection and its request.  HTTP/1.1 answers in order, so there is at
 * most one at a time, and one record serves all that come. */
struct http_request {
    struct http_server *server;
    struct MHD_Connection *mhd;
    int fd;                     /* Owned by 'mhd'. */
    bool is_unix;               /* 'fd' is a unix socket. */

    /* TLS; see handshake.h. */
    gnutls_session_t tls;       /* Owned by 'mhd', or NULL. */
    struct certificate *certificate;
    enum handshake_state handshake;
    struct ovs_list handshake_node;
    bool drain;                 /* Not all of the request will be read. */
    bool is_suspended;          /* As MHD sees it. */
    bool is_known;              /* By this request, or one before it. */

    struct ovs_list node;       /* In one of the server's lists. */
    long long int since_ms;     /* In that list. */
    long long int heard_ms;     /* Since then nothing came or went. */

    /* The request.  The strings belong to 'mhd'. */
    enum request_phase phase;
    struct http_framing framing;
    struct uuid id;
    long long int arrived_us;
    const char *method;
    const char *path;
    struct ds body;
    size_t swallowed_bytes;     /* Bytes dropped of a body larger than the
                                 * limit. */
    void *data;                 /* The handler's. */

    /* The answer. */
    struct ds headers;          /* Name, NUL, value, NUL, ... */
    struct MHD_Response *response;
    int status;
    struct ds answer;           /* A large body; see answer.c. */
    size_t answer_bytes;        /* The answer's memory, counted in the
                                 * server's. */
};

enum http_scheme { SCHEME_HTTP, SCHEME_HTTPS, N_SCHEMES };

/* The library serves either with TLS or without. */
struct http_engine {
    struct MHD_Daemon *mhd;     /* NULL: no listener needs it. */
    int epoll_fd;               /* Owned by 'mhd'. */
};

struct http_server {
    struct http_engine engines[N_SCHEMES];
    struct certificate_watch certificates;
    struct handshakes handshakes;
    struct listener_set listeners;
    struct http_server_options options; /* Without what is borrowed. */
    struct http_handlers handlers;
    void *aux;
    bool resumed;               /* Call MHD_run() soon. */

    /* Every connection is in one of these, in the order of 'since_ms'. */
    struct ovs_list receiving;
    struct ovs_list slow;       /* Receiving for SILENT_MS already. */
    struct ovs_list strangers;  /* The same, and not is_known. */
    struct ovs_list to_suspend; /* Knocking or waiting, not is_suspended. */
    struct ovs_list suspended;
    struct ovs_list sending;
    struct ovs_list cut;        /* Shut down, and MHD has not noticed yet. */
    unsigned int n_connections;
    size_t answers_bytes;       /* The memory of all answers in flight. */
    struct http_server_counts counts;
    bool is_stopping;           /* Answers end their connections. */
    unsigned int n_accepted;    /* Not in 'n_connections' yet. */

    struct drain drain;
};

/* server.c */
struct http_request *http_request_from_mhd(struct MHD_Connection *);
void http_request_move(struct http_request *, struct ovs_list *);

/* Ends a connection; the second function counts the reason. */
void http_request_cut(struct http_request *);
void http_request_cut_for(struct http_request *, enum http_cut);

/* Has MHD look again at a connection that knocked or waited; 'list' is where
 * it goes. */
void http_request_resume(struct http_request *, struct ovs_list *);

/* request.c: what MHD calls, in this order. */
void *http_request_start(void *server, const char *target,
                         struct MHD_Connection *);
size_t http_request_unescape(void *server, struct MHD_Connection *, char *);
enum MHD_Result http_request_handle(void *server, struct MHD_Connection *,
                                    const char *path, const char *method,
                                    const char *version, const char *data,
                                    size_t *bytes, void **request);

/* Notes that the request has ended before its time.  Tells the handlers if
 * they know. */
void http_request_leave(struct http_request *);

/* Makes the record ready for the connection's next request, or for free(). */
void http_request_reset(struct http_request *);

#endif /* http/server-private.h */
