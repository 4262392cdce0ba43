/* SPDX-License-Identifier: Apache-2.0
 *
 * The setting that says where a daemon serves its metrics: HOST:PORT, or
 * nowhere ("none", or nothing).
 */

#ifndef BASE_METRICS_LISTEN_H
#define BASE_METRICS_LISTEN_H 1

#include <stdbool.h>
#include <stdint.h>

struct config;

struct metrics_listen {
    char *text;                 /* As given. */
    char *host;                 /* Its parts; NULL: not served. */
    uint16_t port;
    bool is_default;            /* Nothing was given. */
};

/* Each daemon has a port of its own. */
#define METRICS_LISTEN_API "127.0.0.1:9877"
#define METRICS_LISTEN_DRIVER "127.0.0.1:9878"
#define METRICS_LISTEN_AGENT "127.0.0.1:9879"

/* The row of the option in [SECTION]. */
#define METRICS_LISTEN_OPTION(SECTION, LISTEN, DEFAULT)                 \
    { "metrics-listen", "HOST:PORT", "where to serve /metrics for\n"    \
      "Prometheus, or none (default:\n" DEFAULT ")",                    \
      { SECTION, "metrics_listen", &(LISTEN)->text, NULL } }

/* Notes a fault in 'config' if the text is wrong.  'fallback' is the
 * default. */
void metrics_listen_finish(struct metrics_listen *, const char *fallback,
                           struct config *);
void metrics_listen_destroy(struct metrics_listen *);

#endif /* base/metrics-listen.h */
