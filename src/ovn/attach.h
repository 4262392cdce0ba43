/* SPDX-License-Identifier: Apache-2.0
 *
 * Association: which switches and routers must carry a load balancer so that
 * its VIP works for everybody who can reach it.  Pure.
 */

#ifndef OVN_ATTACH_H
#define OVN_ATTACH_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"
#include "smap.h"
#include "uuidset.h"

struct topology;

struct attachment {
    struct uuidset switches;    /* Logical_Switch rows. */
    struct uuidset routers;     /* Logical_Router rows. */
    struct uuidset homes;       /* Switches on which the VIP or a member lives:
                                 * a change of their links changes the rest.
                                 * Zero is among them if a subnet is not in
                                 * the topology. */
    char *ls_refs;              /* external_ids:ls_refs: JSON object from
                                 * switch name to number of users. */
    char *lr_ref;               /* external_ids:lr_ref: names of the routers,
                                 * comma separated; "" if none. */
};

struct attach_input {
    struct uuid vip_subnet_id;          /* May be zero, or unknown. */
    struct uuid vip_network_id;         /* Used if the subnet is unknown. */
    bool is_ipv6;                       /* IP version of the VIP. */
    const struct uuid *member_subnet_ids; /* One for each member. */
    size_t n_members;
};

/* The caller must call attachment_uninit(). */
void attach(const struct topology *, const struct attach_input *,
            struct attachment *);
void attachment_uninit(struct attachment *);

#endif /* ovn/attach.h */
