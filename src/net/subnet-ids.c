/* SPDX-License-Identifier: Apache-2.0
 *
 * Neutron's ids of subnets, from the router ports on a switch.  Such a port
 * has prefixes in one column and ids in another, and nothing that says which
 * belongs to which.  Called by subnets.c with the subnets that a switch should
 * have, of which some have ids: from DHCP options.
 */

#include <config.h>
#include "net/topology-private.h"

/* Holds the ids and subnets that one port leaves open: at most one of each, or
 * the port does not help. */
struct open {
    struct wanted *subnet;
    const struct uuid *id;
    bool is_ambiguous;
};

static struct wanted *
find_wanted(const struct wanted_list *list, const struct addr_prefix *prefix)
{
    size_t low = 0;
    size_t high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int cmp = addr_prefix_compare(&list->elems[middle].prefix, prefix);
        if (!cmp) {
            return &list->elems[middle];
        } else if (cmp > 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static bool
id_is_known(const struct wanted_list *list, const struct uuid *id)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->elems[i].has_id && uuid_equals(&list->elems[i].id, id)) {
            return true;
        }
    }
    return false;
}

static void
open_subnets(const struct wanted_list *list, const struct topo_link *link,
             struct open *open)
{
    for (size_t i = 0; i < link->n_networks; i++) {
        struct addr_prefix p = {
            .ip = link->networks[i],
            .plen = link->plens[i],
            .is_ipv6 = !IN6_IS_ADDR_V4MAPPED(&link->networks[i]),
        };
        p.ip = addr_prefix_first(&p);

        /* A part of a subnet leaves an id over. */
        struct wanted *w = find_wanted(list, &p);
        if (!w || (!w->has_id && open->subnet && w != open->subnet)) {
            open->is_ambiguous = true;
        } else if (!w->has_id) {
            open->subnet = w;
        }
    }
}

static void
open_ids(const struct wanted_list *list, const struct topo_link *link,
         struct open *open)
{
    for (size_t i = 0; i < link->n_subnet_ids; i++) {
        if (!id_is_known(list, &link->subnet_ids[i])) {
            open->is_ambiguous |= open->id != NULL;
            open->id = &link->subnet_ids[i];
        }
    }
}

/* Makes one round over all ports, from the facts before it: the order of the
 * ports makes no difference.  A subnet with two ids gets the lower one. */
static bool
find_more(struct wanted_list *list, const struct switch_node *sn)
{
    struct uuid *claims = xcalloc(list->n, sizeof *claims);
    const struct topo_link *link;
    bool found = false;

    LIST_FOR_EACH (link, in_switch, &sn->up.links) {
        struct open open = { .subnet = NULL };

        open_subnets(list, link, &open);
        if (open.subnet && !open.is_ambiguous) {
            open_ids(list, link, &open);
        }
        if (open.id && !open.is_ambiguous) {
            struct uuid *claim = &claims[open.subnet - list->elems];
            if (uuid_is_zero(claim)
                || uuid_compare_3way(open.id, claim) < 0) {
                *claim = *open.id;
            }
        }
    }
    for (size_t i = 0; i < list->n; i++) {
        if (!uuid_is_zero(&claims[i])) {
            list->elems[i].has_id = found = true;
            list->elems[i].id = claims[i];
        }
    }
    free(claims);
    return found;
}

void
subnet_ids_find(struct wanted_list *list, const struct switch_node *sn)
{
    while (find_more(list, sn)) {
        continue;
    }
}
