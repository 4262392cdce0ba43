/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks of "doctor" that ask databases: whether each of their servers is
 * there and in its cluster, which locks are held, and what the clocks of the
 * machines said when they wrote.
 */

#include <config.h>
#include "ctl/doctor.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/json-read.h"
#include "base/ovs-compat.h"
#include "base/resolver.h"
#include "base/tls.h"
#include "ctl/context.h"
#include "ctl/rpc.h"
#include "jsonrpc.h"
#include "octavia-schema-version.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-session.h"
#include "store/store-lock.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* Two machines that keep time differ by less. */
#define CLOCK_TOLERANCE_MS 2000

struct doctor_db {
    const char *name;
    const char *remote;         /* All its servers. */
    const char *schema;         /* The version that we know, or NULL. */

    struct svec away;           /* What is wrong with servers. */
    size_t n_answer, n_serve;
    char *cid;                  /* The cluster's id, or NULL. */
    bool is_apart;
    struct jsonrpc *leader;     /* A connection to it, or NULL. */
};

/* --- One server ---------------------------------------------------------- */

/* Returns the rows that a query of one operation gives, as an element of
 * '*ret_reply', which the caller frees; or NULL. */
static const struct json *
db_select(struct jsonrpc *rpc, const char *query, long long int deadline_ms,
          struct jsonrpc_msg **ret_reply)
{
    struct json *params = json_from_string(query);

    *ret_reply = NULL;
    if (rpc_call(rpc, jsonrpc_create_request("transact", params, NULL),
                 deadline_ms, ret_reply)
        || (*ret_reply)->type != JSONRPC_REPLY
        || (*ret_reply)->result->type != JSON_ARRAY
        || !json_array_size((*ret_reply)->result)) {
        return NULL;
    }

    const struct json *rows
        = json_member(json_array_at((*ret_reply)->result, 0), "rows");
    return rows && rows->type == JSON_ARRAY ? rows : NULL;
}

static bool
db_row_is_true(const struct json *row, const char *column)
{
    const struct json *value = json_member(row, column);

    return value && value->type == JSON_TRUE;
}

/* Returns the version in a row of _Server's table Database, "?" if there is
 * none.  The caller frees it. */
static char *
db_row_version(const struct json *row)
{
    const char *text = json_member_string(row, "schema");
    struct json *schema = text ? json_from_string(text) : NULL;
    const char *version = json_member_string(schema, "version");
    char *copy = xstrdup(version ? version : "?");

    json_destroy(schema);
    return copy;
}

static void
db_compare_version(struct doctor *doctor, const struct doctor_db *db,
                   const char *version)
{
    if (db->schema && strcmp(version, db->schema)) {
        bool is_old = strverscmp(version, db->schema) < 0;

        doctor_say(doctor, is_old ? DOCTOR_DB_OLD : DOCTOR_DB_NEW,
                   "%s is %s, and this program knows %s", db->name, version,
                   db->schema);
    }
}

/* Takes 'rpc' over. */
static void
db_take_row(struct doctor *doctor, struct doctor_db *db, const char *what,
            const struct json *row, struct jsonrpc *rpc)
{
    const char *model = json_member_string(row, "model");
    bool is_clustered = model && !strcmp(model, "clustered");
    bool leads = db_row_is_true(row, "leader");
    char *cid = json_to_string(json_member(row, "cid"), 0);
    char *version = db_row_version(row);

    db->n_answer++;
    if (!db_row_is_true(row, "connected")) {
        doctor_say(doctor, DOCTOR_DB_UNSYNCED, "%s", what);
    } else {
        db->n_serve++;
        doctor_say(doctor, DOCTOR_DB_SERVES, "%s %s, schema %s", what,
                   !is_clustered ? "serves alone"
                   : leads ? "leads its cluster" : "follows", version);
    }
    db->is_apart |= db->cid && strcmp(db->cid, cid);
    if (!db->cid) {
        db->cid = xstrdup(cid);
    }
    if (leads && !db->leader) {
        db->leader = rpc;
        db_compare_version(doctor, db, version);
    } else {
        jsonrpc_close(rpc);
    }
    free(version);
    free(cid);
}

static void
db_ask_server(struct doctor *doctor, struct doctor_db *db, const char *what,
              struct jsonrpc *rpc)
{
    char *query = xasprintf(
        "[\"_Server\", {\"op\": \"select\", \"table\": \"Database\", "
        "\"where\": [[\"name\", \"==\", \"%s\"]]}]", db->name);
    struct jsonrpc_msg *reply;
    const struct json *rows = db_select(rpc, query,
                                        doctor_deadline_ms(doctor), &reply);

    if (rows && json_array_size(rows)) {
        db_take_row(doctor, db, what, json_array_at(rows, 0), rpc);
    } else {
        svec_add_nocopy(&db->away, xasprintf(
            "%s %s", what, rows ? "does not have this database"
            : "does not answer"));
        jsonrpc_close(rpc);
    }
    jsonrpc_msg_destroy(reply);
    free(query);
}

