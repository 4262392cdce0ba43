/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a file of users; see users.h.
 *
 *   {"projects": {"ID": "NAME", ...},
 *    "users": {"ID": {"name": ..., "password": HASH,
 *                     "roles": {"PROJECT-ID": [ROLE, ...], ...},
 *                     "application_credentials": {"ID": {
 *                         "name": ..., "secret": HASH, "project": ID,
 *                         "roles": [ROLE, ...], "expires_at": SECONDS}}}}}
 *
 * What is not understood makes all of it wrong: a member that is passed over
 * may be one that takes a right away.
 */

#include <config.h>
#include "auth/local/users.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "auth/local/password.h"
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "openvswitch/json.h"
#include "util.h"

/* The first fault is kept; after it nothing is read any more. */
struct users_reader {
    struct users *users;
    char *fault;
};

static void OVS_PRINTF_FORMAT(2, 3)
users_set_fault(struct users_reader *reader, const char *format, ...)
{
    va_list args;

    if (!reader->fault) {
        va_start(args, format);
        reader->fault = xvasprintf(format, args);
        va_end(args);
    }
}

/* Sets the fault 'what' of 'name', unless that is NULL. */
static void
users_note_fault(struct users_reader *reader, const char *name,
                 const char *what)
{
    if (what) {
        users_set_fault(reader, "\"%s\": %s", name, what);
    }
}

/* Checks that 'object' is one, and has no members but 'known' (ends with
 * NULL; NULL: any). */
static bool
users_check_object(struct users_reader *reader, const struct json *object,
                   const char *name, const char *const *known)
{
    const struct shash_node *node;

    if (!object || object->type != JSON_OBJECT) {
        users_set_fault(reader, "\"%s\" is missing, or is no object", name);
        return false;
    }
    SHASH_FOR_EACH (node, json_object(object)) {
        size_t i = 0;

        while (known && known[i] && strcmp(known[i], node->name)) {
            i++;
        }
        if (known && !known[i]) {
            users_set_fault(reader, "\"%s\" has an unknown member \"%s\"",
                            name, node->name);
        }
    }
    return !reader->fault;
}

static const char *
users_read_string(struct users_reader *reader, const struct json *object,
                  const char *name, const char *member)
{
    const char *text = json_member_string(object, member);

    if (!text) {
        users_set_fault(reader, "\"%s\": \"%s\" is missing, or is no string",
                        name, member);
    }
    return text;
}

static const char *
users_read_hash(struct users_reader *reader, const struct json *object,
                const char *name, const char *member)
{
    const char *hash = users_read_string(reader, object, name, member);

    if (hash && !password_hash_is_valid(hash)) {
        users_set_fault(reader, "\"%s\": \"%s\" is no hash of yescrypt", name,
                        member);
    }
    return hash;
}

static void
users_read_roles(struct users_reader *reader, const struct json *list,
                 const char *name, struct sset *roles)
{
    if (!list || list->type != JSON_ARRAY) {
        users_set_fault(reader, "\"%s\": roles must be a list", name);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const struct json *role = json_array_at(list, i);

        if (role->type != JSON_STRING) {
            users_set_fault(reader, "\"%s\": a role is no string", name);
            return;
        }
        users_note_fault(reader, json_string(role),
                         users_role_fault(json_string(role)));
        sset_add(roles, json_string(role));
    }
}

static void
users_read_project(struct users_reader *reader, const char *id,
                   const struct json *value)
{
    const char *name = value->type == JSON_STRING ? json_string(value) : "";

    users_note_fault(reader, id, users_id_fault(id));
    users_note_fault(reader, id, users_name_fault(name));
    if (users_find_project_name(reader->users, name)) {
        users_set_fault(reader, "two projects are named \"%s\"", name);
    }
    if (!reader->fault) {
        users_add_project(reader->users, id, name);
    }
}

static bool
users_check_project(struct users_reader *reader, const char *name,
                    const char *project_id)
{
    if (!users_find_project(reader->users, project_id)) {
        users_set_fault(reader, "\"%s\": there is no project \"%s\"", name,
                        project_id);
    }
    return !reader->fault;
}

static long long int
users_read_time(struct users_reader *reader, const struct json *object,
                const char *name)
{
    const struct json *value = json_member(object, "expires_at");

    if (value && (value->type != JSON_INTEGER || json_integer(value) <= 0)) {
        users_set_fault(reader, "\"%s\": \"expires_at\" must be seconds since "
                        "the epoch", name);
        return 0;
    }
    return value ? json_integer(value) : 0;
}

static void
users_read_credential(struct users_reader *reader, struct local_user *user,
                      const char *id, const struct json *value)
{
    static const char *const known[] = {
        "name", "secret", "project", "roles", "expires_at", NULL
    };
    const char *name, *hash, *project;

    if (!users_check_object(reader, value, id, known)) {
        return;
    }
    name = users_read_string(reader, value, id, "name");
    hash = users_read_hash(reader, value, id, "secret");
    project = users_read_string(reader, value, id, "project");
    users_note_fault(reader, id, users_id_fault(id));
    users_note_fault(reader, id, name ? users_name_fault(name) : NULL);
    if (users_find_credential(reader->users, id)
        || (name && local_user_find_credential(user, name))) {
        users_set_fault(reader, "two application credentials are \"%s\"", id);
    }
    if (reader->fault || !users_check_project(reader, id, project)) {
        return;
    }

    struct local_credential *credential
        = users_add_credential(reader->users, user, id, name, hash);
    credential->project_id = xstrdup(project);
    credential->expires_at = users_read_time(reader, value, id);
    users_read_roles(reader, json_member(value, "roles"), id,
                     &credential->roles);
}

