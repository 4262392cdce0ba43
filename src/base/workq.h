/* SPDX-License-Identifier: Apache-2.0
 *
 * A queue of keys to look at.  A key says which thing may need work, never
 * what happened to it; a key that is added twice is there once.  A key whose
 * work failed comes back after a while that doubles from failure to failure.
 */

#ifndef BASE_WORKQ_H
#define BASE_WORKQ_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct workq;

struct workq *workq_create(long long int backoff_min_ms,
                           long long int backoff_max_ms);
void workq_destroy(struct workq *);

/* Makes 'key' due now.  If it is being worked on, it will be due again when
 * that is finished. */
void workq_add(struct workq *, const struct uuid *key);

/* Takes the key that has been due longest, if there is one at 'now_ms' (as
 * time_msec()).  The caller works on it until workq_done(). */
bool workq_take(struct workq *, long long int now_ms, struct uuid *ret_key);

/* The work on 'key' is finished.  If it failed, it comes back by itself. */
void workq_done(struct workq *, const struct uuid *key, bool failed,
                long long int now_ms);

/* Wakes the poll loop when the next key falls due. */
void workq_wait(const struct workq *);

/* Returns for how long the oldest key is due or being worked on; 0 if none
 * is.  Looks at all of them. */
long long int workq_oldest_ms(const struct workq *, long long int now_ms);

/* Keys that are due or being worked on, and keys that wait for another try. */
size_t workq_n_active(const struct workq *);
size_t workq_n_failing(const struct workq *);

#endif /* base/workq.h */
