/* SPDX-License-Identifier: Apache-2.0
 *
 * From what the user said about the VIP (port, network, subnet, address) to
 * what is stored: network, subnet, and the address if it is known already.
 */

#ifndef API_VIP_H
#define API_VIP_H 1

#include "api/write.h"

struct attrs;
struct fault;
struct net;

/* Fills in the VIP attributes of a load balancer to be.  May be called again
 * with what an earlier call has filled in. */
enum prepare_result vip_resolve(struct net *, struct attrs *,
                                struct fault **faultp);

#endif /* api/vip.h */
