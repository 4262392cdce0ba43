/* SPDX-License-Identifier: Apache-2.0
 *
 * One question at a time over JSON-RPC; see rpc.h.
 */

#include <config.h>
#include "ctl/rpc.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "stream.h"
#include "timeval.h"

/* Returns false if time is up. */
static bool
rpc_block(long long int deadline_ms)
{
    if (time_msec() >= deadline_ms) {
        return false;
    }
    poll_timer_wait_until(deadline_ms);
    poll_block();
    return true;
}

int
rpc_open(const char *remote, long long int deadline_ms,
         struct jsonrpc **ret_rpc)
{
    struct stream *stream;
    int error = stream_open(remote, &stream, DSCP_DEFAULT);

    if (error) {
        return error;
    }
    while ((error = stream_connect(stream)) == EAGAIN) {
        stream_run(stream);
        stream_run_wait(stream);
        stream_connect_wait(stream);
        if (!rpc_block(deadline_ms)) {
            break;
        }
    }
    if (error) {
        stream_close(stream);
        return error == EAGAIN ? ETIMEDOUT : error;
    }
    *ret_rpc = jsonrpc_open(stream);
    return 0;
}

/* True if 'msg' answers the request with that id; a server may send other
 * messages before. */
static bool
rpc_is_reply(const struct jsonrpc_msg *msg, const struct json *id)
{
    return ((msg->type == JSONRPC_REPLY || msg->type == JSONRPC_ERROR)
            && msg->id && json_equal(msg->id, id));
}

int
rpc_call(struct jsonrpc *rpc, struct jsonrpc_msg *request,
         long long int deadline_ms, struct jsonrpc_msg **ret_reply)
{
    struct json *id = json_clone(request->id);
    int error = jsonrpc_send(rpc, request);

    while (!error) {
        struct jsonrpc_msg *msg;

        jsonrpc_run(rpc);
        error = jsonrpc_recv(rpc, &msg);
        if (!error && rpc_is_reply(msg, id)) {
            *ret_reply = msg;
            break;
        } else if (!error) {
            jsonrpc_msg_destroy(msg);
        } else if (error == EAGAIN) {
            jsonrpc_wait(rpc);
            jsonrpc_recv_wait(rpc);
            error = rpc_block(deadline_ms) ? 0 : ETIMEDOUT;
        }
    }
    json_destroy(id);
    return error;
}
