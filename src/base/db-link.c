/* SPDX-License-Identifier: Apache-2.0
 *
 * Chooses the server of a database to which an IDL talks; see db-link.h.
 *
 * An attempt ends in one of four ways, and each says something else:
 *
 * - it fails (refused, reset): the server may be back at any time;
 * - the server answers, but does not lead, or does not have the database: it
 *   may lead a moment later;
 * - there is no answer: its machine is away, or it is busy.  It is left alone
 *   for a while, as each attempt costs more than all the others;
 * - it serves us.
 *
 * All servers are asked in turn, first often, then seldom.
 */

#include <config.h>
#include "base/db-link.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "base/tls.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb-session.h"
#include "random.h"
#include "stream.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(db_link);

enum stage {
    STAGE_PAUSE,                /* Between two attempts. */
    STAGE_CONNECTING,
    STAGE_ASKING,               /* Connected, but is it the right one? */
    STAGE_READY,
};

enum outcome {
    OUTCOME_NONE,               /* Not tried yet. */
    OUTCOME_FAILED,
    OUTCOME_REFUSED,
    OUTCOME_SILENT,
};

struct server {
    char *remote;               /* The remote for the IDL, with the cluster's
                                 * id if there is one. */
    const char *name;           /* The part of it for the log. */
    enum outcome outcome;       /* The last attempt's. */
    int error;                  /* For OUTCOME_FAILED. */
    long long int barred_until_ms;
};

struct db_link {
    struct ovsdb_idl *idl;
    char *name;
    char *remote;
    struct server *servers;
    size_t n;
    size_t current;

    enum stage stage;
    long long int since_ms;     /* When the stage began. */
    long long int search_ms;    /* When the search for a server began. */
    unsigned int idl_seqno;     /* Changes when the server's answer is in. */
    bool was_ready;             /* Ever. */

    bool probe_is_fixed;
    int probe_ms;               /* In use. */
    int probe_base_ms;          /* To come back to once ready. */
    const struct server *suspect;   /* Was lost without an error, and has not
                                     * said yet that it does not lead. */

    long long int warn_at_ms;   /* LLONG_MAX: said, or no need to. */
};

static void link_begin(struct db_link *, long long int now_ms);
static void link_follow(struct db_link *, long long int now_ms);

static void
link_add_servers(struct db_link *link, const char *remote)
{
    struct svec remotes = SVEC_EMPTY_INITIALIZER;
    struct uuid cid;

    ovsdb_session_parse_remote(remote, &remotes, &cid);
    if (!remotes.n) {
        svec_add(&remotes, "invalid:");
    }
    link->n = remotes.n;
    link->servers = xcalloc(link->n, sizeof *link->servers);
    for (size_t i = 0; i < link->n; i++) {
        const char *name = remotes.names[i];
        struct server *server = &link->servers[i];

        server->remote = (uuid_is_zero(&cid) ? xstrdup(name)
                          : xasprintf("cid:"UUID_FMT",%s", UUID_ARGS(&cid),
                                      name));
        server->name = server->remote + strlen(server->remote)
                       - strlen(name);
    }
    svec_destroy(&remotes);
}

struct db_link *
db_link_create(struct ovsdb_idl *idl, const char *name, const char *remote)
{
    struct db_link *link = xzalloc(sizeof *link);
    long long int now_ms = time_msec();

    link->idl = idl;
    link->name = xstrdup(name);
    link->remote = xstrdup(remote);
    link_add_servers(link, remote);

    /* Readers of a cluster spread over its servers. */
    link->current = random_range(link->n);
    link->probe_ms = DATABASE_LOAD_PROBE_MS;
    link->probe_base_ms = DATABASE_PROBE_MS;
    link->search_ms = now_ms;
    link->warn_at_ms = now_ms + DATABASE_PATIENCE_MS;
    link_begin(link, now_ms);
    return link;
}

void
db_link_destroy(struct db_link *link)
{
    if (link) {
        for (size_t i = 0; i < link->n; i++) {
            free(link->servers[i].remote);
        }
        free(link->servers);
        free(link->name);
        free(link->remote);
        free(link);
    }
}

void
db_link_set_idl(struct db_link *link, struct ovsdb_idl *idl)
{
    long long int now_ms = time_msec();

    link->idl = idl;
    link->search_ms = now_ms;
    link_begin(link, now_ms);
}

