/* SPDX-License-Identifier: Apache-2.0
 *
 * Where packets to a load balancer come into the network: the places at which
 * those that a listener does not allow have to be dropped.  Pure.
 */

#ifndef OVN_WANT_ENTRANCES_H
#define OVN_WANT_ENTRANCES_H 1

#include "uuidset.h"

struct topology;
struct uuid;

struct entrances {
    struct uuidset routers;     /* Logical_Router rows: all switches on which
                                 * each has a port. */
    struct uuidset switches;    /* Logical_Switch rows besides. */
    char *hole;                 /* Why packets can come in elsewhere, for the
                                 * user; NULL: they cannot. */
};

void entrances_init(struct entrances *);
void entrances_uninit(struct entrances *);

/* Finds the entrances of a load balancer whose carriers are 'routers', the
 * switches behind them, and 'switches' (see attach.h), in 'ret' (initialized,
 * empty). */
void entrances_find(const struct topology *, const struct uuidset *switches,
                    const struct uuidset *routers, struct entrances *ret);

/* Adds to 'ret' the Logical_Switch_Port rows that join the router to its
 * switches.  An ACL of a group of ports is on each switch that has a port in
 * the group, and sees all that comes into the switch, from whatever port. */
void entrances_find_ports(const struct topology *, const struct uuid *router,
                          struct uuidset *ret);

#endif /* ovn/want/entrances.h */
