/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls to Neutron, and whether it answers; see neutron-calls.h.
 */

#include <config.h>
#include "driver/neutron-calls.h"
#include <stdlib.h>
#include "auth/service.h"
#include "auth/session.h"
#include "net/neutron.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(neutron_calls);

struct neutron_calls {
    struct neutron *neutron;
    struct ovs_list calls;      /* struct neutron_call, under way. */
    bool has_answered;          /* At least once. */
    char *trouble;              /* The last answer's; NULL: none. */
};

struct neutron_call {
    struct ovs_list node;       /* In neutron_calls' 'calls'. */
    struct neutron_calls *owner;
    const char *method;
    neutron_answered *answered;
    void *aux;
};

struct neutron_calls *
neutron_calls_create(struct neutron *neutron)
{
    struct neutron_calls *calls = xzalloc(sizeof *calls);

    calls->neutron = neutron;
    ovs_list_init(&calls->calls);
    return calls;
}

void
neutron_calls_destroy(struct neutron_calls *calls)
{
    if (calls) {
        neutron_destroy(calls->neutron);
        struct neutron_call *call;
        LIST_FOR_EACH_POP (call, node, &calls->calls) {
            free(call);
        }
        free(calls->trouble);
        free(calls);
    }
}

void
neutron_calls_run(struct neutron_calls *calls)
{
    neutron_run(calls->neutron);
}

void
neutron_calls_wait(struct neutron_calls *calls)
{
    neutron_wait(calls->neutron);
}

/* Logs trouble when it begins and when it is over. */
static void
neutron_call_note(struct neutron_calls *calls, const char *text)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(6, 12);

    calls->has_answered = true;
    if (text && !calls->trouble) {
        VLOG_WARN_RL(&rl, "Neutron: %s; will be asked again", text);
    } else if (!text && calls->trouble) {
        VLOG_INFO_RL(&rl, "Neutron answers again");
    }
    free(calls->trouble);
    calls->trouble = nullable_xstrdup(text);
}

static const char *
neutron_call_explain(const struct service_reply *reply)
{
    return (reply->text ? reply->text
            : reply->status >= 200 && reply->status < 300
            ? "the answer is not about a port"
            : "there is no answer");
}

static void
neutron_call_done(const struct service_reply *reply, void *call_)
{
    struct neutron_call *call = call_;
    struct neutron_calls *calls = call->owner;
    struct neutron_answer answer = { .status = reply->status, .text = "" };
    bool is_understood = (reply->json
                          && neutron_ports_parse(reply->json, &answer.ports));

    answer.verdict = neutron_judge(call->method, reply->status,
                                   is_understood);
    if (answer.verdict != NEUTRON_OK) {
        answer.text = neutron_call_explain(reply);
    }
    neutron_call_note(calls,
                      answer.verdict == NEUTRON_TROUBLE ? answer.text : NULL);
    ovs_list_remove(&call->node);
    call->answered(&answer, call->aux);
    neutron_ports_uninit(&answer.ports);
    free(call);
}

/* Takes ownership of 'path' and 'body'. */
static void
neutron_call_send_nocopy(struct neutron_calls *calls, const char *method,
                         char *path, struct json *body,
                         neutron_answered *answered, void *aux)
{
    struct neutron_call *call = xzalloc(sizeof *call);

    call->owner = calls;
    call->method = method;
    call->answered = answered;
    call->aux = aux;
    ovs_list_push_back(&calls->calls, &call->node);
    service_send(calls->neutron->service, method, path, body,
                 neutron_call_done, call);
    free(path);
    json_destroy(body);
}

void
neutron_find_ports(struct neutron_calls *calls, const char *const *names,
                   size_t n, neutron_answered *answered, void *aux)
{
    neutron_call_send_nocopy(calls, "GET", neutron_port_query(names, n), NULL,
                             answered, aux);
}

void
neutron_get_port(struct neutron_calls *calls, const struct uuid *id,
                 neutron_answered *answered, void *aux)
{
    neutron_call_send_nocopy(calls, "GET", neutron_port_path(id), NULL,
                             answered, aux);
}

void
neutron_create_port(struct neutron_calls *calls,
                    const struct neutron_port_spec *spec,
                    neutron_answered *answered, void *aux)
{
    neutron_call_send_nocopy(calls, "POST", xstrdup("/v2.0/ports"),
                             neutron_port_body(spec), answered, aux);
}

void
neutron_delete_port(struct neutron_calls *calls, const struct uuid *id,
                    neutron_answered *answered, void *aux)
{
    neutron_call_send_nocopy(calls, "DELETE", neutron_port_path(id), NULL,
                             answered, aux);
}

const char *
neutron_calls_project(const struct neutron_calls *calls)
{
    return session_project_id(calls->neutron->session);
}

size_t
neutron_calls_n(const struct neutron_calls *calls)
{
    return ovs_list_size(&calls->calls);
}

void
neutron_calls_format(const struct neutron_calls *calls, struct ds *s)
{
    ds_put_format(s, "neutron: %s, %"PRIuSIZE" calls under way",
                  calls->trouble ? calls->trouble
                  : calls->has_answered ? "answers" : "not asked yet",
                  neutron_calls_n(calls));
}
