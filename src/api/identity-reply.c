/* SPDX-License-Identifier: Apache-2.0
 *
 * What answers of Identity v3 are made of; see identity-reply.h.
 */

#include <config.h>
#include "api/identity-reply.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "api/own-url.h"
#include "api/request.h"
#include "auth/local/login-form.h"
#include "auth/local/users.h"
#include "base/json-write.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* The services of the catalog: all of them are this API. */
static const struct {
    const char *type;
    const char *name;
    const char *path;
} identity_services[] = {
    { "load-balancer", "octavia", "/load-balancer" },
    { "network", "neutron", "" },
    { "identity", "keystone", "/v3" },
};

/* The only region: clients that name one have to name this. */
#define IDENTITY_REGION "RegionOne"

static void
identity_put_text(struct ds *out, const char *text)
{
    json_put_string(out, text, strlen(text));
}

void
identity_put_url(struct ds *out, const struct request *request,
                 const char *path)
{
    struct ds url = DS_EMPTY_INITIALIZER;

    own_url_put_path(&url, request, path);
    json_put_string(out, ds_cstr(&url), url.length);
    ds_destroy(&url);
}

static void
identity_put_self(struct ds *out, const struct request *request,
                  const char *folder, const char *id)
{
    char *path = xasprintf("/v3/%s/%s", folder, id);

    ds_put_cstr(out, "\"links\": {\"self\": ");
    identity_put_url(out, request, path);
    ds_put_char(out, '}');
    free(path);
}

void
identity_put_project(struct ds *out, const struct request *request,
                     const struct local_project *project)
{
    ds_put_cstr(out, "{\"id\": ");
    identity_put_text(out, project->id);
    ds_put_cstr(out, ", \"name\": ");
    identity_put_text(out, project->name);
    ds_put_cstr(out, ", \"domain_id\": \"" LOCAL_DOMAIN_ID "\", "
                "\"parent_id\": \"" LOCAL_DOMAIN_ID "\", "
                "\"description\": \"\", \"enabled\": true, "
                "\"is_domain\": false, \"tags\": [], \"options\": {}, ");
    identity_put_self(out, request, "projects", project->id);
    ds_put_char(out, '}');
}

void
identity_put_user(struct ds *out, const struct request *request,
                  const struct local_user *user)
{
    ds_put_cstr(out, "{\"id\": ");
    identity_put_text(out, user->id);
    ds_put_cstr(out, ", \"name\": ");
    identity_put_text(out, user->name);
    ds_put_cstr(out, ", \"domain_id\": \"" LOCAL_DOMAIN_ID "\", "
                "\"enabled\": true, \"password_expires_at\": null, "
                "\"options\": {}, ");
    identity_put_self(out, request, "users", user->id);
    ds_put_char(out, '}');
}

void
identity_put_domain(struct ds *out, const struct request *request)
{
    ds_put_cstr(out, "{\"id\": \"" LOCAL_DOMAIN_ID "\", "
                "\"name\": \"" LOCAL_DOMAIN_NAME "\", \"description\": \"\", "
                "\"enabled\": true, \"tags\": [], \"options\": {}, ");
    identity_put_self(out, request, "domains", LOCAL_DOMAIN_ID);
    ds_put_char(out, '}');
}

/* --- The catalog --------------------------------------------------------- */

static void
identity_put_endpoint(struct ds *out, const struct request *request,
                      size_t service, const char *interface)
{
    ds_put_format(out, "{\"id\": \"%s-%s\", \"interface\": \"%s\", "
                  "\"region\": \"" IDENTITY_REGION "\", "
                  "\"region_id\": \"" IDENTITY_REGION "\", \"url\": ",
                  identity_services[service].type, interface, interface);
    identity_put_url(out, request, identity_services[service].path);
    ds_put_char(out, '}');
}

void
identity_put_catalog(struct ds *out, const struct request *request)
{
    static const char *const interfaces[] = { "public", "internal", "admin" };

    ds_put_char(out, '[');
    for (size_t i = 0; i < ARRAY_SIZE(identity_services); i++) {
        ds_put_format(out, "%s{\"id\": \"%s\", \"type\": \"%s\", "
                      "\"name\": \"%s\", \"endpoints\": [", i ? ", " : "",
                      identity_services[i].type, identity_services[i].type,
                      identity_services[i].name);
        for (size_t j = 0; j < ARRAY_SIZE(interfaces); j++) {
            ds_put_cstr(out, j ? ", " : "");
            identity_put_endpoint(out, request, i, interfaces[j]);
        }
        ds_put_cstr(out, "]}");
    }
    ds_put_char(out, ']');
}

/* --- Tokens -------------------------------------------------------------- */

