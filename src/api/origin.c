/* SPDX-License-Identifier: Apache-2.0
 *
 * Origins of requests; see origin.h.
 */

#include <config.h>
#include "api/origin.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "api/request.h"
#include "base/ip.h"
#include "http/server.h"
#include "model/value-list.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "util.h"

char *
origin_parse_proxies(const char *text, struct svec *proxies)
{
    char *copy = xstrdup(text);
    char *wrong = NULL;
    char *save = NULL;

    for (char *word = strtok_r(copy, ", \t", &save); word && !wrong;
         word = strtok_r(NULL, ", \t", &save)) {
        char *proxy = (!strcmp(word, ORIGIN_UNIX) ? xstrdup(word)
                       : cidr_canonicalize(word));

        if (proxy) {
            svec_add_nocopy(proxies, proxy);
        } else {
            wrong = xstrdup(word);
        }
    }
    free(copy);
    return wrong;
}

/* Returns the other end of the connection, as origin_client() does. */
static char *
origin_peer(const struct request *request)
{
    return (http_request_is_unix(request->http) ? xstrdup(ORIGIN_UNIX)
            : http_request_peer(request->http));
}

/* True if the word of 'peer', which may be NULL, is taken. */
static bool
origin_is_trusted(const struct request *request, const char *peer)
{
    const struct svec *proxies = request->api->trusted_proxies;
    struct in6_addr ip;
    bool is_address = peer && ip_parse_any(peer, &ip);

    for (size_t i = 0; peer && i < proxies->n; i++) {
        const char *proxy = proxies->names[i];

        if (is_address && strcmp(proxy, ORIGIN_UNIX)
            ? cidr_contains(proxy, peer) : !strcmp(proxy, peer)) {
            return true;
        }
    }
    return false;
}

bool
origin_is_proxied(const struct request *request)
{
    char *peer = origin_peer(request);
    bool is_proxied = origin_is_trusted(request, peer);

    free(peer);
    return is_proxied;
}

/* --- The client ---------------------------------------------------------- */

static void
origin_join_field(const char *value, void *joined)
{
    ds_put_format(joined, ",%s", value);
}

/* Takes the last word off 'list'.  Returns NULL if there is none. */
static char *
origin_take_last(char *list)
{
    char *end = list + strlen(list);
    char *start;

    while (end > list && strchr(", \t", end[-1])) {
        *--end = '\0';
    }
    start = end;
    while (start > list && !strchr(", \t", start[-1])) {
        start--;
    }
    return start < end ? start : NULL;
}

/* Each proxy adds the address that it has seen to the end.  Read from there,
 * the first one that is no proxy of ours is the client: what is before it, the
 * client may have made up. */
static char *
origin_read_forwarded_for(const struct request *request, char *peer)
{
    struct ds joined = DS_EMPTY_INITIALIZER;
    char *list, *word;

    http_request_for_each_field(request->http, "X-Forwarded-For",
                                origin_join_field, &joined);
    list = ds_steal_cstr(&joined);
    while (origin_is_trusted(request, peer)
           && (word = origin_take_last(list))) {
        struct in6_addr ip;

        if (!ip_parse_any(word, &ip)) {
            break;
        }
        free(peer);
        peer = ip_format_any(&ip);
        *word = '\0';
    }
    free(list);
    return peer;
}

char *
origin_client(const struct request *request)
{
    return origin_read_forwarded_for(request, origin_peer(request));
}

/* --- Secrecy ------------------------------------------------------------- */

struct origin_schemes {
    bool has_any;
    bool has_other;             /* Than https. */
};

static void
origin_note_scheme(const char *value, void *schemes_)
{
    struct origin_schemes *schemes = schemes_;

    schemes->has_any = true;
    schemes->has_other |= strcasecmp(value, "https") != 0;
}

static void
origin_note_field(const char *value OVS_UNUSED, void *is_there)
{
    *(bool *) is_there = true;
}

/* True if a proxy has passed the request on, whether its word is taken or
 * not. */
static bool
origin_names_proxy(const struct request *request)
{
    static const char *const fields[] = {
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
        "Forwarded", "Via",
    };
    bool is_there = false;

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        http_request_for_each_field(request->http, fields[i],
                                    origin_note_field, &is_there);
    }
    return is_there;
}

static bool
origin_is_local(const char *peer)
{
    struct in6_addr ip;

    return (peer && (!strcmp(peer, ORIGIN_UNIX)
                     || (ip_parse_any(peer, &ip) && ip_is_loopback(&ip))));
}

/* A proxy on this machine must say how the client came: that it is local says
 * nothing.  All of its words must be "https", since a client may have sent one
 * of them. */
bool
origin_is_secure(const struct request *request)
{
    char *peer = origin_peer(request);
    bool is_private = http_request_is_tls(request->http)
                      || origin_is_local(peer);
    bool is_secure;

    if (origin_is_trusted(request, peer)) {
        struct origin_schemes schemes = { .has_any = false };

        http_request_for_each_field(request->http, "X-Forwarded-Proto",
                                    origin_note_scheme, &schemes);
        is_secure = (schemes.has_any ? !schemes.has_other
                     : is_private && !origin_names_proxy(request));
    } else {
        is_secure = (http_request_is_tls(request->http)
                     || (is_private && !origin_names_proxy(request)));
    }
    free(peer);
    return is_secure;
}
