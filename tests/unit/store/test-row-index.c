/* SPDX-License-Identifier: Apache-2.0
 *
 * The index that lists are served from, under random changes by another client
 * of a real OVN_Octavia database: each walk has the rows that a model without
 * any index says, in its order.  $ROW_INDEX_SEED repeats a run.
 */

#include <config.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "model/fields.h"
#include "model/value.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-fixture.h"
#include "random.h"
#include "store/quotas.h"
#include "store/row-index.h"
#include "store/rows.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

#define ROUNDS 150
#define QUERIES 12              /* After each round. */
#define N_LBS 12
#define N_LISTENERS 3           /* Of each load balancer, at most. */
#define N_ROWS (N_LBS * (1 + N_LISTENERS))

/* Few words, so that rows share them. */
static const char *const words[] = { "a", "b", "c", "" };

/* The first two are one. */
static const char *const addresses[] = {
    "fd00::1", "FD00:0:0::01", "10.0.0.1", "10.0.0.2",
};

/* A row as it should be. */
struct model_row {
    bool exists;
    enum resource_id resource;
    struct uuid id;
    int64_t created_at;
    size_t name, project;       /* In 'words'. */
    size_t address;             /* In 'addresses'. */
    unsigned int tags;          /* A bit for each of 'words'. */
    enum provisioning_status provisioning;
    enum operating_status operating;
    const struct model_row *lb; /* Of a listener. */
};

struct bench {
    struct ovsdb_fixture *db;
    struct store *store;
    struct rows *rows;
    struct row_index *index;
    struct quotas *quotas;      /* Tell how far the replica is. */
    unsigned int turn;          /* Of which this many were committed. */
    unsigned int last_id;
    unsigned int n_found;       /* By all walks. */
    struct model_row lbs[N_LBS];
    struct model_row listeners[N_LBS][N_LISTENERS];
};

/* --- The replica --------------------------------------------------------- */

static void
bench_run(struct bench *bench)
{
    store_run(bench->store);
    row_index_run(bench->index);
}

static bool
bench_run_until_ready(void *bench_)
{
    struct bench *bench = bench_;

    bench_run(bench);
    return store_is_ready(bench->store);
}

static bool
bench_run_until_synced(void *bench_)
{
    struct bench *bench = bench_;
    struct quota_limits limits;

    if (!bench_run_until_ready(bench)) {
        return false;
    }
    quotas_get(bench->quotas, "turn", &limits);
    return limits.of[QUOTA_POOL] == bench->turn;
}

static void
bench_wait(void *bench_)
{
    struct bench *bench = bench_;

    store_wait(bench->store);
}

static int
setup(void **state)
{
    static const struct quota_limits defaults;
    const char *schema = getenv("OCTAVIA_SCHEMA");
    const char *seed = getenv("ROW_INDEX_SEED");
    struct bench *bench = xzalloc(sizeof *bench);

    random_set_seed(seed ? strtoul(seed, NULL, 10) : 1);

    /* Without a cluster: a server that comes back has no history. */
    bench->db = ovsdb_fixture_create(
        schema ? schema : "schema/ovn-octavia.ovsschema", false);
    json_destroy(ovsdb_fixture_transact(
        bench->db, "{'op':'insert','table':'Quota',"
        "'row':{'project_id':'turn'}}"));
    bench->store = store_create(ovsdb_fixture_remote(bench->db),
                                STORE_READER_WRITER);
    bench->rows = rows_create(bench->store);
    bench->index = row_index_create(bench->store, bench->rows);
    bench->quotas = quotas_create(bench->store, &defaults);
    ovsdb_fixture_wait_until(bench_run_until_ready, bench_wait, bench,
                             "the database");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    quotas_destroy(bench->quotas);
    row_index_destroy(bench->index);
    rows_destroy(bench->rows);
    store_destroy(bench->store);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
}

/* --- Changes ------------------------------------------------------------- */

#define REF "['uuid','"UUID_FMT"']"

