/* SPDX-License-Identifier: Apache-2.0
 *
 * The source of facts about subnets: Neutron, or OVN's Northbound database
 * where there is none.
 */

#ifndef AGENT_NETWORK_H
#define AGENT_NETWORK_H 1

struct net;
struct agent_options;

struct network {
    struct neutron *neutron;    /* NULL: not asked. */
    struct net *net;            /* NULL: no source of facts. */
};

/* Exits with a message if Octavia's file does not say enough. */
void network_init(struct network *, const struct agent_options *);
void network_uninit(struct network *);
void network_run(struct network *);
void network_wait(struct network *);

/* Returns why an answer does not come, NULL if it just takes time. */
const char *network_trouble(const struct network *);

#endif /* agent/network.h */
