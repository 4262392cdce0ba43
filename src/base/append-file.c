/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines for a file; see append-file.h.
 */

#include <config.h>
#include "base/append-file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/limits.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(append_file);

struct append_file {
    char *path;
    int fd;
    bool is_moved_by_others;    /* It has a name. */
    long long int look_ms;      /* When its name is looked at again. */
    struct ds lines;
};

/* Not blocking: a FIFO without a reader must not stop the daemon. */
static int
append_file_open_fd(const char *path)
{
    return (!strcmp(path, APPEND_STDERR)
            ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
            : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
                   | O_NONBLOCK | O_NOCTTY, 0640));
}

struct append_file *
append_file_open(const char *path, char **errorp)
{
    int fd = append_file_open_fd(path);
    struct append_file *file;

    if (fd < 0) {
        *errorp = xasprintf("cannot be opened (%s)", ovs_strerror(errno));
        return NULL;
    }
    file = xmalloc(sizeof *file);
    *file = (struct append_file) {
        .path = xstrdup(path),
        .fd = fd,
        .is_moved_by_others = strcmp(path, APPEND_STDERR) != 0,
        .lines = DS_EMPTY_INITIALIZER,
    };
    return file;
}

void
append_file_close(struct append_file *file)
{
    if (file) {
        append_file_run(file);
        close(file->fd);
        ds_destroy(&file->lines);
        free(file->path);
        free(file);
    }
}

struct ds *
append_file_buffer(struct append_file *file)
{
    return &file->lines;
}

/* True if the name is that of the file that is open. */
static bool
append_file_is_current(const struct append_file *file)
{
    struct stat named, opened;

    return (!stat(file->path, &named) && !fstat(file->fd, &opened)
            && named.st_dev == opened.st_dev
            && named.st_ino == opened.st_ino);
}

/* Keeps the old file as long as there is no new one. */
static void
append_file_look(struct append_file *file)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
    long long int now_ms = time_msec();

    if (!file->is_moved_by_others || now_ms < file->look_ms) {
        return;
    }
    file->look_ms = now_ms + APPEND_LOOK_MS;
    if (!append_file_is_current(file)) {
        int fd = append_file_open_fd(file->path);

        if (fd < 0) {
            VLOG_WARN_RL(&rl, "%s cannot be opened again (%s): going on with "
                         "the file that had this name", file->path,
                         ovs_strerror(errno));
            return;
        }
        close(file->fd);
        file->fd = fd;
    }
}

void
append_file_run(struct append_file *file)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
    size_t done = 0;

    if (!file || !file->lines.length) {
        return;
    }
    append_file_look(file);
    while (done < file->lines.length) {
        ssize_t n = write(file->fd, file->lines.string + done,
                          file->lines.length - done);

        if (n > 0) {
            done += n;
        } else if (errno != EINTR) {
            VLOG_WARN_RL(&rl, "%s cannot be written (%s): %"PRIuSIZE" bytes "
                         "are lost", file->path, ovs_strerror(errno),
                         file->lines.length - done);
            break;
        }
    }
    ds_clear(&file->lines);
}
