/* SPDX-License-Identifier: Apache-2.0
 *
 * Floating IPs of members.  A distributed one, whose NAT row has external_mac
 * and logical_port, is translated on the member's own chassis, and what comes
 * through a load balancer on the router's gateway chassis.  A reply leaves by
 * one way or the other, whichever way its question came:
 *
 *   - before OVN 23.09, on the member's chassis, so replies to connections by
 *     way of the load balancer's floating IP would miss the router that
 *     translated them;
 *
 *   - since then, through the gateway, as long as a router carries a load
 *     balancer with that address and port as a member ('has_central_replies'),
 *     so replies to connections by way of the member's floating IP would miss
 *     the chassis that translated them, whether the load balancer has a
 *     floating IP or not.
 *
 * As long as that is so, the member's NAT row is made centralised, and both
 * ways are the same; what it had is kept in its external_ids, and put back
 * when it is not needed any more.
 *
 * Neutron finds such rows by their logical_port when a port comes up, so it
 * leaves those alone that have lost it, and makes rows of members without the
 * two columns itself.  What it puts back, when the floating IP of a VIP goes,
 * is taken away again, once.
 *
 * No other columns of other owners' rows are ever changed, but for our own
 * elements in references and external_ids: the Python OVN provider does the
 * same.
 */

#ifndef OVN_WANT_CENTRALISE_H
#define OVN_WANT_CENTRALISE_H 1

#include <stdbool.h>

struct desired_facts;
struct model_lb;
struct ovsdb_idl_txn;
struct uuid;
struct uuidset;
struct vip_list;

/* True if a load balancer with these VIPs has its members' floating IPs
 * centralised, if they have any. */
bool centralise_is_needed(const struct vip_list *,
                          const struct desired_facts *);

/* Adds to 'ret' the NAT rows of members of 'lb' that have to be centralised.
 * Pure. */
void centralise_find(const struct model_lb *, const struct vip_list *,
                     const struct desired_facts *, struct uuidset *ret);

/* Takes external_mac and logical_port away from a NAT row, or puts them
 * back. */
void centralise_nat(struct ovsdb_idl_txn *, const struct uuid *nat);
void centralise_undo(struct ovsdb_idl_txn *, const struct uuid *nat);

#endif /* ovn/want/centralise.h */
