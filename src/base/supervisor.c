/* SPDX-License-Identifier: Apache-2.0
 *
 * Notifications to systemd; see supervisor.h.
 */

#include <config.h>
#include "base/supervisor.h"
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/limits.h"
#include "base/sd-compat.h"
#include "daemon.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

static struct {
    bool is_there;              /* A supervisor listens. */
    bool is_ending;             /* No more is told. */
    bool is_told;               /* That we are ready. */
    long long int ready_at_ms;  /* When that is told at the latest. */
    char *status;               /* As sent; NULL: not yet. */
    long long int status_at_ms; /* Not before this time again. */
    long long int watchdog_ms;  /* Between signs of life; 0: none wanted. */
    long long int alive_at_ms;  /* When the next is due. */
} supervisor;

void
supervisor_init(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    uint64_t usec = 0;

    supervisor.is_there = name && *name;
    if (!supervisor.is_there) {
        return;
    }
    supervisor.ready_at_ms = time_msec() + SUPERVISOR_READY_MS;
    if (sd_watchdog_enabled(false, &usec) > 0) {
        /* Half of the time, as sd_watchdog_enabled(3) recommends. */
        supervisor.watchdog_ms = MAX(usec / 2 / 1000, 1);
    }
    if (get_detach()) {
        /* The process that was started ends as soon as we serve. */
        char *text = xasprintf("MAINPID=%ld", (long int) getpid());

        sd_notify(false, text);
        free(text);
    }
}

bool
supervisor_wants_status(void)
{
    return (supervisor.is_there && !supervisor.is_ending
            && (!supervisor.is_told
                || time_msec() >= supervisor.status_at_ms));
}

static void
supervisor_send(const char *state, char *status)
{
    char *text = xasprintf("%sSTATUS=%s", state, status);

    sd_notify(false, text);
    free(text);
    free(supervisor.status);
    supervisor.status = status;
    supervisor.status_at_ms = time_msec() + SUPERVISOR_STATUS_MS;
}

static void
supervisor_tell_alive(void)
{
    long long int now_ms = time_msec();

    if (supervisor.watchdog_ms && now_ms >= supervisor.alive_at_ms) {
        sd_notify(false, "WATCHDOG=1");
        supervisor.alive_at_ms = now_ms + supervisor.watchdog_ms;
    }
}

void
supervisor_run(bool is_serving, char *status)
{
    bool is_news = (status
                    && !nullable_string_is_equal(status, supervisor.status));

    if (!supervisor.is_there || supervisor.is_ending || !status) {
        free(status);
    } else if (!supervisor.is_told
               && (is_serving || time_msec() >= supervisor.ready_at_ms)) {
        supervisor.is_told = true;
        supervisor_send("READY=1\n", status);
    } else if (is_news && time_msec() >= supervisor.status_at_ms) {
        supervisor_send("", status);
    } else {
        free(status);
    }
    supervisor_tell_alive();
}

void
supervisor_wait(void)
{
    bool tells = supervisor.is_there && !supervisor.is_ending;

    if (tells && time_msec() < supervisor.status_at_ms) {
        poll_timer_wait_until(supervisor.status_at_ms);
    }
    if (tells && !supervisor.is_told) {
        poll_timer_wait_until(supervisor.ready_at_ms);
    }
    if (supervisor.watchdog_ms) {
        poll_timer_wait_until(supervisor.alive_at_ms);
    }
}

void
supervisor_end(void)
{
    if (supervisor.is_there && !supervisor.is_ending) {
        sd_notify(false, "STOPPING=1\nSTATUS=ending");
    }
    supervisor.is_ending = true;
    free(supervisor.status);
    supervisor.status = NULL;
}
