/* SPDX-License-Identifier: Apache-2.0
 *
 * All that "explain" knows about a load balancer: gathered once, and then only
 * read.
 */

#ifndef CTL_FACTS_H
#define CTL_FACTS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ctl/driver.h"
#include "ctl/survey.h"
#include "model/objects.h"
#include "ovn/db/nb-facts.h"
#include "ovn/db/sb-facts.h"
#include "ovn/want/vips.h"
#include "svec.h"

struct context;
struct topo_port;
struct topo_router;
struct topo_subnet;
struct topo_switch;
struct topology;

/* An address at which clients reach the load balancer. */
struct fact_vip {
    const struct vip *vip;
    bool is_floating;

    /* The VIP's place; of a floating IP, the place of its VIP.  NULL: not in
     * OVN. */
    const struct topo_subnet *subnet;
    const struct topo_switch *sw;
    const struct topo_port *port;
    bool has_router;            /* A router inside, not only a gateway. */

    /* Names of routers that carry the load balancer, have a port there, and
     * have a gateway chassis: they serve hosts there whose switch does not
     * carry it.  Sorted. */
    struct svec gateways;

    /* The router, of a floating IP in a NAT row. */
    const struct topo_router *nat_router;
    bool has_gateway;
};

struct fact_member {
    const struct model_pool *pool;
    const struct model_member *member;
    const struct topo_subnet *subnet;   /* NULL: not in OVN. */
    const struct topo_port *port;       /* The same. */
    bool has_odd_port_name;             /* It has one that OVN cannot map. */
    struct nb_port_state port_state;    /* If there is one. */
    const char *chassis;                /* The chassis that has the port, or
                                         * NULL. */
    bool is_probed;                     /* As far as it depends on the pool. */
    const char *probe;                  /* As sb_facts_probe() says. */
};

/* A Load_Balancer row. */
struct fact_row {
    const struct lb_row *row;
    bool is_for_sb;             /* It is carried by what makes northd make a
                                 * row of its own of it. */
    bool is_in_sb;
    struct sb_facts_lb sb;
};

struct facts {
    struct survey survey;
    const struct model_lb *lb;          /* The survey's. */
    const struct topology *topology;
    bool has_ipv6_hash;

    struct vip_list vip_list;
    struct fact_vip *vips;
    size_t n_vips;
    struct fact_member *members;        /* Wanted members. */
    size_t n_members;
    struct fact_row *rows;              /* Rows that OVN has. */
    size_t n_rows;

    struct svec switches;       /* Names of those that carry it, sorted. */

    /* Chains, each as the beginning of a sentence: which of its VIPs are
     * members of load balancers, which of its members are VIPs, and what else
     * in OVN has a VIP as its backend. */
    struct svec vips_used, vips_of_others, forwards;

    struct svec unhonoured;     /* Options, with whose they are. */

    /* The security groups of the VIP in an existing Octavia, which are not in
     * OVN_Octavia, if there are any, and it was asked and has answered; else
     * NULL. */
    char *security_groups;

    enum driver_answer driver;
    char *driver_text;
    bool driver_is_active;

    int64_t nb_cfg, nb_sb_cfg, nb_hv_cfg;   /* In NB_Global. */
    int64_t sb_nb_cfg;                      /* In SB_Global. */
    struct sb_facts_chassis *chassis;
    size_t n_chassis;
};

/* The caller must call facts_uninit(), and not run the databases before.  Ends
 * the program if there is no such load balancer. */
void facts_gather(struct context *, const struct uuid *lb_id, struct facts *);
void facts_uninit(struct facts *);

/* Parts of facts_gather(), in files of their own: chains, and what an existing
 * Octavia says. */
void facts_gather_chains(struct context *, struct facts *);
void facts_gather_octavia(struct context *, struct facts *);

/* Returns a listener's pool, if it has one that is wanted, else NULL. */
const struct model_pool *facts_pool(const struct facts *,
                                    const struct model_listener *);

/* True if a listener that is wanted leads to 'pool'. */
bool facts_pool_is_used(const struct facts *, const struct model_pool *);

/* Returns the group with the given id, with its carriers, if OVN has one. */
const struct lb_group *facts_group(const struct facts *, const struct uuid *);

/* Returns the backends that OVN has of 'address' and the listener's port: a
 * comma separated list, or NULL. */
const char *facts_backends(const struct facts *, const char *address,
                           const struct model_listener *);

#endif /* ctl/facts.h */
