/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP client of client.h, on libcurl's multi interface: whose turn it is,
 * for how long, and what the poll loop has to wait for.  The data of a
 * connection is in transfer.c.
 *
 * libcurl says which descriptors it waits for; they are in an epoll set, so
 * that the poll loop has one descriptor for the client.  The time limits of
 * calls are ours, since they begin before libcurl hears of them.
 */

#include <config.h>
#include "http/client.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "base/limits.h"
#include "coverage.h"
#include "fatal-signal.h"
#include "heap.h"
#include "http/transfer.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

COVERAGE_DEFINE(http_call);
COVERAGE_DEFINE(http_call_failed);
COVERAGE_DEFINE(http_call_refused);

struct http_client {
    struct http_client_options options;
    CURLM *multi;
    int epoll_fd;
    long long int timer_ms;     /* libcurl's; LLONG_MAX: none. */

    /* Calls, each in one of these. */
    struct ovs_list waiting;    /* For their turn, oldest first. */
    struct ovs_list running;
    struct ovs_list refused;    /* Failed when they were made. */
    size_t n_waiting, n_running;
    struct heap deadlines;      /* Deadlines of calls that wait or run. */

    unsigned long long int n_connects;
};

struct http_call {
    struct http_client *client;
    struct ovs_list node;       /* In one of the client's lists. */
    enum call_state { CALL_WAITING, CALL_RUNNING, CALL_REFUSED } state;
    struct heap_node in_deadlines;
    long long int deadline_ms;
    struct transfer *transfer;  /* NULL if CALL_REFUSED; then: */
    const char *refusal;        /* The reason. */
    http_call_done *done;
    void *aux;
};

/* --- The poll loop ------------------------------------------------------- */

/* Called by libcurl: what to wait for on 'fd' from now on. */
static int
http_client_watch_fd(CURL *handle OVS_UNUSED, curl_socket_t fd, int what,
                     void *client_, void *socket_aux OVS_UNUSED)
{
    const struct http_client *client = client_;
    struct epoll_event event = {
        .events = ((what & CURL_POLL_IN ? EPOLLIN : 0)
                   | (what & CURL_POLL_OUT ? EPOLLOUT : 0)),
        .data.fd = fd,
    };

    if (what == CURL_POLL_REMOVE) {
        /* It may be closed, and so out of the set already. */
        epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    } else if (epoll_ctl(client->epoll_fd, EPOLL_CTL_MOD, fd, &event)
               && epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
        ovs_abort(errno, "epoll_ctl");
    }
    return 0;
}

/* Called by libcurl: when to wake it, -1 for never. */
static int
http_client_set_timer(CURLM *multi OVS_UNUSED, long int timeout_ms,
                      void *client_)
{
    struct http_client *client = client_;

    client->timer_ms = (timeout_ms < 0
                        ? LLONG_MAX
                        : time_msec() + timeout_ms);
    return 0;
}

static void
http_client_run_sockets(struct http_client *client)
{
    struct epoll_event events[64];
    int n = epoll_wait(client->epoll_fd, events, ARRAY_SIZE(events), 0);
    int n_running;

    /* Events that do not fit are still ready in the next turn. */
    for (int i = 0; i < n; i++) {
        uint32_t e = events[i].events;
        int what = ((e & EPOLLIN ? CURL_CSELECT_IN : 0)
                    | (e & EPOLLOUT ? CURL_CSELECT_OUT : 0)
                    | (e & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));

        curl_multi_socket_action(client->multi, events[i].data.fd, what,
                                 &n_running);
    }
    if (time_msec() >= client->timer_ms) {
        client->timer_ms = LLONG_MAX;
        curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0,
                                 &n_running);
    }
}

/* --- Calls --------------------------------------------------------------- */

/* Returns the place in the heap, which yields its maximum; we want what is due
 * first. */
static uint64_t
http_call_priority(long long int deadline_ms)
{
    return UINT64_MAX - deadline_ms;
}

