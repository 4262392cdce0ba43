/* SPDX-License-Identifier: Apache-2.0
 *
 * Backends of a VIP; see backends.h.
 */

#include <config.h>
#include "ovn/want/backends.h"
#include <string.h>
#include "base/ip.h"
#include "base/limits.h"
#include "model/objects.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Takes new connections for a VIP of the given IP version, if it comes to
 * that. */
static bool
member_is_candidate(const struct model_pool *pool,
                    const struct model_member *member, bool is_ipv6)
{
    return (member->base.admin_state_up && member->weight > 0
            && model_member_is_ipv6(member) == is_ipv6
            && !(model_pool_active_monitor(pool)
                 && member->health == HEALTH_CUT_OFF));
}

/* Backup members are for when nobody else is left.  Those that a probe found
 * dead stay in the list beside them, since OVN only probes who is in a list;
 * it leaves out the dead by itself. */
static bool
needs_backups(const struct model_pool *pool, bool is_ipv6)
{
    bool is_probed = model_pool_active_monitor(pool) != NULL;

    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        if (member_is_candidate(pool, member, is_ipv6) && !member->backup
            && !(is_probed && member_health_is_bad(member->health))) {
            return false;
        }
    }
    return true;
}

static bool
member_is_backend(const struct model_pool *pool,
                  const struct model_member *member, bool is_ipv6,
                  bool with_backups)
{
    return (member_is_candidate(pool, member, is_ipv6)
            && (with_backups || !member->backup));
}

static unsigned int
backends_gcd(unsigned int a, unsigned int b)
{
    while (b) {
        unsigned int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Finds out by which numbers a member's weight must be multiplied and divided
 * to tell how often the member is in the VIP's list: OVN gives a backend as
 * much of the traffic as it has places there.  Weights are reduced by what
 * they have in common, and, if the list were still too long, scaled down. */
static void
weight_scale(const struct model_pool *pool, bool is_ipv6,
             bool with_backups, unsigned int *multiplier,
             unsigned int *divisor)
{
    unsigned int common = 0, sum = 0;

    for (size_t i = 0; i < pool->n_members; i++) {
        if (member_is_backend(pool, &pool->members[i], is_ipv6,
                              with_backups)) {
            common = backends_gcd(common, pool->members[i].weight);
            sum += pool->members[i].weight;
        }
    }
    *multiplier = 1;
    *divisor = common;
    if (common && sum / common > WEIGHTED_BACKENDS_MAX) {
        *multiplier = WEIGHTED_BACKENDS_MAX;
        *divisor = sum;
    }
}

static bool
has_members(const struct model_pool *pool, bool is_ipv6)
{
    for (size_t i = 0; i < pool->n_members; i++) {
        if (model_member_is_ipv6(&pool->members[i]) == is_ipv6) {
            return true;
        }
    }
    return false;
}

char *
backends_format(const struct model_pool *pool, bool is_ipv6)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool with_backups = needs_backups(pool, is_ipv6);
    unsigned int multiplier, divisor;

    if (!has_members(pool, is_ipv6)) {
        return NULL;
    }
    ds_put_cstr(&s, "");
    weight_scale(pool, is_ipv6, with_backups, &multiplier, &divisor);
    for (size_t i = 0; i < pool->n_members; i++) {
        const struct model_member *member = &pool->members[i];
        if (!member_is_backend(pool, member, is_ipv6, with_backups)) {
            continue;
        }

        /* Rounded, but whoever has a weight gets a place. */
        unsigned int n = (member->weight * multiplier + divisor / 2) / divisor;
        for (n = MAX(n, 1); n > 0; n--) {
            if (s.length) {
                ds_put_char(&s, ',');
            }
            ip_put_endpoint(&s, member->address, member->protocol_port);
        }
    }
    return ds_steal_cstr(&s);
}

size_t
backends_count(const char *list, const char *backend)
{
    size_t length = strlen(backend);
    size_t n = 0;

    for (const char *p = list; p; p = strchr(p, ',')) {
        p += *p == ',';
        n += strcspn(p, ",") == length && !strncmp(p, backend, length);
    }
    return n;
}
