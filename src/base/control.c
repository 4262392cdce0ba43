/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket of a daemon; see control.h.
 */

#include <config.h>
#include "base/control.h"
#include <stdlib.h>
#include "base/terminate.h"
#include "openvswitch/dynamic-string.h"
#include "unixctl.h"
#include "util.h"

/* The function of a command: one of the two.  Commands are never taken back,
 * so neither is this. */
struct control_command {
    void (*format)(const void *aux, struct ds *answer);
    void (*act)(void *aux);
    void *aux;
};

static void
run_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *command_)
{
    const struct control_command *command = command_;
    struct ds answer = DS_EMPTY_INITIALIZER;

    if (command->act) {
        command->act(command->aux);
    } else {
        command->format(command->aux, &answer);
    }
    unixctl_command_reply(conn, ds_cstr(&answer));
    ds_destroy(&answer);
}

static void
add_command(const char *name, struct control_command command)
{
    unixctl_command_register(name, "", 0, 0, run_command,
                             xmemdup(&command, sizeof command));
}

static void
control_terminate(void *aux OVS_UNUSED)
{
    terminate_request();
}

struct unixctl_server *
control_open(const char *path)
{
    struct unixctl_server *control;
    int error = unixctl_server_create(path, &control);

    if (error) {
        ovs_fatal(error, "cannot create the control socket");
    }
    control_add_action("exit", control_terminate, NULL);
    return control;
}

void
control_add_report(const char *name,
                   void (*format)(const void *, struct ds *), const void *aux)
{
    add_command(name, (struct control_command) { .format = format,
                                         .aux = CONST_CAST(void *, aux) });
}

void
control_add_action(const char *name, void (*act)(void *), void *aux)
{
    add_command(name, (struct control_command) { .act = act, .aux = aux });
}
