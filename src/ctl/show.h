/* SPDX-License-Identifier: Apache-2.0
 *
 * "show": load balancers with all below them, for people, or as JSON.
 */

#ifndef CTL_SHOW_H
#define CTL_SHOW_H 1

#include <stdbool.h>

struct ctl_context;
struct json;
struct octrec_load_balancer;

/* For 'struct ctl_command_syntax'. */
void show_prerequisites(struct ctl_context *);
void show_run(struct ctl_context *);

/* Has show_run() make a document, for programs. */
void show_set_json(bool);

/* Returns what there is to show of a load balancer; the caller frees it. */
struct json *show_report_lb(const struct octrec_load_balancer *);

#endif /* ctl/show.h */
