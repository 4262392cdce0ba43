/* SPDX-License-Identifier: Apache-2.0
 *
 * A load balancer as it should be in OVN, as it is, and the difference: what
 * the driver carries out and what "ovn-octavia-ctl diff" prints.
 */

#ifndef OVN_COMPARE_H
#define OVN_COMPARE_H 1

#include <stdbool.h>
#include "ovn/diff/plan.h"
#include "ovn/rows/rows.h"
#include "ovn/want/desired.h"

struct in6_addr;
struct model_lb;
struct nb;
struct sb;
struct topo_port;

struct compare_options {
    bool use_groups;            /* See struct desired_facts. */
    bool enforce_cidrs;         /* The same. */

    /* Addresses come with Neutron's ports: a subnet without one to probe from
     * is left out, not given one. */
    bool ports_are_neutrons;

    /* True if 'port' is known to be ours; 'is_in_use': the load balancer's
     * members are probed from it, so it was known before.  No other port is
     * taken.  NULL: a port's own name, owner and device decide. */
    bool (*owns_source)(const struct topo_port *port, bool is_in_use,
                        void *aux);

    /* True if a load balancer has, or is about to get, 'ip', which is not for
     * probes then. */
    bool (*is_taken)(const struct uuid *subnet_id, const struct in6_addr *ip,
                     void *aux);
    void *aux;
};

struct comparison {
    struct ovn_lb want;
    struct ovn_lb seen;
    struct desired_watch watch;
    struct plan plan;
    struct uuidset sourceless;  /* Subnets that were left out. */
};

/* Compares 'lb', whose members' health it fills in.  'sb' may be NULL.  The
 * caller must call comparison_uninit(). */
void compare_lb(struct nb *, const struct sb *, const struct compare_options *,
                struct model_lb *lb, struct comparison *);
void comparison_uninit(struct comparison *);

#endif /* ovn/compare.h */
