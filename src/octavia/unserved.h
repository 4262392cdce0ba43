/* SPDX-License-Identifier: Apache-2.0
 *
 * Options that an existing Octavia accepts without asking the provider, so
 * that they cannot be refused, and are not served.
 */

#ifndef OCTAVIA_UNSERVED_H
#define OCTAVIA_UNSERVED_H 1

struct json;

/* Returns the security groups of the VIP in a load balancer's data model, as
 * text, or NULL if there are none.  The caller frees it.  Octavia 16 does not
 * tell a provider about "vip_sg_ids" when a load balancer is updated: it
 * answers 200, and shows them from then on. */
char *unserved_security_groups(const struct json *model);

#endif /* octavia/unserved.h */
