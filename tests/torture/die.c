/* SPDX-License-Identifier: Apache-2.0
 *
 * A library that tests preload into a daemon: it ends the daemon, as SIGKILL
 * does, at the n-th system call by which the daemon tells something to the
 * rest of the world.  Test and daemon share a small file that says which call
 * that is, and how many there have been; tests/lib/die.py is the other end.
 *
 * What counts, in all threads of the process together:
 *
 *   - write, writev, send, sendto and sendmsg on a stream socket: to a
 *     database, to clients, to Keystone and Neutron, to the plugin, to
 *     driver-agent;
 *   - rename, link and unlink: the pid file, and sockets in the file system.
 *
 * What does not count, since nothing depends on it, or since only the test
 * asks for it: the log and all other files, pipes and eventfds, pairs of
 * sockets between threads, datagrams (syslog), and the control socket, which
 * is called NAME.ctl in all tests.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum die_how {
    DIE_NOT,                    /* This call is not the one. */
    DIE_BEFORE,                 /* It does not happen. */
    DIE_HALF,                   /* Half of the bytes are written. */
    DIE_AFTER,                  /* It happens, and that is all. */
};

/* The file. */
struct die_orders {
    _Atomic uint32_t at;        /* Which call; 0: none, and none counts. */
    _Atomic uint32_t how;       /* enum die_how. */
    _Atomic uint32_t n;         /* Calls that counted. */
};

static struct die_orders *orders;

static void __attribute__((constructor))
die_init(void)
{
    const char *path = getenv("OVN_OCTAVIA_DIE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd >= 0) {
        void *map = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE,
                         MAP_SHARED, fd, 0);

        orders = map == MAP_FAILED ? NULL : map;
        close(fd);
    }
}

static void
die_now(void)
{
    kill(getpid(), SIGKILL);
    for (;;) {
        pause();
    }
}

/* True if 'name' is that of a socket which is no control socket. */
static bool
name_counts(const struct sockaddr_storage *name, socklen_t length)
{
    const struct sockaddr_un *un = (const void *) name;
    const size_t head = offsetof(struct sockaddr_un, sun_path);
    size_t n = length > head ? strnlen(un->sun_path, length - head) : 0;

    return n && !(n >= 4 && !memcmp(&un->sun_path[n - 4], ".ctl", 4));
}

/* True if what is written to 'fd' counts. */
static bool
fd_counts(int fd)
{
    struct sockaddr_storage local, peer;
    socklen_t local_length = sizeof local, peer_length = sizeof peer;
    int type;
    socklen_t type_length = sizeof type;

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length)
        || type != SOCK_STREAM
        || getsockname(fd, (struct sockaddr *) &local, &local_length)
        || getpeername(fd, (struct sockaddr *) &peer, &peer_length)) {
        return false;
    }
    /* Who connects has no name, who accepts has that of the listener; of a
     * pair of sockets neither has one. */
    return (local.ss_family == AF_INET || local.ss_family == AF_INET6
            || (local.ss_family == AF_UNIX
                && (name_counts(&local, local_length)
                    || name_counts(&peer, peer_length))));
}

/* Counts a call, and ends the process if the time has come for that before
 * the call.  Returns what is to be done else. */
static enum die_how
die_count(bool counts)
{
    uint32_t at = orders ? atomic_load(&orders->at) : 0;

    if (!at || !counts || atomic_fetch_add(&orders->n, 1) + 1 != at) {
        return DIE_NOT;
    }

    enum die_how how = atomic_load(&orders->how);

    if (how == DIE_BEFORE) {
        die_now();
    }
    return how;
}

/* Ends the process after a call, if it was that one. */
static void
die_after(enum die_how how)
{
    if (how != DIE_NOT) {
        die_now();
    }
}

static size_t
die_length(enum die_how how, size_t length)
{
    return how == DIE_HALF ? length / 2 : length;
}

/* Finds the function that would have been called without us. */
#define REAL(NAME) ((__typeof__(&NAME)) dlsym(RTLD_NEXT, #NAME))

ssize_t
write(int fd, const void *data, size_t length)
{
    enum die_how how = die_count(fd_counts(fd));
    ssize_t retval = REAL(write)(fd, data, die_length(how, length));

    die_after(how);
    return retval;
}

ssize_t
send(int fd, const void *data, size_t length, int flags)
{
    enum die_how how = die_count(fd_counts(fd));
    ssize_t retval = REAL(send)(fd, data, die_length(how, length), flags);

    die_after(how);
    return retval;
}

ssize_t
sendto(int fd, const void *data, size_t length, int flags,
       const struct sockaddr *to, socklen_t to_length)
{
    enum die_how how = die_count(fd_counts(fd));
    ssize_t retval = REAL(sendto)(fd, data, die_length(how, length), flags,
                                  to, to_length);

    die_after(how);
    return retval;
}

ssize_t
writev(int fd, const struct iovec *parts, int n)
{
    enum die_how how = die_count(fd_counts(fd));
    /* Half of many parts are half of the parts. */
    ssize_t retval = REAL(writev)(fd, parts, die_length(how, n));

    die_after(how);
    return retval;
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    enum die_how how = die_count(fd_counts(fd));
    struct msghdr half = *message;

    half.msg_iovlen = die_length(how, message->msg_iovlen);

    ssize_t retval = REAL(sendmsg)(fd, &half, flags);

    die_after(how);
    return retval;
}

int
rename(const char *from, const char *to)
{
    enum die_how how = die_count(true);
    int retval = REAL(rename)(from, to);

    die_after(how);
    return retval;
}

int
link(const char *from, const char *to)
{
    enum die_how how = die_count(true);
    int retval = REAL(link)(from, to);

    die_after(how);
    return retval;
}

int
unlink(const char *path)
{
    enum die_how how = die_count(true);
    int retval = REAL(unlink)(path);

    die_after(how);
    return retval;
}
