/* SPDX-License-Identifier: Apache-2.0
 *
 * POST, PUT and DELETE; see write.h.
 */

#include <config.h>
#include "api/write.h"
#include <string.h>
#include "api/authorise.h"
#include "api/handlers.h"
#include "api/list.h"
#include "api/request.h"
#include "api/state-check.h"
#include "api/visibility.h"
#include "base/limits.h"
#include "net/net.h"
#include "openvswitch/vlog.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(api_write);

static bool find(struct request *, struct family *);
static void prepare(struct request *);
static void submit(struct request *);
static bool apply(struct commit_op *, struct ovsdb_idl_txn *,
                  unsigned int attempt);
static void done(struct commit_op *, enum commit_result, const char *error);

static const struct write_rules *const rules_table[] = {
    [RESOURCE_LOAD_BALANCER] = &load_balancer_rules,
    [RESOURCE_LISTENER] = &listener_rules,
    [RESOURCE_POOL] = &pool_rules,
    [RESOURCE_MEMBER] = &member_rules,
    [RESOURCE_HEALTH_MONITOR] = &health_monitor_rules,
};
BUILD_ASSERT_DECL(ARRAY_SIZE(rules_table) == N_RESOURCES);

static const struct write_rules *
rules_of(const struct request *request)
{
    return rules_table[request->route->resource];
}

enum write_action
write_action(const struct request *request)
{
    const char *method = request->route->method;

    return (!strcmp(method, "POST") ? WRITE_CREATE
            : !strcmp(method, "PUT") ? WRITE_UPDATE
            : WRITE_DELETE);
}

bool
write_is_supported(struct request *request, const struct family *family)
{
    const struct attrs_leeway leeway = {
        .takes_nearby = request->api->round_robin_is_hashed,
        .takes_dispensable = request->api->takes_unsupported_options,
        .has = row_has_value,
        .aux = family->self,
    };

    return attrs_are_supported(request->attrs, &leeway, &request->fault);
}

int64_t
write_now_us(void)
{
    return time_wall_usec();
}

bool
write_may_be_allowed(struct request *request)
{
    struct family family = { .lb = NULL };

    if (authorise_anywhere(request)) {
        return true;
    }
    return (request->n_path_ids && !rules_of(request)->find(request, &family)
            ? false
            : fault_set(&request->fault, FAULT_POLICY_FORBIDDEN));
}

void
handle_write(struct request *request)
{
    struct family family;

    if (write_action(request) == WRITE_CREATE) {
        /* Chosen here, once: an attempt that is repeated because we did not
         * hear of its success meets its own row. */
        uuid_generate(&request->object_id);
    }

    /* Nothing is looked up for somebody who may not, nor for a body that
     * cannot be right. */
    if (find(request, &family)
        && (!rules_of(request)->check_body
            || rules_of(request)->check_body(request))) {
        prepare(request);
    } else {
        request_fail(request);
    }
}

/* For Neutron's word, or for news of the network. */
static void
wait_to_prepare(struct request *request, bool is_sight)
{
    if (!request->wake || request->is_sight_awaited != is_sight) {
        request->is_sight_awaited = is_sight;
        request_wait(request, prepare,
                     is_sight ? SIGHT_WAIT_MS : WRITE_WAIT_MS);
    } else if (request_is_late(request) && is_sight) {
        request_fail_with(request, FAULT_NEUTRON_DOWN);
    } else if (request_is_late(request)) {
        request_fail_with(request, FAULT_NETWORK_DOWN);
    }
}

