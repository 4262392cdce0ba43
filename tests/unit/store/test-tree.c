/* SPDX-License-Identifier: Apache-2.0
 *
 * Load balancers out of a real OVN_Octavia database, and statuses into it:
 * what is loaded, what is saved, and what happens if the API writes meanwhile.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/commit.h"
#include "base/ovs-compat.h"
#include "model-fixture.h"
#include "model/objects.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovsdb-fixture.h"
#include "store/store.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

/* Rows of the database.  LETTER is the hexadecimal code of the letter in the
 * row's short name, and N its number, one digit; see model-fixture.h. */
#define ID(LETTER, N) "000000" LETTER "-0000-4000-8000-00000000000" N
#define REF(LETTER, N) "['uuid','" ID(LETTER, N) "']"
#define LB_ID(N) ID("42", N)
#define ADDITIONAL_VIP(N) REF("41", N)
#define LISTENER(N) REF("4c", N)
#define MEMBER(N) REF("4d", N)
#define MONITOR(N) REF("48", N)
#define NET(N) REF("4e", N)
#define POOL(N) REF("50", N)
#define REQUEST(N) REF("51", N)
#define SUBNET(N) REF("53", N)
#define PORT(N) REF("56", N)

#define INSERT(TABLE, UUID, CREATED, UP, PS, OS, COLUMNS)               \
    "{'op':'insert','table':'" TABLE "','uuid':'" UUID "','row':{"      \
    "'created_at':" CREATED ",'admin_state_up':" UP ","                 \
    "'provisioning_status':'" PS "','operating_status':'" OS "',"       \
    COLUMNS "}}"

/* Two additional VIPs, two listeners, two pools with a monitor each, three
 * members.  The order of the VIPs is that of their positions.  The order of
 * creation is not that of the ids, and one of two at the same time is older by
 * its id. */
static const char full[] =
    INSERT("Load_Balancer", LB_ID("1"), "1", "true", "PENDING_UPDATE",
           "OFFLINE",
           "'name':'lb','project_id':'demo','provider':'ovn',"
           "'vip_vnic_type':'normal',"
           "'vip_address':'10.0.1.5','vip_port_id':" PORT("1") ","
           "'vip_subnet_id':" SUBNET("1") ",'vip_network_id':" NET("1") ","
           "'last_request':" REQUEST("1") ","
           "'fault_code':409,'fault_text':'full',"
           "'additional_vips':['set',[" ADDITIONAL_VIP("1") ","
           ADDITIONAL_VIP("2") "]],"
           "'listeners':['set',[" LISTENER("1") "," LISTENER("2") "]],"
           "'pools':['set',[" POOL("1") "," POOL("2") "]]") ","
    "{'op':'insert','table':'Additional_VIP','uuid':'" ID("41", "1") "',"
    "'row':{'position':2,'subnet_id':" SUBNET("3") ",'load_balancer':"
    REF("42", "1") ",'ip_address':'fd00::5','port_id':" PORT("2") ","
    "'network_id':" NET("1") "}},"
    "{'op':'insert','table':'Additional_VIP','uuid':'" ID("41", "2") "',"
    "'row':{'position':1,'subnet_id':" SUBNET("2") ",'load_balancer':"
    REF("42", "1") "}},"
    INSERT("Listener", ID("4c", "1"), "20", "true", "ACTIVE", "ONLINE",
           "'load_balancer':" REF("42", "1") ",'protocol':'TCP',"
           "'client_authentication':'NONE','protocol_port':80,"
           "'default_pool':" POOL("2")) ","
    INSERT("Listener", ID("4c", "2"), "10", "false", "PENDING_CREATE",
           "OFFLINE",
           "'load_balancer':" REF("42", "1") ",'protocol':'UDP',"
           "'client_authentication':'NONE','protocol_port':53") ","
    INSERT("Pool", ID("50", "1"), "5", "true", "ERROR", "OFFLINE",
           "'load_balancer':" REF("42", "1") ",'protocol':'SCTP',"
           "'lb_algorithm':'SOURCE_IP','health_monitor':" MONITOR("1")) ","
    INSERT("Health_Monitor", ID("48", "1"), "6", "true", "ERROR", "ONLINE",
           "'pool':" POOL("1") ",'type':'UDP-CONNECT','delay':5,'timeout':3,"
           "'max_retries':2,'max_retries_down':4,'deleting':true") ","
    INSERT("Health_Monitor", ID("48", "2"), "6", "false", "ACTIVE",
           "OFFLINE",
           "'pool':" POOL("2") ",'type':'TCP','delay':7,'timeout':6,"
           "'max_retries':1,'max_retries_down':3") ","
    INSERT("Pool", ID("50", "2"), "5", "false", "PENDING_DELETE", "ERROR",
           "'load_balancer':" REF("42", "1") ",'protocol':'TCP',"
           "'lb_algorithm':'SOURCE_IP_PORT','session_persistence':"
           "['map',[['type','SOURCE_IP'],['persistence_timeout','60']]],"
           "'health_monitor':" MONITOR("2") ","
           "'members':['set',[" MEMBER("1") "," MEMBER("2") ","
           MEMBER("3") "]]") ","
    INSERT("Member", ID("4d", "1"), "3", "true", "ACTIVE", "NO_MONITOR",
           "'vnic_type':'normal','pool':" POOL("2") ","
           "'address':'10.0.2.1',"
           "'protocol_port':81,'weight':7,'backup':true,"
           "'subnet_id':" SUBNET("2")) ","
    INSERT("Member", ID("4d", "2"), "2", "true", "ACTIVE", "DRAINING",
           "'vnic_type':'normal','pool':" POOL("2") ","
           "'address':'fd00::1',"
           "'protocol_port':82,'weight':1") ","
    INSERT("Member", ID("4d", "3"), "1", "false", "PENDING_UPDATE",
           "DEGRADED",
           "'vnic_type':'normal','pool':" POOL("2") ","
           "'address':'10.0.2.3',"
           "'protocol_port':83,'weight':1");

