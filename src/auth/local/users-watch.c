/* SPDX-License-Identifier: Apache-2.0
 *
 * The users of the file, as it is now; see users-watch.h.
 */

#include <config.h>
#include "auth/local/users-watch.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "auth/local/users-file.h"
#include "auth/local/users.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(users_watch);

/* Between two looks at the file while users come, and while none does. */
#define USERS_LOOK_MS 1000
#define USERS_CHECK_MS (60 * 1000)

/* What tells a file from the one that was there before. */
struct users_mark {
    dev_t device;
    ino_t inode;
    off_t size;
    mode_t mode;
    struct timespec written;
    struct timespec changed;
};

struct users_watch {
    char *path;
    struct users *users;
    struct users_mark mark;
    char *fault;                /* Of the present file; NULL: none. */
    long long int next_look_ms;
    unsigned int n_loads;
};

/* A file that is not there has a mark of zeros. */
static struct users_mark
users_mark_of(const char *path)
{
    struct users_mark mark;
    struct stat s;

    /* Padding is compared, too. */
    memset(&mark, 0, sizeof mark);
    if (!stat(path, &s)) {
        mark.device = s.st_dev;
        mark.inode = s.st_ino;
        mark.size = s.st_size;
        mark.mode = s.st_mode;
        mark.written = s.st_mtim;
        mark.changed = s.st_ctim;
    }
    return mark;
}

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

static void
users_watch_look(struct users_watch *watch, long long int now_ms)
{
    struct users_mark mark = users_mark_of(watch->path);

    watch->next_look_ms = now_ms + USERS_LOOK_MS;
    if (memcmp(&mark, &watch->mark, sizeof mark)) {
        memcpy(&watch->mark, &mark, sizeof mark);
        users_watch_load(watch);
    }
}

struct users_watch *
users_watch_open(const char *path, long long int now_ms, char **errorp)
{
    struct users_mark mark = users_mark_of(path);
    struct users *users = users_file_load(path, errorp);
    struct users_watch *watch;

    if (!users) {
        return NULL;
    }
    watch = xzalloc(sizeof *watch);
    watch->path = xstrdup(path);
    memcpy(&watch->mark, &mark, sizeof mark);
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
