/* SPDX-License-Identifier: Apache-2.0
 *
 * VIP addresses; see vip.h.
 *
 * An address is taken by a port of the switch (the topology knows), by a load
 * balancer whose port is not there at the moment (OVN_Octavia knows), or by
 * one that is being made in this very moment (the claims).
 */

#include <config.h>
#include "driver/vip.h"
#include "base/ip.h"
#include "driver/driver.h"
#include "model/objects.h"
#include "net/topology.h"
#include "ovn/nb.h"
#include "ovn/rows.h"
#include "packets.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

struct vip_claim {
    struct hmap_node node;      /* By 'lb_id'. */
    struct uuid lb_id;
    struct uuid subnet_id;
    struct in6_addr ip;
};

void
vip_claims_init(struct hmap *claims)
{
    hmap_init(claims);
}

void
vip_claims_destroy(struct hmap *claims)
{
    struct vip_claim *claim;
    HMAP_FOR_EACH_POP (claim, node, claims) {
        free(claim);
    }
    hmap_destroy(claims);
}

void
vip_release(struct driver *driver, const struct uuid *lb_id)
{
    struct vip_claim *claim;
    HMAP_FOR_EACH_WITH_HASH (claim, node, uuid_hash(lb_id),
                             &driver->claims) {
        if (uuid_equals(&claim->lb_id, lb_id)) {
            hmap_remove(&driver->claims, &claim->node);
            free(claim);
            return;
        }
    }
}

static void
claim_vip(struct driver *driver, const struct uuid *lb_id,
          const struct uuid *subnet_id, const struct in6_addr *ip)
{
    struct vip_claim *claim = xmalloc(sizeof *claim);

    vip_release(driver, lb_id);
    claim->lb_id = *lb_id;
    claim->subnet_id = *subnet_id;
    claim->ip = *ip;
    hmap_insert(&driver->claims, &claim->node, uuid_hash(lb_id));
}

/* Few load balancers are between choice and commit: what a transaction or two
 * can carry. */
static bool
is_claimed(const struct driver *driver, const struct uuid *lb_id,
           const struct uuid *subnet_id, const struct in6_addr *ip)
{
    const struct vip_claim *claim;
    HMAP_FOR_EACH (claim, node, &driver->claims) {
        if (!uuid_equals(&claim->lb_id, lb_id)
            && uuid_equals(&claim->subnet_id, subnet_id)
            && ipv6_addr_equals(&claim->ip, ip)) {
            return true;
        }
    }
    return false;
}

/* Whether a load balancer other than 'lb' has, or is about to get, the VIP
 * 'address', which is 'ip' as text. */
static bool
is_another_ones(const struct driver *driver, const struct model_lb *lb,
                const char *address, const struct in6_addr *ip)
{
    return (is_claimed(driver, &lb->base.id, &lb->vip_subnet_id, ip)
            || store_vip_is_taken(driver->store, &lb->vip_subnet_id, address,
                                  &lb->base.id));
}

static bool OVS_PRINTF_FORMAT(3, 4)
refuse(struct vip_refusal *refusal, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    refusal->code = code;
    refusal->text = xvasprintf(format, args);
    va_end(args);
    return false;
}

/* Picking. */

struct pick_aux {
    const struct driver *driver;
    const struct model_lb *lb;
};

static bool
is_taken(const struct in6_addr *ip, void *aux_)
{
    const struct pick_aux *aux = aux_;
    char *text = ip_format_any(ip);
    bool taken = is_another_ones(aux->driver, aux->lb, text, ip);

    free(text);
    return taken;
}

static bool
pick(const struct driver *driver, struct model_lb *lb,
     struct topo_subnet *subnet, struct in6_addr *ret_ip,
     struct vip_refusal *refusal)
{
    struct pick_aux aux = { driver, lb };

    if (!topo_subnet_pick(subnet, is_taken, &aux, ret_ip)) {
        return refuse(refusal, 400, "Validation failure: Subnet(s) in the "
                      "supplied network do not contain enough available "
                      "IPs.");
    }
    lb->vip_address = ip_format_any(ret_ip);
    return true;
}