static void
model_row_choose(struct model_row *row)
{
    row->created_at = random_range(6);
    row->name = random_range(ARRAY_SIZE(words));
    row->project = random_range(ARRAY_SIZE(words));
    row->address = random_range(ARRAY_SIZE(addresses));
    row->tags = random_range(1 << ARRAY_SIZE(words));
    row->provisioning = random_range(N_PROVISIONING_STATUSES);
    row->operating = random_range(N_OPERATING_STATUSES);
}

static void
model_row_init(struct bench *bench, struct model_row *row,
               enum resource_id resource, const struct model_row *lb)
{
    *row = (struct model_row) {
        .exists = true, .resource = resource, .lb = lb,
    };
    row->id.parts[0] = random_uint32();
    row->id.parts[1] = 0x00004000;
    row->id.parts[2] = 0x80000000;
    row->id.parts[3] = ++bench->last_id;
    model_row_choose(row);
}

/* Appends the columns that the model has, and which may change. */
static void
model_row_put_columns(struct ds *ops, const struct model_row *row)
{
    ds_put_format(ops, "'name':'%s','created_at':%"PRId64",'tags':['set',[",
                  words[row->name], row->created_at);
    for (size_t i = 0, n = 0; i < ARRAY_SIZE(words); i++) {
        if (row->tags & (1u << i)) {
            ds_put_format(ops, "%s'%s'", n++ ? "," : "", words[i]);
        }
    }
    ds_put_format(ops, "]],'provisioning_status':'%s','operating_status':'%s'",
                  provisioning_status_to_string(row->provisioning),
                  operating_status_to_string(row->operating));
    if (!row->lb) {
        ds_put_format(ops, ",'project_id':'%s','vip_address':'%s'",
                      words[row->project], addresses[row->address]);
    }
}

static void
model_row_put_insert(struct ds *ops, const struct model_row *row)
{
    ds_put_format(ops, "{'op':'insert','table':'%s','uuid':'"UUID_FMT"',"
                  "'row':{",
                  resource_get(row->resource)->table, UUID_ARGS(&row->id));
    if (row->lb) {
        ds_put_format(ops, "'protocol':'TCP','protocol_port':80,"
                      "'client_authentication':'NONE','load_balancer':"
                      REF",", UUID_ARGS(&row->lb->id));
    } else {
        ds_put_cstr(ops, "'vip_vnic_type':'normal',");
    }
    model_row_put_columns(ops, row);
    ds_put_cstr(ops, "}},");
}

static void
model_row_put_where(struct ds *ops, const char *op,
                    const struct model_row *row)
{
    ds_put_format(ops, "{'op':'%s','table':'%s','where':[['_uuid','==',"
                  REF"]]", op, resource_get(row->resource)->table,
                  UUID_ARGS(&row->id));
}

static void
model_row_put_update(struct ds *ops, struct model_row *row)
{
    model_row_put_where(ops, "update", row);
    ds_put_cstr(ops, ",'row':{");

    /* Most changes are to what no list knows. */
    if (random_range(3)) {
        model_row_choose(row);
        model_row_put_columns(ops, row);
    } else {
        ds_put_format(ops, "'admin_state_up':%s",
                      random_range(2) ? "true" : "false");
    }
    ds_put_cstr(ops, "}},");
}

static void
model_row_put_mutation(struct ds *ops, const struct model_row *listener,
                       const char *mutator)
{
    model_row_put_where(ops, "mutate", listener->lb);
    ds_put_format(ops, ",'mutations':[['listeners','%s',"REF"]]},", mutator,
                  UUID_ARGS(&listener->id));
}

static void
bench_put_lb_change(struct bench *bench, struct ds *ops, size_t slot)
{
    struct model_row *lb = &bench->lbs[slot];

    if (!lb->exists) {
        model_row_init(bench, lb, RESOURCE_LOAD_BALANCER, NULL);
        model_row_put_insert(ops, lb);
    } else if (random_range(4)) {
        model_row_put_update(ops, lb);
    } else {
        model_row_put_where(ops, "delete", lb);
        ds_put_cstr(ops, "},");
        lb->exists = false;
        for (size_t i = 0; i < N_LISTENERS; i++) {
            bench->listeners[slot][i].exists = false;
        }
    }
}

