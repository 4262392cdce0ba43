/* SPDX-License-Identifier: Apache-2.0
 *
 * Stopping; see stop.h.
 */

#include <config.h>
#include "api/stop.h"
#include "api/api.h"
#include "api/settle.h"
#include "base/limits.h"
#include "base/supervisor.h"
#include "base/terminate.h"
#include "http/server.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(stop);

static void
stop_begin(struct stop *stop, struct api *api, int seconds_max)
{
    long long int now_ms = time_msec();

    VLOG_INFO("stopping: %llu requests are not answered yet",
              api->n_requests - api->n_ended);
    *stop = (struct stop) {
        .has_begun = true,
        .linger_until_ms = now_ms + STOP_LINGER_MS,
        .deadline_ms = now_ms + seconds_max * 1000LL,
    };
    terminate_acknowledge();
    supervisor_end();
    http_server_stop(api->server);
    settle_close(api->settle);
}

/* A client that has a connection may be about to use it, so idle ones are not
 * closed at once; its next request has an answer that tells it to open
 * another. */
bool
stop_run(struct stop *stop, struct api *api, int seconds_max)
{
    long long int now_ms = time_msec();

    if (!terminate_requested()) {
        return false;
    }
    if (!stop->has_begun) {
        stop_begin(stop, api, seconds_max);
    }
    return (terminate_is_urgent()
            || now_ms >= stop->deadline_ms
            || (http_server_is_quiet(api->server)
                && (!http_server_n_connections(api->server)
                    || now_ms >= stop->linger_until_ms)));
}

void
stop_wait(const struct stop *stop)
{
    if (stop->has_begun) {
        poll_timer_wait_until(time_msec() < stop->linger_until_ms
                              ? stop->linger_until_ms : stop->deadline_ms);
    }
}
