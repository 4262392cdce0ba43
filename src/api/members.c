/* SPDX-License-Identifier: Apache-2.0
 *
 * Members: what is special about writing them.
 */

#include <config.h>
#include <inttypes.h>
#include <stdio.h>
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/write.h"
#include "model/checks.h"
#include "model/value.h"
#include "net/net.h"
#include "openvswitch/type-props.h"
#include "ovsdb-data.h"
#include "store/vip-rows.h"
#include "util.h"
#include "uuid.h"

static enum prepare_result
members_refuse_subnet(struct request *request, const struct uuid *id)
{
    fault_set_id(&request->fault, FAULT_INVALID_SUBRESOURCE, "Subnet", id);
    return PREPARE_REFUSED;
}

/* A member without a subnet must be in the VIP's. */
static enum prepare_result
members_look_at_vip_subnet(struct request *request)
{
    const struct ovsdb_idl_row *pool = show_find_pool(request);
    const struct ovsdb_idl_row *lb
        = pool ? row_ref(pool, COL_load_balancer, 0) : NULL;
    const struct uuid *id = lb ? row_uuid(lb, COL_vip_subnet_id) : NULL;
    const char *address = attrs_string(request->attrs, "address");
    struct net_subnet subnet;
    enum net_answer answer;

    if (!pool) {
        return PREPARE_REFUSED;
    }
    answer = (id ? net_get_subnet(request->api->net, id, &subnet)
              : NET_MISSING);
    request->write->subnet_is_missing
        = (answer == NET_MISSING
           || (answer == NET_FOUND && !cidr_contains(subnet.cidr, address)));
    return answer == NET_WAIT ? PREPARE_WAIT : PREPARE_READY;
}

static enum prepare_result
members_prepare(struct request *request)
{
    if (write_action(request) != WRITE_CREATE) {
        return PREPARE_READY;
    }

    enum prepare_result result = write_await_net(request);

    if (result != PREPARE_READY) {
        return result;
    }

    const struct uuid *id = attrs_uuid(request->attrs, "subnet_id");
    struct net_subnet subnet;

    if (!id) {
        return members_look_at_vip_subnet(request);
    }
    switch (net_get_subnet(request->api->net, id, &subnet)) {
    case NET_FOUND:
        return PREPARE_READY;
    case NET_WAIT:
        return PREPARE_WAIT;
    case NET_MISSING:
    default:
        /* The pool comes first in the path, and in the answer. */
        return (show_find_pool(request) ? members_refuse_subnet(request, id)
                : PREPARE_REFUSED);
    }
}

static bool
members_find(struct request *request, struct family *family)
{
    if (write_action(request) == WRITE_CREATE) {
        family->pool = show_find_pool(request);
    } else {
        family->self = show_find(request);
        family->pool = (family->self
                        ? row_ref(family->self, COL_pool, 0) : NULL);
    }
    family->lb = (family->pool
                  ? row_ref(family->pool, COL_load_balancer, 0) : NULL);
    return family->lb || fault_set(&request->fault, FAULT_PARENT_NOT_FOUND,
                                   "Pool", request->path.ids[0]);
}

static bool
members_check_early(struct request *request,
                    const struct family *family OVS_UNUSED)
{
    return (write_action(request) != WRITE_CREATE
            || check_member_address(attrs_string(request->attrs, "address"),
                                    &request->fault));
}

static bool
members_check_duplicate(struct request *request, const struct family *family)
{
    size_t n = row_get(family->pool, COL_members)->n;
    const char *address = attrs_string(request->attrs, "address");
    int64_t port = attrs_integer(request->attrs, "protocol_port");

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *other = row_ref(family->pool,
                                                    COL_members, i);

        if (other && row_integer(other, COL_protocol_port) == port
            && addresses_are_equal(row_string(other, COL_address), address)) {
            char text[INT_STRLEN(int64_t) + 1];

            snprintf(text, sizeof text, "%"PRId64, port);
            return fault_set(&request->fault, FAULT_DUPLICATE_MEMBER,
                             address, text);
        }
    }
    return true;
}

static bool
members_check(struct request *request, const struct family *family)
{
    if (write_action(request) != WRITE_CREATE) {
        return true;
    }

    const char *address = attrs_string(request->attrs, "address");

    return (members_check_duplicate(request, family)
            && check_member_version(vip_rows_have_version_of(family->lb,
                                                             address),
                                    &request->fault)
            && check_member_subnet(!request->write->subnet_is_missing,
                                   false, &request->fault));
}

static void
members_attach(struct request *request, const struct family *family)
{
    row_write_uuid(family->self, COL_pool, row_id(family->pool));
    if (!row_uuid(family->pool, COL_health_monitor)) {
        row_write_string(family->self, COL_operating_status, "NO_MONITOR");
    }
    row_add_ref(family->pool, COL_members, &request->object_id);
}

const struct write_rules member_rules = {
    .prepare = members_prepare,
    .find = members_find,
    .check_early = members_check_early,
    .check = members_check,
    .attach = members_attach,
};
