/* SPDX-License-Identifier: Apache-2.0
 *
 * "explain": where a load balancer is in OVN, and what is wrong with it, for
 * eyes.  explain-report.c is for programs.
 */

#include <config.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "ctl/context.h"
#include "ctl/explain-report.h"
#include "ctl/facts.h"
#include "ctl/findings.h"
#include "ctl/report.h"
#include "db-ctl-base.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/rows/rows.h"
#include "ovn/want/backends.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

enum { NO_PROBLEM, PROBLEM, COULD_NOT_TELL };

/* Parts of lines. */

static void
print_label(int level, const char *label)
{
    printf("%*s%-10s", level * 4, "", label);
}

/* Users' text may hold what moves a terminal's cursor. */
static void
print_text(const char *text)
{
    for (; *text; text++) {
        putchar(iscntrl((unsigned char) *text) ? '?' : *text);
    }
}

static void
print_status(const struct model_base *base)
{
    printf("%s/%s%s",
           provisioning_status_to_string(base->provisioning_status),
           operating_status_to_string(base->operating_status),
           base->admin_state_up ? "" : " (switched off)");
}

static void
print_object(int level, const char *label, const struct model_base *base)
{
    print_label(level, label);
    printf(UUID_FMT"  ", UUID_ARGS(&base->id));
    print_status(base);
}

/* Adds the names of the switches and routers that carry a row. */

static void
explain_add_carriers(const struct facts *facts, const struct uuidset *switches,
                     const struct uuidset *routers, struct svec *names)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, switches) {
        const struct topo_switch *sw
            = topology_switch_by_uuid(facts->topology, &node->uuid);
        svec_add_nocopy(names, xasprintf("switch %s", sw ? sw->name : "?"));
    }
    UUIDSET_FOR_EACH (node, routers) {
        const struct topo_router *router
            = topology_router_by_uuid(facts->topology, &node->uuid);
        svec_add_nocopy(names, xasprintf("router %s",
                                         router ? router->name : "?"));
    }
}

static void
print_names(const char *before, struct svec *names)
{
    svec_sort_unique(names);
    char *joined = svec_join(names, ", ", "");
    printf("%s%s", before, names->n ? joined : "nothing");
    free(joined);
    svec_destroy(names);
}

static void
print_carriers(const struct facts *facts, const struct lb_row *row)
{
    struct svec direct = SVEC_EMPTY_INITIALIZER;
    const struct uuidset_node *node;

    explain_add_carriers(facts, &row->switches, &row->routers, &direct);
    if (direct.n || uuidset_is_empty(&row->groups)) {
        print_names("  on ", &direct);
    }
    UUIDSET_FOR_EACH (node, &row->groups) {
        const struct lb_group *group = facts_group(facts, &node->uuid);
        struct svec names = SVEC_EMPTY_INITIALIZER;

        if (group) {
            explain_add_carriers(facts, &group->switches, &group->routers,
                                 &names);
        }
        print_names("  on ", &names);
        char *name = lb_group_name(&node->uuid);
        printf(" (group %s)", name);
        free(name);
    }
}

static void
print_row(const struct facts *facts, const struct fact_row *fact)
{
    const char *protocol = fact->row->protocol;

    print_label(1, "row");
    printf(UUID_FMT"%s%s", UUID_ARGS(&fact->row->uuid),
           protocol[0] ? " " : "", protocol);
    print_carriers(facts, fact->row);
    if (fact->is_in_sb) {
        printf("  translated, on %"PRIuSIZE" datapath%s\n",
               fact->sb.n_datapaths, fact->sb.n_datapaths == 1 ? "" : "s");
    } else {
        printf("  %s\n", fact->is_for_sb ? "not translated by ovn-northd"
               : "on no switch, so not in the Southbound database");
    }
}

/* VIPs. */

static void
print_vip(const struct facts *facts, const struct fact_vip *fact)
{
    const struct model_lb *lb = facts->lb;

    print_label(1, fact->is_floating ? "floating" : "vip");
    printf("%s", fact->vip->address);
    if (fact->is_floating) {
        printf(" of %s", fact->vip->of->address);
        if (fact->nat_router) {
            printf("  router %s", fact->nat_router->name);
        }
    } else {
        printf("  subnet %s  switch %s  port %s",
               fact->subnet ? fact->subnet->name : "unknown",
               fact->sw ? fact->sw->name : "unknown",
               fact->port ? fact->port->name : "unknown");
    }
    if (!fact->is_floating && fact->sw && fact->sw->is_provider) {
        char *gateways = svec_join(&fact->gateways, ", ", "");
        printf("  hosts there are %s%s",
               fact->gateways.n ? "served by router " : "not served",
               gateways);
        free(gateways);
    }
    for (size_t i = 0; i < lb->n_listeners; i++) {
        const struct model_listener *listener = &lb->listeners[i];
        if (facts_backends(facts, fact->vip->address, listener)) {
            printf("  %s %"PRIu16, l4_protocol_to_ovn(listener->protocol),
                   listener->protocol_port);
        }
    }
    putchar('\n');
}

/* Listeners and what is below them. */

static const char *
health_word(const struct fact_member *fact)
{
    return (!model_pool_active_monitor(fact->pool) ? "NO_MONITOR"
            : !fact->probe ? "not probed"
            : fact->probe[0] ? fact->probe : "no result yet");
}

