/* SPDX-License-Identifier: Apache-2.0
 *
 * A socket on which the HTTP server listens: a TCP one, or a unix one with the
 * permissions that its file gets.  listener-set.h accepts.
 */

#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H 1

#include <stdbool.h>
#include <stdint.h>

struct listen_address;
struct socket_access;

struct listener {
    int fd;
    uint16_t port;              /* 0: a unix socket. */
    char *path;                 /* Of a unix socket, else NULL. */
    bool is_tls;
};

struct listener_options {
    const struct listen_address *address;
    const struct socket_access *access;     /* Of a unix socket. */
    bool is_ipv6_only;          /* Leaves IPv4 clients to another one. */
};

/* Listens.  Returns false and sets '*errorp' (the caller frees it) if that is
 * impossible. */
bool listener_open(struct listener *, const struct listener_options *,
                   char **errorp);

/* Removes the file of a unix socket, too. */
void listener_close(struct listener *);

#endif /* http/listener.h */
