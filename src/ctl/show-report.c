/* SPDX-License-Identifier: Apache-2.0
 *
 * "show" as a document; see show.h.  It has all that the text has, and what
 * the text leaves out because it is usual.
 */

#include <config.h>
#include "ctl/show.h"
#include <stdlib.h>
#include "ctl/report.h"
#include "octavia-idl.h"
#include "openvswitch/json.h"
#include "smap.h"
#include "store/order.h"
#include "util.h"

/* What all rows below have alike. */
#define REPORT_OBJECT(ROW)                                              \
    show_report_object(&(ROW)->header_.uuid, (ROW)->name,               \
                       (ROW)->provisioning_status,                      \
                       (ROW)->operating_status, (ROW)->admin_state_up)

static struct json *
show_report_object(const struct uuid *id, const char *name,
                   const char *provisioning_status,
                   const char *operating_status, bool admin_state_up)
{
    struct json *object = json_object_create();

    report_put_uuid(object, "id", id);
    report_put_text(object, "name", name);
    report_put_text(object, "provisioning_status", provisioning_status);
    report_put_text(object, "operating_status", operating_status);
    report_put_bool(object, "admin_state_up", admin_state_up);
    return object;
}

static struct json *
show_report_member(const struct octrec_member *member)
{
    struct json *object = REPORT_OBJECT(member);

    report_put_text(object, "address", member->address);
    report_put_integer(object, "protocol_port", member->protocol_port);
    report_put_integer(object, "weight", member->weight);
    report_put_bool(object, "backup", member->backup);
    return object;
}

static struct json *
show_report_monitor(const struct octrec_health_monitor *monitor)
{
    struct json *object = REPORT_OBJECT(monitor);

    report_put_text(object, "type", monitor->type);
    report_put_integer(object, "delay", monitor->delay);
    report_put_integer(object, "timeout", monitor->timeout);
    report_put_integer(object, "max_retries", monitor->max_retries);
    report_put_integer(object, "max_retries_down", monitor->max_retries_down);
    return object;
}

static struct json *
show_report_pool(const struct octrec_pool *pool)
{
    struct json *object = REPORT_OBJECT(pool);
    struct json *members = json_array_create_empty();
    struct octrec_member **list = xmemdup(pool->members, pool->n_members
                                          * sizeof *list);

    qsort(list, pool->n_members, sizeof *list, compare_member);
    for (size_t i = 0; i < pool->n_members; i++) {
        json_array_add(members, show_report_member(list[i]));
    }
    free(list);
    report_put_text(object, "protocol", pool->protocol);
    report_put_text(object, "lb_algorithm", pool->lb_algorithm);
    report_put_text(object, "session_persistence",
                    smap_get(&pool->session_persistence, "type"));
    json_object_put(object, "health_monitor",
                    (pool->health_monitor
                     ? show_report_monitor(pool->health_monitor)
                     : json_null_create()));
    json_object_put(object, "members", members);
    return object;
}

static struct json *
show_report_listener(const struct octrec_listener *listener)
{
    struct json *object = REPORT_OBJECT(listener);

    report_put_text(object, "protocol", listener->protocol);
    report_put_integer(object, "protocol_port", listener->protocol_port);
    if (listener->default_pool) {
        report_put_uuid(object, "default_pool_id",
                        &listener->default_pool->header_.uuid);
    } else {
        report_put_text(object, "default_pool_id", NULL);
    }
    return object;
}

static struct json *
show_report_vip(const char *address, const struct uuid *subnet_id,
                const struct uuid *port_id)
{
    struct json *object = json_object_create();

    report_put_text(object, "address", address);
    if (subnet_id) {
        report_put_uuid(object, "subnet_id", subnet_id);
    } else {
        report_put_text(object, "subnet_id", NULL);
    }
    if (port_id) {
        report_put_uuid(object, "port_id", port_id);
    } else {
        report_put_text(object, "port_id", NULL);
    }
    return object;
}

static struct json *
show_report_vips(const struct octrec_load_balancer *lb)
{
    struct json *array = json_array_create_empty();
    size_t n = lb->n_additional_vips;
    struct octrec_additional_vip **vips = xmemdup(lb->additional_vips,
                                                  n * sizeof *vips);

    json_array_add(array, show_report_vip(
                       lb->vip_address,
                       lb->n_vip_subnet_id ? lb->vip_subnet_id : NULL,
                       lb->n_vip_port_id ? lb->vip_port_id : NULL));
    qsort(vips, n, sizeof *vips, compare_additional_vip);
    for (size_t i = 0; i < n; i++) {
        json_array_add(array, show_report_vip(
                           vips[i]->ip_address, &vips[i]->subnet_id,
                           vips[i]->n_port_id ? vips[i]->port_id : NULL));
    }
    free(vips);
    return array;
}

static void
show_report_parts(const struct octrec_load_balancer *lb, struct json *object)
{
    struct json *listeners = json_array_create_empty();
    struct json *pools = json_array_create_empty();
    struct octrec_listener **listener
        = xmemdup(lb->listeners, lb->n_listeners * sizeof *listener);
    struct octrec_pool **pool = xmemdup(lb->pools,
                                        lb->n_pools * sizeof *pool);

    qsort(listener, lb->n_listeners, sizeof *listener, compare_listener);
    for (size_t i = 0; i < lb->n_listeners; i++) {
        json_array_add(listeners, show_report_listener(listener[i]));
    }
    qsort(pool, lb->n_pools, sizeof *pool, compare_pool);
    for (size_t i = 0; i < lb->n_pools; i++) {
        json_array_add(pools, show_report_pool(pool[i]));
    }
    free(listener);
    free(pool);
    json_object_put(object, "listeners", listeners);
    json_object_put(object, "pools", pools);
}

struct json *
show_report_lb(const struct octrec_load_balancer *lb)
{
    struct json *object = REPORT_OBJECT(lb);

    report_put_text(object, "project_id", lb->project_id);
    report_put_text(object, "fault", lb->fault_text[0] ? lb->fault_text
                    : NULL);
    json_object_put(object, "vips", show_report_vips(lb));
    show_report_parts(lb, object);
    return object;
}
