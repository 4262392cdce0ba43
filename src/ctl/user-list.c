/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the users of a file; see user-list.h.
 */

#include <config.h>
#include "ctl/user-list.h"
#include <stdlib.h>
#include <time.h>
#include "auth/local/users.h"
#include "table.h"
#include "util.h"

/* A line of the table; NULL: empty. */
struct user_line {
    const struct local_user *user;
    const struct local_project *project;
    const struct sset *roles;
    const struct local_credential *credential;
};

static char *
user_line_format_roles(const struct sset *roles)
{
    return roles ? sset_join(roles, ",", "") : xstrdup("");
}

/* Returns when the credential expires, which the caller frees. */
static char *
user_line_format_end(const struct local_credential *credential)
{
    time_t end = credential ? credential->expires_at : 0;
    char text[64] = "";
    struct tm tm;

    if (end) {
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ",
                 gmtime_r(&end, &tm));
    }
    return xstrdup(text);
}

static void
user_line_put(struct table *table, char *text)
{
    table_add_cell(table)->text = text;
}

static void
user_line_add(struct table *table, const struct user_line *line)
{
    const struct local_credential *credential = line->credential;

    table_add_row(table);
    user_line_put(table, xstrdup(line->user->name));
    user_line_put(table, xstrdup(line->user->id));
    user_line_put(table, xstrdup(line->project ? line->project->name : ""));
    user_line_put(table, xstrdup(line->project ? line->project->id : ""));
    user_line_put(table, user_line_format_roles(line->roles));
    user_line_put(table, xstrdup(credential ? credential->name : ""));
    user_line_put(table, xstrdup(credential ? credential->id : ""));
    user_line_put(table, user_line_format_end(credential));
}

static void
user_list_add(struct table *table, const struct users *users,
              const struct local_user *user)
{
    const struct shash_node **grants = shash_sort(&user->grants);
    const struct shash_node **credentials = shash_sort(&user->credentials);

    for (size_t i = 0; i < shash_count(&user->grants); i++) {
        user_line_add(table, &(struct user_line) {
            user, users_find_project(users, grants[i]->name),
            grants[i]->data, NULL });
    }
    for (size_t i = 0; i < shash_count(&user->credentials); i++) {
        const struct local_credential *credential = credentials[i]->data;

        user_line_add(table, &(struct user_line) {
            user, users_find_project(users, credential->project_id),
            &credential->roles, credential });
    }
    if (!shash_count(&user->grants) && !shash_count(&user->credentials)) {
        user_line_add(table, &(struct user_line) { user, NULL, NULL, NULL });
    }
    free(grants);
    free(credentials);
}

void
user_list_print(const struct users *users, const struct table_style *style)
{
    static const char *const headings[] = {
        "User", "User id", "Project", "Project id", "Roles", "Credential",
        "Credential id", "Expires",
    };
    const struct shash_node **nodes = shash_sort(&users->user_names);
    struct table table;

    table_init(&table);
    for (size_t i = 0; i < ARRAY_SIZE(headings); i++) {
        table_add_column(&table, "%s", headings[i]);
    }
    for (size_t i = 0; i < shash_count(&users->user_names); i++) {
        user_list_add(&table, users, nodes[i]->data);
    }
    table_print(&table, style);
    table_destroy(&table);
    free(nodes);
}
