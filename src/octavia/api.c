/* SPDX-License-Identifier: Apache-2.0
 *
 * Octavia's REST API; see api.h.
 */

#include <config.h>
#include "octavia/api.h"
#include <stdlib.h>
#include <string.h>
#include "auth/session.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "base/octavia-conf.h"
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/shash.h"
#include "util.h"
#include "uuid.h"

#define SECTION "service_auth"

struct octavia_api {
    struct session *session;
    struct service *service;
    struct ovs_list queries;    /* struct octavia_query. */
};

struct octavia_query {
    struct ovs_list node;
    struct octavia_api *api;
    char *path;
    char *key, *filter;         /* Of a list. */
    octavia_query_done *done;
    void *aux;

    struct service_call *call;
    struct octavia_item *items;
    size_t n, allocated;
};

static void ask(struct octavia_query *);

static void
load_options(const struct octavia_conf *conf, struct session_options *ret)
{
    const struct {
        const char *key;
        const char **value;
    } options[] = {
        { "auth_url", &ret->auth_url },
        { "auth_type", &ret->auth_type },
        { "username", &ret->username },
        { "user_id", &ret->user_id },
        { "password", &ret->password },
        { "user_domain_name", &ret->user_domain_name },
        { "user_domain_id", &ret->user_domain_id },
        { "project_name", &ret->project_name },
        { "project_id", &ret->project_id },
        { "project_domain_name", &ret->project_domain_name },
        { "project_domain_id", &ret->project_domain_id },
        { "system_scope", &ret->system_scope },
        { "application_credential_id", &ret->application_credential_id },
        { "application_credential_name", &ret->application_credential_name },
        { "application_credential_secret",
          &ret->application_credential_secret },
        { "cafile", &ret->cafile },
        { "certfile", &ret->certfile },
        { "keyfile", &ret->keyfile },
    };

    *ret = (struct session_options) { .auth_url = NULL };
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        *options[i].value = octavia_conf_get(conf, SECTION, options[i].key);
    }
    ret->insecure = octavia_conf_get_bool(conf, SECTION, "insecure", false);
}

struct octavia_api *
octavia_api_create(const struct octavia_conf *conf, char **errorp)
{
    struct session_options options;

    if (!octavia_conf_has_section(conf, SECTION)) {
        *errorp = xstrdup("there is no section ["SECTION"]");
        return NULL;
    }
    load_options(conf, &options);

    char *error = NULL;
    struct session *session = session_create(&options, &error);
    if (!session) {
        *errorp = xasprintf("["SECTION"]: %s", error);
        free(error);
        return NULL;
    }

    const struct service_options service = {
        .type = "load-balancer",
        .region_name = octavia_conf_get(conf, SECTION, "region_name"),
        .calls_max = OCTAVIA_API_CALLS_MAX,
    };
    struct octavia_api *api = xzalloc(sizeof *api);
    api->session = session;
    api->service = service_create(session, &service);
    ovs_list_init(&api->queries);
    return api;
}

void
octavia_api_destroy(struct octavia_api *api)
{
    struct octavia_query *query;

    if (api) {
        LIST_FOR_EACH_SAFE (query, node, &api->queries) {
            octavia_query_cancel(query);
        }
        service_destroy(api->service);
        session_destroy(api->session);
        free(api);
    }
}

void
octavia_api_run(struct octavia_api *api)
{
    session_run(api->session);
}

void
octavia_api_wait(struct octavia_api *api)
{
    session_wait(api->session);
}

/* Takes ownership of 'path'. */
static struct octavia_query *
new_query(struct octavia_api *api, char *path, octavia_query_done *done,
          void *aux)
{
    struct octavia_query *query = xzalloc(sizeof *query);

    query->api = api;
    query->path = path;
    query->done = done;
    query->aux = aux;
    ovs_list_push_back(&api->queries, &query->node);
    return query;
}

struct octavia_query *
octavia_api_list(struct octavia_api *api, const char *path, const char *key,
                 const char *filter, octavia_query_done *done, void *aux)
{
    struct octavia_query *query = new_query(api, xstrdup(path), done, aux);

    query->key = xstrdup(key);
    query->filter = nullable_xstrdup(filter);
    ask(query);
    return query;
}

void
octavia_query_cancel(struct octavia_query *query)
{
    if (query) {
        if (query->call) {
            service_call_cancel(query->call);
        }
        ovs_list_remove(&query->node);
        free(query->path);
        free(query->key);
        free(query->filter);
        free(query->items);
        free(query);
    }
}

static void
finish(struct octavia_query *query, const char *error)
{
    const struct octavia_list list = {
        .error = error,
        .items = query->items,
        .n = query->n,
    };

    query->done(&list, query->aux);
    octavia_query_cancel(query);
}

