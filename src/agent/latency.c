/* SPDX-License-Identifier: Apache-2.0
 *
 * Latencies of calls; see latency.h.
 */

#include <config.h>
#include "agent/latency.h"
#include <stdlib.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* The last so many of each kind count: some minutes of a busy cloud. */
#define SAMPLES_MAX 1000

/* A call whose load balancer never gets anywhere must not stay for ever. */
#define PENDING_MAX 1000

struct samples {
    unsigned long long int n;   /* Since the start. */
    long long int us[SAMPLES_MAX];
};

struct pending {
    struct hmap_node node;      /* In latency->pending, by 'lb_id'. */
    struct uuid lb_id;
    const char *name;
    long long int arrived_us;
};

struct latency {
    struct shash samples;       /* "struct samples" by name of call. */
    struct hmap pending;
};

struct latency *
latency_create(void)
{
    struct latency *latency = xmalloc(sizeof *latency);

    shash_init(&latency->samples);
    hmap_init(&latency->pending);
    return latency;
}

void
latency_destroy(struct latency *latency)
{
    struct pending *pending;

    HMAP_FOR_EACH_POP (pending, node, &latency->pending) {
        free(pending);
    }
    hmap_destroy(&latency->pending);
    shash_destroy_free_data(&latency->samples);
    free(latency);
}

void
latency_note(struct latency *latency, const char *name,
             long long int arrived_us)
{
    struct samples *samples = shash_find_data(&latency->samples, name);

    if (!samples) {
        samples = xzalloc(sizeof *samples);
        shash_add(&latency->samples, name, samples);
    }
    samples->us[samples->n++ % SAMPLES_MAX] = time_usec() - arrived_us;
}

void
latency_start(struct latency *latency, const struct uuid *lb_id,
              const char *name, long long int arrived_us)
{
    if (hmap_count(&latency->pending) >= PENDING_MAX) {
        return;
    }

    struct pending *pending = xmalloc(sizeof *pending);
    pending->lb_id = *lb_id;
    pending->name = name;
    pending->arrived_us = arrived_us;
    hmap_insert(&latency->pending, &pending->node, uuid_hash(lb_id));
}

void
latency_stop(struct latency *latency, const struct uuid *lb_id)
{
    struct pending *pending;

    HMAP_FOR_EACH_SAFE (pending, node, &latency->pending) {
        if (uuid_equals(&pending->lb_id, lb_id)) {
            latency_note(latency, pending->name, pending->arrived_us);
            hmap_remove(&latency->pending, &pending->node);
            free(pending);
        }
    }
}

static int
compare_us(const void *a_, const void *b_)
{
    const long long int *a = a_, *b = b_;

    return *a < *b ? -1 : *a > *b;
}

static void
format_samples(const char *name, const struct samples *samples, struct ds *s)
{
    size_t n = MIN(samples->n, SAMPLES_MAX);
    long long int *us = xmemdup(samples->us, n * sizeof *us);

    qsort(us, n, sizeof *us, compare_us);
    ds_put_format(s, "%s: n=%llu median=%.1f ms p99=%.1f ms\n", name,
                  samples->n, us[n / 2] / 1000.0, us[n * 99 / 100] / 1000.0);
    free(us);
}

void
latency_format(const struct latency *latency, struct ds *s)
{
    const struct shash_node **nodes = shash_sort(&latency->samples);

    for (size_t i = 0; i < shash_count(&latency->samples); i++) {
        format_samples(nodes[i]->name, nodes[i]->data, s);
    }
    free(nodes);
}
