/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of health probes out of a real Southbound database: what is found,
 * and which addresses are reported.
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
#include "base/ip-set.h"
#include "base/ip.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "ovn/db/sb.h"
#include "ovsdb-fixture.h"
#include "svec.h"
#include "util.h"

/* How to know that the replica has seen a change: each step also writes the
 * result of this probe, from one state to the other. */
#define MARK_IP "192.0.2.1"
#define OP_MARK(STATUS)                                                 \
    "{'op':'update','table':'Service_Monitor',"                         \
    "'where':[['ip','==','" MARK_IP "']],'row':{'status':'" STATUS "'}}"

#define ROW(IP, PORT, LOGICAL_PORT, COLUMNS)                            \
    "{'op':'insert','table':'Service_Monitor','row':{'ip':'" IP "',"    \
    "'port':" PORT ",'logical_port':'" LOGICAL_PORT "'" COLUMNS "}}"
#define TCP(STATUS) ",'protocol':'tcp','status':'" STATUS "'"
#define UDP(STATUS) ",'protocol':'udp','status':'" STATUS "'"
#define WHERE(OP, IP)                                                   \
    "{'op':'" OP "','table':'Service_Monitor',"                         \
    "'where':[['ip','==','" IP "']]"
#define UPDATE(IP, COLUMNS) WHERE("update", IP) ",'row':{" COLUMNS "}}"
#define DELETE(IP) WHERE("delete", IP) "}"

struct question {
    const char *protocol;
    const char *ip;
    uint16_t port;
    const char *logical_port;
    enum member_health expected;
};

struct step {
    const char *title;
    const char *ops;
    const char *addresses;      /* Reported as changed. */
    struct question questions[6];
};

