/* SPDX-License-Identifier: Apache-2.0
 *
 * What Prometheus reads of a daemon: families of samples, each with a name, a
 * type and a sentence, in the text format 0.0.4.
 *
 * A family is a row of a table that its module adds at the start.  The module
 * keeps its own numbers, in whatever form it likes, and is asked for them when
 * a page is made; counting is a plain addition.  The values of labels come
 * from tables of the program, never from a user, so the number of samples is
 * bounded.
 */

#ifndef BASE_METRICS_H
#define BASE_METRICS_H 1

#include <stddef.h>

struct ds;
struct metrics_page;

enum metric_type {
    METRIC_COUNTER,
    METRIC_GAUGE,
    METRIC_HISTOGRAM,
};

struct metric {
    const char *name;           /* With the unit: "..._seconds_total". */
    enum metric_type type;
    const char *help;
    /* Appends the samples, by metrics_put() or metrics_put_histogram(). */
    void (*put)(struct metrics_page *, const void *aux);
};

/* Adds families to the page.  Keeps both pointers. */
void metrics_add(const struct metric *, size_t n, const void *aux);

/* Appends the page. */
void metrics_format(struct ds *);

/* Appends a sample.  What follows are names and values of labels in turn, and
 * a final NULL. */
void metrics_put(struct metrics_page *, double value, ...)
    __attribute__((sentinel));

/* Durations, from 1 ms to 10 s and beyond. */
#define METRIC_BUCKETS 13

struct metric_histogram {
    unsigned long long int buckets[METRIC_BUCKETS + 1];  /* Each alone. */
    unsigned long long int sum_us;
};

void metric_histogram_note(struct metric_histogram *, long long int us);

/* Appends the samples of a histogram; labels as for metrics_put(). */
void metrics_put_histogram(struct metrics_page *,
                           const struct metric_histogram *, ...)
    __attribute__((sentinel));

#endif /* base/metrics.h */
