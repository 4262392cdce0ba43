/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to OVN's Southbound database; see sb.h.  Rows are copied, so
 * that one can be found by what it probes, and so that what is gone is known
 * after the replica was loaded anew.
 */

#include <config.h>
#include "ovn/db/sb.h"
#include <stdlib.h>
#include <string.h>
#include "base/db-link.h"
#include "base/idl.h"
#include "base/ip-set.h"
#include "base/ip.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/uuid.h"
#include "sb-idl.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

struct sb {
    struct ovsdb_idl *idl;
    struct db_link *link;
    struct idl_optional optional;
    bool was_ready;                 /* After the run before this one. */
    struct hmap probes;             /* probe.by_uuid. */
    struct hmap probes_by_target;   /* probe.by_target. */
    struct ovs_list fresh;          /* probe.in_fresh. */
    unsigned int sweep;             /* Number of the last full reading. */
    struct ip_set changed;
    struct in6_addr *report;
};

/* Names a target of probes.  The strings are borrowed or owned, as the user
 * says. */
struct target {
    const char *protocol;
    struct in6_addr ip;
    uint16_t port;
    const char *logical_port;
};

/* A Service_Monitor row. */
struct probe {
    struct hmap_node by_uuid;
    struct hmap_node by_target;
    struct ovs_list in_fresh;       /* In 'sb.fresh', or empty. */
    struct uuid uuid;
    unsigned int sweep;             /* When its row was last seen. */
    bool has_target;                /* False: the row has no address that can
                                     * be read, and is only counted. */
    bool is_shared;                 /* Made for something else than a load
                                     * balancer. */
    struct target target;           /* Owns its strings. */
    enum member_health health;

    /* While it is fresh: when "offline" is a result. */
    long long int result_at_ms;
};

/* Columns that only newer versions have. */
static const struct ovsdb_idl_column *const optional_columns[] = {
    &sbrec_service_monitor_col_type,
};

static void sb_open_idl(struct sb *);
static void end_freshness(struct sb *);
static void read_probes(struct sb *);
static void forget_target(struct sb *, struct probe *);

struct sb *
sb_create(const char *remote)
{
    struct sb *sb = xzalloc(sizeof *sb);

    sb->optional.columns = optional_columns;
    sb->optional.n = ARRAY_SIZE(optional_columns);
    sb_open_idl(sb);
    sb->link = db_link_create(sb->idl, "OVN_Southbound", remote);
    hmap_init(&sb->probes);
    hmap_init(&sb->probes_by_target);
    ovs_list_init(&sb->fresh);
    ip_set_init(&sb->changed);
    return sb;
}

/* Any member of a cluster will do: nothing is written. */
static void
sb_open_idl(struct sb *sb)
{
    static const struct ovsdb_idl_column *const columns[] = {
        &sbrec_service_monitor_col_ip,
        &sbrec_service_monitor_col_port,
        &sbrec_service_monitor_col_protocol,
        &sbrec_service_monitor_col_logical_port,
        &sbrec_service_monitor_col_status,
    };

    sb->idl = ovsdb_idl_create_unconnected(&sbrec_idl_class, false);
    ovsdb_idl_set_leader_only(sb->idl, false);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_track_add_column(sb->idl, columns[i]);
    }
    idl_optional_add(&sb->optional, sb->idl, true);

    /* Only read together with a change of the others. */
    ovsdb_idl_add_column(sb->idl, &sbrec_service_monitor_col_options);
}

void
sb_destroy(struct sb *sb)
{
    if (!sb) {
        return;
    }

    struct probe *probe;
    HMAP_FOR_EACH_POP (probe, by_uuid, &sb->probes) {
        forget_target(sb, probe);
        free(probe);
    }
    hmap_destroy(&sb->probes);
    hmap_destroy(&sb->probes_by_target);
    ip_set_destroy(&sb->changed);
    free(sb->report);
    ovsdb_idl_destroy(sb->idl);
    db_link_destroy(sb->link);
    free(sb);
}

