/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the database before saying no; see doubt.h.
 */

#include <config.h>
#include "api/doubt.h"
#include <strings.h>
#include "api/request.h"
#include "base/fault.h"
#include "http/server.h"
#include "store/barrier.h"
#include "util.h"

static bool
doubt_write_barrier(struct commit_op *op OVS_UNUSED, struct ovsdb_idl_txn *txn,
                    unsigned int attempt OVS_UNUSED)
{
    barrier_write(txn);
    return true;
}

static void
doubt_end(struct commit_op *op, enum commit_result result,
          const char *error OVS_UNUSED)
{
    struct request *request = CONTAINER_OF(op, struct request, doubt);

    request_go_on(request);
    if (result == COMMIT_FAILED) {
        request_fail_with(request, FAULT_DATABASE_DOWN);
    } else {
        request->again(request);
    }
}

static bool
doubt_ask_database(struct request *request)
{
    request->has_asked = true;
    request->doubt.apply = doubt_write_barrier;
    request->doubt.done = doubt_end;
    request_submit(request, &request->doubt);
    return true;
}

static bool
doubt_may_ask(const struct request *request)
{
    return (request->again && !request->has_asked
            && request->route->needs == NEEDS_STORE);
}

static bool
doubt_concerns(const struct fault *fault)
{
    return (fault->code == 404 || fault->code == 409 || fault->code == 412
            || fault->id == FAULT_INVALID_MARKER
            || fault->id == FAULT_QUOTA_MET);
}

bool
doubt_fault(struct request *request)
{
    if (!doubt_may_ask(request) || !doubt_concerns(request->fault)) {
        return false;
    }
    fault_destroy(request->fault);
    request->fault = NULL;
    return doubt_ask_database(request);
}

bool
doubt_replica(struct request *request)
{
    const char *control = http_request_header(request->http,
                                              "Cache-Control");

    return (control && !strcasecmp(control, "no-cache")
            && doubt_may_ask(request) && doubt_ask_database(request));
}
