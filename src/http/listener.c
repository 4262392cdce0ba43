/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens listening sockets; see listener.h.
 */

#include <config.h>
#include "http/listener.h"
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/socket-access.h"
#include "fatal-signal.h"
#include "http/listen-address.h"
#include "socket-util.h"
#include "util.h"

/* Returns a socket that is bound to 'ss', or a negative errno. */
static int
listener_bind(const struct sockaddr_storage *ss, bool is_ipv6_only)
{
    int fd = socket(ss->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    0);
    int yes = 1;

    if (fd < 0) {
        return -errno;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes)
        || (is_ipv6_only && ss->ss_family == AF_INET6
            && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes))
        || bind(fd, (const struct sockaddr *) ss, ss_length(ss))
        || listen(fd, SOMAXCONN)) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

static bool
listener_open_tcp(struct listener *listener,
                  const struct listener_options *options, char **errorp)
{
    const char *host = options->address->host;
    uint16_t port = options->address->port;
    bool ipv6 = strchr(host, ':');
    /* As in "ptcp:PORT:HOST". */
    char *target = xasprintf("%"PRIu16":%s%s%s", port, ipv6 ? "[" : "", host,
                             ipv6 ? "]" : "");
    struct sockaddr_storage ss;
    socklen_t ss_bytes = sizeof ss;
    int fd = -EAFNOSUPPORT;

    if (inet_parse_passive(target, -1, &ss, false, NULL)) {
        fd = listener_bind(&ss, options->is_ipv6_only);
    }
    if (fd < 0) {
        *errorp = xasprintf("cannot listen on %s port %"PRIu16" (%s)", host,
                            port, ovs_strerror(-fd));
    } else {
        listener->fd = fd;
        listener->port = (getsockname(fd, (struct sockaddr *) &ss, &ss_bytes)
                          ? port : ss_get_port(&ss));
    }
    free(target);
    return fd >= 0;
}

/* The file is not open to others before it has its permissions: it is made
 * for its user alone. */
static bool
listener_open_unix(struct listener *listener,
                   const struct listener_options *options, char **errorp)
{
    const char *path = options->address->path;

    if (socket_access_is_taken(path)) {
        *errorp = xasprintf("%s: another process is listening there", path);
        return false;
    }

    mode_t umask_before = umask(0177);
    int fd = make_unix_socket(SOCK_STREAM, true, path, NULL);
    umask(umask_before);
    if (fd < 0) {
        *errorp = xasprintf("%s: cannot listen (%s)", path,
                            ovs_strerror(-fd));
        return false;
    }
    *errorp = socket_access_apply(options->access, path);
    if (!*errorp && listen(fd, SOMAXCONN)) {
        *errorp = xasprintf("%s: cannot listen (%s)", path,
                            ovs_strerror(errno));
    }
    if (*errorp) {
        fatal_signal_unlink_file_now(path);
        close(fd);
        return false;
    }
    listener->fd = fd;
    listener->path = xstrdup(path);
    return true;
}

bool
listener_open(struct listener *listener,
              const struct listener_options *options, char **errorp)
{
    *listener = (struct listener) { .is_tls = options->address->is_tls };
    return (options->address->path
            ? listener_open_unix(listener, options, errorp)
            : listener_open_tcp(listener, options, errorp));
}

void
listener_close(struct listener *listener)
{
    close(listener->fd);
    listener->fd = -1;
    if (listener->path) {
        fatal_signal_unlink_file_now(listener->path);
        free(listener->path);
        listener->path = NULL;
    }
}
