/* SPDX-License-Identifier: Apache-2.0
 *
 * Quotas in a real OVN_Octavia database, against a model that counts by hand:
 * what room there is after random changes by others, and that two copies of
 * the API, which both charge as much as they can, make exactly what is
 * allowed.  $QUOTAS_SEED repeats a run.
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
#include "base/commit.h"
#include "base/fault.h"
#include "base/ovs-compat.h"
#include "model/attrs.h"
#include "model/quota.h"
#include "octavia-idl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "random.h"
#include "store/quotas.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

#define ROUNDS 120
#define N_LBS 8
#define N_COPIES 2
#define N_OPS 6                 /* Of each copy, at a time. */

/* In the order of their ids. */
static const char *const projects[] = { "p1", "p2", "p3" };

static const struct quota_limits defaults = {
    .of = {
        [QUOTA_LOAD_BALANCER] = QUOTA_UNLIMITED,
        [QUOTA_LISTENER] = 5,
        [QUOTA_POOL] = QUOTA_UNLIMITED,
        [QUOTA_MEMBER] = 7,
        [QUOTA_HEALTH_MONITOR] = 0,
        [QUOTA_L7POLICY] = QUOTA_UNLIMITED,
        [QUOTA_L7RULE] = 3,
    },
};

/* A load balancer with so many of each kind. */
struct model_lb {
    bool exists;
    struct uuid id;
    size_t project;
    int n[N_QUOTA_KINDS];
};

struct bench {
    struct ovsdb_fixture *db;
    struct store *stores[N_COPIES];
    struct quotas *quotas[N_COPIES];
    unsigned int turn;          /* Of which this many were committed. */
    unsigned int last_id;
    struct model_lb lbs[N_LBS];
    struct quota_limits limits[ARRAY_SIZE(projects)];
    bool has_row[ARRAY_SIZE(projects)];
};

/* --- The replicas -------------------------------------------------------- */

static bool
bench_run_until_ready(void *bench_)
{
    struct bench *bench = bench_;
    bool is_ready = true;

    for (size_t i = 0; i < N_COPIES; i++) {
        store_run(bench->stores[i]);
        is_ready = is_ready && store_is_ready(bench->stores[i]);
    }
    return is_ready;
}

static bool
bench_run_until_synced(void *bench_)
{
    struct bench *bench = bench_;
    bool is_synced = bench_run_until_ready(bench);

    for (size_t i = 0; i < N_COPIES; i++) {
        struct quota_limits limits;

        quotas_get(bench->quotas[i], "turn", &limits);
        is_synced = is_synced && limits.of[QUOTA_POOL] == bench->turn;
    }
    return is_synced;
}

static void
bench_wait(void *bench_)
{
    struct bench *bench = bench_;

    for (size_t i = 0; i < N_COPIES; i++) {
        store_wait(bench->stores[i]);
    }
}

/* Appends the operation that tells the replicas how far they are. */
static void
bench_put_turn(struct bench *bench, struct ds *ops)
{
    ds_put_format(ops, "{'op':'update','table':'Quota','where':"
                  "[['project_id','==','turn']],'row':{'pool':%u}}",
                  ++bench->turn);
}

/* Commits what others do, and waits until both copies know. */
static void
bench_commit(struct bench *bench, struct ds *ops)
{
    bench_put_turn(bench, ops);
    json_destroy(ovsdb_fixture_transact(bench->db, ds_cstr(ops)));
    ds_destroy(ops);
    ovsdb_fixture_wait_until(bench_run_until_synced, bench_wait, bench,
                             "the changes");
}

static int
setup(void **state)
{
    const char *schema = getenv("OCTAVIA_SCHEMA");
    const char *seed = getenv("QUOTAS_SEED");
    struct bench *bench = xzalloc(sizeof *bench);

    random_set_seed(seed ? strtoul(seed, NULL, 10) : 1);
    bench->db = ovsdb_fixture_create(
        schema ? schema : "schema/ovn-octavia.ovsschema", true);
    json_destroy(ovsdb_fixture_transact(
        bench->db, "{'op':'insert','table':'Quota',"
        "'row':{'project_id':'turn','pool':0}}"));
    for (size_t i = 0; i < N_COPIES; i++) {
        bench->stores[i] = store_create(ovsdb_fixture_remote(bench->db),
                                        STORE_READER_WRITER);
        bench->quotas[i] = quotas_create(bench->stores[i], &defaults);
    }
    for (size_t i = 0; i < ARRAY_SIZE(projects); i++) {
        bench->limits[i] = defaults;
    }
    ovsdb_fixture_wait_until(bench_run_until_ready, bench_wait, bench,
                             "the database");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    for (size_t i = 0; i < N_COPIES; i++) {
        quotas_destroy(bench->quotas[i]);
        store_destroy(bench->stores[i]);
    }
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
}