static bool
refuse_taken(struct vip_refusal *refusal, const struct model_lb *lb)
{
    return refuse(refusal, 409, "The VIP IP address is already in use: "
                  "IP address %s is already allocated in subnet "UUID_FMT,
                  lb->vip_address, UUID_ARGS(&lb->vip_subnet_id));
}

/* The user's choice, or what an earlier attempt chose before it could be
 * recorded. */
static bool
check(const struct driver *driver, const struct model_lb *lb,
      const struct topo_subnet *subnet, struct in6_addr *ret_ip,
      struct vip_refusal *refusal)
{
    if (!ip_parse_any(lb->vip_address, ret_ip)
        || !topo_subnet_is_host(subnet, ret_ip)) {
        return refuse(refusal, 400, "IP address %s is not a valid IP for the "
                      "specified subnet.", lb->vip_address);
    }

    char *own_name = vip_port_name(&lb->base.id);
    bool is_reserved;
    const struct topo_port *user = topo_switch_user_of(subnet->sw, ret_ip,
                                                       &is_reserved);
    bool taken = ((user && strcmp(user->name, own_name))
                  || is_another_ones(driver, lb, lb->vip_address, ret_ip));
    free(own_name);
    return !taken || refuse_taken(refusal, lb);
}

static void
adopt_own_port(const struct driver *driver, struct model_lb *lb,
               const struct topo_subnet *subnet)
{
    char *name = vip_port_name(&lb->base.id);
    const struct topo_port *port
        = topology_port_by_name(nb_topology(driver->nb), name);

    if (port && port->sw == subnet->sw && port->n_addresses) {
        lb->vip_address = ip_format_any(&port->addresses[0]);
    }
    free(name);
}

/* A port that the user brought, with its address: it may be the second load
 * balancer on it. */
static bool
check_given_port(const struct driver *driver, const struct model_lb *lb,
                 struct in6_addr *ret_ip, struct vip_refusal *refusal)
{
    return (ip_parse_any(lb->vip_address, ret_ip)
            && !is_another_ones(driver, lb, lb->vip_address, ret_ip))
        || refuse_taken(refusal, lb);
}

static bool
choose(const struct driver *driver, struct model_lb *lb,
       struct in6_addr *ret_ip, struct vip_refusal *refusal)
{
    struct topo_subnet *subnet = topology_subnet_by_id(nb_topology(driver->nb),
                                                       &lb->vip_subnet_id);
    if (!subnet) {
        return refuse(refusal, 400, "Subnet "UUID_FMT" not found.",
                      UUID_ARGS(&lb->vip_subnet_id));
    }
    if (!lb->vip_address) {
        adopt_own_port(driver, lb, subnet);
    }
    if (!(lb->vip_address ? check(driver, lb, subnet, ret_ip, refusal)
          : pick(driver, lb, subnet, ret_ip, refusal))) {
        return false;
    }
    lb->vip_port_id = vip_port_uuid(&lb->base.id);
    return true;
}

bool
vip_resolve(struct driver *driver, struct model_lb *lb,
            struct vip_refusal *refusal)
{
    bool has_vip = lb->vip_address && !uuid_is_zero(&lb->vip_port_id);
    struct in6_addr ip;

    /* Decided once, for good: whatever has happened to the network since,
     * clients use this address.  A refusal is no decision: it is looked at
     * again until the API takes the load balancer back. */
    if (has_vip && !lb->fault_code
        && lb->base.provisioning_status != PS_PENDING_CREATE) {
        return true;
    }
    if (!(has_vip ? check_given_port(driver, lb, &ip, refusal)
          : choose(driver, lb, &ip, refusal))) {
        return false;
    }
    claim_vip(driver, &lb->base.id, &lb->vip_subnet_id, &ip);
    return true;
}

bool
vip_is_taken(const struct uuid *subnet_id, const struct in6_addr *ip,
             void *driver_)
{
    const struct driver *driver = driver_;
    char *text = ip_format_any(ip);
    bool taken = (is_claimed(driver, &UUID_ZERO, subnet_id, ip)
                  || store_vip_is_taken(driver->store, subnet_id, text,
                                        NULL));

    free(text);
    return taken;
}
