/* SPDX-License-Identifier: Apache-2.0
 *
 * Discovery: which versions of Octavia's API this is.
 */

#include <config.h>
#include <string.h>
#include "api/handlers.h"
#include "api/identity-views.h"
#include "api/own-url.h"
#include "api/request.h"
#include "base/json-write.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* For information only: every feature is always on.  The dates are Octavia's,
 * v2.7's year too. */
static const struct {
    const char *id;
    const char *updated;
} versions[] = {
    { "v2.0", "2016-12-11T00:00:00Z" },
    { "v2.1", "2018-04-20T00:00:00Z" },
    { "v2.2", "2018-07-31T00:00:00Z" },
    { "v2.3", "2018-12-18T00:00:00Z" },
    { "v2.4", "2018-12-19T00:00:00Z" },
    { "v2.5", "2019-01-21T00:00:00Z" },
    { "v2.6", "2019-01-25T00:00:00Z" },
    { "v2.7", "2018-01-25T12:00:00Z" },
    { "v2.8", "2019-02-12T00:00:00Z" },
    { "v2.9", "2019-03-04T00:00:00Z" },
    { "v2.10", "2019-03-05T00:00:00Z" },
    { "v2.11", "2019-06-24T00:00:00Z" },
    { "v2.12", "2019-09-11T00:00:00Z" },
    { "v2.13", "2019-09-13T00:00:00Z" },
    { "v2.14", "2019-11-10T00:00:00Z" },
    { "v2.15", "2020-03-10T00:00:00Z" },
    { "v2.16", "2020-03-15T00:00:00Z" },
    { "v2.17", "2020-04-29T00:00:00Z" },
    { "v2.18", "2020-04-29T01:00:00Z" },
    { "v2.19", "2020-05-12T00:00:00Z" },
    { "v2.20", "2020-08-02T00:00:00Z" },
    { "v2.21", "2020-09-03T00:00:00Z" },
    { "v2.22", "2020-09-04T00:00:00Z" },
    { "v2.23", "2020-09-07T00:00:00Z" },
    { "v2.24", "2020-10-15T00:00:00Z" },
    { "v2.25", "2021-10-02T00:00:00Z" },
    { "v2.26", "2022-08-29T00:00:00Z" },
    { "v2.27", "2023-05-05T00:00:00Z" },
    { "v2.28", "2023-11-08T00:00:00Z" },
    { "v2.29", "2024-10-15T00:00:00Z" },
    { "v2.30", "2025-02-26T00:00:00Z" },
};

/* Appends the request's own URL, with a final slash, and "v2" behind it. */
static void
versions_put_href(struct ds *href, const struct request *request)
{
    own_url_put(href, request);
    if (ds_last(href) != '/') {
        ds_put_char(href, '/');
    }
    ds_put_cstr(href, "v2");
}

/* True at "/", where clients that log in look for Identity, too.  The catalog
 * leads those of Octavia to "/load-balancer". */
static bool
versions_has_identity(const struct request *request)
{
    return (request->api->local
            && !strcmp(http_request_path(request->http), "/"));
}

void
handle_versions(struct request *request)
{
    struct ds href = DS_EMPTY_INITIALIZER;
    struct ds body = DS_EMPTY_INITIALIZER;

    versions_put_href(&href, request);
    ds_put_cstr(&body, "{\"versions\": [");
    if (versions_has_identity(request)) {
        identity_put_version(&body, request);
        ds_put_cstr(&body, ", ");
    }
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        bool is_last = i + 1 == ARRAY_SIZE(versions);

        ds_put_format(&body, "%s{\"id\": \"%s\", \"status\": \"%s\", "
                      "\"updated\": \"%s\", \"links\": [{\"href\": ",
                      i ? ", " : "", versions[i].id,
                      is_last ? "CURRENT" : "SUPPORTED", versions[i].updated);
        json_put_string(&body, ds_cstr(&href), href.length);
        ds_put_cstr(&body, ", \"rel\": \"self\"}]}");
    }
    ds_put_cstr(&body, "]}");
    ds_destroy(&href);
    request_reply(request, &body);
}

void
handle_v2(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "\"v2\"");
    request_reply(request, &body);
}
