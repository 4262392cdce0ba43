/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads and forgets; see drain.h.
 */

#include <config.h>
#include "http/drain.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

/* Refused clients must not eat the descriptors of the good ones. */
#define DRAIN_SOCKETS_MAX 64

/* Enough to send some megabytes from anywhere. */
#define DRAIN_MS 2000

/* Per socket and turn of the loop, so that one fast client cannot keep the
 * process busy. */
#define DRAIN_BYTES_PER_TURN (256 * 1024)

struct draining {
    struct ovs_list node;       /* In struct drain's sockets. */
    int fd;
    long long int deadline_ms;
};

static void
draining_destroy(struct drain *drain, struct draining *s)
{
    ovs_list_remove(&s->node);
    drain->n_sockets--;
    close(s->fd);
    free(s);
}

void
drain_init(struct drain *drain)
{
    ovs_list_init(&drain->sockets);
    drain->n_sockets = 0;
}

void
drain_uninit(struct drain *drain)
{
    struct draining *s;

    LIST_FOR_EACH_SAFE (s, node, &drain->sockets) {
        draining_destroy(drain, s);
    }
}

void
drain_add(struct drain *drain, int fd)
{
    if (drain->n_sockets >= DRAIN_SOCKETS_MAX) {
        return;
    }

    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return;
    }
    /* The client sees the end of the answer now, not after DRAIN_MS. */
    shutdown(copy, SHUT_WR);

    struct draining *s = xmalloc(sizeof *s);
    s->fd = copy;
    s->deadline_ms = time_msec() + DRAIN_MS;
    ovs_list_push_back(&drain->sockets, &s->node);
    drain->n_sockets++;
}

void
drain_run(struct drain *drain)
{
    struct draining *s;

    LIST_FOR_EACH_SAFE (s, node, &drain->sockets) {
        /* MSG_TRUNC: TCP drops the bytes without copying them. */
        ssize_t n = recv(s->fd, NULL, DRAIN_BYTES_PER_TURN,
                         MSG_DONTWAIT | MSG_TRUNC);
        bool done = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);

        if (done || time_msec() >= s->deadline_ms) {
            draining_destroy(drain, s);
        }
    }
}

void
drain_wait(struct drain *drain)
{
    struct draining *s;

    LIST_FOR_EACH (s, node, &drain->sockets) {
        poll_fd_wait(s->fd, POLLIN);
        poll_timer_wait_until(s->deadline_ms);
    }
}
