/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathering facts; see facts.h.
 */

#include <config.h>
#include "ctl/facts.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/ip.h"
#include "ctl/context.h"
#include "ctl/unhonoured.h"
#include "db-ctl-base.h"
#include "net/topology.h"
#include "octavia-idl.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/db/nb.h"
#include "ovn/want/backends.h"
#include "ovn/want/probes.h"
#include "packets.h"
#include "store/store.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* A driver that is there answers at once. */
#define DRIVER_ANSWER_MS 5000

static void gather_vips(struct context *, struct facts *);
static void gather_members(struct context *, struct facts *);
static void gather_rows(struct context *, struct facts *);
static void gather_carriers(struct context *, struct facts *);
static void gather_progress(struct context *, struct facts *);
static void gather_options(struct context *, struct facts *);

void
facts_gather(struct context *ctx, const struct uuid *lb_id,
             struct facts *facts)
{
    *facts = (struct facts) { .n_vips = 0 };
    svec_init(&facts->switches);
    svec_init(&facts->vips_used);
    svec_init(&facts->vips_of_others);
    svec_init(&facts->forwards);
    svec_init(&facts->unhonoured);
    facts->driver = driver_ask(ctx, "driver/status", NULL,
                               time_msec() + DRIVER_ANSWER_MS,
                               &facts->driver_text);
    facts->driver_is_active = (facts->driver == DRIVER_ANSWERED
                               && strstr(facts->driver_text, "active: yes"));

    /* From here on, nothing changes any more. */
    context_store(ctx);
    context_nb(ctx);
    context_sb(ctx);
    context_sb_facts(ctx);
    survey_all(ctx);
    if (!survey_lb(ctx, lb_id, &facts->survey)) {
        ctl_fatal("OVN_Octavia has no load balancer "UUID_FMT,
                  UUID_ARGS(lb_id));
    }
    facts->lb = facts->survey.lb;
    facts->topology = nb_topology(context_nb(ctx));
    facts->has_ipv6_hash = nb_has_ipv6_hash(context_nb(ctx));
    gather_vips(ctx, facts);
    gather_options(ctx, facts);
    gather_members(ctx, facts);
    gather_rows(ctx, facts);
    gather_carriers(ctx, facts);
    gather_progress(ctx, facts);
    facts_gather_chains(ctx, facts);
    facts_gather_octavia(ctx, facts);
}

void
facts_uninit(struct facts *facts)
{
    sb_facts_free_chassis(facts->chassis, facts->n_chassis);
    for (size_t i = 0; i < facts->n_vips; i++) {
        svec_destroy(&facts->vips[i].gateways);
    }
    svec_destroy(&facts->switches);
    svec_destroy(&facts->vips_used);
    svec_destroy(&facts->vips_of_others);
    svec_destroy(&facts->forwards);
    svec_destroy(&facts->unhonoured);
    free(facts->security_groups);
    free(facts->rows);
    free(facts->members);
    free(facts->vips);
    vip_list_uninit(&facts->vip_list);
    survey_uninit(&facts->survey);
    free(facts->driver_text);
}

/* VIPs. */

/* True if a router joins the switch, or the subnet unless that is NULL, by the
 * rules of association: see ovn/want/attach.c. */
static bool
has_router(const struct topo_switch *sw, const struct topo_subnet *subnet)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sw->links) {
        if (!link->is_gateway && topo_link_is_in(link, subnet)) {
            return true;
        }
    }
    return false;
}

static void
find_nat_router(struct context *ctx, const struct facts *facts,
                struct fact_vip *fact)
{
    const struct topo_nat *nat = NULL;

    while ((nat = topology_next_nat(facts->topology, &fact->vip->of->ip,
                                    nat))) {
        if (ipv6_addr_equals(&nat->external_ip, &fact->vip->ip)) {
            fact->nat_router = topology_router_by_uuid(facts->topology,
                                                       &nat->router);
            fact->has_gateway = nb_facts_router_has_gateway(context_nb(ctx),
                                                            &nat->router);
        }
    }
}

static void
gather_vip(struct context *ctx, const struct facts *facts,
           const struct vip *vip, struct fact_vip *fact)
{
    const struct model_vip *of = vip->of;

    fact->vip = vip;
    svec_init(&fact->gateways);
    fact->is_floating = vip_is_floating(vip);
    fact->subnet = topology_subnet_by_id(facts->topology, &of->subnet_id);
    fact->sw = topology_home(facts->topology, &of->subnet_id,
                             &of->network_id);
    fact->port = topology_port_by_id(facts->topology, &of->port_id);
    fact->has_router = fact->sw && has_router(fact->sw, fact->subnet);
    if (fact->is_floating) {
        find_nat_router(ctx, facts, fact);
    }
}

