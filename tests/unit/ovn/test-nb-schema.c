/* SPDX-License-Identifier: Apache-2.0
 *
 * What servers tell about their Northbound schema, and that the replica can
 * hold what newer ones allow.
 */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "nb-idl.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovn/db/nb-schema.h"
#include "ovsdb-fixture.h"
#include "ovsdb-idl.h"
#include "util.h"

/* What selection_fields may hold. */
enum fields {
    STOCK,                      /* What the installed OVN says. */
    OLD,                        /* No IPv6, as in OVN 23.03. */
    NEW,
    HALF_NEW,                   /* No OVN is like that. */
    ANY,
};

static const char *const enums[] = {
    [OLD] = "{\"type\":\"string\",\"enum\":[\"set\",[\"eth_src\","
            "\"eth_dst\",\"ip_src\",\"ip_dst\",\"tp_src\",\"tp_dst\"]]}",
    [NEW] = "{\"type\":\"string\",\"enum\":[\"set\",[\"eth_src\","
            "\"eth_dst\",\"ip_src\",\"ip_dst\",\"ipv6_src\",\"ipv6_dst\","
            "\"tp_src\",\"tp_dst\"]]}",
    [HALF_NEW] = "{\"type\":\"string\",\"enum\":\"ipv6_src\"}",
    [ANY] = "{\"type\":\"string\"}",
};

/* Writes the installed schema with these fields to 'path'. */
static void
write_schema(const char *path, enum fields fields)
{
    static const char *const way[] = {
        "tables", "Load_Balancer", "columns", "selection_fields", "type",
    };
    struct json *schema = json_from_file(ovsdb_fixture_nb_schema());
    struct json *type = schema;

    assert_int_equal(schema->type, JSON_OBJECT);
    for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
        type = shash_find_data(json_object(type), way[i]);
        assert_non_null(type);
    }
    if (fields != STOCK) {
        json_object_put(type, "key", json_from_string(enums[fields]));
    }

    char *text = json_to_string(schema, 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(text);
    json_destroy(schema);
}

struct bench {
    char path[32];              /* Of the schema. */
    struct ovsdb_fixture *db;
    struct nb_schema *schema;
    unsigned int n_changes;     /* As nb_schema_run() told. */
    bool expected;
    struct ovsdb_idl *idl;      /* Some tests have one. */
};

static int
setup(void **state)
{
    struct bench *b = xzalloc(sizeof *b);

    ovs_strlcpy(b->path, "/tmp/nb-schema-XXXXXX", sizeof b->path);
    int fd = mkstemp(b->path);
    assert_true(fd >= 0);
    close(fd);
    *state = b;
    return 0;
}

static int
teardown(void **state)
{
    struct bench *b = *state;

    nb_schema_destroy(b->schema);
    ovsdb_idl_destroy(b->idl);
    ovsdb_fixture_destroy(b->db);
    unlink(b->path);
    free(b);
    return 0;
}

static void
start(struct bench *b, enum fields fields, bool is_clustered)
{
    write_schema(b->path, fields);
    b->db = ovsdb_fixture_create(b->path, is_clustered);
}

static void
run_wait(void *b_)
{
    struct bench *b = b_;

    nb_schema_wait(b->schema);
}

static bool
is_known(void *b_)
{
    struct bench *b = b_;

    b->n_changes += nb_schema_run(b->schema);
    return nb_schema_is_known(b->schema);
}

static bool
is_as_expected(void *b_)
{
    struct bench *b = b_;

    b->n_changes += nb_schema_run(b->schema);
    return nb_schema_has_ipv6_hash(b->schema) == b->expected;
}

/* Connects to 'remote' and expects this answer, told once. */
static void
expect(struct bench *b, const char *remote, bool has_ipv6_hash)
{
    b->schema = nb_schema_create(remote);
    assert_false(nb_schema_is_known(b->schema));
    assert_false(nb_schema_has_ipv6_hash(b->schema));
    ovsdb_fixture_wait_until(is_known, run_wait, b, "the schema");
    assert_int_equal(nb_schema_has_ipv6_hash(b->schema), has_ipv6_hash);
    assert_int_equal(b->n_changes, 1);
}

