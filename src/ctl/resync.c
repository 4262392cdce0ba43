/* SPDX-License-Identifier: Apache-2.0
 *
 * "resync": asks the driver on this machine to look at load balancers anew.
 */

#include <config.h>
#include <errno.h>
#include <stdlib.h>
#include "ctl/context.h"
#include "daemon.h"
#include "db-ctl-base.h"
#include "dirs.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "stream.h"
#include "util.h"
#include "uuid.h"

#define DRIVER "ovn-octavia-driver"

/* Where ovs-appctl(8) would find it.  The caller frees it. */
static char *
find_driver(const struct context *ctx)
{
    if (ctx->driver_ctl) {
        return abs_file_name(ovs_rundir(), ctx->driver_ctl);
    }

    char *pidfile = xasprintf("%s/%s.pid", ovs_rundir(), DRIVER);
    pid_t pid = read_pidfile(pidfile);
    if (pid < 0) {
        ctl_fatal("no driver runs here (%s: %s); if it does, say where its "
                  "control socket is with --driver-ctl", pidfile,
                  ovs_strerror(-pid));
    }
    free(pidfile);
    return xasprintf("%s/%s.%ld.ctl", ovs_rundir(), DRIVER, (long int) pid);
}

static struct jsonrpc *
open_driver(struct context *ctx, const char *path)
{
    char *name = xasprintf("unix:%s", path);
    struct stream *stream;
    int error = stream_open(name, &stream, DSCP_DEFAULT);

    while (!error && (error = stream_connect(stream)) == EAGAIN) {
        stream_run(stream);
        stream_run_wait(stream);
        stream_connect_wait(stream);
        context_block(ctx, NULL, "the driver");
        error = 0;
    }
    if (error) {
        ctl_fatal("cannot reach the driver at %s: %s", path,
                  ovs_strerror(error));
    }
    free(name);
    return jsonrpc_open(stream);
}

static struct jsonrpc_msg *
transact(struct context *ctx, struct jsonrpc *rpc,
         struct jsonrpc_msg *request)
{
    int error = jsonrpc_send(rpc, request);

    for (;;) {
        struct jsonrpc_msg *reply;

        jsonrpc_run(rpc);
        error = error ? error : jsonrpc_recv(rpc, &reply);
        if (!error) {
            return reply;
        }
        if (error != EAGAIN) {
            ctl_fatal("the driver did not answer: %s",
                      ovs_retval_to_string(error));
        }
        error = 0;
        jsonrpc_wait(rpc);
        jsonrpc_recv_wait(rpc);
        context_block(ctx, NULL, "the driver");
    }
}

static void
ask(struct context *ctx, const struct uuid *id)
{
    char *path = find_driver(ctx);
    struct jsonrpc *rpc = open_driver(ctx, path);
    struct json *args = json_array_create_empty();

    if (id) {
        json_array_add(args, json_string_create_nocopy(
            xasprintf(UUID_FMT, UUID_ARGS(id))));
    }

    struct jsonrpc_msg *reply
        = transact(ctx, rpc, jsonrpc_create_request("driver/resync", args,
                                                    NULL));
    if (reply->error) {
        ctl_fatal("the driver: %s", reply->error->type == JSON_STRING
                  ? json_string(reply->error) : "error");
    }
    jsonrpc_msg_destroy(reply);
    jsonrpc_close(rpc);
    free(path);
}

static int
run(struct context *ctx, int argc, char *argv[])
{
    if (argc > 2) {
        ctl_fatal("resync takes one load balancer, or none");
    }
    if (argc > 1) {
        struct uuid id = context_find_lb(ctx, argv[1]);
        ask(ctx, &id);
    } else {
        ask(ctx, NULL);
    }
    return EXIT_SUCCESS;
}

const struct command command_resync = { "resync", run };
