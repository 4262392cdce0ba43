/* SPDX-License-Identifier: Apache-2.0
 *
 * A load balancer without what is being deleted: what OVN must have.  The
 * whole one is for statuses and for the rows of OVN_Octavia, which a deleted
 * object keeps until OVN has lost it.
 */

#ifndef MODEL_WANTED_H
#define MODEL_WANTED_H 1

struct model_lb;

/* Returns a view of 'lb', which must outlive it: listeners, pools, members and
 * monitors that are being deleted are left out, all of them if 'lb' itself is.
 * Monitors and texts are those of 'lb'.  The caller must call
 * model_wanted_destroy(). */
struct model_lb *model_wanted_create(const struct model_lb *lb);
void model_wanted_destroy(struct model_lb *);

#endif /* model/wanted.h */
