/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts reports to Octavia by what became of them, for Prometheus.
 */

#ifndef AGENT_REPORT_TALLY_H
#define AGENT_REPORT_TALLY_H 1

#include <stddef.h>
#include "octavia/status-socket.h"

/* Notes the end of a report of 'n' statuses that took 'us'. */
void report_tally_note(enum status_result, size_t n, long long int us);

/* Adds the counts to the page. */
void report_tally_add_metrics(void);

#endif /* agent/report-tally.h */
