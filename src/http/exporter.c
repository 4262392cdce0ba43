/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics over HTTP; see exporter.h.
 */

#include <config.h>
#include "http/exporter.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "base/metrics-listen.h"
#include "base/metrics.h"
#include "http/listen-address.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(exporter);

/* How often the server is run, at most, while the daemon is busy.  In each
 * turn of the loop it would cost three percent of a GET of the API; a page may
 * come some hundredths of a second later. */
#define TURN_MS 10

#define EXPORTER_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exporter {
    const struct metrics_listen *where;
    struct http_server *server; /* NULL: not served (yet). */
    long long int next_ms;      /* When the server is run again. */
    bool has_run;               /* In this turn of the loop. */
    long long int retry_ms;
    bool has_complained;
};

static void
exporter_refuse(struct http_request *http, int status, const char *text)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_format(&body, "%s\n", text);
    http_reply(http, status, "text/plain; charset=utf-8", &body);
}

static void
exporter_answer(struct http_request *http, void *aux OVS_UNUSED)
{
    const char *method = http_request_method(http);
    struct ds body = DS_EMPTY_INITIALIZER;

    /* A server without connections costs next to nothing. */
    http_request_add_header(http, "Connection", "close");
    if (strcmp(http_request_path(http), "/metrics")) {
        exporter_refuse(http, 404, "There is only /metrics.");
    } else if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
        http_request_add_header(http, "Allow", "GET, HEAD");
        exporter_refuse(http, 405, "There are only GET and HEAD.");
    } else {
        metrics_format(&body);
        http_reply(http, 200, EXPORTER_TYPE, &body);
    }
}

static char *
exporter_listen(struct exporter *exporter)
{
    const struct metrics_listen *where = exporter->where;
    struct listen_address address = {
        .text = where->text, .host = where->host, .port = where->port,
    };
    const struct listen_addresses addresses = { &address, 1 };
    const struct http_server_options options = {
        .addresses = &addresses,
        .connections_max = METRICS_CONNECTIONS_MAX,
        .idle_timeout_s = METRICS_IDLE_TIMEOUT_S,
        .stranger_timeout_s = METRICS_IDLE_TIMEOUT_S,
        .answers_bytes_max = METRICS_ANSWERS_BYTES_MAX,
    };
    const struct http_handlers handlers = { .complete = exporter_answer };
    char *text = NULL;

    exporter->server = http_server_open(&options, &handlers, NULL, &text);
    return text;
}

/* Several daemons of a kind on one machine share the default address: one has
 * it, which is as it should be.  An address that was asked for is another
 * matter. */
static void
exporter_try(struct exporter *exporter)
{
    const struct metrics_listen *where = exporter->where;
    char *trouble = exporter_listen(exporter);

    if (!trouble) {
        VLOG_INFO("metrics on %s port %"PRIu16, where->host,
                  http_server_port(exporter->server));
        return;
    }
    exporter->retry_ms = time_msec() + METRICS_RETRY_MS;
    if (!exporter->has_complained) {
        exporter->has_complained = true;
        VLOG(where->is_default ? VLL_INFO : VLL_WARN,
             "metrics cannot be served on %s for now (%s)", where->text,
             trouble);
    }
    free(trouble);
}

struct exporter *
exporter_create(const struct metrics_listen *where)
{
    struct exporter *exporter = xzalloc(sizeof *exporter);

    exporter->where = where;
    if (where->host) {
        exporter_try(exporter);
    }
    return exporter;
}

void
exporter_destroy(struct exporter *exporter)
{
    http_server_close(exporter->server);
    free(exporter);
}

void
exporter_run(struct exporter *exporter)
{
    long long int now_ms = time_msec();

    if (exporter->server) {
        exporter->has_run = now_ms >= exporter->next_ms;
        if (exporter->has_run) {
            exporter->next_ms = now_ms + TURN_MS;
            http_server_run(exporter->server);
        }
    } else if (exporter->where->host && now_ms >= exporter->retry_ms) {
        exporter_try(exporter);
    }
}

/* Looks at the server's sockets only in a turn in which it has run.  After
 * others, which come close to each other in a busy daemon, the clock wakes the
 * loop for that. */
void
exporter_wait(struct exporter *exporter)
{
    if (exporter->server && exporter->has_run) {
        http_server_wait(exporter->server);
    } else if (exporter->server) {
        poll_timer_wait_until(exporter->next_ms);
    } else if (exporter->where->host) {
        poll_timer_wait_until(exporter->retry_ms);
    }
}
