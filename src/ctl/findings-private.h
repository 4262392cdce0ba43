/* SPDX-License-Identifier: Apache-2.0
 *
 * Declarations shared by the files of findings.
 */

#ifndef CTL_FINDINGS_PRIVATE_H
#define CTL_FINDINGS_PRIVATE_H 1

#include <stdint.h>
#include "ctl/findings.h"

struct svec;

/* Adds to 'subjects' a text for "%s" in the row's text, once for each of whom
 * it is true; "" if it is true of the load balancer as such. */
typedef void finding_check_func(const struct facts *, struct svec *subjects);

/* In findings-vips.c. */
finding_check_func vip_has_no_subnet, vip_has_no_port, vip_has_no_router;
finding_check_func vip_serves_no_neighbours, router_has_no_gateway;
finding_check_func vip_is_member, member_is_vip, vip_ends_forward;
finding_check_func vip_has_groups, options_are_unhonoured;

/* Adds "ADDRESS:PORT". */
void findings_add_endpoint(struct svec *subjects, const char *address,
                           uint16_t port);

#endif /* ctl/findings-private.h */
