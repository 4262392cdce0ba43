/* SPDX-License-Identifier: Apache-2.0
 *
 * Weak references: that every weak column of the schema is known, and that the
 * deletion of a row leaves none to it behind, in a real database, though the
 * same transaction changes everything else.
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
#include "octavia-idl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-fixture.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "store/store.h"
#include "store/weak-refs.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

#define ID(N) "0000000" N "-0000-4000-8000-000000000000"
#define REF(N) "['uuid','" ID(N) "']"

#define INSERT(TABLE, N, COLUMNS)                                       \
    "{'op':'insert','table':'" TABLE "','uuid':'" ID(N) "','row':{"     \
    COLUMNS "}}"

#define OBJECT "'provisioning_status':'ACTIVE','operating_status':'ONLINE',"

/* One row of each table, and all that they can refer to. */
static const char tree[] =
    INSERT("Load_Balancer", "1", OBJECT "'vip_vnic_type':'normal',"
           "'additional_vips':" REF("2") ",'listeners':" REF("3") ","
           "'pools':" REF("4")) ","
    INSERT("Additional_VIP", "2",
           "'load_balancer':" REF("1") ",'position':1") ","
    INSERT("Listener", "3", OBJECT "'load_balancer':" REF("1") ","
           "'protocol':'TCP','protocol_port':80,"
           "'client_authentication':'NONE','default_pool':" REF("4") ","
           "'l7policies':" REF("7")) ","
    INSERT("Pool", "4", OBJECT "'load_balancer':" REF("1") ","
           "'protocol':'TCP','lb_algorithm':'SOURCE_IP',"
           "'members':" REF("5") ",'health_monitor':" REF("6")) ","
    INSERT("Member", "5", OBJECT "'pool':" REF("4") ","
           "'protocol_port':80,'vnic_type':'normal'") ","
    INSERT("Health_Monitor", "6", OBJECT "'pool':" REF("4") ","
           "'type':'TCP','max_retries':1,'max_retries_down':1") ","
    INSERT("L7_Policy", "7", OBJECT "'listener':" REF("3") ","
           "'action':'REJECT','position':1,'redirect_pool':" REF("4") ","
           "'rules':" REF("8")) ","
    INSERT("L7_Rule", "8", OBJECT "'l7policy':" REF("7") ","
           "'type':'PATH','compare_type':'REGEX'");

struct bench {
    struct ovsdb_fixture *db;
    struct store *store;
};

static const char *
schema_file(void)
{
    const char *schema = getenv("OCTAVIA_SCHEMA");

    return schema ? schema : "schema/ovn-octavia.ovsschema";
}

static bool
run_until_ready(void *bench_)
{
    struct bench *bench = bench_;

    store_run(bench->store);
    return store_is_ready(bench->store);
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
    struct bench *bench = xzalloc(sizeof *bench);

    bench->db = ovsdb_fixture_create(schema_file(), true);
    json_destroy(ovsdb_fixture_transact(bench->db, tree));
    bench->store = store_create(ovsdb_fixture_remote(bench->db),
                                STORE_READER_WRITER);
    ovsdb_fixture_wait_until(run_until_ready, bench_wait, bench,
                             "the replica");
    *state = bench;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *bench = *state;

    store_destroy(bench->store);
    ovsdb_fixture_destroy(bench->db);
    free(bench);
    return 0;
}

/* What the schema says. */

static const struct json *
get(const struct json *json, const char *name)
{
    const struct json *member
        = (json && json->type == JSON_OBJECT
           ? shash_find_data(json_object(json), name) : NULL);

    return member;
}