/* --- Changes by others --------------------------------------------------- */

#define REF "['uuid','"UUID_FMT"']"
#define STATUSES "'provisioning_status':'ACTIVE','operating_status':'ONLINE'"

static struct uuid
bench_new_id(struct bench *bench)
{
    return (struct uuid) { { ++bench->last_id, 0x00004000, 0x80000000, 0 } };
}

/* Appends a row, and a reference to it. */
static void
put_row(struct ds *ops, const char *table, const struct uuid *id,
        const char *columns, struct ds *refs)
{
    ds_put_format(ops, "{'op':'insert','table':'%s','uuid':'"UUID_FMT"',"
                  "'row':{"STATUSES",%s}},", table, UUID_ARGS(id), columns);
    ds_put_format(refs, "%s"REF, refs->length ? "," : "", UUID_ARGS(id));
}

/* The same for 'n' rows, which refer to 'parent' in a column of its name. */
static void
put_rows(struct bench *bench, struct ds *ops, int n, const char *table,
         const char *parent, const struct uuid *parent_id,
         const char *columns, struct ds *refs)
{
    char *all = xasprintf("'%s':"REF",%s", parent, UUID_ARGS(parent_id),
                          columns);

    while (n-- > 0) {
        struct uuid id = bench_new_id(bench);

        put_row(ops, table, &id, all, refs);
    }
    free(all);
}

/* Appends a pool with 'n' members, and a monitor if 'is_monitored'. */
static void
put_pool(struct bench *bench, struct ds *ops, int n, bool is_monitored,
         const struct uuid *lb_id, struct ds *refs)
{
    struct ds members = DS_EMPTY_INITIALIZER;
    struct ds monitors = DS_EMPTY_INITIALIZER;
    struct uuid id = bench_new_id(bench);

    put_rows(bench, ops, n, "Member", "pool", &id,
             "'protocol_port':80,'vnic_type':'normal'", &members);
    put_rows(bench, ops, is_monitored, "Health_Monitor", "pool", &id,
             "'type':'TCP','max_retries':1,'max_retries_down':1", &monitors);

    char *columns = xasprintf("'load_balancer':"REF",'protocol':'TCP',"
                              "'lb_algorithm':'SOURCE_IP',"
                              "'members':['set',[%s]],"
                              "'health_monitor':['set',[%s]]",
                              UUID_ARGS(lb_id), ds_cstr(&members),
                              ds_cstr(&monitors));
    put_row(ops, "Pool", &id, columns, refs);
    free(columns);
    ds_destroy(&members);
    ds_destroy(&monitors);
}

static void
bench_put_lb(struct bench *bench, struct ds *ops, struct model_lb *lb)
{
    struct ds listeners = DS_EMPTY_INITIALIZER;
    struct ds pools = DS_EMPTY_INITIALIZER;
    int n_pools = random_range(3);

    *lb = (struct model_lb) {
        .exists = true,
        .id = bench_new_id(bench),
        .project = random_range(ARRAY_SIZE(projects)),
        .n = { [QUOTA_LOAD_BALANCER] = 1, [QUOTA_POOL] = n_pools,
               [QUOTA_LISTENER] = random_range(4) },
    };

    put_rows(bench, ops, lb->n[QUOTA_LISTENER], "Listener", "load_balancer",
             &lb->id, "'protocol':'TCP','protocol_port':80,"
             "'client_authentication':'NONE'", &listeners);
    for (int i = 0; i < n_pools; i++) {
        int n_members = random_range(4);
        bool is_monitored = random_range(2);

        lb->n[QUOTA_MEMBER] += n_members;
        lb->n[QUOTA_HEALTH_MONITOR] += is_monitored;
        put_pool(bench, ops, n_members, is_monitored, &lb->id, &pools);
    }
    ds_put_format(ops, "{'op':'insert','table':'Load_Balancer',"
                  "'uuid':'"UUID_FMT"','row':{"STATUSES","
                  "'vip_vnic_type':'normal','project_id':'%s',"
                  "'listeners':['set',[%s]],'pools':['set',[%s]]}},",
                  UUID_ARGS(&lb->id), projects[lb->project],
                  ds_cstr(&listeners), ds_cstr(&pools));
    ds_destroy(&listeners);
    ds_destroy(&pools);
}

