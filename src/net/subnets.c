/* SPDX-License-Identifier: Apache-2.0
 *
 * The subnets of a switch: what its configuration says, what the DHCP options
 * of its ports say, and the networks of the routers attached to it.  Derived
 * anew for a switch on which something changed; a subnet that stays keeps its
 * node, and with it its counts.
 */

#include <config.h>
#include "base/array.h"
#include "base/ip.h"
#include "net/topology-private.h"

/* OVN takes the whole of an IPv6 prefix that has no length for a /64. */
#define IPV6_PREFIX_PLEN 64

static struct wanted *
subnet_want(struct wanted_list *list, const struct addr_prefix *prefix,
            enum wanted_origin origin)
{
    ARRAY_GROW(list->elems, list->n, list->allocated);
    list->elems[list->n++] = (struct wanted) {
        .prefix = *prefix,
        .origin = origin,
    };

    struct wanted *w = &list->elems[list->n - 1];
    w->prefix.ip = addr_prefix_first(prefix);
    return w;
}

static void
want_configured(struct wanted_list *list, const struct switch_node *sn)
{
    struct addr_prefix p;

    if (sn->subnet && addr_prefix_parse(sn->subnet, &p) && !p.is_ipv6) {
        subnet_want(list, &p, WANTED_CONFIGURED);
    }
    if (sn->ipv6_prefix && addr_prefix_parse(sn->ipv6_prefix, &p)
        && p.is_ipv6) {
        if (!strchr(sn->ipv6_prefix, '/')) {
            p.plen = IPV6_PREFIX_PLEN;
        }
        subnet_want(list, &p, WANTED_CONFIGURED);
    }
}

static struct addr_prefix
link_prefix(const struct topo_link *link, size_t i)
{
    return (struct addr_prefix) {
        .ip = link->networks[i],
        .plen = link->plens[i],
        .is_ipv6 = !IN6_IS_ADDR_V4MAPPED(&link->networks[i]),
    };
}

static bool
subnet_covers(const struct addr_prefix *a, const struct addr_prefix *b)
{
    return a->plen <= b->plen && addr_prefix_contains(a, &b->ip);
}

static bool
subnet_overlaps(const struct addr_prefix *a, const struct addr_prefix *b)
{
    return subnet_covers(a, b) || subnet_covers(b, a);
}

static int
compare_dhcp_subnets(const void *a_, const void *b_)
{
    const struct dhcp_subnet *const *a = a_;
    const struct dhcp_subnet *const *b = b_;
    int cmp = addr_prefix_compare(&(*a)->prefix, &(*b)->prefix);

    return cmp ? cmp : uuid_compare_3way(&(*a)->id, &(*b)->id);
}

/* Keeps the first of two subnets that overlap.  Neutron keeps the subnets of a
 * network apart, so they are being edited. */
static void
want_dhcp_subnet(struct wanted_list *list, const struct dhcp_subnet *subnet)
{
    for (size_t i = 0; i < list->n; i++) {
        struct wanted *w = &list->elems[i];

        if (subnet_overlaps(&w->prefix, &subnet->prefix)) {
            if (!w->has_id
                && !addr_prefix_compare(&w->prefix, &subnet->prefix)) {
                w->has_id = true;
                w->id = subnet->id;
            }
            return;
        }
    }

    struct wanted *w = subnet_want(list, &subnet->prefix, WANTED_DHCP);
    w->has_id = true;
    w->id = subnet->id;
}

static void
want_dhcp(struct wanted_list *list, const struct switch_node *sn)
{
    const struct dhcp_subnet *subnet;
    size_t n = 0;

    if (ovs_list_is_empty(&sn->dhcp_subnets)) {
        return;
    }

    const struct dhcp_subnet **sorted
        = xcalloc(ovs_list_size(&sn->dhcp_subnets), sizeof *sorted);
    LIST_FOR_EACH (subnet, in_switch, &sn->dhcp_subnets) {
        sorted[n++] = subnet;
    }
    qsort(sorted, n, sizeof *sorted, compare_dhcp_subnets);
    for (size_t i = 0; i < n; i++) {
        want_dhcp_subnet(list, sorted[i]);
    }
    free(sorted);
}

/* True if the network 'p' of a router adds nothing to the subnet 'w'.  A
 * configured one may be a part of the router's; DHCP knows better. */
static bool
subnet_wants(const struct wanted *w, const struct addr_prefix *p)
{
    return (subnet_covers(&w->prefix, p)
            || (w->origin == WANTED_DHCP && subnet_covers(p, &w->prefix)));
}

/* Adds the networks of routers.  A public network has thousands of routers in
 * its one subnet: those are sorted out here, before anything is sorted. */
static void
want_links(struct wanted_list *list, const struct switch_node *sn)
{
    size_t n_known = list->n;
    struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sn->up.links) {
        for (size_t i = 0; i < link->n_networks; i++) {
            struct addr_prefix p = link_prefix(link, i);
            size_t j = 0;
            while (j < n_known && !subnet_wants(&list->elems[j], &p)) {
                j++;
            }
            if (j == n_known) {
                subnet_want(list, &p, WANTED_ROUTER);
            }
        }
    }
}

