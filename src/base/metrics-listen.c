/* SPDX-License-Identifier: Apache-2.0
 *
 * Where metrics are served; see metrics-listen.h.
 */

#include <config.h>
#include "base/metrics-listen.h"
#include <stdlib.h>
#include <string.h>
#include "base/config.h"
#include "base/ip.h"
#include "util.h"

/* Returns false if the text is not HOST:PORT, where an IPv6 HOST is in
 * brackets. */
static bool
metrics_listen_split(struct metrics_listen *listen)
{
    bool has_brackets;
    struct in6_addr ip;

    if (!ip_split_endpoint(listen->text, &listen->host, &has_brackets,
                           &listen->port)) {
        return false;
    }
    if (ip_parse_any(listen->host, &ip)
        && has_brackets == (strchr(listen->host, ':') != NULL)) {
        return true;
    }
    free(listen->host);
    listen->host = NULL;
    return false;
}

void
metrics_listen_finish(struct metrics_listen *listen, const char *fallback,
                      struct config *config)
{
    listen->is_default = !strcmp(listen->text, fallback);
    if (*listen->text && strcmp(listen->text, "none")
        && !metrics_listen_split(listen)) {
        config_fault(config, &listen->text, "must be HOST:PORT, and HOST an "
                     "address (IPv6 in brackets), or none");
    }
}

void
metrics_listen_destroy(struct metrics_listen *listen)
{
    free(listen->text);
    free(listen->host);
}
