/* SPDX-License-Identifier: Apache-2.0
 *
 * Members: what is special about writing one of them.  For a list of all, see
 * member-list.c.
 */

#include <config.h>
#include "api/members.h"
#include <inttypes.h>
#include <stdio.h>
#include "api/member-places.h"
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/write.h"
#include "model/checks.h"
#include "openvswitch/type-props.h"
#include "ovsdb-data.h"
#include "util.h"

static enum prepare_result
members_prepare(struct request *request)
{
    return (write_action(request) == WRITE_CREATE
            ? member_places_prepare(request, &request->attrs, 1)
            : PREPARE_READY);
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

bool
member_refuse_duplicate(struct request *request, const char *address,
                        int64_t port)
{
    char text[INT_STRLEN(int64_t) + 1];

    snprintf(text, sizeof text, "%"PRId64, port);
    return fault_set(&request->fault, FAULT_DUPLICATE_MEMBER, address, text);
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
            return member_refuse_duplicate(request, address, port);
        }
    }
    return true;
}

static bool
members_check(struct request *request, const struct family *family)
{
    return (write_action(request) != WRITE_CREATE
            || (members_check_duplicate(request, family)
                && member_place_check(request, request->attrs, 0,
                                      family->lb)));
}

void
member_set_pool(const struct ovsdb_idl_row *member,
                const struct ovsdb_idl_row *pool)
{
    row_write_uuid(member, COL_pool, row_id(pool));
    if (!row_uuid(pool, COL_health_monitor)) {
        row_write_string(member, COL_operating_status, "NO_MONITOR");
    }
}

void
member_attach(const struct ovsdb_idl_row *member,
              const struct ovsdb_idl_row *pool)
{
    member_set_pool(member, pool);
    row_add_ref(pool, COL_members, row_id(member));
}

static void
members_attach(struct request *request OVS_UNUSED, const struct family *family)
{
    member_attach(family->self, family->pool);
}

static void
members_forget(struct write *write)
{
    member_places_forget(write);
}

const struct write_rules member_rules = {
    .prepare = members_prepare,
    .find = members_find,
    .check_early = members_check_early,
    .check = members_check,
    .attach = members_attach,
    .forget = members_forget,
};
