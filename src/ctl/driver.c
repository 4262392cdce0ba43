/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's control socket; see driver.h.
 */

#include <config.h>
#include "ctl/driver.h"
#include <errno.h>
#include <stdlib.h>
#include "ctl/context.h"
#include "ctl/daemon-socket.h"
#include "ctl/rpc.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "util.h"

/* Returns the path of its control socket, or NULL if there is none; then
 * 'ret_text' says why.  The caller frees either. */
static char *
find_driver(const struct context *ctx, char **ret_text)
{
    char *error;
    char *path = daemon_socket_find(ctx, DRIVER_PROGRAM, &error);

    if (!path) {
        *ret_text = xasprintf("no driver runs here (%s); if it does, say "
                              "where its control socket is with --driver-ctl",
                              error);
        free(error);
    }
    return path;
}

static enum driver_answer
driver_read_reply(const struct jsonrpc_msg *reply, char **ret_text)
{
    const struct json *json = reply->error ? reply->error : reply->result;

    *ret_text = xstrdup(json && json->type == JSON_STRING ? json_string(json)
                        : "");
    return reply->error ? DRIVER_REFUSED : DRIVER_ANSWERED;
}

enum driver_answer
driver_ask(struct context *ctx, const char *command, const char *argument,
           long long int deadline_ms, char **ret_text)
{
    char *path = find_driver(ctx, ret_text);
    if (!path) {
        return DRIVER_NOT_HERE;
    }

    enum driver_answer answer = DRIVER_SILENT;
    struct json *args = json_array_create_empty();
    struct jsonrpc_msg *reply;
    struct jsonrpc *rpc;

    if (argument) {
        json_array_add(args, json_string_create(argument));
    }
    deadline_ms = MIN(deadline_ms, ctx->deadline_ms);
    char *remote = xasprintf("unix:%s", path);
    int error = rpc_open(remote, deadline_ms, &rpc);
    free(remote);
    if (error) {
        *ret_text = xasprintf("cannot reach the driver at %s: %s", path,
                              ovs_strerror(error));
        json_destroy(args);
        free(path);
        return answer;
    }
    error = rpc_call(rpc, jsonrpc_create_request(command, args, NULL),
                     deadline_ms, &reply);
    if (!error) {
        answer = driver_read_reply(reply, ret_text);
        jsonrpc_msg_destroy(reply);
    } else if (error == ETIMEDOUT) {
        *ret_text = xasprintf("gave up waiting for the driver at %s", path);
    } else {
        *ret_text = xasprintf("the driver did not answer: %s",
                              ovs_retval_to_string(error));
    }
    jsonrpc_close(rpc);
    free(path);
    return answer;
}
