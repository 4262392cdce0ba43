/* SPDX-License-Identifier: Apache-2.0
 *
 * The description of the API in the form of OpenAPI 3.0, at /openapi.json:
 * made from the table of routes and the tables of attributes when it is first
 * asked for, and the same as long as the process lives.
 *
 * It says what Octavia's API says; what OVN does not have of that is in
 * members of our own ("x-ovn-...").
 */

#include <config.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "api/etag.h"
#include "api/handlers.h"
#include "api/openapi-answers.h"
#include "api/openapi-parameters.h"
#include "api/openapi-schemas.h"
#include "api/preconditions.h"
#include "api/request.h"
#include "api/routes.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

#define OPENAPI_INFO                                                    \
    "{'title': 'Octavia load balancing on OVN', "                       \
    "'version': '" OVN_OCTAVIA_VERSION "', "                            \
    "'license': {'name': 'Apache-2.0'}, "                               \
    "'description': 'Octavia API v2, and what it has besides: entity "  \
    "tags, If-Match, and Prefer: wait.'}"

#define OPENAPI_TOKEN                                                   \
    "{'token': {'type': 'apiKey', 'in': 'header', "                     \
    "'name': 'X-Auth-Token'}}"

/* Header fields of answers. */
#define OPENAPI_HEADERS                                                 \
    "{'ETag': {'schema': {'type': 'string'}}, "                         \
    "'Preference-Applied': {'schema': {'type': 'string'}}, "            \
    "'RequestId': {'schema': {'type': 'string'}}}"

static struct json *
openapi_content(struct json *schema)
{
    struct json *media = json_object_create();
    struct json *content = json_object_create();

    json_object_put(media, "schema", schema);
    json_object_put(content, "application/json", media);
    return content;
}

static struct json *
openapi_response(const char *description, struct json *schema)
{
    struct json *response = json_object_create();

    json_object_put(response, "headers", openapi_json(
                        "{'x-openstack-request-id': "
                        "{'$ref': '#/components/headers/RequestId'}}"));
    json_object_put_string(response, "description", description);
    if (schema) {
        json_object_put(response, "content", openapi_content(schema));
    }
    return response;
}

static void
openapi_put_header(struct json *response, const char *name)
{
    struct json *headers = shash_find_data(json_object(response), "headers");
    struct json *ref = json_object_create();

    json_object_put_format(ref, "$ref", "#/components/headers/%s", name);
    json_object_put(headers, name, ref);
}

static struct json *
openapi_success(const struct route *route)
{
    struct json *response = openapi_response("Success.",
                                             openapi_answer_of(route));
    bool is_write = (route->handle == handle_write
                     || route->handle == handle_write_list
                     || route->handle == handle_tree_write);

    if (is_write) {
        openapi_put_header(response, "Preference-Applied");
    }
    if (route->handle == handle_show || route->handle == handle_quota
        || route->handle == handle_network_show
        || route->handle == handle_tree
        || (is_write && strcmp(route->method, "DELETE"))) {
        openapi_put_header(response, "ETag");
    }
    return response;
}

static struct json *
openapi_responses(const struct route *route)
{
    struct json *responses = json_object_create();

    if (!openapi_never_succeeds(route)) {
        char *status = xasprintf("%d", route->status);

        json_object_put(responses, status, openapi_success(route));
        free(status);
    }
    json_object_put(responses, "default",
                    openapi_response("A fault.", openapi_fault_of(route)));
    return responses;
}

/* Returns a name of the call that no other has. */
static char *
openapi_operation_id(const struct route *route)
{
    struct ds id = DS_EMPTY_INITIALIZER;
    const char *path = route->path;

    path += !strncmp(path, "lbaas/", 6) ? 6 : 0;
    for (const char *p = route->method; *p; p++) {
        ds_put_char(&id, tolower((unsigned char) *p));
    }
    ds_put_char(&id, '_');
    for (; *path; path++) {
        if (isalnum((unsigned char) *path)) {
            ds_put_char(&id, *path);
        } else if (*path != '}' && ds_last(&id) != '_') {
            ds_put_char(&id, '_');
        }
    }
    return ds_steal_cstr(&id);
}