/* Keystone's form of a time: with microseconds and a zone. */
static void
identity_put_time(struct ds *out, const char *name, int64_t us)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    json_put_time(&text, us);
    ds_truncate(&text, text.length - 1);
    ds_put_format(out, "\"%s\": %s.%06"PRId64"Z\", ", name, ds_cstr(&text),
                  us % 1000000);
    ds_destroy(&text);
}

static void
identity_put_owner(struct ds *out, const char *what, const char *id,
                   const char *name)
{
    ds_put_format(out, "\"%s\": {\"id\": ", what);
    identity_put_text(out, id);
    ds_put_cstr(out, ", \"name\": ");
    identity_put_text(out, name);
    ds_put_cstr(out, ", \"domain\": {\"id\": \"" LOCAL_DOMAIN_ID "\", "
                "\"name\": \"" LOCAL_DOMAIN_NAME "\"}");
}

/* Roles have no ids of their own. */
static void
identity_put_roles(struct ds *out, const struct sset *roles)
{
    const char **names = sset_sort(roles);

    ds_put_cstr(out, "\"roles\": [");
    for (size_t i = 0; i < sset_count(roles); i++) {
        ds_put_cstr(out, i ? ", {\"id\": " : "{\"id\": ");
        identity_put_text(out, names[i]);
        ds_put_cstr(out, ", \"name\": ");
        identity_put_text(out, names[i]);
        ds_put_char(out, '}');
    }
    ds_put_cstr(out, "], ");
    free(names);
}

static void
identity_put_credential(struct ds *out,
                        const struct local_credential *credential)
{
    ds_put_cstr(out, "\"application_credential\": {\"id\": ");
    identity_put_text(out, credential->id);
    ds_put_cstr(out, ", \"name\": ");
    identity_put_text(out, credential->name);
    ds_put_cstr(out, ", \"restricted\": true}, ");
}

static bool
identity_note_nocatalog(const char *name, const char *value OVS_UNUSED,
                        void *has_it)
{
    *(bool *) has_it |= !strcmp(name, "nocatalog");
    return true;
}

static bool
identity_wants_catalog(const struct request *request)
{
    bool has_it = false;

    http_request_for_each_arg(request->http, identity_note_nocatalog,
                              &has_it);
    return !has_it;
}

void
identity_put_token(struct ds *out, const struct request *request,
                   const struct local_token *token)
{
    const struct local_user *user = token->account.user;

    ds_put_format(out, "{\"token\": {\"methods\": [\"%s\"%s], ",
                  token->account.credential ? "application_credential"
                  : "password", token->origin ? ", \"token\"" : "");
    identity_put_owner(out, "user", user->id, user->name);
    ds_put_cstr(out, ", \"password_expires_at\": null}, ");
    identity_put_time(out, "issued_at", token->issued_at);
    identity_put_time(out, "expires_at", token->expires_at);
    if (token->account.credential) {
        identity_put_credential(out, token->account.credential);
    }
    if (token->project) {
        identity_put_owner(out, "project", token->project->id,
                           token->project->name);
        ds_put_cstr(out, "}, \"is_domain\": false, ");
        identity_put_roles(out, &token->roles);
        if (identity_wants_catalog(request)) {
            ds_put_cstr(out, "\"catalog\": ");
            identity_put_catalog(out, request);
            ds_put_cstr(out, ", ");
        }
    }
    /* Not the whole digest: it is what a token is known by. */
    ds_put_format(out, "\"audit_ids\": [\"%.22s\"", token->digest);
    if (token->origin) {
        ds_put_format(out, ", \"%.22s\"", token->origin);
    }
    ds_put_cstr(out, "]}}");
}

/* --- Errors -------------------------------------------------------------- */

static const char *
identity_title(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {
        { 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
        { 404, "Not Found" }, { 405, "Method Not Allowed" },
        { 415, "Unsupported Media Type" }, { 429, "Too Many Requests" },
        { 503, "Service Unavailable" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(titles); i++) {
        if (titles[i].status == status) {
            return titles[i].title;
        }
    }
    OVS_NOT_REACHED();
}

void
identity_fail(struct request *request, int status, const char *message)
{
    struct ds body = DS_EMPTY_INITIALIZER;

    ds_put_format(&body, "{\"error\": {\"code\": %d, \"title\": \"%s\", "
                  "\"message\": ", status, identity_title(status));
    identity_put_text(&body, message);
    ds_put_cstr(&body, "}}");
    request_reply_as(request, status, &body);
}

void
identity_fail_for_now(struct request *request, int status, long long int ms,
                      const char *message)
{
    char *seconds = xasprintf("%lld", MAX(1, (ms + 999) / 1000));

    http_request_add_header(request->http, "Retry-After", seconds);
    free(seconds);
    identity_fail(request, status, message);
}
