/* SPDX-License-Identifier: Apache-2.0
 *
 * Accepts; see listener-set.h.
 */

#include <config.h>
#include "http/listener-set.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "coverage.h"
#include "http/listen-address.h"
#include "http/listener.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_listener);

COVERAGE_DEFINE(http_listener_paused);

/* Long enough to keep the process from turning in circles, short enough for a
 * client not to notice. */
#define PAUSE_MS 100

/* Clients that left while they waited, looked at in one call. */
#define ATTEMPTS_MAX 16

static void
listener_set_log(const struct listener *listener,
                 const struct listen_address *address)
{
    if (address->path || address->port) {
        VLOG_INFO("listening on %s", address->text);
    } else {
        VLOG_INFO("listening on %s, port %"PRIu16, address->text,
                  listener->port);
    }
}

bool
listener_set_open(struct listener_set *set,
                  const struct listen_addresses *addresses,
                  const struct socket_access *access, char **errorp)
{
    *set = (struct listener_set) {
        .listeners = xcalloc(addresses->n, sizeof *set->listeners),
    };
    for (size_t i = 0; i < addresses->n; i++) {
        const struct listener_options options = {
            .address = &addresses->list[i],
            .access = access,
            .is_ipv6_only = listen_addresses_is_ipv6_only(
                addresses, &addresses->list[i]),
        };

        if (!listener_open(&set->listeners[i], &options, errorp)) {
            listener_set_close(set);
            return false;
        }
        listener_set_log(&set->listeners[i], &addresses->list[i]);
        set->n++;
    }
    return true;
}

void
listener_set_close(struct listener_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        listener_close(&set->listeners[i]);
    }
    free(set->listeners);
    *set = (struct listener_set) { .n = 0 };
}

static void
listener_set_pause(struct listener_set *set, int error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    COVERAGE_INC(http_listener_paused);
    VLOG_WARN_RL(&rl, "cannot accept connections for the moment (%s)",
                 ovs_strerror(error));
    set->paused_until_ms = time_msec() + PAUSE_MS;
}

/* True if the process or the machine has run out of something. */
static bool
listener_set_is_shortage(int error)
{
    return (error == EMFILE || error == ENFILE || error == ENOBUFS
            || error == ENOMEM);
}

/* Takes a client of one socket. */
static bool
listener_set_accept_from(struct listener_set *set,
                         const struct listener *listener,
                         struct listener_client *client)
{
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        client->address_bytes = sizeof client->address;
        client->fd = accept4(listener->fd,
                             (struct sockaddr *) &client->address,
                             &client->address_bytes,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client->fd >= 0) {
            client->is_tls = listener->is_tls;
            return true;
        }
        if (listener_set_is_shortage(errno)) {
            listener_set_pause(set, errno);
            break;
        }
        if (errno == EAGAIN) {
            break;
        }
        /* A client that has left again, or a signal. */
    }
    return false;
}

bool
listener_set_accept(struct listener_set *set, struct listener_client *client)
{
    for (size_t i = 0; i < set->n && !listener_set_is_paused(set); i++) {
        const struct listener *listener = &set->listeners[set->next];

        set->next = (set->next + 1) % set->n;
        if (listener_set_accept_from(set, listener, client)) {
            return true;
        }
    }
    return false;
}

bool
listener_set_is_paused(const struct listener_set *set)
{
    return time_msec() < set->paused_until_ms;
}

void
listener_set_resume(struct listener_set *set)
{
    set->paused_until_ms = 0;
}

bool
listener_set_has_client(const struct listener_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        struct pollfd pfd = { .fd = set->listeners[i].fd, .events = POLLIN };

        if (poll(&pfd, 1, 0) > 0) {
            return true;
        }
    }
    return false;
}

void
listener_set_wait(const struct listener_set *set)
{
    if (listener_set_is_paused(set)) {
        poll_timer_wait_until(set->paused_until_ms);
        return;
    }
    for (size_t i = 0; i < set->n; i++) {
        poll_fd_wait(set->listeners[i].fd, POLLIN);
    }
}

bool
listener_set_has_scheme(const struct listener_set *set, bool is_tls)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->listeners[i].is_tls == is_tls) {
            return true;
        }
    }
    return false;
}

uint16_t
listener_set_port(const struct listener_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->listeners[i].port) {
            return set->listeners[i].port;
        }
    }
    return 0;
}
