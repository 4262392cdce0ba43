/* SPDX-License-Identifier: Apache-2.0
 *
 * Unix sockets on which a daemon listens: which users may connect, as its
 * settings "socket_group" and "socket_mode" say, and whether another process
 * has the socket already.
 */

#ifndef BASE_SOCKET_ACCESS_H
#define BASE_SOCKET_ACCESS_H 1

#include <stdbool.h>
#include <sys/types.h>

struct config;

struct socket_access {
    gid_t group;                /* Of the file; -1: the process's own. */
    mode_t mode;
};

/* The mode if none is set: the process's user and its group. */
#define SOCKET_ACCESS_DEFAULT_MODE "0660"

/* Takes over the two settings, which may be NULL.  What is wrong with them
 * becomes a fault. */
void socket_access_parse(struct socket_access *, struct config *,
                         char *const *group, char *const *mode);

/* Gives the socket at 'path' its group and mode.  Returns NULL, or what is
 * wrong; the caller frees it. */
char *socket_access_apply(const struct socket_access *, const char *path);

/* True if a process listens at 'path'.  A socket file without a listener is
 * left from an earlier process, and may be replaced. */
bool socket_access_is_taken(const char *path);

#endif /* base/socket-access.h */