static struct json *
openapi_operation(const struct route *route)
{
    struct json *operation = json_object_create();
    struct json *parameters = json_array_create_empty();
    struct json *body = openapi_body_of(route);
    struct ds path = DS_EMPTY_INITIALIZER;
    char *id = openapi_operation_id(route);

    openapi_put_path(&path, route, parameters);
    openapi_put_arguments(parameters, route);
    openapi_put_headers(parameters, route);
    json_object_put(operation, "parameters", parameters);
    json_object_put_string(operation, "operationId", id);
    if (body) {
        struct json *request = openapi_json("{'required': true}");

        json_object_put(request, "content", openapi_content(body));
        json_object_put(operation, "requestBody", request);
    }
    json_object_put(operation, "responses", openapi_responses(route));
    if (route->policy) {
        json_object_put_format(operation, "x-policy",
                               "os_load-balancer_api:%s", route->policy);
    } else if (!route_is_versioned(route)) {
        json_object_put(operation, "security", json_array_create_empty());
    }
    free(id);
    ds_destroy(&path);
    return operation;
}

static void
openapi_put_route(struct json *paths, const struct route *route)
{
    struct ds path = DS_EMPTY_INITIALIZER;
    struct ds method = DS_EMPTY_INITIALIZER;
    struct json *item;

    openapi_put_path(&path, route, NULL);
    for (const char *p = route->method; *p; p++) {
        ds_put_char(&method, tolower((unsigned char) *p));
    }
    item = shash_find_data(json_object(paths), ds_cstr(&path));
    if (!item) {
        item = json_object_create();
        json_object_put(paths, ds_cstr(&path), item);
    }
    json_object_put(item, !strcmp(ds_cstr(&method), "*") ? "get"
                    : ds_cstr(&method), openapi_operation(route));
    ds_destroy(&path);
    ds_destroy(&method);
}

static struct json *
openapi_paths(void)
{
    struct json *paths = json_object_create();
    const struct route *route;

    for (size_t i = 0; (route = route_get(i)); i++) {
        openapi_put_route(paths, route);
    }
    return paths;
}

static struct json *
openapi_components(void)
{
    struct json *components = json_object_create();
    struct json *schemas = json_object_create();
    struct json *parameters = json_object_create();

    openapi_put_schemas(schemas);
    openapi_put_shared(parameters);
    json_object_put(components, "schemas", schemas);
    json_object_put(components, "parameters", parameters);
    json_object_put(components, "headers", openapi_json(OPENAPI_HEADERS));
    json_object_put(components, "securitySchemes",
                    openapi_json(OPENAPI_TOKEN));
    return components;
}

/* Appends the document.  Its server is where it is itself. */
static void
openapi_put(struct ds *out)
{
    struct json *document = openapi_json(
        "{'openapi': '3.0.3', 'servers': [{'url': '.'}], "
        "'security': [{'token': []}]}");

    json_object_put(document, "info", openapi_json(OPENAPI_INFO));
    json_object_put(document, "paths", openapi_paths());
    json_object_put(document, "components", openapi_components());
    json_to_ds(document, JSSF_SORT, out);
    json_destroy(document);
}

void
handle_openapi(struct request *request)
{
    static struct ds document = DS_EMPTY_INITIALIZER;
    static struct etag tag;

    if (!document.length) {
        openapi_put(&document);
        etag_of_body(&document, &tag);
    }
    http_request_add_header(request->http, "Cache-Control", "max-age=300");
    if (precondition_meets_get(request, &tag)) {
        struct ds body = DS_EMPTY_INITIALIZER;

        ds_put_buffer(&body, document.string, document.length);
        request_reply(request, &body);
    }
}
