/* SPDX-License-Identifier: Apache-2.0
 *
 * Bodies of requests and answers, by the handlers of routes; see
 * openapi-answers.h.  A handler whose answer does not follow from a table of
 * attributes has its schema here.
 */

#include <config.h>
#include "api/openapi-answers.h"
#include <stdlib.h>
#include <string.h>
#include "api/absent.h"
#include "api/handlers.h"
#include "api/network-kinds.h"
#include "api/openapi-schemas.h"
#include "api/route-body.h"
#include "api/routes.h"
#include "model/absent.h"
#include "model/quota.h"
#include "openvswitch/json.h"
#include "util.h"

/* Schemas that are not made from tables. */
static const struct {
    const char *name;
    const char *schema;
} openapi_named[] = {
    { "Fault",
      "{'type': 'object', 'description': 'Octavia has two forms of faults: "
      "that of its calls, and that of its router, which some faults have "
      "both.', 'properties': {"
      "'faultcode': {'type': 'string', 'enum': ['Client', 'Server']}, "
      "'faultstring': {'type': 'string'}, "
      "'debuginfo': {'type': 'string', 'nullable': true}, "
      "'code': {'type': 'integer'}, 'title': {'type': 'string'}, "
      "'description': {'type': 'string'}, "
      "'error': {'type': 'object'}}}" },
    { "NeutronError",
      "{'type': 'object', 'properties': {'NeutronError': {'type': 'object', "
      "'properties': {'type': {'type': 'string'}, "
      "'message': {'type': 'string'}, 'detail': {'type': 'string'}}}}}" },
    { "Links",
      "{'type': 'array', 'items': {'type': 'object', "
      "'required': ['href', 'rel'], 'properties': {"
      "'href': {'type': 'string'}, "
      "'rel': {'type': 'string', 'enum': ['next', 'previous']}}}}" },
    { "Versions",
      "{'type': 'object', 'required': ['versions'], 'properties': "
      "{'versions': {'type': 'array', 'items': {'type': 'object', "
      "'properties': {'id': {'type': 'string'}, "
      "'status': {'type': 'string', 'enum': ['CURRENT', 'SUPPORTED']}, "
      "'updated': {'type': 'string', 'format': 'date-time'}, "
      "'links': {'type': 'array', 'items': {'type': 'object', 'properties': "
      "{'href': {'type': 'string'}, 'rel': {'type': 'string'}}}}}}}}}" },
    { "Status",
      "{'type': 'object', 'required': ['id', 'name', 'operating_status', "
      "'provisioning_status'], 'properties': {"
      "'id': {'type': 'string', 'format': 'uuid'}, "
      "'name': {'type': 'string'}, "
      "'operating_status': {'type': 'string'}, "
      "'provisioning_status': {'type': 'string'}, "
      "'type': {'type': 'string'}, 'address': {'type': 'string'}, "
      "'protocol_port': {'type': 'integer'}, "
      "'listeners': {'type': 'array', 'items': "
      "{'$ref': '#/components/schemas/Status'}}, "
      "'pools': {'type': 'array', 'items': "
      "{'$ref': '#/components/schemas/Status'}}, "
      "'members': {'type': 'array', 'items': "
      "{'$ref': '#/components/schemas/Status'}}, "
      "'health_monitor': {'$ref': '#/components/schemas/Status'}}}" },
    { "Statuses",
      "{'type': 'object', 'required': ['statuses'], 'properties': "
      "{'statuses': {'type': 'object', 'required': ['loadbalancer'], "
      "'properties': {'loadbalancer': "
      "{'$ref': '#/components/schemas/Status'}}}}}" },
    { "Stats",
      "{'type': 'object', 'required': ['stats'], 'properties': {'stats': "
      "{'type': 'object', 'properties': {"
      "'bytes_in': {'type': 'integer'}, 'bytes_out': {'type': 'integer'}, "
      "'active_connections': {'type': 'integer'}, "
      "'total_connections': {'type': 'integer'}, "
      "'request_errors': {'type': 'integer'}}}}}" },
    { "FaultOfLoadBalancer",
      "{'type': 'object', 'required': ['fault'], 'properties': {'fault': "
      "{'type': 'object', 'required': ['code', 'text'], 'properties': {"
      "'code': {'type': 'integer', 'nullable': true}, "
      "'text': {'type': 'string', 'nullable': true}}}}}" },
    { "Providers",
      "{'type': 'object', 'required': ['providers'], 'properties': "
      "{'providers': {'type': 'array', 'items': {'type': 'object', "
      "'properties': {'name': {'type': 'string'}, "
      "'description': {'type': 'string'}}}}}}" },
    { "Extension",
      "{'type': 'object', 'properties': {'alias': {'type': 'string'}, "
      "'name': {'type': 'string'}, 'description': {'type': 'string'}, "
      "'links': {'type': 'array', 'items': {}}, "
      "'updated': {'type': 'string'}}}" },
    { "Tags",
      "{'type': 'object', 'required': ['tags'], 'properties': {'tags': "
      "{'type': 'array', 'items': {'type': 'string'}}}}" },

    /* Load balancers with all their parts. */
    { "PoolTree",
      "{'allOf': [{'$ref': '#/components/schemas/Pool'}, "
      "{'type': 'object', 'properties': {'members': {'type': 'array', "
      "'items': {'$ref': '#/components/schemas/Member'}}, "
      "'healthmonitor': {'type': 'object', 'nullable': true}}}]}" },
    { "LoadBalancerTree",
      "{'allOf': [{'$ref': '#/components/schemas/LoadBalancer'}, "
      "{'type': 'object', 'properties': {'listeners': {'type': 'array', "
      "'items': {'$ref': '#/components/schemas/Listener'}}, "
      "'pools': {'type': 'array', 'items': "
      "{'$ref': '#/components/schemas/PoolTree'}}}}]}" },
    { "TreeOrPlan",
      "{'type': 'object', 'properties': {'loadbalancer': "
      "{'$ref': '#/components/schemas/LoadBalancerTree'}, "
      "'plan': {'type': 'array', 'description': 'With dry-run, instead of "
      "the load balancer.', 'items': {'type': 'object', 'required': "
      "['action', 'kind', 'name'], 'properties': {'action': "
      "{'type': 'string', 'enum': ['create', 'update', 'delete']}, "
      "'kind': {'type': 'string', 'enum': ['loadbalancer', 'listener', "
      "'pool', 'member', 'healthmonitor']}, 'name': {'type': 'string'}, "
      "'id': {'type': 'string', 'format': 'uuid'}, 'attributes': "
      "{'type': 'object', 'additionalProperties': {}}, 'changes': "
      "{'type': 'object', 'additionalProperties': {'type': 'object', "
      "'required': ['from', 'to'], 'properties': {'from': {}, 'to': {}}}}}}}"
      "}}" },
};