void
db_link_run(struct db_link *link)
{
    if (link->stage != STAGE_READY) {
        tls_use(link->name);
    }
    ovsdb_idl_run(link->idl);
    link_follow(link, time_msec());
}

bool
db_link_is_ready(const struct db_link *link)
{
    return link->stage == STAGE_READY;
}

bool
db_link_is_expected(const struct db_link *link)
{
    return (link->stage != STAGE_READY && link->was_ready
            && time_msec() < link->search_ms + DATABASE_WAIT_MS);
}

static void
link_set_probe(const struct db_link *link)
{
    const char *name = link->servers[link->current].name;

    if (link->probe_is_fixed || stream_or_pstream_needs_probes(name) > 0) {
        ovsdb_idl_set_probe_interval(link->idl, link->probe_ms);
    }
}

void
db_link_set_probe_interval(struct db_link *link, int ms)
{
    link->probe_is_fixed = true;
    link->probe_ms = ms;
    link_set_probe(link);
}

static void
link_enter(struct db_link *link, enum stage stage, long long int now_ms)
{
    link->stage = stage;
    link->since_ms = now_ms;
}

/* Lets go of whatever connection there is, and tries the current server.  Its
 * session begins without any back-off, whatever happened to the last one. */
static void
link_begin(struct db_link *link, long long int now_ms)
{
    ovsdb_idl_set_remote(link->idl, NULL, true);
    ovsdb_idl_set_remote(link->idl, link->servers[link->current].remote,
                         true);
    link_set_probe(link);
    link->idl_seqno = ovsdb_idl_get_seqno(link->idl);
    link_enter(link, STAGE_CONNECTING, now_ms);
}

/* The next in turn, but none that is barred if there is another. */
static void
link_pick(struct db_link *link, long long int now_ms)
{
    size_t next = (link->current + 1) % link->n;

    link->current = next;
    for (size_t i = 0; i < link->n; i++) {
        size_t candidate = (next + i) % link->n;

        if (now_ms >= link->servers[candidate].barred_until_ms) {
            link->current = candidate;
            return;
        }
    }
}

static bool
link_is_eager(const struct db_link *link, long long int now_ms)
{
    return now_ms < link->search_ms + DATABASE_EAGER_MS;
}

static long long int
link_pause_ends_at(const struct db_link *link)
{
    return link->since_ms + (link_is_eager(link, link->since_ms)
                             ? DATABASE_STEP_MIN_MS : DATABASE_STEP_MAX_MS);
}

static long long int
link_connecting_ends_at(const struct db_link *link)
{
    return link->since_ms + (link_is_eager(link, link->since_ms)
                             ? DATABASE_CONNECT_MIN_MS
                             : DATABASE_CONNECT_MAX_MS);
}

static void
link_fail(struct db_link *link, enum outcome outcome, long long int now_ms)
{
    struct server *server = &link->servers[link->current];

    server->outcome = outcome;
    server->error = ovsdb_idl_get_last_error(link->idl);
    if (outcome == OUTCOME_SILENT) {
        server->barred_until_ms = now_ms + DATABASE_SILENT_MS;
    }
    link_enter(link, STAGE_PAUSE, now_ms);
}

/* The server was connected, and is not any more, before it served us.  If it
 * was silent it may have been busy, with our question perhaps: the next one
 * gets more time. */
static void
link_fail_asking(struct db_link *link, long long int now_ms)
{
    if (ovsdb_idl_get_last_error(link->idl)) {
        link_fail(link, OUTCOME_FAILED, now_ms);
    } else if (!link->probe_ms
               || now_ms < link->since_ms + 2 * link->probe_ms) {
        link_fail(link, OUTCOME_REFUSED, now_ms);
        if (link->suspect == &link->servers[link->current]) {
            link->suspect = NULL;
        }
    } else {
        link_fail(link, OUTCOME_SILENT, now_ms);
        if (!link->probe_is_fixed) {
            link->probe_ms = MIN(2 * link->probe_ms, DATABASE_PROBE_MAX_MS);
        }
    }
}

/* A server that was given up for being silent, and then was still the one to
 * have, was only busy: from now on it may be silent for longer. */
