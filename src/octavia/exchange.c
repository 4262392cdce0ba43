/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to Octavia's driver-agent; see exchange.h.
 */

#include <config.h>
#include "octavia/exchange.h"
#include <errno.h>
#include <limits.h>
#include "base/limits.h"
#include "octavia/frame.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

/* Bytes taken from a socket at once. */
#define CHUNK_BYTES 16384

struct exchanger {
    char *path;
    size_t n_max;
    int timeout_ms;             /* 0: none. */
    struct ovs_list waiting;    /* struct exchange, oldest first. */
    struct ovs_list busy;       /* Oldest first, too, unless it is run. */
    size_t n_busy;

    /* How many may be busy: as many as were taken when the queue was full the
     * last time, and one more for as many answers. */
    size_t n_taken;
    size_t n_answers;           /* Since 'n_taken' has changed. */
    long long int full_until_ms;
    int full_ms;                /* How long it was taken for full. */
    long long int heard_at_ms;  /* When anything has come the last time. */
};

struct exchange {
    struct ovs_list node;       /* In either list. */
    struct exchanger *exchanger;
    exchange_done *done;
    void *aux;
    bool owns_aux;

    struct ds request;          /* As it is sent. */
    size_t n_sent;
    struct frame reply;

    /* While it is busy. */
    bool is_busy;
    struct stream *stream;      /* NULL: to be opened. */
    bool is_connected;
    long long int sent_ms;      /* When it was connected. */

    long long int began_ms;     /* When it became busy for the first time; 0 if
                                 * it never was. */
};

struct exchanger *
exchanger_create(const char *path, size_t n_max, int timeout_ms)
{
    struct exchanger *exchanger = xzalloc(sizeof *exchanger);

    exchanger->path = xstrdup(path);
    exchanger->n_max = n_max;
    exchanger->n_taken = n_max;
    exchanger->timeout_ms = timeout_ms;
    exchanger->full_ms = OCTAVIA_QUEUE_RETRY_MIN_MS;
    ovs_list_init(&exchanger->waiting);
    ovs_list_init(&exchanger->busy);
    return exchanger;
}

void
exchanger_destroy(struct exchanger *exchanger)
{
    struct exchange *exchange;

    if (!exchanger) {
        return;
    }
    LIST_FOR_EACH_SAFE (exchange, node, &exchanger->waiting) {
        exchange_cancel(exchange);
    }
    LIST_FOR_EACH_SAFE (exchange, node, &exchanger->busy) {
        exchange_cancel(exchange);
    }
    free(exchanger->path);
    free(exchanger);
}

const char *
exchanger_path(const struct exchanger *exchanger)
{
    return exchanger->path;
}

/* The busy one that has waited longest; NULL if none was sent. */
static const struct exchange *
oldest_sent(const struct exchanger *exchanger)
{
    const struct exchange *exchange, *oldest = NULL;

    LIST_FOR_EACH (exchange, node, &exchanger->busy) {
        if (exchange_is_sent(exchange)
            && (!oldest || exchange->sent_ms < oldest->sent_ms)) {
            oldest = exchange;
        }
    }
    return oldest;
}

long long int
exchanger_silent_since_ms(const struct exchanger *exchanger)
{
    const struct exchange *oldest = oldest_sent(exchanger);

    return (oldest ? MAX(oldest->sent_ms, exchanger->heard_at_ms)
            : LLONG_MAX);
}

struct exchange *
exchanger_ask(struct exchanger *exchanger, const struct json *request,
              exchange_done *done, void *aux)
{
    struct exchange *exchange = xzalloc(sizeof *exchange);

    exchange->exchanger = exchanger;
    exchange->done = done;
    exchange->aux = aux;
    ds_init(&exchange->request);
    frame_write(request, &exchange->request);
    frame_init(&exchange->reply, OCTAVIA_REPLY_BYTES_MAX);
    ovs_list_push_back(&exchanger->waiting, &exchange->node);
    return exchange;
}

void
exchange_cancel(struct exchange *exchange)
{
    if (exchange) {
        ovs_list_remove(&exchange->node);
        exchange->exchanger->n_busy -= exchange->is_busy;
        stream_close(exchange->stream);
        ds_destroy(&exchange->request);
        frame_uninit(&exchange->reply);
        if (exchange->owns_aux) {
            free(exchange->aux);
        }
        free(exchange);
    }
}

