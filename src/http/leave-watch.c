/* SPDX-License-Identifier: Apache-2.0
 *
 * Clients that leave; see leave-watch.h.
 */

#include <config.h>
#include "http/leave-watch.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "http/server.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_leave_watch);

struct leave_watch {
    int epoll_fd;
};

struct leave_watch *
leave_watch_create(void)
{
    struct leave_watch *watch = xzalloc(sizeof *watch);

    watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (watch->epoll_fd < 0) {
        ovs_fatal(errno, "cannot create an epoll set");
    }
    return watch;
}

void
leave_watch_destroy(struct leave_watch *watch)
{
    if (watch) {
        close(watch->epoll_fd);
        free(watch);
    }
}

/* A client that is not watched, because the kernel has no memory, is
 * answered later. */
void
leave_watch_add(struct leave_watch *watch, const struct http_request *rq,
                void *aux)
{
    struct epoll_event event = {
        .events = EPOLLRDHUP | EPOLLONESHOT,
        .data.ptr = aux,
    };

    if (epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, http_request_fd(rq),
                  &event)) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
        VLOG_WARN_RL(&rl, "cannot watch a connection: %s",
                     ovs_strerror(errno));
    }
}

void
leave_watch_remove(struct leave_watch *watch, const struct http_request *rq)
{
    epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, http_request_fd(rq), NULL);
}

void *
leave_watch_next(struct leave_watch *watch)
{
    struct epoll_event event;
    int n = epoll_wait(watch->epoll_fd, &event, 1, 0);

    return n > 0 ? event.data.ptr : NULL;
}

void
leave_watch_wait(const struct leave_watch *watch)
{
    poll_fd_wait(watch->epoll_fd, POLLIN);
}
