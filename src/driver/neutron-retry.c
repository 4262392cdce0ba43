/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls under way and waiting for the next try; see neutron-retry.h.
 */

#include <config.h>
#include "driver/neutron-retry.h"
#include <stdint.h>
#include <stdlib.h>
#include "base/backoff.h"
#include "base/limits.h"
#include "openvswitch/poll-loop.h"
#include "util.h"
#include "uuid.h"

void
neutron_retries_init(struct neutron_retries *retries)
{
    hmap_init(&retries->by_id);
    heap_init(&retries->by_due);
}

void
neutron_retries_uninit(struct neutron_retries *retries)
{
    hmap_destroy(&retries->by_id);
    heap_destroy(&retries->by_due);
}

struct neutron_retry *
neutron_retry_find(const struct neutron_retries *retries,
                   const struct uuid *id)
{
    struct neutron_retry *retry;
    HMAP_FOR_EACH_WITH_HASH (retry, node, uuid_hash(id), &retries->by_id) {
        if (uuid_equals(&retry->id, id)) {
            return retry;
        }
    }
    return NULL;
}

void
neutron_retry_init(struct neutron_retries *retries,
                   struct neutron_retry *retry, const struct uuid *id)
{
    *retry = (struct neutron_retry) { .id = *id };
    hmap_insert(&retries->by_id, &retry->node, uuid_hash(id));
}

static void
neutron_retry_stop(struct neutron_retries *retries,
                   struct neutron_retry *retry)
{
    if (retry->is_waiting) {
        heap_remove(&retries->by_due, &retry->by_due);
        retry->is_waiting = false;
    }
}

void
neutron_retry_uninit(struct neutron_retries *retries,
                     struct neutron_retry *retry)
{
    neutron_retry_stop(retries, retry);
    hmap_remove(&retries->by_id, &retry->node);
    free(retry->trouble);
}

bool
neutron_retry_is_busy(const struct neutron_retry *retry)
{
    return retry->n_calls || retry->is_waiting;
}

void
neutron_retry_call_starts(struct neutron_retry *retry)
{
    retry->n_calls++;
}

static void
neutron_retry_set_trouble(struct neutron_retry *retry, const char *trouble)
{
    free(retry->trouble);
    retry->trouble = nullable_xstrdup(trouble);
}

static void
neutron_retry_schedule(struct neutron_retries *retries,
                       struct neutron_retry *retry, long long int now_ms)
{
    neutron_retry_stop(retries, retry);
    retry->has_failed = false;

    /* Bounds the number: a higher one would not change the back-off. */
    retry->n_failures = MIN(retry->n_failures + 1, 32);
    retry->due_ms = now_ms + backoff_pause_ms(RECONCILE_BACKOFF_MIN_MS,
                                              RECONCILE_BACKOFF_MAX_MS,
                                              retry->n_failures);
    retry->is_waiting = true;

    /* Inverts the time: the heap yields its maximum, not what is due first. */
    heap_insert(&retries->by_due, &retry->by_due, UINT64_MAX - retry->due_ms);
}

bool
neutron_retry_call_ends(struct neutron_retries *retries,
                        struct neutron_retry *retry, const char *trouble,
                        long long int now_ms)
{
    ovs_assert(retry->n_calls);
    retry->n_calls--;
    if (trouble) {
        neutron_retry_set_trouble(retry, trouble);
        retry->has_failed = true;
    }
    if (retry->n_calls) {
        return false;
    }
    if (retry->has_failed) {
        neutron_retry_schedule(retries, retry, now_ms);
    }
    return true;
}

static struct neutron_retry *
neutron_retry_first(const struct neutron_retries *retries)
{
    return (heap_is_empty(&retries->by_due) ? NULL
            : CONTAINER_OF(heap_max(&retries->by_due), struct neutron_retry,
                           by_due));
}

struct neutron_retry *
neutron_retries_next(struct neutron_retries *retries, long long int now_ms)
{
    struct neutron_retry *retry = neutron_retry_first(retries);

    if (!retry || retry->due_ms > now_ms) {
        return NULL;
    }
    neutron_retry_stop(retries, retry);
    return retry;
}

void
neutron_retries_wait(const struct neutron_retries *retries)
{
    const struct neutron_retry *retry = neutron_retry_first(retries);

    if (retry) {
        poll_timer_wait_until(retry->due_ms);
    }
}

size_t
neutron_retries_n_failing(const struct neutron_retries *retries)
{
    return heap_count(&retries->by_due);
}

const char *
neutron_retry_what_is_missing(const struct neutron_retry *retry)
{
    return (!neutron_retry_is_busy(retry) ? NULL
            : retry->trouble ? retry->trouble
            : "it has not answered");
}