/* Opens a new IDL if the server has other optional columns than the last one,
 * since the columns of an IDL are fixed.  'was_ready' changes last: a row is
 * fresh only if it came while the replica was whole, see
 * may_be_start_value(). */
void
sb_run(struct sb *sb)
{
    ovsdb_idl_track_clear(sb->idl);
    db_link_run(sb->link);
    if (idl_optional_run(&sb->optional, sb->idl)) {
        ovsdb_idl_destroy(sb->idl);
        sb_open_idl(sb);
        db_link_set_idl(sb->link, sb->idl);
    }

    ip_set_clear(&sb->changed);
    if (ovsdb_idl_has_ever_connected(sb->idl)) {
        read_probes(sb);
    }
    end_freshness(sb);
    sb->was_ready = sb_is_ready(sb);
    free(sb->report);
    sb->report = ip_set_array(&sb->changed);
}

void
sb_wait(struct sb *sb)
{
    db_link_wait(sb->link);

    struct probe *probe;
    LIST_FOR_EACH (probe, in_fresh, &sb->fresh) {
        poll_timer_wait_until(probe->result_at_ms);
    }
}

void
sb_accept_older(struct sb *sb)
{
    ovsdb_idl_reset_min_index(sb->idl);
}

void
sb_set_probe_interval(struct sb *sb, int ms)
{
    db_link_set_probe_interval(sb->link, ms);
}

bool
sb_is_ready(const struct sb *sb)
{
    return db_link_is_ready(sb->link);
}

const struct in6_addr *
sb_changed_addresses(const struct sb *sb, size_t *n)
{
    *n = ip_set_count(&sb->changed);
    return sb->report;
}

/* Look-up. */

static uint32_t
hash_target(const struct target *target)
{
    uint32_t hash = ip_hash(&target->ip, target->port);

    hash = hash_string(target->protocol, hash);
    return hash_string(target->logical_port, hash);
}

static bool
target_equals(const struct target *a, const struct target *b)
{
    return (a->port == b->port
            && !memcmp(&a->ip, &b->ip, sizeof a->ip)
            && !strcmp(a->protocol, b->protocol)
            && !strcmp(a->logical_port, b->logical_port));
}

/* Combines the rows of a target.  The database allows several, as there is
 * more than one way to write an IPv6 address: bad news counts more than good,
 * and any news more than none.  The same spelling has one row only, by an
 * index of the database that leaves the type out.  northd (since 26.03, and
 * releases mended like it) gives that row the type of its first user, and goes
 * by it, whatever the type, when it chooses the backends of a load balancer.
 * So a row that may serve both counts, unless there is one of load balancers'
 * own. */
enum member_health
sb_health(const struct sb *sb, const char *protocol,
          const struct in6_addr *ip, uint16_t port, const char *logical_port)
{
    const struct target target = {
        .protocol = protocol,
        .ip = *ip,
        .port = port,
        .logical_port = logical_port,
    };
    enum member_health own = HEALTH_UNKNOWN, shared = HEALTH_UNKNOWN;

    struct probe *probe;
    HMAP_FOR_EACH_WITH_HASH (probe, by_target, hash_target(&target),
                             &sb->probes_by_target) {
        enum member_health *health = probe->is_shared ? &shared : &own;

        if (target_equals(&probe->target, &target)
            && *health != HEALTH_ERROR && probe->health != HEALTH_UNKNOWN) {
            *health = probe->health;
        }
    }
    return own != HEALTH_UNKNOWN ? own : shared;
}

/* The copies. */

static struct probe *
find_probe(const struct sb *sb, const struct uuid *uuid)
{
    struct probe *probe;

    HMAP_FOR_EACH_WITH_HASH (probe, by_uuid, uuid_hash(uuid), &sb->probes) {
        if (uuid_equals(&probe->uuid, uuid)) {
            return probe;
        }
    }
    return NULL;
}