static void
users_read_grants(struct users_reader *reader, struct local_user *user,
                  const struct json *grants)
{
    const struct shash_node *node;

    if (!users_check_object(reader, grants, user->id, NULL)) {
        return;
    }
    SHASH_FOR_EACH (node, json_object(grants)) {
        if (users_check_project(reader, user->id, node->name)) {
            users_read_roles(reader, node->data, user->id,
                             local_user_add_grant(user, node->name));
        }
    }
}

static void
users_read_credentials(struct users_reader *reader, struct local_user *user,
                       const struct json *credentials)
{
    const struct shash_node *node;

    if (!credentials
        || !users_check_object(reader, credentials, user->id, NULL)) {
        return;
    }
    SHASH_FOR_EACH (node, json_object(credentials)) {
        users_read_credential(reader, user, node->name, node->data);
    }
}

static void
users_read_user(struct users_reader *reader, const char *id,
                const struct json *value)
{
    static const char *const known[] = {
        "name", "password", "roles", "application_credentials", NULL
    };
    const char *name, *hash;

    if (!users_check_object(reader, value, id, known)) {
        return;
    }
    name = users_read_string(reader, value, id, "name");
    hash = users_read_hash(reader, value, id, "password");
    users_note_fault(reader, id, users_id_fault(id));
    users_note_fault(reader, id, name ? users_name_fault(name) : NULL);
    if (name && users_find_name(reader->users, name)) {
        users_set_fault(reader, "two users are named \"%s\"", name);
    }
    if (reader->fault) {
        return;
    }

    struct local_user *user = users_add(reader->users, id, name, hash);
    users_read_grants(reader, user, json_member(value, "roles"));
    users_read_credentials(reader, user,
                           json_member(value, "application_credentials"));
}

/* Calls 'read' for each member of the object 'name'. */
static void
users_read_each(struct users_reader *reader, const struct json *json,
                const char *name,
                void (*read)(struct users_reader *, const char *id,
                             const struct json *value))
{
    const struct json *object = json_member(json, name);
    const struct shash_node *node;

    if (!users_check_object(reader, object, name, NULL)) {
        return;
    }
    SHASH_FOR_EACH (node, json_object(object)) {
        read(reader, node->name, node->data);
    }
}

struct users *
users_parse(const char *text, size_t length, char **errorp)
{
    static const char *const known[] = { "projects", "users", NULL };
    struct users_reader reader = { .users = users_create() };
    struct json *json = json_read(text, length);

    if (!json) {
        users_set_fault(&reader, "it is not valid JSON");
    } else if (users_check_object(&reader, json, "the file", known)) {
        users_read_each(&reader, json, "projects", users_read_project);
        users_read_each(&reader, json, "users", users_read_user);
    }
    json_destroy(json);
    if (reader.fault) {
        *errorp = reader.fault;
        users_destroy(reader.users);
        return NULL;
    }
    return reader.users;
}

/* --- Writing ------------------------------------------------------------- */

static struct json *
users_format_roles(const struct sset *roles)
{
    struct json *list = json_array_create_empty();
    const char **names = sset_sort(roles);

    for (size_t i = 0; i < sset_count(roles); i++) {
        json_array_add(list, json_string_create(names[i]));
    }
    free(names);
    return list;
}

static struct json *
users_format_credential(const struct local_credential *credential)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "name", credential->name);
    json_object_put_string(json, "secret", credential->hash);
    json_object_put_string(json, "project", credential->project_id);
    json_object_put(json, "roles", users_format_roles(&credential->roles));
    if (credential->expires_at) {
        json_object_put(json, "expires_at",
                        json_integer_create(credential->expires_at));
    }
    return json;
}

static struct json *
users_format_user(const struct local_user *user)
{
    struct json *json = json_object_create();
    struct json *roles = json_object_create();
    struct json *credentials = json_object_create();
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &user->grants) {
        json_object_put(roles, node->name, users_format_roles(node->data));
    }
    SHASH_FOR_EACH (node, &user->credentials) {
        json_object_put(credentials, node->name,
                        users_format_credential(node->data));
    }
    json_object_put_string(json, "name", user->name);
    json_object_put_string(json, "password", user->hash);
    json_object_put(json, "roles", roles);
    json_object_put(json, "application_credentials", credentials);
    return json;
}

char *
users_format(const struct users *users)
{
    struct json *json = json_object_create();
    struct json *projects = json_object_create();
    struct json *list = json_object_create();
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &users->projects) {
        const struct local_project *project = node->data;

        json_object_put_string(projects, project->id, project->name);
    }
    SHASH_FOR_EACH (node, &users->users) {
        json_object_put(list, node->name, users_format_user(node->data));
    }
    json_object_put(json, "projects", projects);
    json_object_put(json, "users", list);

    char *text = json_to_string(json, JSSF_PRETTY | JSSF_SORT);
    char *lines = xasprintf("%s\n", text);
    json_destroy(json);
    free(text);
    return lines;
}
