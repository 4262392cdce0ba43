/* SPDX-License-Identifier: Apache-2.0
 *
 * Octavia's REST API; see api.h.
 */

#include <config.h>
#include "octavia/api.h"
#include <stdlib.h>
#include "auth/service.h"
#include "auth/session.h"
#include "base/limits.h"
#include "base/octavia-conf.h"
#include "openvswitch/list.h"
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
    char *key, *filter;         /* A list's. */
    octavia_query_done *done;
    void *aux;

    struct service_call *call;
    struct octavia_items items;
};

static void query_ask(struct octavia_query *);

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
    service_run(api->service);
}

void
octavia_api_wait(struct octavia_api *api)
{
    session_wait(api->session);
    service_wait(api->service);
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
    query_ask(query);
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
        octavia_items_uninit(&query->items);
        free(query);
    }
}

static void
octavia_query_finish(struct octavia_query *query, const char *error)
{
    const struct octavia_list list = {
        .error = error,
        .items = query->items.array,
        .n = query->items.n,
    };

    query->done(&list, query->aux);
    octavia_query_cancel(query);
}

/* Octavia may give less than a page: the list ends with an empty one. */
static void
take_page(const struct service_reply *reply, void *query_)
{
    struct octavia_query *query = query_;
    size_t n;

    query->call = NULL;
    if (reply->status != 200) {
        octavia_query_finish(query, reply->text ? reply->text : "no answer");
    } else if (!octavia_items_add_page(&query->items, reply->json, query->key,
                                       &n)) {
        octavia_query_finish(query, "not an answer of Octavia's");
    } else if (!n || query->items.n > OCTAVIA_OBJECTS_MAX) {
        octavia_query_finish(query, n ? "too many objects" : NULL);
    } else {
        query_ask(query);
    }
}

static void
query_ask(struct octavia_query *query)
{
    size_t n = query->items.n;
    char *marker = (n
                    ? xasprintf("&marker="UUID_FMT,
                                UUID_ARGS(&query->items.array[n - 1].id))
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
query_take_tree(const struct service_reply *reply, void *query_)
{
    struct octavia_query *query = query_;

    query->call = NULL;
    if (reply->status == 200 && reply->json) {
        octavia_items_add_tree(&query->items, reply->json);
    }
    octavia_query_finish(query, reply->status != 200
                         ? (reply->text ? reply->text : "no answer")
                         : !query->items.n ? "not an answer of Octavia's"
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
                               query_take_tree, query);
    return query;
}
