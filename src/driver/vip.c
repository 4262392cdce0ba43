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
#include "base/ip-set.h"
#include "base/ip.h"
#include "driver/driver.h"
#include "driver/neutron-vips.h"
#include "model/objects.h"
#include "net/topology.h"
#include "net/vip-ports.h"
#include "ovn/db/nb.h"
#include "ovn/want/probe-sources.h"
#include "packets.h"
#include "store/store.h"
#include "util.h"
#include "uuid.h"

/* A load balancer has one for each of its VIPs.  While many are made at once,
 * there are as many claims as are on their way through two databases. */
struct vip_claim {
    struct hmap_node by_lb;     /* In vip_claims. */
    struct hmap_node by_ip;     /* Likewise. */
    struct uuid lb_id;
    struct uuid subnet_id;
    struct in6_addr ip;
};

void
vip_claims_init(struct vip_claims *claims)
{
    hmap_init(&claims->by_lb);
    hmap_init(&claims->by_ip);
}

void
vip_claims_destroy(struct vip_claims *claims)
{
    struct vip_claim *claim;
    HMAP_FOR_EACH_POP (claim, by_lb, &claims->by_lb) {
        free(claim);
    }
    hmap_destroy(&claims->by_lb);
    hmap_destroy(&claims->by_ip);
}

static struct vip_claim *
find_claim(const struct vip_claims *claims, const struct uuid *lb_id)
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
vip_release(struct driver *driver, const struct uuid *lb_id)
{
    struct vip_claim *claim;
    while ((claim = find_claim(&driver->claims, lb_id))) {
        hmap_remove(&driver->claims.by_lb, &claim->by_lb);
        hmap_remove(&driver->claims.by_ip, &claim->by_ip);
        free(claim);
    }
}

static void
claim_vip(struct driver *driver, const struct uuid *lb_id,
          const struct uuid *subnet_id, const struct in6_addr *ip)
{
    struct vip_claim *claim = xmalloc(sizeof *claim);

    claim->lb_id = *lb_id;
    claim->subnet_id = *subnet_id;
    claim->ip = *ip;
    hmap_insert(&driver->claims.by_lb, &claim->by_lb, uuid_hash(lb_id));
    hmap_insert(&driver->claims.by_ip, &claim->by_ip, ip_hash(ip, 0));
}

static bool
is_claimed(const struct driver *driver, const struct uuid *lb_id,
           const struct uuid *subnet_id, const struct in6_addr *ip)
{
    const struct vip_claim *claim;
    HMAP_FOR_EACH_WITH_HASH (claim, by_ip, ip_hash(ip, 0),
                             &driver->claims.by_ip) {
        if (!uuid_equals(&claim->lb_id, lb_id)
            && uuid_equals(&claim->subnet_id, subnet_id)
            && ipv6_addr_equals(&claim->ip, ip)) {
            return true;
        }
    }
    return false;
}

/* A VIP that is being given what it lacks. */
struct open_vip {
    const struct uuid *lb_id;
    unsigned int n;             /* In the load balancer's 'vips'. */
    struct model_vip *vip;      /* Borrowed from the load balancer. */
    bool had_address, had_port; /* To begin with. */
};

static bool
vip_has_both(const struct model_vip *vip)
{
    return vip->address && !uuid_is_zero(&vip->port_id);
}

static bool
had_both(const struct open_vip *open)
{
    return open->had_address && open->had_port;
}

static struct open_vip
open_vip(struct model_lb *lb, unsigned int n)
{
    struct model_vip *vip = &lb->vips[n];

    return (struct open_vip) {
        .lb_id = &lb->base.id,
        .n = n,
        .vip = vip,
        .had_address = vip->address,
        .had_port = !uuid_is_zero(&vip->port_id),
    };
}

/* Whether another load balancer has, or is about to get, the VIP's address, or
 * 'ip' instead. */
static bool
is_another_ones(const struct driver *driver, const struct open_vip *open,
                const struct in6_addr *ip)
{
    const struct uuid *subnet_id = &open->vip->subnet_id;
    char *text = ip_format_any(ip);
    bool is_taken
        = (is_claimed(driver, open->lb_id, subnet_id, ip)
           || sources_has_claimed(nb_sources(driver->nb), subnet_id, ip)
           || store_vip_is_taken(driver->store, subnet_id, text,
                                 open->lb_id));

    free(text);
    return is_taken;
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
    const struct open_vip *open;
};

