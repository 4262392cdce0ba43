/* SPDX-License-Identifier: Apache-2.0
 *
 * What clients of the API send.  An object that is taken, written out and sent
 * again is the same object; what is not taken is answered with a fault.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "api/routes.h"
#include "attrs-check.h"
#include "base/json-read.h"
#include "check.h"
#include "fuzz.h"
#include "model/attrs.h"
#include "model/checks.h"
#include "openvswitch/json.h"
#include "util.h"

/* --- Bodies -------------------------------------------------------------- */

/* The rules that concern more than one attribute; that what OVN cannot do is
 * found; and the object once more. */
static void
check_attrs(struct attrs *attrs)
{
    const struct attrs_leeway leeway = { .takes_dispensable = true };
    enum resource_id resource = attrs->resource->id;
    struct fault *fault = NULL;
    bool ok = attrs_are_supported(attrs, &leeway, &fault);

    if (ok) {
        check_attrs_again(attrs);
    }
    if (ok && resource == RESOURCE_LISTENER) {
        /* Of a PUT, it is the stored one. */
        const char *protocol = attrs_string(attrs, "protocol");

        ok = check_listener(attrs, protocol ? protocol : "HTTP", &fault);
    } else if (ok && resource == RESOURCE_POOL) {
        ok = check_persistence(attrs, attrs_string(attrs, "protocol"), NULL,
                               &fault);
    } else if (ok && resource == RESOURCE_HEALTH_MONITOR
               && attrs_has(attrs, "type")) {
        const char *type = attrs_string(attrs, "type");

        ok = (check_monitor_type(type, "TCP", &fault)
              && check_monitor_delay(attrs, type, &fault)
              && check_monitor(attrs, type, &fault));
    }
    ovs_assert(ok == !fault);
    if (!ok) {
        check_fault(fault);
    }
}

/* A letter for the kind of object, "P" for PUT or another one for POST, and
 * the body. */
void
fuzz_body(const char *data, size_t size)
{
    static const char letters[] = "blpmvh";     /* As enum resource_id. */
    const char *letter = size >= 2 ? strchr(letters, data[0]) : NULL;

    if (!letter || *letter == 'v' || !*letter
        || json_is_wide(data + 2, size - 2)) {
        return;
    }

    struct json *json = json_read(data + 2, size - 2);
    if (json) {
        struct fault *fault = NULL;
        struct attrs *attrs = attrs_parse(resource_get(letter - letters),
                                          data[1] == 'P' ? ATTRS_PUT
                                          : ATTRS_POST, json, &fault);

        ovs_assert(!attrs == !!fault);
        if (attrs) {
            check_attrs(attrs);
            attrs_destroy(attrs);
        } else {
            check_fault(fault);
        }
        json_destroy(json);
    }
}

/* --- Paths --------------------------------------------------------------- */

/* A method, a blank, and a path. */
void
fuzz_path(const char *data, size_t size OVS_UNUSED)
{
    const char *path = strchr(data, ' ');
    struct route_path parts = { .text = NULL };
    struct ds allow = DS_EMPTY_INITIALIZER;
    struct fault *fault = NULL;

    if (!path) {
        return;
    }

    char *method = xmemdup0(data, path - data);
    const struct route *route = route_find(&parts, method, path + 1, &allow,
                                           &fault);

    ovs_assert(!route == !!fault);
    if (route) {
        ovs_assert(!strcmp(route->method, "*")
                   || !strcmp(route->method, method));
        ovs_assert(parts.n_ids <= ROUTE_IDS_MAX);
        for (size_t i = 0; i < parts.n_ids; i++) {
            ovs_assert(*parts.ids[i] && !strchr(parts.ids[i], '/'));
        }
    } else {
        ovs_assert((fault->code == 405) == (allow.length > 0));
        check_fault(fault);
    }
    free(parts.text);
    ds_destroy(&allow);
    free(method);
}
