/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that misbehaves as it is told; see http-stub.h.
 */

#include <config.h>
#include "http-stub.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

struct http_stub {
    stub_handler *handler;
    void *aux;
    int fd;
    char *url;
    struct ovs_list connections;
    size_t n_connections;
    size_t n_requests;
};

struct stub_connection {
    struct ovs_list node;
    struct http_stub *stub;
    int fd;
    struct ds in;
    struct ds out;
    bool is_slow;
    bool is_endless;
    bool is_closing;
};

struct http_stub *
http_stub_create(stub_handler *handler, void *aux)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t length = sizeof sin;
    struct http_stub *stub = xzalloc(sizeof *stub);

    stub->handler = handler;
    stub->aux = aux;
    ovs_list_init(&stub->connections);
    stub->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ovs_assert(!bind(stub->fd, (struct sockaddr *) &sin, sizeof sin));
    ovs_assert(!listen(stub->fd, SOMAXCONN));
    ovs_assert(!getsockname(stub->fd, (struct sockaddr *) &sin, &length));
    stub->url = xasprintf("http://127.0.0.1:%d", ntohs(sin.sin_port));
    return stub;
}

static void
destroy_connection(struct stub_connection *c)
{
    ovs_list_remove(&c->node);
    close(c->fd);
    ds_destroy(&c->in);
    ds_destroy(&c->out);
    free(c);
}

void
http_stub_destroy(struct http_stub *stub)
{
    struct stub_connection *c;

    LIST_FOR_EACH_SAFE (c, node, &stub->connections) {
        destroy_connection(c);
    }
    close(stub->fd);
    free(stub->url);
    free(stub);
}

const char *
http_stub_url(const struct http_stub *stub)
{
    return stub->url;
}

size_t
http_stub_n_connections(const struct http_stub *stub)
{
    return stub->n_connections;
}

size_t
http_stub_n_requests(const struct http_stub *stub)
{
    return stub->n_requests;
}

size_t
http_stub_n_open(const struct http_stub *stub)
{
    return ovs_list_size(&stub->connections);
}

static void
accept_connections(struct http_stub *stub)
{
    int fd;

    while ((fd = accept4(stub->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct stub_connection *c = xzalloc(sizeof *c);

        c->stub = stub;
        c->fd = fd;
        ds_init(&c->in);
        ds_init(&c->out);
        ovs_list_push_back(&stub->connections, &c->node);
        stub->n_connections++;
    }
}

/* Returns false at the end of the connection. */
static bool
receive(struct stub_connection *c)
{
    char buffer[16384];
    ssize_t n;

    while ((n = recv(c->fd, buffer, sizeof buffer, 0)) > 0) {
        ds_put_buffer(&c->in, buffer, n);
    }
    return n < 0 && errno == EAGAIN;
}

char *
stub_header(const struct stub_request *rq, const char *name)
{
    size_t n = strlen(name);

    for (const char *line = rq->head; line; line = strstr(line, "\r\n")) {
        line += strspn(line, "\r\n");
        if (!strncasecmp(line, name, n) && line[n] == ':') {
            line += n + 1;
            line += strspn(line, " ");
            return xmemdup0(line, strcspn(line, "\r"));
        }
    }
    return NULL;
}

static void
handle(struct stub_connection *c, char *head, char *body)
{
    struct stub_request rq = { .connection = c, .head = head, .body = body };
    char *line = xmemdup0(head, strcspn(head, "\r"));
    char *save = NULL;

    c->stub->n_requests++;
    rq.method = strtok_r(line, " ", &save);
    rq.path = strtok_r(NULL, " ", &save);
    c->stub->handler(&rq, c->stub->aux);
    free(line);
}

/* Takes one complete request off the input, if there is one. */
static bool
take_request(struct stub_connection *c)
{
    const char *in = ds_cstr(&c->in);
    const char *end = strstr(in, "\r\n\r\n");

    if (!end) {
        return false;
    }

    char *head = xmemdup0(in, end + 2 - in);
    struct stub_request rq = { .head = head };
    char *length = stub_header(&rq, "Content-Length");
    size_t head_bytes = end + 4 - in;
    size_t body_bytes = length ? strtoul(length, NULL, 10) : 0;
    bool is_complete = c->in.length >= head_bytes + body_bytes;

    if (is_complete) {
        char *body = xmemdup0(in + head_bytes, body_bytes);
        size_t n = head_bytes + body_bytes;

        memmove(c->in.string, c->in.string + n, c->in.length - n);
        ds_truncate(&c->in, c->in.length - n);
        handle(c, head, body);
        free(body);
    }
    free(length);
    free(head);
    return is_complete;
}

/* Returns false when the connection has come to its end. */
static bool
transmit(struct stub_connection *c)
{
    if (c->is_endless && c->out.length < 100000) {
        ds_put_char_multiple(&c->out, 'x', 100000);
    }
    if (c->out.length) {
        ssize_t n = send(c->fd, c->out.string,
                         c->is_slow ? 1 : c->out.length, MSG_NOSIGNAL);
        if (n < 0) {
            return errno == EAGAIN;
        }
        memmove(c->out.string, c->out.string + n, c->out.length - n);
        ds_truncate(&c->out, c->out.length - n);
    }
    return c->out.length || !c->is_closing;
}

void
http_stub_run(struct http_stub *stub)
{
    struct stub_connection *c;

    accept_connections(stub);
    LIST_FOR_EACH_SAFE (c, node, &stub->connections) {
        bool is_open = receive(c);

        while (take_request(c)) {
            continue;
        }
        if (!transmit(c) || !is_open) {
            destroy_connection(c);
        }
    }
}

void
http_stub_wait(struct http_stub *stub)
{
    struct stub_connection *c;

    poll_fd_wait(stub->fd, POLLIN);
    LIST_FOR_EACH (c, node, &stub->connections) {
        poll_fd_wait(c->fd, POLLIN);
        if (c->is_slow && c->out.length) {
            poll_timer_wait(5);
        } else if (c->out.length || c->is_closing || c->is_endless) {
            poll_fd_wait(c->fd, POLLOUT);
        }
    }
}

void
stub_reply(struct stub_connection *c, int status, const char *headers,
           const char *body)
{
    ds_put_format(&c->out, "HTTP/1.1 %d Whatever\r\n"
                  "Content-Type: application/json\r\n"
                  "Content-Length: %"PRIuSIZE"\r\n%s\r\n%s",
                  status, strlen(body), headers ? headers : "", body);
}

void
stub_send(struct stub_connection *c, const char *text)
{
    ds_put_cstr(&c->out, text);
}

void
stub_be_slow(struct stub_connection *c)
{
    c->is_slow = true;
}

void
stub_be_endless(struct stub_connection *c)
{
    c->is_endless = true;
}

void
stub_close(struct stub_connection *c)
{
    c->is_closing = true;
}
