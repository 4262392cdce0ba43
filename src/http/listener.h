/* SPDX-License-Identifier: Apache-2.0
 *
 * The socket on which the HTTP server listens.  It is in our own hands, not
 * in the library's: the library takes it out of its epoll set when it has no
 * room or no descriptors, and puts it back when it runs the next time, which
 * may be never.  Here, whether it is watched is decided anew each time before
 * the loop sleeps.
 */

#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct listener {
    int fd;
    uint16_t port;
    long long int paused_until_ms;  /* Nothing can be accepted before. */
};

/* Listens on 'host', an address literal, and 'port', 0 for any.  Returns false
 * and sets '*errorp' (the caller frees it) if that is impossible. */
bool listener_open(struct listener *, const char *host, uint16_t port,
                   char **errorp);
void listener_close(struct listener *);

/* Returns a new connection, non-blocking, and the client's address, or -1 if
 * there is none now.  Is paused when the process has no descriptors left, or
 * the kernel no memory. */
int listener_accept(struct listener *, struct sockaddr_storage *ret_address,
                    socklen_t *ret_address_bytes);

bool listener_is_paused(const struct listener *);

/* Ends the pause: a descriptor may be free again. */
void listener_resume(struct listener *);

/* True if a client waits to be accepted. */
bool listener_has_client(const struct listener *);

/* Wakes the poll loop when a client is there, or when the pause is over. */
void listener_wait(const struct listener *);

#endif /* http/listener.h */
