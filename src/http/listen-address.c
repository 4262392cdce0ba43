/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads where to listen; see listen-address.h.
 */

#include <config.h>
#include "http/listen-address.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "util.h"

/* True if 'host' is an address, which may name its link ("fe80::1%eth0"). */
static bool
listen_address_is_host(const char *host)
{
    char *address = xmemdup0(host, strcspn(host, "%"));
    struct in6_addr ip;
    bool is_address = (inet_pton(AF_INET6, address, &ip) == 1
                       || inet_pton(AF_INET, address, &ip) == 1);

    free(address);
    return is_address;
}

/* Takes HOST:PORT, where an IPv6 HOST is in brackets.  Returns what is wrong,
 * in static storage, or NULL. */
static const char *
listen_address_take_host(struct listen_address *address, const char *host)
{
    bool has_brackets;

    if (!ip_split_endpoint(host, &address->host, &has_brackets,
                           &address->port)) {
        return "must be HOST:PORT, https://HOST:PORT or unix:PATH";
    }
    if (*address->host && !listen_address_is_host(address->host)) {
        return "must be HOST:PORT, and HOST an address (IPv6 in brackets)";
    }
    return NULL;
}

static const char *
listen_address_take(struct listen_address *address, const char *text)
{
    if (!strncmp(text, "unix:", 5)) {
        address->path = xstrdup(text + 5);
        return text[5] == '/' ? NULL : "must be unix: and an absolute path";
    }
    if (!strncmp(text, "https://", 8)) {
        address->is_tls = true;
        text += 8;
    } else if (!strncmp(text, "http://", 7)) {
        text += 7;
    }
    return listen_address_take_host(address, text);
}

static bool
listen_address_equals(const struct listen_address *a,
                      const struct listen_address *b)
{
    return (nullable_string_is_equal(a->path, b->path)
            && nullable_string_is_equal(a->host, b->host)
            && a->port == b->port && (a->path || a->port));
}

/* Adds 'text', and returns what is wrong with it, in static storage, or
 * NULL. */
static const char *
listen_addresses_add(struct listen_addresses *addresses, const char *text)
{
    addresses->list = xrealloc(addresses->list, (addresses->n + 1)
                               * sizeof *addresses->list);

    struct listen_address *address = &addresses->list[addresses->n++];
    *address = (struct listen_address) { .text = xstrdup(text) };
    const char *wrong = listen_address_take(address, text);
    for (size_t i = 0; !wrong && i + 1 < addresses->n; i++) {
        if (listen_address_equals(&addresses->list[i], address)) {
            wrong = "is there twice";
        }
    }
    return wrong;
}

char *
listen_addresses_parse(struct listen_addresses *addresses, const char *text)
{
    char *copy = xstrdup(text);
    char *save = NULL;
    char *error = NULL;

    for (char *word = strtok_r(copy, ", \t", &save); word && !error;
         word = strtok_r(NULL, ", \t", &save)) {
        const char *wrong = listen_addresses_add(addresses, word);

        if (wrong) {
            /* The whole text is known to the reader. */
            error = (strcmp(word, text) ? xasprintf("%s %s", word, wrong)
                     : xstrdup(wrong));
        }
    }
    free(copy);
    return error ? error : addresses->n ? NULL
           : xstrdup("must be HOST:PORT, https://HOST:PORT or unix:PATH");
}

void
listen_addresses_destroy(struct listen_addresses *addresses)
{
    for (size_t i = 0; i < addresses->n; i++) {
        free(addresses->list[i].text);
        free(addresses->list[i].host);
        free(addresses->list[i].path);
    }
    free(addresses->list);
    *addresses = (struct listen_addresses) { .n = 0 };
}

bool
listen_address_is_local(const struct listen_address *address)
{
    struct in6_addr ip;

    return (address->path
            || (ip_parse_any(address->host, &ip) && ip_is_loopback(&ip)));
}

static bool
listen_address_is_ipv4(const struct listen_address *address)
{
    return address->host && !strchr(address->host, ':');
}

bool
listen_addresses_is_ipv6_only(const struct listen_addresses *addresses,
                              const struct listen_address *address)
{
    for (size_t i = 0; address->port && i < addresses->n; i++) {
        if (listen_address_is_ipv4(&addresses->list[i])
            && addresses->list[i].port == address->port) {
            return true;
        }
    }
    return false;
}
