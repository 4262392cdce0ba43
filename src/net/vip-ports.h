/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the ports that hold the addresses of VIPs: in OVN, and the ids
 * under which the API knows them.
 *
 * Both follow from the load balancer and never change.  The UUID of the
 * Logical_Switch_Port row is another: a row that is made again has a new one.
 */

#ifndef NET_VIP_PORTS_H
#define NET_VIP_PORTS_H 1

#include <stdbool.h>
#include "openvswitch/uuid.h"

/* The name of the port of a VIP of load balancer 'lb_id': of the first if 'n'
 * is 0, else of the 'n'th additional one.  The caller frees it. */
char *vip_port_name(const struct uuid *lb_id, unsigned int n);

/* The id of that port in the API, if it is one of ours. */
struct uuid vip_port_id(const struct uuid *lb_id, unsigned int n);

/* If 'port_name' is the name of the port of a VIP, the first one or an
 * additional one, stores the load balancer's id in '*ret_lb_id' and returns
 * true. */
bool vip_port_name_parse(const char *port_name, struct uuid *ret_lb_id);

/* Does the same, and stores the port's id. */
bool vip_port_name_to_id(const char *port_name, struct uuid *ret_id);

#endif /* net/vip-ports.h */
