/* SPDX-License-Identifier: Apache-2.0
 *
 * From octavia-lib's data models to attributes; see body.h.
 */

#include <config.h>
#include "octavia/body.h"
#include <stdlib.h>
#include <string.h>
#include "base/json-read.h"
#include "base/octavia-conf.h"
#include "octavia/refusals.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "store/rows.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(body);

/* Names of the id and of the parent's id in each data model. */
static const struct {
    const char *id;
    const char *parent;
} names[N_RESOURCES] = {
    [RESOURCE_LOAD_BALANCER] = { "loadbalancer_id", NULL },
    [RESOURCE_LISTENER] = { "listener_id", "loadbalancer_id" },
    [RESOURCE_POOL] = { "pool_id", "loadbalancer_id" },
    [RESOURCE_MEMBER] = { "member_id", NULL },
    [RESOURCE_HEALTH_MONITOR] = { "healthmonitor_id", "pool_id" },
};

const struct json *
body_get(const struct json *object, const char *name)
{
    const struct json *value = json_member(object, name);

    return value && value->type != JSON_NULL ? value : NULL;
}

bool
body_uuid(const struct json *object, const char *name, struct uuid *ret)
{
    const struct json *value = body_get(object, name);

    return (value && value->type == JSON_STRING
            && uuid_from_string(ret, json_string(value)));
}

bool
body_id(enum resource_id resource, const struct json *object,
        struct uuid *ret, struct fault **faultp)
{
    return (body_uuid(object, names[resource].id, ret)
            || fault_set(faultp, FAULT_MISSING_ARGUMENT,
                         names[resource].id));
}

/* True if the value is the default in Octavia's configuration, which Octavia
 * fills in: the user need not have asked for it. */
static bool
is_octavias_default(const struct field *field, const struct json *value,
                    const struct body_rules *rules)
{
    const char *text = (rules->conf && value->type == JSON_INTEGER
                        ? octavia_conf_get(rules->conf, "haproxy_amphora",
                                           field->name)
                        : NULL);
    long long int integer;

    return (text && str_to_llong(text, 10, &integer)
            && integer == json_integer(value));
}

/* True if Octavia leaves the VIP's attribute to us.  It must not take away
 * what the driver chose. */
static bool
is_undecided_vip(const struct field *field, const struct json *value)
{
    return value->type == JSON_NULL && !strncmp(field->name, "vip_", 4);
}

/* True if the driver decides: a port that was lost is made again, and has
 * another id than Octavia knows. */
static bool
is_the_drivers(const struct field *field, const struct body_rules *rules)
{
    return (!strcmp(field->name, "vip_port_id") && rules->stored
            && row_uuid(rules->stored, COL_vip_port_id));
}

static bool
is_wanted(const struct field *field, enum attrs_method method,
          const struct json *value, const struct body_rules *rules)
{
    if (field_has_objects(field)
        || !strcmp(field->name, "availability_zone")
        || is_undecided_vip(field, value)
        || is_the_drivers(field, rules)
        || !(field->flags & (method == ATTRS_POST ? FIELD_POST
                             : FIELD_PUT))) {
        return false;
    }
    return !(rules->is_lenient && field_is_mere_option(field)
             && !(field->flags & (FIELD_DISPENSABLE | FIELD_SWITCHED)));
}

/* Replaces Octavia's default, which is no wish of the user, by ours. */
static struct json *
pick_value(const struct field *field, const struct json *value,
           const struct body_rules *rules)
{
    return (is_octavias_default(field, value, rules)
            ? json_integer_create(atoll(field->fallback))
            : json_clone(value));
}

/* The members of 'object' that are ours, in the form in which the API gets
 * them. */
static struct json *
pick_attributes(const struct resource *resource, enum attrs_method method,
                const struct json *object, const struct uuid *parent,
                const struct body_rules *rules)
{
    struct json *picked = json_object_create();
    struct json *body = json_object_create();

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];
        const struct json *value = shash_find_data(json_object(object),
                                                   field->name);

        if (value && is_wanted(field, method, value, rules)) {
            json_object_put(picked, field->name,
                            pick_value(field, value, rules));
        }
    }
    if (parent && method == ATTRS_POST && names[resource->id].parent) {
        json_object_put_nocopy(picked,
                               xstrdup(names[resource->id].parent),
                               json_string_create_nocopy(
                                   xasprintf(UUID_FMT, UUID_ARGS(parent))));
    }
    json_object_put(body, resource->key, picked);
    return body;
}

/* Logs each kind of option once; "explain" and "show" tell which objects have
 * it. */
static void
say_unhonoured(const struct attrs *attrs)
{
    static bool is_said[N_RESOURCES][FIELDS_MAX];
    const struct resource *resource = attrs->resource;

    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];

        if (attrs->attr[i].is_given && !is_said[resource->id][i]
            && !field_is_honoured(field, &attrs->attr[i].datum)) {
            is_said[resource->id][i] = true;
            VLOG_WARN("Octavia's users set %s of a %s: it is stored, and OVN "
                      "does not honour it (this is said once; "
                      "\"ovn-octavia-ctl explain\" says for which load "
                      "balancers)", field->name, resource->title);
        }
    }
}

struct attrs *
body_parse(enum resource_id id, enum attrs_method method,
           const struct json *object, const struct uuid *parent,
           const struct body_rules *rules, struct fault **faultp)
{
    const struct resource *resource = resource_get(id);

    if (object->type != JSON_OBJECT) {
        fault_set(faultp, FAULT_INVALID_INPUT, resource->key, "",
                  "Value should be a JSON object");
        return NULL;
    }
    if (!refusals_check(id, method, object, rules, faultp)) {
        return NULL;
    }

    struct json *body = pick_attributes(resource, method, object, parent,
                                        rules);
    struct attrs *attrs = attrs_parse(resource, method, body, faultp);
    json_destroy(body);

    const struct attrs_leeway leeway = {
        .takes_dispensable = rules->is_lenient || !rules->is_strict,
        .takes_switched = rules->is_lenient || !rules->refuses_cidrs,
        .has = row_has_value,
        .aux = rules->stored,
    };
    if (attrs && !attrs_are_supported(attrs, &leeway, faultp)) {
        attrs_destroy(attrs);
        attrs = NULL;
    } else if (attrs) {
        say_unhonoured(attrs);
    }
    return attrs;
}
