/* SPDX-License-Identifier: Apache-2.0
 *
 * The address under which clients reach this API; see own-url.h.
 */

#include <config.h>
#include "api/own-url.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "api/origin.h"
#include "api/request.h"
#include "base/limits.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* What may be in a host with its port, and in a path, as they stand in a URL.
 * A header field that has something else is ignored. */
#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define HOST_BYTES ALNUM "-._~:[]"
#define PATH_BYTES ALNUM "-._~/%"

static bool
own_url_has_only(const char *text, const char *accepted)
{
    return *text && !text[strspn(text, accepted)];
}

bool
own_url_is_base(const char *url)
{
    const char *host = (!strncmp(url, "http://", 7) ? url + 7
                        : !strncmp(url, "https://", 8) ? url + 8 : "");
    const char *path = host + strcspn(host, "/");
    char *host_only = xmemdup0(host, path - host);
    bool is_base = (own_url_has_only(host_only, HOST_BYTES)
                    && (!*path || own_url_has_only(path, PATH_BYTES)));

    free(host_only);
    return is_base;
}

/* Returns the first word of a header field, which is that of the proxy next to
 * the client, or NULL if there is none, or it is long, or has other bytes than
 * 'accepted'.
 * The caller frees it.  A client that sends the field itself, through a proxy
 * that lets it pass, only gets links of its own choice. */
static char *
own_url_read_field(const struct request *request, const char *name,
                   const char *accepted)
{
    const char *text = http_request_header(request->http, name);
    char *word;

    if (!text) {
        return NULL;
    }
    text += strspn(text, " \t");
    word = xmemdup0(text, strcspn(text, ", \t"));
    if (strlen(word) > FORWARDED_BYTES_MAX
        || !own_url_has_only(word, accepted)) {
        free(word);
        return NULL;
    }
    return word;
}

/* Returns 'path' without 'prefix', which a proxy may leave on it. */
static const char *
own_url_skip_prefix(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);

    return (!strncmp(path, prefix, length)
            && (path[length] == '/' || !path[length])
            ? path + length : path);
}

static void
own_url_put_parts(struct ds *out, const char *base, const char *prefix,
                  const char *path)
{
    char *trimmed = xstrdup(prefix ? prefix : "");
    size_t length = strlen(trimmed);

    while (length && trimmed[length - 1] == '/') {
        trimmed[--length] = '\0';
    }
    ds_put_format(out, "%s%s%s", base, trimmed,
                  own_url_skip_prefix(path, trimmed));
    free(trimmed);
}

static void
own_url_put_forwarded(struct ds *out, const struct request *request,
                      const char *path)
{
    const char *asked = http_request_header(request->http, "Host");
    bool is_proxied = origin_is_proxied(request);
    char *scheme = NULL, *host = NULL, *prefix = NULL;

    if (is_proxied) {
        scheme = own_url_read_field(request, "X-Forwarded-Proto", ALNUM);
        host = own_url_read_field(request, "X-Forwarded-Host", HOST_BYTES);
        prefix = own_url_read_field(request, "X-Forwarded-Prefix",
                                    PATH_BYTES);
    }

    bool is_tls = (scheme ? !strcasecmp(scheme, "https")
                   : http_request_is_tls(request->http));
    char *base = xasprintf("http%s://%s", is_tls ? "s" : "",
                           host ? host : asked ? asked : "");
    own_url_put_parts(out, base, prefix && *prefix == '/' ? prefix : NULL,
                      path);
    free(base);
    free(scheme);
    free(host);
    free(prefix);
}

void
own_url_put(struct ds *out, const struct request *request)
{
    own_url_put_path(out, request, http_request_path(request->http));
}

void
own_url_put_path(struct ds *out, const struct request *request,
                 const char *path)
{
    const char *base_url = request->api->base_url;

    if (!base_url) {
        own_url_put_forwarded(out, request, path);
        return;
    }

    const char *host = strstr(base_url, "//") + 2;
    const char *prefix = host + strcspn(host, "/");
    char *base = xmemdup0(base_url, prefix - base_url);

    own_url_put_parts(out, base, prefix, path);
    free(base);
}
