/* SPDX-License-Identifier: Apache-2.0
 *
 * What every program tells Prometheus of itself: the version, and the usual
 * process_... of memory, descriptors and time.
 */

#ifndef BASE_PROCESS_METRICS_H
#define BASE_PROCESS_METRICS_H 1

/* Adds them to the page.  Call in the process that serves. */
void process_metrics_add(void);

#endif /* base/process-metrics.h */
