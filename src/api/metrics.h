/* SPDX-License-Identifier: Apache-2.0
 *
 * The page that Prometheus reads of this daemon: which modules are on it, and
 * the state of the API as a whole.
 */

#ifndef API_METRICS_H
#define API_METRICS_H 1

struct api;

/* Adds everything to the page.  Keeps the pointer. */
void api_add_metrics(const struct api *);

#endif /* api/metrics.h */
