/* SPDX-License-Identifier: Apache-2.0
 *
 * Fetches what Octavia has: one object with all below it, through its
 * driver-agent's get socket.
 */

#ifndef OCTAVIA_GET_SOCKET_H
#define OCTAVIA_GET_SOCKET_H 1

#include <stdbool.h>
#include "model/fields.h"

struct exchange;
struct exchanger;
struct json;
struct octavia_conf;
struct uuid;

struct get_reply {
    const char *error;          /* NULL: Octavia has answered. */
    const struct json *object;  /* A data model of octavia-lib in which Unset
                                 * and None are both null; NULL: Octavia has no
                                 * such object (any more, or yet).
                                 * Borrowed. */
};

typedef void get_done(const struct get_reply *, void *aux);

/* Asks 'exchanger', the get socket, for an object; see exchange.h for the
 * rest. */
struct exchange *get_send(struct exchanger *, enum resource_id,
                          const struct uuid *id, get_done *, void *aux);

/* Returns the path of the socket.  The configuration may be NULL. */
const char *get_socket_path(const struct octavia_conf *);

#endif /* octavia/get-socket.h */
