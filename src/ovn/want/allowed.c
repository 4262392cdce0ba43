/* SPDX-License-Identifier: Apache-2.0
 *
 * From ranges to the match of an ACL; see allowed.h.
 *
 * The match names the sources that are refused, not those that are allowed:
 * OVN would turn "ip4.src != {A, B}" into the product of the bits of A and B,
 * which has hundreds of terms for two ranges and no bound for ten.  What is
 * left of all addresses without the ranges is at most one prefix for each bit
 * of each range, and is matched prefix by prefix.
 *
 * An action that lets the allowed packets through, with a lower one that drops
 * the rest, would be shorter, but would also let them pass the security groups
 * of their sender, which are ACLs of the same direction.
 */

#include <config.h>
#include "ovn/want/allowed.h"
#include <inttypes.h>
#include <stdlib.h>
#include "base/array.h"
#include "model/objects.h"
#include "net/addr.h"
#include "openvswitch/dynamic-string.h"
#include "ovn/want/vips.h"
#include "packets.h"
#include "util.h"

/* Ranges of one IP version. */
struct prefix_list {
    struct addr_prefix *array;
    size_t n, allocated;
};

static void
prefix_list_add(struct prefix_list *list, const struct addr_prefix *prefix)
{
    ARRAY_GROW(list->array, list->n, list->allocated);
    list->array[list->n++] = *prefix;
}

static int
compare_prefixes(const void *a, const void *b)
{
    return addr_prefix_compare(a, b);
}

/* Collects the ranges of the version, sorted. */
static void
allowed_find_ranges(const struct model_listener *listener, bool is_ipv6,
                    struct prefix_list *ret)
{
    struct addr_prefix range;

    *ret = (struct prefix_list) { .n = 0 };
    for (size_t i = 0; i < listener->n_allowed_cidrs; i++) {
        if (addr_prefix_parse(listener->allowed_cidrs[i], &range)
            && range.is_ipv6 == is_ipv6) {
            prefix_list_add(ret, &range);
        }
    }
    if (ret->n) {
        qsort(ret->array, ret->n, sizeof *ret->array, compare_prefixes);
    }
}

static unsigned int
version_bits(bool is_ipv6)
{
    return is_ipv6 ? 128 : 32;
}

/* A prefix, and the ranges within it: those from 'first' to before 'end'. */
struct allowed_part {
    struct addr_prefix prefix;
    size_t first, end;
};

/* Returns the half of 'prefix' in which the next bit is 0, or 1. */
static struct addr_prefix
half_of(const struct addr_prefix *prefix, bool bit)
{
    struct addr_prefix half = *prefix;
    unsigned int n = half.plen++ + 128 - version_bits(prefix->is_ipv6);

    if (bit) {
        half.ip.s6_addr[n / 8] |= 0x80 >> n % 8;
    }
    return half;
}

/* Adds to 'ret' what is left of all addresses without 'ranges', which are
 * sorted, in order.  Cuts what has ranges in it into halves, until a half has
 * none, or is one. */
static void
subtract_ranges(const struct prefix_list *ranges, bool is_ipv6,
                struct prefix_list *ret)
{
    struct allowed_part stack[128 + 1];
    size_t n = 0;

    stack[n++] = (struct allowed_part) {
        .prefix = {
            .ip = is_ipv6 ? in6addr_any : in6_addr_mapped_ipv4(0),
            .is_ipv6 = is_ipv6,
        },
        .end = ranges->n,
    };
    while (n) {
        struct allowed_part part = stack[--n];

        if (part.first == part.end) {
            prefix_list_add(ret, &part.prefix);
        } else if (ranges->array[part.first].plen > part.prefix.plen) {
            struct addr_prefix high = half_of(&part.prefix, true);
            size_t middle = part.first;

            while (middle < part.end
                   && addr_compare(&ranges->array[middle].ip, &high.ip) < 0) {
                middle++;
            }
            stack[n++] = (struct allowed_part) { high, middle, part.end };
            stack[n++] = (struct allowed_part) {
                half_of(&part.prefix, false), part.first, middle
            };
        }
    }
}

/* Puts the prefixes as OVN writes sets of them. */
static void
put_prefixes(struct ds *s, const struct prefix_list *list)
{
    ds_put_char(s, '{');
    for (size_t i = 0; i < list->n; i++) {
        char *text = addr_prefix_format(&list->array[i]);
        ds_put_format(s, "%s%s", i ? ", " : "", text);
        free(text);
    }
    ds_put_char(s, '}');
}

/* Puts the VIPs of the version.  Returns false if there are none. */
static bool
put_vips(struct ds *s, const struct vip_list *vips, bool is_ipv6)
{
    size_t n = 0;

    ds_put_char(s, '{');
    for (size_t i = 0; i < vips->n; i++) {
        const struct vip *vip = &vips->vips[i];
        if (vip_is_ipv6(vip) == is_ipv6 && ipv6_addr_is_set(&vip->ip)) {
            ds_put_format(s, "%s%s", n++ ? ", " : "", vip->address);
        }
    }
    ds_put_char(s, '}');
    return n > 0;
}

/* Puts nothing if no range is of the version: then all sources are refused.
 * Returns false if none is. */
static bool
put_refused_sources(struct ds *s, const struct model_listener *listener,
                    bool is_ipv6)
{
    struct prefix_list ranges;
    struct prefix_list refused = { .n = 0 };

    allowed_find_ranges(listener, is_ipv6, &ranges);
    subtract_ranges(&ranges, is_ipv6, &refused);
    if (ranges.n && refused.n) {
        ds_put_format(s, " && ip%c.src == ", is_ipv6 ? '6' : '4');
        put_prefixes(s, &refused);
    }
    bool any = refused.n > 0;
    free(ranges.array);
    free(refused.array);
    return any;
}

bool
allowed_is_limited(const struct model_listener *listener)
{
    return listener->n_allowed_cidrs > 0;
}

/* Puts what goes to the listener at VIPs of the version.  Returns false if
 * there are none. */
static bool
put_destination(struct ds *s, const struct model_listener *listener,
                const struct vip_list *vips, bool is_ipv6)
{
    ds_put_format(s, "ip%c.dst == ", is_ipv6 ? '6' : '4');

    bool any = put_vips(s, vips, is_ipv6);
    ds_put_format(s, " && %s.dst == %"PRIu16,
                  l4_protocol_to_ovn(listener->protocol),
                  listener->protocol_port);
    return any;
}

char *
allowed_format_match(const struct model_listener *listener,
                     const struct vip_list *vips, bool is_ipv6)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!allowed_is_limited(listener)
        || !put_destination(&s, listener, vips, is_ipv6)
        || !put_refused_sources(&s, listener, is_ipv6)) {
        ds_destroy(&s);
        return NULL;
    }
    return ds_steal_cstr(&s);
}

char *
allowed_format_translated_match(const struct model_listener *listener,
                                const struct vip_list *vips, bool is_ipv6)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!put_destination(&s, listener, vips, is_ipv6)) {
        ds_destroy(&s);
        return NULL;
    }
    ds_put_cstr(&s, " && ct.dnat");
    return ds_steal_cstr(&s);
}
