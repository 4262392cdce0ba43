/* SPDX-License-Identifier: Apache-2.0
 *
 * "user": keeps the file of users of an API with auth = local.  Each command
 * is one change of the file, under a lock.
 */

#include <config.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "auth/local/password.h"
#include "auth/local/secret.h"
#include "auth/local/users-file.h"
#include "auth/local/users.h"
#include "ctl/context.h"
#include "ctl/password-input.h"
#include "ctl/user-list.h"
#include "db-ctl-base.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

struct user_options {
    const char *users_file;
    const char *password_file;  /* NULL: ask. */
    int days;                   /* Of an application credential; 0: for
                                 * ever. */
};

/* A command on the users.  'argv[0]' is what follows its own name. */
struct user_edit {
    const struct context *ctx;
    const struct user_options *options;
    struct users *users;
    char **argv;
    int argc;
};

static void user_edit_add(struct user_edit *);
static void user_edit_add_credential(struct user_edit *);
static void user_edit_add_project(struct user_edit *);
static void user_edit_list(struct user_edit *);
static void user_edit_password(struct user_edit *);
static void user_edit_remove(struct user_edit *);
static void user_edit_remove_credential(struct user_edit *);
static void user_edit_remove_project(struct user_edit *);
static void user_edit_roles(struct user_edit *);

static const struct {
    const char *name;
    const char *arguments;
    int min, max;               /* Arguments; -1: any number. */
    bool writes;
    void (*edit)(struct user_edit *);
} user_commands[] = {
    { "list", "", 0, 0, false, user_edit_list },
    { "add", "NAME [PROJECT ROLE...]", 1, -1, true, user_edit_add },
    { "roles", "NAME PROJECT [ROLE...]", 2, -1, true, user_edit_roles },
    { "passwd", "NAME", 1, 1, true, user_edit_password },
    { "remove", "NAME", 1, 1, true, user_edit_remove },
    { "add-project", "NAME [ID]", 1, 2, true, user_edit_add_project },
    { "remove-project", "NAME", 1, 1, true, user_edit_remove_project },
    { "add-credential", "USER NAME PROJECT [ROLE...]", 3, -1, true,
      user_edit_add_credential },
    { "remove-credential", "ID", 1, 1, true, user_edit_remove_credential },
};

static void
user_parse_options(int argc, char *argv[], struct user_options *options)
{
    enum { OPT_USERS_FILE = UCHAR_MAX + 1, OPT_PASSWORD_FILE, OPT_DAYS };
    static const struct option long_options[] = {
        { "users-file", required_argument, NULL, OPT_USERS_FILE },
        { "password-file", required_argument, NULL, OPT_PASSWORD_FILE },
        { "days", required_argument, NULL, OPT_DAYS },
        { NULL, 0, NULL, 0 },
    };
    int c;

    optind = 0;                 /* Begin anew. */
    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_USERS_FILE:
            options->users_file = optarg;
            break;

        case OPT_PASSWORD_FILE:
            options->password_file = optarg;
            break;

        case OPT_DAYS:
            if (!str_to_int(optarg, 10, &options->days)
                || options->days <= 0) {
                ctl_fatal("--days=%s: must be a number of days", optarg);
            }
            break;

        default:
            exit(EXIT_FAILURE); /* getopt_long() has said why. */
        }
    }
}

/* Reads the file; one that is not there yet has no users. */
static struct users *
user_load(const char *path)
{
    struct users *users;
    char *error;

    if (access(path, F_OK) && errno == ENOENT) {
        return users_create();
    }
    users = users_file_load(path, &error);
    if (!users) {
        ctl_fatal("%s", error);
    }
    return users;
}

static void
user_save(const struct user_edit *edit)
{
    char *error;

    if (edit->ctx->dry_run) {
        return;
    }
    error = users_file_save(edit->options->users_file, edit->users);
    if (error) {
        ctl_fatal("%s", error);
    }
}

