/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals as events; see terminate.h.
 */

#include <config.h>
#include "base/terminate.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/ovs-compat.h"
#include "openvswitch/poll-loop.h"
#include "util.h"

static volatile sig_atomic_t n_requests;
static int event_fd = -1;

void
terminate_request(void)
{
    uint64_t one = 1;

    n_requests = n_requests ? 2 : 1;
    ovs_ignore(write(event_fd, &one, sizeof one));
}

static void
handle_signal(int sig OVS_UNUSED)
{
    int saved_errno = errno;

    terminate_request();
    errno = saved_errno;
}

void
terminate_init(void)
{
    struct sigaction action = { .sa_handler = handle_signal };

    event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0) {
        ovs_fatal(errno, "eventfd");
    }
    if (sigaction(SIGTERM, &action, NULL)
        || sigaction(SIGINT, &action, NULL)) {
        ovs_fatal(errno, "sigaction");
    }
}

bool
terminate_requested(void)
{
    return n_requests > 0;
}

bool
terminate_is_urgent(void)
{
    return n_requests > 1;
}

void
terminate_acknowledge(void)
{
    uint64_t n;

    ovs_ignore(read(event_fd, &n, sizeof n));
}

void
terminate_wait(void)
{
    poll_fd_wait(event_fd, POLLIN);
}
