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
#include "ovn/nb.h"
#include "ovn/sources.h"
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

/* One of a load balancer's VIPs, whichever.  All but the text at 'address' is
 * borrowed from the load balancer. */
struct slot {
    const struct uuid *lb_id;
    unsigned int n;             /* 0: the first VIP, else an additional one. */
    const struct uuid *subnet_id;
    char **address;             /* NULL there until one is chosen. */
    struct uuid *port_id;       /* Zero there until known. */
    bool had_address, had_port, had_both;   /* To begin with. */
};

static struct slot
get_slot(struct model_lb *lb, unsigned int n)
{
    struct model_vip *vip = n ? &lb->additional_vips[n - 1] : NULL;
    struct slot slot = {
        .lb_id = &lb->base.id,
        .n = n,
        .subnet_id = vip ? &vip->subnet_id : &lb->vip_subnet_id,
        .address = vip ? &vip->address : &lb->vip_address,
        .port_id = vip ? &vip->port_id : &lb->vip_port_id,
    };

    slot.had_address = *slot.address;
    slot.had_port = !uuid_is_zero(slot.port_id);
    slot.had_both = slot.had_address && slot.had_port;
    return slot;
}

static char *
slot_port_name(const struct slot *slot)
{
    return (slot->n ? vip_additional_port_name(slot->lb_id, slot->n)
            : vip_port_name(slot->lb_id));
}

/* Whether a load balancer other than the slot's has, or is about to get, the
 * VIP 'address', which is 'ip' as text. */
static bool
is_another_ones(const struct driver *driver, const struct slot *slot,
                const char *address, const struct in6_addr *ip)
{
    return (is_claimed(driver, slot->lb_id, slot->subnet_id, ip)
            || sources_has_claimed(nb_sources(driver->nb), slot->subnet_id,
                                   ip)
            || store_vip_is_taken(driver->store, slot->subnet_id, address,
                                  slot->lb_id));
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
    const struct slot *slot;
};

static bool
is_taken(const struct in6_addr *ip, void *aux_)
{
    const struct pick_aux *aux = aux_;
    char *text = ip_format_any(ip);
    bool taken = is_another_ones(aux->driver, aux->slot, text, ip);

    free(text);
    return taken;
}

static bool
pick(const struct driver *driver, const struct slot *slot,
     struct topo_subnet *subnet, struct in6_addr *ret_ip,
     struct vip_refusal *refusal)
{
    struct pick_aux aux = { driver, slot };

    if (!topo_subnet_pick(subnet, is_taken, &aux, ret_ip)) {
        return refuse(refusal, 400, "Validation failure: Subnet(s) in the "
                      "supplied network do not contain enough available "
                      "IPs.");
    }
    *slot->address = ip_format_any(ret_ip);
    return true;
}

static bool
refuse_taken(struct vip_refusal *refusal, const struct slot *slot)
{
    return refuse(refusal, 409, "The VIP IP address is already in use: "
                  "IP address %s is already allocated in subnet "UUID_FMT,
                  *slot->address, UUID_ARGS(slot->subnet_id));
}

/* The user's choice, or what an earlier attempt chose before it could be
 * recorded. */
static bool
check(const struct driver *driver, const struct slot *slot,
      const struct topo_subnet *subnet, struct in6_addr *ret_ip,
      struct vip_refusal *refusal)
{
    if (!ip_parse_any(*slot->address, ret_ip)
        || !topo_subnet_is_host(subnet, ret_ip)) {
        return refuse(refusal, 400, "IP address %s is not a valid IP for the "
                      "specified subnet.", *slot->address);
    }

    char *own_name = slot_port_name(slot);
    bool is_reserved;
    const struct topo_port *user = topo_switch_user_of(subnet->sw, ret_ip,
                                                       &is_reserved);
    bool taken = ((user && strcmp(user->name, own_name))
                  || is_another_ones(driver, slot, *slot->address, ret_ip));
    free(own_name);
    return !taken || refuse_taken(refusal, slot);
}

static void
adopt_own_port(const struct driver *driver, const struct slot *slot,
               const struct topo_subnet *subnet)
{
    char *name = slot_port_name(slot);
    const struct topo_port *port
        = topology_port_by_name(nb_topology(driver->nb), name);

    if (port && port->sw == subnet->sw && port->n_addresses) {
        *slot->address = ip_format_any(&port->addresses[0]);
    }
    free(name);
}

/* A port that the user brought, with its address: it may be the second load
 * balancer on it. */
