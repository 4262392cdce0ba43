/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of "doctor" that ask an existing OpenStack, as octavia.conf
 * describes it: Keystone and Neutron, and the sockets of Octavia and of our
 * agent on this machine.
 */

#include <config.h>
#include "ctl/doctor.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "auth/service.h"
#include "auth/session.h"
#include "base/octavia-conf.h"
#include "ctl/context.h"
#include "ctl/rpc.h"
#include "jsonrpc.h"
#include "net/neutron.h"
#include "octavia/get-socket.h"
#include "octavia/status-socket.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

/* --- Keystone and Neutron ------------------------------------------------ */

struct doctor_question {
    bool is_over;
    char *trouble;              /* NULL: it was answered. */
};

static void
services_take_reply(const struct service_reply *reply, void *question_)
{
    struct doctor_question *question = question_;

    question->is_over = true;
    if (reply->text) {
        question->trouble = xstrdup(reply->text);
    }
}

/* Waits until the login, or the question if there is one, is over.  Returns
 * false if time is up. */
static bool
services_wait(const struct doctor *doctor, struct neutron *neutron,
              const struct doctor_question *question)
{
    long long int deadline_ms = doctor_deadline_ms(doctor);

    for (;;) {
        neutron_run(neutron);
        if (question ? question->is_over
            : session_get_token(neutron->session) != TOKEN_PENDING) {
            return true;
        }
        if (time_msec() >= deadline_ms) {
            return false;
        }
        neutron_wait(neutron);
        poll_timer_wait_until(deadline_ms);
        poll_block();
    }
}

static bool
check_keystone(struct doctor *doctor, struct neutron *neutron)
{
    const char *url = session_url(neutron->session);
    bool is_over = services_wait(doctor, neutron, NULL);

    if (is_over && session_peek_token(neutron->session) == TOKEN_READY) {
        doctor_say(doctor, DOCTOR_KEYSTONE_GOOD, "Keystone at %s takes the "
                   "login", url);
        return true;
    }
    doctor_say(doctor, DOCTOR_KEYSTONE_AWAY, "Keystone at %s: %s", url,
               is_over ? session_trouble(neutron->session)
               : "no answer in time");
    return false;
}

static void
check_neutron(struct doctor *doctor, struct neutron *neutron)
{
    struct doctor_question question = { .is_over = false };
    struct service_call *call
        = service_send(neutron->service, "GET",
                       "/v2.0/ports?limit=1&fields=id", NULL,
                       services_take_reply, &question);

    if (!services_wait(doctor, neutron, &question)) {
        service_call_cancel(call);
        doctor_say(doctor, DOCTOR_NEUTRON_AWAY, "no answer in time");
    } else if (question.trouble) {
        doctor_say(doctor, DOCTOR_NEUTRON_AWAY, "%s", question.trouble);
    } else {
        doctor_say(doctor, DOCTOR_NEUTRON_GOOD, "%s", "");
    }
    free(question.trouble);
}

static void
check_openstack(struct doctor *doctor)
{
    char *error;
    struct neutron *neutron = neutron_create(doctor->conf, &error);

    if (!neutron) {
        doctor_say(doctor, DOCTOR_CONF_BAD, "%s: %s",
                   doctor->ctx->octavia_conf, error);
        free(error);
        return;
    }
    if (check_keystone(doctor, neutron)) {
        check_neutron(doctor, neutron);
    }
    neutron_destroy(neutron);
}

/* --- Sockets ------------------------------------------------------------- */

static void
check_socket(struct doctor *doctor, const char *path, const char *whose)
{
    char *remote = xasprintf("unix:%s", path);
    struct jsonrpc *rpc;
    int error = rpc_open(remote, doctor_deadline_ms(doctor), &rpc);

    if (error) {
        doctor_say(doctor, DOCTOR_SOCKET_AWAY, "%s (%s): %s", path, whose,
                   ovs_strerror(error));
    } else {
        jsonrpc_close(rpc);
        doctor_say(doctor, DOCTOR_SOCKET_GOOD, "%s (%s) is there", path,
                   whose);
    }
    doctor_check_socket_mode(doctor, path);
    free(remote);
}

const char *
doctor_agent_socket(const struct doctor *doctor)
{
    const char *path = octavia_conf_get(doctor->conf, "ovn_octavia",
                                        "agent_socket");

    return path && *path ? path : "/var/run/octavia/ovn-agent.sock";
}

void
doctor_check_services(struct doctor *doctor)
{
    if (!doctor->conf) {
        return;
    }
    check_openstack(doctor);
    check_socket(doctor, status_socket_path(doctor->conf),
                 "octavia-driver-agent takes statuses");
    check_socket(doctor, get_socket_path(doctor->conf),
                 "octavia-driver-agent answers");
    check_socket(doctor, doctor_agent_socket(doctor),
                 "ovn-octavia-agent listens to the plugin");
}
