/* SPDX-License-Identifier: Apache-2.0
 *
 * From what the user said about the VIP (port, network, subnet, address) to
 * what is stored: network, subnet, and the address if it is known already.
 */

#ifndef API_VIP_H
#define API_VIP_H 1

#include <stdbool.h>
#include "api/prepare.h"

struct attrs;
struct fault;
struct net;
struct request;

/* Fills in the VIP attributes of a load balancer to be.  May be called again
 * with what an earlier call has filled in. */
enum prepare_result vip_attrs_resolve(struct net *, struct attrs *,
                                      struct fault **faultp);

/* Check, in two steps, that the user may have the chosen address, for a first
 * VIP or an additional one: 'attrs' has its subnet and its address under these
 * names.  The driver has the last word about that.
 *
 * Checks what the network knows, before the transaction.  Brings the address
 * into its canonical form. */
enum prepare_result vip_attrs_check_address(struct net *, struct attrs *,
                                            const char *subnet_name,
                                            const char *address_name,
                                            struct fault **faultp);

/* Checks, within the transaction, that no other load balancer has the
 * address.  Sets the request's fault and returns false if one has. */
bool vip_attrs_are_free(struct request *, const struct attrs *,
                        const char *subnet_name, const char *address_name);

#endif /* api/vip.h */
