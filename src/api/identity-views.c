/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of Identity v3 that only read; see identity-views.h.
 */

#include <config.h>
#include "api/identity-views.h"
#include <stdlib.h>
#include <string.h>
#include "api/identity-reply.h"
#include "api/local-auth.h"
#include "api/request.h"
#include "auth/caller.h"
#include "auth/local/login-form.h"
#include "auth/local/users.h"
#include "auth/policy.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* --- Versions and the catalog -------------------------------------------- */

void
identity_put_version(struct ds *out, const struct request *request)
{
    ds_put_cstr(out, "{\"id\": \"v3.14\", \"status\": \"stable\", "
                "\"updated\": \"2020-04-07T00:00:00Z\", "
                "\"links\": [{\"rel\": \"self\", \"href\": ");
    identity_put_url(out, request, "/v3/");
    ds_put_cstr(out, "}], \"media-types\": [{"
                "\"base\": \"application/json\", \"type\": "
                "\"application/vnd.openstack.identity-v3+json\"}]}");
}

/* Keystone answers with 300, too. */
void
identity_list_versions(struct request *request)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "{\"versions\": {\"values\": [");
    identity_put_version(&body, request);
    ds_put_cstr(&body, "]}}");
    request_reply_as(request, 300, &body);
}

void
identity_show_version(struct request *request, const char *id OVS_UNUSED)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "{\"version\": ");
    identity_put_version(&body, request);
    ds_put_char(&body, '}');
    request_reply_as(request, 200, &body);
}

void
identity_show_catalog(struct request *request, const char *id OVS_UNUSED)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "{\"catalog\": ");
    identity_put_catalog(&body, request);
    ds_put_cstr(&body, ", \"links\": {\"self\": ");
    identity_put_url(&body, request, "/v3/auth/catalog");
    ds_put_cstr(&body, "}}");
    request_reply_as(request, 200, &body);
}

/* Nobody has a role in the whole system. */
void
identity_show_system(struct request *request, const char *id OVS_UNUSED)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&body, "{\"system\": []}");
    request_reply_as(request, 200, &body);
}

/* --- Lists --------------------------------------------------------------- */

struct identity_list {
    struct request *request;
    const struct users *users;
    const char *wanted_name;    /* NULL: any. */
    struct ds body;
    size_t n;
};

static bool
identity_note_name(const char *name, const char *value, void *wanted)
{
    if (!strcmp(name, "name")) {
        *(const char **) wanted = value ? value : "";
    }
    return true;
}

static void
identity_list_begin(struct identity_list *list, struct request *request,
                    const char *title)
{
    *list = (struct identity_list) {
        .request = request,
        .users = local_auth_users(request->api->local),
        .body = DS_EMPTY_INITIALIZER,
    };
    http_request_for_each_arg(request->http, identity_note_name,
                              &list->wanted_name);
    ds_put_format(&list->body, "{\"%s\": [", title);
}

static void
identity_list_add(struct identity_list *list)
{
    ds_put_cstr(&list->body, list->n++ ? ", " : "");
}

static void
identity_list_end(struct identity_list *list, const char *path)
{
    ds_put_cstr(&list->body, "], \"links\": {\"next\": null, "
                "\"previous\": null, \"self\": ");
    identity_put_url(&list->body, list->request, path);
    ds_put_cstr(&list->body, "}}");
    request_reply_as(list->request, 200, &list->body);
}

/* Returns the user who asks; NULL if it was removed a moment ago. */
static const struct local_user *
identity_caller(const struct request *request)
{
    return users_find(local_auth_users(request->api->local),
                      request->caller->user_id);
}

static bool
identity_caller_is_admin(const struct request *request)
{
    return policy_allows(POLICY_ADMIN, request->caller, NULL,
                         request->api->legacy_roles);
}

/* --- Projects ------------------------------------------------------------ */

static void
identity_add_project(struct identity_list *list,
                     const struct local_project *project)
{
    if (!list->wanted_name || !strcmp(list->wanted_name, project->name)) {
        identity_list_add(list);
        identity_put_project(&list->body, list->request, project);
    }
}

static void
identity_list_projects_of(struct request *request,
                          const struct local_user *user, const char *path)
{
    const struct shash_node **grants;
    struct identity_list list;

    identity_list_begin(&list, request, "projects");
    grants = user ? shash_sort(&user->grants) : NULL;
    for (size_t i = 0; user && i < shash_count(&user->grants); i++) {
        identity_add_project(&list, users_find_project(list.users,
                                                       grants[i]->name));
    }
    free(grants);
    identity_list_end(&list, path);
}