static void
user_carry_out(struct user_edit *edit, size_t command)
{
    const char *path = edit->options->users_file;
    int lock = -1;

    if (user_commands[command].writes) {
        lock = users_file_lock(path);
        if (lock < 0) {
            ctl_fatal("%s: its directory cannot be opened: %s", path,
                      ovs_strerror(errno));
        }
    }
    edit->users = user_load(path);
    user_commands[command].edit(edit);
    if (lock >= 0) {
        user_save(edit);
        users_file_unlock(lock);
    }
    users_destroy(edit->users);
}

static int
user_run(struct context *ctx, int argc, char *argv[])
{
    struct user_options options = { .users_file = USERS_FILE_DEFAULT };
    struct user_edit edit = { .ctx = ctx, .options = &options };

    user_parse_options(argc, argv, &options);
    edit.argc = argc - optind - 1;
    edit.argv = argv + optind + 1;
    if (edit.argc < 0) {
        ctl_fatal("user needs a command: list, add, roles, passwd, remove, "
                  "add-project, remove-project, add-credential or "
                  "remove-credential");
    }
    for (size_t i = 0; i < ARRAY_SIZE(user_commands); i++) {
        if (strcmp(user_commands[i].name, argv[optind])) {
            continue;
        }
        if (edit.argc < user_commands[i].min
            || (user_commands[i].max >= 0
                && edit.argc > user_commands[i].max)) {
            ctl_fatal("usage: user %s %s", user_commands[i].name,
                      user_commands[i].arguments);
        }
        user_carry_out(&edit, i);
        return EXIT_SUCCESS;
    }
    ctl_fatal("user has no command \"%s\"", argv[optind]);
}

const struct tool_command command_user = { "user", user_run };

/* --- What commands have in common ---------------------------------------- */

/* Returns a new id in the form of Keystone's, which the caller frees. */
static char *
user_make_id(void)
{
    struct uuid id;

    uuid_generate(&id);
    return xasprintf("%08x%08x%08x%08x", id.parts[0], id.parts[1],
                     id.parts[2], id.parts[3]);
}

static void
user_check(const char *what, const char *fault)
{
    if (fault) {
        ctl_fatal("%s: %s", what, fault);
    }
}

static struct local_user *
user_get(const struct user_edit *edit, const char *name)
{
    struct local_user *user = users_find_name(edit->users, name);

    user = user ? user : users_find(edit->users, name);
    if (!user) {
        ctl_fatal("there is no user \"%s\"", name);
    }
    return user;
}

static struct local_project *
user_find_project(const struct user_edit *edit, const char *name)
{
    struct local_project *project = users_find_project_name(edit->users,
                                                            name);

    return project ? project : users_find_project(edit->users, name);
}

static struct local_project *
user_make_project(struct user_edit *edit, const char *name)
{
    char *id = user_make_id();
    struct local_project *project;

    user_check(name, users_name_fault(name));
    project = users_add_project(edit->users, id, name);
    printf("project %s is new, with the id %s\n", name, id);
    free(id);
    return project;
}

static void
user_read_roles(struct sset *roles, char **argv, int argc)
{
    for (int i = 0; i < argc; i++) {
        user_check(argv[i], users_role_fault(argv[i]));
        sset_add(roles, argv[i]);
    }
}

/* Gives the user exactly these roles in the project; none: takes all. */
static void
user_set_roles(struct user_edit *edit, struct local_user *user,
               const char *project_name, char **roles, int n_roles)
{
    struct local_project *project = user_find_project(edit, project_name);

    if (!project && !n_roles) {
        ctl_fatal("there is no project \"%s\"", project_name);
    }
    if (!project) {
        project = user_make_project(edit, project_name);
    }
    local_user_remove_grant(user, project->id);
    if (n_roles) {
        user_read_roles(local_user_add_grant(user, project->id), roles,
                        n_roles);
    }
}

/* Returns the hash of a secret, which the caller frees. */
static char *
user_hash(const char *secret)
{
    char *hash = password_hash(secret);

    if (!hash) {
        ctl_fatal("cannot hash: %s", ovs_strerror(errno));
    }
    return hash;
}

static char *
user_get_hash(const struct user_edit *edit)
{
    char *password = password_input(edit->options->password_file);
    char *hash = user_hash(password);

    secret_free(password);
    return hash;
}

