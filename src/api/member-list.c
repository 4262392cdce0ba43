/* SPDX-License-Identifier: Apache-2.0
 *
 * The members of a pool as a list: PUT makes the pool have these members, or,
 * with additive_only, these besides those that it has.
 *
 * A member is known by its address and port.  What is new, what changes and
 * what goes is found out in the transaction, afresh for each attempt, and
 * written as one: all or nothing.
 */

#include <config.h>
#include <stdlib.h>
#include "api/authorise.h"
#include "api/member-places.h"
#include "api/members.h"
#include "api/quota-charge.h"
#include "api/request.h"
#include "api/routes.h"
#include "api/show.h"
#include "api/write.h"
#include "base/ip.h"
#include "base/name-uuid.h"
#include "hash.h"
#include "model/checks.h"
#include "openvswitch/hmap.h"
#include "ovsdb-data.h"
#include "packets.h"
#include "util.h"

struct planned_member {
    struct hmap_node node;              /* In 'members' of the plan. */
    struct in6_addr ip;
    int64_t port;
    const struct ovsdb_idl_row *row;    /* NULL: new. */
    const struct attrs *attrs;          /* NULL: not in the list. */
    size_t index;                       /* In the list. */
};

/* Good within one attempt. */
struct member_plan {
    struct hmap members;                /* By address and port. */
    struct planned_member *array;       /* The pool's, then the new ones in the
                                         * order of the list. */
    size_t n;
};

static struct attr *
member_list_items(const struct request *request)
{
    return attrs_get(request->attrs, "members");
}

static bool
member_list_find(struct request *request, struct family *family)
{
    family->pool = show_find_pool(request);
    family->lb = (family->pool
                  ? row_ref(family->pool, COL_load_balancer, 0) : NULL);
    if (!family->lb) {
        return fault_set(&request->fault, FAULT_PARENT_NOT_FOUND, "Pool",
                         request->path.ids[0]);
    }

    /* It may create and delete, too, whatever the list turns out to mean. */
    return (authorise_row_for(request, "member:post", family->lb)
            && (request->query.is_additive
                || authorise_row_for(request, "member:delete", family->lb)));
}

static enum prepare_result
member_list_prepare(struct request *request)
{
    const struct attr *list = member_list_items(request);

    return member_places_prepare(request, list->items, list->n_items);
}

static void
member_plan_destroy(struct member_plan *plan)
{
    if (plan) {
        hmap_destroy(&plan->members);
        free(plan->array);
        free(plan);
    }
}

static uint32_t
member_plan_hash(const struct in6_addr *ip, int64_t port)
{
    return hash_bytes(ip, sizeof *ip, port);
}

/* Returns a member with the same address and port, if there is one that is not
 * in the list yet, that one. */
static struct planned_member *
member_plan_find(const struct member_plan *plan, const struct in6_addr *ip,
                 int64_t port)
{
    struct planned_member *member, *found = NULL;

    HMAP_FOR_EACH_WITH_HASH (member, node, member_plan_hash(ip, port),
                             &plan->members) {
        if (member->port == port && ipv6_addr_equals(&member->ip, ip)
            && (!found || !member->attrs)) {
            found = member;
        }
    }
    return found;
}

static struct planned_member *
member_plan_add(struct member_plan *plan, const char *address, int64_t port)
{
    struct planned_member *member = &plan->array[plan->n++];

    *member = (struct planned_member) {
        .ip = ip_parse_or_unset(address),
        .port = port,
    };
    hmap_insert(&plan->members, &member->node,
                member_plan_hash(&member->ip, port));
    return member;
}

/* Returns the plan for a pool that keeps its members. */
static struct member_plan *
member_plan_create(const struct ovsdb_idl_row *pool, size_t n_items)
{
    size_t n = row_get(pool, COL_members)->n;
    struct member_plan *plan = xzalloc(sizeof *plan);

    hmap_init(&plan->members);
    hmap_reserve(&plan->members, n + n_items);
    plan->array = xcalloc(n + n_items, sizeof *plan->array);
    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *row = row_ref(pool, COL_members, i);

        if (row) {
            member_plan_add(plan, row_string(row, COL_address),
                            row_integer(row, COL_protocol_port))->row = row;
        }
    }
    return plan;
}

/* Puts the 'i'th member of the list into the plan. */
static bool
member_list_place(struct request *request, struct member_plan *plan,
                  const struct attrs *attrs, size_t i)
{
    const char *address = attrs_string(attrs, "address");
    int64_t port = attrs_integer(attrs, "protocol_port");
    struct in6_addr ip = ip_parse_or_unset(address);
    struct planned_member *member = member_plan_find(plan, &ip, port);

    if (!member) {
        member = member_plan_add(plan, address, port);
    } else if (member->attrs) {
        return (member->row
                ? fault_set(&request->fault, FAULT_VALIDATION, "Member must "
                            "be updated only once in the same request.")
                : member_refuse_duplicate(request, address, port));
    }
    member->attrs = attrs;
    member->index = i;
    return true;
}

