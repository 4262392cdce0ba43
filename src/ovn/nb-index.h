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

#include <stdbool.h>
#include "base/refs.h"
#include "openvswitch/hmap.h"
#include "uuidset.h"

struct desired_watch;
struct groups;
struct in6_addr;
struct ovsdb_idl;
struct topology;

struct nb_index {
    struct ovsdb_idl *idl;
    const struct topology *topology;
    struct groups *groups;      /* Is told what happens to them. */

    struct hmap rows;           /* Load_Balancer row -> load balancer. */
    struct uuidset own_groups;  /* Load_Balancer_Group rows of ours. */
    struct uuidset other_groups;    /* All others. */

    /* Parent: Logical_Switch, Logical_Router or Load_Balancer_Group row.
     * Child: Load_Balancer row. */
    struct refs switch_lbs;
    struct refs router_lbs;
    struct refs group_lbs;

    /* Parent: Logical_Switch or Logical_Router row.  Child:
     * Load_Balancer_Group row. */
    struct refs switch_groups;
    struct refs router_groups;

    /* Parent: load balancer's id.  Child: what it watches, see
     * desired_watch. */
    struct refs homes;
    struct refs addresses;
    struct refs subnets;
    struct refs nats;

    /* See nb_take_lost_users(). */
    bool lost_users;

    /* Ids of the load balancers that the last run found concerned. */
    struct uuidset changed;
};

void nb_index_init(struct nb_index *, struct ovsdb_idl *,
                   const struct topology *, struct groups *);
void nb_index_destroy(struct nb_index *);

/* Takes over the changes that the IDL tracked.  To be called after
 * topology_run(). */
void nb_index_run(struct nb_index *);

/* Adds to 'changed' every load balancer that has a row. */
void nb_index_add_all(struct nb_index *);

/* See nb_set_watch(). */
void nb_index_set_watch(struct nb_index *, const struct uuid *lb_id,
                        const struct desired_watch *);

/* Adds to 'changed' who watches 'ip'. */
void nb_index_add_watchers(struct nb_index *, const struct in6_addr *ip);

#endif /* ovn/nb-index.h */