static void
http_call_start(struct http_call *call)
{
    struct http_client *client = call->client;
    CURLMcode error;

    ovs_list_remove(&call->node);
    client->n_waiting--;
    ovs_list_push_back(&client->running, &call->node);
    client->n_running++;
    call->state = CALL_RUNNING;

    error = curl_multi_add_handle(client->multi,
                                  transfer_handle(call->transfer, call));
    if (error) {
        ovs_fatal(0, "curl_multi_add_handle: %s", curl_multi_strerror(error));
    }
}

/* Takes the call out of everything.  Its transfer is still there. */
static void
http_call_stop(struct http_call *call)
{
    struct http_client *client = call->client;

    ovs_list_remove(&call->node);
    if (call->state == CALL_WAITING) {
        client->n_waiting--;
    } else if (call->state == CALL_RUNNING) {
        client->n_running--;
        client->n_connects += transfer_n_connects(call->transfer);
        curl_multi_remove_handle(client->multi,
                                 transfer_handle(call->transfer, call));
    }
    if (call->state != CALL_REFUSED) {
        heap_remove(&client->deadlines, &call->in_deadlines);
    }
}

static void
http_call_destroy(struct http_call *call)
{
    transfer_destroy(call->transfer);
    free(call);
}

/* Tells the caller, which may make and cancel other calls now. */
static void
http_call_finish(struct http_call *call, const struct http_response *response)
{
    if (!response->status) {
        COVERAGE_INC(http_call_failed);
    }
    call->done(response, call->aux);
    http_call_destroy(call);
}

static void
http_call_fail(struct http_call *call, const char *error)
{
    struct http_response response = { .error = error, .body = "" };

    http_call_stop(call);
    response.was_sent = call->transfer && transfer_was_sent(call->transfer);
    http_call_finish(call, &response);
}

static void
http_client_run_deadlines(struct http_client *client)
{
    long long int now = time_msec();

    while (!heap_is_empty(&client->deadlines)) {
        struct http_call *call = CONTAINER_OF(heap_max(&client->deadlines),
                                              struct http_call, in_deadlines);
        if (now < call->deadline_ms) {
            break;
        }
        http_call_fail(call, (call->state == CALL_WAITING
                              ? "timed out before its turn came"
                              : transfer_was_sent(call->transfer)
                              ? "timed out before the response was complete"
                              : "timed out without a connection"));
    }
}

static void
http_client_run_results(struct http_client *client)
{
    CURLMsg *message;
    int n_left;

    while ((message = curl_multi_info_read(client->multi, &n_left))) {
        CURLcode result = message->data.result;
        struct http_response response;
        struct http_call *call;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                          (char **) &call);
        http_call_stop(call);
        transfer_get_response(call->transfer, result, &response);
        http_call_finish(call, &response);
    }
}

static void
http_client_run_refused(struct http_client *client)
{
    struct ovs_list refused;

    /* A callback that tries again at once is refused again, in the next
     * turn. */
    ovs_list_move(&refused, &client->refused);
    ovs_list_init(&client->refused);
    while (!ovs_list_is_empty(&refused)) {
        struct http_call *call = CONTAINER_OF(ovs_list_front(&refused),
                                              struct http_call, node);
        http_call_fail(call, call->refusal);
    }
}

static bool
http_client_can_start(const struct http_client *client)
{
    return (client->n_waiting
            && client->n_running < client->options.connections_max);
}

/* --- The client ---------------------------------------------------------- */

static void
http_client_init_curl(void)
{
    static bool is_done;

    if (!is_done) {
        is_done = true;
        if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
            ovs_fatal(0, "cannot initialize libcurl");
        }
        /* Without that, looking up a name would block. */
        if (!(curl_version_info(CURLVERSION_NOW)->features
              & CURL_VERSION_ASYNCHDNS)) {
            ovs_fatal(0, "libcurl lacks its asynchronous resolver");
        }
        /* TLS writes without MSG_NOSIGNAL. */
        fatal_ignore_sigpipe();
    }
}

