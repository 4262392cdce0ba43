/* SPDX-License-Identifier: Apache-2.0
 *
 * Parks handshakes; see handshake.h.
 */

#include <config.h>
#include "http/handshake.h"
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "http/server-private.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

/* Handshakes that go on in one turn of the loop: some 20 ms with a key of RSA
 * on an old machine. */
#define HANDSHAKES_PER_TURN 16

bool
handshakes_init(struct handshakes *handshakes)
{
    ovs_list_init(&handshakes->running);
    handshakes->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return handshakes->epoll_fd >= 0;
}

void
handshakes_uninit(struct handshakes *handshakes)
{
    if (handshakes->epoll_fd >= 0) {
        close(handshakes->epoll_fd);
    }
}

void
handshake_begin(struct http_request *rq)
{
    rq->handshake = HANDSHAKE_NEW;
    ovs_list_push_back(&rq->server->handshakes.running, &rq->handshake_node);
}

void
handshake_end(struct http_request *rq)
{
    if (rq->handshake == HANDSHAKE_NONE) {
        return;
    }
    if (rq->handshake != HANDSHAKE_NEW) {
        epoll_ctl(rq->server->handshakes.epoll_fd, EPOLL_CTL_DEL, rq->fd,
                  NULL);
    }
    ovs_list_remove(&rq->handshake_node);
    rq->handshake = HANDSHAKE_NONE;
}

void
handshake_wake(struct http_request *rq)
{
    if (rq->handshake == HANDSHAKE_PARKED) {
        rq->handshake = HANDSHAKE_RUNNING;
        ovs_list_push_back(&rq->server->handshakes.running,
                           &rq->handshake_node);
        rq->server->resumed = true;
        MHD_resume_connection(rq->mhd);
    }
}

/* Returns false if the socket cannot be watched: then the connection goes on
 * as it would without all this. */
static bool
handshake_watch(struct handshakes *handshakes, struct http_request *rq)
{
    struct epoll_event event = {
        .events = EPOLLONESHOT | EPOLLRDHUP
                  | (gnutls_record_get_direction(rq->tls) ? EPOLLOUT
                     : EPOLLIN),
        .data.ptr = rq,
    };

    return !epoll_ctl(handshakes->epoll_fd,
                      rq->handshake == HANDSHAKE_NEW ? EPOLL_CTL_ADD
                      : EPOLL_CTL_MOD, rq->fd, &event);
}

void
handshakes_park(struct handshakes *handshakes)
{
    struct http_request *rq;

    LIST_FOR_EACH_SAFE (rq, handshake_node, &handshakes->running) {
        /* What is decrypted already makes no socket readable. */
        if (!gnutls_record_check_pending(rq->tls)
            && handshake_watch(handshakes, rq)) {
            MHD_suspend_connection(rq->mhd);
            rq->handshake = HANDSHAKE_PARKED;
            ovs_list_remove(&rq->handshake_node);
            ovs_list_init(&rq->handshake_node);
        }
    }
}

void
handshakes_run(struct handshakes *handshakes)
{
    struct epoll_event events[HANDSHAKES_PER_TURN];
    int n = epoll_wait(handshakes->epoll_fd, events, ARRAY_SIZE(events), 0);

    for (int i = 0; i < n; i++) {
        handshake_wake(events[i].data.ptr);
    }
}

void
handshakes_wait(const struct handshakes *handshakes)
{
    poll_fd_wait(handshakes->epoll_fd, POLLIN);
}