/* Calls 'cb' with each weak column of the schema, read as plain JSON. */
static void
for_each_weak_column(void (*cb)(const char *table, const char *column,
                                const char *target, void *aux), void *aux)
{
    struct json *schema = json_from_file(schema_file());
    struct shash_node *table, *column;

    SHASH_FOR_EACH (table, json_object(get(schema, "tables"))) {
        SHASH_FOR_EACH (column, json_object(get(table->data, "columns"))) {
            const struct json *key = get(get(column->data, "type"), "key");
            const struct json *type = get(key, "refType");

            if (type && !strcmp(json_string(type), "weak")) {
                cb(table->name, column->name,
                   json_string(get(key, "refTable")), aux);
            }
        }
    }
    json_destroy(schema);
}

static void
add_name(const char *table, const char *column, const char *target,
         void *names_)
{
    struct svec *names = names_;

    svec_add_nocopy(names, xasprintf("%s.%s > %s", table, column, target));
}

static void
test_every_weak_column_is_known(void **state)
{
    struct bench *bench = *state;
    struct svec wanted = SVEC_EMPTY_INITIALIZER;
    struct svec known = SVEC_EMPTY_INITIALIZER;
    const struct weak_column *columns;
    size_t n;

    for_each_weak_column(add_name, &wanted);
    columns = weak_refs_columns(store_weak_refs(bench->store), &n);
    for (size_t i = 0; i < n; i++) {
        add_name(columns[i].table->name, columns[i].column->name,
                 columns[i].refers_to->name, &known);
    }
    svec_sort(&wanted);
    svec_sort(&known);

    char *wanted_text = svec_join(&wanted, "\n", "\n");
    char *known_text = svec_join(&known, "\n", "\n");
    assert_string_equal(known_text, wanted_text);
    assert_true(n > 0);
    free(wanted_text);
    free(known_text);
    svec_destroy(&wanted);
    svec_destroy(&known);
}

/* Deletion. */

struct deletion {
    struct commit_op op;
    struct bench *bench;
    const char *victim;
    const char *keeper;         /* Of the victim; NULL: it needs none. */
    const char *column;
    bool changes_first;
    bool is_over;
};

static struct uuid
id_of(const char *number)
{
    struct uuid id = UUID_ZERO;

    id.parts[0] = number[0] - '0';
    id.parts[1] = 0x00004000;
    id.parts[2] = 0x80000000;
    return id;
}

static const struct ovsdb_idl_row *
find_row(const struct ovsdb_idl *idl, const char *number)
{
    struct uuid id = id_of(number);

    for (size_t i = 0; i < octrec_idl_class.n_tables; i++) {
        const struct ovsdb_idl_row *row
            = ovsdb_idl_get_row_for_uuid(idl, &octrec_idl_class.tables[i],
                                         &id);
        if (row) {
            return row->new_datum ? row : NULL;
        }
    }
    return NULL;
}

static const struct ovsdb_idl_column *
find_column(const struct ovsdb_idl_row *row, const char *name)
{
    const struct ovsdb_idl_table_class *class = row->table->class_;

    for (size_t i = 0; i < class->n_columns; i++) {
        if (!strcmp(class->columns[i].name, name)) {
            return &class->columns[i];
        }
    }
    return NULL;
}

/* Some column of the row that is not a reference. */
static void
change_row(const struct ovsdb_idl_row *row)
{
    const struct ovsdb_idl_column *column = find_column(row,
                                                        "provisioning_status");
    union ovsdb_atom *atom = xmalloc(sizeof *atom);
    struct ovsdb_datum datum;

    if (column) {
        atom->s = ovsdb_atom_string_create("ERROR");
    } else {
        column = find_column(row, "position");
        atom->integer = 9;
    }
    assert_non_null(column);
    ovsdb_datum_init_empty(&datum);
    datum.n = 1;
    datum.keys = atom;
    ovsdb_idl_txn_write(row, column, &datum);
}

static void
change_all(const struct ovsdb_idl *idl, const char *victim)
{
    static const char *const numbers[] = { "1", "2", "3", "4", "5", "6", "7",
                                           "8" };

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        const struct ovsdb_idl_row *row = find_row(idl, numbers[i]);

        if (row && strcmp(numbers[i], victim)) {
            change_row(row);
        }
    }
}

