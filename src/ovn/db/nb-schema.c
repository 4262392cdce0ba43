/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what the Northbound schema allows; see nb-schema.h.
 *
 * Asks "get_schema" once on each connection.  This is enough: a server whose
 * database is converted to another schema hangs up on all clients that did not
 * say that they know about conversions, and this one does not say so.  An IDL
 * on the database _Server, which holds the schemas, too, cannot be had: it
 * monitors _Server for itself, and the server refuses the second monitor of
 * the same name.
 */

#include <config.h>
#include "ovn/db/nb-schema.h"
#include <limits.h>
#include <stdlib.h>
#include "base/json-read.h"
#include "base/resolver.h"
#include "base/tls.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-error.h"
#include "ovsdb-session.h"
#include "ovsdb-types.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(nb_schema);

#define DATABASE "OVN_Northbound"

struct nb_schema {
    struct svec remotes;
    struct jsonrpc_session *session;    /* NULL: not opened yet. */
    unsigned int seqno;         /* The connection of the question. */
    struct json *request_id;    /* The question's, or NULL. */
    bool is_known;
    bool has_ipv6_hash;
};

struct nb_schema *
nb_schema_create(const char *remote)
{
    struct nb_schema *ns = xzalloc(sizeof *ns);
    struct uuid cid;

    svec_init(&ns->remotes);
    ovsdb_session_parse_remote(remote, &ns->remotes, &cid);
    ns->seqno = UINT_MAX;
    return ns;
}

void
nb_schema_destroy(struct nb_schema *ns)
{
    if (ns) {
        jsonrpc_session_close(ns->session);
        svec_destroy(&ns->remotes);
        json_destroy(ns->request_id);
        free(ns);
    }
}

bool
nb_schema_is_known(const struct nb_schema *ns)
{
    return ns->is_known;
}

bool
nb_schema_has_ipv6_hash(const struct nb_schema *ns)
{
    return ns->has_ipv6_hash;
}

/* Asks, if there is a connection on which that was not done yet. */
static void
nb_schema_ask(struct nb_schema *ns)
{
    unsigned int seqno = jsonrpc_session_get_seqno(ns->session);

    if (seqno == ns->seqno || !jsonrpc_session_is_connected(ns->session)) {
        return;
    }
    ns->seqno = seqno;

    struct json *params = json_array_create_1(json_string_create(DATABASE));
    json_destroy(ns->request_id);
    /* A failure to send ends the connection, and the next one asks again. */
    jsonrpc_session_send(ns->session,
                         jsonrpc_create_request("get_schema", params,
                                                &ns->request_id));
}

/* True if a column of a set of strings may hold 'value'. */
static bool
may_hold(const struct json *schema, const char *table, const char *column,
         const char *value)
{
    const struct json *json = json_member(json_member(schema, "tables"),
                                          table);
    struct ovsdb_type type;

    json = json_member(json_member(json_member(json, "columns"), column),
                       "type");
    if (!json) {
        return false;
    }

    struct ovsdb_error *error = ovsdb_type_from_json(&type, json);
    if (error) {
        ovsdb_error_destroy(error);
        return false;
    }

    struct json *string = json_string_create(value);
    const union ovsdb_atom atom = { .s = string };
    bool ok = (type.key.type == OVSDB_TYPE_STRING
               && (!type.key.enum_
                   || ovsdb_datum_find_key(type.key.enum_, &atom,
                                           OVSDB_TYPE_STRING, NULL)));
    json_destroy(string);
    ovsdb_type_destroy(&type);
    return ok;
}

static bool
read_schema(struct nb_schema *ns, const struct json *schema)
{
    bool has_ipv6_hash = (may_hold(schema, "Load_Balancer",
                                   "selection_fields", "ipv6_src")
                          && may_hold(schema, "Load_Balancer",
                                      "selection_fields", "ipv6_dst"));
    bool changed = !ns->is_known || has_ipv6_hash != ns->has_ipv6_hash;

    ns->is_known = true;
    ns->has_ipv6_hash = has_ipv6_hash;
    return changed;
}

/* The server does not have the database, or has not joined its cluster yet.
 * Another one may do better, or the same one later. */
static void
try_elsewhere(struct nb_schema *ns)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    VLOG_INFO_RL(&rl, "%s does not tell the schema of " DATABASE,
                 jsonrpc_session_get_name(ns->session));
    jsonrpc_session_force_reconnect(ns->session);
}

static bool
read_message(struct nb_schema *ns, const struct jsonrpc_msg *msg)
{
    if (!msg->id || !ns->request_id || !json_equal(msg->id, ns->request_id)) {
        return false;
    }
    json_destroy(ns->request_id);
    ns->request_id = NULL;

    if (msg->type != JSONRPC_REPLY) {
        try_elsewhere(ns);
        return false;
    }
    return read_schema(ns, msg->result);
}

/* True if the address of a server is known.  A session that tries before has
 * to wait for its back-off. */
static bool
nb_schema_may_open(const struct nb_schema *ns)
{
    bool may_open = false;

    for (size_t i = 0; !may_open && i < ns->remotes.n; i++) {
        char *host = resolver_host_of(ns->remotes.names[i]);

        if (host) {
            resolver_ask(host);
        }
        may_open = !host || resolver_addresses(host);
        free(host);
    }
    return may_open;
}

bool
nb_schema_run(struct nb_schema *ns)
{
    struct jsonrpc_msg *msg;
    bool changed = false;

    resolver_run();
    if (!ns->session) {
        if (!nb_schema_may_open(ns)) {
            return false;
        }
        ns->session = jsonrpc_session_open_multiple(&ns->remotes, true);
    }
    if (!jsonrpc_session_is_connected(ns->session)) {
        tls_use(DATABASE);
    }
    jsonrpc_session_run(ns->session);
    nb_schema_ask(ns);
    while ((msg = jsonrpc_session_recv(ns->session)) != NULL) {
        changed |= read_message(ns, msg);
        jsonrpc_msg_destroy(msg);
    }
    return changed;
}

void
nb_schema_wait(const struct nb_schema *ns)
{
    resolver_wait();
    if (ns->session) {
        jsonrpc_session_wait(ns->session);
        jsonrpc_session_recv_wait(ns->session);
    }
}