static void
bench_put_listener_change(struct bench *bench, struct ds *ops, size_t slot)
{
    struct model_row *lb = &bench->lbs[slot];
    struct model_row *listener
        = &bench->listeners[slot][random_range(N_LISTENERS)];

    if (!lb->exists) {
        return;
    }
    if (!listener->exists) {
        model_row_init(bench, listener, RESOURCE_LISTENER, lb);
        model_row_put_insert(ops, listener);
        model_row_put_mutation(ops, listener, "insert");
    } else if (random_range(4)) {
        model_row_put_update(ops, listener);
    } else {
        model_row_put_mutation(ops, listener, "delete");
        listener->exists = false;
    }
}

/* Returns the operations of one transaction, which the caller frees.  No row
 * that it makes is changed in it again: the server would take that, too, but
 * not in each order. */
static char *
bench_choose_changes(struct bench *bench)
{
    struct ds ops = DS_EMPTY_INITIALIZER;
    size_t start = random_range(N_LBS);
    size_t n = 1 + random_range(N_LBS / 2);

    for (size_t i = 0; i < n; i++) {
        size_t slot = (start + i) % N_LBS;

        if (random_range(2)) {
            bench_put_lb_change(bench, &ops, slot);
        } else {
            bench_put_listener_change(bench, &ops, slot);
        }
    }
    ds_put_format(&ops, "{'op':'update','table':'Quota','where':"
                  "[['project_id','==','turn']],'row':{'pool':%u}}",
                  ++bench->turn);
    return ds_steal_cstr(&ops);
}

static void
bench_change(struct bench *bench)
{
    char *ops = bench_choose_changes(bench);

    json_destroy(ovsdb_fixture_transact(bench->db, ops));
    free(ops);
}

/* --- Walks --------------------------------------------------------------- */

/* What a walk is narrowed to: of each, everything if it is negative. */
struct model_query {
    enum resource_id resource;
    int name, project, address, tag;
    int lb;                     /* In 'lbs', there or not. */
    unsigned int any_tags;      /* 0: all rows. */
};

static int
choose_condition(size_t n)
{
    return random_range(5) ? -1 : (int) random_range(n);
}

static void
model_query_choose(struct model_query *query)
{
    *query = (struct model_query) {
        .resource = (random_range(2) ? RESOURCE_LOAD_BALANCER
                     : RESOURCE_LISTENER),
        .name = choose_condition(ARRAY_SIZE(words)),
        .project = choose_condition(ARRAY_SIZE(words)),
        .address = choose_condition(ARRAY_SIZE(addresses)),
        .tag = choose_condition(ARRAY_SIZE(words)),
        .lb = choose_condition(N_LBS),
        .any_tags = (random_range(3) ? 0
                     : random_range(1 << ARRAY_SIZE(words))),
    };
    if (query->resource == RESOURCE_LISTENER) {
        query->address = -1;
    } else {
        query->lb = -1;
    }
}

static bool
model_word_matches(int wanted, size_t word)
{
    return wanted < 0 || (size_t) wanted == word;
}

/* True if the row has one of the conditions that are given, alone. */
static bool
model_row_matches(const struct bench *bench, const struct model_row *row,
                  const struct model_query *query)
{
    const struct model_row *lb = row->lb ? row->lb : row;

    return (row->exists && row->resource == query->resource
            && model_word_matches(query->name, row->name)
            && model_word_matches(query->project, lb->project)
            && (query->address < 0
                || MAX(query->address, 1) == (int) MAX(row->address, 1))
            && (query->tag < 0 || row->tags & (1u << query->tag))
            && (query->lb < 0 || lb == &bench->lbs[query->lb])
            && (!query->any_tags || row->tags & query->any_tags));
}

static int
model_row_compare(const void *a_, const void *b_)
{
    const struct model_row *a = *(const struct model_row *const *) a_;
    const struct model_row *b = *(const struct model_row *const *) b_;

    return (a->created_at != b->created_at
            ? (a->created_at < b->created_at ? -1 : 1)
            : uuid_compare_3way(&a->id, &b->id));
}

