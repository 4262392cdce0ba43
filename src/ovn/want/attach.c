/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of association; see attach.h.
 *
 * A VIP's packets are translated where they enter: on the switch of the
 * client, or on the router if they come from elsewhere.  So the load balancer
 * goes
 *
 *   - on the switch of the VIP's subnet and on the switch of each member, but
 *     never on a provider network, where OVN is not the only one to switch;
 *
 *   - on each router that has an interface in one of those subnets, unless
 *     the interface is a gateway to the outside;
 *
 *   - on each switch behind such a router that has addresses of the VIP's IP
 *     version.
 *
 * The Python OVN provider follows the same rules, and an operator who moves
 * between the two must see no difference.
 */

#include <config.h>
#include "ovn/want/attach.h"
#include <stdlib.h>
#include "base/array.h"
#include "base/name-uuid.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "svec.h"
#include "util.h"
#include "uuid.h"

/* Users of a switch, for ls_refs. */
struct switch_count {
    const struct topo_switch *sw;
    unsigned int n;
};

struct counts {
    struct switch_count *array; /* In order of first use. */
    size_t n, allocated;
};

static void add_home(const struct topo_subnet *, const struct topo_switch *,
                     struct attachment *, struct counts *);
static char *format_ls_refs(const struct counts *);
static char *format_lr_ref(const struct topology *, const struct uuidset *);

void
attach_find(const struct topology *topology, const struct attach_input *input,
            struct attachment *a)
{
    struct counts counts = { .n = 0 };

    uuidset_init(&a->switches);
    uuidset_init(&a->routers);
    uuidset_init(&a->homes);

    for (size_t i = 0; i < input->n_places; i++) {
        const struct attach_place *place = &input->places[i];

        add_home(topology_subnet_by_id(topology, &place->subnet_id),
                 topology_home(topology, &place->subnet_id,
                               &place->network_id),
                 a, &counts);
    }

    a->ls_refs = format_ls_refs(&counts);
    a->lr_ref = format_lr_ref(topology, &a->routers);
    free(counts.array);
}

void
attachment_uninit(struct attachment *a)
{
    uuidset_destroy(&a->switches);
    uuidset_destroy(&a->routers);
    uuidset_destroy(&a->homes);
    free(a->ls_refs);
    free(a->lr_ref);
}

static bool
link_has_version(const struct topo_link *link, unsigned int versions)
{
    for (size_t i = 0; i < link->n_networks; i++) {
        if (versions & (IN6_IS_ADDR_V4MAPPED(&link->networks[i])
                        ? ATTACH_IPV4 : ATTACH_IPV6)) {
            return true;
        }
    }
    return false;
}

/* True if a router of a load balancer brings it on the switch. */
static bool
link_extends(const struct topo_link *link, unsigned int versions)
{
    return (!link->is_gateway && !link->sw->is_provider
            && link_has_version(link, versions));
}

static void
count_switch(struct counts *counts, const struct topo_switch *sw)
{
    for (size_t i = 0; i < counts->n; i++) {
        if (counts->array[i].sw == sw) {
            counts->array[i].n++;
            return;
        }
    }
    ARRAY_GROW(counts->array, counts->n, counts->allocated);
    counts->array[counts->n++] = (struct switch_count) { sw, 1 };
}

/* Adds what follows from a VIP or a member living in 'subnet' on 'sw'.
 * Either may be NULL if it is not known (any more). */
static void
add_home(const struct topo_subnet *subnet, const struct topo_switch *sw,
         struct attachment *a, struct counts *counts)
{
    const struct topo_link *link;

    if (!sw) {
        uuidset_insert(&a->homes, &UUID_ZERO);
        return;
    }
    if (!sw->is_provider) {
        count_switch(counts, sw);
        uuidset_insert(&a->switches, &sw->uuid);
    }