/* --- The commands -------------------------------------------------------- */

static void
user_edit_list(struct user_edit *edit)
{
    user_list_print(edit->users, &edit->ctx->table_style);
}

static void
user_edit_add(struct user_edit *edit)
{
    const char *name = edit->argv[0];

    user_check(name, users_name_fault(name));
    if (users_find_name(edit->users, name)) {
        ctl_fatal("there is a user \"%s\" already", name);
    }
    if (edit->argc == 2) {
        ctl_fatal("which role in project \"%s\"?", edit->argv[1]);
    }

    char *id = user_make_id();
    char *hash = user_get_hash(edit);
    struct local_user *user = users_add(edit->users, id, name, hash);
    if (edit->argc > 2) {
        user_set_roles(edit, user, edit->argv[1], edit->argv + 2,
                       edit->argc - 2);
    }
    free(hash);
    free(id);
}

static void
user_edit_roles(struct user_edit *edit)
{
    user_set_roles(edit, user_get(edit, edit->argv[0]), edit->argv[1],
                   edit->argv + 2, edit->argc - 2);
}

static void
user_edit_password(struct user_edit *edit)
{
    struct local_user *user = user_get(edit, edit->argv[0]);

    free(user->hash);
    user->hash = user_get_hash(edit);
}

static void
user_edit_remove(struct user_edit *edit)
{
    users_remove(edit->users, user_get(edit, edit->argv[0]));
}

static void
user_edit_add_project(struct user_edit *edit)
{
    const char *name = edit->argv[0];
    const char *id = edit->argc > 1 ? edit->argv[1] : NULL;

    if (user_find_project(edit, name)
        || (id && users_find_project(edit->users, id))) {
        ctl_fatal("there is such a project already");
    }
    if (id) {
        user_check(name, users_name_fault(name));
        user_check(id, users_id_fault(id));
        users_add_project(edit->users, id, name);
    } else {
        user_make_project(edit, name);
    }
}

static void
user_edit_remove_project(struct user_edit *edit)
{
    struct local_project *project = user_find_project(edit, edit->argv[0]);

    if (!project) {
        ctl_fatal("there is no project \"%s\"", edit->argv[0]);
    }
    if (users_project_is_used(edit->users, project)) {
        ctl_fatal("somebody has a role, or an application credential, in "
                  "project \"%s\"", project->name);
    }
    users_remove_project(edit->users, project);
}

/* Prints the secret, which is in no other place. */
static void
user_edit_add_credential(struct user_edit *edit)
{
    struct local_user *user = user_get(edit, edit->argv[0]);
    const char *name = edit->argv[1];
    struct local_project *project = user_find_project(edit, edit->argv[2]);
    const struct sset *granted
        = project ? local_user_roles(user, project->id) : NULL;

    user_check(name, users_name_fault(name));
    if (!granted) {
        ctl_fatal("%s has no role in project \"%s\"", user->name,
                  edit->argv[2]);
    }
    if (local_user_find_credential(user, name)) {
        ctl_fatal("%s has an application credential \"%s\" already",
                  user->name, name);
    }

    char *id = user_make_id();
    char *secret = secret_create();
    char *hash = user_hash(secret);
    struct local_credential *credential
        = users_add_credential(edit->users, user, id, name, hash);
    credential->project_id = xstrdup(project->id);
    user_read_roles(&credential->roles, edit->argv + 3, edit->argc - 3);
    if (sset_is_empty(&credential->roles)) {
        sset_destroy(&credential->roles);
        sset_clone(&credential->roles, granted);
    }
    if (edit->options->days) {
        credential->expires_at = time_wall() + edit->options->days * 86400LL;
    }
    printf("id: %s\nsecret: %s\n", id, secret);
    secret_free(secret);
    free(hash);
    free(id);
}

static void
user_edit_remove_credential(struct user_edit *edit)
{
    struct local_credential *credential
        = users_find_credential(edit->users, edit->argv[0]);

    if (!credential) {
        ctl_fatal("there is no application credential \"%s\"",
                  edit->argv[0]);
    }
    users_remove_credential(edit->users, credential);
}
