/* SPDX-License-Identifier: Apache-2.0
 *
 * Host names and their addresses; see resolver.h.
 *
 * Each question has a c-ares channel of its own, since a channel reads the
 * system's configuration only once.  c-ares says which descriptors it waits
 * for; they are in an epoll set, so that the poll loop has one for a question.
 */

#include <config.h>
#include "base/resolver.h"
#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "base/limits.h"
#include "coverage.h"
#include "dns-resolve.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "packets.h"
#include "socket-util.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

COVERAGE_DEFINE(resolver_question);
COVERAGE_DEFINE(resolver_question_failed);

struct resolver_question {
    ares_channel channel;
    int epoll_fd;
    bool is_over;               /* Has been answered. */
};

struct resolver_host {
    char *name;
    struct resolver_question *question; /* NULL: none is under way. */
    long long int asked_ms;     /* The last question. */
    long long int ends_ms;      /* When the time of its answer is over. */
    bool is_doubted;
    char *error;                /* The last answer's, or NULL. */
    struct svec addresses;      /* The last good answer's. */
    size_t next;                /* The address for the next connection. */
};

/* libopenvswitch's interface is that of the process, so this is, too. */
static struct shash hosts = SHASH_INITIALIZER(&hosts);
static unsigned int answers_seqno;
static char *pinned_host;
static char *pinned_address;
static bool is_blocking;

static void resolver_question_process(struct resolver_host *);

char *
resolver_host_of(const char *remote)
{
    struct in6_addr ipv6;
    ovs_be32 ipv4;
    char *host, *port;

    if (strncmp(remote, "tcp:", 4) && strncmp(remote, "ssl:", 4)) {
        return NULL;
    }

    char *copy = xstrdup(remote + 4);
    inet_parse_host_port_tokens(copy, &host, &port);
    bool is_name = (host && *host && !strpbrk(host, ":%")
                    && !ip_parse(host, &ipv4) && !ipv6_parse(host, &ipv6));
    char *name = is_name ? xstrdup(host) : NULL;
    free(copy);
    return name;
}

/* --- Questions ----------------------------------------------------------- */

/* Called by c-ares: what to wait for on 'fd' from now on. */
static void
resolver_question_watch(void *question_, ares_socket_t fd, int readable,
                        int writable)
{
    const struct resolver_question *question = question_;
    struct epoll_event event = {
        .events = (readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0),
        .data.fd = fd,
    };

    if (!event.events) {
        epoll_ctl(question->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    } else if (epoll_ctl(question->epoll_fd, EPOLL_CTL_MOD, fd, &event)
               && epoll_ctl(question->epoll_fd, EPOLL_CTL_ADD, fd, &event)) {
        ovs_abort(errno, "epoll_ctl");
    }
}

static void
resolver_question_destroy(struct resolver_question *question)
{
    if (question) {
        if (question->channel) {
            ares_destroy(question->channel);
        }
        close(question->epoll_fd);
        free(question);
    }
}

static void
resolver_add_address(struct resolver_host *host, const struct sockaddr *sa)
{
    char text[INET6_ADDRSTRLEN];

    if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *sin
            = ALIGNED_CAST(const struct sockaddr_in *, sa);

        inet_ntop(AF_INET, &sin->sin_addr, text, sizeof text);
        svec_add(&host->addresses, text);
    } else if (sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *sin6
            = ALIGNED_CAST(const struct sockaddr_in6 *, sa);

        inet_ntop(AF_INET6, &sin6->sin6_addr, text, sizeof text);
        svec_add(&host->addresses, text);
    }
}

/* Takes the addresses over, in c-ares' order of preference (RFC 6724).
 * Returns the shortest of their times, in seconds. */
static int
resolver_take_addresses(struct resolver_host *host,
                        const struct ares_addrinfo *ai)
{
    int ttl_s = RESOLVER_TTL_MAX_S;

    svec_clear(&host->addresses);
    for (const struct ares_addrinfo_node *node = ai->nodes; node;
         node = node->ai_next) {
        resolver_add_address(host, node->ai_addr);
        ttl_s = MIN(ttl_s, node->ai_ttl);
    }
    host->next = 0;
    return ttl_s;
}

/* Called by c-ares: the question is over. */
static void
resolver_take_answer(void *host_, int status, int timeouts OVS_UNUSED,
                     struct ares_addrinfo *ai)
{
    struct resolver_host *host = host_;
    long long int ttl_ms = 0;

    if (status == ARES_EDESTRUCTION) {
        return;
    }
    host->question->is_over = true;
    host->is_doubted = false;
    free(host->error);
    host->error = NULL;
    if (status == ARES_SUCCESS && ai && ai->nodes) {
        ttl_ms = resolver_take_addresses(host, ai) * 1000LL;
    } else {
        COVERAGE_INC(resolver_question_failed);
        host->error = xstrdup(status == ARES_SUCCESS
                              ? "name has no address"
                              : ares_strerror(status));
    }
    host->ends_ms = time_msec() + MAX(ttl_ms, RESOLVER_PAUSE_MS);
    answers_seqno++;
    if (ai) {
        ares_freeaddrinfo(ai);
    }
}

