/* SPDX-License-Identifier: Apache-2.0
 *
 * The Logical_Switch_Ports that a load balancer needs: they hold the addresses
 * of its VIPs, and those from which its members are probed.  Pure.
 */

#ifndef OVN_WANT_LB_PORTS_H
#define OVN_WANT_LB_PORTS_H 1

struct model_lb;
struct ovn_lb;
struct probe_sources;
struct topology;

/* Adds them to 'ret'. */
void lb_ports_build(const struct model_lb *, const struct topology *,
                    const struct probe_sources *, struct ovn_lb *ret);

#endif /* ovn/want/lb-ports.h */