static const char full_tree[] =
    "lb 10.0.1.5 subnet=S1 net=N1 fault=409:full PENDING_UPDATE/OFFLINE\n"
    "vip none subnet=S2\n"
    "vip fd00::5 subnet=S3 net=N1 port=V2\n"
    "listener L2 udp 53 down PENDING_CREATE/OFFLINE\n"
    "listener L1 tcp 80 pool=P2 ACTIVE/ONLINE\n"
    "pool P1 sctp source_ip ERROR/OFFLINE\n"
    "monitor H1 udp-connect 5 3 2 4 deleting ERROR/ONLINE\n"
    "pool P2 tcp affinity=60 down PENDING_DELETE/ERROR\n"
    "monitor H2 tcp 7 6 1 3 down ACTIVE/OFFLINE\n"
    "member M3 10.0.2.3 83 subnet=S1 down PENDING_UPDATE/DEGRADED\n"
    "member M2 fd00::1 82 subnet=S1 ACTIVE/DRAINING\n"
    "member M1 10.0.2.1 81 subnet=S2 weight=7 backup ACTIVE/NO_MONITOR\n";

/* Not more than it must have. */
static const char bare[] =
    INSERT("Load_Balancer", LB_ID("2"), "1", "true", "PENDING_CREATE",
           "OFFLINE",
           "'project_id':'demo','last_request':" REQUEST("1") ","
           "'vip_vnic_type':'normal','pools':" POOL("3")) ","
    INSERT("Pool", ID("50", "3"), "5", "true", "ACTIVE", "ONLINE",
           "'load_balancer':" REF("42", "2") ",'protocol':'UDP',"
           "'lb_algorithm':'ROUND_ROBIN',"
           "'session_persistence':['map',[['type','SOURCE_IP']]],"
           "'members':" MEMBER("4")) ","
    INSERT("Member", ID("4d", "4"), "3", "true", "ACTIVE", "NO_MONITOR",
           "'vnic_type':'normal','pool':" POOL("3") ","
           "'address':'10.0.2.1',"
           "'protocol_port':81,'weight':1");

