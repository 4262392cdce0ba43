/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of findings, and the checks of load balancers, listeners, pools,
 * members and daemons; see findings.h.  The checks of VIPs are in
 * findings-vips.c.
 *
 * A check says about whom something is true; the text of its row says what.
 */

#include <config.h>
#include "base/array.h"
#include "base/ip.h"
#include "ctl/findings-private.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "ctl/facts.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/want/backends.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

static finding_check_func lb_is_off, lb_is_pending, lb_has_failed;
static finding_check_func lb_is_going, no_listener, listener_is_off;
static finding_check_func listener_is_guarded, listener_has_no_pool;
static finding_check_func pool_is_off, pool_is_empty;
static finding_check_func members_are_off, members_do_not_fit;
static finding_check_func members_are_down, backups_are_used, member_is_down;
static finding_check_func member_has_no_subnet, member_has_no_port;
static finding_check_func member_may_have_no_port, port_is_down, port_is_off;
static finding_check_func monitor_has_failed, probe_is_missing;
static finding_check_func hash_is_coarse, ovn_differs, driver_is_silent;
static finding_check_func driver_is_elsewhere, driver_stands_by;
static finding_check_func northd_is_behind, northd_is_stale, no_chassis;
static finding_check_func chassis_is_behind, member_port_has_odd_name;

