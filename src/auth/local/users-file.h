/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of users: reading it, if only we may, and replacing it as a whole.
 */

#ifndef AUTH_LOCAL_USERS_FILE_H
#define AUTH_LOCAL_USERS_FILE_H 1

#include "compiler.h"

struct users;

#define USERS_FILE_DEFAULT "/etc/ovn-octavia/users"

/* Returns the users; or NULL, and sets '*errorp', a sentence with the file's
 * name, which the caller frees.  A file that others may read, or that the
 * group may write, is refused. */
struct users *users_file_load(const char *path, char **errorp);

/* Replaces the file, at once and durably: who reads it sees the old or the new
 * one, after a loss of power too.  Owner and group stay as they are; a new
 * file has the group of its directory's api.conf, if there is one.  The mode
 * is 0640.  Returns NULL, or what went wrong, which the caller frees. */
char *users_file_save(const char *path, const struct users *)
    OVS_WARN_UNUSED_RESULT;

/* Keeps others from changing the file until users_file_unlock(), which takes
 * the result; waits until they have.  Returns a negative number, with errno
 * set, if the file's directory cannot be opened. */
int users_file_lock(const char *path);
void users_file_unlock(int lock);

#endif /* auth/local/users-file.h */
