/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotas of projects; see quotas.h, which also says why they hold.
 */

#include <config.h>
#include "store/quotas.h"
#include "model/attrs.h"
#include "octavia-idl.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "store/store.h"
#include "util.h"

struct quotas {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_index *by_project;
    struct ovsdb_idl_index *lbs_by_project;
    struct quota_limits defaults;
};

static const struct ovsdb_idl_column *const limit_columns[] = {
#define QUOTA_KIND(NAME, COLUMN) &octrec_quota_col_##COLUMN,
    QUOTA_KINDS
#undef QUOTA_KIND
};

struct quotas *
quotas_create(struct store *store, const struct quota_limits *defaults)
{
    struct quotas *quotas = xmalloc(sizeof *quotas);
    struct ovsdb_idl *idl = store_idl(store);

    *quotas = (struct quotas) {
        .idl = idl,
        .by_project
            = ovsdb_idl_index_create1(idl, &octrec_quota_col_project_id),
        .lbs_by_project
            = ovsdb_idl_index_create1(idl,
                                      &octrec_load_balancer_col_project_id),
        .defaults = *defaults,
    };
    return quotas;
}

/* The indexes belong to the IDL. */
void
quotas_destroy(struct quotas *quotas)
{
    free(quotas);
}

const struct quota_limits *
quotas_defaults(const struct quotas *quotas)
{
    return &quotas->defaults;
}

static const struct octrec_quota *
quota_row_find(const struct quotas *quotas, const char *project)
{
    struct octrec_quota *key
        = octrec_quota_index_init_row(quotas->by_project);
    const struct octrec_quota *row;

    octrec_quota_index_set_project_id(key, project);
    row = octrec_quota_index_find(quotas->by_project, key);
    octrec_quota_index_destroy_row(key);
    return row;
}

static const struct octrec_quota *
quota_row_find_or_insert(const struct quotas *quotas,
                         struct ovsdb_idl_txn *txn, const char *project)
{
    const struct octrec_quota *row = quota_row_find(quotas, project);

    if (!row) {
        struct octrec_quota *new_row = octrec_quota_insert(txn);

        octrec_quota_set_project_id(new_row, project);
        row = new_row;
    }
    return row;
}

/* Returns the limit that applies.  'row' may be NULL. */
static int64_t
quota_row_limit(const struct quotas *quotas, const struct octrec_quota *row,
                enum quota_kind kind)
{
    const struct ovsdb_datum *datum
        = row ? ovsdb_idl_read(&row->header_, limit_columns[kind]) : NULL;

    return (datum && datum->n ? datum->keys[0].integer
            : quotas->defaults.of[kind]);
}

static void
quota_row_limits(const struct quotas *quotas, const struct octrec_quota *row,
                 struct quota_limits *ret)
{
    for (enum quota_kind kind = 0; kind < N_QUOTA_KINDS; kind++) {
        ret->of[kind] = quota_row_limit(quotas, row, kind);
    }
}

void
quotas_get(const struct quotas *quotas, const char *project,
           struct quota_limits *ret)
{
    quota_row_limits(quotas, quota_row_find(quotas, project), ret);
}

void
quotas_for_each(const struct quotas *quotas, quotas_visitor *put, void *aux)
{
    const struct octrec_quota *row;

    OCTREC_QUOTA_FOR_EACH_BYINDEX (row, quotas->by_project) {
        struct quota_limits limits;

        quota_row_limits(quotas, row, &limits);
        put(row->project_id, &limits, aux);
    }
}

/* Returns the column's value as it is in the database, whatever the open
 * transaction has written; NULL if the row is not there yet. */
static const struct ovsdb_datum *
read_committed(const struct ovsdb_idl_row *row,
               const struct ovsdb_idl_column *column)
{
    return (row->old_datum
            ? &row->old_datum[column - row->table->class_->columns] : NULL);
}

static size_t
count_committed(const struct ovsdb_idl_row *row,
                const struct ovsdb_idl_column *column)
{
    const struct ovsdb_datum *datum = row ? read_committed(row, column) : NULL;

    return datum ? datum->n : 0;
}

/* Counts what the pools of 'lb' have in 'column'. */
static size_t
count_below_pools(const struct quotas *quotas,
                  const struct octrec_load_balancer *lb,
                  const struct ovsdb_idl_column *column)
{
    const struct ovsdb_datum *pools
        = read_committed(&lb->header_, &octrec_load_balancer_col_pools);
    size_t n = 0;

    for (size_t i = 0; i < pools->n; i++) {
        n += count_committed(
            ovsdb_idl_get_row_for_uuid(quotas->idl, &octrec_table_pool,
                                       &pools->keys[i].uuid), column);
    }
    return n;
}

static size_t
count_of_lb(const struct quotas *quotas,
            const struct octrec_load_balancer *lb, enum quota_kind kind)
{
    const struct ovsdb_idl_row *row = &lb->header_;

    if (!row->old_datum) {
        return 0;
    }
    switch (kind) {
    case QUOTA_LOAD_BALANCER:
        return 1;
    case QUOTA_LISTENER:
        return count_committed(row, &octrec_load_balancer_col_listeners);
    case QUOTA_POOL:
        return count_committed(row, &octrec_load_balancer_col_pools);
    case QUOTA_MEMBER:
        return count_below_pools(quotas, lb, &octrec_pool_col_members);
    case QUOTA_HEALTH_MONITOR:
        return count_below_pools(quotas, lb, &octrec_pool_col_health_monitor);
    case QUOTA_L7POLICY:
    case QUOTA_L7RULE:
    case N_QUOTA_KINDS:
    default:
        return 0;
    }
}

