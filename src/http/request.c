/* SPDX-License-Identifier: Apache-2.0
 *
 * A request from its first line to its answer: the calls of the library come
 * in on one side, and server.h's functions on the other.  framing.c decides
 * what a head may say.  It knows nothing of time, nor of what is asked.
 */

#include <config.h>
#include "http/server-private.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include "base/ip.h"
#include "coverage.h"
#include "http/answer.h"
#include "openvswitch/type-props.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(http_request);

COVERAGE_DEFINE(http_request);
COVERAGE_DEFINE(http_request_refused);

/* A body that is too large and came without a length is swallowed up to this
 * multiple of the limit, so that the client gets its 413. */
#define SWALLOW_FACTOR 8

/* MHD 0.9.75 answers with 431, but leaves the connection open and deaf, when
 * the memory of a connection is too small for its arguments.  There is room
 * for twice as many. */
#define ARGS_MAX 100

/* Buffers up to this size stay with the connection for its next request. */
#define BUFFER_KEEP_BYTES 4096

static void
http_buffer_free(struct ds *buffer)
{
    ds_destroy(buffer);
    ds_init(buffer);
}

static void
http_buffer_reset(struct ds *buffer)
{
    if (buffer->allocated > BUFFER_KEEP_BYTES) {
        http_buffer_free(buffer);
    } else {
        ds_clear(buffer);
    }
}

void
http_request_leave(struct http_request *rq)
{
    struct http_server *server = rq->server;

    if ((rq->phase == PHASE_KNOCKING || rq->phase == PHASE_BODY)
        && server->handlers.gone) {
        server->handlers.gone(rq, server->aux);
        rq->data = NULL;
    }
}

void
http_request_reset(struct http_request *rq)
{
    rq->phase = PHASE_LINE;
    rq->framing = (struct http_framing) HTTP_FRAMING_INITIALIZER;
    rq->method = NULL;
    rq->path = NULL;
    rq->swallowed_bytes = 0;
    rq->data = NULL;
    http_buffer_reset(&rq->body);
    http_buffer_reset(&rq->headers);
    if (rq->response) {
        MHD_destroy_response(rq->response);
        rq->response = NULL;
    }
    answer_release(rq);
}

/* --- The answer ---------------------------------------------------------- */

static void
http_request_send_header(struct http_request *rq, const char *name,
                         const char *value)
{
    if (MHD_add_response_header(rq->response, name, value) != MHD_YES) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
        VLOG_WARN_RL(&rl, "header field %s has a value that cannot be sent",
                     name);
    }
}

static void
http_request_send_id(struct http_request *rq)
{
    char text[sizeof "req-" + UUID_LEN];

    snprintf(text, sizeof text, "req-"UUID_FMT, UUID_ARGS(&rq->id));
    http_request_send_header(rq, "x-openstack-request-id", text);
}

static void
http_request_send_own_headers(struct http_request *rq)
{
    const struct http_server *server = rq->server;

    if (server->options.has_request_ids) {
        http_request_send_id(rq);
    }
    if (server->is_stopping) {
        http_request_send_header(rq, "Connection", "close");
    }
    if (rq->status == 503 && server->options.retry_after_s) {
        char seconds[INT_STRLEN(int) + 1];

        snprintf(seconds, sizeof seconds, "%u", server->options.retry_after_s);
        http_request_send_header(rq, "Retry-After", seconds);
    }
}

static void
http_request_prepare_answer(struct http_request *rq, int status,
                            const char *content_type, struct ds *body)
{
    const struct http_server *server = rq->server;
    size_t bytes = body ? body->length : 0;

    rq->response = answer_create(rq, body);
    rq->status = status;

    http_request_send_own_headers(rq);
    if (bytes && content_type) {
        http_request_send_header(rq, "Content-Type", content_type);
    }
    for (size_t i = 0; i < rq->headers.length; ) {
        const char *name = rq->headers.string + i;
        const char *value = name + strlen(name) + 1;

        http_request_send_header(rq, name, value);
        i += strlen(name) + strlen(value) + 2;
    }
    if (server->handlers.answered) {
        server->handlers.answered(rq, status, bytes, server->aux);
    }
}

/* Hands the answer to the library. */
static enum MHD_Result
http_request_queue_answer(struct http_request *rq)
{
    struct MHD_Response *response = rq->response;

    rq->response = NULL;
    rq->phase = PHASE_SENDING;
    http_request_move(rq, &rq->server->sending);

    enum MHD_Result result = MHD_queue_response(rq->mhd, rq->status, response);
    MHD_destroy_response(response);
    return result;
}

