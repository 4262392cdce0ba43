/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of connections that were answered before the client had sent all.
 * Closing a socket with unread data resets the connection, and a reset may
 * destroy the answer before the client has read it: it would see "connection
 * reset" in place of "413".  So what comes is read and thrown away until the
 * client is done, for a bounded time.
 */

#ifndef HTTP_DRAIN_H
#define HTTP_DRAIN_H 1

#include "openvswitch/list.h"

struct drain {
    struct ovs_list sockets;    /* Oldest first. */
    unsigned int n_sockets;
};

void drain_init(struct drain *);

/* Closes all at once. */
void drain_uninit(struct drain *);

/* Takes care of a duplicate of 'fd', which the caller closes as usual.  Of too
 * many at a time, the rest is not taken: their clients get the reset. */
void drain_add(struct drain *, int fd);

void drain_run(struct drain *);
void drain_wait(struct drain *);

#endif /* http/drain.h */