static void
bench_put_change(struct bench *bench, struct ds *ops, struct model_lb *lb)
{
    if (!lb->exists) {
        bench_put_lb(bench, ops, lb);
    } else if (random_range(3)) {
        ds_put_format(ops, "{'op':'delete','table':'Load_Balancer','where':"
                      "[['_uuid','==',"REF"]]},", UUID_ARGS(&lb->id));
        lb->exists = false;
    }
}

/* --- Ops of the API's copies --------------------------------------------- */

struct quota_op {
    struct commit_op op;
    const struct quotas *quotas;
    size_t project;
    const struct attrs *attrs;  /* Limits to be set; NULL: put back. */

    /* Load balancers to be made, if 'n' is not 0. */
    unsigned int n;
    bool is_over, is_made;
    bool had_row;
};

static void
quota_op_done(struct commit_op *op_, enum commit_result result,
              const char *error OVS_UNUSED)
{
    struct quota_op *op = CONTAINER_OF(op_, struct quota_op, op);

    assert_int_not_equal(result, COMMIT_FAILED);
    op->is_over = true;
    op->is_made = true;
}

static void
insert_lbs(struct ovsdb_idl_txn *txn, const char *project, unsigned int n)
{
    while (n--) {
        const struct octrec_load_balancer *lb
            = octrec_load_balancer_insert(txn);

        octrec_load_balancer_set_project_id(lb, project);
        octrec_load_balancer_set_provisioning_status(lb, "ACTIVE");
        octrec_load_balancer_set_operating_status(lb, "ONLINE");
        octrec_load_balancer_set_vip_vnic_type(lb, "normal");
    }
}

static bool
quota_op_apply(struct commit_op *op_, struct ovsdb_idl_txn *txn,
               unsigned int attempt OVS_UNUSED)
{
    struct quota_op *op = CONTAINER_OF(op_, struct quota_op, op);
    const char *project = projects[op->project];

    if (op->n) {
        if (quotas_room(op->quotas, project, QUOTA_LOAD_BALANCER) < op->n) {
            op->is_over = true;
            return false;
        }
        quotas_charge(op->quotas, txn, project, QUOTA_LOAD_BALANCER, op->n);
        insert_lbs(txn, project, op->n);
    } else if (op->attrs) {
        quotas_set(op->quotas, txn, project, op->attrs);
    } else {
        op->had_row = quotas_reset(op->quotas, project);
        if (!op->had_row) {
            op->is_over = true;
            return false;
        }
    }
    return true;
}

struct quota_ops {
    struct bench *bench;
    struct quota_op *ops;
    size_t n;
};

static bool
quota_ops_run_until_over(void *ops_)
{
    struct quota_ops *ops = ops_;
    bool is_over = true;

    bench_run_until_ready(ops->bench);
    for (size_t i = 0; i < ops->n; i++) {
        is_over = is_over && ops->ops[i].is_over;
    }
    return is_over;
}

static void
quota_ops_wait(void *ops_)
{
    bench_wait(((struct quota_ops *) ops_)->bench);
}

static void
bench_submit(struct bench *bench, size_t copy, struct quota_op *op)
{
    op->op.apply = quota_op_apply;
    op->op.done = quota_op_done;
    op->quotas = bench->quotas[copy];
    store_submit(bench->stores[copy], &op->op);
}

static void
bench_finish(struct bench *bench, struct quota_op *ops, size_t n)
{
    struct ds nothing = DS_EMPTY_INITIALIZER;

    ovsdb_fixture_wait_until(quota_ops_run_until_over, quota_ops_wait,
                             &(struct quota_ops) { bench, ops, n },
                             "the transactions");
    bench_commit(bench, &nothing);
}

/* --- The model ----------------------------------------------------------- */

static int64_t
bench_room(const struct bench *bench, size_t project, enum quota_kind kind)
{
    int64_t room = bench->limits[project].of[kind];

    if (room == QUOTA_UNLIMITED) {
        return INT64_MAX;
    }
    for (size_t i = 0; i < N_LBS; i++) {
        const struct model_lb *lb = &bench->lbs[i];

        room -= lb->exists && lb->project == project ? lb->n[kind] : 0;
    }
    return room;
}

