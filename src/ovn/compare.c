/* SPDX-License-Identifier: Apache-2.0
 *
 * Wanted, seen, difference; see compare.h.
 */

#include <config.h>
#include "ovn/compare.h"
#include "model/objects.h"
#include "model/wanted.h"
#include "net/topology.h"
#include "ovn/db/health.h"
#include "ovn/db/nb.h"
#include "ovn/db/sb.h"
#include "ovn/want/groups.h"
#include "ovn/want/member-home.h"
#include "ovn/want/probe-sources.h"
#include "ovn/want/probes.h"

struct source_aux {
    struct nb *nb;
    const struct compare_options *options;
    const struct uuid *lb_id;
};

/* Prefers the port that is in use: nothing is gained by a change. */
static int
compare_trust_source(const struct topo_port *port, const struct in6_addr *ip,
                     void *aux_)
{
    const struct source_aux *aux = aux_;
    const struct compare_options *options = aux->options;
    bool is_in_use = nb_probes_from(aux->nb, aux->lb_id, ip);

    return (options->owns_source
            && !options->owns_source(port, is_in_use, options->aux) ? 0
            : is_in_use ? 2 : 1);
}

static bool
compare_find_source(struct nb *nb, const struct compare_options *options,
                    const struct model_lb *lb, const struct uuid *subnet_id,
                    struct probe_source *ret)
{
    struct source_aux aux = { nb, options, &lb->base.id };

    return (options->ports_are_neutrons
            ? sources_find_port(nb_topology(nb), subnet_id,
                                compare_trust_source, &aux, ret)
            : sources_find(nb_sources(nb), nb_topology(nb), subnet_id,
                           options->is_taken, options->aux, ret));
}

static void
compare_find_sources(struct nb *nb, const struct compare_options *options,
                     const struct model_lb *lb, struct probe_sources *ret,
                     struct comparison *c)
{
    const struct uuidset_node *node;

    probe_subnets(lb, &c->watch.subnets);
    UUIDSET_FOR_EACH (node, &c->watch.subnets) {
        struct probe_source source;

        if (compare_find_source(nb, options, lb, &node->uuid, &source)) {
            probe_sources_add(ret, &source);
        } else if (options->ports_are_neutrons
                   && topology_subnet_by_id(nb_topology(nb), &node->uuid)) {
            uuidset_insert(&c->sourceless, &node->uuid);
        }
    }
}

/* Leaves the probes of members as they were while Neutron makes a port to
 * probe from: another driver before this one may have had a port. */
static void
keep_probes(const struct model_lb *lb, struct comparison *c)
{
    for (size_t i = 0; i < c->want.n_rows; i++) {
        probe_keep(lb, &c->sourceless, &c->seen, c->want.rows[i]);
    }
}

/* Loads the health of members.  The rows that OVN has tell what was known of
 * some. */
static void
load_health(const struct nb *nb, const struct sb *sb, struct model_lb *lb)
{
    struct ovn_lb seen;

    if (health_needs_seen(lb, nb_topology(nb), sb)) {
        nb_observe(nb, &lb->base.id, 0, NULL, &seen);
    } else {
        ovn_lb_init(&seen, &lb->base.id);
    }
    health_load(lb, nb_topology(nb), sb, &seen);
    ovn_lb_uninit(&seen);
}

static void
observe_group(const struct uuid *group_id, struct ovn_lb *seen, void *nb)
{
    nb_observe_group(nb, group_id, seen);
}

void
compare_lb(struct nb *nb, const struct sb *sb,
           const struct compare_options *options, struct model_lb *lb,
           struct comparison *c)
{
    const struct topology *topology = nb_topology(nb);
    struct desired_facts facts = {
        .topology = topology,
        .has_ipv6_hash = nb_has_ipv6_hash(nb),
        .has_central_replies = nb_has_central_replies(nb),
        .enforce_cidrs = options->enforce_cidrs,
        .use_groups = options->use_groups,
    };

    desired_watch_init(&c->watch);
    uuidset_init(&c->sourceless);
    member_homes_find(topology, lb);
    load_health(nb, sb, lb);

    struct model_lb *wanted = model_wanted_create(lb);
    compare_find_sources(nb, options, wanted, &facts.sources, c);
    desired_lb(wanted, &facts, &c->want, &c->watch);
    nb_observe(nb, &lb->base.id, lb, &c->want, &c->seen);
    if (!uuidset_is_empty(&c->sourceless)) {
        keep_probes(wanted, c);
    }
    model_wanted_destroy(wanted);
    if (options->use_groups) {
        const struct groups_observer observer = { observe_group, nb };

        groups_assign(nb_groups(nb), topology, &lb->base.id, &c->want,
                      &c->seen, &observer);
    }
    for (size_t i = 0; i < c->want.n_groups; i++) {
        nb_observe_group(nb, &c->want.groups[i]->id, &c->seen);
    }
    plan_diff(&c->want, &c->seen, &c->plan);
    probe_sources_uninit(&facts.sources);
}

void
comparison_uninit(struct comparison *c)
{
    plan_uninit(&c->plan);
    ovn_lb_uninit(&c->seen);
    ovn_lb_uninit(&c->want);
    desired_watch_uninit(&c->watch);
    uuidset_destroy(&c->sourceless);
}
