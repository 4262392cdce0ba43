/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of "doctor" that ask the daemons of this machine, by their
 * control sockets.  A daemon without a pid file does not run here, which may
 * be as it should be.
 */

#include <config.h>
#include "ctl/doctor.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ctl/context.h"
#include "ctl/daemon-socket.h"
#include "ctl/rpc.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "svec.h"
#include "util.h"

/* What a line of a status must be; else the line is the trouble. */
struct doctor_line {
    const char *key;
    const char *good;
};

static const struct doctor_daemon {
    const char *program;
    const char *status;         /* Command of its control socket. */
    bool is_octavias;           /* May be where Octavia's plugin connects. */
    struct doctor_line lines[5];
} daemons[] = {
    { DRIVER_PROGRAM, "driver/status", false,
      { { "southbound", "yes" }, { "failing", "0" } } },
    { "ovn-octavia-api", "api/status", false,
      { { "ready", "true" }, { "network ready", "true" },
        { "certificate", "good" }, { "users file", "good" } } },
    { "ovn-octavia-agent", "agent/status", true, { { "ready", "true" } } },
};

/* Returns the answer, or NULL.  The caller frees it. */
static char *
daemon_ask(const struct doctor *doctor, struct jsonrpc *rpc,
           const char *command)
{
    struct jsonrpc_msg *reply;
    char *answer = NULL;

    if (!rpc_call(rpc, jsonrpc_create_request(command,
                                              json_array_create_empty(),
                                              NULL),
                  doctor_deadline_ms(doctor), &reply)) {
        if (reply->result && reply->result->type == JSON_STRING) {
            answer = xstrdup(json_string(reply->result));
        }
        jsonrpc_msg_destroy(reply);
    }
    return answer;
}

static const struct doctor_line *
daemon_find_line(const struct doctor_daemon *daemon, const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(daemon->lines); i++) {
        if (daemon->lines[i].key && !strcmp(daemon->lines[i].key, key)) {
            return &daemon->lines[i];
        }
    }
    return NULL;
}

/* Adds to 'trouble' the lines "KEY: VALUE" that are not as they must be.
 * Returns false if the status says that the daemon stands by. */
static bool
daemon_read_status(const struct doctor_daemon *daemon, char *status,
                   struct svec *trouble)
{
    bool is_active = true;
    char *rest = status, *text;

    while ((text = strsep(&rest, "\n"))) {
        char *value = strstr(text, ": ");

        if (value) {
            *value = '\0';
            value += 2;
            const struct doctor_line *line = daemon_find_line(daemon, text);

            if (line && strcmp(line->good, value)) {
                svec_add_nocopy(trouble, xasprintf("%s: %s", text, value));
            }
            is_active &= strcmp(text, "active") || strcmp(value, "no");
        }
    }
    return is_active;
}

static void
daemon_check_version(struct doctor *doctor, struct jsonrpc *rpc,
                     const struct doctor_daemon *daemon)
{
    char *version = daemon_ask(doctor, rpc, "version");
    const char *first = version ? strrchr(version, ' ') : NULL;

    if (first) {
        char *line_end = strchr(version, '\n');

        if (line_end) {
            *line_end = '\0';
            first = strrchr(version, ' ');
        }
    }
    if (first && strcmp(first + 1, OVN_OCTAVIA_VERSION)) {
        doctor_say(doctor, DOCTOR_DAEMON_VERSION,
                   "%s on this machine is version %s, this program "
                   OVN_OCTAVIA_VERSION, daemon->program, first + 1);
    }
    free(version);
}

static void
daemon_check_status(struct doctor *doctor, struct jsonrpc *rpc,
                    const struct doctor_daemon *daemon)
{
    struct svec trouble = SVEC_EMPTY_INITIALIZER;
    char *status = daemon_ask(doctor, rpc, daemon->status);

    if (!status) {
        doctor_say(doctor, DOCTOR_DAEMON_SILENT, "%s on this machine",
                   daemon->program);
        return;
    }
    bool is_active = daemon_read_status(daemon, status, &trouble);
    if (trouble.n) {
        char *joined = svec_join(&trouble, ", ", "");

        doctor_say(doctor, DOCTOR_DAEMON_TROUBLE, "%s on this machine: %s",
                   daemon->program, joined);
        free(joined);
    } else {
        doctor_say(doctor, DOCTOR_DAEMON_GOOD, "%s runs on this machine%s",
                   daemon->program, is_active ? "" : ", and stands by");
    }
    daemon_check_version(doctor, rpc, daemon);
    svec_destroy(&trouble);
    free(status);
}

/* Returns its control socket, or NULL if it does not run here.  The caller
 * frees it. */
static char *
daemon_find(const struct doctor *doctor, const struct doctor_daemon *daemon)
{
    char *why = NULL;
    char *path = daemon_socket_find(doctor->ctx, daemon->program, &why);

    free(why);
    return (!path && daemon->is_octavias && doctor->conf
            ? daemon_socket_find_beside(daemon->program,
                                        doctor_agent_socket(doctor))
            : path);
}

static void
daemon_check(struct doctor *doctor, const struct doctor_daemon *daemon)
{
    char *path = daemon_find(doctor, daemon);
    struct jsonrpc *rpc;

    if (!path) {
        return;
    }

    char *remote = xasprintf("unix:%s", path);
    int error = rpc_open(remote, doctor_deadline_ms(doctor), &rpc);
    if (error) {
        doctor_say(doctor, DOCTOR_DAEMON_SILENT, "%s on this machine (%s: %s)",
                   daemon->program, path, ovs_strerror(error));
    } else {
        daemon_check_status(doctor, rpc, daemon);
        jsonrpc_close(rpc);
    }
    free(remote);
    free(path);
}

void
doctor_check_daemons(struct doctor *doctor)
{
    for (size_t i = 0; i < ARRAY_SIZE(daemons); i++) {
        daemon_check(doctor, &daemons[i]);
    }
}
