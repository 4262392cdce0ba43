/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims on addresses; see vip-claims.h.
 */

#include <config.h>
#include "driver/vip-claims.h"
#include <stdlib.h>
#include "base/ip-set.h"
#include "base/ip.h"
#include "model/objects.h"
#include "openvswitch/hmap.h"
#include "ovn/db/nb.h"
#include "ovn/want/probe-sources.h"
#include "packets.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

struct vip_claims {
    const struct store *store;
    struct nb *nb;
    struct hmap by_lb;          /* By the load balancer's id. */
    struct hmap by_ip;
};

/* A load balancer has one for each of its VIPs.  While many are made at once,
 * there are as many claims as are on their way through two databases. */
struct vip_claim {
    struct hmap_node by_lb;     /* In vip_claims' 'by_lb'. */
    struct hmap_node by_ip;     /* In vip_claims' 'by_ip'. */
    struct uuid lb_id;
    struct uuid subnet_id;
    struct in6_addr ip;
};

struct vip_claims *
vip_claims_create(const struct store *store, struct nb *nb)
{
    struct vip_claims *claims = xmalloc(sizeof *claims);

    claims->store = store;
    claims->nb = nb;
    hmap_init(&claims->by_lb);
    hmap_init(&claims->by_ip);
    return claims;
}

void
vip_claims_destroy(struct vip_claims *claims)
{
    if (claims) {
        struct vip_claim *claim;
        HMAP_FOR_EACH_POP (claim, by_lb, &claims->by_lb) {
            free(claim);
        }
        hmap_destroy(&claims->by_lb);
        hmap_destroy(&claims->by_ip);
        free(claims);
    }
}

static struct vip_claim *
vip_claim_find(const struct vip_claims *claims, const struct uuid *lb_id)
{
    struct vip_claim *claim;
    HMAP_FOR_EACH_WITH_HASH (claim, by_lb, uuid_hash(lb_id),
                             &claims->by_lb) {
        if (uuid_equals(&claim->lb_id, lb_id)) {
            return claim;
        }
    }
    return NULL;
}

void
vip_claims_release(struct vip_claims *claims, const struct uuid *lb_id)
{
    struct vip_claim *claim;
    while ((claim = vip_claim_find(claims, lb_id))) {
        hmap_remove(&claims->by_lb, &claim->by_lb);
        hmap_remove(&claims->by_ip, &claim->by_ip);
        free(claim);
    }
}

void
vip_claims_add(struct vip_claims *claims, const struct uuid *lb_id,
               const struct model_vip *vip)
{
    struct vip_claim *claim = xmalloc(sizeof *claim);

    claim->lb_id = *lb_id;
    claim->subnet_id = vip->subnet_id;
    claim->ip = vip->ip;
    hmap_insert(&claims->by_lb, &claim->by_lb, uuid_hash(lb_id));
    hmap_insert(&claims->by_ip, &claim->by_ip, ip_hash(&vip->ip, 0));
}

/* True if 'ip' is claimed, or is in the database, for another load balancer
 * than 'lb_id', which may be NULL. */
static bool
vip_claims_has(const struct vip_claims *claims, const struct uuid *lb_id,
               const struct uuid *subnet_id, const struct in6_addr *ip)
{
    const struct vip_claim *claim;
    HMAP_FOR_EACH_WITH_HASH (claim, by_ip, ip_hash(ip, 0), &claims->by_ip) {
        if (!(lb_id && uuid_equals(&claim->lb_id, lb_id))
            && uuid_equals(&claim->subnet_id, subnet_id)
            && ipv6_addr_equals(&claim->ip, ip)) {
            return true;
        }
    }

    char *text = ip_format_any(ip);
    bool is_stored = store_vip_is_taken(claims->store, subnet_id, text,
                                        lb_id);
    free(text);
    return is_stored;
}

bool
vip_claims_has_other(const struct vip_claims *claims, const struct uuid *lb_id,
                     const struct uuid *subnet_id, const struct in6_addr *ip)
{
    return (vip_claims_has(claims, lb_id, subnet_id, ip)
            || sources_has_claimed(nb_sources(claims->nb), subnet_id, ip));
}

bool
vip_claims_is_taken(const struct vip_claims *claims,
                    const struct uuid *subnet_id, const struct in6_addr *ip)
{
    return vip_claims_has(claims, NULL, subnet_id, ip);
}
