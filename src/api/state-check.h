/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that the states of a load balancer and its parts let a user write.
 */

#ifndef API_STATE_CHECK_H
#define API_STATE_CHECK_H 1

#include <stdbool.h>
#include "store/write-states.h"

struct fault;

/* Returns false and sets '*faultp' if a state forbids the action.  The tested
 * states are conditions of the transaction. */
bool state_check(enum resource_id, enum write_action, const struct family *,
                 struct fault **faultp);

#endif /* api/state-check.h */