struct bench {
    struct ovsdb_fixture *db;
    struct store *store;        /* As the driver. */
    struct uuidset changed;     /* Load balancers, since last asked. */
};

static void
note_changed(const struct uuid *id, void *bench_)
{
    struct bench *bench = bench_;

    uuidset_insert(&bench->changed, id);
}

static void
run(struct bench *bench)
{
    store_run(bench->store);
    store_for_each_changed_lb(bench->store, note_changed, bench);
}

static bool
run_until_locked(void *bench_)
{
    struct bench *bench = bench_;

    run(bench);
    return store_has_lock(bench->store);
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
    const char *schema = getenv("OCTAVIA_SCHEMA");
    struct bench *bench = xzalloc(sizeof *bench);

    bench->db = ovsdb_fixture_create(
        schema ? schema : "schema/ovn-octavia.ovsschema", true);
    bench->store = store_create(ovsdb_fixture_remote(bench->db),
                                STORE_DRIVER);
    uuidset_init(&bench->changed);
    ovsdb_fixture_wait_until(run_until_locked, bench_wait, bench,
                             "the lock");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    uuidset_destroy(&bench->changed);
    store_destroy(bench->store);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
}

static bool
run_until_changed(void *bench_)
{
    struct bench *bench = bench_;

    run(bench);
    return !uuidset_is_empty(&bench->changed);
}

/* Somebody else writes.  Returns when the store has heard of it. */
static void
write_and_follow(struct bench *bench, const char *transaction)
{
    uuidset_clear(&bench->changed);
    json_destroy(ovsdb_fixture_transact(bench->db, transaction));
    ovsdb_fixture_wait_until(run_until_changed, bench_wait, bench,
                             "the news");
}

static void
check_tree(struct bench *bench, const char *name, const char *expected)
{
    struct uuid id = uuid_of(name);
    struct model_lb *lb = store_load_lb(bench->store, &id);

    assert_non_null(lb);
    char *actual = model_lb_format(lb);
    assert_string_equal(actual, expected);
    free(actual);
    model_lb_destroy(lb);
}

static void
check_changed(struct bench *bench, const char *name)
{
    struct uuid id = uuid_of(name);

    assert_int_equal(uuidset_count(&bench->changed), 1);
    assert_true(uuidset_contains(&bench->changed, &id));
}

/* What another client sees: how many rows 'table' has. */
static size_t
count_rows(struct bench *bench, const char *table)
{
    char *text = xasprintf("{'op':'select','table':'%s','where':[],"
                           "'columns':['_uuid']}", table);
    struct json *result = ovsdb_fixture_transact(bench->db, text);
    size_t n = json_array_size(shash_find_data(
        json_object(json_array_at(result, 0)), "rows"));

    json_destroy(result);
    free(text);
    return n;
}

static void
test_a_tree_is_loaded(void **state)
{
    struct bench *bench = *state;
    struct uuid id = uuid_of("B1");

    assert_null(store_load_lb(bench->store, &id));
    write_and_follow(bench, full);
    check_changed(bench, "B1");
    check_tree(bench, "B1", full_tree);

    struct model_lb *lb = store_load_lb(bench->store, &id);
    struct uuid port = uuid_of("V1");
    struct uuid request = uuid_of("Q1");
    assert_string_equal(lb->name, "lb");
    assert_string_equal(lb->project_id, "demo");
    assert_true(uuid_equals(&lb->vips[0].port_id, &port));
    assert_true(uuid_equals(&lb->last_request, &request));
    model_lb_destroy(lb);
}

static void
test_what_is_not_given_is_loaded_as_nothing(void **state)
{
    struct bench *bench = *state;
    struct uuid id = uuid_of("B2");

    write_and_follow(bench, bare);
    check_tree(bench, "B2",
               "lb none PENDING_CREATE/OFFLINE\n"
               "pool P3 udp affinity ACTIVE/ONLINE\n"
               "member M4 10.0.2.1 81 ACTIVE/NO_MONITOR\n");

    struct model_lb *lb = store_load_lb(bench->store, &id);
    assert_true(uuid_is_zero(&lb->vips[0].port_id));
    assert_false(lb->pools[0].members[0].has_subnet);
    model_lb_destroy(lb);
}

