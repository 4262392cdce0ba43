/* SPDX-License-Identifier: Apache-2.0
 *
 * Listeners: what is special about writing them.
 */

#include <config.h>
#include "api/listeners.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/write.h"
#include "model/checks.h"
#include "openvswitch/json.h"
#include "openvswitch/type-props.h"
#include "ovsdb-data.h"
#include "store/vip-rows.h"
#include "util.h"
#include "uuid.h"

static bool
listeners_set_not_found(struct request *request, enum resource_id resource,
                        const struct uuid *id)
{
    return fault_set_id(&request->fault, FAULT_NOT_FOUND,
                        resource_get(resource)->title, id);
}

static const struct ovsdb_idl_row *
listeners_find_default_pool(const struct request *request)
{
    const struct uuid *id = (request->attrs
                             ? attrs_uuid(request->attrs, "default_pool_id")
                             : NULL);

    return id ? rows_find(request->api->rows, RESOURCE_POOL, id) : NULL;
}

static bool
listeners_find(struct request *request, struct family *family)
{
    family->default_pool = listeners_find_default_pool(request);
    if (write_action(request) != WRITE_CREATE) {
        family->self = show_find(request);
        family->lb = (family->self
                      ? row_ref(family->self, COL_load_balancer, 0) : NULL);
        return (family->lb
                || listeners_set_not_found(request, RESOURCE_LISTENER,
                                           &request->object_id));
    }

    const struct uuid *id = attrs_uuid(request->attrs, "loadbalancer_id");
    family->lb = rows_find(request->api->rows, RESOURCE_LOAD_BALANCER, id);
    return (family->lb
            || listeners_set_not_found(request, RESOURCE_LOAD_BALANCER, id));
}

static const char *
listeners_find_protocol(const struct request *request,
                        const struct family *family)
{
    return (write_action(request) == WRITE_CREATE
            ? attrs_string(request->attrs, "protocol")
            : row_string(family->self, COL_protocol));
}

/* The pool must be one of the same load balancer, and speak the protocol. */
static bool
listeners_check_pool(struct request *request, const struct family *family)
{
    const struct ovsdb_idl_row *pool = family->default_pool;

    if (!attrs_has(request->attrs, "default_pool_id")) {
        return true;
    }
    if (!pool || row_ref(pool, COL_load_balancer, 0) != family->lb) {
        return listeners_set_not_found(request, RESOURCE_POOL,
                                       attrs_uuid(request->attrs,
                                                  "default_pool_id"));
    }
    return check_protocols(listeners_find_protocol(request, family),
                           row_string(pool, COL_protocol), &request->fault);
}

bool
listener_check_cidrs(struct request *request, const struct attrs *attrs,
                     const struct ovsdb_idl_row *lb)
{
    const struct ovsdb_datum *cidrs
        = &attrs_get_const(attrs, "allowed_cidrs")->datum;

    for (size_t i = 0; i < cidrs->n; i++) {
        const char *cidr = json_string(cidrs->keys[i].s);
        char *address = xmemdup0(cidr, strcspn(cidr, "/"));
        bool ok = vip_rows_have_version_of(lb, address);

        free(address);
        if (!ok) {
            char *vips = vip_rows_format_addresses(lb);

            fault_set_format(&request->fault, FAULT_VALIDATION,
                             "CIDR %s IP version incompatible with all VIPs "
                             "%s IP version.", cidr, vips);
            free(vips);
            return false;
        }
    }
    return true;
}

static bool
listeners_check_attrs(struct request *request, const struct family *family)
{
    return check_listener(request->attrs,
                          listeners_find_protocol(request, family),
                          &request->fault);
}

static bool
listeners_check_tls(struct request *request, const struct family *family)
{
    return check_listener_tls(request->attrs,
                              listeners_find_protocol(request, family),
                              &request->fault);
}

/* As in Octavia, an update's attributes are checked before the states, a new
 * listener's after them. */
static bool
listeners_check_early(struct request *request, const struct family *family)
{
    if (!request->attrs) {
        return true;
    }
    return ((write_action(request) == WRITE_CREATE
             || (listeners_check_attrs(request, family)
                 && listener_check_cidrs(request, request->attrs, family->lb)
                 && listeners_check_tls(request, family)))
            && listeners_check_pool(request, family));
}

bool
listener_refuse_duplicate(struct request *request, const char *protocol,
                          int64_t port)
{
    char text[INT_STRLEN(int64_t) + 1];

    snprintf(text, sizeof text, "%"PRId64, port);
    return fault_set(&request->fault, FAULT_DUPLICATE_LISTENER, protocol,
                     text);
}

static bool
listeners_check_port(struct request *request, const struct family *family)
{
    size_t n = row_get(family->lb, COL_listeners)->n;
    int64_t port = attrs_integer(request->attrs, "protocol_port");
    const char *protocol = attrs_string(request->attrs, "protocol");

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *other = row_ref(family->lb,
                                                    COL_listeners, i);

        if (other && row_integer(other, COL_protocol_port) == port
            && protocols_collide(protocol, row_string(other, COL_protocol))) {
            return listener_refuse_duplicate(request,
                                             row_string(other, COL_protocol),
                                             port);
        }
    }
    return true;
}

static bool
listeners_check(struct request *request, const struct family *family)
{
    return (write_action(request) != WRITE_CREATE
            || (listeners_check_attrs(request, family)
                && listeners_check_port(request, family)
                && listener_check_cidrs(request, request->attrs, family->lb)
                && listeners_check_tls(request, family)));
}

static void
listeners_attach(struct request *request, const struct family *family)
{
    row_add_ref(family->lb, COL_listeners, &request->object_id);
}

const struct write_rules listener_rules = {
    .find = listeners_find,
    .check_early = listeners_check_early,
    .counts_first = true,
    .check = listeners_check,
    .attach = listeners_attach,
};