/* Counts the objects that the replica has. */
static int64_t
quotas_count(const struct quotas *quotas, const char *project,
             enum quota_kind kind)
{
    struct ovsdb_idl_index *index = quotas->lbs_by_project;
    struct octrec_load_balancer *key
        = octrec_load_balancer_index_init_row(index);
    const struct octrec_load_balancer *lb;
    int64_t n = 0;

    octrec_load_balancer_index_set_project_id(key, project);
    OCTREC_LOAD_BALANCER_FOR_EACH_EQUAL (lb, key, index) {
        n += count_of_lb(quotas, lb, kind);
    }
    octrec_load_balancer_index_destroy_row(key);
    return n;
}

/* Returns the kind's value in a 'charged', which may be NULL. */
static int64_t
charged_find(const struct ovsdb_datum *charged, enum quota_kind kind)
{
    for (size_t i = 0; charged && i < charged->n; i++) {
        if (!strcmp(json_string(charged->keys[i].s), quota_kind_name(kind))) {
            return charged->values[i].integer;
        }
    }
    return 0;
}

/* Returns what the open transaction has charged; 'row' may be NULL. */
static int64_t
quota_row_charged(const struct octrec_quota *row, enum quota_kind kind)
{
    const struct ovsdb_idl_column *column = &octrec_quota_col_charged;

    return (row ? (charged_find(ovsdb_idl_read(&row->header_, column), kind)
                   - charged_find(read_committed(&row->header_, column),
                                  kind))
            : 0);
}

int64_t
quotas_room(const struct quotas *quotas, const char *project,
            enum quota_kind kind)
{
    const struct octrec_quota *row = quota_row_find(quotas, project);
    int64_t limit = quota_row_limit(quotas, row, kind);

    return (limit == QUOTA_UNLIMITED ? INT64_MAX
            : limit - quotas_count(quotas, project, kind)
              - quota_row_charged(row, kind));
}

static void
quota_row_charge(const struct octrec_quota *row, enum quota_kind kind,
                 int64_t n)
{
    const struct ovsdb_idl_column *column = &octrec_quota_col_charged;
    const struct ovsdb_datum *old = ovsdb_idl_read(&row->header_, column);
    const char *keys[N_QUOTA_KINDS];
    int64_t values[N_QUOTA_KINDS];
    size_t n_values = 0;

    for (enum quota_kind i = 0; i < N_QUOTA_KINDS; i++) {
        int64_t value = charged_find(old, i) + (i == kind ? n : 0);

        if (value) {
            keys[n_values] = quota_kind_name(i);
            values[n_values++] = value;
        }
    }
    ovsdb_idl_txn_verify(&row->header_, column);
    octrec_quota_set_charged(row, keys, values, n_values);
}

void
quotas_charge(const struct quotas *quotas, struct ovsdb_idl_txn *txn,
              const char *project, enum quota_kind kind, size_t n)
{
    const struct octrec_quota *row = quota_row_find(quotas, project);

    if (row) {
        ovsdb_idl_txn_verify(&row->header_, limit_columns[kind]);
    }
    if (quota_row_limit(quotas, row, kind) != QUOTA_UNLIMITED) {
        quota_row_charge(quota_row_find_or_insert(quotas, txn, project), kind,
                         n);
    }
}

/* Goes backwards: of an attribute and its alias, the alias is behind, and
 * counts less. */
void
quotas_set(const struct quotas *quotas, struct ovsdb_idl_txn *txn,
           const char *project, const struct attrs *attrs)
{
    const struct octrec_quota *row = quota_row_find_or_insert(quotas, txn,
                                                              project);

    for (size_t i = attrs->resource->n_fields; i-- > 0; ) {
        enum quota_kind kind = quota_kind_of_field(
            &attrs->resource->fields[i]);

        if (kind < N_QUOTA_KINDS && attrs->attr[i].is_given) {
            ovsdb_idl_txn_write_clone(&row->header_, limit_columns[kind],
                                      &attrs->attr[i].datum);
        }
    }
}

void
quotas_verify(const struct quotas *quotas, const char *project)
{
    const struct octrec_quota *row = quota_row_find(quotas, project);

    for (enum quota_kind kind = 0; row && kind < N_QUOTA_KINDS; kind++) {
        ovsdb_idl_txn_verify(&row->header_, limit_columns[kind]);
    }
}

bool
quotas_reset(const struct quotas *quotas, const char *project)
{
    const struct octrec_quota *row = quota_row_find(quotas, project);

    for (enum quota_kind kind = 0; row && kind < N_QUOTA_KINDS; kind++) {
        struct ovsdb_datum none;

        ovsdb_datum_init_empty(&none);
        ovsdb_idl_txn_write(&row->header_, limit_columns[kind], &none);
    }
    return row;
}