#define UPDATE(TABLE, UUID, COLUMNS)                                    \
    "{'op':'update','table':'" TABLE "','where':[['_uuid','==',"        \
    "['uuid','" UUID "']]],'row':{" COLUMNS "}}"

/* Whatever changes, the load balancer that it belongs to is named. */
static void
test_changes_below_name_the_load_balancer(void **state)
{
    static const struct {
        const char *title;
        const char *transaction;
    } rows[] = {
        { "a load balancer", UPDATE("Load_Balancer", LB_ID("1"),
                                    "'admin_state_up':false") },
        { "a listener", UPDATE("Listener", ID("4c", "1"),
                               "'protocol_port':8080") },
        { "a pool", UPDATE("Pool", ID("50", "1"), "'admin_state_up':false") },
        { "a member", UPDATE("Member", ID("4d", "1"), "'weight':9") },
        { "a monitor", UPDATE("Health_Monitor", ID("48", "1"), "'delay':9") },
        { "an additional VIP", UPDATE("Additional_VIP", ID("41", "2"),
                                      "'ip_address':'10.0.2.9'") },
        { "a monitor that goes", UPDATE("Pool", ID("50", "1"),
                                        "'health_monitor':['set',[]]") },
        { "an additional VIP that goes",
          UPDATE("Load_Balancer", LB_ID("1"),
                 "'additional_vips':" ADDITIONAL_VIP("1")) },
        { "a member that goes", UPDATE("Pool", ID("50", "2"),
                                       "'members':" MEMBER("2")) },
        { "a pool that goes", UPDATE("Load_Balancer", LB_ID("1"),
                                     "'pools':" POOL("1")) },
        { "a load balancer that goes",
          "{'op':'delete','table':'Load_Balancer','where':[['_uuid','==',"
          REF("42", "1") "]]}" },
    };
    struct bench *bench = *state;

    write_and_follow(bench, bare);
    write_and_follow(bench, full);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        print_message("a change of %s\n", rows[i].title);
        write_and_follow(bench, rows[i].transaction);
        check_changed(bench, "B1");
    }
}

/* Saving. */

struct save_op {
    struct commit_op op;
    struct bench *bench;
    const struct model_lb *lb;
    bool may_remove;
    const char *meanwhile;      /* Transaction of somebody else, after we have
                                 * looked for the first time; NULL: none. */
    unsigned int n_applied;
    enum store_save_result saved;       /* By the last attempt. */
    bool is_over;
    enum commit_result result;
};

static bool
save_apply(struct commit_op *op_, struct ovsdb_idl_txn *txn,
           unsigned int attempt OVS_UNUSED)
{
    struct save_op *op = CONTAINER_OF(op_, struct save_op, op);

    op->saved = store_save_lb(op->bench->store, txn, op->lb, op->may_remove);
    if (!op->n_applied++ && op->meanwhile) {
        json_destroy(ovsdb_fixture_transact(op->bench->db, op->meanwhile));
    }
    op->is_over = op->saved != STORE_SAVE_WRITTEN;
    return !op->is_over;
}

static void
save_done(struct commit_op *op_, enum commit_result result,
          const char *error OVS_UNUSED)
{
    struct save_op *op = CONTAINER_OF(op_, struct save_op, op);

    op->is_over = true;
    op->result = result;
}

static bool
run_until_saved(void *op_)
{
    struct save_op *op = op_;

    run(op->bench);
    return op->is_over;
}

static void
save_wait(void *op_)
{
    struct save_op *op = op_;

    bench_wait(op->bench);
}

static void
save_start(struct save_op *op, struct bench *bench, const struct model_lb *lb,
           bool may_remove)
{
    *op = (struct save_op) {
        .op = { .apply = save_apply, .done = save_done },
        .bench = bench,
        .lb = lb,
        .may_remove = may_remove,
    };
    store_submit(bench->store, &op->op);
}