static bool
member_list_check_monitor(struct request *request, const struct attrs *attrs)
{
    return check_member_monitor(attrs_has(attrs, "monitor_address")
                                || attrs_has(attrs, "monitor_port"),
                                true, &request->fault);
}

/* Checks a member that is there.  That the load balancer is settled is a
 * condition of the transaction already, and so is all that follows. */
static bool
member_list_check_old(struct request *request,
                      const struct planned_member *member)
{
    const struct attr *subnet_id = attrs_get_const(member->attrs,
                                                   "subnet_id");

    if (row_bool(member->row, COL_deleting)) {
        return fault_set_id(&request->fault, FAULT_IMMUTABLE, "Member",
                            row_id(member->row));
    }
    return (subnet_id->datum.n || !subnet_id->is_given
            || member_place_check_subnet(request, member->index));
}

static bool
member_list_check_new(struct request *request,
                      const struct planned_member *member,
                      const struct ovsdb_idl_row *lb)
{
    return (check_member_address(attrs_string(member->attrs, "address"),
                                 &request->fault)
            && member_place_check(request, member->attrs, member->index, lb));
}

static bool
member_list_check_member(struct request *request,
                         const struct planned_member *member,
                         const struct ovsdb_idl_row *lb)
{
    return ((member->row ? member_list_check_old(request, member)
             : member_list_check_new(request, member, lb))
            && member_list_check_monitor(request, member->attrs)
            && write_is_supported(request, member->attrs, member->row));
}

/* Counts what comes, less what goes. */
static bool
member_list_count(struct request *request, const struct member_plan *plan,
                  const struct family *family)
{
    int64_t n = 0;

    for (size_t i = 0; i < plan->n; i++) {
        const struct planned_member *member = &plan->array[i];

        n += !member->row;
        n -= !member->attrs && !request->query.is_additive;
    }
    return quota_charge(request, family, RESOURCE_MEMBER, n);
}

static bool
member_list_check(struct request *request, const struct family *family)
{
    const struct attr *list = member_list_items(request);
    struct member_plan *plan = member_plan_create(family->pool,
                                                  list->n_items);

    member_plan_destroy(request->write->member_plan);
    request->write->member_plan = plan;
    for (size_t i = 0; i < list->n_items; i++) {
        if (!member_list_place(request, plan, list->items[i], i)) {
            return false;
        }
    }
    if (!member_list_count(request, plan, family)) {
        return false;
    }
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->array[i].attrs
            && !member_list_check_member(request, &plan->array[i],
                                         family->lb)) {
            return false;
        }
    }
    request->write->is_idle = !plan->n;
    return true;
}

/* Returns the id of the new member, which is the same in each attempt: one
 * that is repeated meets its own row. */
static struct uuid
member_list_new_id(const struct request *request, size_t index)
{
    char *name = xasprintf("member-%"PRIuSIZE, index);
    struct uuid id = name_uuid(&request->id, name);

    free(name);
    return id;
}

/* Members are created one microsecond after the other: their order is the
 * list's. */
static void
member_list_create(struct request *request, struct ovsdb_idl_txn *txn,
                   const struct planned_member *member,
                   const struct ovsdb_idl_row *pool, int64_t now_us)
{
    struct uuid id = member_list_new_id(request, member->index);
    const struct ovsdb_idl_row *row
        = write_insert_row(txn, &id, member->attrs, now_us + member->index);

    member_attach(row, pool);
    lock_set_object(row, WRITE_CREATE, now_us);
}

static void
member_list_write(struct request *request, struct ovsdb_idl_txn *txn,
                  const struct family *family)
{
    const struct member_plan *plan = request->write->member_plan;
    int64_t now_us = write_now_us();

    lock_set(RESOURCE_MEMBER, WRITE_UPDATE, family, &request->id, now_us);
    for (size_t i = 0; i < plan->n; i++) {
        const struct planned_member *member = &plan->array[i];

        if (!member->row) {
            member_list_create(request, txn, member, family->pool, now_us);
        } else if (member->attrs) {
            row_write_listed_attrs(member->row, member->attrs);
            lock_set_object(member->row, WRITE_UPDATE, now_us);
        } else if (!request->query.is_additive) {
            lock_set_object(member->row, WRITE_DELETE, now_us);
        }
    }
}

static void
member_list_forget(struct write *write)
{
    member_plan_destroy(write->member_plan);
    member_places_forget(write);
}

const struct write_rules member_list_rules = {
    .prepare = member_list_prepare,
    .find = member_list_find,
    .check = member_list_check,
    .write = member_list_write,
    .forget = member_list_forget,
};