static bool
deletion_apply(struct commit_op *op, struct ovsdb_idl_txn *txn,
               unsigned int attempt OVS_UNUSED)
{
    struct deletion *deletion = CONTAINER_OF(op, struct deletion, op);
    const struct ovsdb_idl *idl = ovsdb_idl_txn_get_idl(txn);

    if (deletion->changes_first) {
        change_all(idl, deletion->victim);
    }
    if (deletion->keeper) {
        const struct ovsdb_idl_row *keeper = find_row(idl, deletion->keeper);
        struct ovsdb_datum none;

        ovsdb_datum_init_empty(&none);
        ovsdb_idl_txn_write(keeper, find_column(keeper, deletion->column),
                            &none);
    }
    weak_refs_delete_row(store_weak_refs(deletion->bench->store),
                         find_row(idl, deletion->victim));
    if (!deletion->changes_first) {
        change_all(idl, deletion->victim);
    }
    return true;
}

static void
deletion_done(struct commit_op *op, enum commit_result result,
              const char *error)
{
    struct deletion *deletion = CONTAINER_OF(op, struct deletion, op);

    assert_null(error);
    assert_int_equal(result, COMMIT_DONE);
    deletion->is_over = true;
}

static bool
run_until_deleted(void *deletion_)
{
    struct deletion *deletion = deletion_;

    store_run(deletion->bench->store);
    return deletion->is_over;
}

static void
deletion_wait(void *deletion_)
{
    struct deletion *deletion = deletion_;

    bench_wait(deletion->bench);
}

/* The rows of 'table', with the columns "_uuid" and 'column', as text. */
static char *
dump_column(struct bench *bench, const char *table, const char *column)
{
    char *ops = xasprintf("{'op':'select','table':'%s','where':[],"
                          "'columns':['%s']}", table, column);
    struct json *result = ovsdb_fixture_transact(bench->db, ops);
    char *text = json_to_string(result, 0);

    json_destroy(result);
    free(ops);
    return text;
}

/* No column that may refer to a row that is not there does. */
static void
check_column(const char *table, const char *column, const char *target,
             void *bench)
{
    static const char *const numbers[] = { "1", "3", "4", "7" };
    char *references = dump_column(bench, table, column);
    char *rows = dump_column(bench, target, "_uuid");

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct uuid id = id_of(numbers[i]);
        char *text = xasprintf(UUID_FMT, UUID_ARGS(&id));

        if (strstr(references, text) && !strstr(rows, text)) {
            fail_msg("%s.%s refers to %s, which is gone", table, column,
                     text);
        }
        free(text);
    }
    free(references);
    free(rows);
}

/* All that is referred to weakly, deleted by a transaction that changes all
 * that refers to it. */
static void
test_nothing_refers_to_what_was_deleted(void **state)
{
    static const struct deletion victims[] = {
        { .victim = "7", .keeper = "3", .column = "l7policies" },
        { .victim = "4", .keeper = "1", .column = "pools" },
        { .victim = "3", .keeper = "1", .column = "listeners" },
        { .victim = "1" },
    };

    for (size_t i = 0; i < 2 * ARRAY_SIZE(victims); i++) {
        struct deletion deletion = victims[i / 2];

        print_message("row %s\n", deletion.victim);
        setup(state);
        deletion.bench = *state;
        deletion.changes_first = i % 2;
        deletion.op.apply = deletion_apply;
        deletion.op.done = deletion_done;
        store_submit(deletion.bench->store, &deletion.op);
        ovsdb_fixture_wait_until(run_until_deleted, deletion_wait, &deletion,
                                 "the deletion");
        for_each_weak_column(check_column, deletion.bench);
        assert_null(find_row(store_idl(deletion.bench->store),
                             deletion.victim));
        teardown(state);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_weak_column_is_known,
                                        setup, teardown),
        cmocka_unit_test(test_nothing_refers_to_what_was_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