bool
exchange_is_sent(const struct exchange *exchange)
{
    return exchange->is_busy && exchange->is_connected;
}

void
exchange_own_aux(struct exchange *exchange)
{
    exchange->owns_aux = true;
}

/* Ends the exchange and calls its callback. */
static void
exchange_finish(struct exchange *exchange, enum exchange_result result,
                const struct json *json, const char *error)
{
    struct exchange_reply reply = { result, json, error };
    exchange_done *done = exchange->done;
    void *aux = exchange->aux;
    bool owns_aux = exchange->owns_aux;

    exchange->owns_aux = false;
    exchange_cancel(exchange);
    done(&reply, aux);
    if (owns_aux) {
        free(aux);
    }
}

/* 'error' is an errno value, or EOF. */
static void
exchange_fail(struct exchange *exchange, int error)
{
    exchange_finish(exchange,
                    !exchange->is_connected ? EXCHANGE_AWAY
                    : error == ETIMEDOUT ? EXCHANGE_SILENT
                    : EXCHANGE_FAILED, NULL, ovs_retval_to_string(error));
}

static bool
is_full(const struct exchanger *exchanger)
{
    return time_msec() < exchanger->full_until_ms;
}

/* The queue is full: 'exchange' is the first to come again. */
static void
come_again(struct exchange *exchange)
{
    struct exchanger *exchanger = exchange->exchanger;

    ovs_list_remove(&exchange->node);
    ovs_list_push_front(&exchanger->waiting, &exchange->node);
    exchange->is_busy = false;
    exchanger->n_busy--;
    exchanger->n_taken = MAX(exchanger->n_busy, 1);
    exchanger->n_answers = 0;
    if (!is_full(exchanger)) {
        exchanger->full_until_ms = time_msec() + exchanger->full_ms;
        exchanger->full_ms = MIN(exchanger->full_ms * 2,
                                 OCTAVIA_QUEUE_RETRY_MAX_MS);
    }
}

/* There was an answer, or an end. */
static void
note_heard(struct exchanger *exchanger)
{
    exchanger->heard_at_ms = time_msec();
    if (++exchanger->n_answers >= exchanger->n_taken
        && exchanger->n_taken < exchanger->n_max) {
        exchanger->n_taken++;
        exchanger->n_answers = 0;
    }
}

/* Each of the steps returns 0 when it is done, EAGAIN if it must wait, or
 * another errno value, EOF for an early end. */

/* Returns EBUSY if the queue is full. connect() says EAGAIN then, which the
 * library turns into EPROTO, so there is no socket to wait for. */
static int
open_stream(struct exchange *exchange)
{
    if (is_full(exchange->exchanger)) {
        return EBUSY;
    }

    char *name = xasprintf("unix:%s", exchange->exchanger->path);
    int error = stream_open(name, &exchange->stream, DSCP_DEFAULT);
    free(name);

    if (error) {
        exchange->stream = NULL;
    }
    return error == EPROTO || error == EAGAIN ? EBUSY : error;
}

static int
connect_stream(struct exchange *exchange)
{
    int error = stream_connect(exchange->stream);

    exchange->is_connected = !error;
    if (!error) {
        exchange->sent_ms = time_msec();
        exchange->exchanger->full_ms = OCTAVIA_QUEUE_RETRY_MIN_MS;
    }
    return error;
}

static int
send_request(struct exchange *exchange)
{
    while (exchange->n_sent < exchange->request.length) {
        int n = stream_send(exchange->stream,
                            &exchange->request.string[exchange->n_sent],
                            exchange->request.length - exchange->n_sent);
        if (n <= 0) {
            return n ? -n : EAGAIN;
        }
        exchange->n_sent += n;
    }
    return 0;
}

static int
receive_reply(struct exchange *exchange)
{
    char chunk[CHUNK_BYTES];

    while (frame_is_open(&exchange->reply)) {
        int n = stream_recv(exchange->stream, chunk, sizeof chunk);
        if (n < 0) {
            return -n;
        } else if (!n) {
            frame_end(&exchange->reply);
        } else {
            frame_put(&exchange->reply, chunk, n);
        }
    }
    return 0;
}

static void
exchange_read_reply(struct exchange *exchange)
{
    if (exchange->reply.state == FRAME_BAD) {
        exchange_finish(exchange, EXCHANGE_FAILED, NULL,
                        exchange->reply.error);
        return;
    }

    struct json *json = frame_read(&exchange->reply);
    if (json && json->type == JSON_OBJECT) {
        exchange_finish(exchange, EXCHANGE_DONE, json, NULL);
    } else {
        exchange_finish(exchange, EXCHANGE_FAILED, NULL, "not JSON");
    }
    json_destroy(json);
}

