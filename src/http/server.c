/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server of server.h, on libmicrohttpd (MHD): its connections and how
 * long each of them may live.  The inside of a request is in request.c.
 *
 * All time limits are ours, because the library's only see silence: a
 * client that sends one byte now and then would live for ever.  A client that
 * is known has idle_timeout_s to finish a request line, counted from the last
 * answer, and as long again for the rest of the request.  A stranger has
 * stranger_timeout_s for a head, counted from the connection or from the last
 * answer.  Fetching the answer may take SEND_TIMEOUT_FACTOR times as long as
 * idle_timeout_s.  A request that waits for http_admit() or http_reply() has
 * no limit.
 *
 * MHD itself answers what it cannot parse at all (400, 414, 431, 505), and
 * closes.
 */

#include <config.h>
#include "http/server.h"
#include <errno.h>
#include <gnutls/abstract.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "coverage.h"
#include "fatal-signal.h"
#include "http/server-private.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_server);

COVERAGE_DEFINE(http_connection);
COVERAGE_DEFINE(http_connection_cut);

/* Request line, header fields and their index, and the head of the answer,
 * all of one connection.  MHD refuses with 414 or 431 what does not fit. */
#define CONNECTION_MEMORY_BYTES (32 * 1024)

/* 10 MB, a list of 10,000 load balancers, in two minutes: 85 kB/s. */
#define SEND_TIMEOUT_FACTOR 4

/* A connection from which no complete request has come for so long is looked
 * at, and may have to make room for others when all are taken. */
#define SILENT_MS 500

/* New connections in one turn of the loop. */
#define ACCEPTS_PER_TURN 64

/* Connections that make room in one turn, if others wait. */
#define VICTIMS_MAX 32

/* Left to itself, MHD 1.0 mends what is wrong: it answers a space in the
 * target with a redirect.  MHD 0.9.75 passes it on, and framing.c refuses. */
#ifdef HTTP_MHD_HAS_DISCIPLINE
#define MHD_DISCIPLINE MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
#define MHD_DISCIPLINE
#endif

/* --- Connections --------------------------------------------------------- */