static const struct step steps[] = {
    {
        "no row, no result",
        ROW("10.0.0.9", "80", "other", ""),
        "",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_UNKNOWN } },
    }, {
        "a row without a result is no news",
        ROW("10.0.0.1", "80", "vm", ",'protocol':'tcp'"),
        "",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_UNKNOWN } },
    }, {
        "a result is for its protocol, address, port and logical port only",
        UPDATE("10.0.0.1", "'status':'online'"),
        "10.0.0.1",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_ONLINE },
          { "udp", "10.0.0.1", 80, "vm", HEALTH_UNKNOWN },
          { "tcp", "10.0.0.10", 80, "vm", HEALTH_UNKNOWN },
          { "tcp", "10.0.0.1", 8080, "vm", HEALTH_UNKNOWN },
          { "tcp", "10.0.0.1", 80, "vm1", HEALTH_UNKNOWN } },
    }, {
        "the same address and port of another logical port is another probe",
        ROW("10.0.0.1", "80", "vm1", TCP("offline")),
        "10.0.0.1",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_ONLINE },
          { "tcp", "10.0.0.1", 80, "vm1", HEALTH_ERROR } },
    }, {
        "so is that of another protocol; no protocol is TCP",
        ROW("10.0.0.1", "80", "vm", UDP("error")) ","
        ROW("10.0.0.2", "80", "vm", ",'status':'online'"),
        "10.0.0.1 10.0.0.2",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_ONLINE },
          { "udp", "10.0.0.1", 80, "vm", HEALTH_ERROR },
          { "tcp", "10.0.0.2", 80, "vm", HEALTH_ONLINE } },
    }, {
        "no answer and no way to ask are one thing to us",
        UPDATE("10.0.0.1", "'status':'offline'"),
        "10.0.0.1",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_ERROR },
          { "udp", "10.0.0.1", 80, "vm", HEALTH_ERROR } },
    }, {
        "and a change between them is no news",
        UPDATE("10.0.0.1", "'status':'error'"),
        "",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_ERROR } },
    }, {
        "a result that is taken back is news",
        UPDATE("10.0.0.2", "'status':['set',[]]"),
        "10.0.0.2",
        { { "tcp", "10.0.0.2", 80, "vm", HEALTH_UNKNOWN } },
    }, {
        "rows that go are, too",
        DELETE("10.0.0.1") "," DELETE("10.0.0.2"),
        "10.0.0.1",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_UNKNOWN },
          { "tcp", "10.0.0.1", 80, "vm1", HEALTH_UNKNOWN } },
    }, {
        "IPv6, in any spelling, with brackets or without",
        ROW("fd00::1", "80", "vm", TCP("online")) ","
        ROW("[fd00::2]", "80", "vm", UDP("offline")) ","
        ROW("fd00:0:0::3", "80", "vm", TCP("online")),
        "fd00::1 fd00::2 fd00::3",
        { { "tcp", "fd00::1", 80, "vm", HEALTH_ONLINE },
          { "udp", "fd00::2", 80, "vm", HEALTH_ERROR },
          { "tcp", "fd00::3", 80, "vm", HEALTH_ONLINE } },
    }, {
        "of two spellings of one target, the bad news counts",
        ROW("[fd00::1]", "80", "vm", TCP("offline")),
        "fd00::1",
        { { "tcp", "fd00::1", 80, "vm", HEALTH_ERROR } },
    }, {
        "until it goes",
        DELETE("[fd00::1]"),
        "fd00::1",
        { { "tcp", "fd00::1", 80, "vm", HEALTH_ONLINE } },
    }, {
        "and any news counts more than none",
        ROW("[fd00::1]", "80", "vm", ",'protocol':'tcp'"),
        "",
        { { "tcp", "fd00::1", 80, "vm", HEALTH_ONLINE } },
    }, {
        "what is no address is ignored, and so is an empty row",
        ROW("", "0", "vm", TCP("online")) ","
        ROW("[]", "80", "vm", TCP("online")) ","
        ROW("[", "80", "vm", TCP("online")) ","
        ROW("[10.0.0.3]", "80", "vm", TCP("online")) ","
        ROW("10.0.0.3/32", "80", "vm", TCP("online")) ","
        ROW("rubbish", "80", "vm", TCP("online")) ","
        "{'op':'insert','table':'Service_Monitor','row':{}}",
        "",
        { { "tcp", "10.0.0.3", 80, "vm", HEALTH_UNKNOWN } },
    }, {
        "until it becomes one",
        UPDATE("rubbish", "'ip':'10.0.0.3'"),
        "10.0.0.3",
        { { "tcp", "10.0.0.3", 80, "vm", HEALTH_ONLINE } },
    }, {
        "a row that gets another address reports both",
        UPDATE("10.0.0.3", "'ip':'10.0.0.4'"),
        "10.0.0.3 10.0.0.4",
        { { "tcp", "10.0.0.3", 80, "vm", HEALTH_UNKNOWN },
          { "tcp", "10.0.0.4", 80, "vm", HEALTH_ONLINE } },
    }, {
        "and one that loses it, the old one",
        UPDATE("10.0.0.4", "'ip':'rubbish'"),
        "10.0.0.4",
        { { "tcp", "10.0.0.4", 80, "vm", HEALTH_UNKNOWN } },
    },
    { .title = NULL },
};

#define OF(TYPE) ",'type':'" TYPE "'"
#define SLOW ",'options':['map',[['interval','600'],['timeout','600']]]"

/* With the schema of 26.03 and later.  A row that is there from the start is
 * the mark's. */