struct seen_quotas {
    const struct bench *bench;
    size_t next;                /* Of 'projects'. */
};

static void
check_listed(const char *project, const struct quota_limits *limits,
             void *seen_)
{
    struct seen_quotas *seen = seen_;

    if (!strcmp(project, "turn")) {
        return;
    }
    while (!seen->bench->has_row[seen->next]) {
        seen->next++;
        assert_true(seen->next < ARRAY_SIZE(projects));
    }
    assert_string_equal(project, projects[seen->next]);
    assert_memory_equal(limits, &seen->bench->limits[seen->next],
                        sizeof *limits);
    seen->next++;
}

static void
bench_check(const struct bench *bench)
{
    for (size_t copy = 0; copy < N_COPIES; copy++) {
        const struct quotas *quotas = bench->quotas[copy];
        struct seen_quotas seen = { bench, 0 };

        for (size_t i = 0; i < ARRAY_SIZE(projects); i++) {
            struct quota_limits limits;

            quotas_get(quotas, projects[i], &limits);
            assert_memory_equal(&limits, &bench->limits[i], sizeof limits);
            for (enum quota_kind kind = 0; kind < N_QUOTA_KINDS; kind++) {
                assert_true(quotas_room(quotas, projects[i], kind)
                            == bench_room(bench, i, kind));
            }
        }
        quotas_for_each(quotas, check_listed, &seen);
        while (seen.next < ARRAY_SIZE(projects)) {
            assert_false(bench->has_row[seen.next++]);
        }
    }
}

/* Names of the limits in a body, those that count more first. */
static const struct {
    enum quota_kind kind;
    const char *name;
} limit_names[] = {
    { QUOTA_LOAD_BALANCER, "loadbalancer" },
    { QUOTA_LOAD_BALANCER, "load_balancer" },
    { QUOTA_LISTENER, "listener" },
    { QUOTA_MEMBER, "member" },
    { QUOTA_POOL, "pool" },
    { QUOTA_HEALTH_MONITOR, "healthmonitor" },
    { QUOTA_HEALTH_MONITOR, "health_monitor" },
    { QUOTA_L7RULE, "l7rule" },
};

/* Returns a random body, and changes the model accordingly. */
static struct attrs *
bench_choose_limits(struct bench *bench, size_t project)
{
    bool is_given[N_QUOTA_KINDS] = { false };
    struct ds text = DS_EMPTY_INITIALIZER;
    struct fault *fault = NULL;
    const char *separator = "";

    ds_put_cstr(&text, "{\"quota\": {");
    for (size_t i = 0; i < ARRAY_SIZE(limit_names); i++) {
        enum quota_kind kind = limit_names[i].kind;
        int64_t limit = (int64_t) random_range(8) - 1;
        bool is_null = !random_range(5);

        if (random_range(2)) {
            continue;
        }
        ds_put_format(&text, "%s\"%s\": ", separator, limit_names[i].name);
        ds_put_format(&text, is_null ? "null" : "%"PRId64, limit);
        separator = ", ";
        if (!is_given[kind]) {
            is_given[kind] = true;
            bench->limits[project].of[kind] = (is_null ? defaults.of[kind]
                                               : limit);
        }
    }
    ds_put_cstr(&text, "}}");

    struct json *body = json_from_string(ds_cstr(&text));
    struct attrs *attrs = attrs_parse(&quota_resource, ATTRS_PUT, body,
                                      &fault);
    assert_non_null(attrs);
    json_destroy(body);
    ds_destroy(&text);
    return attrs;
}

/* Sets or resets the limits of a project, through one of the copies. */
static void
bench_change_limits(struct bench *bench)
{
    struct quota_op op = { .project = random_range(ARRAY_SIZE(projects) - 1) };
    struct attrs *attrs = NULL;
    bool had_row = bench->has_row[op.project];

    if (random_range(4)) {
        attrs = bench_choose_limits(bench, op.project);
        bench->has_row[op.project] = true;
    } else {
        bench->limits[op.project] = defaults;
    }
    op.attrs = attrs;
    bench_submit(bench, random_range(N_COPIES), &op);
    bench_finish(bench, &op, 1);
    assert_true(attrs || op.had_row == had_row);
    attrs_destroy(attrs);
}

