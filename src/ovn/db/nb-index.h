/* SPDX-License-Identifier: Apache-2.0
 *
 * Index of the Northbound database: the load balancer and the carriers of each
 * Load_Balancer row, and the load balancers that a change concerns.  Part of
 * nb.c, which is the only one to use it.
 *
 * Kept change by change: the cost of one does not grow with the number of load
 * balancers.
 */

#ifndef OVN_DB_NB_INDEX_H
#define OVN_DB_NB_INDEX_H 1

#include <stdbool.h>
#include "base/refs.h"
#include "openvswitch/hmap.h"
#include "uuidset.h"

struct desired_watch;
struct groups;
struct in6_addr;
struct ovsdb_idl;
struct topology;

/* A Load_Balancer_Group row that is one of our groups. */
struct nb_group {
    struct hmap_node by_row;    /* In nb_index's 'own_groups'. */
    struct hmap_node by_id;     /* In nb_index's 'groups_by_id'. */
    struct uuid row;
    struct uuid id;             /* See lb_group_name(). */
    bool is_renamed;            /* It had that name once. */
};

struct nb_index {
    struct ovsdb_idl *idl;
    const struct topology *topology;
    struct groups *groups;      /* Is told what happens to them. */

    struct hmap rows;           /* Load_Balancer row -> load balancer. */
    struct hmap renamed;        /* The rows that have lost their names, by the
                                 * VIP's port in external_ids. */
    struct hmap own_groups;     /* struct nb_group, by 'row'. */
    struct hmap groups_by_id;   /* The same. */
    struct uuidset other_groups;    /* Load_Balancer_Group rows of others. */

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

    /* Parent: ACL row of ours.  Child: load balancer's id, zero if it does not
     * say whose it is. */
    struct refs acls;

    /* Parent: Port_Group row of ours.  Child: Logical_Router row, or zero. */
    struct refs entrances;

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

/* Our group with the given row, or the given id, or NULL. */
const struct nb_group *nb_index_group_of_row(const struct nb_index *,
                                             const struct uuid *row);
const struct nb_group *nb_index_group(const struct nb_index *,
                                      const struct uuid *id);

/* Adds to 'ret' the Load_Balancer rows that say that they are of the load
 * balancer whose VIP has the port 'vip_port_id', but have lost its name. */
void nb_index_find_renamed(const struct nb_index *,
                           const struct uuid *vip_port_id,
                           struct uuidset *ret);

#endif /* ovn/db/nb-index.h */
