/* SPDX-License-Identifier: Apache-2.0
 *
 * Floating IPs of members.  Under distributed routing the traffic of a member
 * with a floating IP of its own leaves on its own chassis, so replies to
 * connections that came by way of the load balancer's floating IP would miss
 * the router that translated them.  While both have floating IPs, the
 * member's NAT row is made centralised; what it had is kept in its
 * external_ids, and put back when it is not needed any more.
 *
 * No other columns of other owners' rows are ever changed, but for our own
 * elements in references and external_ids: the Python OVN provider does the
 * same.
 */

#ifndef OVN_WANT_CENTRALISE_H
#define OVN_WANT_CENTRALISE_H 1

struct model_lb;
struct ovsdb_idl_txn;
struct topology;
struct uuid;
struct uuidset;
struct vip_list;

/* Adds to 'ret' the NAT rows of members of 'lb' that have to be centralised.
 * Pure. */
void centralise_find(const struct model_lb *, const struct vip_list *,
                     const struct topology *, struct uuidset *ret);

/* Takes external_mac and logical_port away from a NAT row, or puts them
 * back. */
void centralise_nat(struct ovsdb_idl_txn *, const struct uuid *nat);
void centralise_undo(struct ovsdb_idl_txn *, const struct uuid *nat);

#endif /* ovn/want/centralise.h */
