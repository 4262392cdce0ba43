/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of Identity v3; see identity.h.
 */

#include <config.h>
#include "api/identity.h"
#include <string.h>
#include "api/api.h"
#include "api/identity-login.h"
#include "api/identity-reply.h"
#include "api/identity-token.h"
#include "api/identity-views.h"
#include "api/request.h"
#include "http/server.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Below "/v3"; "{}" stands for an id.  A HEAD is a GET. */
static const struct identity_call {
    const char *method;
    const char *path;
    bool is_open;               /* Needs no token. */
    void (*answer)(struct request *, const char *id);
} identity_calls[] = {
    { "GET", "", true, identity_show_version },
    { "POST", "auth/tokens", true, identity_log_in },
    { "GET", "auth/tokens", false, identity_show_token },
    { "DELETE", "auth/tokens", false, identity_revoke_token },
    { "GET", "auth/catalog", false, identity_show_catalog },
    { "GET", "auth/projects", false, identity_list_own_projects },
    { "GET", "auth/domains", false, identity_list_no_domains },
    { "GET", "auth/system", false, identity_show_system },
    { "GET", "projects", false, identity_list_projects },
    { "GET", "projects/{}", false, identity_show_project },
    { "GET", "users", false, identity_list_users },
    { "GET", "users/{}", false, identity_show_user },
    { "GET", "users/{}/projects", false, identity_list_user_projects },
    { "GET", "domains", false, identity_list_domains },
    { "GET", "domains/{}", false, identity_show_domain },
};

/* Returns what follows the word 'word' ("/v3") in 'path', without slashes at
 * its start; NULL if it does not begin with that word. */
static const char *
identity_skip(const char *path, const char *word)
{
    size_t length = strlen(word);

    return (!strncmp(path, word, length)
            && (!path[length] || path[length] == '/')
            ? path + length + strspn(path + length, "/") : NULL);
}

/* Returns what follows "/v3/", NULL if the path is another one. */
static const char *
identity_rest(const struct request *request)
{
    const char *path = http_request_path(request->http);
    const char *rest = identity_skip(path, "/v3");

    return rest ? rest : identity_skip(path, "/identity/v3");
}

/* True for the address at which a client asks which versions there are. */
static bool
identity_is_discovery(const struct request *request)
{
    const char *rest = identity_skip(http_request_path(request->http),
                                     "/identity");

    return rest && !*rest;
}

bool
identity_is_asked(const struct request *request)
{
    return (request->api->local
            && (identity_rest(request) || identity_is_discovery(request)));
}

/* True if 'rest' is 'pattern'.  Stores the id, if there is one, in 'id' of
 * IDENTITY_ID_MAX + 1 bytes. */
static bool
identity_matches(const char *pattern, const char *rest, char *id)
{
    const char *mark = strstr(pattern, "{}");
    size_t before = mark ? mark - pattern : strlen(pattern);
    size_t length;

    if (strncmp(rest, pattern, before)) {
        return false;
    }
    rest += before;
    if (mark) {
        length = strcspn(rest, "/");
        if (!length || length > IDENTITY_ID_MAX) {
            return false;
        }
        memcpy(id, rest, length);
        id[length] = '\0';
        rest += length;
        pattern = mark + 2;
        length = strlen(pattern);
        if (strncmp(rest, pattern, length)) {
            return false;
        }
        rest += length;
    }
    return !rest[strspn(rest, "/")];
}

/* Returns the call, NULL if there is none; '*has_path': but one with another
 * method. */
static const struct identity_call *
identity_find(const struct request *request, char *id, bool *has_path)
{
    const char *method = http_request_method(request->http);
    const char *rest = identity_rest(request);

    *has_path = false;
    if (!strcmp(method, "HEAD")) {
        method = "GET";
    }
    for (size_t i = 0; rest && i < ARRAY_SIZE(identity_calls); i++) {
        const struct identity_call *call = &identity_calls[i];

        if (identity_matches(call->path, rest, id)) {
            *has_path = true;
            if (!strcmp(call->method, method)) {
                return call;
            }
        }
    }
    return NULL;
}

bool
identity_is_open(const struct request *request)
{
    char id[IDENTITY_ID_MAX + 1];
    const struct identity_call *call;
    bool has_path;

    if (!identity_is_asked(request)) {
        return false;
    }
    call = identity_find(request, id, &has_path);
    return call ? call->is_open : identity_is_discovery(request);
}

void
identity_answer(struct request *request)
{
    char id[IDENTITY_ID_MAX + 1] = "";
    bool has_path;
    const struct identity_call *call = identity_find(request, id, &has_path);

    if (call) {
        call->answer(request, id);
    } else if (has_path) {
        identity_fail(request, 405,
                      "The method is not allowed for the requested URL.");
    } else if (identity_is_discovery(request)) {
        identity_list_versions(request);
    } else {
        identity_fail(request, 404, "The resource could not be found.");
    }
}
