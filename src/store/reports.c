/* SPDX-License-Identifier: Apache-2.0
 *
 * Table Report; see reports.h.
 */

#include <config.h>
#include "store/reports.h"
#include <string.h>
#include "octavia-idl.h"
#include "openvswitch/hmap.h"
#include "ovsdb-idl-provider.h"
#include "store/store.h"
#include "store/weak-refs.h"
#include "util.h"
#include "uuid.h"

/* Stands in the column instead of nothing: the IDL does not report a new row
 * of which all columns have their defaults. */
#define OWED "owed"
#define DEMANDED "all"

/* Octavia's words.  Their order is not that in which it applies reports. */
static const char *const words[N_RESOURCES] = {
    [RESOURCE_LOAD_BALANCER] = "loadbalancers",
    [RESOURCE_LISTENER] = "listeners",
    [RESOURCE_POOL] = "pools",
    [RESOURCE_MEMBER] = "members",
    [RESOURCE_HEALTH_MONITOR] = "healthmonitors",
};

void
reports_watch(struct store *store)
{
    const struct ovsdb_idl_table_class *table = &octrec_table_report;

    for (size_t i = 0; i < table->n_columns; i++) {
        ovsdb_idl_add_column(store_idl(store), &table->columns[i]);
        ovsdb_idl_track_add_column(store_idl(store), &table->columns[i]);
    }
    store_track(store);
}

/* The UUID of a load balancer's row here, and the other way round.  It is not
 * the load balancer's own: both rows may be new in one transaction, and there
 * the IDL knows rows by UUID alone, whatever their tables. */
static struct uuid
swap_id(const struct uuid *id)
{
    struct uuid swapped = *id;

    swapped.parts[0] = ~swapped.parts[0];
    return swapped;
}

/* Also a row that this transaction has inserted, but none that it has
 * removed. */
static const struct octrec_report *
report_find(const struct store *store, const struct uuid *lb_id)
{
    struct uuid id = swap_id(lb_id);
    const struct octrec_report *row
        = octrec_report_get_for_uuid(store_idl(store), &id);

    return row && row->header_.new_datum ? row : NULL;
}

/* Open vSwitch 4.0 hides rows that this transaction has removed. */
static struct ovsdb_idl_row *
find_removed(const struct store *store, const struct uuid *lb_id)
{
    const struct ovsdb_idl_table *table = store_reports(store);
    struct uuid id = swap_id(lb_id);
    struct ovsdb_idl_row *row;

    if (table) {
        HMAP_FOR_EACH_WITH_HASH (row, hmap_node, uuid_hash(&id),
                                 &table->rows) {
            if (uuid_equals(&row->uuid, &id) && row->old_datum
                && !row->new_datum) {
                return row;
            }
        }
    }
    return NULL;
}

/* Another change in the same transaction has removed the row.  To the IDL it
 * cannot be inserted again (it aborts), but the removal can be taken back: the
 * row is as it was before the transaction.  Perhaps something that is done
 * with is reported once more. */
static const struct octrec_report *
report_keep(const struct store *store, const struct uuid *lb_id)
{
    const struct ovsdb_idl_table_class *class = &octrec_table_report;
    struct ovsdb_idl_row *row = find_removed(store, lb_id);

    if (!row) {
        return NULL;
    }
    row->new_datum = row->old_datum;
    for (size_t i = 0; i < class->n_columns; i++) {
        class->columns[i].unparse(row);
        class->columns[i].parse(row, &row->old_datum[i]);
    }
    return CONTAINER_OF(row, struct octrec_report, header_);
}

static const struct octrec_report *
find_or_insert(const struct store *store, struct ovsdb_idl_txn *txn,
               const struct uuid *lb_id)
{
    const struct octrec_report *row = report_find(store, lb_id);

    if (!row) {
        row = report_keep(store, lb_id);
    }
    if (!row) {
        struct uuid id = swap_id(lb_id);

        row = octrec_report_insert_persist_uuid(txn, &id);
        octrec_report_set_digest(row, OWED);
    }
    return row;
}

void
report_owe(const struct store *store, struct ovsdb_idl_txn *txn,
           const struct uuid *lb_id)
{
    const struct octrec_report *row = find_or_insert(store, txn, lb_id);

    if (strcmp(row->digest, DEMANDED)) {
        octrec_report_set_digest(row, OWED);
    }
}

void
report_demand(const struct store *store, struct ovsdb_idl_txn *txn,
              const struct uuid *lb_id)
{
    octrec_report_set_digest(find_or_insert(store, txn, lb_id), DEMANDED);
}

