/* SPDX-License-Identifier: Apache-2.0
 *
 * The users of the file, as it is now; see users-watch.h.
 */

#include <config.h>
#include "auth/local/users-watch.h"
#include <stdlib.h>
#include "auth/local/users-file.h"
#include "auth/local/users.h"
#include "base/file-mark.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(users_watch);

/* Between two looks at the file while users come, and while none does. */
#define USERS_LOOK_MS 1000
#define USERS_CHECK_MS (60 * 1000)

struct users_watch {
    char *path;
    struct users *users;
    struct file_mark mark;
    char *fault;                /* Of the present file; NULL: none. */
    long long int next_look_ms;
    unsigned int n_loads;
};

static void
users_watch_take(struct users_watch *watch, struct users *users)
{
    users_destroy(watch->users);
    watch->users = users;
    watch->n_loads++;
    VLOG_INFO("%s: %"PRIuSIZE" users loaded", watch->path,
              shash_count(&users->users));
}

static void
users_watch_load(struct users_watch *watch)
{
    char *error = NULL;
    struct users *users = users_file_load(watch->path, &error);

    free(watch->fault);
    watch->fault = error;
    if (users) {
        users_watch_take(watch, users);
    } else {
        VLOG_WARN("%s; the users that were loaded before stay", error);
    }
}

void
users_watch_look(struct users_watch *watch, long long int now_ms)
{
    watch->next_look_ms = now_ms + USERS_LOOK_MS;
    if (file_mark_update(&watch->mark, watch->path)) {
        users_watch_load(watch);
    }
}

struct users_watch *
users_watch_open(const char *path, long long int now_ms, char **errorp)
{
    struct users_watch *watch = xzalloc(sizeof *watch);
    struct users *users;

    /* Before it is read: what is written meanwhile is another one. */
    watch->path = xstrdup(path);
    file_mark_update(&watch->mark, path);
    users = users_file_load(path, errorp);
    if (!users) {
        users_watch_close(watch);
        return NULL;
    }
    watch->next_look_ms = now_ms + USERS_LOOK_MS;
    users_watch_take(watch, users);
    return watch;
}

void
users_watch_close(struct users_watch *watch)
{
    if (watch) {
        users_destroy(watch->users);
        free(watch->path);
        free(watch->fault);
        free(watch);
    }
}

void
users_watch_refresh(struct users_watch *watch, long long int now_ms)
{
    if (now_ms >= watch->next_look_ms) {
        users_watch_look(watch, now_ms);
    }
}

const struct users *
users_watch_get(const struct users_watch *watch)
{
    return watch->users;
}

void
users_watch_run(struct users_watch *watch, long long int now_ms)
{
    if (now_ms >= watch->next_look_ms + USERS_CHECK_MS) {
        users_watch_look(watch, now_ms);
    }
}

void
users_watch_wait(const struct users_watch *watch)
{
    poll_timer_wait_until(watch->next_look_ms + USERS_CHECK_MS);
}

void
users_watch_format(const struct users_watch *watch, struct ds *out)
{
    ds_put_format(out, "users: %"PRIuSIZE"\n",
                  shash_count(&watch->users->users));
    ds_put_format(out, "users file: %s\n",
                  watch->fault ? watch->fault : "good");
    ds_put_format(out, "users loads: %u\n", watch->n_loads);
}
