/* SPDX-License-Identifier: Apache-2.0
 *
 * Permissions of unix sockets; see socket-access.h.
 */

#include <config.h>
#include "base/socket-access.h"
#include <errno.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/config.h"
#include "socket-util.h"
#include "util.h"

/* Finds the group by its name or number. */
static void
socket_access_find_group(struct socket_access *access, struct config *config,
                         char *const *setting)
{
    const char *name = *setting;
    unsigned int number;

    access->group = -1;
    if (!name || !*name) {
        return;
    }

    const struct group *group = getgrnam(name);
    if (group) {
        access->group = group->gr_gid;
    } else if (str_to_uint(name, 10, &number)) {
        access->group = number;
    } else {
        config_fault(config, setting, "there is no such group");
    }
}

/* The process itself must reach its socket: another one that starts asks
 * whether one listens. */
static void
socket_access_parse_mode(struct socket_access *access, struct config *config,
                         char *const *setting)
{
    unsigned int mode;

    if (str_to_uint(*setting ? *setting : SOCKET_ACCESS_DEFAULT_MODE, 8, &mode)
        && mode <= 0777 && (mode & 0600) == 0600) {
        access->mode = mode;
    } else {
        config_fault(config, setting, "must be an octal number "
                     "from 0600 to 0777, as chmod(1) has it, that includes "
                     "0600");
    }
}

void
socket_access_parse(struct socket_access *access, struct config *config,
                    char *const *group, char *const *mode)
{
    socket_access_find_group(access, config, group);
    socket_access_parse_mode(access, config, mode);
}

/* The group comes first, or members of another one could connect before. */
char *
socket_access_apply(const struct socket_access *access, const char *path)
{
    if (access->group != (gid_t) -1 && chown(path, -1, access->group)) {
        return xasprintf("%s: cannot be given to the group %u (%s): the "
                         "daemon's user must belong to it", path,
                         (unsigned int) access->group, ovs_strerror(errno));
    }
    if (chmod(path, access->mode)) {
        return xasprintf("%s: cannot set its mode (%s)", path,
                         ovs_strerror(errno));
    }
    return NULL;
}

bool
socket_access_is_taken(const char *path)
{
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, path);

    if (fd < 0) {
        /* EAGAIN: so busy that its backlog is full. */
        return fd == -EAGAIN;
    }
    close(fd);
    return true;
}
