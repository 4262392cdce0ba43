/* SPDX-License-Identifier: Apache-2.0
 *
 * Serves a daemon's metrics (base/metrics.h) at /metrics, on an address of
 * their own and with a server of their own, small enough that its clients
 * cannot disturb the daemon.  An address that cannot be had stops nothing: it
 * is tried again.
 */

#ifndef HTTP_EXPORTER_H
#define HTTP_EXPORTER_H 1

struct exporter;
struct metrics_listen;

/* Starts to listen, unless the setting is empty.  Borrows it. */
struct exporter *exporter_create(const struct metrics_listen *);
void exporter_destroy(struct exporter *);
void exporter_run(struct exporter *);
void exporter_wait(struct exporter *);

#endif /* http/exporter.h */
