/* SPDX-License-Identifier: Apache-2.0
 *
 * THE table of calls, and the calls that only write; see calls.h.
 */

#include <config.h>
#include "agent/calls.h"
#include <string.h>
#include "agent/call.h"
#include "agent/latency.h"
#include "agent/member-subnets.h"
#include "agent/vip-port.h"
#include "base/limits.h"
#include "octavia/body.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/reports.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(calls);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

static void start_write(struct call *);
static void refuse_failover(struct call *);
static void prepare_write(struct call *);

#define WRITES(NAME, RESOURCE, OBJECT)                                  \
    { NAME "_create", INTENT_CREATE, RESOURCE, OBJECT, NULL,            \
      start_write },                                                    \
    { NAME "_update", INTENT_UPDATE, RESOURCE, "new_" OBJECT,           \
      "old_" OBJECT, start_write },                                     \
    { NAME "_delete", INTENT_DELETE, RESOURCE, OBJECT, NULL,            \
      start_write }

static const struct call_type call_types[] = {
    { "create_vip_port", INTENT_CREATE, RESOURCE_LOAD_BALANCER, NULL, NULL,
      vip_port_start },
    WRITES("loadbalancer", RESOURCE_LOAD_BALANCER, "loadbalancer"),
    { "loadbalancer_failover", INTENT_UPDATE, RESOURCE_LOAD_BALANCER, NULL,
      NULL, refuse_failover },
    WRITES("listener", RESOURCE_LISTENER, "listener"),
    WRITES("pool", RESOURCE_POOL, "pool"),
    WRITES("member", RESOURCE_MEMBER, "member"),
    { "member_batch_update", INTENT_CREATE, RESOURCE_MEMBER, NULL, NULL,
      start_write },
    WRITES("health_monitor", RESOURCE_HEALTH_MONITOR, "healthmonitor"),
};

static const struct call_type *
find_call_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(call_types); i++) {
        if (!strcmp(call_types[i].name, name)) {
            return &call_types[i];
        }
    }
    return NULL;
}

/* Beginning and end. */

/* Waits for the replica: without it every object looks unknown. */
static void
calls_dispatch(struct call *call)
{
    if (!store_is_loaded(call->agent->store)) {
        if (call_is_late(call)) {
            call_fail_no_database(call);
        }
        return;
    }

    const struct json *name = (call->request->type == JSON_OBJECT
                               ? body_get(call->request, "call") : NULL);

    if (!name || name->type != JSON_STRING) {
        call_fail(call, "DriverError", "not a call");
        return;
    }
    call->type = find_call_type(json_string(name));
    call->args = body_get(call->request, "args");
    if (!call->type) {
        call_fail(call, "NotImplementedError",
                  "This feature is not implemented by the provider.");
    } else if (!call->args || call->args->type != JSON_OBJECT) {
        call_fail(call, "DriverError", "a call without arguments");
    } else {
        call->type->start(call);
    }
}

void
calls_start(struct agent *agent, struct json *request,
            void (*reply)(struct json *, const struct uuid *, void *),
            void *aux)
{
    struct call *call = call_create(agent, request, reply, aux);

    call_go_on(call, calls_dispatch, CALL_WAIT_MS);
    poll_immediate_wake();
}

void
calls_run(struct agent *agent)
{
    struct call *call;

    LIST_FOR_EACH_SAFE (call, node, &agent->calls) {
        if (call->step && !call->is_over) {
            call->step(call);
        }
        if (call->is_over) {
            call_destroy(call);
        }
    }
}

void
calls_wait(struct agent *agent)
{
    const struct call *call;

    LIST_FOR_EACH (call, node, &agent->calls) {
        if (call->is_over) {
            poll_immediate_wake();
        } else if (call->step) {
            poll_timer_wait_until(call->deadline);
        }
    }
}

void
calls_destroy(struct agent *agent)
{
    struct call *call;

    LIST_FOR_EACH_SAFE (call, node, &agent->calls) {
        intent_destroy(call->intent);
        call_destroy(call);
    }
}

/* Writing what the call says. */

static void
start_write(struct call *call)
{
    call_go_on(call, prepare_write, CALL_WAIT_MS);
    prepare_write(call);
}

static void
refuse_failover(struct call *call)
{
    call_fail(call, "UnsupportedOptionError",
              "OVN provider does not support loadbalancer failover");
}

static bool
is_batch(const struct call *call)
{
    return !call->type->object;
}

/* Finds the load balancer's id, which only the old object of an update has. */
static bool
find_lb_id(const struct call *call, struct uuid *ret)
{
    const struct json *old = (call->type->old_object
                              ? call_arg(call, call->type->old_object)
                              : NULL);

    return old && body_uuid(old, "loadbalancer_id", ret);
}

