/* SPDX-License-Identifier: Apache-2.0
 *
 * POST, PUT and DELETE; see write.h.
 */

#include <config.h>
#include "api/write.h"
#include <stdlib.h>
#include <string.h>
#include "api/authorise.h"
#include "api/etag.h"
#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/quota-charge.h"
#include "api/request.h"
#include "api/route-body.h"
#include "api/settle.h"
#include "api/show.h"
#include "api/state-check.h"
#include "api/visibility.h"
#include "base/limits.h"
#include "net/net.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(api_write);

static bool write_find(struct request *, struct family *);
static void write_prepare(struct request *);
static void write_submit(struct request *);
static bool write_apply(struct commit_op *, struct ovsdb_idl_txn *,
                        unsigned int attempt);
static void write_done(struct commit_op *, enum commit_result,
                       const char *error);
static void write_finish(struct request *);
static void write_reply(struct request *);

static const struct write_rules *const write_rules_table[] = {
    [RESOURCE_LOAD_BALANCER] = &load_balancer_rules,
    [RESOURCE_LISTENER] = &listener_rules,
    [RESOURCE_POOL] = &pool_rules,
    [RESOURCE_MEMBER] = &member_rules,
    [RESOURCE_HEALTH_MONITOR] = &health_monitor_rules,
};
BUILD_ASSERT_DECL(ARRAY_SIZE(write_rules_table) == N_RESOURCES);

static const struct write_rules *
write_get_rules(const struct request *request)
{
    return (route_writes_list(request->route) ? &member_list_rules
            : request->route->handle == handle_tree_write ? &tree_rules
            : write_rules_table[request->route->resource]);
}

enum write_action
write_action(const struct request *request)
{
    const char *method = request->route->method;

    return (!strcmp(method, "POST") ? WRITE_CREATE
            : !strcmp(method, "PUT") ? WRITE_UPDATE
            : WRITE_DELETE);
}

static bool
write_attrs_are_supported(struct request *request, const struct attrs *attrs,
                          const struct ovsdb_idl_row *object, bool is_alone)
{
    const struct attrs_leeway leeway = {
        .takes_nearby = request->api->round_robin_is_hashed,
        .takes_dispensable = request->api->takes_unsupported_options,
        .takes_switched = request->api->enforces_cidrs,
        .has = row_has_value,
        .aux = object,
        .is_alone = is_alone,
    };

    return attrs_are_supported(attrs, &leeway, &request->fault);
}

bool
write_is_supported(struct request *request, const struct attrs *attrs,
                   const struct ovsdb_idl_row *object)
{
    return write_attrs_are_supported(request, attrs, object, false);
}

bool
write_is_supported_alone(struct request *request, const struct attrs *attrs,
                         const struct ovsdb_idl_row *object)
{
    return write_attrs_are_supported(request, attrs, object, true);
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
    return (request->path.n_ids
            && !write_get_rules(request)->find(request, &family)
            ? false
            : fault_set(&request->fault, FAULT_POLICY_FORBIDDEN));
}

static void
write_destroy(struct write *write)
{
    const struct write_rules *rules = write_get_rules(write->request);

    if (rules->forget) {
        rules->forget(write);
    }
    settle_forget(write);
    visibility_destroy(write->visibility);
    free(write);
}

/* Begins the request's write; called again when the request looks again. */
static void
write_begin(struct request *request)
{
    if (!request->write) {
        request->write = xzalloc(sizeof *request->write);
        request->write->request = request;
        request->destroy_write = write_destroy;
    }
    if (write_action(request) == WRITE_CREATE) {
        /* Chosen here, once: an attempt that is repeated because we did not
         * hear of its success meets its own row. */
        uuid_generate(&request->object_id);
    }
}

void
handle_write(struct request *request)
{
    const struct write_rules *rules = write_get_rules(request);
    struct family family;

    /* Nothing is looked up for a caller who may not, nor for a body that
     * cannot be right. */
    write_begin(request);
    if (write_find(request, &family)
        && (!rules->check_body || rules->check_body(request))) {
        write_prepare(request);
    } else {
        request_fail(request);
    }
}

void
handle_write_list(struct request *request)
{
    handle_write(request);
}

