/* SPDX-License-Identifier: Apache-2.0
 *
 * Tells which addresses of a switch are taken: those that ports have, and
 * those that OVN's configuration reserves.  Counted, so that two ports may
 * have the same address and one of them go; and kept as a number per subnet,
 * so that no subnet has to be walked to know how full it is.
 */

#include <config.h>
#include "base/array.h"
#include "base/ip.h"
#include "base/ip-set.h"
#include "net/topology-private.h"

/* An address that at least one port has. */
struct address {
    struct hmap_node in_switch;     /* In 'topo_switch.addresses'. */
    struct in6_addr ip;
    struct ovs_list users;          /* address_use.in_address. */
};

/* The use of an address by a port. */
struct address_use {
    struct ovs_list in_address;
    struct address *address;
    struct port_node *port;
};

static struct address *
address_find(const struct topo_switch *sw, const struct in6_addr *ip)
{
    struct address *a;

    HMAP_FOR_EACH_WITH_HASH (a, in_switch, ip_hash(ip, 0), &sw->addresses) {
        if (!addr_compare(&a->ip, ip)) {
            return a;
        }
    }
    return NULL;
}

bool
addresses_is_used(const struct topo_switch *sw, const struct in6_addr *ip)
{
    return address_find(sw, ip) != NULL;
}

/* Adds 'delta' to the count of every subnet that could give 'ip' to a host.
 * A reserved address is not counted: it cannot be given anyway. */
static void
address_count(struct switch_node *sn, const struct in6_addr *ip, int delta)
{
    struct topo_subnet *subnet;

    if (addresses_find_reserved(sn, ip)) {
        return;
    }
    LIST_FOR_EACH (subnet, in_switch, &sn->up.subnets) {
        if (topo_subnet_is_host(subnet, ip)) {
            subnet_node_cast(subnet)->n_used += delta;
        }
    }
}

void
addresses_recount(struct switch_node *sn)
{
    struct topo_subnet *subnet;
    LIST_FOR_EACH (subnet, in_switch, &sn->up.subnets) {
        subnet_node_cast(subnet)->n_used = 0;
    }

    struct address *a;
    HMAP_FOR_EACH (a, in_switch, &sn->up.addresses) {
        address_count(sn, &a->ip, 1);
    }
    sn->recount = false;
}

/* True if the counts are kept up to date change by change.  They are not while
 * a recount is due, since it will start from nothing. */
static bool
counts_are_live(const struct switch_node *sn)
{
    return !sn->recount && !sn->is_dead;
}

static struct address *
get_address(struct topo_switch *sw, const struct in6_addr *ip)
{
    struct address *a = address_find(sw, ip);

    if (!a) {
        a = xmalloc(sizeof *a);
        a->ip = *ip;
        ovs_list_init(&a->users);
        hmap_insert(&sw->addresses, &a->in_switch, ip_hash(ip, 0));
        if (counts_are_live(switch_node_cast(sw))) {
            address_count(switch_node_cast(sw), ip, 1);
        }
    }
    return a;
}

static void
put_address(struct topo_switch *sw, struct address *a)
{
    if (ovs_list_is_empty(&a->users)) {
        if (counts_are_live(switch_node_cast(sw))) {
            address_count(switch_node_cast(sw), &a->ip, -1);
        }
        hmap_remove(&sw->addresses, &a->in_switch);
        free(a);
    }
}

/* Enters all addresses of the port, which its switch 'sw' has just got. */
void
addresses_add(struct topo_switch *sw, struct port_node *pn)
{
    if (!pn->up.n_addresses) {
        return;
    }
    pn->uses = xcalloc(pn->up.n_addresses, sizeof *pn->uses);
    for (size_t i = 0; i < pn->up.n_addresses; i++) {
        struct address_use *use = &pn->uses[i];

        use->port = pn;
        use->address = get_address(sw, &pn->up.addresses[i]);
        ovs_list_push_back(&use->address->users, &use->in_address);
    }
}

