/* SPDX-License-Identifier: Apache-2.0
 *
 * The VIP's port; see vip-port.h.
 */

#include <config.h>
#include "agent/vip-port.h"
#include <stdio.h>
#include <string.h>
#include "agent/call.h"
#include "agent/latency.h"
#include "base/fault.h"
#include "base/limits.h"
#include "octavia/body.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "store/reports.h"
#include "store/rows.h"
#include "store/vip-rows.h"
#include "util.h"
#include "uuid.h"

static void look_for_verdict(struct call *);

/* Returns the load balancer as far as Octavia describes it. */
static struct json *
build_lb(const struct call *call)
{
    static const char *const names[] = { "loadbalancer_id", "project_id" };
    const struct json *vip = call_arg(call, "vip_dictionary");
    const struct json *more = call_arg(call, "additional_vip_dicts");
    struct json *lb = json_object_create();

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct json *value = call_arg(call, names[i]);

        if (value) {
            json_object_put(lb, names[i], json_clone(value));
        }
    }
    if (vip && vip->type == JSON_OBJECT) {
        const struct shash_node *node;

        SHASH_FOR_EACH (node, json_object(vip)) {
            json_object_put(lb, node->name, json_clone(node->data));
        }
    }
    if (more) {
        json_object_put(lb, "additional_vips", json_clone(more));
    }
    return lb;
}

static const struct ovsdb_idl_row *
find_reserved_lb(const struct call *call)
{
    return rows_find(call->agent->rows, RESOURCE_LOAD_BALANCER,
                     &call->lb_id);
}

static void
take_reservation(struct call *call, const struct intent_result *result)
{
    if (result->fault) {
        call_fail_with(call, result->fault);
    } else {
        call_go_on(call, look_for_verdict, VIP_WAIT_MS);
        look_for_verdict(call);
    }
}

void
vip_port_start(struct call *call)
{
    const struct json *vip = call_arg(call, "vip_dictionary");
    struct fault *fault = NULL;

    if (vip && vip->type != JSON_OBJECT) {
        call_fail(call, "DriverError", "vip_dictionary: not a VIP");
        return;
    }

    struct intent *intent = intent_create(call->agent->store,
                                          call->agent->rows, NULL);

    call->built = build_lb(call);
    intent_set_conf(intent, call->agent->conf);
    intent_set_reservation(intent);
    if (body_id(RESOURCE_LOAD_BALANCER, call->built, &call->lb_id, &fault)
        && intent_add(intent, INTENT_CREATE, RESOURCE_LOAD_BALANCER,
                      call->built, &fault)) {
        call_commit(call, intent, take_reservation);
    } else {
        intent_destroy(intent);
        call_fail_with(call, fault);
        fault_destroy(fault);
    }
}

/* The verdict. */

static void
put_row_uuid(struct json *object, const char *name,
             const struct ovsdb_idl_row *row, enum row_column column)
{
    const struct uuid *id = row_uuid(row, column);

    json_object_put(object, name, id
                    ? json_string_create_nocopy(
                          xasprintf(UUID_FMT, UUID_ARGS(id)))
                    : json_null_create());
}

static void
put_row_string(struct json *object, const char *name,
               const struct ovsdb_idl_row *row, enum row_column column)
{
    json_object_put_string(object, name, row_string(row, column));
}

/* Returns the VIP as Octavia gave it, filled in. */
static struct json *
format_vip(const struct call *call, const struct ovsdb_idl_row *lb)
{
    const struct json *said = call_arg(call, "vip_dictionary");
    struct json *vip = json_object_create();

    put_row_uuid(vip, "vip_network_id", lb, COL_vip_network_id);
    put_row_uuid(vip, "vip_subnet_id", lb, COL_vip_subnet_id);
    if (said && said->type == JSON_OBJECT) {
        const struct shash_node *node;

        SHASH_FOR_EACH (node, json_object(said)) {
            const struct json *value = node->data;

            if (value->type != JSON_NULL
                || !shash_find(json_object(vip), node->name)) {
                json_object_put(vip, node->name, json_clone(value));
            }
        }
    }
    put_row_uuid(vip, "vip_port_id", lb, COL_vip_port_id);
    put_row_string(vip, "vip_address", lb, COL_vip_address);
    return vip;
}

