/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of users; see users-file.h.
 */

#include <config.h>
#include "auth/local/users-file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "auth/local/users.h"
#include "base/limits.h"
#include "socket-util.h"
#include "util.h"

#define USERS_FILE_MODE 0640

/* Names those who could read it, or give themselves every right. */
#define USERS_FILE_MODE_BAD (S_IRWXO | S_IWGRP | S_IXGRP)

/* --- Reading ------------------------------------------------------------- */

/* Returns why the open file is not to be read, NULL if it is.  The caller
 * frees it. */
static char *
users_file_find_fault(int fd, struct stat *s)
{
    if (fstat(fd, s)) {
        return xstrdup(ovs_strerror(errno));
    }
    if (!S_ISREG(s->st_mode)) {
        return xstrdup("it is no regular file");
    }
    if (s->st_mode & USERS_FILE_MODE_BAD) {
        return xasprintf("its mode is %04o, so that others than its owner "
                         "and its group may use it: chmod 0640",
                         s->st_mode & 07777);
    }
    return (s->st_size > USERS_FILE_BYTES_MAX
            ? xstrdup("it is too large") : NULL);
}

/* Reads all of it.  Returns the text, which the caller frees, or NULL with
 * errno set. */
static char *
users_file_read(int fd, size_t size, size_t *lengthp)
{
    char *text = xmalloc(size + 1);
    int error = read_fully(fd, text, size, lengthp);

    /* A file that has become shorter is as good as any. */
    if (error && error != EOF) {
        free(text);
        errno = error;
        return NULL;
    }
    text[*lengthp] = '\0';
    return text;
}

static struct users *
users_file_load_open(int fd, char **errorp)
{
    struct users *users = NULL;
    size_t length = 0;
    struct stat s;
    char *text;

    *errorp = users_file_find_fault(fd, &s);
    if (*errorp) {
        return NULL;
    }
    text = users_file_read(fd, s.st_size, &length);
    if (text) {
        users = users_parse(text, length, errorp);
    } else {
        *errorp = xstrdup(ovs_strerror(errno));
    }
    free(text);
    return users;
}

struct users *
users_file_load(const char *path, char **errorp)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct users *users;
    char *why;

    if (fd < 0) {
        *errorp = xasprintf("%s: %s", path, ovs_strerror(errno));
        return NULL;
    }
    users = users_file_load_open(fd, &why);
    close(fd);
    if (!users) {
        *errorp = xasprintf("%s: %s", path, why);
        free(why);
    }
    return users;
}

/* --- Replacing ----------------------------------------------------------- */

/* Finds whose the new file shall be: the old one's owner and group, or
 * root and the group that may read the API's other secrets. */
static bool
users_file_find_owner(const char *path, struct stat *ret)
{
    char *directory = dir_name(path);
    char *neighbour = xasprintf("%s/api.conf", directory);
    bool is_known = !stat(path, ret) || !stat(neighbour, ret);

    free(neighbour);
    free(directory);
    return is_known;
}

/* Fills the new file.  Returns 0 or a positive errno value. */
static int
users_file_fill(int fd, const char *path, const char *text)
{
    struct stat s;
    size_t written;
    int error;

    if (users_file_find_owner(path, &s)
        && (s.st_uid != geteuid() || s.st_gid != getegid())
        && fchown(fd, s.st_uid, s.st_gid)) {
        return errno;
    }
    if (fchmod(fd, USERS_FILE_MODE)) {
        return errno;
    }
    error = write_fully(fd, text, strlen(text), &written);
    return error ? error : fsync(fd) ? errno : 0;
}

/* Has the name of the new file reach the disk, too. */
static int
users_file_sync_directory(const char *path)
{
    char *directory = dir_name(path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    free(directory);
    return error;
}

static int
users_file_replace(const char *path, const char *text)
{
    char *draft = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(draft, O_CLOEXEC);
    int error = fd < 0 ? errno : users_file_fill(fd, path, text);

    if (fd >= 0) {
        close(fd);
        if (!error && rename(draft, path)) {
            error = errno;
        }
        if (error) {
            unlink(draft);
        }
    }
    free(draft);
    return error ? error : users_file_sync_directory(path);
}

char *
users_file_save(const char *path, const struct users *users)
{
    char *text = users_format(users);
    int error = (strlen(text) > USERS_FILE_BYTES_MAX ? EFBIG
                 : users_file_replace(path, text));

    free(text);
    return (error ? xasprintf("%s: cannot write it: %s", path,
                              ovs_strerror(error)) : NULL);
}

/* The file itself is replaced: a lock on it would be one on a file that is
 * gone. */
int
users_file_lock(const char *path)
{
    char *directory = dir_name(path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    free(directory);
    while (fd >= 0 && flock(fd, LOCK_EX)) {
        if (errno != EINTR) {
            int error = errno;

            close(fd);
            errno = error;
            return -1;
        }
    }
    return fd;
}

void
users_file_unlock(int lock)
{
    close(lock);
}
