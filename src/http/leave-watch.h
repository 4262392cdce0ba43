/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells which clients leave while their requests wait for an answer.  The
 * server does not look at these connections; this does, with one descriptor
 * in the poll loop for all of them.
 *
 * A client that leaves may have closed its own direction only.
 */

#ifndef HTTP_LEAVE_WATCH_H
#define HTTP_LEAVE_WATCH_H 1

struct http_request;
struct leave_watch;

struct leave_watch *leave_watch_create(void);
void leave_watch_destroy(struct leave_watch *);

/* Watches the client of a request that waits, until leave_watch_remove(),
 * which must be called before http_reply(). */
void leave_watch_add(struct leave_watch *, const struct http_request *,
                     void *aux);
void leave_watch_remove(struct leave_watch *, const struct http_request *);

/* Returns the 'aux' of a client that has left, once for each; NULL if there
 * is none. */
void *leave_watch_next(struct leave_watch *);
void leave_watch_wait(const struct leave_watch *);

#endif /* http/leave-watch.h */