void
identity_list_own_projects(struct request *request,
                           const char *id OVS_UNUSED)
{
    identity_list_projects_of(request, identity_caller(request),
                              "/v3/auth/projects");
}

void
identity_list_projects(struct request *request, const char *id OVS_UNUSED)
{
    const struct shash_node **nodes;
    struct identity_list list;

    if (!identity_caller_is_admin(request)) {
        identity_list_projects_of(request, identity_caller(request),
                                  "/v3/projects");
        return;
    }
    identity_list_begin(&list, request, "projects");
    nodes = shash_sort(&list.users->projects);
    for (size_t i = 0; i < shash_count(&list.users->projects); i++) {
        identity_add_project(&list, nodes[i]->data);
    }
    free(nodes);
    identity_list_end(&list, "/v3/projects");
}

/* Returns the user with the id, if the caller may see it. */
static const struct local_user *
identity_find_user(const struct request *request, const char *id)
{
    const struct local_user *user
        = users_find(local_auth_users(request->api->local), id);

    return (user && (user == identity_caller(request)
                     || identity_caller_is_admin(request)) ? user : NULL);
}

static void
identity_fail_unknown(struct request *request, const char *what,
                      const char *id)
{
    char *message = xasprintf("Could not find %s: %s.", what, id);

    identity_fail(request, 404, message);
    free(message);
}

void
identity_list_user_projects(struct request *request, const char *id)
{
    const struct local_user *user = identity_find_user(request, id);

    if (user) {
        char *path = xasprintf("/v3/users/%s/projects", user->id);

        identity_list_projects_of(request, user, path);
        free(path);
    } else {
        identity_fail_unknown(request, "user", id);
    }
}

void
identity_show_project(struct request *request, const char *id)
{
    const struct local_user *user = identity_caller(request);
    const struct local_project *project
        = users_find_project(local_auth_users(request->api->local), id);
    struct ds body = DS_EMPTY_INITIALIZER;

    if (!project || (!identity_caller_is_admin(request)
                     && !(user && local_user_roles(user, id)))) {
        identity_fail_unknown(request, "project", id);
        return;
    }
    ds_put_cstr(&body, "{\"project\": ");
    identity_put_project(&body, request, project);
    ds_put_char(&body, '}');
    request_reply_as(request, 200, &body);
}

/* --- Users --------------------------------------------------------------- */

void
identity_list_users(struct request *request, const char *id OVS_UNUSED)
{
    bool sees_all = identity_caller_is_admin(request);
    const struct shash_node **nodes;
    struct identity_list list;

    identity_list_begin(&list, request, "users");
    nodes = shash_sort(&list.users->user_names);
    for (size_t i = 0; i < shash_count(&list.users->user_names); i++) {
        const struct local_user *user = nodes[i]->data;

        if ((sees_all || !strcmp(user->id, request->caller->user_id))
            && (!list.wanted_name || !strcmp(list.wanted_name, user->name))) {
            identity_list_add(&list);
            identity_put_user(&list.body, request, user);
        }
    }
    free(nodes);
    identity_list_end(&list, "/v3/users");
}

void
identity_show_user(struct request *request, const char *id)
{
    const struct local_user *user = identity_find_user(request, id);
    struct ds body = DS_EMPTY_INITIALIZER;

    if (!user) {
        identity_fail_unknown(request, "user", id);
        return;
    }
    ds_put_cstr(&body, "{\"user\": ");
    identity_put_user(&body, request, user);
    ds_put_char(&body, '}');
    request_reply_as(request, 200, &body);
}

/* --- Domains ------------------------------------------------------------- */

void
identity_list_domains(struct request *request, const char *id OVS_UNUSED)
{
    struct identity_list list;

    identity_list_begin(&list, request, "domains");
    if (!list.wanted_name || !strcmp(list.wanted_name, LOCAL_DOMAIN_NAME)) {
        identity_list_add(&list);
        identity_put_domain(&list.body, request);
    }
    identity_list_end(&list, "/v3/domains");
}

/* Roles are in projects only. */
void
identity_list_no_domains(struct request *request, const char *id OVS_UNUSED)
{
    struct identity_list list;

    identity_list_begin(&list, request, "domains");
    identity_list_end(&list, "/v3/auth/domains");
}

void
identity_show_domain(struct request *request, const char *id)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    if (strcmp(id, LOCAL_DOMAIN_ID)) {
        identity_fail_unknown(request, "domain", id);
        return;
    }
    ds_put_cstr(&body, "{\"domain\": ");
    identity_put_domain(&body, request);
    ds_put_char(&body, '}');
    request_reply_as(request, 200, &body);
}
