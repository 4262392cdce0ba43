/* SPDX-License-Identifier: Apache-2.0
 *
 * The health of a load balancer's members, as far as OVN knows it.
 */

#ifndef OVN_DB_HEALTH_H
#define OVN_DB_HEALTH_H 1

#include <stdbool.h>

struct model_lb;
struct ovn_lb;
struct sb;
struct topology;

/* Fills in 'health' of all members.  As long as the Southbound database ('sb',
 * may be NULL) cannot be read, or does not say yet that a server is cut off,
 * what is known stays known, also from 'seen', which is how OVN has the load
 * balancer. */
void health_load(struct model_lb *, const struct topology *,
                 const struct sb *, const struct ovn_lb *seen);

/* True if health_load() will look at 'seen'. */
bool health_needs_seen(const struct model_lb *, const struct topology *,
                       const struct sb *);

#endif /* ovn/db/health.h */