static const struct {
    const char *code;
    enum finding_severity severity;
    bool is_for_deleted;        /* Matters even if the load balancer is on its
                                 * way out. */
    finding_check_func *check;
    const char *text;
} kinds[] = {
    { "lb-off", FINDING_PROBLEM, false, lb_is_off,
      "The load balancer is switched off: nobody is served." },
    { "error", FINDING_PROBLEM, true, lb_has_failed,
      "It is in ERROR: %s." },
    { "monitor", FINDING_PROBLEM, false, monitor_has_failed,
      "The health monitor of pool %s is in ERROR (why, the fault says): "
      "members that were not probed before are served as they are." },
    { "no-listener", FINDING_PROBLEM, false, no_listener,
      "It has no listener: nobody is served." },
    { "listener-off", FINDING_PROBLEM, false, listener_is_off,
      "Listener %s is switched off." },
    { "no-pool", FINDING_PROBLEM, false, listener_has_no_pool,
      "Listener %s has no pool: there is nobody to serve its clients." },
    { "pool-off", FINDING_PROBLEM, false, pool_is_off,
      "Pool %s is switched off." },
    { "no-member", FINDING_PROBLEM, false, pool_is_empty,
      "Pool %s has no members." },
    { "members-off", FINDING_PROBLEM, false, members_are_off,
      "Every member of pool %s is switched off." },
    { "no-usable-member", FINDING_PROBLEM, false, members_do_not_fit,
      "No member can serve %s: those that are switched on have weight 0, or "
      "addresses of the other IP version." },
    { "no-member-up", FINDING_PROBLEM, false, members_are_down,
      "No member of pool %s is up: all of them fail their probes." },
    { "member-subnet", FINDING_PROBLEM, false, member_has_no_subnet,
      "OVN has no subnet for member %s: its network may not carry the load "
      "balancer, and nobody can probe it." },
    { "member-port", FINDING_PROBLEM, false, member_has_no_port,
      "No port in OVN has the address of member %s: it cannot be probed, and "
      "counts as down." },
    { "port-name", FINDING_PROBLEM, false, member_port_has_odd_name,
      "Port %s: OVN takes what is before the first colon of a name for all of "
      "it, so the member cannot be probed, and counts as down." },
    { "port-down", FINDING_PROBLEM, false, port_is_down,
      "The port of member %s is down: no chassis has it." },
    { "port-off", FINDING_PROBLEM, false, port_is_off,
      "The port of member %s is disabled." },
    { "no-probe", FINDING_PROBLEM, false, probe_is_missing,
      "Member %s should be probed, and is not: ovn-northd has made no "
      "Service_Monitor." },
    { "vip-subnet", FINDING_PROBLEM, false, vip_has_no_subnet,
      "OVN does not have the subnet of VIP %s (any more)." },
    { "vip-port", FINDING_PROBLEM, false, vip_has_no_port,
      "OVN does not have the port of VIP %s (any more)." },
    { "provider-network", FINDING_PROBLEM, false, vip_serves_no_neighbours,
      "VIP %s. In a provider network OVN is not the only one to switch, so "
      "load balancers are on its routers only." },
    { "member-is-vip", FINDING_PROBLEM, false, member_is_vip,
      "Member %s: OVN balances once only, so clients that are sent there get "
      "no answer." },
    { "port-forward", FINDING_PROBLEM, false, vip_ends_forward,
      "%s. OVN translates once only, so nobody is served that way: give the "
      "VIP a floating IP of its own." },
    { "vip-security-groups", FINDING_PROBLEM, false, vip_has_groups,
      "Octavia has security groups for the VIP (vip_sg_ids: %s), and nobody "
      "enforces them: Octavia takes them without asking the provider, and OVN "
      "cannot. Take them back." },
    { "no-gateway", FINDING_PROBLEM, false, router_has_no_gateway,
      "Floating IP %s has no gateway chassis: ovn-northd does not serve it." },
    { "differs", FINDING_PROBLEM, true, ovn_differs,
      "OVN is not as wanted in %s: the driver does not run, or fails; see "
      "\"diff\"." },
    { "driver-silent", FINDING_PROBLEM, true, driver_is_silent,
      "The driver on this machine does not answer: %s." },
    { "northd-behind", FINDING_PROBLEM, true, northd_is_behind,
      "ovn-northd does not run or is behind: it has translated %s." },
    { "northd-stale", FINDING_PROBLEM, true, northd_is_stale,
      "ovn-northd does not run or is behind: the Southbound database does not "
      "have the VIPs of %s as the Northbound one does." },
    { "no-chassis", FINDING_PROBLEM, true, no_chassis,
      "OVN has no chassis: nothing is installed anywhere." },
    { "chassis-behind", FINDING_PROBLEM, true, chassis_is_behind,
      "Chassis %s is behind, or away: it has not installed the newest "
      "configuration." },
    { "pending", FINDING_NOTE, false, lb_is_pending,
      "The driver has not finished: %s." },
    { "deleting", FINDING_NOTE, true, lb_is_going,
      "The load balancer is being deleted: %s." },
    { "member-down", FINDING_NOTE, false, member_is_down,
      "Member %s fails its probes: it gets no traffic." },
    { "only-backups", FINDING_NOTE, false, backups_are_used,
      "Only backup members of pool %s are in use." },
    { "member-unseen", FINDING_NOTE, false, member_may_have_no_port,
      "No port in OVN has the address of member %s: perhaps nobody is "
      "there." },
    { "vip-is-member", FINDING_NOTE, false, vip_is_member,
      "VIP %s: OVN balances once only, so its clients are not served here." },
    { "no-router", FINDING_NOTE, false, vip_has_no_router,
      "The network of VIP %s has no router: only hosts on the same switch "
      "reach it." },
    { "allowed-cidrs", FINDING_NOTE, false, listener_is_guarded,
      "Clients with other addresses than %s are refused by allowed_cidrs: "
      "they get no answer." },
    { "ipv6-hash", FINDING_NOTE, false, hash_is_coarse,
      "Pool %s should choose by the client's address, but this OVN cannot for "
      "IPv6: it chooses anew for each connection." },
    { "option", FINDING_NOTE, false, options_are_unhonoured,
      "OVN does not honour %s: the option is stored and shown, and makes no "
      "difference." },
    { "driver-elsewhere", FINDING_NOTE, true, driver_is_elsewhere,
      "Whether the driver runs was not checked: %s." },
    { "driver-standby", FINDING_NOTE, true, driver_stands_by,
      "The driver on this machine is not active: another one is, or it cannot "
      "reach its databases." },
};

static void
add_finding(struct finding **findings, size_t *n, size_t *allocated,
            size_t kind, const char *subject)
{
    const char *text = kinds[kind].text;
    const char *mark = strstr(text, "%s");

    ARRAY_GROW(*findings, *n, *allocated);
    (*findings)[(*n)++] = (struct finding) {
        .code = kinds[kind].code,
        .severity = kinds[kind].severity,
        .text = (mark
                 ? xasprintf("%.*s%s%s", (int) (mark - text), text, subject,
                             mark + 2)
                 : xstrdup(text)),
    };
}

struct finding *
findings_find(const struct facts *facts, size_t *n)
{
    bool is_wanted = model_base_is_wanted(&facts->lb->base);
    struct finding *findings = NULL;
    size_t allocated = 0;

    *n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct svec subjects = SVEC_EMPTY_INITIALIZER;

        if (is_wanted || kinds[i].is_for_deleted) {
            kinds[i].check(facts, &subjects);
        }
        for (size_t j = 0; j < subjects.n; j++) {
            add_finding(&findings, n, &allocated, i, subjects.names[j]);
        }
        svec_destroy(&subjects);
    }
    return findings;
}

void
findings_free(struct finding *findings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(findings[i].text);
    }
    free(findings);
}

