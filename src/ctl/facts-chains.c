/* SPDX-License-Identifier: Apache-2.0
 *
 * Chains: VIPs that are members, members that are VIPs, and what others have
 * made in OVN that ends at a VIP; see facts.h.  An address is one only in its
 * network.
 */

#include <config.h>
#include <string.h>
#include "base/ip.h"
#include "ctl/context.h"
#include "ctl/facts.h"
#include "model/objects.h"
#include "net/topology.h"
#include "ovn/db/nb-facts.h"
#include "ovn/want/backends.h"
#include "ovn/want/member-home.h"
#include "packets.h"
#include "store/tree.h"
#include "util.h"
#include "uuid.h"

/* An address in its place. */
struct place {
    struct in6_addr ip;
    const struct topo_switch *sw;
};

struct chains {
    struct facts *facts;
    const struct store *store;
};

static bool
chains_find_place(const struct topology *topology, const struct in6_addr *ip,
                  const struct uuid *subnet_id, const struct uuid *network_id,
                  struct place *ret)
{
    ret->sw = topology_home(topology, subnet_id, network_id);
    ret->ip = *ip;
    return ret->sw && ipv6_addr_is_set(ip);
}

/* True if the member is at 'vip'. */
static bool
member_is_at(const struct topology *topology,
             const struct model_member *member, const struct place *vip)
{
    struct place place;

    return (member->has_subnet && model_base_is_wanted(&member->base)
            && member->base.admin_state_up
            && chains_find_place(topology, &member->ip, &member->subnet_id,
                                 &UUID_ZERO, &place)
            && place.sw == vip->sw
            && !memcmp(&place.ip, &vip->ip, sizeof place.ip));
}

/* Adds to 'ret' a text for each member of 'lb' that is at the VIP. */
static void
add_members_at(const struct facts *facts, const struct model_lb *lb,
               const struct model_lb *vips_lb, const struct place *vip,
               struct svec *ret)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];

        for (size_t j = 0; j < pool->n_members; j++) {
            const struct model_member *member = &pool->members[j];
            bool is_ours = lb == facts->lb;

            if (!member_is_at(facts->topology, member, vip)) {
                continue;
            }
            svec_add_nocopy(
                ret,
                xasprintf("%s is a %s of load balancer "UUID_FMT,
                          member->address, is_ours ? "VIP" : "member",
                          UUID_ARGS(is_ours ? &vips_lb->base.id
                                    : &lb->base.id)));
        }
    }
}

/* Adds the members of 'lb' that are VIPs of 'vips_lb'. */
static void
add_chains(const struct facts *facts, const struct model_lb *lb,
           const struct model_lb *vips_lb, struct svec *ret)
{
    struct place place;

    for (size_t i = 0; i < vips_lb->n_vips; i++) {
        const struct model_vip *vip = &vips_lb->vips[i];

        if (chains_find_place(facts->topology, &vip->ip, &vip->subnet_id,
                              &vip->network_id, &place)) {
            add_members_at(facts, lb, vips_lb, &place, ret);
        }
    }
}

static void
chains_look_at_lb(const struct uuid *id, void *chains_)
{
    const struct chains *chains = chains_;
    struct facts *facts = chains->facts;
    bool is_ours = uuid_equals(id, &facts->lb->base.id);
    struct model_lb *other = is_ours ? NULL : store_load_lb(chains->store, id);

    if (other) {
        member_homes_find(facts->topology, other);
    }
    if (is_ours) {
        add_chains(facts, facts->lb, facts->lb, &facts->vips_of_others);
    } else if (other && model_base_is_wanted(&other->base)) {
        add_chains(facts, facts->lb, other, &facts->vips_of_others);
        add_chains(facts, other, facts->lb, &facts->vips_used);
    }
    model_lb_destroy(other);
}

static void
find_forwards(struct context *ctx, struct facts *facts)
{
    for (size_t i = 0; i < facts->n_vips; i++) {
        const struct fact_vip *fact = &facts->vips[i];
        struct svec names = SVEC_EMPTY_INITIALIZER;
        const char *name;
        size_t j;

        if (!fact->is_floating && fact->sw
            && ipv6_addr_is_set(&fact->vip->ip)) {
            nb_facts_forwards(context_nb(ctx), fact->sw, &fact->vip->ip,
                              &names);
        }
        SVEC_FOR_EACH (j, name, &names) {
            svec_add_nocopy(&facts->forwards,
                            xasprintf("Load_Balancer %s of another owner ends "
                                      "at VIP %s", name, fact->vip->address));
        }
        svec_destroy(&names);
    }
}

void
facts_gather_chains(struct context *ctx, struct facts *facts)
{
    struct chains chains = { facts, context_store(ctx) };

    store_for_each_lb(chains.store, chains_look_at_lb, &chains);
    svec_sort_unique(&facts->vips_of_others);
    svec_sort_unique(&facts->vips_used);
    find_forwards(ctx, facts);
}