static const struct step typed_steps[] = {
    {
        "another's check is not ours, whatever it probes",
        ROW("10.0.0.1", "0", "vm", ",'protocol':'icmp','status':'offline'"
            OF("network-function")) ","
        ROW("10.0.0.1", "80", "vm", ",'protocol':'icmp','status':'offline'"
            OF("logical-switch-port")) ","
        ROW("10.0.0.1", "80", "vm", TCP("error") OF("network-function")) ","
        ROW("10.0.0.1", "81", "vm", TCP("error") OF("of-the-future")),
        "",
        { { "tcp", "10.0.0.1", 80, "vm", HEALTH_UNKNOWN },
          { "tcp", "10.0.0.1", 81, "vm", HEALTH_UNKNOWN },
          { "tcp", "10.0.0.1", 0, "vm", HEALTH_UNKNOWN } },
    }, {
        "one of the same target, through which OVN serves us, counts",
        ROW("fd00::2", "80", "vm", TCP("error") OF("logical-switch-port")),
        "fd00::2",
        { { "tcp", "fd00::2", 80, "vm", HEALTH_ERROR } },
    }, {
        "unless load balancers have one of their own",
        ROW("[fd00::2]", "80", "vm", TCP("online") OF("load-balancer")),
        "fd00::2",
        { { "tcp", "fd00::2", 80, "vm", HEALTH_ONLINE } },
    }, {
        "a row that begins with offline has not been probed",
        ROW("10.0.0.3", "80", "vm", TCP("offline") OF("load-balancer") SLOW),
        "",
        { { "tcp", "10.0.0.3", 80, "vm", HEALTH_UNKNOWN } },
    }, {
        "nor when its chassis is known",
        UPDATE("10.0.0.3", "'chassis_name':'c1'"),
        "",
        { { "tcp", "10.0.0.3", 80, "vm", HEALTH_UNKNOWN } },
    }, {
        "a first result is one",
        UPDATE("10.0.0.3", "'status':'online'"),
        "10.0.0.3",
        { { "tcp", "10.0.0.3", 80, "vm", HEALTH_ONLINE } },
    }, {
        "and so is each that comes after",
        UPDATE("10.0.0.3", "'status':'offline'"),
        "10.0.0.3",
        { { "tcp", "10.0.0.3", 80, "vm", HEALTH_ERROR } },
    },
    { .title = NULL },
};

struct bench {
    char path[32];              /* Of the schema. */
    struct ovsdb_fixture *db;
    struct sb *sb;
    struct ip_set changed;      /* Since the last sync. */
    bool is_marked;             /* The result of the mark to wait for. */
};

static enum member_health
ask(const struct bench *b, const struct question *q)
{
    struct in6_addr ip;

    assert_true(ip_parse_any(q->ip, &ip));
    return sb_health(b->sb, q->protocol, &ip, q->port, q->logical_port);
}

static bool
follow(void *b_)
{
    static const struct question mark = { "tcp", MARK_IP, 1, "mark", 0 };
    struct bench *b = b_;
    size_t n;

    sb_run(b->sb);
    const struct in6_addr *ips = sb_changed_addresses(b->sb, &n);
    for (size_t i = 0; i < n; i++) {
        ip_set_add(&b->changed, &ips[i]);
    }
    return ask(b, &mark) == (b->is_marked ? HEALTH_ONLINE : HEALTH_ERROR);
}

static void
follow_wait(void *b_)
{
    struct bench *b = b_;

    sb_wait(b->sb);
}

static void
sync_bench(struct bench *b)
{
    ip_set_clear(&b->changed);
    ovsdb_fixture_wait_until(follow, follow_wait, b, "the probes to follow");
    assert_true(sb_is_ready(b->sb));
}

/* 'ops' and a change of the mark.  The caller frees it. */
static char *
with_mark(struct bench *b, const char *ops)
{
    b->is_marked = !b->is_marked;
    return xasprintf("%s,%s", ops, (b->is_marked ? OP_MARK("online")
                                    : OP_MARK("offline")));
}

static void
apply(struct bench *b, const char *ops)
{
    char *all = with_mark(b, ops);

    json_destroy(ovsdb_fixture_transact(b->db, all));
    free(all);
    sync_bench(b);
}

/* The addresses, without the mark's, sorted as text. */
static void
expect_changed(const struct bench *b, const char *expected)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct in6_addr *ips = ip_set_array(&b->changed);

    for (size_t i = 0; i < ip_set_count(&b->changed); i++) {
        char *ip = ip_format_any(&ips[i]);
        if (strcmp(ip, MARK_IP)) {
            svec_add(&lines, ip);
        }
        free(ip);
    }
    svec_sort(&lines);
    char *actual = svec_join(&lines, " ", "");
    assert_string_equal(actual, expected);
    free(actual);
    svec_destroy(&lines);
    free(ips);
}

