/* SPDX-License-Identifier: Apache-2.0
 *
 * Logging in; see login.h.
 */

#include <config.h>
#include "auth/login.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/json-read.h"
#include "base/limits.h"
#include "openvswitch/json.h"
#include "util.h"

/* Builds an object with an id or, without one, a name.
 * login_build_name_in_domain() adds the domain of a name. */
static struct json *
login_build_name(const char *id, const char *name)
{
    struct json *json = json_object_create();

    json_object_put_string(json, id ? "id" : "name", id ? id : name);
    return json;
}

static struct json *
login_build_name_in_domain(const char *id, const char *name,
                           const char *domain_id, const char *domain_name)
{
    struct json *json = login_build_name(id, name);

    if (!id) {
        json_object_put(json, "domain",
                        login_build_name(domain_id, domain_name));
    }
    return json;
}

static struct json *
login_build_user(const struct session_options *o)
{
    return login_build_name_in_domain(o->user_id, o->username,
                                      o->user_domain_id, o->user_domain_name);
}

static struct json *
login_build_scope(const struct session_options *o)
{
    struct json *scope = json_object_create();

    if (o->system_scope) {
        struct json *system = json_object_create();
        json_object_put(system, o->system_scope, json_boolean_create(true));
        json_object_put(scope, "system", system);
    } else {
        json_object_put(scope, "project",
                        login_build_name_in_domain(o->project_id,
                                                   o->project_name,
                                                   o->project_domain_id,
                                                   o->project_domain_name));
    }
    return scope;
}

static struct json *
login_build_password_auth(const struct session_options *o)
{
    struct json *auth = json_object_create();
    struct json *identity = json_object_create();
    struct json *password = json_object_create();
    struct json *user = login_build_user(o);

    json_object_put_string(user, "password", o->password);
    json_object_put(password, "user", user);
    json_object_put(identity, "methods",
                    json_array_create_1(json_string_create("password")));
    json_object_put(identity, "password", password);
    json_object_put(auth, "identity", identity);
    json_object_put(auth, "scope", login_build_scope(o));
    return auth;
}

/* An application credential has its project in it, so there is no scope. */
static struct json *
login_build_application_credential_auth(const struct session_options *o)
{
    static const char method[] = "application_credential";
    struct json *auth = json_object_create();
    struct json *identity = json_object_create();
    struct json *credential = login_build_name(o->application_credential_id,
                                               o->application_credential_name);

    json_object_put_string(credential, "secret",
                           o->application_credential_secret);
    if (!o->application_credential_id) {
        json_object_put(credential, "user", login_build_user(o));
    }
    json_object_put(identity, "methods",
                    json_array_create_1(json_string_create(method)));
    json_object_put(identity, method, credential);
    json_object_put(auth, "identity", identity);
    return auth;
}

/* --- What must be there -------------------------------------------------- */

/* Functions that return the option that is missing, or NULL. */

static const char *
login_find_missing_of_user(const struct session_options *o)
{
    if (o->user_id) {
        return NULL;
    }
    return (!o->username ? "username"
            : !o->user_domain_id && !o->user_domain_name ? "user_domain_name"
            : NULL);
}

static const char *
login_find_missing_of_scope(const struct session_options *o)
{
    if (o->system_scope || o->project_id) {
        return NULL;
    }
    return (!o->project_name ? "project_name"
            : !o->project_domain_id && !o->project_domain_name
            ? "project_domain_name"
            : NULL);
}

static const char *
login_find_missing_of_password(const struct session_options *o)
{
    const char *missing = login_find_missing_of_user(o);

    return (missing ? missing
            : !o->password ? "password"
            : login_find_missing_of_scope(o));
}

static const char *
login_find_missing_of_credential(const struct session_options *o)
{
    if (!o->application_credential_secret) {
        return "application_credential_secret";
    }
    if (o->application_credential_id) {
        return NULL;
    }
    return (o->application_credential_name
            ? login_find_missing_of_user(o)
            : "application_credential_id");
}

static const struct login_method {
    const char *auth_type;
    const char *(*find_missing)(const struct session_options *);
    struct json *(*build)(const struct session_options *);
} methods[] = {
    { "password", login_find_missing_of_password, login_build_password_auth },
    { "v3password", login_find_missing_of_password,
      login_build_password_auth },
    { "v3applicationcredential", login_find_missing_of_credential,
      login_build_application_credential_auth },
};

static const struct login_method *
login_find_method(const char *auth_type)
{
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (!auth_type || !strcmp(methods[i].auth_type, auth_type)) {
            return &methods[i];
        }
    }
    return NULL;
}

char *
login_request(const struct session_options *o, char **errorp)
{
    const struct login_method *method = login_find_method(o->auth_type);

    if (!method) {
        *errorp = xasprintf("auth_type must be password or "
                            "v3applicationcredential, not \"%s\"",
                            o->auth_type);
        return NULL;
    }

    const char *missing = method->find_missing(o);
    if (missing) {
        *errorp = xasprintf("%s is missing", missing);
        return NULL;
    }

    struct json *request = json_object_create();
    json_object_put(request, "auth", method->build(o));
    char *body = json_to_string(request, 0);
    json_destroy(request);
    return body;
}

/* --- The token ----------------------------------------------------------- */

/* Reads Keystone's "2026-11-22T14:01:54.000000Z"; parts of seconds do not
 * matter. */
static bool
token_parse_time(const char *text, time_t *ret)
{
    struct tm tm = { .tm_isdst = 0 };

    if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) {
        return false;
    }
    *ret = timegm(&tm);
    return true;
}

/* Uses Keystone's clock alone: ours may be wrong. */
static long long int
token_read_lifetime_ms(const struct json *token)
{
    time_t issued, expires;

    if (!token_parse_time(json_member_string(token, "issued_at"), &issued)
        || !token_parse_time(json_member_string(token, "expires_at"), &expires)
        || expires <= issued) {
        return TOKEN_LIFETIME_UNKNOWN_MS;
    }
    return (expires - issued) * 1000LL;
}

struct token *
token_create(const char *id, const struct json *body)
{
    const struct json *token = json_member(body, "token");

    if (!id || !*id || !token || token->type != JSON_OBJECT) {
        return NULL;
    }

    struct token *t = xmalloc(sizeof *t);
    t->id = xstrdup(id);
    t->project_id = nullable_xstrdup(
        json_member_string(json_member(token, "project"), "id"));
    t->catalog = json_nullable_clone(json_member(token, "catalog"));
    t->lifetime_ms = token_read_lifetime_ms(token);
    return t;
}

void
token_destroy(struct token *t)
{
    if (t) {
        free(t->id);
        free(t->project_id);
        json_destroy(t->catalog);
        free(t);
    }
}
