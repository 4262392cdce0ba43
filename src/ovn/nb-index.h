/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose the Load_Balancer rows of the Northbound database are, who carries
 * them, and which load balancers a change concerns.  Part of nb.c, which is
 * the only one to use it.
 *
 * Kept change by change: the cost of one does not grow with the number of load
 * balancers.
 */

#ifndef OVN_NB_INDEX_H
#define OVN_NB_INDEX_H 1

#include "base/refs.h"
#include "openvswitch/hmap.h"
#include "uuidset.h"

struct ovsdb_idl;
struct topology;

struct nb_index {
    struct ovsdb_idl *idl;
    const struct topology *topology;

    struct hmap rows;           /* Load_Balancer row -> load balancer. */

    /* Parent: Logical_Switch or Logical_Router row.  Child: Load_Balancer
     * row. */
    struct refs switch_lbs;
    struct refs router_lbs;

    /* Parent: load balancer's id.  Child: Logical_Switch row on which the VIP
     * or a member lives, or zero for one that is not there. */
    struct refs homes;

    /* Ids of the load balancers that the last run found concerned. */
    struct uuidset changed;
};

void nb_index_init(struct nb_index *, struct ovsdb_idl *,
                   const struct topology *);
void nb_index_destroy(struct nb_index *);

/* Takes over the changes that the IDL tracked.  To be called after
 * topology_run(). */
void nb_index_run(struct nb_index *);

/* See nb_set_homes(). */
void nb_index_set_homes(struct nb_index *, const struct uuid *lb_id,
                        const struct uuidset *homes);

#endif /* ovn/nb-index.h */