/* Undoes addresses_add(). */
void
addresses_remove(struct topo_switch *sw, struct port_node *pn)
{
    for (size_t i = 0; pn->uses && i < pn->up.n_addresses; i++) {
        ovs_list_remove(&pn->uses[i].in_address);
        put_address(sw, pn->uses[i].address);
    }
    free(pn->uses);
    pn->uses = NULL;
}

/* Returns the port with the lowest UUID of those with the address, so that
 * every process gives the same answer. */
struct topo_port *
topo_switch_user_of(const struct topo_switch *sw, const struct in6_addr *ip,
                    bool *reserved)
{
    const struct address *a = address_find(sw, ip);
    struct topo_port *lowest = NULL;

    if (a) {
        struct address_use *use;
        LIST_FOR_EACH (use, in_address, &a->users) {
            struct topo_port *port = &use->port->up;
            if (!lowest
                || uuid_compare_3way(&port->uuid, &lowest->uuid) < 0) {
                lowest = port;
            }
        }
    }
    *reserved = !lowest && addresses_find_reserved(switch_node_cast(sw), ip);
    return lowest;
}

/* Reserved addresses. */

const struct addr_range *
addresses_find_reserved(const struct switch_node *sn,
                        const struct in6_addr *ip)
{
    size_t low = 0;
    size_t high = sn->n_reserved;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct addr_range *range = &sn->reserved[middle];

        if (addr_compare(ip, &range->first) < 0) {
            high = middle;
        } else if (addr_compare(ip, &range->last) > 0) {
            low = middle + 1;
        } else {
            return range;
        }
    }
    return NULL;
}

/* Parses "10.0.0.4" or "10.0.0.10..10.0.0.20". */
static bool
parse_range(char *word, struct addr_range *ret)
{
    char *dots = strstr(word, "..");

    if (dots) {
        *dots = '\0';
    }
    return (ip_parse_any(word, &ret->first)
            && ip_parse_any(dots ? dots + 2 : word, &ret->last)
            && (!IN6_IS_ADDR_V4MAPPED(&ret->first)
                == !IN6_IS_ADDR_V4MAPPED(&ret->last))
            && addr_compare(&ret->first, &ret->last) <= 0);
}

static int
compare_ranges(const void *a_, const void *b_)
{
    const struct addr_range *a = a_;
    const struct addr_range *b = b_;

    return addr_compare(&a->first, &b->first);
}

/* Sorts the ranges and joins those that overlap.  Returns how many are
 * left. */
static size_t
normalize_ranges(struct addr_range *ranges, size_t n)
{
    size_t kept = 0;

    if (n > 1) {
        qsort(ranges, n, sizeof *ranges, compare_ranges);
    }
    for (size_t i = 0; i < n; i++) {
        if (kept
            && addr_compare(&ranges[i].first, &ranges[kept - 1].last) <= 0) {
            if (addr_compare(&ranges[i].last, &ranges[kept - 1].last) > 0) {
                ranges[kept - 1].last = ranges[i].last;
            }
        } else {
            ranges[kept++] = ranges[i];
        }
    }
    return kept;
}

/* Reads what 'sn' says is reserved: exclude_ips and, as OVN's IPAM does, the
 * first host address of the IPv4 subnet, for a router that may come. */
void
addresses_reserve(struct switch_node *sn)
{
    struct addr_range *ranges = NULL;
    size_t allocated = 0;
    size_t n = 0;

    struct addr_prefix subnet;
    if (sn->subnet && addr_prefix_parse(sn->subnet, &subnet)
        && !subnet.is_ipv6 && subnet.plen < 31) {
        ranges = x2nrealloc(ranges, &allocated, sizeof *ranges);
        ranges[0].first = addr_next(addr_prefix_first(&subnet));
        ranges[0].last = ranges[0].first;
        n = 1;
    }

    char *copy = xstrdup(sn->exclude_ips ? sn->exclude_ips : "");
    char *save = NULL;
    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        ARRAY_GROW(ranges, n, allocated);
        n += parse_range(word, &ranges[n]);
    }
    free(copy);

    free(sn->reserved);
    sn->reserved = ranges;
    sn->n_reserved = normalize_ranges(ranges, n);
    sn->recount = true;
}
