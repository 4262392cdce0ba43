/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts from the Northbound database that only tools need, not the driver:
 * whether ports are up, where routers have a gateway, and how far OVN has
 * come.
 */

#ifndef OVN_DB_NB_FACTS_H
#define OVN_DB_NB_FACTS_H 1

#include <stdbool.h>

struct in6_addr;
struct nb;
struct svec;
struct topo_switch;
struct uuid;

/* A Logical_Switch_Port. */
struct nb_port_state {
    bool is_enabled;
    bool is_up;                 /* A port that OVN has not looked at is not. */
};

/* Has the replica hold what the functions below need, and nb_cfg() and its
 * like.  To be called before the first nb_run(). */
void nb_facts_add_columns(struct nb *);

/* Returns false if there is no such row. */
bool nb_facts_port(const struct nb *, const struct uuid *port,
                   struct nb_port_state *ret);

/* True if packets from outside have a chassis to come in by: northd serves
 * floating IPs only on such routers. */
bool nb_facts_router_has_gateway(const struct nb *,
                                 const struct uuid *router);

/* Adds to 'names' those of the Load_Balancer rows of other owners that have
 * 'ip' as a backend and are on the switch, or on a router that has a port
 * there: Neutron's port forwardings are such rows. */
void nb_facts_forwards(const struct nb *, const struct topo_switch *,
                       const struct in6_addr *ip, struct svec *names);

#endif /* ovn/db/nb-facts.h */
