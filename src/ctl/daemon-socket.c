/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds control sockets; see daemon-socket.h.
 */

#include <config.h>
#include "ctl/daemon-socket.h"
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>
#include "ctl/context.h"
#include "daemon.h"
#include "dirs.h"
#include "socket-util.h"
#include "util.h"

/* Returns NULL if there is no such process; then '*errorp' says why. */
static char *
daemon_socket_by_pid(const char *program, char **errorp)
{
    char *pidfile = xasprintf("%s/%s.pid", ovs_rundir(), program);
    pid_t pid = read_pidfile(pidfile);
    char *path = NULL;

    if (pid >= 0) {
        path = xasprintf("%s/%s.%ld.ctl", ovs_rundir(), program,
                         (long int) pid);
    } else {
        *errorp = xasprintf("%s: %s", pidfile, ovs_strerror(-pid));
    }
    free(pidfile);
    return path;
}

/* True if a process listens at 'path', even one that does not let us in. */
static bool
daemon_socket_is_live(const char *path)
{
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, path);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 || fd == -EAGAIN || fd == -EACCES;
}

/* Counts the live ones of 'paths', and stores the last in '*ret_live'. */
static size_t
daemon_socket_count(char *const *paths, size_t n, const char **ret_live)
{
    size_t n_live = 0;

    for (size_t i = 0; i < n; i++) {
        if (daemon_socket_is_live(paths[i])) {
            *ret_live = paths[i];
            n_live++;
        }
    }
    return n_live;
}

/* Returns the live socket of 'program' in 'directory', or that at 'more' if
 * that is not NULL; NULL if there is none or more than one. */
static char *
daemon_socket_search(const char *directory, const char *program,
                     const char *more, size_t *ret_n)
{
    char *one = xasprintf("%s/%s.ctl", directory, program);
    char *many = xasprintf("%s/%s.*.ctl", directory, program);
    const char *live = NULL;
    char *path = NULL;
    glob_t found;

    glob(one, 0, NULL, &found);
    glob(many, GLOB_APPEND, NULL, &found);
    if (more) {
        glob(more, GLOB_APPEND, NULL, &found);
    }
    *ret_n = daemon_socket_count(found.gl_pathv, found.gl_pathc, &live);
    if (*ret_n == 1) {
        path = xstrdup(live);
    }
    globfree(&found);
    free(one);
    free(many);
    return path;
}

char *
daemon_socket_find(const struct context *ctx, const char *program,
                   char **errorp)
{
    if (ctx->driver_ctl && !strcmp(program, DRIVER_PROGRAM)) {
        return abs_file_name(ovs_rundir(), ctx->driver_ctl);
    }

    char *error = NULL;
    char *path = daemon_socket_by_pid(program, &error);
    size_t n;

    if (path && daemon_socket_is_live(path)) {
        return path;
    }

    char *other = daemon_socket_search(ovs_rundir(), program, NULL, &n);
    if (other) {
        free(path);
        path = other;
    } else if (n > 1) {
        free(path);
        path = NULL;
        *errorp = xasprintf("%"PRIuSIZE" processes have a control socket in "
                            "%s", n, ovs_rundir());
    } else if (!path) {
        *errorp = error;
        error = NULL;
    }
    free(error);
    return path;
}

char *
daemon_socket_find_beside(const char *program, const char *socket)
{
    char *directory = dir_name(socket);
    char *ctl = xasprintf("%s.ctl", socket);
    size_t n;
    char *path = daemon_socket_search(directory, program, ctl, &n);

    free(ctl);
    free(directory);
    return path;
}
