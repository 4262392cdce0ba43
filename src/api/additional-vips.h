/* SPDX-License-Identifier: Apache-2.0
 *
 * The VIPs of a load balancer to be, besides the first one.
 */

#ifndef API_ADDITIONAL_VIPS_H
#define API_ADDITIONAL_VIPS_H 1

#include <stdbool.h>
#include "api/prepare.h"

struct attrs;
struct fault;
struct net;
struct ovsdb_idl_row;
struct request;

/* What the body alone tells.  Costs nothing, so it comes first. */
bool additional_vips_check(const struct attrs *, struct fault **faultp);

/* Checks the additional VIPs in 'attrs', a load balancer's, after
 * vip_attrs_resolve().  May be called again after PREPARE_WAIT. */
enum prepare_result additional_vips_resolve(struct net *,
                                            struct attrs *attrs,
                                            struct fault **faultp);

/* Within the transaction: whether other load balancers leave the addresses.
 * Sets the request's fault and returns false if not. */
bool additional_vips_are_free(struct request *);

/* Within the transaction: makes the rows of those that the request names, for
 * the new load balancer 'lb'. */
void additional_vips_insert(const struct request *,
                            const struct ovsdb_idl_row *lb);

#endif /* api/additional-vips.h */
