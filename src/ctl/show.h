/* SPDX-License-Identifier: Apache-2.0
 *
 * "show": load balancers with all below them, for people.
 */

#ifndef CTL_SHOW_H
#define CTL_SHOW_H 1

struct ctl_context;

/* For 'struct ctl_command_syntax'. */
void show_prerequisites(struct ctl_context *);
void show_run(struct ctl_context *);

#endif /* ctl/show.h */
