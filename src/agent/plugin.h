/* SPDX-License-Identifier: Apache-2.0
 *
 * The socket on which Octavia's plugin calls (see octavia/frame.h): one call
 * and one reply for each connection.  The permissions of the socket's file
 * decide who can connect.
 */

#ifndef AGENT_PLUGIN_H
#define AGENT_PLUGIN_H 1

#include <stddef.h>
#include "base/socket-access.h"

struct agent;
struct plugin;

struct plugin_socket {
    const char *path;
    struct socket_access access;
};

/* Listens.  Returns NULL and sets '*errorp' (the caller frees it) if that does
 * not work, for example because another agent does. */
struct plugin *plugin_open(struct agent *, const struct plugin_socket *,
                           char **errorp);

/* Without replies to the calls that are under way: the plugin will repeat them
 * to the next agent. */
void plugin_close(struct plugin *);

void plugin_run(struct plugin *);
void plugin_wait(struct plugin *);
size_t plugin_n_connections(const struct plugin *);

#endif /* agent/plugin.h */