static bool
is_taken(const struct in6_addr *ip, void *aux_)
{
    const struct pick_aux *aux = aux_;

    return is_another_ones(aux->driver, aux->open, ip);
}

static bool
pick(const struct driver *driver, const struct open_vip *open,
     struct topo_subnet *subnet, struct vip_refusal *refusal)
{
    struct pick_aux aux = { driver, open };
    struct in6_addr ip;

    if (!topo_subnet_pick(subnet, is_taken, &aux, &ip)) {
        return refuse(refusal, 400, "Validation failure: Subnet(s) in the "
                      "supplied network do not contain enough available "
                      "IPs.");
    }
    model_vip_set_ip(open->vip, &ip);
    return true;
}

static bool
refuse_taken(struct vip_refusal *refusal, const struct open_vip *open)
{
    return refuse(refusal, 409, "The VIP IP address is already in use: "
                  "IP address %s is already allocated in subnet "UUID_FMT,
                  open->vip->address, UUID_ARGS(&open->vip->subnet_id));
}

/* The user's choice, or what an earlier attempt chose before it could be
 * recorded. */
static bool
check(const struct driver *driver, const struct open_vip *open,
      const struct topo_subnet *subnet, struct vip_refusal *refusal)
{
    const struct in6_addr *ip = &open->vip->ip;

    if (!ipv6_addr_is_set(ip) || !topo_subnet_is_host(subnet, ip)) {
        return refuse(refusal, 400, "IP address %s is not a valid IP for the "
                      "specified subnet.", open->vip->address);
    }

    char *own_name = vip_port_name(open->lb_id, open->n);
    bool is_reserved;
    const struct topo_port *user = topo_switch_user_of(subnet->sw, ip,
                                                       &is_reserved);
    bool taken = ((user && strcmp(user->name, own_name))
                  || is_another_ones(driver, open, ip));
    free(own_name);
    return !taken || refuse_taken(refusal, open);
}

static void
adopt_own_port(const struct driver *driver, const struct open_vip *open,
               const struct topo_subnet *subnet)
{
    char *name = vip_port_name(open->lb_id, open->n);
    const struct topo_port *port
        = topology_port_by_name(nb_topology(driver->nb), name);

    if (port && port->sw == subnet->sw && port->n_addresses) {
        model_vip_set_ip(open->vip, &port->addresses[0]);
    }
    free(name);
}

/* A port that the user brought, with its address: it may be the second load
 * balancer on it. */
static bool
check_given_port(const struct driver *driver, const struct open_vip *open,
                 struct vip_refusal *refusal)
{
    return (ipv6_addr_is_set(&open->vip->ip)
            && !is_another_ones(driver, open, &open->vip->ip))
        || refuse_taken(refusal, open);
}

static bool
choose(const struct driver *driver, const struct open_vip *open,
       struct vip_refusal *refusal)
{
    const struct uuid *subnet_id = &open->vip->subnet_id;
    struct topo_subnet *subnet = topology_subnet_by_id(nb_topology(driver->nb),
                                                       subnet_id);
    if (!subnet) {
        return refuse(refusal, 400, "Subnet "UUID_FMT" not found.",
                      UUID_ARGS(subnet_id));
    }
    if (!open->vip->address) {
        adopt_own_port(driver, open, subnet);
    }
    if (!(open->vip->address ? check(driver, open, subnet, refusal)
          : pick(driver, open, subnet, refusal))) {
        return false;
    }
    open->vip->port_id = vip_port_id(open->lb_id, open->n);
    return true;
}

/* What Neutron has given to a load balancer, nobody else has. */
static bool
is_neutrons(const struct driver *driver, const struct open_vip *open)
{
    return driver->neutron_vips && !open->had_port;
}

static bool
close_vip(struct driver *driver, const struct open_vip *open,
          struct vip_refusal *refusal)
{
    if (is_neutrons(driver, open)) {
        ovs_assert(ipv6_addr_is_set(&open->vip->ip));
    } else if (!(driver->neutron_vips || had_both(open)
                 ? check_given_port(driver, open, refusal)
                 : choose(driver, open, refusal))) {
        return false;
    }
    claim_vip(driver, open->lb_id, &open->vip->subnet_id, &open->vip->ip);
    return true;
}

