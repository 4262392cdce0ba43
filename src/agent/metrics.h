/* SPDX-License-Identifier: Apache-2.0
 *
 * The page that Prometheus reads of this daemon: which modules are on it, and
 * the state of the agent as a whole.
 */

#ifndef AGENT_METRICS_H
#define AGENT_METRICS_H 1

struct agent;

/* Adds everything to the page.  Keeps the pointer. */
void agent_add_metrics(const struct agent *);

#endif /* agent/metrics.h */
