/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions to Octavia's driver-agent; see exchange.h.
 */

#include <config.h>
#include "octavia/exchange.h"
#include <errno.h>
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
    int timeout_ms;
    struct ovs_list waiting;    /* struct exchange, oldest first. */
    struct ovs_list busy;
    size_t n_busy;
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
    struct stream *stream;      /* NULL: to be opened at 'open_at_ms'. */
    bool is_connected;
    long long int open_at_ms;
    long long int deadline_ms;
};

struct exchanger *
exchanger_create(const char *path, size_t n_max, int timeout_ms)
{
    struct exchanger *exchanger = xzalloc(sizeof *exchanger);

    exchanger->path = xstrdup(path);
    exchanger->n_max = n_max;
    exchanger->timeout_ms = timeout_ms;
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

void
exchange_own_aux(struct exchange *exchange)
{
    exchange->owns_aux = true;
}

/* Ends it and tells who asked. */
static void
finish(struct exchange *exchange, enum exchange_result result,
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
fail(struct exchange *exchange, int error)
{
    finish(exchange,
           !exchange->is_connected ? EXCHANGE_AWAY
           : error == ETIMEDOUT ? EXCHANGE_SILENT
           : EXCHANGE_FAILED, NULL, ovs_retval_to_string(error));
}

/* Each of the steps returns 0 when it is done, EAGAIN if it must wait, or
 * another errno value, EOF for an early end. */

static int
open_stream(struct exchange *exchange)
{
    if (time_msec() < exchange->open_at_ms) {
        return EAGAIN;
    }

    char *name = xasprintf("unix:%s", exchange->exchanger->path);
    int error = stream_open(name, &exchange->stream, DSCP_DEFAULT);
    free(name);
    if (error == EAGAIN) {
        /* More connections than the other side's queue holds. */
        exchange->stream = NULL;
        exchange->open_at_ms = time_msec() + OCTAVIA_QUEUE_RETRY_MS;
    }
    return error;
}

static int
connect_stream(struct exchange *exchange)
{
    int error = stream_connect(exchange->stream);

    exchange->is_connected = !error;
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
read_reply(struct exchange *exchange)
{
    if (exchange->reply.state == FRAME_BAD) {
        finish(exchange, EXCHANGE_FAILED, NULL, exchange->reply.error);
        return;
    }

    struct json *json = frame_read(&exchange->reply);
    if (json && json->type == JSON_OBJECT) {
        finish(exchange, EXCHANGE_DONE, json, NULL);
    } else {
        finish(exchange, EXCHANGE_FAILED, NULL, "not JSON");
    }
    json_destroy(json);
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

    if (!error) {
        read_reply(exchange);
    } else if (error != EAGAIN) {
        fail(exchange, error);
    } else if (time_msec() >= exchange->deadline_ms) {
        fail(exchange, ETIMEDOUT);
    }
}

static void
start_waiting(struct exchanger *exchanger)
{
    while (exchanger->n_busy < exchanger->n_max
           && !ovs_list_is_empty(&exchanger->waiting)) {
        struct exchange *exchange
            = CONTAINER_OF(ovs_list_pop_front(&exchanger->waiting),
                           struct exchange, node);

        exchange->is_busy = true;
        exchange->deadline_ms = time_msec() + exchanger->timeout_ms;
        ovs_list_push_back(&exchanger->busy, &exchange->node);
        exchanger->n_busy++;
    }
}

void
exchanger_run(struct exchanger *exchanger)
{
    struct ovs_list todo;

    /* A callback may ask, and cancel others: take them one by one. */
    start_waiting(exchanger);
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
    poll_timer_wait_until(exchange->deadline_ms);
    if (!exchange->stream) {
        poll_timer_wait_until(exchange->open_at_ms);
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
    const struct exchange *exchange;

    if (exchanger->n_busy < exchanger->n_max
        && !ovs_list_is_empty(&exchanger->waiting)) {
        poll_immediate_wake();
    }
    LIST_FOR_EACH (exchange, node, &exchanger->busy) {
        wait_for_exchange(exchange);
    }
}
