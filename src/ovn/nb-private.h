/* SPDX-License-Identifier: Apache-2.0
 *
 * What nb.c and observed.c share, and nobody else may see.
 */

#ifndef OVN_NB_PRIVATE_H
#define OVN_NB_PRIVATE_H 1

#include "base/idl.h"
#include "openvswitch/shash.h"
#include "ovn/nb-index.h"
#include "ovn/nb.h"

struct nb {
    struct ovsdb_idl *idl;
    struct nb_schema *schema;
    struct ovsdb_idl_index *lbs_by_name;
    struct topology *topology;
    struct commit_queue *queue;
    struct groups *groups;
    struct sources *sources;

    struct nb_index index;

    /* UUIDs of groups and shared ports that the transaction in the making
     * makes, by their names: another load balancer that needs the same must
     * not make them again. */
    struct shash made;
    struct db_link *link;
};

/* The row of our group 'id', or NULL if neither the database nor the
 * transaction in the making has one. */
const struct nbrec_load_balancer_group *nb_find_group(const struct nb *,
                                                      const struct uuid *id);

/* Asks for the columns that load balancers need, and for tracking their
 * changes; the topology adds its own. */
void nb_add_columns(struct ovsdb_idl *);

#endif /* ovn/nb-private.h */
