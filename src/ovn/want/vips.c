/* SPDX-License-Identifier: Apache-2.0
 *
 * VIPs and their floating IPs; see vips.h.
 *
 * A floating IP is known from two places: Neutron writes it into the
 * external_ids of the VIP's port, which may be the user's; and a NAT row of a
 * router on the VIP's network has the VIP as its logical address.
 */

#include <config.h>
#include "ovn/want/vips.h"
#include <stdlib.h>
#include <string.h>
#include "base/array.h"
#include "base/ip.h"
#include "model/objects.h"
#include "net/topology.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

/* Takes ownership of the address. */
static void
vip_list_add(struct vip_list *list, struct vip vip)
{
    ARRAY_GROW(list->vips, list->n, list->allocated);
    list->vips[list->n++] = vip;
}

/* Adds to 'ret' the floating IPs of the VIP. */
static void
find_floating_ips(const struct topology *topology,
                  const struct model_vip *vip, struct sset *ret)
{
    const struct topo_port *port = topology_port_by_id(topology,
                                                       &vip->port_id);
    const struct topo_switch *sw = topology_home(topology, &vip->subnet_id,
                                                 &vip->network_id);
    const struct topo_nat *nat = NULL;
    struct in6_addr floating_ip;

    if (!ipv6_addr_is_set(&vip->ip)) {
        return;
    }
    if (port && port->floating_ip && ip_is_v4(&vip->ip)
        && ip_parse_any(port->floating_ip, &floating_ip)) {
        sset_add_and_free(ret, ip_format_any(&floating_ip));
    }
    while (sw && (nat = topology_next_nat(topology, &vip->ip, nat))) {
        if (topo_switch_has_router(sw, &nat->router)) {
            sset_add_and_free(ret, ip_format_any(&nat->external_ip));
        }
    }
}

static void
add_floating_ips(struct vip_list *list, const struct topology *topology,
                 const struct model_vip *vip, enum vip_kind kind)
{
    struct sset found = SSET_INITIALIZER(&found);

    find_floating_ips(topology, vip, &found);
    const char **sorted = sset_sort(&found);
    for (size_t i = 0; i < sset_count(&found); i++) {
        vip_list_add(list, (struct vip) {
            .kind = i ? VIP_OTHER_FLOATING : kind,
            .address = xstrdup(sorted[i]),
            .ip = ip_parse_or_unset(sorted[i]),
            .of = vip,
        });
    }
    free(sorted);
    sset_destroy(&found);
}

void
vip_list_init(struct vip_list *list, const struct model_lb *lb,
              const struct topology *topology)
{
    *list = (struct vip_list) { .n = 0 };
    for (size_t i = 0; i < lb->n_vips; i++) {
        const struct model_vip *vip = &lb->vips[i];
        if (vip->address) {
            vip_list_add(list, (struct vip) {
                .kind = i ? VIP_ADDITIONAL : VIP_FIRST,
                .address = xstrdup(vip->address),
                .ip = vip->ip,
                .port_id = vip->port_id,
                .of = vip,
            });
        }
    }
    for (size_t i = 0; i < lb->n_vips; i++) {
        const struct model_vip *vip = &lb->vips[i];
        if (vip->address) {
            add_floating_ips(list, topology, vip,
                             i ? VIP_OTHER_FLOATING : VIP_FIRST_FLOATING);
        }
    }
}

bool
vip_is_ipv6(const struct vip *vip)
{
    return ip_is_v6(&vip->ip);
}

bool
vip_is_floating(const struct vip *vip)
{
    return (vip->kind == VIP_FIRST_FLOATING
            || vip->kind == VIP_OTHER_FLOATING);
}

void
vip_list_uninit(struct vip_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->vips[i].address);
    }
    free(list->vips);
}

char *
vip_list_join(const struct vip_list *list, enum vip_kind kind)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < list->n; i++) {
        if (list->vips[i].kind == kind) {
            ds_put_format(&s, "%s%s", s.length ? "," : "",
                          list->vips[i].address);
        }
    }
    return ds_steal_cstr(&s);
}

char *
vip_list_join_ports(const struct vip_list *list, enum vip_kind kind)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "");
    for (size_t i = 0; i < list->n; i++) {
        if (list->vips[i].kind == kind) {
            ds_put_format(&s, "%s"UUID_FMT, s.length ? "," : "",
                          UUID_ARGS(&list->vips[i].port_id));
        }
    }
    return ds_steal_cstr(&s);
}
