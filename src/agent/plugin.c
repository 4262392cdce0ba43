/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin's socket; see plugin.h.  A connection goes through three states,
 * and only through these: it reads its call, waits for the reply, writes it.
 */

#include <config.h>
#include "agent/plugin.h"
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agent/agent.h"
#include "agent/calls.h"
#include "base/limits.h"
#include "base/socket-access.h"
#include "octavia/frame.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(plugin);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Bytes that one connection may read in a turn: others get theirs, too. */
#define TURN_BYTES_MAX (64 * 1024)

enum connection_state {
    READING,
    CALLING,
    WRITING,
    CLOSED,
};

struct connection {
    struct ovs_list node;       /* In plugin->connections. */
    struct plugin *plugin;
    struct stream *stream;
    enum connection_state state;
    long long int deadline;     /* Not while CALLING: a call has its own. */
    struct frame frame;         /* The call. */
    struct ds out;              /* The reply. */
    size_t n_sent;
    struct uuid lb_id;          /* Written by the call; zero: none. */
};

struct plugin {
    struct agent *agent;
    struct pstream *listener;
    struct ovs_list connections;
    size_t n_connections;
};

/* Returns NULL and sets '*errorp' if it cannot listen. */
static struct pstream *
socket_listen(const struct plugin_socket *socket, char **errorp)
{
    char *name = xasprintf("punix:%s", socket->path);
    struct pstream *listener = NULL;
    int error;

    if (socket_access_is_taken(socket->path)) {
        *errorp = xasprintf("%s: another agent is listening there",
                            socket->path);
    } else if ((error = pstream_open(name, &listener, 0))) {
        *errorp = xasprintf("%s: cannot listen: %s", socket->path,
                            ovs_strerror(error));
    } else if ((*errorp = socket_access_apply(&socket->access,
                                              socket->path))) {
        pstream_close(listener);
        listener = NULL;
    }
    free(name);
    return listener;
}

struct plugin *
plugin_open(struct agent *agent, const struct plugin_socket *socket,
            char **errorp)
{
    struct pstream *listener = socket_listen(socket, errorp);

    if (!listener) {
        return NULL;
    }

    struct plugin *plugin = xzalloc(sizeof *plugin);
    plugin->agent = agent;
    plugin->listener = listener;
    ovs_list_init(&plugin->connections);
    return plugin;
}

static void
connection_destroy(struct connection *connection)
{
    connection->plugin->n_connections--;
    ovs_list_remove(&connection->node);
    stream_close(connection->stream);
    frame_uninit(&connection->frame);
    ds_destroy(&connection->out);
    free(connection);
}

void
plugin_close(struct plugin *plugin)
{
    struct connection *connection;

    LIST_FOR_EACH_SAFE (connection, node, &plugin->connections) {
        connection_destroy(connection);
    }
    pstream_close(plugin->listener);
    free(plugin);
}

static void
connection_enter(struct connection *connection, enum connection_state state)
{
    connection->state = state;
    connection->deadline = time_msec() + PLUGIN_IDLE_MS;
}

static void
accept_some(struct plugin *plugin)
{
    while (plugin->n_connections < PLUGIN_CONNECTIONS_MAX) {
        struct stream *stream;
        int error = pstream_accept(plugin->listener, &stream);

        if (error) {
            if (error != EAGAIN) {
                VLOG_WARN_RL(&rl, "cannot accept a connection: %s",
                             ovs_strerror(error));
            }
            return;
        }

        struct connection *connection = xzalloc(sizeof *connection);
        connection->plugin = plugin;
        connection->stream = stream;
        frame_init(&connection->frame, PLUGIN_FRAME_BYTES_MAX);
        ds_init(&connection->out);
        connection_enter(connection, READING);
        ovs_list_push_back(&plugin->connections, &connection->node);
        plugin->n_connections++;
    }
}

static void
connection_reply(struct json *json, const struct uuid *lb_id,
                 void *connection_)
{
    struct connection *connection = connection_;

    connection->lb_id = *lb_id;
    frame_write(json, &connection->out);
    json_destroy(json);
    connection_enter(connection, WRITING);
    poll_immediate_wake();
}

/* Answers a request that no plugin of this version sends: the user of another
 * version shall see why nothing works. */
