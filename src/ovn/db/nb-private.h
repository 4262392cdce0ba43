/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection as the files of this folder share it.
 */

#ifndef OVN_DB_NB_PRIVATE_H
#define OVN_DB_NB_PRIVATE_H 1

#include "base/idl.h"
#include "openvswitch/shash.h"
#include "ovn/db/nb-index.h"
#include "ovn/db/nb-rows.h"
#include "ovn/db/nb.h"
#include "ovn/db/northd.h"
#include "sset.h"

struct nb {
    struct ovsdb_idl *idl;

    /* Goes first, without a column, to tell which of the optional ones the
     * server has; NULL: has told. */
    struct ovsdb_idl *scout;
    struct nb_schema *schema;
    struct northd northd;
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

    /* Names of the entrances that were made here, see nb_seek_entrance(). */
    struct sset sought;
};

#endif /* ovn/db/nb-private.h */