struct http_request *
http_request_from_mhd(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(
        mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

void
http_request_move(struct http_request *rq, struct ovs_list *list)
{
    ovs_list_remove(&rq->node);
    ovs_list_push_back(list, &rq->node);
    rq->since_ms = rq->heard_ms = time_msec();
}

/* Wakes a connection that is suspended; http_server_suspend_new() resumes what
 * is still in 'to_suspend'. */
void
http_request_resume(struct http_request *rq, struct ovs_list *list)
{
    if (rq->is_suspended) {
        http_request_move(rq, list);
        rq->is_suspended = false;
        rq->server->resumed = true;
        MHD_resume_connection(rq->mhd);
    }
}

static bool
http_connection_is_unix(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info
        = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return info && info->client_addr->sa_family == AF_UNIX;
}

/* Replaces what the library has given the session, which nothing has read
 * yet. */
static void
http_connection_prepare_tls(struct http_request *rq)
{
    const union MHD_ConnectionInfo *info
        = MHD_get_connection_info(rq->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    if (info && info->tls_session) {
        rq->tls = info->tls_session;
        rq->certificate = certificate_ref(rq->server->certificates.current);
        certificate_use(rq->certificate, rq->tls);
        handshake_begin(rq);
    }
}

static struct http_request *
http_connection_open(struct http_server *server, struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info
        = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_request *rq = xzalloc(sizeof *rq);

    COVERAGE_INC(http_connection);
    server->counts.n_connections++;
    rq->server = server;
    rq->mhd = mhd;
    rq->fd = info->connect_fd;
    rq->is_unix = http_connection_is_unix(mhd);
    http_connection_prepare_tls(rq);
    ds_init(&rq->body);
    ds_init(&rq->headers);
    ds_init(&rq->answer);
    http_request_reset(rq);
    ovs_list_init(&rq->node);
    http_request_move(rq, &server->receiving);
    server->n_connections++;
    server->n_accepted -= server->n_accepted > 0;
    return rq;
}

/* Called while the socket is still open; the library closes it afterwards.
 * The TLS session is gone already. */
static void
http_connection_close(struct http_request *rq)
{
    handshake_end(rq);
    certificate_unref(rq->certificate);
    if (rq->drain) {
        drain_add(&rq->server->drain, rq->fd);
    }
    http_request_leave(rq);
    rq->server->n_connections--;
    listener_set_resume(&rq->server->listeners);
    http_request_reset(rq);
    ovs_list_remove(&rq->node);
    ds_destroy(&rq->body);
    ds_destroy(&rq->headers);
    free(rq);
}

static void
http_server_notify_connection(void *server, struct MHD_Connection *mhd,
                              void **rq,
                              enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *rq = http_connection_open(server, mhd);
    } else {
        http_connection_close(*rq);
    }
}

/* Notes that a request has ended, in one way or another.  It cannot end while
 * it waits for http_reply(): the library never looks at a suspended
 * connection.  While it knocks, the library may find out that its "100
 * Continue" cannot be sent. */
static void
http_server_notify_completed(void *server_, struct MHD_Connection *mhd,
                             void **aux OVS_UNUSED,
                             enum MHD_RequestTerminationCode code OVS_UNUSED)
{
    struct http_server *server = server_;
    struct http_request *rq = http_request_from_mhd(mhd);

    ovs_assert(rq->phase != PHASE_MEETING && rq->phase != PHASE_HANDLER
               && rq->phase != PHASE_WAITING);
    http_request_leave(rq);
    http_request_reset(rq);
    http_request_move(rq, &server->receiving);
}

/* --- Time ---------------------------------------------------------------- */

static long long int
http_server_receive_limit_ms(const struct http_server *server)
{
    return server->options.idle_timeout_s * 1000LL;
}

static long long int
http_server_stranger_limit_ms(const struct http_server *server)
{
    return server->options.stranger_timeout_s * 1000LL;
}

static long long int
http_server_send_limit_ms(const struct http_server *server)
{
    return http_server_receive_limit_ms(server) * SEND_TIMEOUT_FACTOR;
}

/* Ends a connection from outside, for which MHD has no call: after this it
 * finds the socket at its end in both directions. */
void
http_request_cut(struct http_request *rq)
{
    COVERAGE_INC(http_connection_cut);
    shutdown(rq->fd, SHUT_RDWR);
    handshake_wake(rq);
    http_request_move(rq, &rq->server->cut);
}

void
http_request_cut_for(struct http_request *rq, enum http_cut reason)
{
    rq->server->counts.n_cut[reason]++;
    http_request_cut(rq);
}

/* 'list' is in the order of 'since_ms', so this ends at the first one whose
 * time is not over. */
static void
http_server_sweep(struct ovs_list *list, long long int limit_ms,
                  enum http_cut reason)
{
    long long int now = time_msec();
    struct http_request *rq;

    LIST_FOR_EACH_SAFE (rq, node, list) {
        if (now < rq->since_ms + limit_ms) {
            break;
        }
        http_request_cut_for(rq, reason);
    }
}

static void
http_server_sweep_wait(const struct ovs_list *list, long long int limit_ms)
{
    if (!ovs_list_is_empty(list)) {
        const struct http_request *rq
            = CONTAINER_OF(ovs_list_front(list), struct http_request, node);
        poll_timer_wait_until(rq->since_ms + limit_ms);
    }
}

/* Looks, once, whether MHD has missed the end of a connection: edge-triggered,
 * it does not see an end that arrives between its wakeup and its reading of
 * what came before. */
static void
http_server_check_receiving(struct http_server *server)
{
    long long int now = time_msec();
    struct http_request *rq;

    LIST_FOR_EACH_SAFE (rq, node, &server->receiving) {
        char byte;

        if (now < rq->since_ms + SILENT_MS) {
            break;
        }
        if (!recv(rq->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT)) {
            http_request_cut(rq);
        } else {
            /* 'since_ms' stays. */
            ovs_list_remove(&rq->node);
            ovs_list_push_back(rq->is_known ? &server->slow
                               : &server->strangers, &rq->node);
        }
    }
}

/* --- Room for others ----------------------------------------------------- */

static bool
http_server_has_room(const struct http_server *server)
{
    return (server->n_connections + server->n_accepted
            < server->options.connections_max);
}

/* Returns the connection that is given up first if others need its place, NULL
 * if there is none.  Of the connections without a complete request, the oldest
 * stranger comes first, since single bytes now and then must not help; else
 * the one that has been silent for the longest time. */
static struct http_request *
http_server_find_victim(const struct http_server *server)
{
    struct http_request *victim = NULL;
    struct http_request *rq;

    if (!ovs_list_is_empty(&server->strangers)) {
        return CONTAINER_OF(ovs_list_front(&server->strangers),
                            struct http_request, node);
    }
    LIST_FOR_EACH (rq, node, &server->slow) {
        if (!victim || rq->heard_ms < victim->heard_ms) {
            victim = rq;
        }
    }
    return victim;
}

/* Makes room for others; how many wait is not known.  Strangers go by the
 * dozen; of known clients, one at a time is enough. */
static void
http_server_make_room(struct http_server *server)
{
    for (size_t n = ovs_list_size(&server->cut); n < VICTIMS_MAX; n++) {
        struct http_request *victim = http_server_find_victim(server);

        if (!victim || (victim->is_known && n)) {
            break;
        }
        http_request_cut_for(victim, HTTP_CUT_ROOM);
    }
}

static struct MHD_Daemon *
http_server_engine(const struct http_server *server, bool is_tls)
{
    return server->engines[is_tls ? SCHEME_HTTPS : SCHEME_HTTP].mhd;
}

/* Takes new connections as long as there is room for them.  The library will
 * look at them in its next run. */
static void
http_server_accept_new(struct http_server *server)
{
    for (int i = 0; i < ACCEPTS_PER_TURN && http_server_has_room(server);
         i++) {
        struct listener_client client;

        if (!listener_set_accept(&server->listeners, &client)) {
            break;
        }
        if (client.is_tls) {
            certificate_watch_look(&server->certificates);
        }
        server->n_accepted++;
        if (MHD_add_connection(http_server_engine(server, client.is_tls),
                               client.fd,
                               (struct sockaddr *) &client.address,
                               client.address_bytes) != MHD_YES) {
            static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
            VLOG_WARN_RL(&rl, "the HTTP library refuses a connection");
        }
    }
}

/* Watches the listening sockets, or has the loop woken when it can do so
 * again: by the clock, or, if all places are taken by connections that must
 * not be given up yet, by the first one that ends or grows old.  Each place
 * has such an end: a time limit, or http_reply(). */
static void
http_server_accept_wait(const struct http_server *server)
{
    bool is_watched = http_server_has_room(server)
                      || http_server_find_victim(server);

    if (is_watched) {
        listener_set_wait(&server->listeners);
    }
    ovs_assert(is_watched
               || server->n_connections >= server->options.connections_max);
}

/* --- The server ---------------------------------------------------------- */

/* True if MHD says that the process runs out of something.  All else is about
 * single clients, which may do anything, fill a connection's pool included. */
static bool
mhd_message_is_trouble(const char *format)
{
    return ((strstr(format, "resource limit")
             || strstr(format, "Failed to allocate"))
            && !strstr(format, "pool"));
}

static void OVS_PRINTF_FORMAT(2, 0)
http_server_log_from_mhd(void *aux OVS_UNUSED, const char *format,
                         va_list args)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    enum vlog_level level = (mhd_message_is_trouble(format) ? VLL_WARN
                             : VLL_DBG);

    if (!vlog_should_drop(&this_module, level, &rl)) {
        char *message = xvasprintf(format, args);
        message[strcspn(message, "\n")] = '\0';
        VLOG(level, "%s", message);
        free(message);
    }
}

/* Has no certificate: each connection is given its own when it begins. */
static int
http_server_find_no_certificate(
    gnutls_session_t session OVS_UNUSED,
    const gnutls_datum_t *authorities OVS_UNUSED, int n OVS_UNUSED,
    const gnutls_pk_algorithm_t *algorithms OVS_UNUSED,
    int n_algorithms OVS_UNUSED, gnutls_pcert_st **certificates OVS_UNUSED,
    unsigned int *n_certificates OVS_UNUSED, gnutls_privkey_t *key OVS_UNUSED)
{
    return -1;
}

/* Without MHD_USE_TURBO the library tells the client about the end of a
 * connection, as TLS wants it. */
static struct MHD_Daemon *
http_server_start_mhd(struct http_server *server, bool is_tls)
{
    char priorities[] = CERTIFICATE_PRIORITIES;
    const struct MHD_OptionItem tls_options[] = {
        { MHD_OPTION_HTTPS_PRIORITIES, 0, priorities },
        { MHD_OPTION_HTTPS_CERT_CALLBACK, 0, http_server_find_no_certificate },
        { MHD_OPTION_END, 0, NULL },
    };

    /* The logger comes first, so that it gets all messages.  Our own clock
     * replaces the timeout. */
    return MHD_start_daemon(
        MHD_USE_EPOLL | (is_tls ? MHD_USE_TLS : MHD_USE_TURBO)
        | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG
        | MHD_USE_NO_LISTEN_SOCKET,
        0, NULL, NULL, http_request_handle, server,
        MHD_OPTION_EXTERNAL_LOGGER, http_server_log_from_mhd, NULL,
        MHD_OPTION_ARRAY, &tls_options[is_tls ? 0 : 2],
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_DISCIPLINE
        MHD_OPTION_CONNECTION_LIMIT, server->options.connections_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_MEMORY_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, 0u,
        MHD_OPTION_NOTIFY_CONNECTION, http_server_notify_connection, server,
        MHD_OPTION_NOTIFY_COMPLETED, http_server_notify_completed, server,
        MHD_OPTION_URI_LOG_CALLBACK, http_request_start, server,
        MHD_OPTION_UNESCAPE_CALLBACK, http_request_unescape, server,
        MHD_OPTION_END);
}

/* Starts the library for what the listeners need.  Returns false if that does
 * not work. */
static bool
http_server_start_engines(struct http_server *server)
{
    for (size_t i = 0; i < N_SCHEMES; i++) {
        struct http_engine *engine = &server->engines[i];
        bool is_tls = i == SCHEME_HTTPS;

        if (!listener_set_has_scheme(&server->listeners, is_tls)) {
            continue;
        }
        engine->mhd = http_server_start_mhd(server, is_tls);
        if (!engine->mhd) {
            return false;
        }
        engine->epoll_fd = MHD_get_daemon_info(
            engine->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    }
    return true;
}

static void
http_server_free(struct http_server *server)
{
    for (size_t i = 0; i < N_SCHEMES; i++) {
        if (server->engines[i].mhd) {
            MHD_stop_daemon(server->engines[i].mhd);
        }
    }
    handshakes_uninit(&server->handshakes);
    certificate_watch_close(&server->certificates);
    listener_set_close(&server->listeners);
    drain_uninit(&server->drain);
    free(server);
}

static void
http_server_init(struct http_server *server,
                 const struct http_server_options *options,
                 const struct http_handlers *handlers, void *aux)
{
    server->options = *options;
    server->options.addresses = NULL;
    server->options.access = NULL;
    server->options.certificate = NULL;
    server->handlers = *handlers;
    server->aux = aux;
    ovs_list_init(&server->receiving);
    ovs_list_init(&server->slow);
    ovs_list_init(&server->strangers);
    ovs_list_init(&server->to_suspend);
    ovs_list_init(&server->suspended);
    ovs_list_init(&server->sending);
    ovs_list_init(&server->cut);
    drain_init(&server->drain);
}

struct http_server *
http_server_open(const struct http_server_options *options,
                 const struct http_handlers *handlers, void *aux,
                 char **errorp)
{
    struct http_server *server = xzalloc(sizeof *server);

    fatal_ignore_sigpipe();
    http_server_init(server, options, handlers, aux);
    if (!handshakes_init(&server->handshakes)) {
        *errorp = xasprintf("cannot watch sockets (%s)", ovs_strerror(errno));
    } else if ((!options->certificate
                || certificate_watch_open(&server->certificates,
                                          options->certificate, errorp))
               && listener_set_open(&server->listeners, options->addresses,
                                    options->access, errorp)) {
        if (http_server_start_engines(server)) {
            return server;
        }
        *errorp = xstrdup("cannot start the HTTP library");
    }
    http_server_free(server);
    return NULL;
}

size_t
http_server_answers_bytes(const struct http_server *server)
{
    return server->answers_bytes;
}

void
http_server_format_status(const struct http_server *server, struct ds *out)
{
    ds_put_format(out, "connections: %u\n", server->n_connections);
    certificate_watch_format(&server->certificates, out);
}

const char *
http_server_reload(struct http_server *server)
{
    return (server->certificates.current
            ? certificate_watch_reload(&server->certificates) : NULL);
}

const struct http_server_counts *
http_server_counts(const struct http_server *server)
{
    return &server->counts;
}

unsigned int
http_server_n_connections(const struct http_server *server)
{
    return server->n_connections;
}

uint16_t
http_server_port(const struct http_server *server)
{
    return listener_set_port(&server->listeners);
}

/* Suspends outside of MHD's call of the handler, where MHD would like it to be
 * done.  But there the connection is still in its reading state, so that after
 * the pause MHD reads first, and drops a client that has shut down its own
 * direction without an answer.  Between two MHD_run() of the only thread,
 * nothing is lost. */
static void
http_server_suspend_new(struct http_server *server)
{
    struct http_request *rq;

    LIST_FOR_EACH_POP (rq, node, &server->to_suspend) {
        ovs_list_push_back(&server->suspended, &rq->node);
        rq->is_suspended = true;
        MHD_suspend_connection(rq->mhd);
        if (rq->phase != PHASE_KNOCKING && rq->phase != PHASE_WAITING) {
            /* Another request's handler was faster than this. */
            http_request_resume(rq, (rq->phase == PHASE_ANSWERED
                                         ? &server->sending
                                         : &server->receiving));
        }
    }
}

static void
http_server_run_engines(struct http_server *server)
{
    for (size_t i = 0; i < N_SCHEMES; i++) {
        if (server->engines[i].mhd) {
            MHD_run(server->engines[i].mhd);
        }
    }
}

static void
http_server_wait_engines(struct http_server *server)
{
    for (size_t i = 0; i < N_SCHEMES; i++) {
        struct http_engine *engine = &server->engines[i];
        MHD_UNSIGNED_LONG_LONG timeout_ms;

        if (engine->mhd) {
            poll_fd_wait(engine->epoll_fd, POLLIN);
            if (MHD_get_timeout(engine->mhd, &timeout_ms) == MHD_YES) {
                poll_timer_wait(MIN(timeout_ms, INT_MAX));
            }
        }
    }
}

/* True if there is nothing that MHD, or a time limit, could be about. */
static bool
http_server_is_idle(const struct http_server *server)
{
    return (!server->n_connections && !server->n_accepted
            && !server->drain.n_sockets);
}

/* Suspends connections after MHD_run(), not within: see
 * http_server_suspend_new().  Connections are given up only if a client waits
 * for a place. */
void
http_server_run(struct http_server *server)
{
    server->resumed = false;
    certificate_watch_run(&server->certificates);
    http_server_accept_new(server);
    if (http_server_is_idle(server)) {
        return;
    }
    handshakes_park(&server->handshakes);
    handshakes_run(&server->handshakes);
    http_server_run_engines(server);
    handshakes_park(&server->handshakes);
    server->n_accepted = 0;
    http_server_suspend_new(server);
    http_server_check_receiving(server);
    http_server_sweep(&server->strangers,
                      http_server_stranger_limit_ms(server),
                      HTTP_CUT_STRANGER);
    http_server_sweep(&server->slow, http_server_receive_limit_ms(server),
                      HTTP_CUT_IDLE);
    http_server_sweep(&server->sending, http_server_send_limit_ms(server),
                      HTTP_CUT_UNFETCHED);
    if ((!http_server_has_room(server)
         || listener_set_is_paused(&server->listeners))
        && listener_set_has_client(&server->listeners)) {
        http_server_make_room(server);
    }
    drain_run(&server->drain);
}

/* Wakes at once if a connection was resumed: MHD looks at it only in its next
 * run. */
void
http_server_wait(struct http_server *server)
{
    http_server_accept_wait(server);
    certificate_watch_wait(&server->certificates);
    if (http_server_is_idle(server)) {
        return;
    }
    handshakes_wait(&server->handshakes);
    http_server_wait_engines(server);
    if (server->resumed) {
        poll_immediate_wake();
    }
    http_server_sweep_wait(&server->receiving, SILENT_MS);
    http_server_sweep_wait(&server->strangers,
                           http_server_stranger_limit_ms(server));
    http_server_sweep_wait(&server->slow,
                           http_server_receive_limit_ms(server));
    http_server_sweep_wait(&server->sending,
                           http_server_send_limit_ms(server));
    drain_wait(&server->drain);
}

static void
http_request_answer_503(struct http_request *rq)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "503 Service Unavailable\n\nShutting down.");
    http_request_add_header(rq, "Connection", "close");
    http_reply(rq, 503, "text/plain; charset=UTF-8", &body);
}