static void
gather_vips(struct context *ctx, struct facts *facts)
{
    if (!facts->lb->vips[0].address) {
        return;
    }
    vip_list_init(&facts->vip_list, facts->lb, facts->topology);
    facts->n_vips = facts->vip_list.n;
    facts->vips = xcalloc(facts->n_vips, sizeof *facts->vips);
    for (size_t i = 0; i < facts->n_vips; i++) {
        gather_vip(ctx, facts, &facts->vip_list.vips[i], &facts->vips[i]);
    }
}

/* Members. */

static const struct topo_port *
facts_find_port(const struct topo_subnet *subnet,
                const struct model_member *member)
{
    bool is_reserved;

    return (subnet ? topo_switch_user_of(subnet->sw, &member->ip, &is_reserved)
            : NULL);
}

static void
gather_member(struct context *ctx, const struct facts *facts,
              const struct model_pool *pool,
              const struct model_member *member, struct fact_member *fact)
{
    fact->pool = pool;
    fact->member = member;
    if (member->has_subnet) {
        fact->subnet = topology_subnet_by_id(facts->topology,
                                             &member->subnet_id);
        fact->port = facts_find_port(fact->subnet, member);
        fact->has_odd_port_name
            = fact->port && !probe_port(facts->topology, member);
    }

    /* OVN cannot probe SCTP. */
    fact->is_probed = (model_pool_active_monitor(pool)
                       && pool->protocol != L4_SCTP);
    if (!fact->port) {
        return;
    }
    nb_facts_port(context_nb(ctx), &fact->port->uuid, &fact->port_state);
    fact->chassis = sb_facts_port_chassis(context_sb_facts(ctx),
                                          fact->port->name);
    if (fact->is_probed) {
        fact->probe = sb_facts_probe(context_sb_facts(ctx),
                                     l4_protocol_to_ovn(pool->protocol),
                                     &member->ip, member->protocol_port,
                                     fact->port->name);
    }
}

static void
gather_members(struct context *ctx, struct facts *facts)
{
    const struct model_lb *lb = facts->lb;
    size_t allocated = 0;

    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];
        for (size_t j = 0; j < pool->n_members; j++) {
            if (!model_base_is_wanted(&pool->members[j].base)) {
                continue;
            }
            ARRAY_GROW(facts->members, facts->n_members, allocated);

            struct fact_member *fact = &facts->members[facts->n_members++];
            *fact = (struct fact_member) { .pool = NULL };
            gather_member(ctx, facts, pool, &pool->members[j], fact);
        }
    }
}

/* Rows. */

static bool
is_for_sb(const struct facts *facts, const struct lb_row *row,
          bool have_router_lbs)
{
    bool is_on_switch = !uuidset_is_empty(&row->switches);
    bool is_on_router = !uuidset_is_empty(&row->routers);
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &row->groups) {
        const struct lb_group *group = facts_group(facts, &node->uuid);
        is_on_switch |= group && !uuidset_is_empty(&group->switches);
        is_on_router |= group && !uuidset_is_empty(&group->routers);
    }
    return is_on_switch || (is_on_router && have_router_lbs);
}

static void
gather_rows(struct context *ctx, struct facts *facts)
{
    if (!facts->survey.is_accepted) {
        return;
    }

    const struct ovn_lb *seen = &facts->survey.comparison.seen;
    facts->n_rows = seen->n_rows;
    facts->rows = xcalloc(seen->n_rows, sizeof *facts->rows);
    for (size_t i = 0; i < seen->n_rows; i++) {
        struct fact_row *fact = &facts->rows[i];

        fact->row = seen->rows[i];
        fact->is_for_sb = is_for_sb(
            facts, fact->row,
            sb_facts_have_router_lbs(context_sb_facts(ctx)));
        fact->is_in_sb = sb_facts_lb(context_sb_facts(ctx), &fact->row->uuid,
                                     &fact->sb);
    }
}

/* Carriers. */

static void
facts_add_uuids(struct uuidset *set, const struct uuidset *others)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, others) {
        uuidset_insert(set, &node->uuid);
    }
}