/* Sorts, with the one of a router last of two equal ones, so that the other is
 * kept. */
static int
compare_wanted(const void *a_, const void *b_)
{
    const struct wanted *a = a_;
    const struct wanted *b = b_;
    int cmp = addr_prefix_compare(&a->prefix, &b->prefix);

    return cmp ? cmp : (int) a->origin - (int) b->origin;
}

/* Sorts the list, and drops the networks of routers that another subnet
 * covers.  Prefixes either nest or are apart, so that in this order a network
 * is covered by the last one that was not, or by none. */
static void
drop_covered(struct wanted_list *list)
{
    const struct addr_prefix *cover = NULL;
    size_t kept = 0;

    if (list->n > 1) {
        qsort(list->elems, list->n, sizeof *list->elems, compare_wanted);
    }
    for (size_t i = 0; i < list->n; i++) {
        bool is_covered = cover && subnet_covers(cover,
                                                 &list->elems[i].prefix);

        if (!is_covered || list->elems[i].origin != WANTED_ROUTER) {
            list->elems[kept] = list->elems[i];
            if (!is_covered) {
                cover = &list->elems[kept].prefix;
            }
            kept++;
        }
    }
    list->n = kept;
}

/* A router that has its uplink here is hardly the way out for others; of
 * equals, the lowest address. */
static void
offer_gateway(struct wanted *w, const struct in6_addr *ip, bool is_external)
{
    if (!w->has_gateway
        || (w->gateway_is_external != is_external
            ? !is_external
            : addr_compare(ip, &w->gateway) < 0)) {
        w->has_gateway = true;
        w->gateway_is_external = is_external;
        w->gateway = *ip;
    }
}

/* True if the subnet begins after the address, in the order of the list. */
static bool
begins_after(const struct wanted *w, const struct addr_prefix *p)
{
    return (w->prefix.is_ipv6 != p->is_ipv6
            ? w->prefix.is_ipv6
            : addr_compare(&w->prefix.ip, &p->ip) > 0);
}

/* Offers the address to the subnets that hold it.  At most two do, and they
 * are neighbours: a configured one, and a router's that is wider. */
static void
offer_address(struct wanted_list *list, const struct addr_prefix *p,
              bool is_external)
{
    size_t low = 0;
    size_t high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (begins_after(&list->elems[middle], p)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    for (size_t back = 1; back <= 2 && back <= low; back++) {
        struct wanted *w = &list->elems[low - back];
        if (addr_prefix_contains(&w->prefix, &p->ip)) {
            offer_gateway(w, &p->ip, is_external);
        }
    }
}

static void
subnet_want_gateways(struct wanted_list *list, const struct switch_node *sn)
{
    struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sn->up.links) {
        for (size_t i = 0; i < link->n_networks; i++) {
            struct addr_prefix p = link_prefix(link, i);
            offer_address(list, &p, link->is_gateway);
        }
    }
}

/* The first and the last address that hosts may have: not the network's own
 * and, in IPv4, not the broadcast address.  The smallest prefixes have neither
 * (RFC 3021, RFC 6164). */
static void
set_hosts(struct subnet_node *node)
{
    unsigned int bits = (node->prefix.is_ipv6 ? 128 : 32) - node->prefix.plen;

    node->first_host = addr_prefix_first(&node->prefix);
    node->last_host = addr_prefix_last(&node->prefix);
    if (bits > 1) {
        node->first_host = addr_next(node->first_host);
        if (!node->prefix.is_ipv6) {
            node->last_host = addr_previous(node->last_host);
        }
    }
}

static struct subnet_node *
subnet_create(struct topology *t, struct switch_node *sn,
              const struct wanted *w)
{
    struct subnet_node *node = xzalloc(sizeof *node);

    node->prefix = w->prefix;
    set_hosts(node);
    node->up.sw = &sn->up;
    node->up.cidr = addr_prefix_format(&w->prefix);
    node->up.prefix = w->prefix.ip;
    node->up.plen = w->prefix.plen;
    node->up.is_ipv6 = w->prefix.is_ipv6;

    /* identify_subnets() comes next. */
    hmap_insert(&t->subnets, &node->up.by_id, uuid_hash(&node->up.id));
    return node;
}

static void
subnet_destroy(struct topology *t, struct topo_subnet *subnet)
{
    hmap_remove(&t->subnets, &subnet->by_id);
    subnet_aliases_remove(t, subnet_node_cast(subnet));
    ovs_list_remove(&subnet->in_switch);
    free(subnet->name);
    free(subnet->cidr);
    free(subnet->gateway_ip);
    free(subnet_node_cast(subnet));
}

void
subnets_destroy(struct topology *t, struct switch_node *sn)
{
    struct topo_subnet *subnet;

    LIST_FOR_EACH_SAFE (subnet, in_switch, &sn->up.subnets) {
        subnet_destroy(t, subnet);
    }
}

