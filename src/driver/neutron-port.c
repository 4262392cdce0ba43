/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports of Neutron in JSON and in paths; see neutron-port.h.
 */

#include <config.h>
#include "driver/neutron-port.h"
#include <stdlib.h>
#include <string.h>
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

/* Reading. */

static const struct json *
neutron_port_member(const struct json *object, const char *name,
                    enum json_type type)
{
    const struct json *value = json_member(object, name);

    return value && value->type == type ? value : NULL;
}

/* Returns "" if the member is absent, null, or no string. */
static char *
neutron_port_copy_text(const struct json *object, const char *name)
{
    const char *value = json_member_string(object, name);

    return xstrdup(value ? value : "");
}

/* Returns false, with '*ret' zero, if the member is no UUID. */
static bool
neutron_port_read_uuid(const struct json *object, const char *name,
                       struct uuid *ret)
{
    const char *value = json_member_string(object, name);

    *ret = UUID_ZERO;
    return value && uuid_from_string(ret, value);
}

static void
neutron_port_read_addresses(const struct json *json, struct neutron_port *port)
{
    const struct json *list = neutron_port_member(json, "fixed_ips",
                                                  JSON_ARRAY);
    size_t n = list ? json_array_size(list) : 0;

    port->addresses = xcalloc(n, sizeof *port->addresses);
    port->n_addresses = 0;
    for (size_t i = 0; i < n; i++) {
        const struct json *elem = json_array_at(list, i);
        struct neutron_address *address = &port->addresses[port->n_addresses];

        if (neutron_port_member(elem, "ip_address", JSON_STRING)) {
            neutron_port_read_uuid(elem, "subnet_id", &address->subnet_id);
            address->ip = neutron_port_copy_text(elem, "ip_address");
            port->n_addresses++;
        }
    }
}

static bool
neutron_port_read(const struct json *json, struct neutron_port *ret)
{
    if (!neutron_port_read_uuid(json, "id", &ret->id)
        || !neutron_port_read_uuid(json, "network_id", &ret->network_id)) {
        return false;
    }
    ret->name = neutron_port_copy_text(json, "name");
    ret->project_id = neutron_port_copy_text(json, "project_id");
    ret->device_id = neutron_port_copy_text(json, "device_id");
    ret->device_owner = neutron_port_copy_text(json, "device_owner");
    neutron_port_read_addresses(json, ret);
    return true;
}

static bool
neutron_port_read_list(const struct json *list, struct neutron_ports *ret)
{
    size_t n = json_array_size(list);

    ret->array = xcalloc(n, sizeof *ret->array);
    for (size_t i = 0; i < n; i++) {
        if (!neutron_port_read(json_array_at(list, i), &ret->array[ret->n])) {
            neutron_ports_uninit(ret);
            return false;
        }
        ret->n++;
    }
    return true;
}

bool
neutron_ports_parse(const struct json *json, struct neutron_ports *ret)
{
    const struct json *list = neutron_port_member(json, "ports", JSON_ARRAY);
    const struct json *one = neutron_port_member(json, "port", JSON_OBJECT);

    *ret = (struct neutron_ports) { NULL, 0 };
    if (list) {
        return neutron_port_read_list(list, ret);
    }
    if (one) {
        ret->array = xzalloc(sizeof *ret->array);
        if (neutron_port_read(one, ret->array)) {
            ret->n = 1;
            return true;
        }
        neutron_ports_uninit(ret);
    }
    return false;
}

void
neutron_ports_uninit(struct neutron_ports *ports)
{
    for (size_t i = 0; i < ports->n; i++) {
        struct neutron_port *port = &ports->array[i];

        for (size_t j = 0; j < port->n_addresses; j++) {
            free(port->addresses[j].ip);
        }
        free(port->addresses);
        free(port->name);
        free(port->project_id);
        free(port->device_id);
        free(port->device_owner);
    }
    free(ports->array);
    *ports = (struct neutron_ports) { NULL, 0 };
}

bool
neutron_port_is_of_lb(const struct neutron_port *port,
                      const struct uuid *lb_id, const char *project_id)
{
    char *device_id = xasprintf("lb-"UUID_FMT, UUID_ARGS(lb_id));
    bool is_its = (!strcmp(port->device_id, device_id)
                   || (!*port->device_id && *project_id));

    free(device_id);
    return is_its && (!*project_id || !strcmp(port->project_id, project_id));
}

/* Writing. */

static void
neutron_port_put_uuid(struct json *object, const char *name,
                      const struct uuid *uuid)
{
    json_object_put_format(object, name, UUID_FMT, UUID_ARGS(uuid));
}

static struct json *
neutron_port_fixed_ips(const struct neutron_port_spec *spec)
{
    struct json *ip = json_object_create();

    if (!uuid_is_zero(&spec->subnet_id)) {
        neutron_port_put_uuid(ip, "subnet_id", &spec->subnet_id);
    }
    if (spec->address) {
        json_object_put_string(ip, "ip_address", spec->address);
    }
    return json_array_create_1(ip);
}

struct json *
neutron_port_body(const struct neutron_port_spec *spec)
{
    struct json *port = json_object_create();
    struct json *body = json_object_create();

    json_object_put_string(port, "name", spec->name);
    neutron_port_put_uuid(port, "network_id", &spec->network_id);
    json_object_put(port, "admin_state_up", json_boolean_create(true));
    json_object_put_string(port, "device_id", spec->device_id);
    if (spec->device_owner) {
        json_object_put_string(port, "device_owner", spec->device_owner);
    }
    if (spec->project_id && *spec->project_id) {
        json_object_put_string(port, "project_id", spec->project_id);
    }
    if (!uuid_is_zero(&spec->subnet_id) || spec->address) {
        json_object_put(port, "fixed_ips", neutron_port_fixed_ips(spec));
    }
    if (spec->is_unguarded) {
        json_object_put(port, "port_security_enabled",
                        json_boolean_create(false));
    }
    json_object_put(body, "port", port);
    return body;
}

char *
neutron_port_query(const char *const *names, size_t n)
{
    struct ds path = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&path, "/v2.0/ports");
    for (size_t i = 0; i < n; i++) {
        ds_put_format(&path, "%cname=%s", i ? '&' : '?', names[i]);
    }
    return ds_steal_cstr(&path);
}

char *
neutron_port_path(const struct uuid *id)
{
    return xasprintf("/v2.0/ports/"UUID_FMT, UUID_ARGS(id));
}

/* Judging. */

/* True if the status is about what was asked for.  Authentication, permission
 * and rate limits are no concern of the user who wants a load balancer: such
 * calls are repeated. */
static bool
neutron_status_is_refusal(int status)
{
    return (status >= 400 && status < 500 && status != 401 && status != 403
            && status != 408 && status != 429);
}

enum neutron_verdict
neutron_judge(const char *method, int status, bool is_understood)
{
    bool is_delete = !strcmp(method, "DELETE");

    if (status >= 200 && status < 300) {
        return is_delete || is_understood ? NEUTRON_OK : NEUTRON_TROUBLE;
    }
    if (is_delete && status == 404) {
        return NEUTRON_OK;
    }
    return (neutron_status_is_refusal(status) ? NEUTRON_REFUSED
            : NEUTRON_TROUBLE);
}