struct http_client *
http_client_create(const struct http_client_options *options)
{
    struct http_client *client = xzalloc(sizeof *client);

    http_client_init_curl();
    client->options = *options;
    client->options.ca_file = nullable_xstrdup(options->ca_file);
    client->options.cert_file = nullable_xstrdup(options->cert_file);
    client->options.key_file = nullable_xstrdup(options->key_file);
    client->timer_ms = LLONG_MAX;
    ovs_list_init(&client->waiting);
    ovs_list_init(&client->running);
    ovs_list_init(&client->refused);
    heap_init(&client->deadlines);

    client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client->multi = curl_multi_init();
    if (client->epoll_fd < 0 || !client->multi) {
        ovs_fatal(errno, "cannot create an HTTP client");
    }
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION,
                      http_client_watch_fd);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION,
                      http_client_set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS,
                      (long int) options->connections_max);
    return client;
}

static void
http_client_cancel_all(struct ovs_list *calls)
{
    while (!ovs_list_is_empty(calls)) {
        http_call_cancel(CONTAINER_OF(ovs_list_front(calls),
                                      struct http_call, node));
    }
}

void
http_client_destroy(struct http_client *client)
{
    if (client) {
        http_client_cancel_all(&client->waiting);
        http_client_cancel_all(&client->running);
        http_client_cancel_all(&client->refused);
        heap_destroy(&client->deadlines);
        curl_multi_cleanup(client->multi);
        close(client->epoll_fd);
        free(CONST_CAST(char *, client->options.ca_file));
        free(CONST_CAST(char *, client->options.cert_file));
        free(CONST_CAST(char *, client->options.key_file));
        free(client);
    }
}

void
http_client_run(struct http_client *client)
{
    http_client_run_sockets(client);
    http_client_run_results(client);
    http_client_run_deadlines(client);
    http_client_run_refused(client);
    while (http_client_can_start(client)) {
        http_call_start(CONTAINER_OF(ovs_list_front(&client->waiting),
                                     struct http_call, node));
    }
}

void
http_client_wait(struct http_client *client)
{
    poll_fd_wait(client->epoll_fd, POLLIN);
    if (client->timer_ms != LLONG_MAX) {
        poll_timer_wait_until(client->timer_ms);
    }
    if (!heap_is_empty(&client->deadlines)) {
        const struct http_call *call = CONTAINER_OF(
            heap_max(&client->deadlines), struct http_call, in_deadlines);
        poll_timer_wait_until(call->deadline_ms);
    }
    if (http_client_can_start(client)
        || !ovs_list_is_empty(&client->refused)) {
        poll_immediate_wake();
    }
}

/* True if no header field has a line break, which would begin another one. */
static bool
http_call_headers_are_valid(const char *const *headers)
{
    for (size_t i = 0; headers && headers[i]; i++) {
        if (strpbrk(headers[i], "\r\n")) {
            return false;
        }
    }
    return true;
}

struct http_call *
http_client_send(struct http_client *client,
                 const struct http_call_options *options,
                 http_call_done *done, void *aux)
{
    struct http_call *call = xzalloc(sizeof *call);

    COVERAGE_INC(http_call);
    call->client = client;
    call->done = done;
    call->aux = aux;
    call->refusal = (client->n_waiting >= HTTP_CALLS_WAITING_MAX
                     ? "too many calls are waiting"
                     : !http_call_headers_are_valid(options->headers)
                     ? "a header field contains a line break"
                     : NULL);
    if (call->refusal) {
        COVERAGE_INC(http_call_refused);
        call->state = CALL_REFUSED;
        ovs_list_push_back(&client->refused, &call->node);
        return call;
    }

    call->state = CALL_WAITING;
    call->transfer = transfer_create(&client->options, options);
    call->deadline_ms = time_msec() + options->timeout_ms;
    heap_insert(&client->deadlines, &call->in_deadlines,
                http_call_priority(call->deadline_ms));
    ovs_list_push_back(&client->waiting, &call->node);
    client->n_waiting++;
    return call;
}

void
http_call_cancel(struct http_call *call)
{
    http_call_stop(call);
    http_call_destroy(call);
}

unsigned long long int
http_client_n_connects(const struct http_client *client)
{
    return client->n_connects;
}