static void
db_look_at(struct doctor *doctor, struct doctor_db *db, const char *remote,
           const char *host, const char *address)
{
    struct jsonrpc *rpc;
    char *what = xasprintf("%s at %s%s%s%s", db->name, remote,
                           address ? " (" : "", address ? address : "",
                           address ? ")" : "");

    tls_use(db->name);
    if (address) {
        resolver_pin(host, address);
    }
    int error = rpc_open(remote, doctor_deadline_ms(doctor), &rpc);
    resolver_unpin();
    if (error) {
        svec_add_nocopy(&db->away, xasprintf("%s: %s", what,
                                             ovs_strerror(error)));
    } else {
        db_ask_server(doctor, db, what, rpc);
    }
    free(what);
}

static void
db_wait_for_name(const struct doctor *doctor, const char *host)
{
    long long int deadline_ms = doctor_deadline_ms(doctor);

    while (resolver_ask(host) != RESOLVER_GOOD && time_msec() < deadline_ms) {
        resolver_run();
        resolver_wait();
        poll_timer_wait_until(deadline_ms);
        poll_block();
    }
}

/* Looks at all that a connection method stands for. */
static void
db_look(struct doctor *doctor, struct doctor_db *db, const char *remote)
{
    char *host = resolver_host_of(remote);

    if (!host) {
        db_look_at(doctor, db, remote, NULL, NULL);
        return;
    }
    db_wait_for_name(doctor, host);

    struct svec addresses = SVEC_EMPTY_INITIALIZER;
    const struct svec *found = resolver_addresses(host);
    const char *address;
    size_t i;

    if (found) {
        svec_clone(&addresses, found);
    } else {
        svec_add_nocopy(&db->away, xasprintf("%s at %s: %s", db->name, remote,
                                             resolver_error(host)));
    }
    SVEC_FOR_EACH (i, address, &addresses) {
        db_look_at(doctor, db, remote, host, address);
    }
    svec_destroy(&addresses);
    free(host);
}

/* --- One database -------------------------------------------------------- */

static void
db_check(struct doctor *doctor, struct doctor_db *db)
{
    struct svec remotes = SVEC_EMPTY_INITIALIZER;
    struct uuid cid;
    const char *text;
    size_t i;

    ovsdb_session_parse_remote(db->remote, &remotes, &cid);
    SVEC_FOR_EACH (i, text, &remotes) {
        db_look(doctor, db, text);
        if (!strncmp(text, "unix:", 5)) {
            doctor_check_socket_mode(doctor, text + 5);
        }
    }
    svec_destroy(&remotes);
    SVEC_FOR_EACH (i, text, &db->away) {
        doctor_say(doctor, db->n_serve ? DOCTOR_DB_SERVER_AWAY
                   : DOCTOR_DB_AWAY, "%s", text);
    }
    if (db->is_apart) {
        doctor_say(doctor, DOCTOR_DB_APART, "%s", db->name);
    } else if (db->n_answer && !db->leader) {
        doctor_say(doctor, DOCTOR_DB_LEADERLESS, "%s", db->name);
    }
}

static void
db_uninit(struct doctor_db *db)
{
    svec_destroy(&db->away);
    free(db->cid);
    jsonrpc_close(db->leader);
}

/* --- Locks --------------------------------------------------------------- */

static bool
db_call_lock(struct jsonrpc *rpc, const char *method, const char *lock,
             long long int deadline_ms, bool *ret_is_ours)
{
    struct json *params = json_array_create_1(json_string_create(lock));
    struct jsonrpc_msg *reply;

    if (rpc_call(rpc, jsonrpc_create_request(method, params, NULL),
                 deadline_ms, &reply)) {
        return false;
    }
    *ret_is_ours = db_row_is_true(reply->result, "locked");
    jsonrpc_msg_destroy(reply);
    return true;
}

/* True if a client of the server holds the lock.  The only way to tell is to
 * ask for it; one that is free is given back at once. */
static bool
db_lock_is_held(const struct doctor *doctor, const struct doctor_db *db,
                const char *lock)
{
    long long int deadline_ms = doctor_deadline_ms(doctor);
    bool is_ours, ignored;

    return (db_call_lock(db->leader, "lock", lock, deadline_ms, &is_ours)
            && db_call_lock(db->leader, "unlock", lock, deadline_ms, &ignored)
            && !is_ours);
}

static void
check_own_locks(struct doctor *doctor, const struct doctor_db *db)
{
    doctor_say(doctor, db_lock_is_held(doctor, db, STORE_LOCK_DRIVER)
               ? DOCTOR_DRIVER_ACTIVE : DOCTOR_DRIVER_NONE, "%s", "");
    if (doctor->conf) {
        doctor_say(doctor, db_lock_is_held(doctor, db, STORE_LOCK_AGENT)
                   ? DOCTOR_AGENT_ACTIVE : DOCTOR_AGENT_NONE, "%s", "");
    }
}

