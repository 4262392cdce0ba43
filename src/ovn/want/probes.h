/* SPDX-License-Identifier: Apache-2.0
 *
 * Health monitors in OVN: which VIPs have their backends probed, through which
 * port, and from which address.  Pure.
 */

#ifndef OVN_WANT_PROBES_H
#define OVN_WANT_PROBES_H 1

#include <netinet/in.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct layout_row;
struct lb_row;
struct model_lb;
struct model_member;
struct ovn_lb;
struct topo_port;
struct topology;
struct uuidset;
struct vip_list;

/* From where the members of a subnet are probed. */
struct probe_source {
    struct uuid subnet_id;
    struct in6_addr ip;
    bool is_ours;               /* The address is held by a port of ours, not
                                 * of Neutron's. */
};

struct probe_sources {
    struct probe_source *array;
    size_t n, allocated;
};

void probe_sources_add(struct probe_sources *, const struct probe_source *);
const struct probe_source *probe_sources_find(const struct probe_sources *,
                                              const struct uuid *subnet_id);
void probe_sources_uninit(struct probe_sources *);

/* Adds to 'ret' the subnets in which 'lb' has members to be probed. */
void probe_subnets(const struct model_lb *, struct uuidset *ret);

/* Marks the monitors of 'lb' that have members in 'subnets': these are not
 * probed. */
void probe_mark_unserved(struct model_lb *, const struct uuidset *subnets);

/* Returns the port that has the address of 'member', or NULL if OVN knows
 * none: then it cannot be probed. */
const struct topo_port *probe_port(const struct topology *,
                                   const struct model_member *);

/* Fills in 'row': the checks of its VIPs, ip_port_mappings, and
 * external_ids:octavia:healthmonitors. */
void probe_build(const struct layout_row *, const struct vip_list *,
                 const struct topology *, const struct probe_sources *,
                 struct lb_row *row);

/* Members in 'subnets', from which nothing can be probed yet, go on to be
 * probed as they were, or not to be: what of ip_port_mappings is in a row of
 * 'seen' with the protocol of 'row' is left as it is, and a check that is not
 * there has to wait, for OVN sends nothing to a backend that it is to probe
 * and cannot. */
void probe_keep(const struct model_lb *, const struct uuidset *subnets,
                const struct ovn_lb *seen, struct lb_row *row);

#endif /* ovn/want/probes.h */