void
report_expect_deletion(const struct store *store, struct ovsdb_idl_txn *txn,
                       const struct uuid *lb_id, enum resource_id resource,
                       const struct uuid *object_id)
{
    ovs_assert(words[resource]);
    octrec_report_update_deleted_setkey(find_or_insert(store, txn, lb_id),
                                        *object_id, words[resource]);
}

void
report_set_reserved(const struct store *store, struct ovsdb_idl_txn *txn,
                    const struct uuid *lb_id, int64_t reserved_at_us)
{
    octrec_report_set_reserved_at(find_or_insert(store, txn, lb_id),
                                  &reserved_at_us, reserved_at_us != 0);
}

void
report_acknowledge(const struct store *store, struct ovsdb_idl_txn *txn,
                   const struct uuid *lb_id, const char *digest)
{
    const struct octrec_report *row = find_or_insert(store, txn, lb_id);

    /* A call that is accepted meanwhile is not acknowledged. */
    octrec_report_verify_digest(row);
    octrec_report_set_digest(row, digest);
}

void
report_forget_deletion(const struct store *store,
                       struct ovsdb_idl_txn *txn OVS_UNUSED,
                       const struct uuid *lb_id,
                       const struct uuid *object_id)
{
    const struct octrec_report *row = report_find(store, lb_id);

    if (row) {
        octrec_report_update_deleted_delkey(row, *object_id);
    }
}

void
report_remove(struct store *store, struct ovsdb_idl_txn *txn OVS_UNUSED,
              const struct uuid *lb_id)
{
    const struct octrec_report *row = report_find(store, lb_id);

    if (row) {
        octrec_report_verify_digest(row);
        octrec_report_verify_deleted(row);
        octrec_report_verify_reserved_at(row);
        store_set_reports(store, row->header_.table);
        weak_refs_delete_row(store_weak_refs(store), &row->header_);
    }
}

bool
report_get(const struct store *store, const struct uuid *lb_id,
           struct report *ret)
{
    const struct octrec_report *row = report_find(store, lb_id);

    if (!row) {
        return false;
    }
    ret->lb_id = *lb_id;
    ret->reserved_at_us = row->n_reserved_at ? row->reserved_at[0] : 0;
    ret->is_demanded = !strcmp(row->digest, DEMANDED);
    ret->digest = xstrdup(ret->is_demanded || !strcmp(row->digest, OWED)
                          ? "" : row->digest);
    ret->n_deletions = row->n_deleted;
    ret->deletions = xcalloc(row->n_deleted, sizeof *ret->deletions);
    for (size_t i = 0; i < row->n_deleted; i++) {
        ret->deletions[i].object_id = row->key_deleted[i];
        ret->deletions[i].resource
            = report_resource_from_word(row->value_deleted[i]);
    }
    return true;
}

bool
report_expects_deletion(const struct store *store, const struct uuid *lb_id,
                        const struct uuid *object_id)
{
    struct report report;
    bool is_expected = false;

    if (report_get(store, lb_id, &report)) {
        for (size_t i = 0; i < report.n_deletions; i++) {
            is_expected |= uuid_equals(&report.deletions[i].object_id,
                                       object_id);
        }
        report_uninit(&report);
    }
    return is_expected;
}

void
report_uninit(struct report *report)
{
    free(report->digest);
    free(report->deletions);
}

void
reports_for_each(const struct store *store,
                 void (*cb)(const struct uuid *, void *), void *aux)
{
    const struct octrec_report *row;
    OCTREC_REPORT_FOR_EACH (row, store_idl(store)) {
        struct uuid lb_id = swap_id(&row->header_.uuid);

        cb(&lb_id, aux);
    }
}

void
reports_for_each_changed(const struct store *store,
                         void (*cb)(const struct uuid *, void *), void *aux)
{
    const struct octrec_report *row;
    OCTREC_REPORT_FOR_EACH_TRACKED (row, store_idl(store)) {
        struct uuid lb_id = swap_id(&row->header_.uuid);

        cb(&lb_id, aux);
    }
}

const char *
report_resource_to_word(enum resource_id resource)
{
    return resource < N_RESOURCES ? words[resource] : NULL;
}

enum resource_id
report_resource_from_word(const char *word)
{
    for (size_t i = 0; i < N_RESOURCES; i++) {
        if (words[i] && !strcmp(words[i], word)) {
            return i;
        }
    }
    return N_RESOURCES;
}
