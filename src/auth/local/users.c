/* SPDX-License-Identifier: Apache-2.0
 *
 * Users of our own; see users.h.
 */

#include <config.h>
#include "auth/local/users.h"
#include <stdlib.h>
#include <string.h>
#include "auth/caller.h"
#include "base/json-read.h"
#include "base/limits.h"
#include "util.h"

struct users *
users_create(void)
{
    struct users *users = xmalloc(sizeof *users);

    shash_init(&users->projects);
    shash_init(&users->users);
    shash_init(&users->credentials);
    shash_init(&users->project_names);
    shash_init(&users->user_names);
    return users;
}

static void
local_project_destroy(struct local_project *project)
{
    free(project->id);
    free(project->name);
    free(project);
}

static void
local_credential_destroy(struct local_credential *credential)
{
    free(credential->id);
    free(credential->name);
    free(credential->hash);
    free(credential->project_id);
    sset_destroy(&credential->roles);
    free(credential);
}

static void
local_user_destroy(struct local_user *user)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &user->grants) {
        sset_destroy(node->data);
    }
    shash_destroy_free_data(&user->grants);
    SHASH_FOR_EACH (node, &user->credentials) {
        local_credential_destroy(node->data);
    }
    shash_destroy(&user->credentials);
    free(user->id);
    free(user->name);
    free(user->hash);
    free(user);
}

void
users_destroy(struct users *users)
{
    struct shash_node *node;

    if (!users) {
        return;
    }
    SHASH_FOR_EACH (node, &users->projects) {
        local_project_destroy(node->data);
    }
    SHASH_FOR_EACH (node, &users->users) {
        local_user_destroy(node->data);
    }
    shash_destroy(&users->projects);
    shash_destroy(&users->users);
    shash_destroy(&users->credentials);
    shash_destroy(&users->project_names);
    shash_destroy(&users->user_names);
    free(users);
}

/* --- Finding ------------------------------------------------------------- */

struct local_user *
users_find(const struct users *users, const char *id)
{
    return shash_find_data(&users->users, id);
}

struct local_user *
users_find_name(const struct users *users, const char *name)
{
    return shash_find_data(&users->user_names, name);
}

struct local_project *
users_find_project(const struct users *users, const char *id)
{
    return shash_find_data(&users->projects, id);
}

struct local_project *
users_find_project_name(const struct users *users, const char *name)
{
    return shash_find_data(&users->project_names, name);
}

struct local_credential *
users_find_credential(const struct users *users, const char *id)
{
    return shash_find_data(&users->credentials, id);
}

struct local_credential *
local_user_find_credential(const struct local_user *user, const char *name)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &user->credentials) {
        struct local_credential *credential = node->data;

        if (!strcmp(credential->name, name)) {
            return credential;
        }
    }
    return NULL;
}

const struct sset *
local_user_roles(const struct local_user *user, const char *project_id)
{
    return shash_find_data(&user->grants, project_id);
}

/* --- Changing ------------------------------------------------------------ */

struct local_project *
users_add_project(struct users *users, const char *id, const char *name)
{
    struct local_project *project = xmalloc(sizeof *project);

    project->id = xstrdup(id);
    project->name = xstrdup(name);
    shash_add_assert(&users->projects, id, project);
    shash_add_assert(&users->project_names, name, project);
    return project;
}

struct local_user *
users_add(struct users *users, const char *id, const char *name,
          const char *hash)
{
    struct local_user *user = xmalloc(sizeof *user);

    user->id = xstrdup(id);
    user->name = xstrdup(name);
    user->hash = xstrdup(hash);
    shash_init(&user->grants);
    shash_init(&user->credentials);
    shash_add_assert(&users->users, id, user);
    shash_add_assert(&users->user_names, name, user);
    return user;
}

struct sset *
local_user_add_grant(struct local_user *user, const char *project_id)
{
    struct sset *roles = xmalloc(sizeof *roles);

    sset_init(roles);
    shash_add_assert(&user->grants, project_id, roles);
    return roles;
}

struct local_credential *
users_add_credential(struct users *users, struct local_user *user,
                     const char *id, const char *name, const char *hash)
{
    struct local_credential *credential = xmalloc(sizeof *credential);

    *credential = (struct local_credential) {
        .id = xstrdup(id),
        .name = xstrdup(name),
        .hash = xstrdup(hash),
        .roles = SSET_INITIALIZER(&credential->roles),
        .user = user,
    };
    shash_add_assert(&user->credentials, id, credential);
    shash_add_assert(&users->credentials, id, credential);
    return credential;
}

void
users_remove(struct users *users, struct local_user *user)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &user->credentials) {
        shash_find_and_delete_assert(&users->credentials, node->name);
    }
    shash_find_and_delete_assert(&users->users, user->id);
    shash_find_and_delete_assert(&users->user_names, user->name);
    local_user_destroy(user);
}

void
users_remove_credential(struct users *users,
                        struct local_credential *credential)
{
    shash_find_and_delete_assert(&users->credentials, credential->id);
    shash_find_and_delete_assert(&credential->user->credentials,
                                 credential->id);
    local_credential_destroy(credential);
}

void
local_user_remove_grant(struct local_user *user, const char *project_id)
{
    struct sset *roles = shash_find_and_delete(&user->grants, project_id);

    if (roles) {
        sset_destroy(roles);
        free(roles);
    }
}

void
users_remove_project(struct users *users, struct local_project *project)
{
    ovs_assert(!users_project_is_used(users, project));
    shash_find_and_delete_assert(&users->projects, project->id);
    shash_find_and_delete_assert(&users->project_names, project->name);
    local_project_destroy(project);
}

bool
users_project_is_used(const struct users *users,
                      const struct local_project *project)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &users->users) {
        if (local_user_roles(node->data, project->id)) {
            return true;
        }
    }
    SHASH_FOR_EACH (node, &users->credentials) {
        const struct local_credential *credential = node->data;

        if (!strcmp(credential->project_id, project->id)) {
            return true;
        }
    }
    return false;
}

/* --- Checking ------------------------------------------------------------ */

const char *
users_name_fault(const char *name)
{
    size_t length = strlen(name);

    if (!length || length > USER_NAME_MAX) {
        return "a name has 1 to 255 bytes";
    }
    if (!utf8_is_valid(name, length)) {
        return "a name must be UTF-8";
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char) name[i] < ' ' || name[i] == 0x7f) {
            return "a name has no control characters";
        }
    }
    return NULL;
}

/* Ids are parts of paths and of rows. */
const char *
users_id_fault(const char *id)
{
    static const char accepted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(id);

    return (!length || length > PROJECT_ID_MAX
            ? "an id has 1 to 36 characters"
            : id[strspn(id, accepted)]
            ? "an id has letters, digits, \"-\" and \"_\" only" : NULL);
}

const char *
users_role_fault(const char *role)
{
    return (role_from_name(role) ? NULL
            : "no policy knows such a role (admin, member, reader, service, "
              "load-balancer_...)");
}