/* Waits for Neutron's word, or for news of the network. */
static void
write_wait_to_prepare(struct request *request, bool awaits_visibility)
{
    struct write *write = request->write;

    if (!request->wake || write->awaits_visibility != awaits_visibility) {
        write->awaits_visibility = awaits_visibility;
        request_wait(request, WAIT_NETWORK, write_prepare,
                     awaits_visibility ? VISIBILITY_WAIT_MS : REQUEST_WAIT_MS);
    } else if (request_is_late(request)) {
        request_fail_with(request, awaits_visibility ? FAULT_NEUTRON_DOWN
                          : FAULT_NETWORK_DOWN);
    }
}

/* Asks what the user may see, before the rules add to the body. */
static enum prepare_result
write_check_visibility(struct request *request)
{
    struct write *write = request->write;

    if (!request->api->neutron
        || (write_action(request) != WRITE_CREATE
            && !route_body_is_new(request->route))) {
        return PREPARE_READY;
    }
    if (!write->visibility) {
        write->visibility = visibility_create(request);
    }
    return visibility_check(write->visibility);
}

/* Begins with what the user may see: no answer may depend on facts of a
 * network that the user does not see. */
static void
write_prepare(struct request *request)
{
    const struct write_rules *rules = write_get_rules(request);
    enum prepare_result result = write_check_visibility(request);
    bool awaits_visibility = result == PREPARE_WAIT;

    if (result == PREPARE_READY && rules->prepare) {
        result = rules->prepare(request);
    }
    switch (result) {
    case PREPARE_READY:
        write_submit(request);
        break;
    case PREPARE_WAIT:
        write_wait_to_prepare(request, awaits_visibility);
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
write_submit(struct request *request)
{
    struct write *write = request->write;

    request->again = write_submit;
    write->op.apply = write_apply;
    write->op.done = write_done;
    request_submit(request, &write->op);
}

/* True if an earlier attempt was committed without our hearing of it. */
static bool
write_was_committed(const struct request *request)
{
    const struct rows *rows = request->api->rows;
    enum resource_id resource = request->route->resource;
    bool exists = rows_find(rows, resource, &request->object_id);

    if (write_action(request) == WRITE_CREATE) {
        return exists;
    }

    const struct ovsdb_idl_row *lb
        = rows_find(rows, RESOURCE_LOAD_BALANCER, &request->write->lb_id);
    if (lb && uuid_equals(row_uuid(lb, COL_last_request), &request->id)) {
        return true;
    }
    /* Somebody else may have deleted it meanwhile. */
    return (write_action(request) == WRITE_DELETE && !exists
            && request->write->op.is_doubtful);
}

/* Finds what the write is about.  Asks the policy about the load balancer that
 * everything belongs to, or about the project of a new one. */
static bool
write_find(struct request *request, struct family *family)
{
    memset(family, 0, sizeof *family);
    if (!write_get_rules(request)->find(request, family)) {
        return false;
    }
    if (!family->lb) {
        return authorise_project(request, attrs_string(request->attrs,
                                                       "project_id"));
    }
    request->write->lb_id = *row_id(family->lb);
    return authorise_row(request, family->lb);
}

/* Counts a new object.  A write of many objects counts by itself. */
static bool
write_count(struct request *request, const struct family *family)
{
    return (write_action(request) != WRITE_CREATE
            || quota_charge(request, family, request->route->resource, 1));
}

static bool
write_check_early(struct request *request, const struct family *family)
{
    const struct write_rules *rules = write_get_rules(request);

    return ((!rules->counts_first || write_count(request, family))
            && (!rules->check_early || rules->check_early(request, family))
            && (rules->counts_first || write_count(request, family)));
}

static bool
write_check_tag(struct request *request, const struct family *family)
{
    const struct write_rules *rules = write_get_rules(request);
    struct etag tag;

    if (!rules->tag || !precondition_is_asked(request)) {
        return precondition_check_family(request, family);
    }
    rules->tag(family->self, &tag);
    return precondition_check_tag(request, &tag);
}

static bool
write_look(struct request *request, struct family *family)
{
    const struct write_rules *rules = write_get_rules(request);

    quota_charge_begin(request);
    if (!write_find(request, family)) {
        return false;
    }
    return (write_check_tag(request, family)
            && write_check_early(request, family)
            && state_check(request->route->resource, write_action(request),
                           family, &request->fault)
            && (!rules->check || rules->check(request, family))
            && (!request->attrs || rules->write
                || write_is_supported(request, request->attrs,
                                      family->self)));
}

const struct ovsdb_idl_row *
write_insert_row(struct ovsdb_idl_txn *txn, const struct uuid *id,
                 const struct attrs *attrs, int64_t now_us)
{
    const struct ovsdb_idl_row *row = rows_insert(txn, attrs->resource->id,
                                                  id);

    write_fill_row(row, attrs, now_us);
    return row;
}

void
write_fill_row(const struct ovsdb_idl_row *row, const struct attrs *attrs,
               int64_t now_us)
{
    row_write_attrs(row, attrs);
    row_write_integer(row, COL_created_at, now_us);
    row_write_string(row, COL_operating_status, "OFFLINE");
}

static void
write_create_row(struct request *request, struct ovsdb_idl_txn *txn,
                 struct family *family)
{
    family->self = write_insert_row(txn, &request->object_id, request->attrs,
                                    write_now_us());
    if (request->route->resource == RESOURCE_LOAD_BALANCER) {
        family->lb = family->self;
    }
    if (write_get_rules(request)->attach) {
        write_get_rules(request)->attach(request, family);
    }
}

static void
write_one_object(struct request *request, struct ovsdb_idl_txn *txn,
                 struct family *family)
{
    enum write_action action = write_action(request);

    if (action == WRITE_CREATE) {
        write_create_row(request, txn, family);
    } else if (action == WRITE_UPDATE) {
        row_write_attrs(family->self, request->attrs);
    }
    lock_set(request->route->resource, action, family, &request->id,
             write_now_us());
}

/* Looks first whether an earlier attempt was committed without our hearing of
 * it: the checks would refuse what it has written itself. */
static bool
write_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
            unsigned int attempt)
{
    struct request *request = CONTAINER_OF(op, struct write, op)->request;
    const struct write_rules *rules = write_get_rules(request);
    struct family family;

    if (attempt && write_was_committed(request)) {
        write_finish(request);
        return false;
    }
    if (!write_look(request, &family)) {
        request_fail(request);
        return false;
    }
    if (request->write->is_idle) {
        write_finish(request);
        return false;
    }

    quota_charge_write(request, &family, txn);
    if (rules->write) {
        rules->write(request, txn, &family);
    } else {
        write_one_object(request, txn, &family);
    }
    request_comment(request);
    return true;
}

static void
write_done(struct commit_op *op, enum commit_result result, const char *error)
{
    struct request *request = CONTAINER_OF(op, struct write, op)->request;

    request->again = NULL;
    if (result == COMMIT_FAILED) {
        VLOG_ERR("req-"UUID_FMT": the database refused %s %s: %s",
                 UUID_ARGS(&request->id), request->route->method,
                 request->route->path, error);
        request_fail_with(request, FAULT_UNKNOWN);
    } else {
        write_finish(request);
    }
}

/* Ends a write that is durable: the client must not know before. */
static void
write_finish(struct request *request)
{
    const struct write_rules *rules = write_get_rules(request);

    request->again = NULL;
    if (rules->log) {
        rules->log(request);
    }
    if (write_action(request) == WRITE_CREATE && rules->after_create) {
        rules->after_create(request);
    } else {
        settle_then(request, write_reply);
    }
}

static void
write_reply(struct request *request)
{
    enum resource_id resource = request->route->resource;
    const struct write_rules *rules = write_get_rules(request);

    if (rules->reply) {
        rules->reply(request);
        return;
    }
    if (write_action(request) == WRITE_DELETE
        || route_writes_list(request->route)) {
        request_reply(request, NULL);
        return;
    }

    const struct ovsdb_idl_row *row
        = rows_find(request->api->rows, resource, &request->object_id);
    if (row) {
        show_reply(request, row);
    } else {
        /* Deleted again by another request, before this reply. */
        fault_set_id(&request->fault, FAULT_NOT_FOUND,
                     resource_get(resource)->title, &request->object_id);
        request_fail(request);
    }
}