static const struct ovsdb_idl_row *
find_additional_vip(const struct ovsdb_idl_row *lb, size_t position)
{
    size_t n = row_get(lb, COL_additional_vips)->n;

    for (size_t i = 0; i < n; i++) {
        const struct ovsdb_idl_row *vip = row_ref(lb, COL_additional_vips, i);

        if (vip && row_integer(vip, COL_position) == position) {
            return vip;
        }
    }
    return NULL;
}

static struct json *
format_additional_vips(const struct ovsdb_idl_row *lb)
{
    size_t n = row_get(lb, COL_additional_vips)->n;
    struct json *vips = json_array_create_empty();

    for (size_t i = 1; i <= n; i++) {
        const struct ovsdb_idl_row *row = find_additional_vip(lb, i);

        if (row) {
            struct json *vip = json_object_create();

            put_row_string(vip, "ip_address", row, COL_ip_address);
            put_row_uuid(vip, "network_id", row, COL_network_id);
            put_row_uuid(vip, "port_id", row, COL_port_id);
            put_row_uuid(vip, "subnet_id", row, COL_subnet_id);
            json_array_add(vips, vip);
        }
    }
    return vips;
}

static void
reply_with_vip(struct call *call, const struct ovsdb_idl_row *lb)
{
    struct json *result = json_object_create();

    json_object_put(result, "vip", format_vip(call, lb));
    json_object_put(result, "additional_vips", format_additional_vips(lb));
    latency_note(call->agent->latency, call->type->name, call->arrived_us);
    call_finish(call, result);
}

static void
look_for_verdict(struct call *call)
{
    const struct ovsdb_idl_row *lb = find_reserved_lb(call);

    if (!lb || row_is(lb, COL_provisioning_status, "PENDING_DELETE")) {
        call_fail(call, "DriverError", "The load balancer was deleted before "
                  "it had a VIP.");
        return;
    }
    switch (vip_rows_verdict(lb, body_get(call->built, "vip_port_id"))) {
    case VIP_VERDICT_ACCEPTED:
        reply_with_vip(call, lb);
        break;
    case VIP_VERDICT_REFUSED:
        vip_rows_set_fault(lb, &call->fault);
        vip_port_take_back(call);
        break;
    case VIP_VERDICT_NONE:
    default:
        if (call_is_late(call)) {
            fault_set(&call->fault, FAULT_NO_VERDICT);
            vip_port_take_back(call);
        }
        break;
    }
}

/* Taking back. */

/* The driver's verdict.  A wrong choice of the user is no error of ours: of
 * all that a provider can say, only a conflict becomes an answer of 4xx
 * (provider ABI, errors). */
static void
fail_refused(struct call *call, const struct fault *fault)
{
    if (fault->code >= 400 && fault->code < 500) {
        call_fail(call, "Conflict", fault_detail(fault));
    } else {
        call_fail_with(call, fault);
    }
}

static void
wait_until_taken_back(struct call *call)
{
    if (!find_reserved_lb(call) || call_is_late(call)) {
        fail_refused(call, call->fault);
    }
}

static void
taken_back(struct call *call, const struct intent_result *result OVS_UNUSED)
{
    call_go_on(call, wait_until_taken_back, VIP_GONE_WAIT_MS);
    wait_until_taken_back(call);
}

/* If this fails, too, it is still a reservation, and those do not last. */
void
vip_port_take_back(struct call *call)
{
    struct intent *intent = intent_create(call->agent->store,
                                          call->agent->rows, &call->lb_id);
    struct fault *fault = NULL;

    json_destroy(call->built);
    call->built = json_object_create();
    json_object_put_format(call->built, "loadbalancer_id", UUID_FMT,
                           UUID_ARGS(&call->lb_id));
    intent_set_silent(intent);
    intent_set_final(intent);
    if (!intent_add(intent, INTENT_DELETE, RESOURCE_LOAD_BALANCER,
                    call->built, &fault)) {
        OVS_NOT_REACHED();
    }
    call_commit(call, intent, taken_back);
}