static void
link_adapt_probe(struct db_link *link)
{
    if (link->probe_is_fixed) {
        return;
    }
    if (link->suspect == &link->servers[link->current]) {
        link->probe_base_ms = MIN(2 * link->probe_base_ms,
                                  DATABASE_PROBE_MAX_MS);
    }
    link->probe_ms = link->probe_base_ms;
    link_set_probe(link);
}

static void
link_serve(struct db_link *link, long long int now_ms)
{
    VLOG_INFO("%s: connected to %s", link->name,
              link->servers[link->current].name);
    link_adapt_probe(link);
    link->suspect = NULL;
    link->was_ready = true;
    link->warn_at_ms = LLONG_MAX;
    link_enter(link, STAGE_READY, now_ms);
}

/* Without an error the server was silent, or it said that it does not lead any
 * more.  Either way the others come first, and at once. */
static void
link_lose(struct db_link *link, long long int now_ms)
{
    struct server *server = &link->servers[link->current];

    VLOG_WARN("%s: connection to %s lost", link->name,
              server->name);
    for (size_t i = 0; i < link->n; i++) {
        link->servers[i].outcome = OUTCOME_NONE;
    }
    link->suspect = ovsdb_idl_get_last_error(link->idl) ? NULL : server;
    link->search_ms = now_ms;
    link->warn_at_ms = now_ms + DATABASE_PATIENCE_MS;
    link_pick(link, now_ms);
    link_begin(link, now_ms);
}

/* Says once what stands in the way. */
static void
link_warn(struct db_link *link)
{
    struct ds why = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < link->n; i++) {
        const struct server *server = &link->servers[i];
        const char *text
            = (server->outcome == OUTCOME_FAILED
               ? ovs_retval_to_string(server->error)
               : server->outcome == OUTCOME_REFUSED
               ? "does not lead or serve this database"
               : server->outcome == OUTCOME_SILENT ? "does not answer"
               : NULL);

        if (text) {
            ds_put_format(&why, "%s%s: %s", why.length ? "; " : "",
                          server->name, text);
        }
    }
    VLOG_WARN("%s: cannot reach %s, trying on (%s)", link->name, link->remote,
              why.length ? ds_cstr(&why) : "no answer yet");
    ds_destroy(&why);
    link->warn_at_ms = LLONG_MAX;
}

static void
link_follow(struct db_link *link, long long int now_ms)
{
    bool is_connected = ovsdb_idl_is_connected(link->idl);

    if (link->stage == STAGE_CONNECTING && is_connected) {
        link_enter(link, STAGE_ASKING, now_ms);
    }
    switch (link->stage) {
    case STAGE_CONNECTING:
        if (ovsdb_idl_get_last_error(link->idl)) {
            link_fail(link, OUTCOME_FAILED, now_ms);
        } else if (now_ms >= link_connecting_ends_at(link)) {
            link_fail(link, OUTCOME_SILENT, now_ms);
        }
        break;
    case STAGE_ASKING:
        if (!is_connected) {
            link_fail_asking(link, now_ms);
        } else if (ovsdb_idl_get_seqno(link->idl) != link->idl_seqno) {
            link_serve(link, now_ms);
        }
        break;
    case STAGE_READY:
        if (!is_connected) {
            link_lose(link, now_ms);
        }
        break;
    case STAGE_PAUSE:
        if (now_ms >= link_pause_ends_at(link)) {
            link_pick(link, now_ms);
            link_begin(link, now_ms);
        }
        break;
    default:
        OVS_NOT_REACHED();
    }
    if (link->stage != STAGE_READY && now_ms >= link->warn_at_ms) {
        link_warn(link);
    }
}

void
db_link_wait(struct db_link *link)
{
    ovsdb_idl_wait(link->idl);
    if (link->stage == STAGE_PAUSE) {
        poll_timer_wait_until(link_pause_ends_at(link));
    } else if (link->stage == STAGE_CONNECTING) {
        poll_timer_wait_until(link_connecting_ends_at(link));
    }
    if (link->stage != STAGE_READY && link->warn_at_ms != LLONG_MAX) {
        poll_timer_wait_until(link->warn_at_ms);
    }
    if (db_link_is_expected(link)) {
        poll_timer_wait_until(link->search_ms + DATABASE_WAIT_MS);
    }
}
