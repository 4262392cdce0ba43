/* SPDX-License-Identifier: Apache-2.0
 *
 * The ACLs of listeners that are not for everybody.  Pure.
 */

#ifndef OVN_WANT_ACLS_H
#define OVN_WANT_ACLS_H 1

struct entrances;
struct model_lb;
struct ovn_lb;
struct topology;
struct vip_list;

/* Adds to 'ret' the ACLs of all listeners, and the entrances that they are in.
 * 'entrances' has no hole. */
void acls_build(const struct model_lb *, const struct vip_list *,
                const struct topology *, const struct entrances *,
                struct ovn_lb *ret);

#endif /* ovn/want/acls.h */