static void
print_places(const struct facts *facts, const struct model_listener *listener,
             const char *backend)
{
    for (size_t i = 0; i < facts->n_vips; i++) {
        const char *address = facts->vips[i].vip->address;
        const char *list = facts_backends(facts, address, listener);
        size_t n = backends_count(list, backend), n_all = list != NULL;

        for (const char *p = list; p && (p = strchr(p, ',')); p++) {
            n_all++;
        }
        if (n) {
            printf("  %"PRIuSIZE" of %"PRIuSIZE" at %s", n, n_all, address);
        }
    }
}

static void
print_member(const struct facts *facts, const struct model_listener *listener,
             const struct fact_member *fact)
{
    const struct model_member *member = fact->member;
    struct ds backend = DS_EMPTY_INITIALIZER;

    ip_put_endpoint(&backend, member->address, member->protocol_port);
    print_label(3, "member");
    printf("%s  weight %d%s  ", ds_cstr(&backend), member->weight,
           member->backup ? ", backup" : "");
    print_status(&member->base);
    printf("  probe: %s", health_word(fact));
    if (fact->port) {
        printf("  port %s %s", fact->port->name,
               !fact->port_state.is_enabled ? "disabled"
               : fact->port_state.is_up ? "up" : "down");
        if (fact->chassis) {
            printf(" on %s", fact->chassis);
        }
    } else {
        printf("  no port");
    }
    print_places(facts, listener, ds_cstr(&backend));
    putchar('\n');
    ds_destroy(&backend);
}

static void
print_listener(const struct facts *facts,
               const struct model_listener *listener)
{
    const struct model_pool *pool = facts_pool(facts, listener);

    print_object(1, "listener", &listener->base);
    printf("  %s %"PRIu16"\n", l4_protocol_to_ovn(listener->protocol),
           listener->protocol_port);
    if (!pool) {
        return;
    }
    print_object(2, "pool", &pool->base);
    printf("  %s\n", pool->is_source_ip ? "SOURCE_IP" : "SOURCE_IP_PORT");
    for (size_t i = 0; i < facts->n_members; i++) {
        if (facts->members[i].pool == pool) {
            print_member(facts, listener, &facts->members[i]);
        }
    }
}

/* OVN as such. */

static void
print_progress(const struct facts *facts)
{
    print_label(1, "ovn");
    printf("configuration %"PRId64": ovn-northd has %"PRId64", all chassis "
           "have %"PRId64"\n", facts->nb_cfg, facts->nb_sb_cfg,
           facts->nb_hv_cfg);
    for (size_t i = 0; i < facts->n_chassis; i++) {
        print_label(1, "chassis");
        printf("%s has %"PRId64" of %"PRId64"\n", facts->chassis[i].name,
               facts->chassis[i].nb_cfg, facts->sb_nb_cfg);
    }
    print_label(1, "driver");
    printf("%s\n", facts->driver == DRIVER_ANSWERED
           ? facts->driver_is_active ? "active" : "not active"
           : "unknown");
}

/* All of it. */

static void
print_facts(const struct facts *facts)
{
    const struct model_lb *lb = facts->lb;

    printf("load balancer "UUID_FMT" ", UUID_ARGS(&lb->base.id));
    print_text(lb->name);
    putchar('\n');
    print_label(1, "status");
    print_status(&lb->base);
    putchar('\n');
    if (lb->fault_text[0]) {
        print_label(1, "fault");
        print_text(lb->fault_text);
        putchar('\n');
    }
    for (size_t i = 0; i < facts->n_vips; i++) {
        print_vip(facts, &facts->vips[i]);
    }
    for (size_t i = 0; i < lb->n_listeners; i++) {
        print_listener(facts, &lb->listeners[i]);
    }
    for (size_t i = 0; i < facts->n_rows; i++) {
        print_row(facts, &facts->rows[i]);
    }
    print_progress(facts);
}

static void
print_findings(const struct finding *findings, size_t n)
{
    static const char *const words[] = {
        [FINDING_PROBLEM] = "problem",
        [FINDING_NOTE] = "note",
    };

    for (size_t i = 0; i < n; i++) {
        const struct finding *finding = &findings[i];

        printf("%-7s [%s] ", words[finding->severity], finding->code);
        print_text(finding->text);
        putchar('\n');
    }
    if (!n) {
        printf("nothing is wrong, as far as can be seen\n");
    }
}

static bool
explain_has_problem(const struct finding *findings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (findings[i].severity == FINDING_PROBLEM) {
            return true;
        }
    }
    return false;
}

/* Returns true if there is a problem. */
static bool
explain_print(const struct context *ctx, const struct facts *facts)
{
    size_t n;
    struct finding *findings = findings_find(facts, &n);
    bool has_problem = explain_has_problem(findings, n);

    if (report_is_json(ctx)) {
        report_print(explain_report(facts, findings, n));
    } else {
        print_facts(facts);
        print_findings(findings, n);
    }
    findings_free(findings, n);
    return has_problem;
}

static int
explain_run(struct context *ctx, int argc, char *argv[])
{
    struct facts facts;

    context_set_failure_status(COULD_NOT_TELL);
    if (argc != 2) {
        ctl_fatal("explain takes one load balancer");
    }
    struct uuid id = context_find_lb(ctx, argv[1]);

    facts_gather(ctx, &id, &facts);
    bool has_problem = explain_print(ctx, &facts);
    facts_uninit(&facts);
    return has_problem ? PROBLEM : NO_PROBLEM;
}

const struct tool_command command_explain = { "explain", explain_run };
