/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps and the end of a call; see call.h.
 */

#include <config.h>
#include "agent/call.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "base/request-id.h"
#include "octavia/body.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(call);

/* More than there are rows in the table of calls. */
#define CALL_TALLIES_MAX 32

/* Calls of a type that were answered: with a result, with a fault. */
static struct call_tally {
    const struct call_type *type;       /* NULL: none that is known. */
    unsigned long long int n_results, n_faults;
} call_tallies[CALL_TALLIES_MAX];
static size_t call_n_tallies;
static struct metric_histogram call_duration;

static struct call_tally *
call_find_tally(const struct call_type *type)
{
    size_t i = 0;

    while (i < call_n_tallies && call_tallies[i].type != type) {
        i++;
    }
    if (i == call_n_tallies) {
        ovs_assert(i < CALL_TALLIES_MAX);
        call_tallies[call_n_tallies++].type = type;
    }
    return &call_tallies[i];
}

struct call *
call_create(struct agent *agent, struct json *request, call_reply_cb *reply,
            void *aux)
{
    struct call *call = xzalloc(sizeof *call);

    agent->n_calls++;
    call->agent = agent;
    call->arrived_us = time_usec();
    call->request = request;
    call->reply = reply;
    call->aux = aux;
    ovs_list_push_back(&agent->calls, &call->node);
    return call;
}

void
call_destroy(struct call *call)
{
    ovs_list_remove(&call->node);
    json_destroy(call->request);
    json_destroy(call->built);
    fault_destroy(call->fault);
    free(call);
}

const struct json *
call_arg(const struct call *call, const char *name)
{
    return body_get(call->args, name);
}

void
call_go_on(struct call *call, void (*step)(struct call *), int wait_ms)
{
    call->step = step;
    call->deadline = time_msec() + wait_ms;
}

bool
call_is_late(const struct call *call)
{
    return time_msec() >= call->deadline;
}

static void
call_reply(struct call *call, const char *key, struct json *value)
{
    struct json *reply = json_object_create();

    metric_histogram_note(&call_duration, time_usec() - call->arrived_us);
    json_object_put(reply, key, value);
    call->is_over = true;
    call->step = NULL;
    call->reply(reply, &call->written_lb, call->aux);
}

void
call_finish(struct call *call, struct json *result)
{
    call_find_tally(call->type)->n_results++;
    call_reply(call, "result", result);
}

void
call_fail(struct call *call, const char *type, const char *text)
{
    struct json *fault = json_object_create();

    call->agent->n_faults++;
    call_find_tally(call->type)->n_faults++;
    VLOG_DBG("%s: %s: %s", call->type ? call->type->name : "?", type, text);
    json_object_put_string(fault, "type", type);
    json_object_put_string(fault, "user_fault_string", text);
    json_object_put_string(fault, "operator_fault_string", text);
    call_reply(call, "fault", fault);
}

void
call_fail_with(struct call *call, const struct fault *fault)
{
    call_fail(call, fault->code == 501 ? "UnsupportedOptionError"
              : fault->code == 409 ? "Conflict" : "DriverError",
              fault_detail(fault));
}

void
call_fail_no_database(struct call *call)
{
    call_fail(call, "DriverError",
              "The OVN_Octavia database is unavailable.");
}

/* Committing. */

static void
call_take_result(const struct intent_result *result, void *call_)
{
    struct call *call = call_;

    call->intent = NULL;
    call->step = NULL;
    call->committed(call, result);
}

static void
watch_commit(struct call *call)
{
    if (!call_is_late(call)) {
        return;
    }
    if (intent_withdraw(call->intent)) {
        intent_destroy(call->intent);
        call->intent = NULL;
        call_fail_no_database(call);
    } else {
        /* In flight: there will be an answer, or a lost connection that
         * queues it again. */
        call_go_on(call, watch_commit, 1000);
    }
}

/* Returns the id that Octavia has given to its client, or NULL. */
static const char *
call_request_id(const struct call *call)
{
    const struct json *id = body_get(call->request, "request_id");

    return (id && id->type == JSON_STRING
            && request_id_is_valid(json_string(id))
            ? json_string(id) : NULL);
}

void
call_commit(struct call *call, struct intent *intent,
            void (*committed)(struct call *, const struct intent_result *))
{
    call->intent = intent;
    call->committed = committed;
    intent_set_origin(intent, call->type->name, call_request_id(call));
    call_go_on(call, watch_commit, CALL_WAIT_MS);
    intent_submit(intent, call_take_result, call);
}

/* --- Metrics ------------------------------------------------------------- */

static void
call_put_calls(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    for (size_t i = 0; i < call_n_tallies; i++) {
        const struct call_tally *tally = &call_tallies[i];
        const char *name = tally->type ? tally->type->name : "unknown";

        metrics_put(page, tally->n_results, "call", name,
                    "outcome", "result", NULL);
        metrics_put(page, tally->n_faults, "call", name,
                    "outcome", "fault", NULL);
    }
}

static void
call_put_duration(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put_histogram(page, &call_duration, NULL);
}

void
call_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_agent_calls_total", METRIC_COUNTER,
          "Calls of Octavia that were answered, with a result or a fault.",
          call_put_calls },
        { "ovn_octavia_agent_call_duration_seconds", METRIC_HISTOGRAM,
          "Time from the arrival of a call until its answer.",
          call_put_duration },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