static bool
check_given_port(const struct driver *driver, const struct slot *slot,
                 struct in6_addr *ret_ip, struct vip_refusal *refusal)
{
    return (ip_parse_any(*slot->address, ret_ip)
            && !is_another_ones(driver, slot, *slot->address, ret_ip))
        || refuse_taken(refusal, slot);
}

static bool
choose(const struct driver *driver, const struct slot *slot,
       struct in6_addr *ret_ip, struct vip_refusal *refusal)
{
    struct topo_subnet *subnet = topology_subnet_by_id(nb_topology(driver->nb),
                                                       slot->subnet_id);
    if (!subnet) {
        return refuse(refusal, 400, "Subnet "UUID_FMT" not found.",
                      UUID_ARGS(slot->subnet_id));
    }
    if (!*slot->address) {
        adopt_own_port(driver, slot, subnet);
    }
    if (!(*slot->address ? check(driver, slot, subnet, ret_ip, refusal)
          : pick(driver, slot, subnet, ret_ip, refusal))) {
        return false;
    }
    *slot->port_id = (slot->n ? vip_additional_port_id(slot->lb_id, slot->n)
                      : vip_port_id(slot->lb_id));
    return true;
}

/* What Neutron has given to a load balancer, nobody else has. */
static bool
is_neutrons(const struct driver *driver, const struct slot *slot)
{
    return driver->neutron_vips && !slot->had_port;
}

static bool
fill_slot(struct driver *driver, const struct slot *slot,
          struct vip_refusal *refusal)
{
    struct in6_addr ip;

    if (is_neutrons(driver, slot)) {
        ovs_assert(ip_parse_any(*slot->address, &ip));
    } else if (!(driver->neutron_vips || slot->had_both
                 ? check_given_port(driver, slot, &ip, refusal)
                 : choose(driver, slot, &ip, refusal))) {
        return false;
    }
    claim_vip(driver, slot->lb_id, slot->subnet_id, &ip);
    return true;
}

/* Takes back what was chosen: a load balancer is accepted as a whole. */
static void
empty_slot(const struct slot *slot)
{
    if (!slot->had_address) {
        free(*slot->address);
        *slot->address = NULL;
    }
    if (!slot->had_port) {
        *slot->port_id = UUID_ZERO;
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

    for (unsigned int n = 0; n <= lb->n_additional_vips; n++) {
        decided = decided && get_slot(lb, n).had_both;
    }
    return decided;
}

/* Fills the slots that had address and port to begin with, or those that had
 * not. */
static bool
fill_slots(struct driver *driver, const struct slot *slots, size_t n,
           bool had_both, struct vip_refusal *refusal)
{
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++) {
        ok = (slots[i].had_both != had_both
              || fill_slot(driver, &slots[i], refusal));
    }
    return ok;
}

/* Nothing is asked of Neutron for a load balancer that is refused anyway. */
static enum vip_result
resolve_slots(struct driver *driver, struct model_lb *lb,
              const struct slot *slots, size_t n, struct vip_refusal *refusal)
{
    if (!fill_slots(driver, slots, n, true, refusal)) {
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
    if (fill_slots(driver, slots, n, false, refusal)) {
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

    size_t n_slots = lb->n_additional_vips + 1;
    struct slot *slots = xcalloc(n_slots, sizeof *slots);

    for (size_t i = 0; i < n_slots; i++) {
        slots[i] = get_slot(lb, i);
    }

    enum vip_result result = resolve_slots(driver, lb, slots, n_slots,
                                           refusal);
    if (result != VIP_RESOLVED) {
        vip_release(driver, &lb->base.id);
        for (size_t i = 0; i < n_slots; i++) {
            empty_slot(&slots[i]);
        }
    }
    free(slots);
    return result;
}

/* Not without its network: that is another trouble. */
static bool
port_is_lost(const struct model_lb *lb, unsigned int n, void *driver_)
{
    const struct driver *driver = driver_;
    const struct topology *topology = nb_topology(driver->nb);
    const struct model_vip *vip = n ? &lb->additional_vips[n - 1] : NULL;

    return topology_lacks_port(topology,
                               vip ? &vip->subnet_id : &lb->vip_subnet_id,
                               &lb->vip_network_id,
                               vip ? &vip->port_id : &lb->vip_port_id);
}

static bool
any_port_is_lost(struct driver *driver, const struct model_lb *lb)
{
    bool is_lost = false;

    for (unsigned int n = 0; n <= lb->n_additional_vips; n++) {
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
