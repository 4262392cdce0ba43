/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids of subnets that are not Neutron's: derived, so that every process finds
 * the same after every restart, with nothing stored anywhere.  Load balancers
 * and members keep them for years, in which people widen their subnets.
 *
 * The rule: an id follows from the switch and the network's address, whatever
 * the length of the prefix, which is written as if it were usual_plen().  To
 * widen or narrow a subnet keeps its id; another network address is another
 * subnet.  A subnet answers to other ids, too, its aliases:
 *
 *   - what earlier versions made of its network address with any length,
 *   - that of the narrower or wider one that began at the same address beside
 *     it, for as long as other_config and a router did not agree,
 *   - and the ids of the subnets that it may have been: if it is widened, its
 *     network address can move down, and up if it is narrowed.
 *
 * Called by subnets.c, and by topology.c for an id that no subnet has.
 */

#include <config.h>
#include "base/ip.h"
#include "base/name-uuid.h"
#include "net/topology-private.h"

/* The lengths that nearly all subnets have: their ids are those that earlier
 * versions made of address and length. */
#define USUAL_PLEN_V4 24
#define USUAL_PLEN_V6 64

/* Bits by which a subnet may be widened or narrowed and still be known by its
 * old id although the address of the network is another one. */
#define MOVE_BITS 4

/* Aliases that say less come after those that say more. */
enum alias_rank {
    ALIAS_SAME_ADDRESS,
    ALIAS_OTHER_ADDRESS,
};

struct subnet_alias {
    struct hmap_node by_id;             /* In topology.subnet_aliases. */
    struct uuid id;
    enum alias_rank rank;
    struct subnet_node *subnet;
};

static unsigned int
n_bits(const struct addr_prefix *p)
{
    return p->is_ipv6 ? 128 : 32;
}

/* Derives the id that earlier versions made of the address and the length. */
static struct uuid
id_of(const struct uuid *sw, const struct in6_addr *ip, unsigned int plen)
{
    char *address = ip_format_any(ip);
    char *cidr = xasprintf("%s/%u", address, plen);
    struct uuid id = name_uuid(sw, cidr);

    free(address);
    free(cidr);
    return id;
}

static unsigned int
usual_plen(const struct addr_prefix *p)
{
    return p->is_ipv6 ? USUAL_PLEN_V6 : USUAL_PLEN_V4;
}

static struct uuid
usual_id(const struct uuid *sw, const struct addr_prefix *p)
{
    struct in6_addr first = addr_prefix_first(p);

    return id_of(sw, &first, usual_plen(p));
}

/* True if the subnet at 'i' has to leave the id of its network address to its
 * neighbour in the list: a configured subnet within a router's, which begin
 * alike. */
static bool
is_second(const struct wanted_list *list, size_t i)
{
    const struct wanted *w = &list->elems[i];

    for (size_t j = i ? i - 1 : 0; j <= i + 1 && j < list->n; j++) {
        const struct wanted *other = &list->elems[j];
        if (other->origin < w->origin && !other->has_id
            && other->prefix.is_ipv6 == w->prefix.is_ipv6
            && !addr_compare(&other->prefix.ip, &w->prefix.ip)) {
            return true;
        }
    }
    return false;
}

/* The id of a second one. */
static struct uuid
second_id(const struct uuid *sw, const struct addr_prefix *p)
{
    struct uuid space = usual_id(sw, p);

    return name_uuid(&space, "router");
}

struct uuid
subnet_derive_id(const struct uuid *sw, const struct wanted_list *list,
                 size_t i)
{
    const struct addr_prefix *p = &list->elems[i].prefix;

    return is_second(list, i) ? second_id(sw, p) : usual_id(sw, p);
}

/* Collects the aliases of a subnet to be.  There may be as many as
 * ALIASES_MAX: one for each length, one for the neighbour, and those that
 * begin elsewhere. */
#define ALIASES_MAX (128 + 1 + MOVE_BITS + (1 << MOVE_BITS))

struct alias_list {
    const struct uuid *sw;
    const struct addr_prefix *prefix;
    struct subnet_alias elems[ALIASES_MAX];
    size_t n;
};