static long long int
deadline_ms(const struct exchange *exchange)
{
    int timeout_ms = exchange->exchanger->timeout_ms;

    return (timeout_ms && exchange->began_ms
            ? exchange->began_ms + timeout_ms : LLONG_MAX);
}

static bool
is_late(const struct exchange *exchange)
{
    return time_msec() >= deadline_ms(exchange);
}

static void
run_exchange(struct exchange *exchange)
{
    int error = exchange->stream ? 0 : open_stream(exchange);

    if (!error && !exchange->is_connected) {
        error = connect_stream(exchange);
    }
    if (!error) {
        stream_run(exchange->stream);
        error = send_request(exchange);
        if (error == EPIPE || error == ECONNRESET) {
            /* The answer may be there nevertheless: a refusal. */
            exchange->n_sent = exchange->request.length;
            error = 0;
        }
    }
    if (!error) {
        error = receive_reply(exchange);
    }

    if (error == EBUSY && !exchange->stream) {
        come_again(exchange);
    } else if (!error) {
        note_heard(exchange->exchanger);
        exchange_read_reply(exchange);
    } else if (error != EAGAIN) {
        note_heard(exchange->exchanger);
        exchange_fail(exchange, error);
    } else if (is_late(exchange)) {
        exchange_fail(exchange, ETIMEDOUT);
    }
}

/* True if one that waits may begin. */
static bool
exchanger_has_room(const struct exchanger *exchanger)
{
    return (!ovs_list_is_empty(&exchanger->waiting)
            && exchanger->n_busy < exchanger->n_taken);
}

static void
exchanger_start_waiting(struct exchanger *exchanger)
{
    while (exchanger_has_room(exchanger) && !is_full(exchanger)) {
        struct exchange *exchange
            = CONTAINER_OF(ovs_list_pop_front(&exchanger->waiting),
                           struct exchange, node);

        exchange->is_busy = true;
        if (!exchange->began_ms) {
            exchange->began_ms = time_msec();
        }
        ovs_list_push_back(&exchanger->busy, &exchange->node);
        exchanger->n_busy++;
    }
}

/* The first one that waits, where those are that have come again; NULL if
 * there is none. */
static struct exchange *
first_waiting(const struct exchanger *exchanger)
{
    return (ovs_list_is_empty(&exchanger->waiting) ? NULL
            : CONTAINER_OF(exchanger->waiting.next, struct exchange, node));
}

void
exchanger_run(struct exchanger *exchanger)
{
    struct exchange *first;
    struct ovs_list todo;

    while ((first = first_waiting(exchanger)) && is_late(first)) {
        exchange_fail(first, ETIMEDOUT);
    }

    /* A callback may ask, and cancel others: take them one by one. */
    exchanger_start_waiting(exchanger);
    ovs_list_init(&todo);
    ovs_list_splice(&todo, exchanger->busy.next, &exchanger->busy);
    while (!ovs_list_is_empty(&todo)) {
        struct exchange *exchange
            = CONTAINER_OF(ovs_list_pop_front(&todo), struct exchange, node);

        ovs_list_push_back(&exchanger->busy, &exchange->node);
        run_exchange(exchange);
    }
}

static void
wait_for_exchange(const struct exchange *exchange)
{
    poll_timer_wait_until(deadline_ms(exchange));
    if (!exchange->stream) {
        poll_immediate_wake();
        return;
    }
    stream_run_wait(exchange->stream);
    if (!exchange->is_connected) {
        stream_connect_wait(exchange->stream);
    } else if (exchange->n_sent < exchange->request.length) {
        stream_send_wait(exchange->stream);
    } else {
        stream_recv_wait(exchange->stream);
    }
}

void
exchanger_wait(struct exchanger *exchanger)
{
    const struct exchange *first = first_waiting(exchanger);
    const struct exchange *exchange;

    if (first) {
        poll_timer_wait_until(deadline_ms(first));
    }
    if (exchanger_has_room(exchanger)) {
        poll_timer_wait_until(exchanger->full_until_ms);
    }
    LIST_FOR_EACH (exchange, node, &exchanger->busy) {
        wait_for_exchange(exchange);
    }
}
