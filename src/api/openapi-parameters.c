/* SPDX-License-Identifier: Apache-2.0
 *
 * Parameters of routes; see openapi-parameters.h.
 */

#include <config.h>
#include "api/openapi-parameters.h"
#include <stdlib.h>
#include <string.h>
#include "api/handlers.h"
#include "api/network-kinds.h"
#include "api/openapi-schemas.h"
#include "api/route-body.h"
#include "api/routes.h"
#include "model/fields.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"

#define IN_LISTS (1u << 0)      /* Of our own objects. */
#define IN_SHOWS (1u << 1)
#define IN_NETWORKS (1u << 2)   /* Lists of them. */
#define IN_GETS (1u << 3)       /* Of one object. */
#define IN_WRITES (1u << 4)
#define IN_CASCADES (1u << 5)
#define IN_ADDITIVES (1u << 6)
#define IN_TREES (1u << 7)

#define QUERY(NAME, SCHEMA, TEXT)                                       \
    "{'name': '" NAME "', 'in': 'query', 'schema': " SCHEMA             \
    ", 'description': '" TEXT "'}"
#define HEADER(NAME, TEXT)                                              \
    "{'name': '" NAME "', 'in': 'header', 'schema': "                   \
    "{'type': 'string'}, 'description': '" TEXT "'}"
#define A_STRING "{'type': 'string'}"
#define STRINGS "{'type': 'array', 'items': {'type': 'string'}}"
#define A_BOOLEAN "{'type': 'boolean'}"

/* Parameters of many routes. */
static const struct {
    const char *name;           /* Among the components. */
    unsigned int where;
    const char *parameter;
} openapi_shared[] = {
    { "fields", IN_LISTS | IN_SHOWS | IN_NETWORKS,
      QUERY("fields", STRINGS, "The attributes to show; all without it.") },
    { "limit", IN_LISTS | IN_NETWORKS,
      QUERY("limit", "{'type': 'integer'}",
            "The largest number of objects in a page.") },
    { "marker", IN_LISTS | IN_NETWORKS,
      QUERY("marker", A_STRING,
            "The id after which a page begins: the last one of the page "
            "before.") },
    { "page_reverse", IN_LISTS | IN_NETWORKS,
      QUERY("page_reverse", A_STRING, "True: the page before the marker.") },
    { "sort", IN_LISTS,
      QUERY("sort", A_STRING,
            "Attributes with :asc or :desc, and commas between them.") },
    { "sort_key", IN_LISTS | IN_NETWORKS,
      QUERY("sort_key", STRINGS, "An attribute to order by.") },
    { "sort_dir", IN_LISTS | IN_NETWORKS,
      QUERY("sort_dir", STRINGS, "asc or desc, for each sort_key.") },
    { "tags", IN_LISTS,
      QUERY("tags", A_STRING, "Has all of these tags.") },
    { "tags-any", IN_LISTS,
      QUERY("tags-any", A_STRING, "Has one of these tags.") },
    { "not-tags", IN_LISTS,
      QUERY("not-tags", A_STRING, "Lacks one of these tags.") },
    { "not-tags-any", IN_LISTS,
      QUERY("not-tags-any", A_STRING, "Has none of these tags.") },
    { "cascade", IN_CASCADES,
      QUERY("cascade", A_BOOLEAN, "Deletes all parts, too.") },
    { "additive_only", IN_ADDITIVES,
      QUERY("additive_only", A_BOOLEAN,
            "Members that the list does not have are kept.") },
    { "dry-run", IN_TREES,
      QUERY("dry-run", A_BOOLEAN, "Nothing is changed: the answer is what "
            "would be.") },
    { "keep", IN_TREES,
      QUERY("keep", A_BOOLEAN,
            "Parts that the document does not have are kept.") },
    { "If-Match", IN_GETS | IN_WRITES,
      HEADER("If-Match", "Entity tags, one of which the object must have, or "
             "412 is the answer.  Of a write, only the first part counts, "
             "which stands for what users have configured; a POST, and a PUT "
             "of all members, is compared with the parents.") },
    { "If-None-Match", IN_GETS | IN_WRITES,
      HEADER("If-None-Match", "Entity tags that the object must not have: "
             "304 is the answer to a GET, 412 to a write.") },
    { "Prefer", IN_WRITES,
      HEADER("Prefer", "wait=SECONDS: the answer comes when the load balancer "
             "has left the PENDING states, or what was to be deleted is gone, "
             "and has Preference-Applied then.  It comes at the end of that "
             "time at the latest.") },
    { "Cache-Control", IN_GETS | IN_WRITES,
      HEADER("Cache-Control", "no-cache: goes by what the database has now, "
             "whatever this copy of the API has heard of.") },
};

/* Names of ids, where they do not follow from the word before them. */
static const struct {
    const char *word;
    const char *name;
} openapi_ids[] = {
    { "quotas", "project_id" },
    { "providers", "provider" },
    { "extensions", "alias" },
    { "tags", "tag" },
    { "amphorae", "amphora_id" },
    { "policies", "policy_id" },
    { "l7policies", "l7policy_id" },
};