/* Answers without the handler and closes the connection.  'text' has the form
 * of Octavia's own answer to a body that is too large. */
static enum MHD_Result OVS_PRINTF_FORMAT(3, 4)
http_request_refuse(struct http_request *rq, int status, const char *format,
                    ...)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    va_list args;

    COVERAGE_INC(http_request_refused);
    va_start(args, format);
    ds_put_format_valist(&text, format, args);
    va_end(args);

    rq->server->counts.n_too_large += status == 413;
    rq->server->counts.n_malformed += status != 413;
    rq->drain = true;
    http_request_add_header(rq, "Connection", "close");
    http_request_prepare_answer(rq, status, "text/plain; charset=UTF-8",
                                &text);
    http_request_leave(rq);
    return http_request_queue_answer(rq);
}

static enum MHD_Result
http_request_refuse_size(struct http_request *rq)
{
    return http_request_refuse(
        rq, 413, "413 Request Entity Too Large\n\nRequest is too large. "
        "Larger than max_request_body_size (%"PRIuSIZE").",
        rq->server->options.body_bytes_max);
}

/* --- What the library calls ---------------------------------------------- */

/* 'target' is MHD's buffer, where it is about to decode in place, so that it
 * is only const by its prototype. */
static bool
http_request_cut_args(const char *target)
{
    const char *p = strchr(target, '?');

    for (int i = 0; p; i++) {
        if (i >= ARGS_MAX) {
            *CONST_CAST(char *, p) = '\0';
            return true;
        }
        p = strchr(p + 1, '&');
    }
    return false;
}

/* Begins a request, of which the line is here; 'target' is as it came. */
void *
http_request_start(void *server_, const char *target,
                   struct MHD_Connection *mhd)
{
    struct http_server *server = server_;
    struct http_request *rq = http_request_from_mhd(mhd);

    COVERAGE_INC(http_request);
    handshake_end(rq);
    rq->phase = PHASE_HEAD;
    if (rq->is_known) {
        http_request_move(rq, &server->receiving);
    }
    http_framing_add_target(&rq->framing, target);
    if (target && http_request_cut_args(target) && !rq->framing.error) {
        rq->framing.error = "Too many query arguments.";
    }
    return rq;
}

/* Decodes 's', the path or a part of the query, in place. */
size_t
http_request_unescape(void *server OVS_UNUSED, struct MHD_Connection *mhd,
                      char *s)
{
    if (!strchr(s, '%')) {
        return strlen(s);
    }

    size_t bytes = MHD_http_unescape(s);
    if (strlen(s) != bytes) {
        http_request_from_mhd(mhd)->framing.error
            = "The request target holds a NUL byte.";
    }
    return bytes;
}

static enum MHD_Result
http_request_check_header(void *rq_, enum MHD_ValueKind kind OVS_UNUSED,
                          const char *name, const char *value)
{
    struct http_request *rq = rq_;

    http_framing_add(&rq->framing, name, value);
    /* MHD 0.9.75 glues the second line of a folded field to the field's name,
     * which it copies behind the block that it reads into.  Elsewhere a value
     * always follows its name. */
    if (value && value < name) {
        rq->framing.error = "Folded header field.";
    }
    return MHD_YES;
}

static bool
http_request_expects_body(const struct http_request *rq)
{
    return rq->framing.content_length || rq->framing.n_encodings;
}

/* Shows the head to the handler. */
static enum MHD_Result
http_request_meet(struct http_request *rq)
{
    struct http_server *server = rq->server;

    rq->phase = PHASE_MEETING;
    if (server->handlers.head) {
        server->handlers.head(rq, server->aux);
    } else {
        http_admit(rq, true);
    }
    if (rq->phase == PHASE_MEETING) {
        rq->phase = PHASE_KNOCKING;
        http_request_move(rq, &server->to_suspend);
    } else if (rq->phase == PHASE_ANSWERED && http_request_expects_body(rq)) {
        rq->drain = true;
        return http_request_queue_answer(rq);
    }
    /* An answer without a body to come is queued in the next call: one that is
     * queued here ends the connection. */
    return MHD_YES;
}

