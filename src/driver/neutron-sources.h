/* SPDX-License-Identifier: Apache-2.0
 *
 * The ports from which members are probed, where Neutron hands out addresses:
 * one in each subnet, made when the first load balancer needs it, deleted when
 * none does any more.  OVN shows them once they are there, so this knows only
 * which ones are under way, and which ones are ours: in a shared network a
 * tenant may give his port their name, and all that they say of themselves.
 * Ours are the ports that Neutron has in the driver's own project, and the
 * ones that members are already probed from: see neutron_sources_own().
 */

#ifndef DRIVER_NEUTRON_SOURCES_H
#define DRIVER_NEUTRON_SOURCES_H 1

#include <stdbool.h>
#include "driver/port-provider.h"

struct model_lb;
struct nb;
struct neutron_calls;
struct neutron_sources;
struct topo_port;
struct uuid;
struct uuidset;
struct workq;

/* Borrows its arguments.  A load balancer waits for 'patience_ms' at most. */
struct neutron_sources *neutron_sources_create(struct neutron_calls *,
                                               struct nb *, struct workq *,
                                               int patience_ms);
void neutron_sources_destroy(struct neutron_sources *);

/* Load balancer 'lb' has members to probe in 'subnets', of which 'sourceless'
 * have no port to do it from.  Sees to it if there are any, and the load
 * balancer's key comes back to the queue when the answer has changed.  Sets
 * '*whyp' to Neutron's words, valid until the next call, for SOURCES_FAILED.
 */
enum port_sources neutron_sources_provide(struct neutron_sources *,
                                          const struct model_lb *,
                                          const struct uuidset *subnets,
                                          const struct uuidset *sourceless,
                                          const char **whyp);

/* True if 'port', which says of itself that members are probed from it, is
 * ours: Neutron has said so, or it 'is_in_use', that is, OVN has members that
 * are probed from it.  Only the driver and the Python provider, which makes
 * such ports in any project, can write that there.  Remembers it. */
bool neutron_sources_own(struct neutron_sources *, const struct topo_port *,
                         bool is_in_use);

/* True if, since the last call, it has become time to try again to delete a
 * port, which only neutron_sources_clean() knows to be unneeded still. */
bool neutron_sources_take_unneeded(struct neutron_sources *);

/* Deletes the ports that no load balancer needs.  Every load balancer must
 * have been compared since the replica of OVN_Northbound was loaded. */
void neutron_sources_clean(struct neutron_sources *);

/* Looks for ports that have appeared or gone, and tries again. */
void neutron_sources_run(struct neutron_sources *);
void neutron_sources_wait(const struct neutron_sources *);

/* Returns why the load balancer has to wait for Neutron, or NULL if it has
 * not. */
const char *neutron_sources_what_is_missing(const struct neutron_sources *,
                                            const struct uuid *lb_id);

#endif /* driver/neutron-sources.h */