bool
octavia_item_is_pending(const struct octavia_item *item)
{
    return !strncmp(item->provisioning_status, "PENDING_", 8);
}

bool
octavia_item_is_pending_delete(const struct octavia_item *item)
{
    return !strcmp(item->provisioning_status, "PENDING_DELETE");
}

static bool
read_string(const struct json *object, const char *name, char *ret,
            size_t size)
{
    const char *value = json_member_string(object, name);

    if (!value || strlen(value) >= size) {
        return false;
    }
    ovs_strlcpy(ret, value, size);
    return true;
}

/* Returns false if it is no object as Octavia shows them. */
static bool
read_item(const struct json *json, struct octavia_item *item)
{
    char id[UUID_LEN + 1];

    return (json->type == JSON_OBJECT
            && read_string(json, "id", id, sizeof id)
            && uuid_from_string(&item->id, id)
            && read_string(json, "provisioning_status",
                           item->provisioning_status,
                           sizeof item->provisioning_status)
            && read_string(json, "operating_status", item->operating_status,
                           sizeof item->operating_status));
}

static struct octavia_item *
add_item(struct octavia_query *query)
{
    if (query->n == query->allocated) {
        query->items = x2nrealloc(query->items, &query->allocated,
                                  sizeof *query->items);
    }
    return &query->items[query->n++];
}

/* A page that ends where the last one did goes on in circles. */
static bool
read_page(struct octavia_query *query, const struct json *list)
{
    struct uuid marker = query->n ? query->items[query->n - 1].id : UUID_ZERO;

    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!read_item(json_array_at(list, i), add_item(query))) {
            return false;
        }
    }
    return (!json_array_size(list)
            || !uuid_equals(&query->items[query->n - 1].id, &marker));
}

/* Octavia may give less than a page: the list ends with an empty one. */
static void
take_page(const struct service_reply *reply, void *query_)
{
    struct octavia_query *query = query_;
    const struct json *list
        = (reply->json && reply->json->type == JSON_OBJECT
           ? shash_find_data(json_object(reply->json), query->key) : NULL);

    query->call = NULL;
    if (reply->status != 200) {
        finish(query, reply->text ? reply->text : "no answer");
    } else if (!list || list->type != JSON_ARRAY || !read_page(query, list)) {
        finish(query, "not an answer of Octavia's");
    } else if (!json_array_size(list) || query->n > OCTAVIA_OBJECTS_MAX) {
        finish(query, json_array_size(list) ? "too many objects" : NULL);
    } else {
        ask(query);
    }
}

static void
ask(struct octavia_query *query)
{
    char *marker = (query->n
                    ? xasprintf("&marker="UUID_FMT,
                                UUID_ARGS(&query->items[query->n - 1].id))
                    : xstrdup(""));
    char *path = xasprintf("%s?fields=id&fields=provisioning_status"
                           "&fields=operating_status&limit=%d%s%s%s",
                           query->path, OCTAVIA_PAGE, marker,
                           query->filter ? "&" : "",
                           query->filter ? query->filter : "");

    query->call = service_send(query->api->service, "GET", path, NULL,
                               take_page, query);
    free(path);
    free(marker);
}

/* Trees. */

static void
add_tree(struct octavia_query *query, const struct json *json)
{
    if (json->type == JSON_ARRAY) {
        for (size_t i = 0; i < json_array_size(json); i++) {
            add_tree(query, json_array_at(json, i));
        }
    } else if (json->type == JSON_OBJECT) {
        const struct shash_node *node;

        if (!read_item(json, add_item(query))) {
            query->n--;         /* What holds the tree. */
        }
        SHASH_FOR_EACH (node, json_object(json)) {
            add_tree(query, node->data);
        }
    }
}

static void
take_tree(const struct service_reply *reply, void *query_)
{
    struct octavia_query *query = query_;

    query->call = NULL;
    if (reply->status == 200 && reply->json) {
        add_tree(query, reply->json);
    }
    finish(query, reply->status != 200 ? (reply->text ? reply->text
                                          : "no answer")
           : !query->n ? "not an answer of Octavia's"
           : NULL);
}

struct octavia_query *
octavia_api_tree(struct octavia_api *api, const struct uuid *lb_id,
                 octavia_query_done *done, void *aux)
{
    struct octavia_query *query = new_query(
        api, xasprintf("/v2/lbaas/loadbalancers/"UUID_FMT"/status",
                       UUID_ARGS(lb_id)), done, aux);

    query->call = service_send(api->service, "GET", query->path, NULL,
                               take_tree, query);
    return query;
}