/* --- Tests --------------------------------------------------------------- */

static void
test_room_is_what_the_limit_leaves(void **state)
{
    struct bench *bench = *state;

    bench_check(bench);
    for (int i = 0; i < ROUNDS; i++) {
        struct ds ops = DS_EMPTY_INITIALIZER;

        for (unsigned int n = random_range(4); n; n--) {
            bench_put_change(bench, &ops,
                             &bench->lbs[(i + n) % N_LBS]);
        }
        bench_commit(bench, &ops);
        if (random_range(2)) {
            bench_change_limits(bench);
        }
        bench_check(bench);
    }
}

/* Reads the number of load balancers that a project has in the database. */
static size_t
bench_count_lbs(struct bench *bench, size_t project)
{
    char *op = xasprintf("{'op':'select','table':'Load_Balancer','where':"
                         "[['project_id','==','%s']],'columns':['_uuid']}",
                         projects[project]);
    struct json *results = ovsdb_fixture_transact(bench->db, op);
    const struct json *rows
        = shash_find_data(json_object(json_array_at(results, 0)), "rows");
    size_t n = json_array_size(rows);

    json_destroy(results);
    free(op);
    return n;
}

/* Sets the limit of load balancers. */
static void
bench_limit_lbs(struct bench *bench, size_t project, int64_t limit)
{
    char *text = xasprintf("{\"quota\": {\"load_balancer\": %"PRId64"}}",
                           limit);
    struct json *body = json_from_string(text);
    struct fault *fault = NULL;
    struct quota_op op = { .project = project };
    struct attrs *attrs = attrs_parse(&quota_resource, ATTRS_PUT, body,
                                      &fault);

    op.attrs = attrs;
    bench_submit(bench, 0, &op);
    bench_finish(bench, &op, 1);
    attrs_destroy(attrs);
    json_destroy(body);
    free(text);
}

/* Returns how many load balancers were made of those that were asked for, by
 * all copies at the same time. */
static size_t
bench_race(struct bench *bench, size_t project, unsigned int n_each)
{
    struct quota_op ops[N_COPIES * N_OPS];
    size_t n_made = 0;

    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        ops[i] = (struct quota_op) { .project = project, .n = n_each };
        bench_submit(bench, i % N_COPIES, &ops[i]);
    }
    bench_finish(bench, ops, ARRAY_SIZE(ops));
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        n_made += ops[i].is_made ? n_each : 0;
    }
    return n_made;
}

static void
test_copies_make_exactly_what_is_allowed(void **state)
{
    struct bench *bench = *state;
    size_t n[ARRAY_SIZE(projects)] = { 0 };

    for (int i = 0; i < 40; i++) {
        size_t project = random_range(ARRAY_SIZE(projects));
        int64_t room = random_range(2 * N_OPS * N_COPIES);
        unsigned int n_each = 1 + random_range(3);
        size_t wanted = n_each * N_OPS * N_COPIES;
        size_t allowed = MIN(room / n_each * n_each, wanted);

        bench_limit_lbs(bench, project, n[project] + room);
        size_t n_made = bench_race(bench, project, n_each);
        assert_int_equal(n_made, allowed);
        n[project] += n_made;
        assert_int_equal(bench_count_lbs(bench, project), n[project]);
        for (size_t copy = 0; copy < N_COPIES; copy++) {
            assert_true(quotas_room(bench->quotas[copy], projects[project],
                                    QUOTA_LOAD_BALANCER)
                        == room - (int64_t) n_made);
        }
    }
}

static void
test_no_limit_is_none(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(bench_race(bench, 0, 2), 2 * N_OPS * N_COPIES);
    bench_limit_lbs(bench, 0, 0);
    assert_int_equal(bench_race(bench, 0, 1), 0);
    assert_true(quotas_room(bench->quotas[0], projects[0],
                            QUOTA_LOAD_BALANCER) == -2 * N_OPS * N_COPIES);
    bench_limit_lbs(bench, 0, QUOTA_UNLIMITED);
    assert_int_equal(bench_race(bench, 0, 1), N_OPS * N_COPIES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
        TEST(test_room_is_what_the_limit_leaves),
        TEST(test_copies_make_exactly_what_is_allowed),
        TEST(test_no_limit_is_none),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
