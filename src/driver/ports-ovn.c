/* SPDX-License-Identifier: Apache-2.0
 *
 * OVN's own ports: the driver chooses the addresses of VIPs, and their ports
 * are rows that follow from the comparison, so there is nothing to wait for.
 *
 * An address is taken by a port of the switch (the topology knows), or by a
 * load balancer (vip-claims.h), whether or not its port is there at the
 * moment.
 */

#include <config.h>
#include <stdlib.h>
#include <string.h>
#include "driver/port-provider.h"
#include "driver/vip-claims.h"
#include "model/objects.h"
#include "net/topology.h"
#include "net/vip-ports.h"
#include "ovn/db/nb.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

struct ports_ovn {
    struct port_provider up;
    const struct nb *nb;
    const struct vip_claims *claims;
};

/* A VIP that is being given an address or a port. */
struct ovn_vip_choice {
    const struct ports_ovn *ports;
    const struct uuid *lb_id;
    unsigned int n;             /* In the load balancer's 'vips'. */
    struct model_vip *vip;      /* Borrowed from the load balancer. */
    const struct model_lb *lb;
};

static const struct port_class ports_ovn_class;

struct port_provider *
ports_ovn_create(const struct nb *nb, const struct vip_claims *claims)
{
    struct ports_ovn *po = xmalloc(sizeof *po);

    po->up.class_ = &ports_ovn_class;
    po->nb = nb;
    po->claims = claims;
    return &po->up;
}

static struct ports_ovn *
ports_ovn_cast(struct port_provider *ports)
{
    ovs_assert(ports->class_ == &ports_ovn_class);
    return CONTAINER_OF(ports, struct ports_ovn, up);
}

static void
ports_ovn_destroy(struct port_provider *ports)
{
    free(ports_ovn_cast(ports));
}

static bool
ovn_vip_is_taken(const struct in6_addr *ip, void *choice_)
{
    const struct ovn_vip_choice *choice = choice_;

    return vip_claims_has_other(choice->ports->claims, choice->lb_id,
                                &choice->vip->subnet_id, ip);
}

/* True if a member of the load balancer itself is at the address.  It came
 * with the load balancer, and need not be a port of OVN. */
static bool
ovn_vip_is_members(const struct model_lb *lb, const struct in6_addr *ip)
{
    for (size_t i = 0; i < lb->n_pools; i++) {
        const struct model_pool *pool = &lb->pools[i];

        for (size_t j = 0; j < pool->n_members; j++) {
            if (ipv6_addr_equals(&pool->members[j].ip, ip)) {
                return true;
            }
        }
    }
    return false;
}

static bool
ovn_vip_is_unfit(const struct in6_addr *ip, void *choice_)
{
    const struct ovn_vip_choice *choice = choice_;

    return (ovn_vip_is_taken(ip, choice_)
            || ovn_vip_is_members(choice->lb, ip));
}

static bool
ovn_vip_pick(struct ovn_vip_choice *choice, struct topo_subnet *subnet,
             struct vip_refusal *refusal)
{
    struct in6_addr ip;

    if (!topo_subnet_pick(subnet, ovn_vip_is_unfit, choice, &ip)) {
        return vip_refuse(refusal, 400, "Validation failure: Subnet(s) in the "
                          "supplied network do not contain enough available "
                          "IPs.");
    }
    model_vip_set_ip(choice->vip, &ip);
    return true;
}

/* Checks the user's choice, or the one that an earlier attempt made and did
 * not get to record. */
static bool
ovn_vip_check(struct ovn_vip_choice *choice, const struct topo_subnet *subnet,
              struct vip_refusal *refusal)
{
    const struct in6_addr *ip = &choice->vip->ip;

    if (!ipv6_addr_is_set(ip) || !topo_subnet_is_host(subnet, ip)) {
        return vip_refuse(refusal, 400, "IP address %s is not a valid IP for "
                          "the specified subnet.", choice->vip->address);
    }

    char *own_name = vip_port_name(choice->lb_id, choice->n);
    bool is_reserved;
    const struct topo_port *user = topo_switch_user_of(subnet->sw, ip,
                                                       &is_reserved);
    bool is_taken = ((user && strcmp(user->name, own_name))
                     || ovn_vip_is_taken(ip, choice));
    free(own_name);
    return !is_taken || vip_refuse_taken(refusal, choice->vip);
}

