/* SPDX-License-Identifier: Apache-2.0
 *
 * Users of our own: who they are, and which roles they have in which projects.
 * Read from a file (users-file.h), and changed only by ovn-octavia-ctl.  Pure.
 *
 * All users and projects are in one domain, "default".
 */

#ifndef AUTH_LOCAL_USERS_H
#define AUTH_LOCAL_USERS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/shash.h"
#include "sset.h"

struct json;

struct local_project {
    char *id;
    char *name;
};

/* A secret of its own for a program, which acts for the user in one project.
 * Its roles count as far as the user has them. */
struct local_credential {
    char *id;
    char *name;
    char *hash;                 /* Of the secret; see password.h. */
    char *project_id;
    struct sset roles;
    long long int expires_at;   /* Seconds since the epoch; 0: never. */
    struct local_user *user;    /* Its owner. */
};

struct local_user {
    char *id;
    char *name;
    char *hash;                 /* Of the password. */
    struct shash grants;        /* struct sset of roles, by project id. */
    struct shash credentials;   /* struct local_credential, by id. */
};

struct users {
    struct shash projects;      /* struct local_project, by id. */
    struct shash users;         /* struct local_user, by id. */
    struct shash credentials;   /* Those of all users, by id; borrowed. */
    struct shash project_names; /* The same by name; borrowed. */
    struct shash user_names;
};

struct users *users_create(void);
void users_destroy(struct users *);

/* Return NULL if there is none.  Borrowed. */
struct local_user *users_find(const struct users *, const char *id);
struct local_user *users_find_name(const struct users *, const char *name);
struct local_project *users_find_project(const struct users *,
                                         const char *id);
struct local_project *users_find_project_name(const struct users *,
                                              const char *name);
struct local_credential *users_find_credential(const struct users *,
                                               const char *id);
struct local_credential *local_user_find_credential(const struct local_user *,
                                                    const char *name);

/* Returns the user's roles in the project, NULL if it has none there.
 * Borrowed. */
const struct sset *local_user_roles(const struct local_user *,
                                    const char *project_id);

/* Adding.  The strings are copied.  Names and ids must be new, and good. */
struct local_project *users_add_project(struct users *, const char *id,
                                        const char *name);
struct local_user *users_add(struct users *, const char *id, const char *name,
                             const char *hash);
struct sset *local_user_add_grant(struct local_user *,
                                  const char *project_id);
struct local_credential *users_add_credential(struct users *,
                                              struct local_user *,
                                              const char *id,
                                              const char *name,
                                              const char *hash);

/* Removing. */
void users_remove(struct users *, struct local_user *);

/* The project must not be in use. */
void users_remove_project(struct users *, struct local_project *);
void users_remove_credential(struct users *, struct local_credential *);
void local_user_remove_grant(struct local_user *, const char *project_id);

/* True if a user has roles, or an application credential, in the project. */
bool users_project_is_used(const struct users *, const struct local_project *);

/* Return what is wrong with a name, an id, and the name of a role, NULL if
 * nothing is. */
const char *users_name_fault(const char *name);
const char *users_id_fault(const char *id);
const char *users_role_fault(const char *role);

/* Returns the users in a text of JSON; or NULL, and sets '*errorp', which the
 * caller frees.  See users-parse.c. */
struct users *users_parse(const char *text, size_t length, char **errorp);

/* Returns the text, which the caller frees. */
char *users_format(const struct users *);

#endif /* auth/local/users.h */