/* Saves and returns how that ended. */
static enum store_save_result
save(struct bench *bench, const struct model_lb *lb, bool may_remove)
{
    struct save_op op;

    save_start(&op, bench, lb, may_remove);
    ovsdb_fixture_wait_until(run_until_saved, save_wait, &op, "the save");
    assert_int_equal(op.n_applied, 1);
    if (op.saved == STORE_SAVE_WRITTEN) {
        assert_int_equal(op.result, COMMIT_DONE);
    }
    return op.saved;
}

static struct model_lb *
load(struct bench *bench, const char *name)
{
    struct uuid id = uuid_of(name);
    struct model_lb *lb = store_load_lb(bench->store, &id);

    assert_non_null(lb);
    return lb;
}

static void
test_statuses_are_saved_once(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);

    lb->base.provisioning_status = PS_ACTIVE;
    lb->base.operating_status = OS_DEGRADED;
    lb->listeners[0].base.provisioning_status = PS_ACTIVE;
    lb->pools[0].base.operating_status = OS_ERROR;
    lb->pools[0].base.deleting = true;
    lb->pools[0].monitor->base.deleting = false;
    lb->pools[1].monitor->base.provisioning_status = PS_PENDING_UPDATE;
    lb->pools[1].members[1].base.operating_status = OS_NO_MONITOR;
    lb->fault_code = 0;
    free(lb->fault_text);
    lb->fault_text = xstrdup("");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);
    check_tree(bench, "B1",
               "lb 10.0.1.5 subnet=S1 net=N1 ACTIVE/DEGRADED\n"
               "vip none subnet=S2\n"
               "vip fd00::5 subnet=S3 net=N1 port=V2\n"
               "listener L2 udp 53 down ACTIVE/OFFLINE\n"
               "listener L1 tcp 80 pool=P2 ACTIVE/ONLINE\n"
               "pool P1 sctp source_ip deleting ERROR/ERROR\n"
               "monitor H1 udp-connect 5 3 2 4 ERROR/ONLINE\n"
               "pool P2 tcp affinity=60 down PENDING_DELETE/ERROR\n"
               "monitor H2 tcp 7 6 1 3 down PENDING_UPDATE/OFFLINE\n"
               "member M3 10.0.2.3 83 subnet=S1 down "
               "PENDING_UPDATE/DEGRADED\n"
               "member M2 fd00::1 82 subnet=S1 ACTIVE/NO_MONITOR\n"
               "member M1 10.0.2.1 81 subnet=S2 weight=7 backup "
               "ACTIVE/NO_MONITOR\n");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);
    assert_int_equal(store_n_commits(bench->store), 1);
    model_lb_destroy(lb);
}

static void
test_the_vip_is_decided_once(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, bare);
    struct model_lb *lb = load(bench, "B2");
    model_vip_set_address(&lb->vips[0], "10.0.1.9");
    lb->vips[0].port_id = uuid_of("V7");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);

    model_vip_set_address(&lb->vips[0], "10.0.1.10");
    lb->vips[0].port_id = uuid_of("V8");
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);
    model_lb_destroy(lb);

    struct uuid port = uuid_of("V7");
    lb = load(bench, "B2");
    assert_string_equal(lb->vips[0].address, "10.0.1.9");
    assert_true(uuid_equals(&lb->vips[0].port_id, &port));
    model_lb_destroy(lb);
}

static void
test_additional_vips_are_decided_once(void **state)
{
    struct bench *bench = *state;
    struct uuid new_port = uuid_of("V9");

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    model_vip_set_address(&lb->vips[1], "10.0.2.9");
    lb->vips[1].port_id = new_port;
    model_vip_set_address(&lb->vips[2], "fd00::9");
    lb->vips[2].port_id = new_port;
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);
    assert_int_equal(save(bench, lb, false), STORE_SAVE_UNCHANGED);
    model_lb_destroy(lb);

    struct uuid old_port = uuid_of("V2");
    lb = load(bench, "B1");
    assert_string_equal(lb->vips[1].address, "10.0.2.9");
    assert_true(uuid_equals(&lb->vips[1].port_id, &new_port));
    assert_string_equal(lb->vips[2].address, "fd00::5");
    assert_true(uuid_equals(&lb->vips[2].port_id, &old_port));
    model_lb_destroy(lb);
}

