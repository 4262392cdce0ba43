/* SPDX-License-Identifier: Apache-2.0
 *
 * Turns: of the load balancers of one project, one at a time tells Octavia of
 * deletions.
 *
 * Octavia counts what a project has in a row of its database, and a deletion
 * changes that row.  Where the database does not let a transaction change what
 * another one has changed meanwhile (MariaDB from 11.6.2 on), Octavia refuses
 * the later of two deletions ("Project busy").
 *
 * A turn that lasts too long is ended: the others then try their luck.
 */

#ifndef AGENT_TURNS_H
#define AGENT_TURNS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

struct turns {
    struct ovs_list list;       /* struct turn, in order of arrival. */
    size_t n_waiting;
};

void turns_init(struct turns *);
void turns_destroy(struct turns *);

/* Times are as time_msec().
 *
 * Returns true if it is the turn of the load balancer 'lb_id' of 'project_id'
 * ("" if it is not known).  Otherwise it waits for its turn, which turns_end()
 * or turns_expire() give it. */
bool turns_take(struct turns *, const char *project_id,
                const struct uuid *lb_id, long long int now_ms);

/* The load balancer has no turn any more, and waits for none.  Returns true,
 * and stores its id, if it is now another one's turn. */
bool turns_end(struct turns *, const struct uuid *lb_id,
               long long int now_ms, struct uuid *ret_next_id);

/* Ends a turn for which another one has waited too long.  Returns as
 * turns_end(); call it until it returns false. */
bool turns_expire(struct turns *, long long int now_ms,
                  struct uuid *ret_next_id);

/* Wakes the poll loop when a turn is to be ended that way. */
void turns_wait(const struct turns *);

/* Returns the number of load balancers that wait. */
size_t turns_n_waiting(const struct turns *);

#endif /* agent/turns.h */
