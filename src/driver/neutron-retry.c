/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls under way and waiting for the next try; see neutron-retry.h.
 */

#include <config.h>
#include "driver/neutron-retry.h"
#include <stdint.h>
#include <stdlib.h>
#include "base/limits.h"
#include "openvswitch/poll-loop.h"
#include "util.h"
#include "uuid.h"

void
errands_init(struct errands *errands)
{
    hmap_init(&errands->by_id);
    heap_init(&errands->retries);
}

void
errands_uninit(struct errands *errands)
{
    hmap_destroy(&errands->by_id);
    heap_destroy(&errands->retries);
}

struct errand *
errand_find(const struct errands *errands, const struct uuid *id)
{
    struct errand *errand;
    HMAP_FOR_EACH_WITH_HASH (errand, node, uuid_hash(id), &errands->by_id) {
        if (uuid_equals(&errand->id, id)) {
            return errand;
        }
    }
    return NULL;
}

void
errand_init(struct errands *errands, struct errand *errand,
            const struct uuid *id)
{
    *errand = (struct errand) { .id = *id };
    hmap_insert(&errands->by_id, &errand->node, uuid_hash(id));
}

static void
stop_waiting(struct errands *errands, struct errand *errand)
{
    if (errand->is_waiting) {
        heap_remove(&errands->retries, &errand->in_retries);
        errand->is_waiting = false;
    }
}

void
errand_uninit(struct errands *errands, struct errand *errand)
{
    stop_waiting(errands, errand);
    hmap_remove(&errands->by_id, &errand->node);
    free(errand->trouble);
}

bool
errand_is_busy(const struct errand *errand)
{
    return errand->n_calls || errand->is_waiting;
}

void
errand_call_starts(struct errand *errand)
{
    errand->n_calls++;
}

static void
set_trouble(struct errand *errand, const char *trouble)
{
    free(errand->trouble);
    errand->trouble = nullable_xstrdup(trouble);
}

static long long int
backoff_ms(unsigned int n_failures)
{
    long long int ms = RECONCILE_BACKOFF_MIN_MS;

    for (unsigned int i = 1; i < n_failures; i++) {
        ms = MIN(ms * 2, RECONCILE_BACKOFF_MAX_MS);
    }
    return ms;
}

static void
wait_for_retry(struct errands *errands, struct errand *errand,
               long long int now_ms)
{
    stop_waiting(errands, errand);
    errand->has_failed = false;

    /* A higher number would change nothing. */
    errand->n_failures = MIN(errand->n_failures + 1, 32);
    errand->due_ms = now_ms + backoff_ms(errand->n_failures);
    errand->is_waiting = true;

    /* The heap yields its maximum, and we want what is due first. */
    heap_insert(&errands->retries, &errand->in_retries,
                UINT64_MAX - errand->due_ms);
}

bool
errand_call_ends(struct errands *errands, struct errand *errand,
                 const char *trouble, long long int now_ms)
{
    ovs_assert(errand->n_calls);
    errand->n_calls--;
    if (trouble) {
        set_trouble(errand, trouble);
        errand->has_failed = true;
    }
    if (errand->n_calls) {
        return false;
    }
    if (errand->has_failed) {
        wait_for_retry(errands, errand, now_ms);
    }
    return true;
}

static struct errand *
first(const struct errands *errands)
{
    return (heap_is_empty(&errands->retries) ? NULL
            : CONTAINER_OF(heap_max(&errands->retries), struct errand,
                           in_retries));
}

struct errand *
errands_next(struct errands *errands, long long int now_ms)
{
    struct errand *errand = first(errands);

    if (!errand || errand->due_ms > now_ms) {
        return NULL;
    }
    stop_waiting(errands, errand);
    return errand;
}

void
errands_wait(const struct errands *errands)
{
    const struct errand *errand = first(errands);

    if (errand) {
        poll_timer_wait_until(errand->due_ms);
    }
}

size_t
errands_n_failing(const struct errands *errands)
{
    return heap_count(&errands->retries);
}

const char *
errand_what_is_missing(const struct errand *errand)
{
    return (!errand_is_busy(errand) ? NULL
            : errand->trouble ? errand->trouble
            : "it has not answered");
}