    /* Two subnets of one switch may have different routers, so the switch
     * being there already does not end the search.  A member whose subnet was
     * seen costs one walk over the few links of a switch. */
    uuidset_insert(&a->homes, &sw->uuid);
    LIST_FOR_EACH (link, in_switch, &sw->links) {
        if (!link->is_gateway && topo_link_is_in(link, subnet)) {
            uuidset_insert(&a->routers, &link->router->uuid);
        }
    }
}

void
attach_expand(const struct topology *topology, unsigned int versions,
              const struct uuidset *routers, struct uuidset *switches)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, routers) {
        const struct topo_router *router
            = topology_router_by_uuid(topology, &node->uuid);
        const struct topo_link *link;

        LIST_FOR_EACH (link, in_router, &router->links) {
            if (link_extends(link, versions)) {
                uuidset_insert(switches, &link->sw->uuid);
            }
        }
    }
}

/* True if one of the routers brings the load balancer on 'sw' anyway. */
static bool
is_behind_routers(const struct topo_switch *sw, unsigned int versions,
                  const struct uuidset *routers)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sw->links) {
        if (link_extends(link, versions)
            && uuidset_contains(routers, &link->router->uuid)) {
            return true;
        }
    }
    return false;
}

static void
put_sorted(struct ds *s, struct svec *words)
{
    char *joined;

    svec_sort(words);
    joined = svec_join(words, ",", "/");
    ds_put_cstr(s, joined);
    free(joined);
    svec_destroy(words);
}

struct uuid
attach_group(const struct topology *topology, unsigned int versions,
             const struct attachment *a)
{
    struct svec routers = SVEC_EMPTY_INITIALIZER;
    struct svec others = SVEC_EMPTY_INITIALIZER;
    const struct uuidset_node *node;
    struct ds s = DS_EMPTY_INITIALIZER;

    UUIDSET_FOR_EACH (node, &a->routers) {
        svec_add_nocopy(&routers,
                        xasprintf(UUID_FMT, UUID_ARGS(&node->uuid)));
    }
    UUIDSET_FOR_EACH (node, &a->switches) {
        const struct topo_switch *sw
            = topology_switch_by_uuid(topology, &node->uuid);
        if (!is_behind_routers(sw, versions, &a->routers)) {
            svec_add_nocopy(&others,
                            xasprintf(UUID_FMT, UUID_ARGS(&node->uuid)));
        }
    }

    /* Without a router, the version makes no difference. */
    ds_put_format(&s, "%u/", routers.n ? versions : 0);
    put_sorted(&s, &routers);
    put_sorted(&s, &others);
    struct uuid group = name_uuid(&UUID_ZERO, ds_cstr(&s));
    ds_destroy(&s);
    return group;
}

/* The text is what Python's json module makes of the same dictionary: others
 * compare and edit it. */
static char *
format_ls_refs(const struct counts *counts)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_char(&s, '{');
    for (size_t i = 0; i < counts->n; i++) {
        const struct switch_count *count = &counts->array[i];
        if (i) {
            ds_put_cstr(&s, ", ");
        }
        if (count->sw->name[0]) {
            json_string_escape(count->sw->name, &s);
        } else {
            /* Names are not mandatory in OVN. */
            ds_put_format(&s, "\""UUID_FMT"\"", UUID_ARGS(&count->sw->uuid));
        }
        ds_put_format(&s, ": %u", count->n);
    }
    ds_put_char(&s, '}');
    return ds_steal_cstr(&s);
}

static char *
format_lr_ref(const struct topology *topology, const struct uuidset *routers)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, routers) {
        const struct topo_router *router
            = topology_router_by_uuid(topology, &node->uuid);
        if (router->name[0]) {
            svec_add(&names, router->name);
        } else {
            svec_add_nocopy(&names, xasprintf(UUID_FMT,
                                              UUID_ARGS(&router->uuid)));
        }
    }
    svec_sort(&names);
    char *joined = svec_join(&names, ",", "");
    svec_destroy(&names);
    return joined;
}