static enum MHD_Result
http_request_handle_head(struct http_request *rq, const char *path,
                         const char *method, const char *version)
{
    uuid_generate(&rq->id);
    rq->arrived_us = time_usec();
    rq->path = path;
    rq->method = method;
    MHD_get_connection_values(rq->mhd, MHD_HEADER_KIND,
                              http_request_check_header, rq);

    const char *error = http_framing_finish(&rq->framing, method, version);
    if (error) {
        return http_request_refuse(rq, 400, "400 Bad Request\n\n%s", error);
    }
    if (rq->framing.content_length > rq->server->options.body_bytes_max) {
        return http_request_refuse_size(rq);
    }
    return http_request_meet(rq);
}

static enum MHD_Result
http_request_swallow(struct http_request *rq, size_t n)
{
    size_t bytes_max = rq->server->options.body_bytes_max;

    rq->swallowed_bytes += n;
    return (rq->swallowed_bytes <= SWALLOW_FACTOR * bytes_max
            ? MHD_YES : MHD_NO);
}

static enum MHD_Result
http_request_take_body(struct http_request *rq, const char *data, size_t n)
{
    size_t bytes_max = rq->server->options.body_bytes_max;

    rq->heard_ms = time_msec();
    if (!rq->swallowed_bytes && n <= bytes_max - rq->body.length) {
        ds_reserve(&rq->body, MAX(rq->framing.content_length,
                                  rq->body.length + n));
        ds_put_buffer(&rq->body, data, n);
        return MHD_YES;
    }

    /* Only a body without Content-Length gets here.  MHD takes no answer
     * before its end. */
    http_buffer_free(&rq->body);
    return http_request_swallow(rq, n);
}

/* Takes a piece of the body.  A body that is not admitted stays where it is,
 * in MHD's buffer and in that of the socket, unless all of it is there: then
 * the request is complete, and its client may close its sending side.  Bytes
 * after a refusal are not kept; MHD takes no answer before their end. */
static enum MHD_Result
http_request_handle_body(struct http_request *rq, const char *data,
                         size_t *bytes)
{
    size_t n = *bytes;

    ovs_assert(rq->phase == PHASE_KNOCKING || rq->phase == PHASE_BODY
               || rq->phase == PHASE_ANSWERED);
    if (rq->phase == PHASE_KNOCKING && n != rq->framing.content_length) {
        return MHD_YES;
    }
    *bytes = 0;
    return (rq->phase == PHASE_ANSWERED ? http_request_swallow(rq, n)
                                        : http_request_take_body(rq, data, n));
}

static enum MHD_Result
http_request_handle_complete(struct http_request *rq)
{
    struct http_server *server = rq->server;

    if (rq->swallowed_bytes) {
        return http_request_refuse_size(rq);
    }

    rq->phase = PHASE_HANDLER;
    server->handlers.complete(rq, server->aux);
    if (rq->phase == PHASE_ANSWERED) {
        return http_request_queue_answer(rq);
    }
    rq->phase = PHASE_WAITING;
    http_request_move(rq, &server->to_suspend);
    return MHD_YES;
}

/* Called when the head is complete, for each piece of the body, once more
 * after it, and once more when the connection was resumed. */
enum MHD_Result
http_request_handle(void *server OVS_UNUSED,
                    struct MHD_Connection *mhd OVS_UNUSED, const char *path,
                    const char *method, const char *version, const char *data,
                    size_t *bytes, void **rq_)
{
    struct http_request *rq = *rq_;

    if (*bytes) {
        return http_request_handle_body(rq, data, bytes);
    }
    switch (rq->phase) {
    case PHASE_HEAD:
        return http_request_handle_head(rq, path, method, version);

    case PHASE_BODY:
        return http_request_handle_complete(rq);

    case PHASE_KNOCKING:
    case PHASE_WAITING:
        return MHD_YES;

    case PHASE_ANSWERED:
        return http_request_queue_answer(rq);

    case PHASE_LINE:
    case PHASE_MEETING:
    case PHASE_HANDLER:
    case PHASE_SENDING:
    default:
        OVS_NOT_REACHED();
    }
}

/* --- What the handler calls ---------------------------------------------- */

const char *
http_request_method(const struct http_request *rq)
{
    return rq->method;
}

const char *
http_request_path(const struct http_request *rq)
{
    return rq->path;
}

const struct uuid *
http_request_id(const struct http_request *rq)
{
    return &rq->id;
}

long long int
http_request_arrived_us(const struct http_request *rq)
{
    return rq->arrived_us;
}