static void
check_provider_lock(struct doctor *doctor, const struct doctor_db *db)
{
    if (db_lock_is_held(doctor, db, "neutron_ovn_octavia_event_lock")) {
        doctor_say(doctor, DOCTOR_PROVIDER_ACTIVE, "%s", db->name);
    }
}

/* --- Clocks -------------------------------------------------------------- */

struct doctor_clock {
    char *whose;                /* The clock that is furthest away. */
    long long int ahead_ms;     /* By so much. */
};

static void
clock_take(struct doctor_clock *clock, long long int ahead_ms,
           const char *whose, const char *name)
{
    if (ahead_ms > clock->ahead_ms) {
        clock->ahead_ms = ahead_ms;
        free(clock->whose);
        clock->whose = xasprintf("%s%s", whose, name);
    }
}

static long long int
db_row_integer(const struct json *row, const char *column)
{
    const struct json *value = json_member(row, column);

    return value && value->type == JSON_INTEGER ? value->integer : 0;
}

/* What was written lies in the past, unless the writer's clock is ahead of
 * ours. */
static void
clock_look_at(struct doctor *doctor, struct doctor_clock *clock,
              const struct doctor_db *db, const char *query,
              const char *const columns[][2])
{
    struct jsonrpc_msg *reply;
    const struct json *rows = db_select(db->leader, query,
                                        doctor_deadline_ms(doctor), &reply);
    size_t n = rows ? json_array_size(rows) : 0;

    for (size_t i = 0; i < n; i++) {
        const struct json *row = json_array_at(rows, i);

        for (size_t j = 0; columns[j][0]; j++) {
            const char *name = json_member_string(row, "name");

            clock_take(clock, db_row_integer(row, columns[j][0])
                       - time_wall_msec(), columns[j][1], name ? name : "");
        }
    }
    jsonrpc_msg_destroy(reply);
}

static void
check_clocks(struct doctor *doctor, const struct doctor_db *nb,
             const struct doctor_db *sb)
{
    static const char *const nb_columns[][2] = {
        { "nb_cfg_timestamp", "Neutron" },
        { "sb_cfg_timestamp", "ovn-northd" },
        { NULL, NULL },
    };
    static const char *const sb_columns[][2] = {
        { "nb_cfg_timestamp", "chassis " }, { NULL, NULL },
    };
    struct doctor_clock clock = { .ahead_ms = 0 };

    if (nb->leader) {
        clock_look_at(doctor, &clock, nb, "[\"OVN_Northbound\", "
                      "{\"op\": \"select\", \"table\": \"NB_Global\", "
                      "\"where\": [], \"columns\": [\"nb_cfg_timestamp\", "
                      "\"sb_cfg_timestamp\"]}]", nb_columns);
    }
    if (sb->leader) {
        clock_look_at(doctor, &clock, sb, "[\"OVN_Southbound\", "
                      "{\"op\": \"select\", \"table\": \"Chassis_Private\", "
                      "\"where\": [], \"columns\": [\"name\", "
                      "\"nb_cfg_timestamp\"]}]", sb_columns);
    }
    if (clock.ahead_ms > CLOCK_TOLERANCE_MS) {
        doctor_say(doctor, DOCTOR_CLOCK_DIFFERS, "the clock of %s is %lld s "
                   "ahead of this machine's", clock.whose,
                   clock.ahead_ms / 1000);
    } else if (nb->leader && sb->leader) {
        doctor_say(doctor, DOCTOR_CLOCK_GOOD,
                   "no clock is ahead of this machine's");
    }
    free(clock.whose);
}

void
doctor_check_databases(struct doctor *doctor)
{
    struct doctor_db octavia = {
        .name = "OVN_Octavia", .remote = doctor->ctx->db,
        .schema = OVN_OCTAVIA_SCHEMA_VERSION,
    };
    struct doctor_db nb = {
        .name = "OVN_Northbound", .remote = doctor->ctx->nb_db
    };
    struct doctor_db sb = {
        .name = "OVN_Southbound", .remote = doctor->ctx->sb_db
    };

    db_check(doctor, &octavia);
    db_check(doctor, &nb);
    db_check(doctor, &sb);
    if (octavia.leader) {
        check_own_locks(doctor, &octavia);
    }
    if (nb.leader) {
        check_provider_lock(doctor, &nb);
    }
    if (sb.leader) {
        check_provider_lock(doctor, &sb);
    }
    check_clocks(doctor, &nb, &sb);
    db_uninit(&octavia);
    db_uninit(&nb);
    db_uninit(&sb);
}
