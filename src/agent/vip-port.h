/* SPDX-License-Identifier: Apache-2.0
 *
 * create_vip_port: the one call that waits for the driver.  The load balancer
 * is written as a reservation, of which Octavia knows nothing yet; the driver
 * makes its ports and fills in addresses, or says why it cannot.  A refused
 * load balancer is taken back before Octavia hears of it.
 */

#ifndef AGENT_VIP_PORT_H
#define AGENT_VIP_PORT_H 1

struct call;

void vip_port_start(struct call *);

/* Replies with call->fault, but first takes back the load balancer
 * call->lb_id. */
void vip_port_take_back(struct call *);

#endif /* agent/vip-port.h */