static void
collect_carriers(const struct facts *facts, struct uuidset *switches,
                 struct uuidset *routers)
{
    const struct uuidset_node *node;

    for (size_t i = 0; i < facts->n_rows; i++) {
        const struct lb_row *row = facts->rows[i].row;

        facts_add_uuids(switches, &row->switches);
        facts_add_uuids(routers, &row->routers);
        UUIDSET_FOR_EACH (node, &row->groups) {
            const struct lb_group *group = facts_group(facts, &node->uuid);
            if (group) {
                facts_add_uuids(switches, &group->switches);
                facts_add_uuids(routers, &group->routers);
            }
        }
    }
}

static void
facts_find_gateways(struct context *ctx, const struct uuidset *routers,
                    struct fact_vip *fact)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &fact->sw->links) {
        if (uuidset_contains(routers, &link->router->uuid)
            && nb_facts_router_has_gateway(context_nb(ctx),
                                           &link->router->uuid)) {
            svec_add(&fact->gateways, link->router->name);
        }
    }
    svec_sort_unique(&fact->gateways);
}

static void
gather_carriers(struct context *ctx, struct facts *facts)
{
    struct uuidset switches = UUIDSET_INITIALIZER(&switches);
    struct uuidset routers = UUIDSET_INITIALIZER(&routers);
    const struct uuidset_node *node;

    collect_carriers(facts, &switches, &routers);
    UUIDSET_FOR_EACH (node, &switches) {
        const struct topo_switch *sw
            = topology_switch_by_uuid(facts->topology, &node->uuid);
        svec_add(&facts->switches, sw ? sw->name : "?");
    }
    svec_sort_unique(&facts->switches);
    for (size_t i = 0; i < facts->n_vips; i++) {
        if (!facts->vips[i].is_floating && facts->vips[i].sw) {
            facts_find_gateways(ctx, &routers, &facts->vips[i]);
        }
    }
    uuidset_destroy(&switches);
    uuidset_destroy(&routers);
}

/* How far OVN has come. */

static void
gather_progress(struct context *ctx, struct facts *facts)
{
    const struct sb_facts *sb_facts = context_sb_facts(ctx);
    const struct nb *nb = context_nb(ctx);

    facts->nb_cfg = nb_cfg(nb);
    facts->nb_sb_cfg = nb_sb_cfg(nb);
    facts->nb_hv_cfg = nb_hv_cfg(nb);
    facts->sb_nb_cfg = sb_facts_nb_cfg(sb_facts);
    facts->chassis = sb_facts_chassis(sb_facts, &facts->n_chassis);
}

/* Look-ups. */

const struct model_pool *
facts_pool(const struct facts *facts, const struct model_listener *listener)
{
    const struct model_pool *pool = model_lb_pool(facts->lb,
                                                  &listener->default_pool_id);

    return pool && model_base_is_wanted(&pool->base) ? pool : NULL;
}

bool
facts_pool_is_used(const struct facts *facts, const struct model_pool *pool)
{
    const struct model_lb *lb = facts->lb;

    for (size_t i = 0; i < lb->n_listeners; i++) {
        if (model_base_is_wanted(&lb->listeners[i].base)
            && facts_pool(facts, &lb->listeners[i]) == pool) {
            return true;
        }
    }
    return false;
}

const struct lb_group *
facts_group(const struct facts *facts, const struct uuid *uuid)
{
    return ovn_lb_find_group(&facts->survey.comparison.seen, uuid);
}

const char *
facts_backends(const struct facts *facts, const char *address,
               const struct model_listener *listener)
{
    const char *protocol = l4_protocol_to_ovn(listener->protocol);
    const char *list = NULL;
    struct ds key = DS_EMPTY_INITIALIZER;

    ip_put_endpoint(&key, address, listener->protocol_port);
    for (size_t i = 0; i < facts->n_rows && !list; i++) {
        const struct lb_row *row = facts->rows[i].row;
        if (!strcmp(row->protocol, protocol)) {
            list = smap_get(&row->vips, ds_cstr(&key));
        }
    }
    ds_destroy(&key);
    return list && list[0] ? list : NULL;
}

static void
gather_options(struct context *ctx, struct facts *facts)
{
    const struct octrec_load_balancer *lb = octrec_load_balancer_get_for_uuid(
        store_idl(context_store(ctx)), &facts->lb->base.id);

    if (lb) {
        unhonoured_add_tree(lb, &facts->unhonoured);
    }
}
