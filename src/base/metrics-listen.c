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

/* Splits HOST:PORT, where an IPv6 HOST is in brackets.  Returns false if
 * 'text' is anything else. */
static bool
metrics_listen_split(struct metrics_listen *listen)
{
    const char *host = listen->text;
    const char *colon = strrchr(host, ':');
    struct in6_addr ip;
    int port;

    if (!colon || !str_to_int(colon + 1, 10, &port)
        || port < 0 || port > UINT16_MAX) {
        return false;
    }

    size_t length = colon - host;
    bool has_brackets = length > 2 && *host == '[' && host[length - 1] == ']';
    listen->host = (has_brackets ? xmemdup0(host + 1, length - 2)
                    : xmemdup0(host, length));
    listen->port = port;
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