static void
resolver_begin(struct resolver_host *host)
{
    const struct ares_addrinfo_hints hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
    };
    struct resolver_question *question = xzalloc(sizeof *question);
    struct ares_options options = {
        .timeout = RESOLVER_TIMEOUT_MS,
        .tries = RESOLVER_TRIES,
        .sock_state_cb = resolver_question_watch,
        .sock_state_cb_data = question,
    };

    COVERAGE_INC(resolver_question);
    host->asked_ms = time_msec();
    host->question = question;
    question->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (question->epoll_fd < 0) {
        ovs_abort(errno, "epoll_create1");
    }

    int error = ares_init_options(&question->channel, &options,
                                  ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
                                  | ARES_OPT_SOCK_STATE_CB);
    if (error) {
        question->channel = NULL;
        resolver_take_answer(host, error, 0, NULL);
    } else {
        /* May answer before it returns, from /etc/hosts. */
        ares_getaddrinfo(question->channel, host->name, NULL, &hints,
                         resolver_take_answer, host);
    }
    resolver_question_process(host);
}

/* Frees the question if it is over: not inside a function of c-ares. */
static void
resolver_question_process(struct resolver_host *host)
{
    struct resolver_question *question = host->question;
    struct epoll_event events[16];

    if (question && !question->is_over) {
        int n = epoll_wait(question->epoll_fd, events, ARRAY_SIZE(events), 0);

        for (int i = 0; i < n; i++) {
            bool readable = events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP);
            bool writable = events[i].events & EPOLLOUT;

            ares_process_fd(question->channel,
                            readable ? events[i].data.fd : ARES_SOCKET_BAD,
                            writable ? events[i].data.fd : ARES_SOCKET_BAD);
        }
        /* And what takes too long. */
        ares_process_fd(question->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
    if (question && question->is_over) {
        host->question = NULL;
        resolver_question_destroy(question);
    }
}

/* Returns when c-ares has to run even if nothing arrives. */
static int
resolver_question_timeout_ms(const struct resolver_question *question)
{
    struct timeval tv;

    return (ares_timeout(question->channel, NULL, &tv)
            ? tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1
            : RESOLVER_TIMEOUT_MS);
}

/* --- Hosts --------------------------------------------------------------- */

static struct resolver_host *
resolver_find_host(const char *name)
{
    struct resolver_host *host = shash_find_data(&hosts, name);

    if (!host) {
        host = xzalloc(sizeof *host);
        host->name = xstrdup(name);
        svec_init(&host->addresses);
        shash_add(&hosts, name, host);
    }
    return host;
}

static bool
resolver_is_due(const struct resolver_host *host, long long int now_ms)
{
    return (!host->question
            && (now_ms >= host->ends_ms
                || (host->is_doubted
                    && now_ms >= host->asked_ms + RESOLVER_PAUSE_MS)));
}

enum resolver_state
resolver_ask(const char *name)
{
    struct resolver_host *host = resolver_find_host(name);
    long long int now_ms = time_msec();

    if (resolver_is_due(host, now_ms)) {
        resolver_begin(host);
    }
    if (now_ms < host->ends_ms) {
        return host->error ? RESOLVER_BAD : RESOLVER_GOOD;
    }
    return (host->question && now_ms < host->asked_ms + RESOLVER_PATIENCE_MS
            ? RESOLVER_ASKING : RESOLVER_BAD);
}

const struct svec *
resolver_addresses(const char *name)
{
    const struct resolver_host *host = shash_find_data(&hosts, name);

    return host && host->addresses.n ? &host->addresses : NULL;
}

const char *
resolver_error(const char *name)
{
    const struct resolver_host *host = shash_find_data(&hosts, name);

    return host && host->error ? host->error : "no answer from a name server";
}

void
resolver_doubt(const char *name)
{
    struct resolver_host *host = shash_find_data(&hosts, name);

    if (host) {
        host->is_doubted = true;
    }
}

unsigned int
resolver_seqno(void)
{
    return answers_seqno;
}

void
resolver_pin(const char *name, const char *address)
{
    resolver_unpin();
    pinned_host = xstrdup(name);
    pinned_address = xstrdup(address);
}

void
resolver_unpin(void)
{
    free(pinned_host);
    free(pinned_address);
    pinned_host = pinned_address = NULL;
}

void
resolver_set_blocking(void)
{
    is_blocking = true;
}

void
resolver_run(void)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &hosts) {
        resolver_question_process(node->data);
    }
}

void
resolver_wait(void)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &hosts) {
        const struct resolver_host *host = node->data;

        if (host->question) {
            long long int patience_ms = host->asked_ms + RESOLVER_PATIENCE_MS;

            poll_fd_wait(host->question->epoll_fd, POLLIN);
            poll_timer_wait(resolver_question_timeout_ms(host->question));
            if (time_msec() < patience_ms) {
                poll_timer_wait_until(patience_ms);
            }
        }
    }
}

/* --- libopenvswitch ------------------------------------------------------ */

/* Waits for the answer, if there is nothing else to do meanwhile. */
static void
resolver_block(struct resolver_host *host)
{
    while (host->question) {
        struct pollfd pfd = { host->question->epoll_fd, POLLIN, 0 };

        poll(&pfd, 1, resolver_question_timeout_ms(host->question));
        resolver_question_process(host);
    }
}

void
dns_resolve_init(bool is_daemon OVS_UNUSED)
{
}

void
dns_resolve_destroy(void)
{
}

/* Returns true, and the address in '*addr', if there is one; the caller frees
 * it. */
bool
dns_resolve(const char *name, char **addr)
{
    *addr = NULL;
    if (pinned_host && !strcmp(pinned_host, name)) {
        *addr = xstrdup(pinned_address);
        return true;
    }

    struct resolver_host *host = resolver_find_host(name);
    resolver_question_process(host);
    resolver_ask(name);
    if (is_blocking && !host->addresses.n) {
        resolver_block(host);
    }
    if (host->addresses.n) {
        *addr = xstrdup(host->addresses.names[host->next++]);
        if (host->next >= host->addresses.n) {
            host->next = 0;
            host->is_doubted = true;
        }
    }
    return *addr != NULL;
}