static void
test_fields(void **state)
{
    static const struct {
        enum fields fields;
        bool is_clustered;
        bool expected;
    } rows[] = {
        { OLD, false, false },
        { OLD, true, false },
        { NEW, false, true },
        { NEW, true, true },
        { HALF_NEW, false, false },
        { ANY, false, true },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct bench *b;

        setup((void **) &b);
        start(b, rows[i].fields, rows[i].is_clustered);
        expect(b, ovsdb_fixture_remote(b->db), rows[i].expected);
        teardown((void **) &b);
    }
}

static void
test_stock(void **state)
{
    struct bench *b = *state;

    start(b, STOCK, false);
    struct json *stock = json_from_file(ovsdb_fixture_nb_schema());
    char *text = json_to_string(stock, 0);
    expect(b, ovsdb_fixture_remote(b->db), strstr(text, "ipv6_src") != NULL);
    free(text);
    json_destroy(stock);
}

/* An upgrade of OVN converts the database over connections that stay. */
static void
test_conversion(void **state)
{
    struct bench *b = *state;

    start(b, OLD, false);
    expect(b, ovsdb_fixture_remote(b->db), false);

    write_schema(b->path, NEW);
    ovsdb_fixture_convert(b->db);
    b->expected = true;
    ovsdb_fixture_wait_until(is_as_expected, run_wait, b, "the new schema");
    assert_int_equal(b->n_changes, 2);

    write_schema(b->path, OLD);
    ovsdb_fixture_convert(b->db);
    b->expected = false;
    ovsdb_fixture_wait_until(is_as_expected, run_wait, b, "the old schema");
    assert_int_equal(b->n_changes, 3);
}

/* Of several servers, the first is not there and the second has another
 * database. */
static void
test_several(void **state)
{
    struct bench *b = *state;
    struct ovsdb_fixture *other
        = ovsdb_fixture_create(ovsdb_fixture_sb_schema(), false);

    start(b, NEW, true);
    char *remote = xasprintf("unix:%s/nothing,%s,%s",
                             ovsdb_fixture_directory(other),
                             ovsdb_fixture_remote(other),
                             ovsdb_fixture_remote(b->db));
    expect(b, remote, true);
    free(remote);
    ovsdb_fixture_destroy(other);
}

static bool
has_row(void *b_)
{
    struct bench *b = b_;

    ovsdb_idl_run(b->idl);
    return nbrec_load_balancer_first(b->idl) != NULL;
}

static void
has_row_wait(void *b_)
{
    struct bench *b = b_;

    ovsdb_idl_wait(b->idl);
}

/* The replica holds values that the schema of our own OVN may not know. */
static void
test_replica(void **state)
{
    struct bench *b = *state;

    start(b, NEW, false);
    json_destroy(ovsdb_fixture_transact(
        b->db, "{'op':'insert','table':'Load_Balancer','row':{"
        "'selection_fields':['set',['ipv6_dst','ipv6_src']]}}"));

    b->idl = ovsdb_idl_create(ovsdb_fixture_remote(b->db), &nbrec_idl_class,
                              false, true);
    ovsdb_idl_add_column(b->idl, &nbrec_load_balancer_col_selection_fields);
    ovsdb_fixture_wait_until(has_row, has_row_wait, b, "the row");

    const struct nbrec_load_balancer *row = nbrec_load_balancer_first(b->idl);
    assert_int_equal(row->n_selection_fields, 2);
    assert_string_equal(row->selection_fields[0], "ipv6_dst");
    assert_string_equal(row->selection_fields[1], "ipv6_src");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test_setup_teardown(test_stock, setup, teardown),
        cmocka_unit_test_setup_teardown(test_conversion, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replica, setup, teardown),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_WARN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
