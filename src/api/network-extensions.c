/* SPDX-License-Identifier: Apache-2.0
 *
 * Neutron's list of extensions: what clients may expect of networks, ports,
 * floating IPs and routers here.  Neutron's tags are not among them.
 */

#include <config.h>
#include <string.h>
#include "api/handlers.h"
#include "api/network-error.h"
#include "api/request.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static const struct network_extension {
    const char *alias, *name, *description;
} network_extensions[] = {
    { "empty-string-filtering", "Empty String Filtering Extension",
      "Filters may ask for an empty value" },
    { "external-net", "External network",
      "Networks have the attribute router:external" },
    { "filter-validation", "Filter parameters validation",
      "Unknown filters are refused" },
    { "ip-substring-filtering", "IP address substring filtering",
      "Filter of ports by a part of an address" },
    { "pagination", "Pagination support", "Lists in pages" },
    { "project-id", "project_id field enabled",
      "Objects have the attribute project_id" },
    { "router", "Neutron L3 Router",
      "Routers and floating IPs can be read" },
    { "security-group", "security-group",
      "Security groups can be listed; there are none" },
    { "sorting", "Sorting support", "Lists in an order" },
};

static void
network_extension_put(struct ds *out, const struct network_extension *ext)
{
    ds_put_format(out, "{\"alias\": \"%s\", \"name\": \"%s\", "
                  "\"description\": \"%s\", \"links\": [], "
                  "\"updated\": \"2026-11-29T00:00:00-00:00\"}",
                  ext->alias, ext->name, ext->description);
}

void
handle_extensions(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "{\"extensions\": [");
    for (size_t i = 0; i < ARRAY_SIZE(network_extensions); i++) {
        ds_put_cstr(&body, i ? ", " : "");
        network_extension_put(&body, &network_extensions[i]);
    }
    ds_put_cstr(&body, "]}");
    request_reply(request, &body);
}

void
handle_extension(struct request *request)
{
    const char *alias = request->path.ids[0];
    struct network_error error = { .type = NULL };

    for (size_t i = 0; i < ARRAY_SIZE(network_extensions); i++) {
        if (!strcmp(network_extensions[i].alias, alias)) {
            struct ds body = DS_EMPTY_INITIALIZER;

            ds_put_cstr(&body, "{\"extension\": ");
            network_extension_put(&body, &network_extensions[i]);
            ds_put_char(&body, '}');
            request_reply(request, &body);
            return;
        }
    }
    network_error_set(&error, 404, "HTTPNotFound",
                      "Extension with alias %s does not exist", alias);
    network_error_reply(&error, request);
}
