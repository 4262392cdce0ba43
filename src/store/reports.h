/* SPDX-License-Identifier: Apache-2.0
 *
 * Table Report: what the agent has to tell an existing Octavia.  A row for
 * each load balancer that came from there, kept in the same transactions as
 * the intent, so that no restart loses what is owed.
 */

#ifndef STORE_REPORTS_H
#define STORE_REPORTS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "model/fields.h"
#include "openvswitch/uuid.h"

struct ovsdb_idl_txn;
struct store;

/* Asks for the table, which only the agent and ovn-octavia-ctl read, and has
 * the store remember what each store_run() finds changed (here and in
 * store_for_each_changed_lb()).  Call between store_create() and the first
 * store_run(). */
void reports_watch(struct store *);

/* Writing, within a transaction that changes the load balancer 'lb_id'.  Each
 * makes the row if it is not there. */

/* A call was accepted: Octavia does not know what comes of it. */
void report_owe(const struct store *, struct ovsdb_idl_txn *,
                const struct uuid *lb_id);

/* Has all states reported again, although Octavia has acknowledged them: it
 * has others. */
void report_demand(const struct store *, struct ovsdb_idl_txn *,
                   const struct uuid *lb_id);

/* Octavia wants to know when the object is gone, although its row will be
 * gone, too. */
void report_expect_deletion(const struct store *, struct ovsdb_idl_txn *,
                            const struct uuid *lb_id, enum resource_id,
                            const struct uuid *object_id);

/* Octavia has asked for the VIP's port only; 0: now for all of it. */
void report_set_reserved(const struct store *, struct ovsdb_idl_txn *,
                         const struct uuid *lb_id, int64_t reserved_at_us);

/* Octavia has acknowledged everything that 'digest' stands for. */
void report_acknowledge(const struct store *, struct ovsdb_idl_txn *,
                        const struct uuid *lb_id, const char *digest);

/* Octavia knows that the object is gone. */
void report_forget_deletion(const struct store *, struct ovsdb_idl_txn *,
                            const struct uuid *lb_id,
                            const struct uuid *object_id);

/* Ends the reports about the load balancer: nothing is left to be reported. */
void report_remove(struct store *, struct ovsdb_idl_txn *,
                   const struct uuid *lb_id);

/* Reading. */

struct report_deletion {
    enum resource_id resource;
    struct uuid object_id;
};

/* A copy of a row, so that it outlives the next store_run(). */
struct report {
    struct uuid lb_id;
    int64_t reserved_at_us;     /* 0: not reserved. */
    char *digest;               /* "": Octavia may not know some state. */
    bool is_demanded;           /* See report_demand(). */
    struct report_deletion *deletions;
    size_t n_deletions;
};

/* Returns false if there is no row for 'lb_id'. */
bool report_get(const struct store *, const struct uuid *lb_id,
                struct report *ret);
void report_uninit(struct report *);

/* Octavia wants to know when the object 'id' of the load balancer is gone. */
bool report_expects_deletion(const struct store *, const struct uuid *lb_id,
                             const struct uuid *object_id);
void reports_for_each(const struct store *,
                      void (*cb)(const struct uuid *lb_id, void *aux),
                      void *aux);

/* Rows that the last store_run() found changed; may name one twice. */
void reports_for_each_changed(const struct store *,
                              void (*cb)(const struct uuid *lb_id, void *aux),
                              void *aux);

/* Octavia's word for a kind of object in reports ("loadbalancers"), NULL if
 * there is none; and back: N_RESOURCES if it is no such word. */
const char *report_resource_to_word(enum resource_id);
enum resource_id report_resource_from_word(const char *);

#endif /* store/reports.h */