/* Whoever asks for an address must see those of all VIPs of the others. */
static void
test_an_address_is_taken_by_any_vip(void **state)
{
    static const struct {
        const char *subnet;
        const char *address;
        const char *lb;         /* NULL: one that is not there yet. */
        bool taken;
    } rows[] = {
        { "S1", "10.0.1.5", NULL, true },
        { "S3", "fd00::5", NULL, true },
        { "S3", "fd00::5", "B2", true },
        { "S3", "fd00::5", "B1", false },
        { "S1", "fd00::5", NULL, false },
        { "S2", "10.0.2.9", NULL, false },
    };
    struct bench *bench = *state;

    write_and_follow(bench, full);
    write_and_follow(bench, bare);
    write_and_follow(bench, UPDATE("Load_Balancer", LB_ID("1"),
                                   "'fault_code':['set',[]]"));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct uuid subnet = uuid_of(rows[i].subnet);
        struct uuid lb = uuid_of(rows[i].lb ? rows[i].lb : "none");

        assert_int_equal(store_vip_is_taken(bench->store, &subnet,
                                            rows[i].address,
                                            rows[i].lb ? &lb : NULL),
                         rows[i].taken);
    }
}

static void
test_a_fault_is_saved(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, bare);
    struct model_lb *lb = load(bench, "B2");
    lb->base.provisioning_status = PS_ERROR;
    free(lb->fault_text);
    lb->fault_text = xstrdup("gone");
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    lb->fault_code = 503;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    model_lb_destroy(lb);
    check_tree(bench, "B2",
               "lb none fault=503:gone ERROR/OFFLINE\n"
               "pool P3 udp affinity ACTIVE/ONLINE\n"
               "member M4 10.0.2.1 81 ACTIVE/NO_MONITOR\n");
}

static void
test_what_is_pending_delete_vanishes_with_all_below(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->listeners[0].base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    check_tree(bench, "B1",
               "lb 10.0.1.5 subnet=S1 net=N1 fault=409:full "
               "PENDING_UPDATE/OFFLINE\n"
               "vip none subnet=S2\n"
               "vip fd00::5 subnet=S3 net=N1 port=V2\n"
               "listener L1 tcp 80 ACTIVE/ONLINE\n"
               "pool P1 sctp source_ip ERROR/OFFLINE\n");
    assert_int_equal(count_rows(bench, "Listener"), 1);
    assert_int_equal(count_rows(bench, "Pool"), 1);
    assert_int_equal(count_rows(bench, "Member"), 0);
    assert_int_equal(count_rows(bench, "Health_Monitor"), 0);
    model_lb_destroy(lb);
}

static void
test_a_monitor_vanishes_alone(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->pools[1].base.provisioning_status = PS_ACTIVE;
    lb->pools[1].monitor->base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Health_Monitor"), 0);
    assert_int_equal(count_rows(bench, "Pool"), 2);
    model_lb_destroy(lb);

    lb = load(bench, "B1");
    assert_null(lb->pools[0].monitor);
    assert_null(lb->pools[1].monitor);
    model_lb_destroy(lb);
}

static void
test_a_member_vanishes_alone(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->pools[1].base.provisioning_status = PS_ACTIVE;
    lb->pools[1].members[1].base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Member"), 2);
    model_lb_destroy(lb);

    lb = load(bench, "B1");
    assert_int_equal(lb->pools[1].n_members, 2);
    assert_string_equal(lb->pools[1].members[0].address, "10.0.2.3");
    assert_string_equal(lb->pools[1].members[1].address, "10.0.2.1");
    model_lb_destroy(lb);
}

/* OVN may still have it. */
static void
test_nothing_vanishes_that_must_not(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, false), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Load_Balancer"), 1);
    assert_int_equal(count_rows(bench, "Pool"), 2);
    model_lb_destroy(lb);
}

