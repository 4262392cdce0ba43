/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for the driver to say whether a new load balancer can have its VIP.
 */

#ifndef API_VIP_VERDICT_H
#define API_VIP_VERDICT_H 1

struct request;

/* Replies when the driver has decided about the load balancer, which is
 * committed. */
void vip_verdict_wait(struct request *);

#endif /* api/vip-verdict.h */