static void
add_alias(struct alias_list *list, struct uuid id, enum alias_rank rank)
{
    list->elems[list->n++] = (struct subnet_alias) { .id = id, .rank = rank };
}

/* True if the subnet may have had the length: prefixes of IPv6 end where a
 * digit of the address does. */
static bool
is_likely(const struct addr_prefix *p, unsigned int plen)
{
    return plen == p->plen || !p->is_ipv6 || !(plen % 4);
}

/* Adds an alias for each length with which the address could be that of a
 * network. */
static void
add_lengths(struct alias_list *list)
{
    struct addr_prefix p = *list->prefix;

    for (p.plen = n_bits(&p); p.plen > 0; p.plen--) {
        struct in6_addr first = addr_prefix_first(&p);
        if (addr_compare(&first, &list->prefix->ip)) {
            break;
        }
        if (p.plen != usual_plen(&p) && is_likely(list->prefix, p.plen)) {
            add_alias(list, id_of(list->sw, &first, p.plen),
                      ALIAS_SAME_ADDRESS);
        }
    }
}

/* Adds the ids of wider subnets, which began before. */
static void
add_wider(struct alias_list *list)
{
    struct addr_prefix p = *list->prefix;

    for (int i = 0; i < MOVE_BITS && p.plen > 1; i++) {
        p.plen--;
        struct in6_addr first = addr_prefix_first(&p);
        if (addr_compare(&first, &list->prefix->ip)) {
            add_alias(list, usual_id(list->sw, &p), ALIAS_OTHER_ADDRESS);
        }
    }
}

/* Adds the ids of narrower subnets, which began further up. */
static void
add_narrower(struct alias_list *list)
{
    struct addr_prefix p = *list->prefix;

    p.plen = MIN(p.plen + MOVE_BITS, n_bits(&p));
    for (int i = 1; i < 1 << MOVE_BITS; i++) {
        p.ip = addr_next(addr_prefix_last(&p));
        if (!addr_prefix_contains(list->prefix, &p.ip)) {
            break;
        }
        add_alias(list, usual_id(list->sw, &p), ALIAS_OTHER_ADDRESS);
    }
}

void
subnet_aliases_add(struct topology *t, struct subnet_node *subnet)
{
    struct alias_list list = {
        .sw = &subnet->up.sw->uuid,
        .prefix = &subnet->prefix,
    };

    /* Adds the id of a router's network beside a configured one. */
    add_alias(&list, second_id(list.sw, list.prefix), ALIAS_SAME_ADDRESS);
    add_lengths(&list);
    add_wider(&list);
    add_narrower(&list);

    subnet->n_aliases = list.n;
    subnet->aliases = xmemdup(list.elems, list.n * sizeof *list.elems);
    for (size_t i = 0; i < list.n; i++) {
        struct subnet_alias *alias = &subnet->aliases[i];

        alias->subnet = subnet;
        hmap_insert(&t->subnet_aliases, &alias->by_id, uuid_hash(&alias->id));
    }
}

void
subnet_aliases_remove(struct topology *t, struct subnet_node *subnet)
{
    for (size_t i = 0; i < subnet->n_aliases; i++) {
        hmap_remove(&t->subnet_aliases, &subnet->aliases[i].by_id);
    }
    free(subnet->aliases);
    subnet->aliases = NULL;
    subnet->n_aliases = 0;
}

/* True if 'a' is the better answer.  Both are of the same switch. */
static bool
is_better(const struct subnet_alias *a, const struct subnet_alias *b)
{
    return (a->rank != b->rank ? a->rank < b->rank
            : addr_prefix_compare(&a->subnet->prefix,
                                  &b->subnet->prefix) < 0);
}

struct topo_subnet *
subnet_alias_find(const struct topology *t, const struct uuid *id)
{
    const struct subnet_alias *best = NULL;
    const struct subnet_alias *alias;

    HMAP_FOR_EACH_WITH_HASH (alias, by_id, uuid_hash(id),
                             &t->subnet_aliases) {
        if (uuid_equals(&alias->id, id) && (!best || is_better(alias, best))) {
            best = alias;
        }
    }
    return best ? &best->subnet->up : NULL;
}