static void
prepare(struct request *request)
{
    const struct write_rules *rules = rules_of(request);
    enum prepare_result result = sight_check(request);
    bool is_sight = result == PREPARE_WAIT;

    if (result == PREPARE_READY && rules->prepare) {
        result = rules->prepare(request);
    }
    switch (result) {
    case PREPARE_READY:
        submit(request);
        break;
    case PREPARE_WAIT:
        wait_to_prepare(request, is_sight);
        break;
    case PREPARE_REFUSED:
        request_fail(request);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

enum prepare_result
write_await_net(struct request *request)
{
    if (net_is_ready(request->api->net)) {
        return PREPARE_READY;
    } else if (net_is_expected(request->api->net)) {
        return PREPARE_WAIT;
    }
    fault_set(&request->fault, FAULT_NETWORK_DOWN);
    return PREPARE_REFUSED;
}

static void
submit(struct request *request)
{
    request->again = submit;
    request->op.apply = apply;
    request->op.done = done;
    request_wait(request, write_watch, WRITE_WAIT_MS);
    store_submit(request->api->store, &request->op);
}

void
write_watch(struct request *request)
{
    if (!request_is_late(request)) {
        return;
    }
    if (store_withdraw(request->api->store, &request->op)) {
        request_fail_with(request, FAULT_DATABASE_DOWN);
    } else {
        /* In flight: there will be an answer, or a lost connection that
         * queues it again. */
        request_wait(request, write_watch, 1000);
    }
}

/* Whether an earlier attempt was committed without our hearing of it. */
static bool
was_committed(const struct request *request)
{
    const struct rows *rows = request->api->rows;
    enum resource_id resource = request->route->resource;
    bool exists = rows_find(rows, resource, &request->object_id);

    if (write_action(request) == WRITE_CREATE) {
        return exists;
    }

    const struct ovsdb_idl_row *lb
        = rows_find(rows, RESOURCE_LOAD_BALANCER, &request->lb_id);
    if (lb && uuid_equals(row_uuid(lb, COL_last_request), &request->id)) {
        return true;
    }
    return write_action(request) == WRITE_DELETE && !exists;
}

/* Finds what the write is about.  Whoever may write there is known by the load
 * balancer that everything belongs to, or by the project of a new one. */
static bool
find(struct request *request, struct family *family)
{
    memset(family, 0, sizeof *family);
    if (!rules_of(request)->find(request, family)) {
        return false;
    }
    if (!family->lb) {
        return authorise_project(request, attrs_string(request->attrs,
                                                       "project_id"));
    }
    request->lb_id = *row_id(family->lb);
    return authorise_row(request, family->lb);
}

static bool
look(struct request *request, struct family *family)
{
    const struct write_rules *rules = rules_of(request);

    if (!find(request, family)) {
        return false;
    }
    return ((!rules->check_early || rules->check_early(request, family))
            && lock_test(request->route->resource, write_action(request),
                         family, &request->fault)
            && (!rules->check || rules->check(request, family))
            && (!request->attrs || write_is_supported(request, family)));
}

static void
create_row(struct request *request, struct ovsdb_idl_txn *txn,
           struct family *family)
{
    enum resource_id resource = request->route->resource;

    family->self = rows_insert(txn, resource, &request->object_id);
    if (resource == RESOURCE_LOAD_BALANCER) {
        family->lb = family->self;
    }
    row_write_attrs(family->self, request->attrs);
    row_write_integer(family->self, COL_created_at, write_now_us());
    row_write_string(family->self, COL_operating_status, "OFFLINE");
    if (rules_of(request)->attach) {
        rules_of(request)->attach(request, family);
    }
}

static void finish(struct request *);

static bool
apply(struct commit_op *op, struct ovsdb_idl_txn *txn, unsigned int attempt)
{
    struct request *request = CONTAINER_OF(op, struct request, op);
    enum write_action action = write_action(request);
    struct family family;

    if (attempt && was_committed(request)) {
        finish(request);
        return false;
    }
    if (!look(request, &family)) {
        request_fail(request);
        return false;
    }

    if (action == WRITE_CREATE) {
        create_row(request, txn, &family);
    } else if (action == WRITE_UPDATE) {
        row_write_attrs(family.self, request->attrs);
    }
    lock_set(request->route->resource, action, &family, &request->id,
             write_now_us());
    return true;
}

static void
done(struct commit_op *op, enum commit_result result, const char *error)
{
    struct request *request = CONTAINER_OF(op, struct request, op);

    request->again = NULL;
    if (result == COMMIT_FAILED) {
        VLOG_ERR("req-"UUID_FMT": the database refused %s %s: %s",
                 UUID_ARGS(&request->id), request->route->method,
                 request->route->path, error);
        request_fail_with(request, FAULT_UNKNOWN);
    } else {
        finish(request);
    }
}

/* The write is durable: now the client may know. */
static void
finish(struct request *request)
{
    enum resource_id resource = request->route->resource;
    const struct write_rules *rules = rules_of(request);

    request->again = NULL;
    if (rules->log) {
        rules->log(request);
    }
    if (write_action(request) == WRITE_DELETE) {
        request_reply(request, NULL);
        return;
    }
    if (write_action(request) == WRITE_CREATE && rules->after_create) {
        rules->after_create(request);
        return;
    }

    const struct ovsdb_idl_row *row
        = rows_find(request->api->rows, resource, &request->object_id);
    if (row) {
        reply_with_row(request, row);
    } else {
        /* Deleted again by somebody who was faster than this reply. */
        char id[UUID_LEN + 1];

        snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(&request->object_id));
        request_fail_with(request, FAULT_NOT_FOUND,
                          resource_get(resource)->title, id);
    }
}