/* Takes back what was chosen: a load balancer is accepted as a whole. */
static void
reopen_vip(const struct open_vip *open)
{
    if (!open->had_address) {
        model_vip_set_address(open->vip, NULL);
    }
    if (!open->had_port) {
        open->vip->port_id = UUID_ZERO;
    }
}

/* Decided once, for good: whatever has happened to the network since, clients
 * use these addresses.  A refusal is no decision: it is looked at again until
 * the API takes the load balancer back. */
static bool
is_decided(struct model_lb *lb)
{
    bool decided = (!lb->fault_code
                    && lb->base.provisioning_status != PS_PENDING_CREATE);

    for (size_t i = 0; i < lb->n_vips; i++) {
        decided = decided && vip_has_both(&lb->vips[i]);
    }
    return decided;
}

/* Closes those that had address and port to begin with, or those that had
 * not. */
static bool
close_some(struct driver *driver, const struct open_vip *open, size_t n,
           bool had, struct vip_refusal *refusal)
{
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++) {
        ok = (had_both(&open[i]) != had
              || close_vip(driver, &open[i], refusal));
    }
    return ok;
}

/* Nothing is asked of Neutron for a load balancer that is refused anyway. */
static enum vip_result
close_all(struct driver *driver, struct model_lb *lb,
          const struct open_vip *open, size_t n, struct vip_refusal *refusal)
{
    if (!close_some(driver, open, n, true, refusal)) {
        return VIP_REFUSED;
    }
    if (driver->neutron_vips) {
        switch (neutron_vips_fill(driver->neutron_vips, lb, refusal)) {
        case NEUTRON_VIP_READY:
            break;
        case NEUTRON_VIP_WAIT:
            return VIP_WAIT;
        case NEUTRON_VIP_REFUSED:
        default:
            return VIP_REFUSED;
        }
    }
    if (close_some(driver, open, n, false, refusal)) {
        return VIP_RESOLVED;
    }
    if (driver->neutron_vips) {
        neutron_vips_give_up(driver->neutron_vips, &lb->base.id);
    }
    return VIP_REFUSED;
}

enum vip_result
vip_resolve(struct driver *driver, struct model_lb *lb,
            struct vip_refusal *refusal)
{
    if (is_decided(lb)) {
        return VIP_RESOLVED;
    }

    size_t n = lb->n_vips;
    struct open_vip *open = xcalloc(n, sizeof *open);

    for (size_t i = 0; i < n; i++) {
        open[i] = open_vip(lb, i);
    }

    enum vip_result result = close_all(driver, lb, open, n, refusal);
    if (result != VIP_RESOLVED) {
        vip_release(driver, &lb->base.id);
        for (size_t i = 0; i < n; i++) {
            reopen_vip(&open[i]);
        }
    }
    free(open);
    return result;
}

/* Not without its network: that is another trouble. */
static bool
port_is_lost(const struct model_lb *lb, unsigned int n, void *driver_)
{
    const struct driver *driver = driver_;
    const struct topology *topology = nb_topology(driver->nb);

    return topology_lacks_port(topology, &lb->vips[n].subnet_id,
                               &lb->vips[0].network_id, &lb->vips[n].port_id);
}

static bool
any_port_is_lost(struct driver *driver, const struct model_lb *lb)
{
    bool is_lost = false;

    for (unsigned int n = 0; n < lb->n_vips; n++) {
        is_lost |= port_is_lost(lb, n, driver);
    }
    return is_lost;
}

enum vip_result
vip_restore(struct driver *driver, struct model_lb *lb,
            struct vip_refusal *refusal)
{
    struct vip_refusal why = { 0, NULL };
    enum neutron_vip_state state;

    if (!driver->neutron_vips || !is_decided(lb)) {
        return VIP_RESOLVED;
    } else if (!any_port_is_lost(driver, lb)) {
        neutron_vips_forget(driver->neutron_vips, &lb->base.id);
        return VIP_RESOLVED;
    }

    state = neutron_vips_restore(driver->neutron_vips, lb, port_is_lost,
                                 driver, &why);
    if (state == NEUTRON_VIP_REFUSED) {
        refuse(refusal, 0, "the port of a VIP is gone, and Neutron makes no "
               "other: %s", why.text);
    }
    free(why.text);
    return (state == NEUTRON_VIP_READY ? VIP_RESOLVED
            : state == NEUTRON_VIP_REFUSED ? VIP_REFUSED
            : VIP_WAIT);
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
