/* SPDX-License-Identifier: Apache-2.0
 *
 * Listens and accepts; see listener.h.
 */

#include <config.h>
#include "http/listener.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "coverage.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_listener);

COVERAGE_DEFINE(http_listener_paused);

/* Long enough to keep the process from turning in circles, short enough for a
 * client not to notice. */
#define PAUSE_MS 100

/* Clients that left while they waited, looked at in one call. */
#define ATTEMPTS_MAX 16

bool
listener_open(struct listener *listener, const char *host, uint16_t port,
              char **errorp)
{
    bool ipv6 = strchr(host, ':');
    /* As in "ptcp:PORT:HOST". */
    char *target = xasprintf("%"PRIu16":%s%s%s", port, ipv6 ? "[" : "", host,
                             ipv6 ? "]" : "");
    struct sockaddr_storage ss;

    int fd = inet_open_passive(SOCK_STREAM, target, -1, &ss, 0, false);
    if (fd < 0) {
        *errorp = xasprintf("cannot listen on %s port %"PRIu16" (%s)", host,
                            port, ovs_strerror(-fd));
    } else {
        /* The queue that inet_open_passive() asks for holds 10. */
        listen(fd, SOMAXCONN);
        listener->fd = fd;
        listener->port = ss_get_port(&ss);
        listener->paused_until_ms = 0;
    }
    free(target);
    return fd >= 0;
}

void
listener_close(struct listener *listener)
{
    close(listener->fd);
    listener->fd = -1;
}

static void
listener_pause(struct listener *listener, int error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    COVERAGE_INC(http_listener_paused);
    VLOG_WARN_RL(&rl, "cannot accept connections for the moment (%s)",
                 ovs_strerror(error));
    listener->paused_until_ms = time_msec() + PAUSE_MS;
}

/* True if the process or the machine has run out of something. */
static bool
listener_is_shortage(int error)
{
    return (error == EMFILE || error == ENFILE || error == ENOBUFS
            || error == ENOMEM);
}

int
listener_accept(struct listener *listener, struct sockaddr_storage *address,
                socklen_t *address_bytes)
{
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        *address_bytes = sizeof *address;
        int fd = accept4(listener->fd, (struct sockaddr *) address,
                         address_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            return fd;
        }
        if (listener_is_shortage(errno)) {
            listener_pause(listener, errno);
            break;
        }
        if (errno == EAGAIN) {
            break;
        }
        /* A client that has left again, or a signal. */
    }
    return -1;
}

bool
listener_is_paused(const struct listener *listener)
{
    return time_msec() < listener->paused_until_ms;
}

void
listener_resume(struct listener *listener)
{
    listener->paused_until_ms = 0;
}

bool
listener_has_client(const struct listener *listener)
{
    struct pollfd pfd = { .fd = listener->fd, .events = POLLIN };

    return poll(&pfd, 1, 0) > 0;
}

void
listener_wait(const struct listener *listener)
{
    if (listener_is_paused(listener)) {
        poll_timer_wait_until(listener->paused_until_ms);
    } else {
        poll_fd_wait(listener->fd, POLLIN);
    }
}
