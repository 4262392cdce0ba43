/* SPDX-License-Identifier: Apache-2.0
 *
 * Declarations shared by the files of the inventory; see inventory.h.
 */

#ifndef OVN_INVENTORY_INVENTORY_PRIVATE_H
#define OVN_INVENTORY_INVENTORY_PRIVATE_H 1

#include "ovn/inventory/inventory.h"

struct inventory {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_index *lbs_by_name;
    struct topology *topology;
    struct commit_queue *queue;
};

#endif /* ovn/inventory/inventory-private.h */
