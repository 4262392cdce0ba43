/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects and bodies of routes; see route-body.h.
 */

#include <config.h>
#include "api/route-body.h"
#include <string.h>
#include "api/absent.h"
#include "api/handlers.h"
#include "api/routes.h"
#include "model/quota.h"
#include "util.h"

const struct resource *
route_resource(const struct route *route)
{
    const struct resource *absent = absent_find(route);

    return (absent ? absent
            : route->resource == NO_RESOURCE ? NULL
            : route->resource == QUOTA_RESOURCE ? &quota_resource
            : resource_get(route->resource));
}

const struct resource *
route_body_resource(const struct route *route)
{
    return route_writes_list(route) ? &member_list : route_resource(route);
}

bool
route_body_is_new(const struct route *route)
{
    return (route_writes_list(route) || route->handle == handle_tree_write
            || !strcmp(route->method, "POST"));
}

bool
route_takes_body(const struct route *route)
{
    return (route_writes_list(route)
            || ((route->handle == handle_write
                 || route->handle == handle_tree_write
                 || route->handle == handle_quota_write
                 || absent_takes_body(route))
                && (!strcmp(route->method, "POST")
                    || !strcmp(route->method, "PUT"))));
}
