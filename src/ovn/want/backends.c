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

/* True if the member, backup or not, may take new connections of a VIP of the
 * given IP version. */
static bool
member_is_candidate(const struct model_pool *pool,
                    const struct model_member *member, bool is_ipv6)
{
    return (member->base.admin_state_up && member->weight > 0
            && model_member_is_ipv6(member) == is_ipv6
            && !(model_pool_active_monitor(pool)
                 && member->health == HEALTH_CUT_OFF));
}

/* True if no other member can serve.  Members that a probe found dead stay in
 * the list beside the backups, since OVN probes only what is in a list, and
 * leaves out the dead itself. */
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

/* Computes the numbers by which a weight is multiplied and divided to give the
 * number of places that the member has in the list: OVN sends a backend
 * traffic in proportion to its places.  Weights are reduced by their common
 * divisor, and scaled down if the list were too long. */
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

        /* Rounds, but gives every member with a weight a place. */
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