/* Subjects. */

static void
add_listener(struct svec *subjects, const struct model_listener *listener)
{
    svec_add_nocopy(subjects,
                    xasprintf("%s %"PRIu16,
                              l4_protocol_to_ovn(listener->protocol),
                              listener->protocol_port));
}

static void
findings_add_pool(struct svec *subjects, const struct model_pool *pool)
{
    svec_add_nocopy(subjects, xasprintf(UUID_FMT, UUID_ARGS(&pool->base.id)));
}

void
findings_add_endpoint(struct svec *subjects, const char *address,
                      uint16_t port)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ip_put_endpoint(&s, address, port);
    svec_add_nocopy(subjects, ds_steal_cstr(&s));
}

static void
add_member(struct svec *subjects, const struct model_member *member)
{
    findings_add_endpoint(subjects, member->address, member->protocol_port);
}

static char *
findings_state_text(const struct facts *facts)
{
    char *time = xastrftime_msec("%Y-%m-%dT%H:%M:%SZ",
                                 facts->lb->changed_at_us / 1000, true);
    char *text = xasprintf("%s since %s", provisioning_status_to_string(
                               facts->lb->base.provisioning_status), time);
    free(time);
    return text;
}

/* The load balancer. */

static void
lb_is_off(const struct facts *facts, struct svec *subjects)
{
    if (!facts->lb->base.admin_state_up) {
        svec_add(subjects, "");
    }
}

static void
lb_is_pending(const struct facts *facts, struct svec *subjects)
{
    if (provisioning_status_is_pending(
            facts->lb->base.provisioning_status)) {
        svec_add_nocopy(subjects, findings_state_text(facts));
    }
}

static void
lb_has_failed(const struct facts *facts, struct svec *subjects)
{
    const char *text = facts->lb->fault_text;
    size_t n = strlen(text);

    if (facts->lb->base.provisioning_status == PS_ERROR) {
        svec_add_nocopy(subjects,
                        n ? xmemdup0(text, n - (text[n - 1] == '.'))
                        : xstrdup("nobody has said why"));
    }
}

static void
lb_is_going(const struct facts *facts, struct svec *subjects)
{
    if (!model_base_is_wanted(&facts->lb->base)) {
        svec_add_nocopy(subjects, findings_state_text(facts));
    }
}

/* Listeners. */

#define FOR_EACH_LISTENER(LISTENER, FACTS)                              \
    for (const struct model_listener *LISTENER = (FACTS)->lb->listeners; \
         LISTENER < (FACTS)->lb->listeners + (FACTS)->lb->n_listeners;  \
         LISTENER++)                                                    \
        if (model_base_is_wanted(&LISTENER->base))

static void
no_listener(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_LISTENER (listener, facts) {
        return;
    }
    svec_add(subjects, "");
}

static void
listener_is_off(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_LISTENER (listener, facts) {
        if (!listener->base.admin_state_up) {
            add_listener(subjects, listener);
        }
    }
}

/* An address that is missing there looks like a fault of the network. */
static void
listener_is_guarded(const struct facts *facts, struct svec *subjects)
{
    const struct ovn_lb *want = &facts->survey.comparison.want;

    FOR_EACH_LISTENER (listener, facts) {
        for (size_t i = 0; i < want->n_acls; i++) {
            if (uuid_equals(&want->acls[i]->listener, &listener->base.id)) {
                svec_add_nocopy(subjects, xasprintf(
                    "%s (listener %s %"PRIu16")", want->acls[i]->cidrs,
                    l4_protocol_to_ovn(listener->protocol),
                    listener->protocol_port));
                break;
            }
        }
    }
}

static void
listener_has_no_pool(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_LISTENER (listener, facts) {
        if (!facts_pool(facts, listener)) {
            add_listener(subjects, listener);
        }
    }
}

/* Pools, as far as they are used. */

#define FOR_EACH_POOL(POOL, FACTS)                                      \
    for (const struct model_pool *POOL = (FACTS)->lb->pools;            \
         POOL < (FACTS)->lb->pools + (FACTS)->lb->n_pools; POOL++)      \
        if (facts_pool_is_used(FACTS, POOL))

struct member_counts {
    size_t wanted;
    size_t up;                  /* Switched on, of 'wanted'. */
    size_t candidates;          /* With a weight, of 'up'. */
    size_t backups;             /* Backups, of 'candidates'. */
    size_t alive;               /* Not known to be dead, of the other
                                 * candidates. */
    size_t dead;                /* Known to be dead, of 'up'. */
};

enum { IPV4 = 1, IPV6 = 2 };