/* What 26.03 has added. */
static void
add_types(struct json *schema)
{
    static const char *const way[] = {
        "tables", "Service_Monitor", "columns",
    };
    struct json *columns = schema;

    for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
        columns = shash_find_data(json_object(columns), way[i]);
        assert_non_null(columns);
    }
    json_object_put(columns, "protocol", json_from_string(
        "{\"type\":{\"key\":{\"type\":\"string\",\"enum\":[\"set\","
        "[\"tcp\",\"udp\",\"icmp\"]]},\"min\":0,\"max\":1}}"));
    json_object_put(columns, "chassis_name",
                    json_from_string("{\"type\":\"string\"}"));
    json_object_put(columns, "type", json_from_string(
        "{\"type\":{\"key\":\"string\",\"min\":0,\"max\":1}}"));
}

/* Writes the installed schema to the bench's file. */
static void
write_schema(const struct bench *b, bool is_typed)
{
    struct json *schema = json_from_file(ovsdb_fixture_sb_schema());

    if (is_typed) {
        add_types(schema);
    }
    char *text = json_to_string(schema, 0);
    FILE *file = fopen(b->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(text);
    json_destroy(schema);
}

static int
start(void **state, bool is_typed)
{
    struct bench *b = xzalloc(sizeof *b);

    ovs_strlcpy(b->path, "/tmp/sb-schema-XXXXXX", sizeof b->path);
    int fd = mkstemp(b->path);
    assert_true(fd >= 0);
    close(fd);
    write_schema(b, is_typed);
    b->db = ovsdb_fixture_create(b->path, false);
    b->sb = sb_create(ovsdb_fixture_remote(b->db));
    ip_set_init(&b->changed);
    assert_false(sb_is_ready(b->sb));
    b->is_marked = true;
    json_destroy(ovsdb_fixture_transact(
        b->db, ROW(MARK_IP, "1", "mark", TCP("online"))));
    sync_bench(b);
    *state = b;
    return 0;
}

static int
setup(void **state)
{
    return start(state, false);
}

static int
setup_typed(void **state)
{
    return start(state, true);
}

static int
teardown(void **state)
{
    struct bench *b = *state;

    sb_destroy(b->sb);
    ovsdb_fixture_destroy(b->db);
    ip_set_destroy(&b->changed);
    unlink(b->path);
    free(b);
    return 0;
}

static void
take_steps(struct bench *b, const struct step *step)
{
    for (; step->title; step++) {
        print_message("%s\n", step->title);
        apply(b, step->ops);
        expect_changed(b, step->addresses);
        for (const struct question *q = step->questions; q->protocol; q++) {
            assert_int_equal(ask(b, q), q->expected);
        }
    }
}

static void
test_steps(void **state)
{
    take_steps(*state, steps);
}

static void
test_typed_steps(void **state)
{
    take_steps(*state, typed_steps);
}

static bool
has_failed(void *b_)
{
    static const struct question fresh = { "tcp", "10.0.0.1", 80, "vm", 0 };
    struct bench *b = b_;

    sb_run(b->sb);
    return ask(b, &fresh) == HEALTH_ERROR;
}

/* A row that stays as it begins has failed when it must have been probed. */
static void
test_start_value_ends(void **state)
{
    static const struct question fresh = { "tcp", "10.0.0.1", 80, "vm", 0 };
    struct bench *b = *state;

    apply(b, ROW("10.0.0.1", "80", "vm", TCP("offline") OF("load-balancer")
                 ",'options':['map',[['interval','1'],['timeout','1']]]"));
    assert_int_equal(ask(b, &fresh), HEALTH_UNKNOWN);
    ovsdb_fixture_wait_until(has_failed, follow_wait, b,
                             "the start value to be a result");
    size_t n;
    sb_changed_addresses(b->sb, &n);
    assert_int_equal(n, 1);
}

/* A row that was there before we looked says what it says. */
static void
test_start_value_before(void **state)
{
    static const struct question old = { "tcp", "10.0.0.1", 80, "vm", 0 };
    struct bench *b = *state;

    apply(b, ROW("10.0.0.1", "80", "vm",
                 TCP("offline") OF("load-balancer") SLOW));
    sb_destroy(b->sb);
    b->sb = sb_create(ovsdb_fixture_remote(b->db));
    sync_bench(b);
    assert_int_equal(ask(b, &old), HEALTH_ERROR);
}

/* An upgrade of OVN brings the types: from the next connection on they are
 * read (an IDL that keeps its connection over the conversion may not learn of
 * them), and what was known is known. */
static void
test_upgrade(void **state)
{
    static const struct question known = { "tcp", "10.0.0.1", 80, "vm", 0 };
    struct bench *b = *state;

    apply(b, ROW("10.0.0.1", "80", "vm", TCP("offline")));
    write_schema(b, true);
    ovsdb_fixture_convert(b->db);
    ovsdb_fixture_stop(b->db);
    ovsdb_fixture_start(b->db);
    apply(b, ROW("10.0.0.2", "80", "vm", TCP("error") OF("network-function")));
    expect_changed(b, "");
    assert_int_equal(ask(b, &known), HEALTH_ERROR);
}

/* Each run reports its own news. */
static void
test_report_ends(void **state)
{
    struct bench *b = *state;
    size_t n;

    apply(b, ROW("10.0.0.1", "80", "vm", TCP("online")));
    sb_run(b->sb);
    sb_changed_addresses(b->sb, &n);
    assert_int_equal(n, 0);
}

/* A server without history makes the IDL load everything anew: what is gone
 * is reported, what stayed is not. */
static void
test_reload(void **state)
{
    static const struct question gone = {
        "tcp", "10.0.0.1", 80, "vm", HEALTH_UNKNOWN,
    };
    static const struct question stayed = {
        "tcp", "10.0.0.2", 80, "vm", HEALTH_ONLINE,
    };
    struct bench *b = *state;

    apply(b, ROW("10.0.0.1", "80", "vm", TCP("online")) ","
          ROW("10.0.0.2", "80", "vm", TCP("online")) ","
          ROW("10.0.0.3", "80", "vm", TCP("online")));
    expect_changed(b, "10.0.0.1 10.0.0.2 10.0.0.3");

    ovsdb_fixture_stop(b->db);
    char *ops = with_mark(b, DELETE("10.0.0.1") ","
                          UPDATE("10.0.0.3", "'status':'offline'") ","
                          ROW("10.0.0.4", "80", "vm", TCP("online")));
    ovsdb_fixture_transact_offline(b->db, ops);
    free(ops);
    ovsdb_fixture_start(b->db);
    sync_bench(b);
    expect_changed(b, "10.0.0.1 10.0.0.3 10.0.0.4");
    assert_int_equal(ask(b, &gone), gone.expected);
    assert_int_equal(ask(b, &stayed), stayed.expected);
}

static bool
is_lost(void *b_)
{
    struct bench *b = b_;

    sb_run(b->sb);
    return !sb_is_ready(b->sb);
}

/* While the database is away, the last results stay. */
static void
test_outage(void **state)
{
    static const struct question last = {
        "tcp", "10.0.0.1", 80, "vm", HEALTH_ONLINE,
    };
    struct bench *b = *state;

    apply(b, ROW("10.0.0.1", "80", "vm", TCP("online")));
    ovsdb_fixture_stop(b->db);
    ovsdb_fixture_wait_until(is_lost, follow_wait, b,
                             "the connection to be lost");
    assert_int_equal(ask(b, &last), last.expected);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_typed_steps, setup_typed,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_start_value_ends, setup_typed,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_start_value_before, setup_typed,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_upgrade, setup, teardown),
        cmocka_unit_test_setup_teardown(test_report_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reload, setup, teardown),
        cmocka_unit_test_setup_teardown(test_outage, setup, teardown),
    };

    /* The connection that is lost on purpose is logged as a warning. */
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_ERR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
