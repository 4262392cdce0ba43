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
 *
 * A host name stands for a server at each of its addresses; the list follows
 * what base/resolver.h says at each attempt.
 */

#include <config.h>
#include "base/db-link.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"
#include "base/metrics.h"
#include "base/resolver.h"
#include "base/tls.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
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
    STAGE_RESOLVING,            /* The server's name is asked about. */
    STAGE_CONNECTING,
    STAGE_ASKING,               /* Connected, but is it the right one? */
    STAGE_READY,
};

enum outcome {
    OUTCOME_NONE,               /* Not tried yet. */
    OUTCOME_FAILED,
    OUTCOME_REFUSED,
    OUTCOME_SILENT,
    OUTCOME_NAMELESS,           /* Its name has no address. */
};

struct server {
    char *remote;               /* The remote for the IDL, with the cluster's
                                 * id if there is one. */
    char *host;                 /* The host name in it, or NULL. */
    char *address;              /* One of those of 'host', or NULL: none is
                                 * known. */
    char *name;                 /* For the log. */
    bool is_suspect;            /* Was lost without an error, and has not said
                                 * yet that it does not lead. */
    enum outcome outcome;       /* The last attempt's. */
    int error;                  /* For OUTCOME_FAILED. */
    long long int barred_until_ms;
};

struct db_link {
    struct ovs_list node;       /* In 'links'. */
    struct ovsdb_idl *idl;
    char *name;
    char *remote;
    struct svec remotes;        /* The same, in parts. */
    struct uuid cid;            /* The cluster's id, or zero. */
    struct server *servers;
    size_t n;
    size_t current;
    unsigned int resolver_seqno;    /* Of the answers in 'servers'. */

    enum stage stage;
    long long int since_ms;     /* When the stage began. */
    long long int search_ms;    /* When the search for a server began. */
    unsigned int idl_seqno;     /* Changes when the server's answer is in. */
    bool was_ready;             /* Ever. */

    bool probe_is_fixed;
    int probe_ms;               /* In use. */
    int probe_base_ms;          /* To come back to once ready. */

    unsigned long long int n_served;    /* Servers that were found, */
    unsigned long long int n_failed;    /* attempts that found none. */
    long long int warn_at_ms;   /* LLONG_MAX: said, or no need to. */
};

static struct ovs_list links = OVS_LIST_INITIALIZER(&links);

static void link_begin(struct db_link *, long long int now_ms);
static void link_fail(struct db_link *, enum outcome, long long int now_ms);
static void link_follow(struct db_link *, long long int now_ms);

static void
server_init(struct server *server, const struct db_link *link,
            const char *remote, const char *host, const char *address)
{
    *server = (struct server) {
        .remote = (uuid_is_zero(&link->cid) ? xstrdup(remote)
                   : xasprintf("cid:"UUID_FMT",%s", UUID_ARGS(&link->cid),
                               remote)),
        .host = nullable_xstrdup(host),
        .address = nullable_xstrdup(address),
        .name = (address ? xasprintf("%s (%s)", remote, address)
                 : xstrdup(remote)),
    };
}

static void
servers_destroy(struct server *servers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(servers[i].remote);
        free(servers[i].host);
        free(servers[i].address);
        free(servers[i].name);
    }
    free(servers);
}

/* Adds a server, or one for each address that is known. */
static void
link_add_servers(struct db_link *link, const char *remote)
{
    char *host = resolver_host_of(remote);
    const struct svec *addresses = host ? resolver_addresses(host) : NULL;
    size_t n = addresses ? addresses->n : 1;

    link->servers = xrealloc(link->servers,
                             (link->n + n) * sizeof *link->servers);
    for (size_t i = 0; i < n; i++) {
        server_init(&link->servers[link->n++], link, remote, host,
                    addresses ? addresses->names[i] : NULL);
    }
    free(host);
}

static void
link_load_servers(struct db_link *link)
{
    link->resolver_seqno = resolver_seqno();
    link->servers = NULL;
    link->n = 0;
    for (size_t i = 0; i < link->remotes.n; i++) {
        link_add_servers(link, link->remotes.names[i]);
    }
}

