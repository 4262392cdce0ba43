/* SPDX-License-Identifier: Apache-2.0
 *
 * Families of samples as text; see metrics.h.
 */

#include <config.h>
#include "base/metrics.h"
#include <stdarg.h>
#include <stdbool.h>
#include "base/limits.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct metrics_table {
    const struct metric *metrics;
    size_t n;
    const void *aux;
} metrics_tables[METRIC_TABLES_MAX];
static size_t metrics_n_tables;

struct metrics_page {
    struct ds *out;
    const struct metric *metric;    /* Whose samples are appended. */
};

static const struct {
    long long int us;
    const char *text;           /* In seconds. */
} metric_bounds[METRIC_BUCKETS] = {
    { 1000, "0.001" },
    { 2500, "0.0025" },
    { 5000, "0.005" },
    { 10 * 1000, "0.01" },
    { 25 * 1000, "0.025" },
    { 50 * 1000, "0.05" },
    { 100 * 1000, "0.1" },
    { 250 * 1000, "0.25" },
    { 500 * 1000, "0.5" },
    { 1000 * 1000, "1" },
    { 2500 * 1000, "2.5" },
    { 5000 * 1000, "5" },
    { 10 * 1000 * 1000, "10" },
};

void
metrics_add(const struct metric *metrics, size_t n, const void *aux)
{
    ovs_assert(metrics_n_tables < METRIC_TABLES_MAX);
    metrics_tables[metrics_n_tables++]
        = (struct metrics_table) { metrics, n, aux };
}

/* Appends a text in which the format gives some characters a meaning; only
 * values of labels have quotes around them. */
static void
metrics_put_escaped(struct ds *out, const char *text, bool is_value)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\\' || (*p == '"' && is_value)) {
            ds_put_char(out, '\\');
            ds_put_char(out, *p);
        } else if (*p == '\n') {
            ds_put_cstr(out, "\\n");
        } else {
            ds_put_char(out, *p);
        }
    }
}

static void
metrics_put_label(struct ds *out, size_t *n, const char *name,
                  const char *value)
{
    ds_put_format(out, "%c%s=\"", (*n)++ ? ',' : '{', name);
    metrics_put_escaped(out, value, true);
    ds_put_char(out, '"');
}

/* Appends "NAME{LABELS} VALUE".  'le' is one more label, unless NULL. */
static void
metrics_put_sample(const struct metrics_page *page, const char *suffix,
                   double value, const char *le, va_list labels)
{
    const char *name;
    size_t n = 0;

    ds_put_format(page->out, "%s%s", page->metric->name, suffix);
    while ((name = va_arg(labels, const char *)) != NULL) {
        metrics_put_label(page->out, &n, name, va_arg(labels, const char *));
    }
    if (le) {
        metrics_put_label(page->out, &n, "le", le);
    }
    ds_put_format(page->out, "%s %.15g\n", n ? "}" : "", value);
}

void
metrics_put(struct metrics_page *page, double value, ...)
{
    va_list labels;

    va_start(labels, value);
    metrics_put_sample(page, "", value, NULL, labels);
    va_end(labels);
}

void
metric_histogram_note(struct metric_histogram *histogram, long long int us)
{
    size_t i = 0;

    while (i < METRIC_BUCKETS && us > metric_bounds[i].us) {
        i++;
    }
    histogram->buckets[i]++;
    histogram->sum_us += MAX(us, 0);
}

void
metrics_put_histogram(struct metrics_page *page,
                      const struct metric_histogram *histogram, ...)
{
    double n = 0;
    va_list labels;

    for (size_t i = 0; i <= METRIC_BUCKETS; i++) {
        n += histogram->buckets[i];
        va_start(labels, histogram);
        metrics_put_sample(page, "_bucket", n, (i < METRIC_BUCKETS
                                                ? metric_bounds[i].text
                                                : "+Inf"), labels);
        va_end(labels);
    }
    va_start(labels, histogram);
    metrics_put_sample(page, "_sum", histogram->sum_us / 1e6, NULL, labels);
    va_end(labels);
    va_start(labels, histogram);
    metrics_put_sample(page, "_count", n, NULL, labels);
    va_end(labels);
}

static void
metrics_format_one(struct metrics_page *page, const void *aux)
{
    static const char *const types[] = {
        [METRIC_COUNTER] = "counter",
        [METRIC_GAUGE] = "gauge",
        [METRIC_HISTOGRAM] = "histogram",
    };
    const struct metric *metric = page->metric;

    ds_put_format(page->out, "# HELP %s ", metric->name);
    metrics_put_escaped(page->out, metric->help, false);
    ds_put_format(page->out, "\n# TYPE %s %s\n", metric->name,
                  types[metric->type]);
    metric->put(page, aux);
}

void
metrics_format(struct ds *out)
{
    for (size_t i = 0; i < metrics_n_tables; i++) {
        const struct metrics_table *table = &metrics_tables[i];

        for (size_t j = 0; j < table->n; j++) {
            struct metrics_page page = { out, &table->metrics[j] };

            metrics_format_one(&page, table->aux);
        }
    }
}
