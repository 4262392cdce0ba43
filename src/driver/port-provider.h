/* SPDX-License-Identifier: Apache-2.0
 *
 * The source of the ports that VIPs have and that members are probed from:
 * OVN itself (ports-ovn.c) or Neutron (ports-neutron.c).  Nothing else in the
 * driver knows which.
 *
 * No call blocks.  Where an answer has to wait, the load balancer's key comes
 * back to the queue when there is news.
 */

#ifndef DRIVER_PORT_PROVIDER_H
#define DRIVER_PORT_PROVIDER_H 1

#include <stdbool.h>
#include <stddef.h>
#include "driver/vip-result.h"

struct ds;
struct model_lb;
struct nb;
struct neutron;
struct store;
struct topo_port;
struct uuid;
struct uuidset;
struct vip_claims;
struct workq;

enum port_sources {
    SOURCES_THERE,
    SOURCES_WAIT,               /* They are on their way. */
    SOURCES_FAILED              /* Missing ones are refused, or half of the
                                 * time that anything may be PENDING is over.
                                 * They are asked for again. */
};

/* The first member of every provider's own structure. */
struct port_provider {
    const struct port_class *class_;
};

/* Functions that a provider implements.  'is_active' is whether this driver is
 * the one that writes OVN. */
struct port_class {
    /* False: ports to probe from are rows that follow from the comparison. */
    bool makes_sources;

    void (*destroy)(struct port_provider *);
    void (*run)(struct port_provider *, bool is_active);
    void (*wait)(struct port_provider *, bool is_active);

    /* Has ports looked for again, for all load balancers that are in the store
     * now: another driver was active, and may have made or deleted some. */
    void (*distrust)(struct port_provider *);

    /* Fills in the address and the port of each VIP of 'lb' that lacks one.
     * VIP_REFUSED: fills '*refusal', and what was filled in must not be kept.
     * The address on a port that the user has given may be another's. */
    enum vip_result (*fill)(struct port_provider *, struct model_lb *lb,
                            struct vip_refusal *refusal);

    /* Deletes what was made for a load balancer that cannot have all its
     * VIPs. */
    void (*give_up)(struct port_provider *, const struct uuid *lb_id);

    /* Has ports of VIPs made again that were lost, with the addresses that
     * 'lb' keeps; 'lb' gets their ids.  VIP_REFUSED: fills '*refusal', which
     * is of no request (code 0). */
    enum vip_result (*restore)(struct port_provider *, struct model_lb *lb,
                               struct vip_refusal *refusal);

    /* Returns true if no port of 'lb', which is being deleted, is left, but
     * for rows that go with its others.  Otherwise sees to it. */
    bool (*remove)(struct port_provider *, const struct model_lb *lb);

    /* Forgets the load balancer, which is gone. */
    void (*forget)(struct port_provider *, const struct uuid *lb_id);

    /* Sees to the ports that load balancer 'lb' lacks: it has members to probe
     * in 'subnets', of which 'sourceless' have no port to do it from.
     * SOURCES_FAILED: stores the reason in '*ret_why', which the caller frees.
     */
    enum port_sources (*provide_sources)(struct port_provider *,
                                         const struct model_lb *lb,
                                         const struct uuidset *subnets,
                                         const struct uuidset *sourceless,
                                         char **ret_why);

    /* True if 'port', which says of itself that members are probed from it, is
     * ours; 'is_in_use': members are.  Only called if 'makes_sources'. */
    bool (*owns_source)(struct port_provider *, const struct topo_port *port,
                        bool is_in_use);

    /* True if, since the last call, ports to probe from may have come to be
     * needed no more. */
    bool (*take_unneeded)(struct port_provider *);

    /* Deletes the ports to probe from that no load balancer needs.  Every load
     * balancer must have been compared since the replica of OVN_Northbound was
     * loaded. */
    void (*clean)(struct port_provider *);

    /* Returns why the load balancer has to wait for the provider, or NULL if
     * it has not.  The caller frees it. */
    char *(*what_is_missing)(struct port_provider *, const struct uuid *lb_id);

    /* True while an answer is outstanding. */
    bool (*is_busy)(struct port_provider *);

    /* Returns how many load balancers wait for another try. */
    size_t (*n_failing)(struct port_provider *);

    /* Appends lines, or nothing, for "driver/status". */
    void (*format_status)(struct port_provider *, struct ds *);
};

/* OVN's own: addresses are chosen here.  All is borrowed. */
struct port_provider *ports_ovn_create(const struct nb *,
                                       const struct vip_claims *);

/* Neutron's: takes ownership of 'neutron'; all else is borrowed. */
struct port_provider *ports_neutron_create(struct neutron *neutron,
                                           struct store *, struct nb *,
                                           struct workq *,
                                           int pending_timeout_ms);

#endif /* driver/port-provider.h */
