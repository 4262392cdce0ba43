/* SPDX-License-Identifier: Apache-2.0
 *
 * Ports that hold addresses; see lb-ports.h.
 *
 * Such a port exists to keep an address from being given to another port:
 * OVN's IPAM counts the addresses of its ports.  Its type "virtual", without
 * virtual parents, keeps OVN from answering ARP requests with the port's MAC
 * address, which would lead nowhere: for a VIP the router must answer, and for
 * the source of probes OVN's own service monitor does.
 *
 * A port that the user brought is the user's: it is not touched.
 */

#include <config.h>
#include "ovn/want/lb-ports.h"
#include <stdlib.h>
#include "base/ip.h"
#include "model/objects.h"
#include "net/topology.h"
#include "net/vip-ports.h"
#include "ovn/rows/rows.h"
#include "ovn/want/probes.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* Returns a locally administered MAC address, derived from the port's label,
 * not from the UUID of its row, which changes.  No packet is sent to it. */
static struct eth_addr
silent_mac(const struct uuid *label)
{
    uint32_t low = label->parts[3];
    struct eth_addr mac = {
        .ea = { 0x0a, label->parts[0] & 0xff, low >> 24,
                (low >> 16) & 0xff, (low >> 8) & 0xff, low & 0xff },
    };
    return mac;
}

/* Adds a port for 'address' on 'sw'.  Takes ownership of 'name'. */
static struct lb_port *
lb_ports_add(struct ovn_lb *ret, char *name, const struct uuid *label,
             const struct topo_switch *sw, const struct topo_subnet *subnet,
             const char *address)
{
    struct lb_port *port = ovn_lb_add_port_nocopy(ret, name);

    port->uuid = *label;
    port->sw = sw->uuid;
    free(port->type);
    port->type = xstrdup("virtual");
    free(port->addresses);
    port->addresses = xasprintf(ETH_ADDR_FMT" %s",
                                ETH_ADDR_ARGS(silent_mac(label)), address);
    smap_add(&port->external_ids, "neutron:port_name", port->name);
    if (subnet) {
        smap_add_format(&port->external_ids, "neutron:cidrs", "%s/%u",
                        address, subnet->plen);
    }
    return port;
}

/* Adds the port of the VIP 'n', unless it is the user's: then its id is not
 * what ours would be. */
static void
add_vip_port(const struct model_lb *lb, size_t n,
             const struct topology *topology, struct ovn_lb *ret)
{
    const struct model_vip *vip = &lb->vips[n];
    const struct topo_subnet *subnet = topology_subnet_by_id(topology,
                                                             &vip->subnet_id);
    const struct topo_switch *sw = topology_home(topology, &vip->subnet_id,
                                                 &vip->network_id);
    struct uuid own_id = vip_port_id(&lb->base.id, n);

    /* A missing subnet is no reason to drop the port: while the subnet is
     * rewritten, the address must stay taken. */
    if (!sw || !vip->address || !uuid_equals(&own_id, &vip->port_id)) {
        return;
    }

    struct lb_port *port = lb_ports_add(ret, vip_port_name(&lb->base.id, n),
                                        &own_id, sw, subnet, vip->address);
    smap_add_format(&port->external_ids, "neutron:device_id", "lb-"UUID_FMT,
                    UUID_ARGS(&lb->base.id));
    smap_add(&port->external_ids, "neutron:device_owner", "ovn-lb:vip");
    smap_add(&port->external_ids, "neutron:project_id", lb->project_id);
}

static void
add_source_port(const struct topology *topology,
                const struct probe_source *source, struct ovn_lb *ret)
{
    const struct topo_subnet *subnet
        = topology_subnet_by_id(topology, &source->subnet_id);

    if (subnet && source->is_ours) {
        struct uuid label = source_port_label(&source->subnet_id);
        char *ip = ip_format_any(&source->ip);
        struct lb_port *port
            = lb_ports_add(ret, source_port_name(&source->subnet_id), &label,
                           subnet->sw, subnet, ip);

        port->is_shared = true;
        smap_add(&port->external_ids, "neutron:device_id", port->name);
        smap_add(&port->external_ids, "neutron:device_owner",
                 SOURCE_PORT_OWNER);
        free(ip);
    }
}

void
lb_ports_build(const struct model_lb *lb, const struct topology *topology,
               const struct probe_sources *sources, struct ovn_lb *ret)
{
    for (size_t i = 0; i < lb->n_vips; i++) {
        add_vip_port(lb, i, topology, ret);
    }
    for (size_t i = 0; i < sources->n; i++) {
        add_source_port(topology, &sources->array[i], ret);
    }
}