static void
connection_refuse(struct connection *connection, const char *why)
{
    struct json *fault = json_object_create();
    struct json *json = json_object_create();
    char *text = xasprintf("The OVN provider's agent cannot read the call: "
                           "%s.", why);

    VLOG_WARN_RL(&rl, "refused a call that cannot be read: %s", why);
    json_object_put_string(fault, "type", "DriverError");
    json_object_put_string(fault, "user_fault_string", text);
    json_object_put_string(fault, "operator_fault_string", text);
    json_object_put(json, "fault", fault);
    free(text);
    connection_reply(json, &UUID_ZERO, connection);
}

static void
connection_start(struct connection *connection)
{
    struct json *request = frame_read(&connection->frame);

    frame_uninit(&connection->frame);
    frame_init(&connection->frame, 0);
    if (request) {
        connection->state = CALLING;
        calls_start(connection->plugin->agent, request, connection_reply,
                    connection);
    } else {
        connection_refuse(connection, "no JSON");
    }
}

static void
end_of_input(struct connection *connection)
{
    /* Another agent's plugin_open() looks whether this one is here. */
    if (connection->frame.state == FRAME_HEAD
        && !connection->frame.n_digits) {
        connection->state = CLOSED;
    } else {
        frame_end(&connection->frame);
        connection_refuse(connection, connection->frame.error);
    }
}

static void
read_call(struct connection *connection)
{
    char buffer[4096];
    size_t n_read = 0;

    while (frame_is_open(&connection->frame) && n_read < TURN_BYTES_MAX) {
        int n = stream_recv(connection->stream, buffer, sizeof buffer);

        if (n > 0) {
            n_read += n;
            frame_put(&connection->frame, buffer, n);
        } else if (n == -EAGAIN) {
            return;
        } else if (!n) {
            end_of_input(connection);
            return;
        } else {
            connection->state = CLOSED;
            return;
        }
    }
    if (connection->frame.state == FRAME_DONE) {
        connection_start(connection);
    } else if (connection->frame.state == FRAME_BAD) {
        connection_refuse(connection, connection->frame.error);
    } else {
        poll_immediate_wake();
    }
}

/* Octavia does not hear that it was accepted, and will roll back its own part:
 * repair.h finds that. */
static void
tell_lost_reply(const struct connection *connection)
{
    if (!uuid_is_zero(&connection->lb_id)) {
        VLOG_INFO("nobody takes the reply to a call about load balancer "
                  UUID_FMT, UUID_ARGS(&connection->lb_id));
    }
}

static void
connection_write_reply(struct connection *connection)
{
    while (connection->n_sent < connection->out.length) {
        int n = stream_send(connection->stream,
                            connection->out.string + connection->n_sent,
                            connection->out.length - connection->n_sent);

        if (n == -EAGAIN) {
            return;
        } else if (n < 0) {
            tell_lost_reply(connection);
            break;
        }
        connection->n_sent += n;
    }
    connection->state = CLOSED;
}

static void
connection_run(struct connection *connection)
{
    stream_run(connection->stream);
    if (connection->state == READING) {
        read_call(connection);
    }
    if (connection->state == WRITING) {
        connection_write_reply(connection);
    }
    if ((connection->state == READING || connection->state == WRITING)
        && time_msec() >= connection->deadline) {
        VLOG_WARN_RL(&rl, "closed a connection that was silent for %d s",
                     PLUGIN_IDLE_MS / 1000);
        tell_lost_reply(connection);
        connection->state = CLOSED;
    }
}

void
plugin_run(struct plugin *plugin)
{
    struct connection *connection;

    accept_some(plugin);
    LIST_FOR_EACH_SAFE (connection, node, &plugin->connections) {
        connection_run(connection);
        if (connection->state == CLOSED) {
            connection_destroy(connection);
        }
    }
}

void
plugin_wait(struct plugin *plugin)
{
    struct connection *connection;

    /* Connections beyond the limit wait in the kernel. */
    if (plugin->n_connections < PLUGIN_CONNECTIONS_MAX) {
        pstream_wait(plugin->listener);
    }
    LIST_FOR_EACH (connection, node, &plugin->connections) {
        stream_run_wait(connection->stream);
        if (connection->state == READING) {
            stream_recv_wait(connection->stream);
            poll_timer_wait_until(connection->deadline);
        } else if (connection->state == WRITING) {
            stream_send_wait(connection->stream);
            poll_timer_wait_until(connection->deadline);
        }
    }
}

size_t
plugin_n_connections(const struct plugin *plugin)
{
    return plugin->n_connections;
}
