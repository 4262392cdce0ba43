/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells whether the file of a name is another one, or was written, since it
 * was last looked at.
 */

#ifndef BASE_FILE_MARK_H
#define BASE_FILE_MARK_H 1

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* All zeros: there is no file. */
struct file_mark {
    dev_t device;
    ino_t inode;
    off_t size;
    mode_t mode;
    struct timespec written;
    struct timespec changed;
};

/* Makes '*mark' that of the file 'name' (NULL: none) as it is now.  Returns
 * true if it was another one. */
bool file_mark_update(struct file_mark *mark, const char *name);

#endif /* base/file-mark.h */