struct db_link *
db_link_create(struct ovsdb_idl *idl, const char *name, const char *remote)
{
    struct db_link *link = xzalloc(sizeof *link);
    long long int now_ms = time_msec();

    ovs_list_push_back(&links, &link->node);
    link->idl = idl;
    link->name = xstrdup(name);
    link->remote = xstrdup(remote);
    svec_init(&link->remotes);
    ovsdb_session_parse_remote(remote, &link->remotes, &link->cid);
    if (!link->remotes.n) {
        svec_add(&link->remotes, "invalid:");
    }
    link_load_servers(link);

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
        ovs_list_remove(&link->node);
        servers_destroy(link->servers, link->n);
        svec_destroy(&link->remotes);
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
    if (!link->probe_is_fixed) {
        /* It loads everything, too. */
        link->probe_ms = MAX(link->probe_ms, DATABASE_LOAD_PROBE_MS);
    }
    link->search_ms = now_ms;
    link->warn_at_ms = now_ms + DATABASE_PATIENCE_MS;
    link_begin(link, now_ms);
}

void
db_link_run(struct db_link *link)
{
    const struct server *server = &link->servers[link->current];

    resolver_run();
    if (server->address) {
        resolver_pin(server->host, server->address);
    }
    if (link->stage != STAGE_READY) {
        tls_use(link->name);
    }
    ovsdb_idl_run(link->idl);
    resolver_unpin();
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

static void
link_connect(struct db_link *link, long long int now_ms)
{
    ovsdb_idl_set_remote(link->idl, link->servers[link->current].remote,
                         true);
    link_set_probe(link);
    link->idl_seqno = ovsdb_idl_get_seqno(link->idl);
    link_enter(link, STAGE_CONNECTING, now_ms);
}

/* Returns the same server in the new list, 'fallback' if there is none: a
 * server of the same name, since the old one has another address now, or did
 * not have one yet. */
static size_t
link_find_server(const struct db_link *link, const struct server *old,
                 size_t fallback)
{
    size_t n_same = 0;

    for (size_t i = 0; i < link->n; i++) {
        const struct server *new = &link->servers[i];

        if (!strcmp(new->remote, old->remote)) {
            if (nullable_string_is_equal(new->address, old->address)) {
                return i;
            }
            /* Any of them: readers spread over servers. */
            if (!random_range(++n_same)) {
                fallback = i;
            }
        }
    }
    return fallback;
}

/* Makes the list of servers anew, if names have got other addresses; what is
 * known of a server stays. */
static void
link_update_servers(struct db_link *link)
{
    struct server *old = link->servers;
    size_t n_old = link->n;

    if (link->resolver_seqno == resolver_seqno()) {
        return;
    }
    link_load_servers(link);
    for (size_t i = 0; i < n_old; i++) {
        size_t same = link_find_server(link, &old[i], SIZE_MAX);

        if (same != SIZE_MAX
            && nullable_string_is_equal(link->servers[same].address,
                                        old[i].address)) {
            link->servers[same].outcome = old[i].outcome;
            link->servers[same].error = old[i].error;
            link->servers[same].barred_until_ms = old[i].barred_until_ms;
            link->servers[same].is_suspect = old[i].is_suspect;
        }
    }
    link->current = link_find_server(link, &old[link->current], 0);
    servers_destroy(old, n_old);
}

/* Connects to the current server, once its name has been looked up, or at
 * the last known address if that is in vain. */
static void
link_resolve(struct db_link *link, long long int now_ms)
{
    const char *host = link->servers[link->current].host;
    bool has_name = host != NULL;

    if (has_name && resolver_ask(host) == RESOLVER_ASKING) {
        if (link->stage != STAGE_RESOLVING) {
            link_enter(link, STAGE_RESOLVING, now_ms);
        }
        return;
    }
    link_update_servers(link);
    if (has_name && !link->servers[link->current].address) {
        link_fail(link, OUTCOME_NAMELESS, now_ms);
    } else {
        link_connect(link, now_ms);
    }
}

/* Lets go of whatever connection there is, and tries the current server.  Its
 * session begins without any back-off, whatever happened to the last one. */
static void
link_begin(struct db_link *link, long long int now_ms)
{
    ovsdb_idl_set_remote(link->idl, NULL, true);
    link_enter(link, STAGE_PAUSE, now_ms);
    link_resolve(link, now_ms);
}

/* The next in turn, but none that is barred if there is another. */
static void
link_pick(struct db_link *link, long long int now_ms)
{
    link_update_servers(link);

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

    link->n_failed++;
    server->outcome = outcome;
    server->error = ovsdb_idl_get_last_error(link->idl);
    if (outcome == OUTCOME_SILENT) {
        server->barred_until_ms = now_ms + DATABASE_SILENT_MS;
    }
    if (server->host) {
        resolver_doubt(server->host);
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
        link->servers[link->current].is_suspect = false;
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
    if (link->servers[link->current].is_suspect) {
        link->probe_base_ms = MIN(2 * link->probe_base_ms,
                                  DATABASE_PROBE_MAX_MS);
    }
    link->probe_ms = link->probe_base_ms;
    link_set_probe(link);
}

static void
link_set_suspect(struct db_link *link, struct server *suspect)
{
    for (size_t i = 0; i < link->n; i++) {
        link->servers[i].is_suspect = &link->servers[i] == suspect;
    }
}

static void
link_serve(struct db_link *link, long long int now_ms)
{
    VLOG_INFO("%s: connected to %s", link->name,
              link->servers[link->current].name);
    link_adapt_probe(link);
    link_set_suspect(link, NULL);
    link->n_served++;
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
    link_set_suspect(link,
                     ovsdb_idl_get_last_error(link->idl) ? NULL : server);
    if (server->host) {
        resolver_doubt(server->host);
    }
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
               : server->outcome == OUTCOME_NAMELESS
               ? resolver_error(server->host) : NULL);

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
    case STAGE_RESOLVING:
        link_resolve(link, now_ms);
        break;
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
    resolver_wait();
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

/* --- Metrics ------------------------------------------------------------- */

static void
link_put_connected(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct db_link *link;

    LIST_FOR_EACH (link, node, &links) {
        metrics_put(page, db_link_is_ready(link), "database", link->name,
                    NULL);
    }
}

static void
link_put_age(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct db_link *link;

    LIST_FOR_EACH (link, node, &links) {
        metrics_put(page, (db_link_is_ready(link) ? 0
                           : (time_msec() - link->search_ms) / 1e3),
                    "database", link->name, NULL);
    }
}

static void
link_put_served(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct db_link *link;

    LIST_FOR_EACH (link, node, &links) {
        metrics_put(page, link->n_served, "database", link->name, NULL);
    }
}

static void
link_put_failed(struct metrics_page *page, const void *aux OVS_UNUSED)
{
    const struct db_link *link;

    LIST_FOR_EACH (link, node, &links) {
        metrics_put(page, link->n_failed, "database", link->name, NULL);
    }
}

void
db_link_add_metrics(void)
{
    static const struct metric metrics[] = {
        { "ovn_octavia_database_connected", METRIC_GAUGE,
          "1 while a server of the database serves this process, else 0.",
          link_put_connected },
        { "ovn_octavia_database_replica_age_seconds", METRIC_GAUGE,
          "For how long the replica may be out of date: 0 while connected; "
          "without any connection yet, since the start.", link_put_age },
        { "ovn_octavia_database_connections_total", METRIC_COUNTER,
          "How often a server of the database was found.", link_put_served },
        { "ovn_octavia_database_failed_attempts_total", METRIC_COUNTER,
          "Attempts to reach a server of the database that were in vain.",
          link_put_failed },
    };

    metrics_add(metrics, ARRAY_SIZE(metrics), NULL);
}
