/* SPDX-License-Identifier: Apache-2.0
 *
 * The keyed queue with back-off; see workq.h.
 */

#include <config.h>
#include "base/workq.h"
#include "base/backoff.h"
#include "heap.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

enum item_state {
    ITEM_READY,                 /* In 'ready'. */
    ITEM_BUSY,                  /* The caller has it. */
    ITEM_DELAYED,               /* In 'delayed'. */
};

struct workq_item {
    struct hmap_node by_key;
    struct ovs_list in_ready;
    struct heap_node in_delayed;
    struct uuid key;
    enum item_state state;
    bool is_dirty;              /* Added while ITEM_BUSY. */
    unsigned int n_failures;    /* In a row. */
    long long int due_ms;       /* ITEM_DELAYED: when it comes back; else
                                 * since when it is due. */
};

struct workq {
    long long int backoff_min_ms, backoff_max_ms;
    struct hmap items;
    struct ovs_list ready;      /* First come, first served. */
    struct heap delayed;        /* Earliest first. */
};

struct workq *
workq_create(long long int backoff_min_ms, long long int backoff_max_ms)
{
    struct workq *q = xzalloc(sizeof *q);
    q->backoff_min_ms = backoff_min_ms;
    q->backoff_max_ms = backoff_max_ms;
    hmap_init(&q->items);
    ovs_list_init(&q->ready);
    heap_init(&q->delayed);
    return q;
}

void
workq_destroy(struct workq *q)
{
    if (q) {
        struct workq_item *item;
        HMAP_FOR_EACH_POP (item, by_key, &q->items) {
            free(item);
        }
        hmap_destroy(&q->items);
        heap_destroy(&q->delayed);
        free(q);
    }
}

static struct workq_item *
find_workq_item(const struct workq *q, const struct uuid *key)
{
    struct workq_item *item;
    HMAP_FOR_EACH_WITH_HASH (item, by_key, uuid_hash(key), &q->items) {
        if (uuid_equals(&item->key, key)) {
            return item;
        }
    }
    return NULL;
}

static void
make_ready(struct workq *q, struct workq_item *item)
{
    item->state = ITEM_READY;
    item->is_dirty = false;
    item->due_ms = time_msec();
    ovs_list_push_back(&q->ready, &item->in_ready);
}

/* The heap yields its maximum, and we want what is due first. */
static uint64_t
item_priority(long long int due_ms)
{
    return UINT64_MAX - due_ms;
}

void
workq_add(struct workq *q, const struct uuid *key)
{
    struct workq_item *item = find_workq_item(q, key);

    if (!item) {
        item = xzalloc(sizeof *item);
        item->key = *key;
        hmap_insert(&q->items, &item->by_key, uuid_hash(key));
        make_ready(q, item);
    } else if (item->state == ITEM_BUSY) {
        item->is_dirty = true;
    } else if (item->state == ITEM_DELAYED) {
        heap_remove(&q->delayed, &item->in_delayed);
        make_ready(q, item);
    }
}

static void
wake_delayed(struct workq *q, long long int now_ms)
{
    while (!heap_is_empty(&q->delayed)) {
        struct workq_item *item = CONTAINER_OF(heap_max(&q->delayed),
                                               struct workq_item, in_delayed);
        if (item->due_ms > now_ms) {
            break;
        }
        heap_remove(&q->delayed, &item->in_delayed);
        make_ready(q, item);
    }
}

bool
workq_take(struct workq *q, long long int now_ms, struct uuid *ret_key)
{
    wake_delayed(q, now_ms);
    if (ovs_list_is_empty(&q->ready)) {
        return false;
    }

    struct workq_item *item = CONTAINER_OF(ovs_list_pop_front(&q->ready),
                                           struct workq_item, in_ready);
    item->state = ITEM_BUSY;
    *ret_key = item->key;
    return true;
}

void
workq_done(struct workq *q, const struct uuid *key, bool failed,
           long long int now_ms)
{
    struct workq_item *item = find_workq_item(q, key);

    ovs_assert(item && item->state == ITEM_BUSY);
    item->n_failures = failed ? item->n_failures + 1 : 0;
    if (item->is_dirty) {
        make_ready(q, item);
    } else if (failed) {
        item->state = ITEM_DELAYED;
        item->due_ms = now_ms + backoff_pause_ms(q->backoff_min_ms,
                                                 q->backoff_max_ms,
                                                 item->n_failures);
        heap_insert(&q->delayed, &item->in_delayed,
                    item_priority(item->due_ms));
    } else {
        hmap_remove(&q->items, &item->by_key);
        free(item);
    }
}

void
workq_wait(const struct workq *q)
{
    if (!ovs_list_is_empty(&q->ready)) {
        poll_immediate_wake();
    } else if (!heap_is_empty(&q->delayed)) {
        const struct workq_item *item = CONTAINER_OF(heap_max(&q->delayed),
                                                     struct workq_item,
                                                     in_delayed);
        poll_timer_wait_until(item->due_ms);
    }
}

size_t
workq_n_active(const struct workq *q)
{
    return hmap_count(&q->items) - heap_count(&q->delayed);
}

size_t
workq_n_failing(const struct workq *q)
{
    return heap_count(&q->delayed);
}

long long int
workq_oldest_ms(const struct workq *q, long long int now_ms)
{
    const struct workq_item *item;
    long long int since_ms = now_ms;

    HMAP_FOR_EACH (item, by_key, &q->items) {
        if (item->state != ITEM_DELAYED) {
            since_ms = MIN(since_ms, item->due_ms);
        }
    }
    return now_ms - since_ms;
}
