/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a server with care; see server.h.
 */

#include <config.h>
#include "http/server-private.h"
#include "util.h"

void
http_server_stop(struct http_server *server)
{
    listener_set_close(&server->listeners);
    server->is_stopping = true;
}

static bool
http_server_has_request(const struct ovs_list *connections)
{
    const struct http_request *rq;

    LIST_FOR_EACH (rq, node, connections) {
        if (rq->phase != PHASE_LINE) {
            return true;
        }
    }
    return false;
}

bool
http_server_is_quiet(const struct http_server *server)
{
    return (!server->n_accepted
            && ovs_list_is_empty(&server->to_suspend)
            && ovs_list_is_empty(&server->suspended)
            && ovs_list_is_empty(&server->sending)
            && !http_server_has_request(&server->receiving)
            && !http_server_has_request(&server->slow)
            && !http_server_has_request(&server->strangers));
}