static bool
add_call_object(struct call *call, struct intent *intent,
                struct fault **faultp)
{
    const char *name = is_batch(call) ? "members" : call->type->object;
    const struct json *object = call_arg(call, name);
    struct uuid pool_id;

    if (!object) {
        return fault_set(faultp, FAULT_MISSING_ARGUMENT, name);
    }
    if (!is_batch(call)) {
        return intent_add(intent, call->type->action, call->type->resource,
                          object, faultp);
    }
    return (body_uuid(call->args, "pool_id", &pool_id)
            ? intent_add_batch(intent, &pool_id, object, faultp)
            : fault_set(faultp, FAULT_MISSING_ARGUMENT, "pool_id"));
}

static void take_import(bool is_there, void *call_);

/* Tells an operator how to mend it; a user cannot. */
static void
fail_unknown(struct call *call, const struct fault *fault)
{
    char *text = xasprintf("%s  The OVN provider has not heard of it; an "
                           "operator can run \"ovn-octavia-ctl "
                           "sync-octavia\".", fault->text);

    VLOG_WARN_RL(&rl, "%s: %s", call->type->name, text);
    call_fail(call, "DriverError", text);
    free(text);
}

/* True if create_vip_port has reserved the call's load balancer: if it is
 * refused, its port must go, too. */
static bool
is_reserved(const struct call *call, struct uuid *ret_lb_id)
{
    const struct json *object = (call->type->object
                                 ? call_arg(call, call->type->object)
                                 : NULL);
    struct report report;

    if (call->type->resource != RESOURCE_LOAD_BALANCER
        || call->type->action != INTENT_CREATE || !object
        || !body_uuid(object, "loadbalancer_id", ret_lb_id)
        || !report_get(call->agent->store, ret_lb_id, &report)) {
        return false;
    }

    bool reserved = report.reserved_at_us != 0;
    report_uninit(&report);
    return reserved;
}

static void
refuse_write(struct call *call, const struct fault *fault)
{
    struct uuid lb_id;

    if (is_reserved(call, &lb_id)) {
        call->lb_id = lb_id;
        fault_set_text(&call->fault, fault->code, fault_detail(fault));
        vip_port_take_back(call);
    } else {
        call_fail_with(call, fault);
    }
}

static void
take_write(struct call *call, const struct intent_result *result)
{
    if (!result->fault) {
        latency_start(call->agent->latency, result->lb_id, call->type->name,
                      call->arrived_us);
        call->written_lb = *result->lb_id;
        call_finish(call, json_null_create());
    } else if (!result->unknown) {
        refuse_write(call, result->fault);
    } else if (call->was_imported || !call->agent->import) {
        fail_unknown(call, result->fault);
    } else {
        call->was_imported = true;
        call->agent->import(call->agent, result->unknown_resource,
                            result->unknown, take_import, call);
    }
}

static void
take_import(bool is_there OVS_UNUSED, void *call_)
{
    start_write(call_);
}

/* Makes the intent final after an import, or if none is possible: else an
 * unknown object would be imported again and again. */
static void
submit_write(struct call *call)
{
    struct uuid lb_id;
    struct intent *intent = intent_create(call->agent->store,
                                          call->agent->rows,
                                          find_lb_id(call, &lb_id) ? &lb_id
                                          : NULL);
    struct fault *fault = NULL;

    intent_set_conf(intent, call->agent->conf);
    if (call->agent->refuses_unsupported_options) {
        intent_set_strict(intent);
    }
    if (call->agent->refuses_cidrs) {
        intent_set_refuses_cidrs(intent);
    }
    if (call->was_imported || !call->agent->import) {
        intent_set_final(intent);
    }
    if (add_call_object(call, intent, &fault)) {
        call_commit(call, intent, take_write);
    } else {
        intent_destroy(intent);
        refuse_write(call, fault);
        fault_destroy(fault);
    }
}

static void
fail_slow_network(struct call *call)
{
    const char *trouble = network_trouble(&call->agent->network);

    VLOG_WARN_RL(&rl, "%s: gave up waiting for network facts: %s",
                 call->type->name, trouble ? trouble : "no answer");
    call_fail(call, "DriverError", "The network service did not answer in "
              "time.  Please try again.");
}

static void
prepare_write(struct call *call)
{
    struct fault *fault = NULL;

    switch (member_subnets_check(call, &fault)) {
    case MEMBER_SUBNETS_OK:
        submit_write(call);
        break;
    case MEMBER_SUBNETS_WAIT:
        if (call_is_late(call)) {
            fail_slow_network(call);
        }
        break;
    case MEMBER_SUBNETS_REFUSED:
        refuse_write(call, fault);
        fault_destroy(fault);
        break;
    default:
        OVS_NOT_REACHED();
    }
}
