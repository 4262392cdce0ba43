/* SPDX-License-Identifier: Apache-2.0
 *
 * The states that a write demands of a load balancer and its parts, and those
 * it puts them into.  One thing at a time happens to a load balancer: that is
 * what the states are for.
 */

#ifndef API_LOCKS_H
#define API_LOCKS_H 1

#include <stdbool.h>
#include <stdint.h>
#include "api/write.h"

struct fault;
struct uuid;

/* Tests the states.  What was tested is a condition of the transaction. */
bool lock_test(enum resource_id, enum write_action, const struct family *,
               struct fault **faultp);

/* Sets the states, and notes on the load balancer which request it was. */
void lock_set(enum resource_id, enum write_action, const struct family *,
              const struct uuid *request_id, int64_t now_us);

/* Whether a listener sends traffic to 'pool'. */
bool listener_uses_pool(const struct ovsdb_idl_row *listener,
                        const struct ovsdb_idl_row *pool);

#endif /* api/locks.h */
