/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for load balancers to settle; see settle.h.
 */

#include <config.h>
#include "api/settle.h"
#include <stdlib.h>
#include "api/prefer.h"
#include "api/request.h"
#include "api/write.h"
#include "base/limits.h"
#include "http/leave-watch.h"
#include "http/server.h"
#include "model/status.h"
#include "openvswitch/list.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

struct settle {
    struct leave_watch *watch;
    struct ovs_list waiting;    /* struct settling. */
    size_t n_waiting;
    int wait_max_s;
    bool is_closed;
};

/* A request that waits; 'settling' of struct write. */
struct settling {
    struct ovs_list node;
    struct request *request;
    int seconds;
    void (*reply)(struct request *);
};

enum settle_state {
    SETTLE_PENDING,
    SETTLE_DONE,
    SETTLE_FAILED,              /* What was to be deleted is not. */
};

struct settle *
settle_create(int wait_max_s)
{
    struct settle *settle = xzalloc(sizeof *settle);

    settle->watch = leave_watch_create();
    ovs_list_init(&settle->waiting);
    settle->wait_max_s = wait_max_s;
    return settle;
}

void
settle_destroy(struct settle *settle)
{
    leave_watch_destroy(settle->watch);
    free(settle);
}

void
settle_forget(struct write *write)
{
    struct request *request = write->request;
    struct settle *settle = request->api->settle;

    if (write->settling) {
        leave_watch_remove(settle->watch, request->http);
        ovs_list_remove(&write->settling->node);
        settle->n_waiting--;
        free(write->settling);
        write->settling = NULL;
    }
}

static enum settle_state
settle_look_at_deletion(const struct request *request)
{
    const struct ovsdb_idl_row *row
        = rows_find(request->api->rows, request->route->resource,
                    &request->object_id);

    return (!row ? SETTLE_DONE
            : row_is(row, COL_provisioning_status, "PENDING_DELETE")
            ? SETTLE_PENDING : SETTLE_FAILED);
}

/* A load balancer that another request has changed was settled before that:
 * only such a one is changed. */
static enum settle_state
settle_look_at_lb(const struct request *request)
{
    bool is_own = request->route->resource == RESOURCE_LOAD_BALANCER;
    const struct ovsdb_idl_row *lb
        = rows_find(request->api->rows, RESOURCE_LOAD_BALANCER,
                    is_own ? &request->object_id : &request->write->lb_id);
    enum provisioning_status status;

    return (lb
            && uuid_equals(row_uuid(lb, COL_last_request), &request->id)
            && provisioning_status_from_string(
                row_string(lb, COL_provisioning_status), &status)
            && provisioning_status_is_pending(status)
            ? SETTLE_PENDING : SETTLE_DONE);
}

/* Says so if the preference was met. */
static void
settle_end(struct request *request, enum settle_state state)
{
    struct settling settling = *request->write->settling;

    if (state == SETTLE_DONE) {
        char *value = xasprintf("wait=%d", settling.seconds);

        http_request_add_header(request->http, "Preference-Applied", value);
        free(value);
    }
    settle_forget(request->write);
    request_go_on(request);
    settling.reply(request);
}

static void
settle_look(struct request *request)
{
    enum settle_state state = (write_action(request) == WRITE_DELETE
                               ? settle_look_at_deletion(request)
                               : settle_look_at_lb(request));

    if (state != SETTLE_PENDING || request_is_late(request)) {
        settle_end(request, state);
    }
}

void
settle_then(struct request *request, void (*reply)(struct request *))
{
    struct settle *settle = request->api->settle;
    int seconds = prefer_read_wait_s(http_request_header(request->http,
                                                         "Prefer"));

    seconds = MIN(seconds, settle->wait_max_s);
    if (!seconds || settle->is_closed
        || settle->n_waiting >= SETTLE_WAITING_MAX) {
        reply(request);
        return;
    }

    struct settling *settling = xmalloc(sizeof *settling);
    *settling = (struct settling) {
        .request = request, .seconds = seconds, .reply = reply,
    };
    request->write->settling = settling;
    ovs_list_push_back(&settle->waiting, &settling->node);
    settle->n_waiting++;
    leave_watch_add(settle->watch, request->http, request);
    request_wait(request, WAIT_SETTLE, settle_look, seconds * 1000LL);
    settle_look(request);
}

void
settle_run(struct settle *settle)
{
    struct request *request;

    while (settle->n_waiting
           && (request = leave_watch_next(settle->watch))) {
        settle_end(request, SETTLE_PENDING);
    }
}

void
settle_wait(const struct settle *settle)
{
    if (settle->n_waiting) {
        leave_watch_wait(settle->watch);
    }
}

void
settle_close(struct settle *settle)
{
    struct settling *settling;

    settle->is_closed = true;
    LIST_FOR_EACH_SAFE (settling, node, &settle->waiting) {
        settle_end(settling->request, SETTLE_PENDING);
    }
}

size_t
settle_n_waiting(const struct settle *settle)
{
    return settle->n_waiting;
}
