/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups in Keystone's catalog; see catalog.h.
 */

#include <config.h>
#include "auth/catalog.h"
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "util.h"

/* Returns the length of 'url' without slashes at its end. */
static size_t
endpoint_trim_slashes(const char *url, size_t n)
{
    while (n && url[n - 1] == '/') {
        n--;
    }
    return n;
}

/* Returns the length without a last part such as "/v3" or "/v2.0". */
static size_t
endpoint_trim_version(const char *url, size_t n)
{
    size_t i = n;

    while (i && (isdigit((unsigned char) url[i - 1]) || url[i - 1] == '.')) {
        i--;
    }
    return (i < n && i >= 2 && url[i - 1] == 'v' && url[i - 2] == '/'
            ? i - 2
            : n);
}

char *
endpoint_normalize(const char *url)
{
    if (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8)) {
        return NULL;
    }

    size_t n = endpoint_trim_slashes(url, strlen(url));
    n = endpoint_trim_slashes(url, endpoint_trim_version(url, n));
    return xmemdup0(url, n);
}

/* True if 'wanted' is the interface 'given'.  Ignores the suffix in
 * "internalURL", which old configurations have. */
static bool
endpoint_interface_is(const char *wanted, const char *given)
{
    size_t n = strlen(wanted);

    if (n > 3 && !strcasecmp(wanted + n - 3, "URL")) {
        n -= 3;
    }
    return strlen(given) == n && !strncasecmp(wanted, given, n);
}

static bool
endpoint_is_in_region(const char *region, const struct json *endpoint)
{
    const char *id = json_member_string(endpoint, "region_id");

    if (!id) {
        id = json_member_string(endpoint, "region");
    }
    return !region || (id && !strcmp(id, region));
}

static char *
catalog_find_endpoint(const struct json *service, const char *interface,
                      const char *region)
{
    const struct json *endpoints = json_member(service, "endpoints");

    for (size_t i = 0; (endpoints && endpoints->type == JSON_ARRAY
                        && i < json_array_size(endpoints)); i++) {
        const struct json *endpoint = json_array_at(endpoints, i);
        const char *given = json_member_string(endpoint, "interface");
        const char *url = json_member_string(endpoint, "url");
        char *normal = NULL;

        if (given && url && endpoint_interface_is(interface, given)
            && endpoint_is_in_region(region, endpoint)) {
            normal = endpoint_normalize(url);
        }
        if (normal) {
            return normal;
        }
    }
    return NULL;
}

char *
catalog_find(const struct json *catalog, const char *type,
             const char *const *interfaces, const char *region)
{
    for (size_t i = 0; interfaces[i]; i++) {
        for (size_t j = 0; (catalog && catalog->type == JSON_ARRAY
                            && j < json_array_size(catalog)); j++) {
            const struct json *service = json_array_at(catalog, j);
            const char *given = json_member_string(service, "type");
            char *url = NULL;

            if (given && !strcmp(given, type)) {
                url = catalog_find_endpoint(service, interfaces[i], region);
            }
            if (url) {
                return url;
            }
        }
    }
    return NULL;
}
