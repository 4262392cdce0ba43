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

/* Checks what the body alone tells.  Costs nothing, so it comes first. */
bool additional_vips_check(const struct attrs *, struct fault **faultp);

/* Checks the additional VIPs in 'attrs', a load balancer's, after
 * vip_attrs_resolve().  May be called again after PREPARE_WAIT. */
enum prepare_result additional_vips_resolve(struct net *,
                                            struct attrs *attrs,
                                            struct fault **faultp);

/* Checks, within the transaction, that no other load balancer has the
 * addresses.  Sets the request's fault and returns false if one has. */
bool additional_vips_are_free(struct request *);

/* Makes, within the transaction, the rows of the additional VIPs that the
 * request names, for the new load balancer 'lb'. */
void additional_vips_insert(const struct request *,
                            const struct ovsdb_idl_row *lb);

#endif /* api/additional-vips.h */
