/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks of files; see file-mark.h.
 */

#include <config.h>
#include "base/file-mark.h"
#include <string.h>
#include <sys/stat.h>

static struct file_mark
file_mark_of(const char *name)
{
    struct file_mark mark;
    struct stat s;

    /* Padding is compared, too. */
    memset(&mark, 0, sizeof mark);
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

bool
file_mark_update(struct file_mark *mark, const char *name)
{
    struct file_mark now = file_mark_of(name);

    if (!memcmp(&now, mark, sizeof now)) {
        return false;
    }
    memcpy(mark, &now, sizeof now);
    return true;
}
