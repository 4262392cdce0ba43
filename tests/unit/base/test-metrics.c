/* SPDX-License-Identifier: Apache-2.0
 *
 * The text format: what a page looks like, to the byte.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/metrics.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct metric_histogram histogram;

static void
put_counter(struct metrics_page *page, const void *aux)
{
    metrics_put(page, *(const unsigned int *) aux, NULL);
}

static void
put_gauge(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put(page, 0.25, "a", "x", "b", "q\"b\\n\n", NULL);
    metrics_put(page, -1, "a", "", NULL);
    metrics_put(page, 123456789012345, "a", "big", NULL);
}

static void
put_histogram(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put_histogram(page, &histogram, "a", "x", NULL);
}

static const char expected[] =
    "# HELP n_total A \\\\ and a \\n in a sentence with \"quotes\".\n"
    "# TYPE n_total counter\n"
    "n_total 7\n"
    "# HELP level How high.\n"
    "# TYPE level gauge\n"
    "level{a=\"x\",b=\"q\\\"b\\\\n\\n\"} 0.25\n"
    "level{a=\"\"} -1\n"
    "level{a=\"big\"} 123456789012345\n"
    "# HELP t_seconds How long.\n"
    "# TYPE t_seconds histogram\n"
    "t_seconds_bucket{a=\"x\",le=\"0.001\"} 2\n"
    "t_seconds_bucket{a=\"x\",le=\"0.0025\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"0.005\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"0.01\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"0.025\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"0.05\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"0.1\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"0.25\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"0.5\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"1\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"2.5\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"5\"} 3\n"
    "t_seconds_bucket{a=\"x\",le=\"10\"} 4\n"
    "t_seconds_bucket{a=\"x\",le=\"+Inf\"} 5\n"
    "t_seconds_sum{a=\"x\"} 25.002001\n"
    "t_seconds_count{a=\"x\"} 5\n";

/* A page has every family with its samples, escaped where it must be. */
static void
test_page(void **state OVS_UNUSED)
{
    static const struct metric first[] = {
        { "n_total", METRIC_COUNTER,
          "A \\ and a \n in a sentence with \"quotes\".", put_counter },
    };
    static const struct metric second[] = {
        { "level", METRIC_GAUGE, "How high.", put_gauge },
        { "t_seconds", METRIC_HISTOGRAM, "How long.", put_histogram },
    };
    unsigned int seven = 7;
    struct ds page = DS_EMPTY_INITIALIZER;

    /* A bound belongs to its bucket; time that went backwards is none. */
    metric_histogram_note(&histogram, 1000);
    metric_histogram_note(&histogram, -5);
    metric_histogram_note(&histogram, 1001);
    metric_histogram_note(&histogram, 10 * 1000 * 1000);
    metric_histogram_note(&histogram, 15 * 1000 * 1000);

    metrics_add(first, ARRAY_SIZE(first), &seven);
    metrics_add(second, ARRAY_SIZE(second), NULL);
    metrics_format(&page);
    assert_string_equal(ds_cstr(&page), expected);
    ds_destroy(&page);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
