/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports of VIPs, where Neutron hands out addresses: made for load balancers
 * that bring none, and looked at for load balancers that bring one without
 * saying its address.
 *
 * Nothing here has to survive the process: the next one finds, by their names,
 * the ports that were made and not written down.
 */

#ifndef DRIVER_NEUTRON_VIPS_H
#define DRIVER_NEUTRON_VIPS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "driver/vip-result.h"

struct model_lb;
struct nb;
struct neutron_calls;
struct neutron_vips;
struct uuid;
struct workq;

/* All is borrowed. */
struct neutron_vips *neutron_vips_create(struct neutron_calls *,
                                         const struct nb *, struct workq *);
void neutron_vips_destroy(struct neutron_vips *);

/* Fills in the address and the port of each VIP of 'lb' that lacks one.  Fills
 * '*refusal' if Neutron refuses one; then none is kept. */
enum vip_result neutron_vips_fill(struct neutron_vips *, struct model_lb *lb,
                                  struct vip_refusal *refusal);

/* The same for VIPs whose ports OVN does not have any more.  Ports that
 * Neutron does not have, either, are made again with their addresses, and 'lb'
 * gets their ids.  Fills '*refusal', with code 0, if Neutron refuses one;
 * nothing is deleted then.  Forgets the load balancer if no port is lost. */
enum vip_result neutron_vips_restore(struct neutron_vips *,
                                     struct model_lb *lb,
                                     struct vip_refusal *refusal);

/* Deletes again what was made for a load balancer that cannot have all its
 * VIPs. */
void neutron_vips_give_up(struct neutron_vips *, const struct uuid *lb_id);

/* Forgets the load balancer, whose VIPs are written down or not wanted any
 * more.  Returns false if calls are still under way: its key comes back to the
 * queue when they have ended. */
bool neutron_vips_forget(struct neutron_vips *, const struct uuid *lb_id);

/* Has ports looked for again, for load balancer 'lb_id' or for all that are
 * being worked on: another driver may have made or deleted some. */
void neutron_vips_distrust(struct neutron_vips *, const struct uuid *lb_id);
void neutron_vips_distrust_all(struct neutron_vips *);

/* Puts the keys back for which another try is due. */
void neutron_vips_run(struct neutron_vips *);
void neutron_vips_wait(const struct neutron_vips *);

/* Returns how many load balancers wait for another try. */
size_t neutron_vips_n_failing(const struct neutron_vips *);

/* Returns why the load balancer has to wait for Neutron, or NULL if it has
 * not. */
const char *neutron_vips_what_is_missing(const struct neutron_vips *,
                                         const struct uuid *lb_id);

#endif /* driver/neutron-vips.h */