static void
http_server_refuse_head(struct http_request *rq, void *aux OVS_UNUSED)
{
    http_request_answer_503(rq);
}

/* Refuses a request whose head was admitted before the end began. */
static void
http_server_refuse_complete(struct http_request *rq, void *aux)
{
    if (rq->server->handlers.gone) {
        rq->server->handlers.gone(rq, aux);
    }
    http_request_answer_503(rq);
}

/* The library does not end while connections are suspended. */
static void
http_server_wake_handshakes(struct http_server *server)
{
    struct ovs_list *const lists[] = {
        &server->receiving, &server->slow, &server->strangers, &server->cut,
    };
    struct http_request *rq;

    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        LIST_FOR_EACH (rq, node, lists[i]) {
            handshake_wake(rq);
        }
    }
}

void
http_server_close(struct http_server *server)
{
    struct http_request *rq;

    if (!server) {
        return;
    }

    listener_set_close(&server->listeners);
    server->handlers.head = http_server_refuse_head;
    server->handlers.complete = http_server_refuse_complete;
    LIST_FOR_EACH_SAFE (rq, node, &server->suspended) {
        http_request_leave(rq);
        http_request_answer_503(rq);
    }
    http_server_wake_handshakes(server);
    /* Resume, then write.  The rest of an answer that does not fit into the
     * socket's buffer is lost. */
    for (int i = 0; i < 4; i++) {
        http_server_run_engines(server);
    }
    http_server_free(server);
}