static struct member_counts
count_members(const struct model_pool *pool, int families)
{
    bool is_probed = model_pool_active_monitor(pool) != NULL;
    struct member_counts counts = { .wanted = 0 };

    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        bool is_dead = (is_probed
                        && member_health_is_bad(member->health));
        bool is_up = member->base.admin_state_up;
        bool is_candidate = is_up && member->weight > 0;

        if (model_base_is_wanted(&member->base)
            && families & (model_member_is_ipv6(member) ? IPV6 : IPV4)) {
            counts.wanted++;
            counts.up += is_up;
            counts.dead += is_up && is_dead;
            counts.candidates += is_candidate;
            counts.backups += is_candidate && member->backup;
            counts.alive += is_candidate && !member->backup && !is_dead;
        }
    }
    return counts;
}

static void
pool_is_off(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_POOL (pool, facts) {
        if (!pool->base.admin_state_up) {
            findings_add_pool(subjects, pool);
        }
    }
}

static bool
has_failed_monitor(const struct model_pool *pool)
{
    const struct model_monitor *monitor = model_pool_active_monitor(pool);

    return monitor && monitor->base.provisioning_status == PS_ERROR;
}

/* If all is in ERROR, that is said already. */
static void
monitor_has_failed(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_POOL (pool, facts) {
        if (has_failed_monitor(pool)
            && facts->lb->base.provisioning_status != PS_ERROR) {
            findings_add_pool(subjects, pool);
        }
    }
}

static void
pool_is_empty(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_POOL (pool, facts) {
        if (!count_members(pool, IPV4 | IPV6).wanted) {
            findings_add_pool(subjects, pool);
        }
    }
}

static void
members_are_off(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_POOL (pool, facts) {
        struct member_counts counts = count_members(pool, IPV4 | IPV6);
        if (counts.wanted && !counts.up) {
            findings_add_pool(subjects, pool);
        }
    }
}

static void
members_do_not_fit(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_LISTENER (listener, facts) {
        const struct model_pool *pool = facts_pool(facts, listener);

        for (size_t i = 0; pool && i < facts->n_vips; i++) {
            const struct vip *vip = facts->vips[i].vip;
            int family = vip_is_ipv6(vip) ? IPV6 : IPV4;

            if (count_members(pool, IPV4 | IPV6).up
                && !count_members(pool, family).candidates) {
                findings_add_endpoint(subjects, vip->address,
                                      listener->protocol_port);
            }
        }
    }
}

static void
members_are_down(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_POOL (pool, facts) {
        struct member_counts counts = count_members(pool, IPV4 | IPV6);
        if (counts.up && counts.dead == counts.up) {
            findings_add_pool(subjects, pool);
        }
    }
}

static void
backups_are_used(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_POOL (pool, facts) {
        for (int family = IPV4; family <= IPV6; family++) {
            struct member_counts counts = count_members(pool, family);
            if (counts.backups && !counts.alive) {
                findings_add_pool(subjects, pool);
            }
        }
    }
    svec_sort_unique(subjects);
}

/* The fields are a row's, and a row with an IPv6 VIP has none. */
static void
hash_is_coarse(const struct facts *facts, struct svec *subjects)
{
    bool has_ipv6 = false;

    for (size_t i = 0; i < facts->n_vips; i++) {
        has_ipv6 |= vip_is_ipv6(facts->vips[i].vip);
    }
    FOR_EACH_POOL (pool, facts) {
        if (has_ipv6 && pool->is_source_ip && !facts->has_ipv6_hash) {
            findings_add_pool(subjects, pool);
        }
    }
}

/* Members that are switched on. */

#define FOR_EACH_MEMBER(MEMBER, FACTS)                                  \
    for (const struct fact_member *MEMBER = (FACTS)->members;           \
         MEMBER < (FACTS)->members + (FACTS)->n_members; MEMBER++)      \
        if (MEMBER->member->base.admin_state_up)

static void
member_is_down(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (fact->is_probed && fact->port && !fact->has_odd_port_name
            && fact->member->health == HEALTH_ERROR) {
            add_member(subjects, fact->member);
        }
    }
}

static void
member_has_no_subnet(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (!fact->subnet) {
            add_member(subjects, fact->member);
        }
    }
}

static void
member_has_no_port(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (fact->subnet && !fact->port && fact->is_probed) {
            add_member(subjects, fact->member);
        }
    }
}

/* Passes over provider networks, which have ports outside OVN, too. */
static void
member_may_have_no_port(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (fact->subnet && !fact->port && !fact->is_probed
            && !fact->subnet->sw->is_provider) {
            add_member(subjects, fact->member);
        }
    }
}

