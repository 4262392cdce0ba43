/* SPDX-License-Identifier: Apache-2.0
 *
 * "Prefer: wait=SECONDS": the reply to a write comes when its load balancer
 * has left the PENDING states, or, to a DELETE, when the object is gone.
 *
 * Such a request sleeps as any other does that waits (request.h): it looks at
 * the replica when that has changed.  A bounded number may wait; others, those
 * whose time is over, and those whose clients leave, have the reply that they
 * would have without the preference.
 */

#ifndef API_SETTLE_H
#define API_SETTLE_H 1

#include <stddef.h>

struct request;
struct settle;
struct write;

/* 'wait_max_s' bounds what clients ask for; 0: no request waits. */
struct settle *settle_create(int wait_max_s);
void settle_destroy(struct settle *);

/* Calls 'reply', which ends the request, now or later.  The write is
 * committed. */
void settle_then(struct request *, void (*reply)(struct request *));

/* Frees what a write that is destroyed has here. */
void settle_forget(struct write *);

/* Answers the requests of clients that have left. */
void settle_run(struct settle *);
void settle_wait(const struct settle *);

/* Answers all requests that wait; from now on none does. */
void settle_close(struct settle *);
size_t settle_n_waiting(const struct settle *);

#endif /* api/settle.h */