/* Stores all rows that match, in order.  Returns their number. */
static size_t
bench_select(const struct bench *bench, const struct model_query *query,
             const struct model_row *found[N_ROWS])
{
    size_t n = 0;

    for (size_t i = 0; i < N_LBS; i++) {
        if (model_row_matches(bench, &bench->lbs[i], query)) {
            found[n++] = &bench->lbs[i];
        }
        for (size_t j = 0; j < N_LISTENERS; j++) {
            if (model_row_matches(bench, &bench->listeners[i][j], query)) {
                found[n++] = &bench->listeners[i][j];
            }
        }
    }
    qsort(found, n, sizeof *found, model_row_compare);
    return n;
}

static void
narrow_to_word(struct row_index_walk *walk, const char *name, int word)
{
    if (word >= 0) {
        union ovsdb_atom atom = {
            .s = ovsdb_atom_string_create(words[word])
        };

        row_index_walk_narrow(walk, field_find(walk->resource, name), &atom);
        ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
    }
}

static void
narrow_to_any_tag(struct row_index_walk *walk, unsigned int tags)
{
    const struct field *field = field_find(walk->resource, "tags");
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (tags & (1u << i)) {
            union ovsdb_atom atom = {
                .s = ovsdb_atom_string_create(words[i])
            };

            ovsdb_datum_add_unsafe(&datum, &atom, NULL, value_type(field),
                                   NULL);
            ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
        }
    }
    if (datum.n) {
        row_index_walk_narrow_to_any(walk, field, &datum);
    }
    ovsdb_datum_destroy(&datum, value_type(field));
}

static void
narrow_to_address(struct row_index_walk *walk, int address)
{
    if (address >= 0) {
        union ovsdb_atom atom = {
            .s = ovsdb_atom_string_create(addresses[address])
        };

        row_index_walk_narrow(walk, field_find(walk->resource, "vip_address"),
                              &atom);
        ovsdb_atom_destroy(&atom, OVSDB_TYPE_STRING);
    }
}

static void
bench_narrow(const struct bench *bench, struct row_index_walk *walk,
             const struct model_query *query)
{
    narrow_to_word(walk, "name", query->name);
    if (query->project >= 0) {
        row_index_walk_narrow_to_text(walk, field_find(walk->resource,
                                                       "project_id"),
                                      words[query->project]);
    }
    narrow_to_address(walk, query->address);
    narrow_to_word(walk, "tags", query->tag);
    if (query->lb >= 0) {
        union ovsdb_atom atom = { .uuid = bench->lbs[query->lb].id };

        row_index_walk_narrow(walk, field_find(walk->resource,
                                               "loadbalancer_id"), &atom);
    }
    narrow_to_any_tag(walk, query->any_tags);
}

/* Returns the next row of the walk that matches all of the query, as the
 * callers of the index choose them; NULL at the end. */
static const struct model_row *
bench_next(const struct bench *bench, struct row_index_walk *walk,
           const struct model_query *query)
{
    struct model_query everything = {
        query->resource, -1, -1, -1, -1, -1, 0
    };
    const struct model_row *all[N_ROWS];
    size_t n = bench_select(bench, &everything, all);
    const struct ovsdb_idl_row *row;

    while ((row = row_index_walk_next(walk))) {
        const struct model_row *found = NULL;

        for (size_t i = 0; i < n && !found; i++) {
            found = (uuid_equals(&all[i]->id, row_id(row)) ? all[i] : NULL);
        }
        assert_non_null(found);
        if (model_row_matches(bench, found, query)) {
            return found;
        }
    }
    return NULL;
}

static size_t
model_query_n_conditions(const struct model_query *query)
{
    return ((query->name >= 0) + (query->project >= 0) + (query->address >= 0)
            + (query->tag >= 0) + (query->lb >= 0) + !!query->any_tags);
}