/* Handlers with such an answer.  No name: no call succeeds. */
static const struct {
    request_handler *handle;
    const char *name;
    const char *key;            /* Around it, or NULL. */
    bool is_list;
} openapi_handlers[] = {
    { handle_missing_id, NULL, NULL, false },
    { handle_failover, NULL, NULL, false },
    { handle_l7_policy_create, NULL, NULL, false },
    { handle_l7_rules, NULL, NULL, false },
    { handle_absent_object, NULL, NULL, false },
    { handle_absent_guarded, NULL, NULL, false },
    { handle_absent_create, NULL, NULL, false },
    { handle_absent_stats, NULL, NULL, false },
    { handle_capabilities, NULL, NULL, false },
    { handle_network_write, NULL, NULL, false },
    { handle_versions, "Versions", NULL, false },
    { handle_tree, "LoadBalancerTree", "loadbalancer", false },
    { handle_tree_write, "TreeOrPlan", NULL, false },
    { handle_status, "Statuses", NULL, false },
    { handle_stats, "Stats", NULL, false },
    { handle_lb_fault, "FaultOfLoadBalancer", NULL, false },
    { handle_providers, "Providers", NULL, false },
    { handle_network_tags, "Tags", NULL, false },
    { handle_extension, "Extension", "extension", false },
    { handle_extensions, "Extension", "extensions", true },
};

static bool
openapi_is_network(const struct route *route)
{
    return route->needs == NEEDS_NET;
}

bool
openapi_never_succeeds(const struct route *route)
{
    for (size_t i = 0; i < ARRAY_SIZE(openapi_handlers); i++) {
        if (openapi_handlers[i].handle == route->handle) {
            return !openapi_handlers[i].name;
        }
    }
    return false;
}

/* 'other_links' is another name of the links, or NULL. */
static struct json *
openapi_list_of(const char *plural, struct json *item,
                const char *other_links)
{
    struct json *schema = openapi_schema_wrap(plural,
                                              openapi_schema_list(item));
    struct json *properties = shash_find_data(json_object(schema),
                                              "properties");
    char *name = xasprintf("%s_links", plural);

    json_object_put(properties, name, openapi_schema_ref("Links"));
    if (other_links) {
        json_object_put(properties, other_links, openapi_schema_ref("Links"));
    }
    free(name);
    return schema;
}