static void
test_a_load_balancer_vanishes_with_all_below(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, bare);
    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_PENDING_DELETE;
    assert_int_equal(save(bench, lb, true), STORE_SAVE_WRITTEN);
    assert_int_equal(count_rows(bench, "Load_Balancer"), 1);
    assert_int_equal(count_rows(bench, "Listener"), 0);
    assert_int_equal(count_rows(bench, "Pool"), 1);
    assert_int_equal(count_rows(bench, "Member"), 1);
    assert_int_equal(count_rows(bench, "Health_Monitor"), 0);
    assert_int_equal(count_rows(bench, "Additional_VIP"), 0);

    /* And then there is nothing to save. */
    assert_int_equal(save(bench, lb, true), STORE_SAVE_STALE);
    model_lb_destroy(lb);
}

static void
test_a_request_in_between_makes_it_stale(void **state)
{
    struct bench *bench = *state;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_ACTIVE;
    write_and_follow(bench, UPDATE("Load_Balancer", LB_ID("1"),
                                   "'last_request':" REQUEST("2")));
    assert_int_equal(save(bench, lb, true), STORE_SAVE_STALE);
    assert_int_equal(store_n_commits(bench->store), 0);
    model_lb_destroy(lb);
}

/* The API writes between our look and our transaction: the database refuses,
 * and the next look shows why. */
static void
check_race(struct bench *bench, enum provisioning_status status)
{
    struct save_op op;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = status;
    save_start(&op, bench, lb, true);
    op.meanwhile = UPDATE("Load_Balancer", LB_ID("1"),
                          "'name':'new','last_request':" REQUEST("2"));
    ovsdb_fixture_wait_until(run_until_saved, save_wait, &op, "the save");
    assert_int_equal(op.n_applied, 2);
    assert_int_equal(op.saved, STORE_SAVE_STALE);
    assert_int_equal(store_n_commits(bench->store), 0);
    model_lb_destroy(lb);

    lb = load(bench, "B1");
    assert_string_equal(lb->name, "new");
    assert_int_equal(lb->base.provisioning_status, PS_PENDING_UPDATE);
    assert_int_equal(lb->n_pools, 2);
    model_lb_destroy(lb);
}

static void
test_a_request_at_the_same_time_wins(void **state)
{
    check_race(*state, PS_ACTIVE);
}

static void
test_a_request_at_the_same_time_keeps_it_from_vanishing(void **state)
{
    check_race(*state, PS_PENDING_DELETE);
}

/* Something else that changes at the same time is no conflict. */
static void
test_a_change_that_is_no_request_is_no_conflict(void **state)
{
    struct bench *bench = *state;
    struct save_op op;

    write_and_follow(bench, full);
    struct model_lb *lb = load(bench, "B1");
    lb->base.provisioning_status = PS_ACTIVE;
    save_start(&op, bench, lb, true);
    op.meanwhile = UPDATE("Member", ID("4d", "1"), "'weight':99");
    ovsdb_fixture_wait_until(run_until_saved, save_wait, &op, "the save");
    assert_int_equal(op.n_applied, 1);
    assert_int_equal(op.result, COMMIT_DONE);
    model_lb_destroy(lb);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_tree_is_loaded),
        TEST(test_what_is_not_given_is_loaded_as_nothing),
        TEST(test_changes_below_name_the_load_balancer),
        TEST(test_statuses_are_saved_once),
        TEST(test_the_vip_is_decided_once),
        TEST(test_additional_vips_are_decided_once),
        TEST(test_an_address_is_taken_by_any_vip),
        TEST(test_a_fault_is_saved),
        TEST(test_what_is_pending_delete_vanishes_with_all_below),
        TEST(test_a_monitor_vanishes_alone),
        TEST(test_a_member_vanishes_alone),
        TEST(test_nothing_vanishes_that_must_not),
        TEST(test_a_load_balancer_vanishes_with_all_below),
        TEST(test_a_request_in_between_makes_it_stale),
        TEST(test_a_request_at_the_same_time_wins),
        TEST(test_a_request_at_the_same_time_keeps_it_from_vanishing),
        TEST(test_a_change_that_is_no_request_is_no_conflict),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
