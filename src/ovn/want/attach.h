/* SPDX-License-Identifier: Apache-2.0
 *
 * Association: which switches and routers must carry a load balancer so that
 * its VIP works for all clients that can reach it.  Pure.
 */

#ifndef OVN_WANT_ATTACH_H
#define OVN_WANT_ATTACH_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"
#include "smap.h"
#include "uuidset.h"

struct topology;

/* IP versions, as a set. */
#define ATTACH_IPV4 (1u << 0)
#define ATTACH_IPV6 (1u << 1)

struct attachment {
    struct uuidset switches;    /* Logical_Switch rows; see attach_expand(). */
    struct uuidset routers;     /* Logical_Router rows. */
    struct uuidset homes;       /* Switches on which a VIP or a member lives: a
                                 * change of their links changes the rest. Zero
                                 * is among them if a subnet is not in the
                                 * topology. */
    char *ls_refs;              /* external_ids:ls_refs: JSON object from
                                 * switch name to number of users. */
    char *lr_ref;               /* external_ids:lr_ref: names of the routers,
                                 * comma separated; "" if none. */
};

struct attach_place {
    struct uuid subnet_id;      /* May be zero, or unknown. */
    struct uuid network_id;     /* Used if the subnet is unknown; may be
                                 * zero. */
};

struct attach_input {
    const struct attach_place *places;  /* A place for each VIP, then one for
                                         * each member. */
    size_t n_places;
    unsigned int versions;              /* The VIPs'. */
};

/* Finds the routers, and of the switches only those in which a VIP or a member
 * is.  The caller must call attachment_uninit(). */
void attach_find(const struct topology *, const struct attach_input *,
                 struct attachment *);
void attachment_uninit(struct attachment *);

/* Adds to 'switches' those behind the routers. */
void attach_expand(const struct topology *, unsigned int versions,
                   const struct uuidset *routers, struct uuidset *switches);

/* Returns the name, as a UUID, of the set of switches and routers that
 * attach_expand() would make of 'attachment': two with the same name are the
 * same set, whatever happens to the network.  Does not look at the switches
 * behind the routers, which may be many. */
struct uuid attach_group(const struct topology *, unsigned int versions,
                         const struct attachment *);

#endif /* ovn/want/attach.h */