static struct json *
openapi_network_answer_of(const struct route *route)
{
    const struct network_kind *kind = network_kind_find(route->path);
    char *name = openapi_schema_name(kind->title, OPENAPI_SHOWN);
    struct json *ref = openapi_schema_ref(name);

    free(name);
    return (route->handle == handle_network_show
            ? openapi_schema_wrap(kind->key, ref)
            : openapi_list_of(kind->plural, ref, NULL));
}

static struct json *
openapi_named_answer_of(size_t i)
{
    struct json *ref = openapi_schema_ref(openapi_handlers[i].name);
    const char *key = openapi_handlers[i].key;

    return (!key ? ref
            : openapi_schema_wrap(key, openapi_handlers[i].is_list
                                  ? openapi_schema_list(ref) : ref));
}

/* Returns the answer of a handler that goes by a table. */
static struct json *
openapi_table_answer_of(const struct route *route)
{
    const struct resource *resource = route_resource(route);

    if (route->handle == handle_list || route->handle == handle_absent_list
        || route->handle == handle_quotas) {
        return openapi_list_of(resource->plural,
                               openapi_schema_ref_to(resource, OPENAPI_SHOWN),
                               absent_links(route));
    }
    if (!strcmp(route->method, "DELETE") || route_writes_list(route)) {
        return NULL;
    }
    return openapi_schema_wrap(
        resource->key, (!strcmp(route->method, "POST")
                        && route->resource == RESOURCE_LOAD_BALANCER
                        ? openapi_schema_ref("LoadBalancerTree")
                        : openapi_schema_ref_to(resource, OPENAPI_SHOWN)));
}

struct json *
openapi_answer_of(const struct route *route)
{
    for (size_t i = 0; i < ARRAY_SIZE(openapi_handlers); i++) {
        if (openapi_handlers[i].handle == route->handle) {
            return (openapi_handlers[i].name ? openapi_named_answer_of(i)
                    : NULL);
        }
    }
    return (route->handle == handle_v2
            ? openapi_json("{'type': 'string'}")
            : route->handle == handle_openapi
            ? openapi_json("{'type': 'object'}")
            : openapi_is_network(route) ? openapi_network_answer_of(route)
            : openapi_table_answer_of(route));
}

struct json *
openapi_body_of(const struct route *route)
{
    const struct resource *resource;

    if (!route_takes_body(route)) {
        return NULL;
    }
    resource = route_body_resource(route);
    if (!resource->key) {
        return openapi_schema_of_resource(resource, OPENAPI_POST);
    }
    return openapi_schema_wrap(
        resource->key, openapi_schema_ref_to(resource,
                                             route_body_is_new(route)
                                             ? OPENAPI_POST : OPENAPI_PUT));
}

struct json *
openapi_fault_of(const struct route *route)
{
    return openapi_schema_ref(openapi_is_network(route)
                              || route->handle == handle_extension
                              ? "NeutronError" : "Fault");
}

static void
openapi_put_resource(struct json *schemas, const struct resource *resource,
                     enum openapi_use use)
{
    char *name = openapi_schema_name(resource->title, use);

    json_object_put(schemas, name, openapi_schema_of_resource(resource, use));
    free(name);
}

/* Adds the ways in which an object that is not there is read and written. */
static void
openapi_put_uses(struct json *schemas, const struct resource *resource)
{
    openapi_put_resource(schemas, resource, OPENAPI_SHOWN);
    openapi_put_resource(schemas, resource, OPENAPI_POST);
    openapi_put_resource(schemas, resource, OPENAPI_PUT);
}

void
openapi_put_schemas(struct json *schemas)
{
    const struct network_kind *kind;

    for (size_t i = 0; i < ARRAY_SIZE(openapi_named); i++) {
        json_object_put(schemas, openapi_named[i].name,
                        openapi_json(openapi_named[i].schema));
    }
    for (size_t i = 0; i < N_RESOURCES; i++) {
        const struct resource *resource = resource_get(i);

        if (resource->title) {
            openapi_put_uses(schemas, resource);
            openapi_put_resource(schemas, resource, OPENAPI_PART);
        }
    }
    for (size_t i = ABSENT_FIRST; i < ABSENT_END; i++) {
        openapi_put_uses(schemas, absent_resource(i));
    }
    openapi_put_uses(schemas, &quota_resource);
    for (size_t i = 0; (kind = network_kind_get(i)); i++) {
        char *name = openapi_schema_name(kind->title, OPENAPI_SHOWN);

        json_object_put(schemas, name, openapi_schema_of_kind(kind));
        free(name);
    }
}
