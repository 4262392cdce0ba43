/* SPDX-License-Identifier: Apache-2.0
 *
 * The sockets on which the HTTP server listens.  They are in our own hands,
 * not in the library's: the library takes a socket out of its epoll set when
 * it has no room or no descriptors, and puts it back when it runs the next
 * time, which may be never.  Here, whether they are watched is decided anew
 * each time before the loop sleeps: all of them, or none.
 */

#ifndef HTTP_LISTENER_SET_H
#define HTTP_LISTENER_SET_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct listen_addresses;
struct listener;
struct socket_access;

struct listener_set {
    struct listener *listeners;
    size_t n;
    size_t next;                /* Is asked first for the next client. */
    long long int paused_until_ms;  /* Nothing can be accepted before. */
};

/* A client that was accepted. */
struct listener_client {
    int fd;                     /* Non-blocking; the caller's. */
    struct sockaddr_storage address;
    socklen_t address_bytes;
    bool is_tls;
};

/* Listens on all of the addresses.  Returns false and sets '*errorp' (the
 * caller frees it) if one is impossible; then it listens on none. */
bool listener_set_open(struct listener_set *, const struct listen_addresses *,
                       const struct socket_access *, char **errorp);
void listener_set_close(struct listener_set *);

/* Takes a client, from each socket in its turn.  Returns false if there is
 * none now.  Is paused when the process has no descriptors left, or the kernel
 * no memory. */
bool listener_set_accept(struct listener_set *, struct listener_client *ret);

bool listener_set_is_paused(const struct listener_set *);

/* Ends the pause: a descriptor may be free again. */
void listener_set_resume(struct listener_set *);

/* True if a client waits to be accepted. */
bool listener_set_has_client(const struct listener_set *);

/* Wakes the poll loop when a client is there, or when the pause is over. */
void listener_set_wait(const struct listener_set *);

/* True if it listens with TLS, or without. */
bool listener_set_has_scheme(const struct listener_set *, bool is_tls);

/* Returns the first TCP port, 0 if there is none. */
uint16_t listener_set_port(const struct listener_set *);

#endif /* http/listener-set.h */