/* Takes the address of the VIP's own port, if an earlier attempt made it. */
static void
ovn_vip_adopt_port(struct ovn_vip_choice *choice,
                   const struct topo_subnet *subnet)
{
    char *name = vip_port_name(choice->lb_id, choice->n);
    const struct topo_port *port
        = topology_port_by_name(nb_topology(choice->ports->nb), name);

    if (port && port->sw == subnet->sw && port->n_addresses) {
        model_vip_set_ip(choice->vip, &port->addresses[0]);
    }
    free(name);
}

/* Adopts the port of an earlier attempt before it picks an address: OVN may
 * have the port although OVN_Octavia has not recorded the choice. */
static bool
ovn_vip_choose(struct ovn_vip_choice *choice, struct vip_refusal *refusal)
{
    struct model_vip *vip = choice->vip;
    struct topo_subnet *subnet
        = topology_subnet_by_id(nb_topology(choice->ports->nb),
                                &vip->subnet_id);

    if (!subnet) {
        return vip_refuse(refusal, 400, "Subnet "UUID_FMT" not found.",
                          UUID_ARGS(&vip->subnet_id));
    }
    if (!vip->address) {
        ovn_vip_adopt_port(choice, subnet);
    }
    if (!(vip->address ? ovn_vip_check(choice, subnet, refusal)
          : ovn_vip_pick(choice, subnet, refusal))) {
        return false;
    }
    vip->port_id = vip_port_id(choice->lb_id, choice->n);
    return true;
}

static enum vip_result
ports_ovn_fill(struct port_provider *ports, struct model_lb *lb,
               struct vip_refusal *refusal)
{
    for (unsigned int n = 0; n < lb->n_vips; n++) {
        struct model_vip *vip = &lb->vips[n];
        struct ovn_vip_choice choice = {
            ports_ovn_cast(ports), &lb->base.id, n, vip, lb
        };

        if ((!vip->address || uuid_is_zero(&vip->port_id))
            && !ovn_vip_choose(&choice, refusal)) {
            return VIP_REFUSED;
        }
    }
    return VIP_RESOLVED;
}

/* The rest has nothing to do. */

static void
ports_ovn_do_nothing(struct port_provider *ports OVS_UNUSED)
{
}

static void
ports_ovn_turn(struct port_provider *ports OVS_UNUSED,
               bool is_active OVS_UNUSED)
{
}

static void
ports_ovn_forget(struct port_provider *ports OVS_UNUSED,
                 const struct uuid *lb_id OVS_UNUSED)
{
}

static enum vip_result
ports_ovn_restore(struct port_provider *ports OVS_UNUSED,
                  struct model_lb *lb OVS_UNUSED,
                  struct vip_refusal *refusal OVS_UNUSED)
{
    return VIP_RESOLVED;
}

static bool
ports_ovn_remove(struct port_provider *ports OVS_UNUSED,
                 const struct model_lb *lb OVS_UNUSED)
{
    return true;
}

static enum port_sources
ports_ovn_provide_sources(struct port_provider *ports OVS_UNUSED,
                          const struct model_lb *lb OVS_UNUSED,
                          const struct uuidset *subnets OVS_UNUSED,
                          const struct uuidset *sourceless OVS_UNUSED,
                          char **ret_why OVS_UNUSED)
{
    return SOURCES_THERE;
}

static bool
ports_ovn_has_none(struct port_provider *ports OVS_UNUSED)
{
    return false;
}

static char *
ports_ovn_what_is_missing(struct port_provider *ports OVS_UNUSED,
                          const struct uuid *lb_id OVS_UNUSED)
{
    return NULL;
}

static size_t
ports_ovn_n_failing(struct port_provider *ports OVS_UNUSED)
{
    return 0;
}

static void
ports_ovn_format_status(struct port_provider *ports OVS_UNUSED,
                        struct ds *s OVS_UNUSED)
{
}

static const struct port_class ports_ovn_class = {
    .destroy = ports_ovn_destroy,
    .run = ports_ovn_turn,
    .wait = ports_ovn_turn,
    .distrust = ports_ovn_do_nothing,
    .fill = ports_ovn_fill,
    .give_up = ports_ovn_forget,
    .restore = ports_ovn_restore,
    .remove = ports_ovn_remove,
    .forget = ports_ovn_forget,
    .provide_sources = ports_ovn_provide_sources,
    .take_unneeded = ports_ovn_has_none,
    .clean = ports_ovn_do_nothing,
    .what_is_missing = ports_ovn_what_is_missing,
    .is_busy = ports_ovn_has_none,
    .n_failing = ports_ovn_n_failing,
    .format_status = ports_ovn_format_status,
};