const char *
http_request_header(const struct http_request *rq, const char *name)
{
    return MHD_lookup_connection_value(rq->mhd, MHD_HEADER_KIND, name);
}

char *
http_request_peer(const struct http_request *rq)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    struct in6_addr ip;

    if (getpeername(rq->fd, (struct sockaddr *) &peer, &length)
        || (peer.ss_family != AF_INET && peer.ss_family != AF_INET6)) {
        return NULL;
    }
    ip = ss_get_address(&peer);
    return ip_format_any(&ip);
}

bool
http_request_is_tls(const struct http_request *rq)
{
    return rq->tls != NULL;
}

bool
http_request_is_unix(const struct http_request *rq)
{
    return rq->is_unix;
}

const char *
http_request_body(const struct http_request *rq, size_t *bytes)
{
    *bytes = rq->body.length;
    return ds_cstr_ro(&rq->body);
}

struct arg_visitor {
    bool (*cb)(const char *name, const char *value, void *aux);
    void *aux;
};

static enum MHD_Result
http_request_visit_arg(void *visitor_, enum MHD_ValueKind kind OVS_UNUSED,
                       const char *name, const char *value)
{
    const struct arg_visitor *visitor = visitor_;

    return visitor->cb(name, value, visitor->aux) ? MHD_YES : MHD_NO;
}

struct field_visitor {
    const char *name;
    void (*cb)(const char *value, void *aux);
    void *aux;
};

static enum MHD_Result
http_request_visit_field(void *visitor_, enum MHD_ValueKind kind OVS_UNUSED,
                         const char *name, const char *value)
{
    const struct field_visitor *visitor = visitor_;

    if (!strcasecmp(name, visitor->name)) {
        visitor->cb(value ? value : "", visitor->aux);
    }
    return MHD_YES;
}

void
http_request_for_each_field(const struct http_request *rq, const char *name,
                            void (*cb)(const char *value, void *aux),
                            void *aux)
{
    struct field_visitor visitor = { .name = name, .cb = cb, .aux = aux };

    MHD_get_connection_values(rq->mhd, MHD_HEADER_KIND,
                              http_request_visit_field, &visitor);
}

void
http_request_for_each_arg(const struct http_request *rq,
                          bool (*cb)(const char *name, const char *value,
                                     void *aux),
                          void *aux)
{
    struct arg_visitor visitor = { .cb = cb, .aux = aux };

    MHD_get_connection_values(rq->mhd, MHD_GET_ARGUMENT_KIND,
                              http_request_visit_arg, &visitor);
}

bool
http_request_client_has_left(const struct http_request *rq)
{
    struct pollfd pollfd = { .fd = rq->fd, .events = POLLRDHUP };

    return poll(&pollfd, 1, 0) > 0;
}

int
http_request_fd(const struct http_request *rq)
{
    return rq->fd;
}

void
http_request_set_data(struct http_request *rq, void *data)
{
    rq->data = data;
}

void *
http_request_data(const struct http_request *rq)
{
    return rq->data;
}

void
http_request_add_header(struct http_request *rq, const char *name,
                        const char *value)
{
    ds_put_buffer(&rq->headers, name, strlen(name) + 1);
    ds_put_buffer(&rq->headers, value, strlen(value) + 1);
}

void
http_admit(struct http_request *rq, bool is_known)
{
    bool is_new = is_known && !rq->is_known;
    bool in_handler = rq->phase == PHASE_MEETING;

    ovs_assert(in_handler || rq->phase == PHASE_KNOCKING);
    rq->phase = PHASE_BODY;
    rq->is_known |= is_known;
    if (!in_handler) {
        http_request_resume(rq, &rq->server->receiving);
    } else if (is_new) {
        http_request_move(rq, &rq->server->receiving);
    }
}

void
http_reply(struct http_request *rq, int status, const char *content_type,
           struct ds *body)
{
    bool in_handler = (rq->phase == PHASE_MEETING
                       || rq->phase == PHASE_HANDLER);
    bool knocks = rq->phase == PHASE_KNOCKING;

    ovs_assert(in_handler || knocks || rq->phase == PHASE_WAITING);
    http_request_prepare_answer(rq, status, content_type, body);
    rq->phase = PHASE_ANSWERED;
    if (!in_handler) {
        /* A client that is refused may still have to send a body. */
        http_request_resume(rq, (knocks && http_request_expects_body(rq)
                                 ? &rq->server->receiving
                                 : &rq->server->sending));
    }
}
