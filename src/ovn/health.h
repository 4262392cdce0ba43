/* SPDX-License-Identifier: Apache-2.0
 *
 * What OVN knows about the health of a load balancer's members.
 */

#ifndef OVN_HEALTH_H
#define OVN_HEALTH_H 1

struct model_lb;
struct sb;
struct topology;

/* Fills in 'health' of all members.  As long as the Southbound database ('sb',
 * may be NULL) cannot be read, what is known stays known. */
void health_load(struct model_lb *, const struct topology *,
                 const struct sb *);

#endif /* ovn/health.h */