/* Returns true if the id was another one. */
static bool
subnet_set_id(struct topology *t, struct topo_subnet *subnet,
              const struct uuid *id)
{
    if (uuid_equals(&subnet->id, id)) {
        return false;
    }
    subnet->id = *id;
    hmap_remove(&t->subnets, &subnet->by_id);
    hmap_insert(&t->subnets, &subnet->by_id, uuid_hash(id));
    return true;
}

/* Makes the switch's list equal to the sorted 'list'.  Returns true if a
 * subnet came or went. */
static bool
merge_subnets(struct topology *t, struct switch_node *sn,
              const struct wanted_list *list)
{
    struct ovs_list *next = sn->up.subnets.next;
    bool changed = false;
    size_t i = 0;

    while (i < list->n || next != &sn->up.subnets) {
        struct topo_subnet *old = (next != &sn->up.subnets
                                   ? CONTAINER_OF(next, struct topo_subnet,
                                                  in_switch)
                                   : NULL);
        int cmp = (!old ? 1
                   : i >= list->n ? -1
                   : addr_prefix_compare(&subnet_node_cast(old)->prefix,
                                         &list->elems[i].prefix));
        if (cmp <= 0) {
            next = next->next;
        }
        if (cmp < 0) {
            subnet_destroy(t, old);
        } else if (cmp > 0) {
            struct subnet_node *node = subnet_create(t, sn, &list->elems[i]);
            ovs_list_insert(next, &node->up.in_switch);
        }
        i += cmp >= 0;
        changed |= cmp != 0;
    }
    return changed;
}

/* A subnet has aliases as long as its id is derived. */
static void
subnet_set_aliases(struct topology *t, struct subnet_node *node,
                   bool is_derived)
{
    if (!is_derived) {
        subnet_aliases_remove(t, node);
    } else if (!node->aliases) {
        subnet_aliases_add(t, node);
    }
}

/* Ids.  The lists have the same elements by now.  Returns true if one
 * changed. */
static bool
identify_subnets(struct topology *t, struct switch_node *sn,
                 const struct wanted_list *list)
{
    struct topo_subnet *subnet;
    bool changed = false;
    size_t i = 0;

    LIST_FOR_EACH (subnet, in_switch, &sn->up.subnets) {
        const struct wanted *w = &list->elems[i];
        struct uuid id = (w->has_id ? w->id
                          : subnet_derive_id(&sn->up.uuid, list, i));
        changed |= subnet_set_id(t, subnet, &id);
        subnet_set_aliases(t, subnet_node_cast(subnet), !w->has_id);
        i++;
    }
    return changed;
}

/* Names and gateways.  The lists have the same elements by now. */
static void
describe_subnets(struct topology *t, struct switch_node *sn,
                 const struct wanted_list *list)
{
    const struct wanted *w = list->elems;
    struct topo_subnet *subnet;

    LIST_FOR_EACH (subnet, in_switch, &sn->up.subnets) {
        char *name = (w == list->elems
                      ? xstrdup(sn->up.display_name)
                      : xasprintf("%s:%s", sn->up.display_name,
                                  subnet->cidr));
        char *gateway = (w->has_gateway
                         ? ip_format_any(&w->gateway)
                         : NULL);

        t->changed |= replace_string(&subnet->name, name);
        t->changed |= replace_string(&subnet->gateway_ip, gateway);
        free(name);
        free(gateway);
        w++;
    }
}

/* The load balancers of the routers go on the switch, or leave it. */
static void
report_routers(struct topology *t, const struct topo_switch *sw)
{
    const struct topo_link *link;

    LIST_FOR_EACH (link, in_switch, &sw->links) {
        uuidset_insert(&t->changed_routers, &link->router->uuid);
    }
}

static void
update_switch(struct topology *t, struct switch_node *sn)
{
    struct wanted_list list = { .n = 0 };

    want_configured(&list, sn);
    want_dhcp(&list, sn);
    want_links(&list, sn);
    drop_covered(&list);
    subnet_ids_find(&list, sn);
    subnet_want_gateways(&list, sn);

    bool is_provider = sn->has_physical_network || sn->n_localnet > 0;
    bool is_transit = sn->n_remote > 0;
    bool subnets_changed = merge_subnets(t, sn, &list);
    bool ids_changed = identify_subnets(t, sn, &list);
    bool kind_changed = (is_provider != sn->up.is_provider
                         || is_transit != sn->up.is_transit);
    if (kind_changed) {
        report_routers(t, &sn->up);
    }
    if (subnets_changed || ids_changed || kind_changed) {
        sn->up.is_provider = is_provider;
        sn->up.is_transit = is_transit;
        uuidset_insert(&t->changed_switches, &sn->up.uuid);
        t->changed = true;
    }
    describe_subnets(t, sn, &list);
    if (subnets_changed || sn->recount) {
        addresses_recount(sn);
    }
    free(list.elems);
}

/* Brings the dirty switches up to date, after the dirty ports. */
void
subnets_update(struct topology *t)
{
    struct switch_node *sn;

    LIST_FOR_EACH_POP (sn, dirty, &t->dirty_switches) {
        ovs_list_init(&sn->dirty);
        update_switch(t, sn);
    }
}
