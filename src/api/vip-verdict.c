/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's verdict about a new load balancer; see vip-verdict.h.
 *
 * The driver writes the VIP's address and port, or a fault, into the row.  A
 * refused load balancer is taken back before the client hears of it, so that
 * nothing is left of a POST that failed.  If this process dies meanwhile, the
 * row stays, and shows its state.
 */

#include <config.h>
#include "api/vip-verdict.h"
#include "api/graph.h"
#include "api/request.h"
#include "api/routes.h"
#include "api/settle.h"
#include "api/write.h"
#include "base/limits.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/vip-rows.h"
#include "util.h"
#include "uuid.h"

static void vip_verdict_look(struct request *);
static void vip_verdict_take_back(struct request *);

void
vip_verdict_wait(struct request *request)
{
    request_wait(request, WAIT_DRIVER, vip_verdict_look, VIP_WAIT_MS);
    vip_verdict_look(request);
}

static const struct ovsdb_idl_row *
vip_verdict_find_row(const struct request *request)
{
    return rows_find(request->api->rows, RESOURCE_LOAD_BALANCER,
                     &request->object_id);
}

static enum vip_verdict
vip_verdict_read(const struct request *request,
                 const struct ovsdb_idl_row *row)
{
    return vip_rows_verdict(row, request->write->vip_port_is_given);
}

static void
vip_verdict_reply(struct request *request)
{
    const struct ovsdb_idl_row *row = vip_verdict_find_row(request);

    if (row) {
        graph_reply(request, row);
    } else {
        /* Deleted by another request. */
        fault_set_id(&request->fault, FAULT_NOT_FOUND, "Load Balancer",
                     &request->object_id);
        request_fail(request);
    }
}

static void
vip_verdict_look(struct request *request)
{
    const struct ovsdb_idl_row *row = vip_verdict_find_row(request);

    if (!row) {
        vip_verdict_reply(request);
    } else if (vip_verdict_read(request, row) == VIP_VERDICT_ACCEPTED) {
        settle_then(request, vip_verdict_reply);
    } else if (vip_verdict_read(request, row) == VIP_VERDICT_REFUSED) {
        vip_rows_set_fault(row, &request->fault);
        vip_verdict_take_back(request);
    } else if (request_is_late(request)) {
        fault_set(&request->fault, FAULT_NO_VERDICT);
        vip_verdict_take_back(request);
    }
}

static bool
vip_verdict_take_back_apply(struct commit_op *op,
                            struct ovsdb_idl_txn *txn OVS_UNUSED,
                            unsigned int attempt OVS_UNUSED)
{
    struct request *request = CONTAINER_OF(op, struct write, op)->request;
    const struct ovsdb_idl_row *row = vip_verdict_find_row(request);

    if (!row || row_is(row, COL_provisioning_status, "PENDING_DELETE")) {
        request_fail(request);
        return false;
    }
    if (vip_verdict_read(request, row) == VIP_VERDICT_ACCEPTED) {
        /* At the last moment. */
        fault_destroy(request->fault);
        request->fault = NULL;
        settle_then(request, vip_verdict_reply);
        return false;
    }
    row_verify(row, COL_provisioning_status);
    row_write_string(row, COL_provisioning_status, "PENDING_DELETE");
    row_write_integer(row, COL_updated_at, write_now_us());

    /* Not the request's own id: that is what the driver knows the load
     * balancer by, and it would write its last verdict over this. */
    struct uuid take_back_id;
    uuid_generate(&take_back_id);
    row_write_uuid(row, COL_last_request, &take_back_id);
    request_comment(request);
    return true;
}

/* Fails the request when nothing is left to see of what was refused. */
static void
vip_verdict_wait_until_gone(struct request *request)
{
    if (!vip_verdict_find_row(request) || request_is_late(request)) {
        request_fail(request);
    }
}

static void
vip_verdict_take_back_done(struct commit_op *op,
                           enum commit_result result OVS_UNUSED,
                           const char *error OVS_UNUSED)
{
    struct request *request = CONTAINER_OF(op, struct write, op)->request;

    request_wait(request, WAIT_DRIVER, vip_verdict_wait_until_gone,
                 VIP_GONE_WAIT_MS);
    vip_verdict_wait_until_gone(request);
}

static void
vip_verdict_take_back(struct request *request)
{
    struct commit_op *op = &request->write->op;

    op->apply = vip_verdict_take_back_apply;
    op->done = vip_verdict_take_back_done;
    request_submit(request, op);
}