/* Reports the probe's address as changed.  Must be called before and after
 * each update; rows without a result are ignored. */
static void
sb_report(struct sb *sb, const struct probe *probe)
{
    if (probe->has_target && probe->health != HEALTH_UNKNOWN) {
        ip_set_add(&sb->changed, &probe->target.ip);
    }
}

static void
forget_target(struct sb *sb, struct probe *probe)
{
    if (probe->has_target) {
        hmap_remove(&sb->probes_by_target, &probe->by_target);
        free(CONST_CAST(char *, probe->target.protocol));
        free(CONST_CAST(char *, probe->target.logical_port));
        probe->has_target = false;
    }
}

static void
destroy_probe(struct sb *sb, struct probe *probe)
{
    sb_report(sb, probe);
    forget_target(sb, probe);
    ovs_list_remove(&probe->in_fresh);
    hmap_remove(&sb->probes, &probe->by_uuid);
    free(probe);
}

static void
set_target(struct sb *sb, struct probe *probe, const struct target *target)
{
    probe->has_target = true;
    probe->target = *target;
    probe->target.protocol = xstrdup(target->protocol);
    probe->target.logical_port = xstrdup(target->logical_port);
    hmap_insert(&sb->probes_by_target, &probe->by_target,
                hash_target(&probe->target));
}

bool
sb_parse_ip(const char *text, struct in6_addr *ret)
{
    size_t n = strlen(text);

    if (n < 2 || text[0] != '[' || text[n - 1] != ']') {
        return ip_parse_any(text, ret);
    }

    char *inside = xmemdup0(text + 1, n - 2);
    bool ok = ip_parse_any(inside, ret) && !ip_is_v4(ret);
    free(inside);
    return ok;
}

/* True if the row is for load balancers, or may be for them, too: see
 * sb_health().  Before 26.03 all rows are, and none has a type. */
static bool
read_type(const struct sbrec_service_monitor *row, bool *is_shared)
{
    const char *type = row->type ? row->type : "load-balancer";

    *is_shared = !strcmp(type, "logical-switch-port");
    return *is_shared || !strcmp(type, "load-balancer");
}

static bool
read_target(const struct sbrec_service_monitor *row, struct target *ret)
{
    *ret = (struct target) {
        .protocol = row->protocol ? row->protocol : "tcp",
        .port = row->port,
        .logical_port = row->logical_port,
    };
    return sb_parse_ip(row->ip, &ret->ip);
}

/* Returns the time by which a new row has a result at the latest.  The
 * defaults are OVN's. */
static long long int
result_is_due_at(const struct sbrec_service_monitor *row)
{
    unsigned int interval_s = smap_get_uint(&row->options, "interval", 5);
    unsigned int timeout_s = smap_get_uint(&row->options, "timeout", 3);
    unsigned int n = smap_get_uint(&row->options, "failure_count", 1);

    return time_msec() + 1000LL * n * (interval_s + timeout_s);
}

/* True if the row's status may be its first one.  After 26.03, northd has its
 * rows begin with "offline", without anything having been probed.  Any other
 * row that says so from the start was probed before we looked. */
static bool
may_be_start_value(const struct sb *sb,
                   const struct sbrec_service_monitor *row)
{
    return (sb->was_ready && row->type && row->status
            && !strcmp(row->status, "offline"));
}

static enum member_health
read_health(const struct sbrec_service_monitor *row)
{
    const char *status = row->status ? row->status : "";

    return (!strcmp(status, "online") ? HEALTH_ONLINE
            : !strcmp(status, "offline") ? HEALTH_ERROR
            : !strcmp(status, "error") ? HEALTH_ERROR
            : HEALTH_UNKNOWN);
}