/* Walks from each end, or from a row that need not match. */
static void
bench_check_query(struct bench *bench, const struct model_query *query)
{
    struct model_query everything = {
        query->resource, -1, -1, -1, -1, -1, 0
    };
    const struct model_row *expected[N_ROWS];
    const struct model_row *all[N_ROWS];
    size_t n = bench_select(bench, query, expected);
    size_t n_all = bench_select(bench, &everything, all);
    const struct model_row *marker
        = n_all && random_range(2) ? all[random_range(n_all)] : NULL;
    bool is_reverse = random_range(2);
    struct row_index_walk walk;

    row_index_walk_init(&walk, bench->index, query->resource);
    bench_narrow(bench, &walk, query);
    if (!model_query_n_conditions(query)
        || (model_query_n_conditions(query) == 1 && !query->any_tags)) {
        /* Not one row too many. */
        assert_int_equal(walk.n_rows, n);
    }
    row_index_walk_begin(&walk,
                         marker ? rows_find(bench->rows, query->resource,
                                            &marker->id) : NULL,
                         is_reverse);
    for (size_t i = 0; i < n; i++) {
        const struct model_row *next = expected[is_reverse ? n - 1 - i : i];
        int side = marker ? model_row_compare(&next, &marker) : 0;

        if (!marker || (is_reverse ? side < 0 : side > 0)) {
            assert_ptr_equal(bench_next(bench, &walk, query), next);
            bench->n_found++;
        }
    }
    assert_null(bench_next(bench, &walk, query));
    assert_null(row_index_walk_next(&walk));
    row_index_walk_uninit(&walk);
}

struct model_counts {
    unsigned int provisioning[N_RESOURCES][N_PROVISIONING_STATUSES];
    unsigned int operating[N_RESOURCES][N_OPERATING_STATUSES];
};

static void
model_count(struct model_counts *counts, const struct model_row *rows,
            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct model_row *row = &rows[i];

        counts->provisioning[row->resource][row->provisioning] += row->exists;
        counts->operating[row->resource][row->operating] += row->exists;
    }
}

/* The counts by status are those of the rows. */
static void
bench_check_counts(const struct bench *bench)
{
    struct model_counts counts;

    memset(&counts, 0, sizeof counts);
    model_count(&counts, bench->lbs, N_LBS);
    for (size_t i = 0; i < N_LBS; i++) {
        model_count(&counts, bench->listeners[i], N_LISTENERS);
    }
    for (size_t i = 0; i < N_RESOURCES; i++) {
        for (size_t j = 0; j < N_PROVISIONING_STATUSES; j++) {
            assert_int_equal(row_index_n_provisioning(bench->index, i, j),
                             counts.provisioning[i][j]);
        }
        for (size_t j = 0; j < N_OPERATING_STATUSES; j++) {
            assert_int_equal(row_index_n_operating(bench->index, i, j),
                             counts.operating[i][j]);
        }
    }
}

static void
bench_check(struct bench *bench)
{
    ovsdb_fixture_wait_until(bench_run_until_synced, bench_wait, bench,
                             "the changes");
    bench_check_counts(bench);
    for (int i = 0; i < QUERIES; i++) {
        struct model_query query;

        model_query_choose(&query);
        bench_check_query(bench, &query);
    }
}

static void
test_walks_are_as_without_an_index(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < ROUNDS; i++) {
        /* Several transactions may come in one run, or one in several. */
        for (unsigned int n = 1 + random_range(3); n; n--) {
            bench_change(bench);
        }
        bench_check(bench);
    }

    /* Else this tests less than it seems. */
    assert_true(bench->n_found > ROUNDS * QUERIES / 2);
}

/* The replica is dropped without news of it. */
static void
test_index_survives_a_server_that_went_away(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 8; i++) {
        bench_change(bench);
        if (random_range(2)) {
            bench_check(bench);
        }
        ovsdb_fixture_stop(bench->db);

        char *ops = bench_choose_changes(bench);
        ovsdb_fixture_transact_offline(bench->db, ops);
        free(ops);
        ovsdb_fixture_start(bench->db);
        bench_check(bench);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
        TEST(test_walks_are_as_without_an_index),
        TEST(test_index_survives_a_server_that_went_away),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