static void
member_port_has_odd_name(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (fact->is_probed && fact->has_odd_port_name) {
            svec_add_nocopy(subjects,
                            xasprintf("%s of member %s", fact->port->name,
                                      fact->member->address));
        }
    }
}

/* Ports of other types are not on a chassis. */
static void
port_is_down(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (fact->port && !fact->port->type[0]
            && fact->port_state.is_enabled && !fact->port_state.is_up) {
            add_member(subjects, fact->member);
        }
    }
}

static void
port_is_off(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (fact->port && !fact->port_state.is_enabled) {
            add_member(subjects, fact->member);
        }
    }
}

/* True if the member is in the list of a VIP: OVN probes no other. */
static bool
is_in_use(const struct facts *facts, const struct fact_member *fact)
{
    struct ds backend = DS_EMPTY_INITIALIZER;
    bool found = false;

    ip_put_endpoint(&backend, fact->member->address,
                        fact->member->protocol_port);
    FOR_EACH_LISTENER (listener, facts) {
        for (size_t i = 0; i < facts->n_vips; i++) {
            found |= (facts_pool(facts, listener) == fact->pool
                      && backends_count(facts_backends(
                                         facts, facts->vips[i].vip->address,
                                         listener), ds_cstr(&backend)));
        }
    }
    ds_destroy(&backend);
    return found;
}

static void
probe_is_missing(const struct facts *facts, struct svec *subjects)
{
    FOR_EACH_MEMBER (fact, facts) {
        if (fact->is_probed && fact->port && fact->port_state.is_enabled
            && !fact->has_odd_port_name && !fact->probe
            && !has_failed_monitor(fact->pool) && is_in_use(facts, fact)) {
            add_member(subjects, fact->member);
        }
    }
}

/* The driver. */

static void
ovn_differs(const struct facts *facts, struct svec *subjects)
{
    size_t n = (facts->survey.is_accepted ? facts->survey.comparison.plan.n
                : 0);

    if (!facts->survey.is_accepted) {
        svec_add(subjects, "everything, as the VIP has no address or port "
                 "yet");
    } else if (n) {
        svec_add_nocopy(subjects, xasprintf("%"PRIuSIZE" place%s", n,
                                            n > 1 ? "s" : ""));
    }
}

static void
driver_is_silent(const struct facts *facts, struct svec *subjects)
{
    if (facts->driver == DRIVER_SILENT || facts->driver == DRIVER_REFUSED) {
        svec_add(subjects, facts->driver_text);
    }
}

static void
driver_is_elsewhere(const struct facts *facts, struct svec *subjects)
{
    if (facts->driver == DRIVER_NOT_HERE) {
        svec_add(subjects, facts->driver_text);
    }
}

static void
driver_stands_by(const struct facts *facts, struct svec *subjects)
{
    if (facts->driver == DRIVER_ANSWERED && !facts->driver_is_active) {
        svec_add(subjects, "");
    }
}

/* OVN. */

static void
northd_is_behind(const struct facts *facts, struct svec *subjects)
{
    if (facts->nb_sb_cfg < facts->nb_cfg) {
        svec_add_nocopy(subjects,
                        xasprintf("configuration %"PRId64" of %"PRId64,
                                  facts->nb_sb_cfg, facts->nb_cfg));
    }
}

static void
northd_is_stale(const struct facts *facts, struct svec *subjects)
{
    for (size_t i = 0; i < facts->n_rows; i++) {
        const struct fact_row *fact = &facts->rows[i];
        const struct lb_row *row = fact->row;
        bool is_stale = (fact->is_in_sb
                         ? !smap_equal(&row->vips, fact->sb.vips)
                         : (fact->is_for_sb
                            && !smap_is_empty(&row->vips)));
        if (is_stale) {
            svec_add_nocopy(subjects,
                            xasprintf("the %s row", row->protocol));
        }
    }
}

static void
no_chassis(const struct facts *facts, struct svec *subjects)
{
    if (!facts->n_chassis) {
        svec_add(subjects, "");
    }
}

static void
chassis_is_behind(const struct facts *facts, struct svec *subjects)
{
    for (size_t i = 0; i < facts->n_chassis; i++) {
        const struct sb_facts_chassis *chassis = &facts->chassis[i];
        if (chassis->nb_cfg < facts->sb_nb_cfg) {
            svec_add_nocopy(subjects,
                            xasprintf("%s (%"PRId64" of %"PRId64")",
                                      chassis->name, chassis->nb_cfg,
                                      facts->sb_nb_cfg));
        }
    }
}
