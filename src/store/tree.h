/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's view of OVN_Octavia: whole load balancers out, statuses in.
 */

#ifndef STORE_TREE_H
#define STORE_TREE_H 1

#include "model/objects.h"

struct ovsdb_idl_txn;
struct store;

/* Returns the load balancer 'id' with all below it, or NULL if there is none.
 * The caller destroys it with model_lb_destroy(). */
struct model_lb *store_load_lb(const struct store *, const struct uuid *id);

/* True if there is a load balancer 'id'. */
bool store_has_lb(const struct store *, const struct uuid *id);
/* Returns true if there is a load balancer 'id' that is PENDING; if so, stores
 * the request that made it so in '*ret_request'. */
bool store_lb_is_pending(const struct store *, const struct uuid *id,
                         struct uuid *ret_request);

/* Calls 'cb' with the id of every load balancer. */
void store_for_each_lb(const struct store *,
                       void (*cb)(const struct uuid *id, void *aux),
                       void *aux);

/* Calls 'cb' with the id of every load balancer that the last store_run()
 * found changed, itself or anything below it.  May name one several times. */
void store_for_each_changed_lb(const struct store *,
                               void (*cb)(const struct uuid *id, void *aux),
                               void *aux);

enum store_save_result {
    STORE_SAVE_STALE,           /* A request came in between: 'lb' is old. */
    STORE_SAVE_UNCHANGED,       /* Everything is there already. */
    STORE_SAVE_WRITTEN,
};

/* Writes into 'txn' what the driver decides about 'lb': statuses, address and
 * port of VIPs where the database has none yet, the fault; and, if
 * 'may_remove', removes what is to be deleted.  The transaction fails if
 * another client changes the load balancer at the same time. */
enum store_save_result store_save_lb(const struct store *,
                                     struct ovsdb_idl_txn *,
                                     const struct model_lb *,
                                     bool may_remove);

/* The same for the VIPs alone, while the rest is not decided yet. */
enum store_save_result store_save_vips(const struct store *,
                                       struct ovsdb_idl_txn *,
                                       const struct model_lb *);

#endif /* store/tree.h */
