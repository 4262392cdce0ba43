/* SPDX-License-Identifier: Apache-2.0
 *
 * VIPs that lack something; see wanted-vip.h.
 */

#include <config.h>
#include "driver/wanted-vip.h"
#include <stdlib.h>
#include <string.h>
#include "base/ip.h"
#include "driver/neutron-port.h"
#include "model/objects.h"
#include "net/vip-ports.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* Takes the network of the first VIP: additional ones are on the same. */
static void
wanted_vip_set(struct wanted_vip *vip, const struct model_lb *lb,
               unsigned int n)
{
    *vip = (struct wanted_vip) {
        .lb_id = lb->base.id,
        .project_id = xstrdup(lb->project_id),
        .n = n,
        .name = vip_port_name(&lb->base.id, n),
        .is_given = !uuid_is_zero(&lb->vips[n].port_id),
        .network_id = lb->vips[0].network_id,
        .subnet_id = lb->vips[n].subnet_id,
        .address = nullable_xstrdup(lb->vips[n].address),
        .port_id = lb->vips[n].port_id,
    };
}

bool
wanted_vip_init(struct wanted_vip *vip, const struct model_lb *lb,
                unsigned int n)
{
    if (lb->vips[n].address && !uuid_is_zero(&lb->vips[n].port_id)) {
        return false;
    }
    wanted_vip_set(vip, lb, n);
    return true;
}

void
wanted_vip_init_lost(struct wanted_vip *vip, const struct model_lb *lb,
                     unsigned int n)
{
    wanted_vip_set(vip, lb, n);
}

void
wanted_vip_lose_port(struct wanted_vip *vip)
{
    vip->is_given = false;
    wanted_vip_forget_port(vip);
}

void
wanted_vip_uninit(struct wanted_vip *vip)
{
    free(vip->project_id);
    free(vip->name);
    free(vip->address);
    free(vip->got_address);
    free(vip->conflict_text);
}

bool
wanted_vip_is_known(const struct wanted_vip *vip)
{
    return vip->got_address && !uuid_is_zero(&vip->port_id);
}

bool
wanted_vip_is_its(const struct wanted_vip *vip,
                  const struct neutron_port *port)
{
    return (!vip->is_given
            && !strcmp(port->name, vip->name)
            && uuid_equals(&port->network_id, &vip->network_id)
            && neutron_port_is_of_lb(port, &vip->lb_id, vip->project_id));
}

/* Returns the address of 'port' that the VIP can have, or NULL.  A port may
 * have more addresses than were asked for, as in a network with SLAAC. */
static char *
wanted_vip_choose_address(const struct wanted_vip *vip,
                          const struct neutron_port *port)
{
    struct in6_addr wanted, ip;
    bool is_wanted = vip->address && ip_parse_any(vip->address, &wanted);

    for (size_t i = 0; i < port->n_addresses; i++) {
        const struct neutron_address *address = &port->addresses[i];

        if (ip_parse_any(address->ip, &ip)
            && (is_wanted ? ipv6_addr_equals(&ip, &wanted)
                : uuid_is_zero(&vip->subnet_id)
                  || uuid_equals(&vip->subnet_id, &address->subnet_id))) {
            return ip_format_any(&ip);
        }
    }
    return NULL;
}

bool
wanted_vip_take(struct wanted_vip *vip, const struct neutron_port *port)
{
    char *address = wanted_vip_choose_address(vip, port);

    if (!address) {
        return false;
    }
    free(vip->got_address);
    vip->got_address = address;
    vip->port_id = port->id;
    return true;
}

void
wanted_vip_forget_port(struct wanted_vip *vip)
{
    free(vip->got_address);
    vip->got_address = NULL;
    if (!vip->is_given) {
        vip->port_id = UUID_ZERO;
    }
}

void
wanted_vip_set_conflict(struct wanted_vip *vip, int code, const char *text)
{
    vip->conflict_code = code;
    free(vip->conflict_text);
    vip->conflict_text = nullable_xstrdup(text);
}

void
wanted_vip_fill(const struct wanted_vip *vip, struct model_lb *lb)
{
    model_vip_set_address(&lb->vips[vip->n], vip->got_address);
    lb->vips[vip->n].port_id = vip->port_id;
}
