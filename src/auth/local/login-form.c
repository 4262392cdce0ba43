/* SPDX-License-Identifier: Apache-2.0
 *
 * What a client sends to log in; see login-form.h.
 */

#include <config.h>
#include "auth/local/login-form.h"
#include <stdlib.h>
#include <string.h>
#include "auth/local/secret.h"
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "util.h"

static char *
login_copy(const struct json *json, const char *name)
{
    return nullable_xstrdup(json_member_string(json, name));
}

/* Notes a domain beside a name: a name without a domain is taken for one of
 * ours. */
static void
login_read_domain(struct login_form *form, const struct json *owner)
{
    const struct json *domain = json_member(owner, "domain");
    const char *id = json_member_string(domain, "id");
    const char *name = json_member_string(domain, "name");

    form->is_foreign |= ((id && strcmp(id, LOCAL_DOMAIN_ID))
                         || (name && strcmp(name, LOCAL_DOMAIN_NAME)));
}

static void
login_read_user(struct login_form *form, const struct json *user)
{
    form->user_id = login_copy(user, "id");
    form->user_name = login_copy(user, "name");
    login_read_domain(form, user);
}

static const char *
login_read_password(struct login_form *form, const struct json *password)
{
    const struct json *user = json_member(password, "user");

    login_read_user(form, user);
    form->secret = login_copy(user, "password");
    return (!form->user_id && !form->user_name
            ? "a password needs a user, by id or by name"
            : !form->secret ? "the password is missing" : NULL);
}

static const char *
login_read_credential(struct login_form *form, const struct json *credential)
{
    form->credential_id = login_copy(credential, "id");
    form->credential_name = login_copy(credential, "name");
    form->secret = login_copy(credential, "secret");
    login_read_user(form, json_member(credential, "user"));
    if (!form->secret) {
        return "the secret of the application credential is missing";
    }
    return (!form->credential_id
            && (!form->credential_name
                || (!form->user_id && !form->user_name))
            ? "an application credential is named by its id, or by its name "
              "and its user" : NULL);
}

static const char *
login_read_token(struct login_form *form, const struct json *token)
{
    form->secret = login_copy(token, "id");
    return form->secret ? NULL : "the id of the token is missing";
}

/* Returns the only method; NULL if there are several, or none. */
static const char *
login_form_method(const struct json *identity)
{
    const struct json *methods = json_member(identity, "methods");
    const struct json *method
        = (methods && methods->type == JSON_ARRAY
           && json_array_size(methods) == 1
           ? json_array_at(methods, 0) : NULL);

    return method && method->type == JSON_STRING ? json_string(method) : NULL;
}

static const char *
login_read_identity(struct login_form *form, const struct json *identity)
{
    static const struct {
        const char *name;
        enum login_form_kind kind;
        const char *(*read)(struct login_form *, const struct json *);
    } methods[] = {
        { "password", LOGIN_PASSWORD, login_read_password },
        { "application_credential", LOGIN_CREDENTIAL, login_read_credential },
        { "token", LOGIN_TOKEN, login_read_token },
    };
    const char *method = login_form_method(identity);

    if (!method) {
        return "\"identity\" needs \"methods\", a list with one method";
    }
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (!strcmp(method, methods[i].name)) {
            form->kind = methods[i].kind;
            return methods[i].read(form, json_member(identity, method));
        }
    }
    return ("the only methods are password, application_credential and "
            "token");
}

static const char *
login_read_project(struct login_form *form, const struct json *project)
{
    form->scope = LOGIN_SCOPE_PROJECT;
    form->project_id = login_copy(project, "id");
    form->project_name = login_copy(project, "name");
    login_read_domain(form, project);
    return (!form->project_id && !form->project_name
            ? "a project is named by its id or by its name" : NULL);
}

static const char *
login_read_scope(struct login_form *form, const struct json *scope)
{
    if (!scope || scope->type == JSON_NULL) {
        return NULL;
    }
    if (scope->type == JSON_STRING
        ? !strcmp(json_string(scope), "unscoped")
        : json_member(scope, "unscoped") != NULL) {
        form->scope = LOGIN_SCOPE_NONE;
        return NULL;
    }
    if (scope->type != JSON_OBJECT) {
        return "\"scope\" must be an object";
    }
    if (json_member(scope, "project")) {
        return login_read_project(form, json_member(scope, "project"));
    }
    form->scope = LOGIN_SCOPE_OTHER;
    return NULL;
}

const char *
login_form_parse(struct login_form *form, const struct json *json)
{
    const struct json *auth = json_member(json, "auth");
    const char *wrong;

    *form = (struct login_form) { .scope = LOGIN_SCOPE_DEFAULT };
    if (!json) {
        return "the body is not valid JSON";
    }
    if (!auth || auth->type != JSON_OBJECT) {
        return "\"auth\" is missing";
    }
    wrong = login_read_identity(form, json_member(auth, "identity"));
    return wrong ? wrong : login_read_scope(form, json_member(auth, "scope"));
}

void
login_form_uninit(struct login_form *form)
{
    free(form->user_id);
    free(form->user_name);
    free(form->credential_id);
    free(form->credential_name);
    secret_free(form->secret);
    free(form->project_id);
    free(form->project_name);
}
