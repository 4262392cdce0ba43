/* SPDX-License-Identifier: Apache-2.0
 *
 * The process in numbers; see process-metrics.h.
 */

#include <config.h>
#include "base/process-metrics.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/metrics.h"
#include "timeval.h"
#include "util.h"

static long long int process_started_ms;

/* Reads the sizes in pages, in total and resident; 0 if that fails. */
static void
process_read_memory(unsigned long int *ret_total,
                    unsigned long int *ret_resident)
{
    FILE *file = fopen("/proc/self/statm", "re");

    *ret_total = *ret_resident = 0;
    if (file) {
        ignore(fscanf(file, "%lu %lu", ret_total, ret_resident));
        fclose(file);
    }
}

static void
process_put_resident(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    unsigned long int total, resident;

    process_read_memory(&total, &resident);
    metrics_put(page, (double) resident * sysconf(_SC_PAGESIZE), NULL);
}

static void
process_put_virtual(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    unsigned long int total, resident;

    process_read_memory(&total, &resident);
    metrics_put(page, (double) total * sysconf(_SC_PAGESIZE), NULL);
}

static void
process_put_fds(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    DIR *directory = opendir("/proc/self/fd");
    int n = 0;

    if (!directory) {
        return;
    }
    while (readdir(directory)) {
        n++;
    }
    closedir(directory);
    /* Less ".", ".." and the directory's own. */
    metrics_put(page, n - 3, NULL);
}

static void
process_put_fds_max(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    struct rlimit limit;

    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        metrics_put(page, limit.rlim_cur, NULL);
    }
}

static double
process_seconds(const struct timeval *tv)
{
    return tv->tv_sec + tv->tv_usec / 1e6;
}

static void
process_put_cpu(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    struct rusage usage;

    if (!getrusage(RUSAGE_SELF, &usage)) {
        metrics_put(page, (process_seconds(&usage.ru_utime)
                           + process_seconds(&usage.ru_stime)), NULL);
    }
}

static void
process_put_start(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put(page, process_started_ms / 1e3, NULL);
}

static void
process_put_build(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    metrics_put(page, 1, "program", ovs_get_program_name(),
                "version", OVN_OCTAVIA_VERSION, NULL);
}

void
process_metrics_add(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_build_info", METRIC_GAUGE,
          "Always 1; the labels tell which program of which version this is.",
          process_put_build },
        { "process_cpu_seconds_total", METRIC_COUNTER,
          "User and system CPU time spent.", process_put_cpu },
        { "process_max_fds", METRIC_GAUGE,
          "Most file descriptors that may be open.", process_put_fds_max },
        { "process_open_fds", METRIC_GAUGE,
          "Open file descriptors.", process_put_fds },
        { "process_resident_memory_bytes", METRIC_GAUGE,
          "Resident memory.", process_put_resident },
        { "process_start_time_seconds", METRIC_GAUGE,
          "When the process started, since the epoch.", process_put_start },
        { "process_virtual_memory_bytes", METRIC_GAUGE,
          "Virtual memory.", process_put_virtual },
    };

    process_started_ms = time_wall_msec();
    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