/* Appends the name of an id after 'word', which is 'length' bytes long. */
static void
openapi_put_id_name(struct ds *out, const char *word, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(openapi_ids); i++) {
        if (!strncmp(openapi_ids[i].word, word, length)
            && !openapi_ids[i].word[length]) {
            ds_put_cstr(out, openapi_ids[i].name);
            return;
        }
    }
    for (size_t i = 0; i + 1 < length; i++) {
        ds_put_char(out, word[i] == '-' ? '_' : word[i]);
    }
    ds_put_cstr(out, "_id");
}

static void
openapi_put_id(struct ds *out, const char *word, size_t length,
               struct json *parameters)
{
    struct ds name = DS_EMPTY_INITIALIZER;

    openapi_put_id_name(&name, word, length);
    ds_put_format(out, "{%s}", ds_cstr(&name));
    if (parameters) {
        struct json *parameter = openapi_json(
            "{'in': 'path', 'required': true, 'schema': "
            "{'type': 'string'}}");

        json_object_put_string(parameter, "name", ds_cstr(&name));
        json_array_add(parameters, parameter);
    }
    ds_destroy(&name);
}

void
openapi_put_path(struct ds *out, const struct route *route,
                 struct json *parameters)
{
    const char *word = NULL;
    size_t length = 0;

    ds_put_cstr(out, route_is_versioned(route) ? "/v2.0" : "");
    for (const char *p = route->path; ; p++) {
        size_t n = strcspn(p, "/");

        ds_put_char(out, '/');
        if (*p == '{') {
            openapi_put_id(out, word, length, parameters);
        } else {
            ds_put_buffer(out, p, n);
            word = p;
            length = n;
        }
        p += n;
        if (!*p) {
            break;
        }
    }
}

/* --- Arguments and header fields ----------------------------------------- */

/* Returns which shared parameters the route has. */
static unsigned int
openapi_places(const struct route *route)
{
    unsigned int where = (route->query == QUERY_LIST ? IN_LISTS
                          : route->query == QUERY_SHOW ? IN_SHOWS
                          : route->query == QUERY_CASCADE ? IN_CASCADES
                          : route->query == QUERY_ADDITIVE ? IN_ADDITIVES
                          : route->query == QUERY_TREE ? IN_TREES
                          : 0);

    if (route->handle == handle_network_list) {
        where |= IN_NETWORKS;
    }
    if (route->handle == handle_show || route->handle == handle_quota
        || route->handle == handle_network_show
        || route->handle == handle_tree) {
        where |= IN_GETS;
    }
    if (route->handle == handle_network_show) {
        where |= IN_SHOWS;
    }
    if (route->handle == handle_write || route->handle == handle_write_list
        || route->handle == handle_tree_write
        || route->handle == handle_quota_write) {
        where |= IN_WRITES;
    }
    return where;
}

static void
openapi_put_places(struct json *parameters, unsigned int where, bool headers)
{
    for (size_t i = 0; i < ARRAY_SIZE(openapi_shared); i++) {
        bool is_header = openapi_shared[i].where & (IN_GETS | IN_WRITES);

        if (openapi_shared[i].where & where && is_header == headers) {
            struct json *ref = json_object_create();

            json_object_put_format(ref, "$ref", "#/components/parameters/%s",
                                   openapi_shared[i].name);
            json_array_add(parameters, ref);
        }
    }
}

static void
openapi_put_filter(struct json *parameters, const char *name,
                   struct json *schema)
{
    struct json *parameter = openapi_json("{'in': 'query'}");

    json_object_put_string(parameter, "name", name);
    json_object_put(parameter, "schema", schema);
    json_array_add(parameters, parameter);
}

static void
openapi_put_filters(struct json *parameters, const struct resource *resource)
{
    for (size_t i = 0; i < resource->n_fields; i++) {
        const struct field *field = &resource->fields[i];

        if (field->flags & FIELD_FILTER) {
            openapi_put_filter(parameters, field->name,
                               openapi_schema_of_filter(field));
            if (field->query_name) {
                openapi_put_filter(parameters, field->query_name,
                                   openapi_schema_of_filter(field));
            }
        }
    }
}

static void
openapi_put_network_filters(struct json *parameters,
                            const struct network_kind *kind)
{
    for (size_t i = 0; i < kind->n_attributes; i++) {
        openapi_put_filter(parameters, kind->attributes[i].name,
                           openapi_json(STRINGS));
    }
}

void
openapi_put_arguments(struct json *parameters, const struct route *route)
{
    openapi_put_places(parameters, openapi_places(route), false);
    if (route->query == QUERY_LIST) {
        openapi_put_filters(parameters, route_resource(route));
    } else if (route->handle == handle_network_list) {
        openapi_put_network_filters(parameters,
                                    network_kind_find(route->path));
    }
}

void
openapi_put_headers(struct json *parameters, const struct route *route)
{
    openapi_put_places(parameters, openapi_places(route), true);
}

void
openapi_put_shared(struct json *parameters)
{
    for (size_t i = 0; i < ARRAY_SIZE(openapi_shared); i++) {
        json_object_put(parameters, openapi_shared[i].name,
                        openapi_json(openapi_shared[i].parameter));
    }
}
