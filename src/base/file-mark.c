/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks of files; see file-mark.h.
 */

#include <config.h>
#include "base/file-mark.h"
#include <sys/stat.h>

static struct file_mark
file_mark_of(const char *name)
{
    struct file_mark mark = { .size = 0 };
    struct stat s;

    if (name && !stat(name, &s)) {
        mark.device = s.st_dev;
        mark.inode = s.st_ino;
        mark.size = s.st_size;
        mark.mode = s.st_mode;
        mark.written = s.st_mtim;
        mark.changed = s.st_ctim;
    }
    return mark;
}

static bool
file_mark_times_equal(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Not with memcmp(): there is padding. */
static bool
file_marks_equal(const struct file_mark *a, const struct file_mark *b)
{
    return (a->device == b->device
            && a->inode == b->inode
            && a->size == b->size
            && a->mode == b->mode
            && file_mark_times_equal(&a->written, &b->written)
            && file_mark_times_equal(&a->changed, &b->changed));
}

bool
file_mark_update(struct file_mark *mark, const char *name)
{
    struct file_mark now = file_mark_of(name);

    if (file_marks_equal(&now, mark)) {
        return false;
    }
    *mark = now;
    return true;
}