static struct probe *
new_probe(struct sb *sb, const struct sbrec_service_monitor *row)
{
    struct probe *probe = xzalloc(sizeof *probe);

    probe->uuid = row->header_.uuid;
    probe->health = HEALTH_UNKNOWN;
    ovs_list_init(&probe->in_fresh);
    hmap_insert(&sb->probes, &probe->by_uuid, uuid_hash(&probe->uuid));
    if (may_be_start_value(sb, row)) {
        probe->result_at_ms = result_is_due_at(row);
        ovs_list_push_back(&sb->fresh, &probe->in_fresh);
    }
    return probe;
}

/* Returns 'health' if it is a result.  "offline" in a fresh row may be the
 * value with which northd made it, so it is HEALTH_UNKNOWN until
 * end_freshness(); anything else ends the freshness. */
static enum member_health
believe_health(struct probe *probe, enum member_health health)
{
    if (!ovs_list_is_empty(&probe->in_fresh)) {
        if (health == HEALTH_ERROR) {
            return HEALTH_UNKNOWN;
        }
        ovs_list_remove(&probe->in_fresh);
        ovs_list_init(&probe->in_fresh);
    }
    return health;
}

static struct probe *
read_probe(struct sb *sb, const struct sbrec_service_monitor *row)
{
    struct probe *probe = find_probe(sb, &row->header_.uuid);
    struct target target;
    bool is_shared;
    bool has_target = read_type(row, &is_shared) && read_target(row, &target);

    if (!probe) {
        probe = new_probe(sb, row);
    }
    enum member_health health = believe_health(probe, read_health(row));
    if (probe->health == health && probe->is_shared == is_shared
        && probe->has_target == has_target
        && (!has_target || target_equals(&probe->target, &target))) {
        return probe;
    }

    sb_report(sb, probe);
    forget_target(sb, probe);
    probe->health = health;
    probe->is_shared = is_shared;
    if (has_target) {
        set_target(sb, probe, &target);
    }
    sb_report(sb, probe);
    return probe;
}

/* Takes "offline" for a result, and reports it, where the row still says so
 * after OVN must have probed. */
static void
end_freshness(struct sb *sb)
{
    struct probe *probe;

    LIST_FOR_EACH_SAFE (probe, in_fresh, &sb->fresh) {
        if (time_msec() >= probe->result_at_ms) {
            ovs_list_remove(&probe->in_fresh);
            ovs_list_init(&probe->in_fresh);
            probe->health = HEALTH_ERROR;
            sb_report(sb, probe);
        }
    }
}

static void
read_all_probes(struct sb *sb)
{
    const struct sbrec_service_monitor *row;
    unsigned int sweep = ++sb->sweep;

    SBREC_SERVICE_MONITOR_FOR_EACH (row, sb->idl) {
        read_probe(sb, row)->sweep = sweep;
    }

    struct probe *probe;
    HMAP_FOR_EACH_SAFE (probe, by_uuid, &sb->probes) {
        if (probe->sweep != sweep) {
            destroy_probe(sb, probe);
        }
    }
}

static void
read_probes(struct sb *sb)
{
    const struct sbrec_service_monitor *row;

    SBREC_SERVICE_MONITOR_FOR_EACH_TRACKED (row, sb->idl) {
        if (!sbrec_service_monitor_is_deleted(row)) {
            read_probe(sb, row);
            continue;
        }
        struct probe *probe = find_probe(sb, &row->header_.uuid);
        if (probe) {
            destroy_probe(sb, probe);
        }
    }

    row = sbrec_service_monitor_first(sb->idl);
    if (!idl_table_is_complete(row ? &row->header_ : NULL,
                               hmap_count(&sb->probes))) {
        read_all_probes(sb);
    }
}

size_t
sb_n_probes(const struct sb *sb, enum member_health health)
{
    const struct probe *probe;
    size_t n = 0;

    HMAP_FOR_EACH (probe, by_uuid, &sb->probes) {
        n += probe->health == health;
    }
    return n;
}
