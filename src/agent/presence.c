/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking whether octavia-driver-agent is there; see presence.h.
 */

#include <config.h>
#include "agent/presence.h"
#include <limits.h>
#include <stdlib.h>
#include "base/limits.h"
#include "octavia/exchange.h"
#include "octavia/status-socket.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(presence);

struct presence {
    const struct exchanger *reports;
    struct exchanger *probes;   /* The same socket. */
    bool is_away;
    long long int away_since_ms;
    long long int probe_at_ms;  /* If it is away. */
    struct exchange *probe;     /* Under way, or NULL... */
    long long int probe_ms;     /* ...since then. */
};

struct presence *
presence_create(const struct exchanger *reports)
{
    struct presence *presence = xzalloc(sizeof *presence);

    presence->reports = reports;
    presence->probes = exchanger_create(exchanger_path(reports), 1, 0);
    return presence;
}

void
presence_destroy(struct presence *presence)
{
    if (presence) {
        exchanger_destroy(presence->probes);
        free(presence);
    }
}

void
presence_set_away(struct presence *presence, const char *error)
{
    if (!presence->is_away) {
        VLOG_WARN("%s: %s: reports to Octavia wait",
                  exchanger_path(presence->reports), error);
        presence->is_away = true;
        presence->away_since_ms = time_msec();
    }
    presence->probe_at_ms = time_msec() + STATUS_PROBE_MS;
}

void
presence_set_there(struct presence *presence)
{
    if (presence->is_away) {
        VLOG_INFO("%s: reports to Octavia go on",
                  exchanger_path(presence->reports));
        presence->is_away = false;
    }
}

bool
presence_is_away(const struct presence *presence)
{
    return presence->is_away;
}

bool
presence_is_long_away(const struct presence *presence)
{
    return (presence->is_away
            && time_msec() >= presence->away_since_ms + STATUS_AWAY_MS);
}

static void
take_probe(const struct status_reply *reply, void *presence_)
{
    struct presence *presence = presence_;

    presence->probe = NULL;
    if (reply->result == STATUS_AWAY) {
        presence_set_away(presence, reply->error);
    } else {
        presence_set_there(presence);
    }
}

static long long int
next_probe_ms(const struct presence *presence)
{
    long long int silent_ms = exchanger_silent_since_ms(presence->reports);

    return (presence->is_away ? presence->probe_at_ms
            : silent_ms == LLONG_MAX ? LLONG_MAX
            : silent_ms + STATUS_SILENT_MS);
}

/* A probe is a report of nothing, which Octavia takes. */
void
presence_run(struct presence *presence)
{
    if (!presence->probe) {
        if (time_msec() >= next_probe_ms(presence)) {
            presence->probe = status_send(presence->probes, NULL, 0,
                                          take_probe, presence);
            presence->probe_ms = time_msec();
        }
    } else if (!presence->is_away
               && time_msec() >= presence->probe_ms + STATUS_SILENT_MS) {
        presence_set_away(presence, "no answer");
    }
    exchanger_run(presence->probes);
}

void
presence_wait(struct presence *presence)
{
    exchanger_wait(presence->probes);
    if (!presence->probe) {
        poll_timer_wait_until(next_probe_ms(presence));
    } else if (!presence->is_away) {
        poll_timer_wait_until(presence->probe_ms + STATUS_SILENT_MS);
    }
    if (presence->is_away && !presence_is_long_away(presence)) {
        poll_timer_wait_until(presence->away_since_ms + STATUS_AWAY_MS);
    }
}
