/* SPDX-License-Identifier: Apache-2.0
 *
 * The page that Prometheus reads of this daemon: which modules are on it, and
 * the state of the driver as a whole.
 */

#ifndef DRIVER_METRICS_H
#define DRIVER_METRICS_H 1

struct driver;

/* Adds everything to the page.  Keeps the pointer. */
void driver_add_metrics(const struct driver *);

#endif /* driver/metrics.h */
