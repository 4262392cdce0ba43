/* SPDX-License-Identifier: Apache-2.0
 *
 * Network facts: networks, subnets and ports as the users of load balancers
 * know them.  One interface with two implementations: net-ovn.c reads OVN's
 * Northbound database, for those who run OVN without OpenStack; net-neutron.c
 * asks Neutron.  net-fallback.c makes one of both.
 *
 * An answer may not be there yet (a REST call is under way).  Then look-ups
 * return NET_WAIT, and the caller asks again after net_seqno() has changed.
 * Nothing here blocks, nothing here writes.
 */

#ifndef NET_NET_H
#define NET_NET_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"

struct net;
struct topology;

enum net_answer {
    NET_FOUND,
    NET_MISSING,
    NET_WAIT,
};

struct net_address {
    struct uuid subnet_id;      /* Zero if no subnet holds it. */
    struct in6_addr ip;         /* IPv4 as v4-mapped. */
};

/* All strings and arrays are borrowed: valid until the next net_run(). */
struct net_network {
    struct uuid id;
    const char *name;
    bool is_provider;
    struct uuid *subnets;       /* Owned: see net_network_uninit(). */
    size_t n_subnets;
};

struct net_subnet {
    struct uuid id;
    struct uuid network_id;
    const char *name;
    const char *cidr;
    const char *gateway_ip;     /* NULL if none. */
    bool is_ipv6;
    bool is_provider;           /* Its network is; known from OVN only. */
};

struct net_port {
    struct uuid id;
    struct uuid network_id;     /* Zero if no network has it. */
    const char *name;
    const char *mac;            /* "" if none. */
    const char *device_id;      /* "" if none; of a router's port, unless the
                                 * row says it, the router's id. */
    const char *device_owner;   /* "" if none. */
    bool is_up_for_use;         /* Not a router, localnet, ... port. */
    char *own_device_id;        /* Owned: 'device_id', or NULL. */
    struct net_address *addresses; /* Owned: see net_port_uninit(). */
    size_t n_addresses;
};

/* An address outside that stands for one inside, on a router. */
struct net_floating_ip {
    struct uuid id;
    struct uuid network_id;     /* Where 'ip' is; zero if nowhere. */
    struct uuid router_id;      /* Zero if no router has it. */
    struct uuid port_id;        /* Zero if no port has 'fixed_ip'. */
    struct in6_addr ip;         /* Both IPv4 as v4-mapped. */
    struct in6_addr fixed_ip;
};

struct net_router {
    struct uuid id;
    const char *name;
    bool is_enabled;
    struct uuid gateway_network_id;         /* Zero: it has no gateway. */
    struct net_address *gateway_addresses;  /* Owned: net_router_uninit(). */
    size_t n_gateway_addresses;
};

/* Network facts from OVN's Northbound database at 'remote' (an own, read-only
 * connection). */
struct net *net_ovn_create(const char *remote);

/* Facts from 'first', and from 'second' what that does not know.  Owns
 * both. */
struct net *net_fallback_create(struct net *first, struct net *second);

void net_destroy(struct net *);
void net_run(struct net *);
void net_wait(struct net *);

/* Accepts database servers that know less than was seen: they were put back
 * from a backup. */
void net_accept_older(struct net *);

/* True while facts can be had at all. */
bool net_is_ready(const struct net *);

/* True if not, but they could a moment ago: wait rather than refuse. */
bool net_is_expected(const struct net *);
unsigned int net_seqno(const struct net *);

enum net_answer net_get_network(struct net *, const struct uuid *id,
                                struct net_network *ret);
enum net_answer net_get_subnet(struct net *, const struct uuid *id,
                               struct net_subnet *ret);

/* Finds the one subnet that contains 'ip' among those of the 'n' networks and
 * of the networks behind their routers.  NET_MISSING if none does, or
 * several. */
enum net_answer net_find_subnet(struct net *, const struct uuid *networks,
                                size_t n, const struct in6_addr *ip,
                                struct net_subnet *ret);

/* True if 'ip' is the broadcast address of the subnet. */
bool net_subnet_broadcasts_at(const struct net_subnet *,
                              const struct in6_addr *ip);
enum net_answer net_get_port(struct net *, const struct uuid *id,
                             struct net_port *ret);
enum net_answer net_get_floating_ip(struct net *, const struct uuid *id,
                                    struct net_floating_ip *ret);
enum net_answer net_get_router(struct net *, const struct uuid *id,
                               struct net_router *ret);
void net_network_uninit(struct net_network *);
void net_port_uninit(struct net_port *);
void net_router_uninit(struct net_router *);

/* Tells if a user who asks for 'ip' may have it: NET_ADDRESS_OUTSIDE if the
 * subnet has no such host address. */
enum net_address_state {
    NET_ADDRESS_FREE,
    NET_ADDRESS_IN_USE,
    NET_ADDRESS_OUTSIDE,
    NET_ADDRESS_WAIT,
};
enum net_address_state net_check_address(struct net *,
                                         const struct uuid *subnet_id,
                                         const struct in6_addr *ip);

/* Free host addresses of the subnet, at most 'max'. */
enum net_answer net_subnet_n_free(struct net *, const struct uuid *subnet_id,
                                  unsigned long long int max,
                                  unsigned long long int *ret_n);

/* Calls 'cb' for every network, subnet, port, floating IP or router until it
 * returns false, in an order that is the same as long as nothing changes (by
 * name, or address, then id).  Only for facts that come from OVN: with
 * Neutron, clients ask Neutron. */
void net_for_each_network(struct net *,
                          bool (*cb)(const struct net_network *, void *),
                          void *aux);
void net_for_each_subnet(struct net *,
                         bool (*cb)(const struct net_subnet *, void *),
                         void *aux);
void net_for_each_port(struct net *,
                       bool (*cb)(const struct net_port *, void *), void *aux);
void net_for_each_floating_ip(struct net *,
                              bool (*cb)(const struct net_floating_ip *,
                                         void *),
                              void *aux);
void net_for_each_router(struct net *,
                         bool (*cb)(const struct net_router *, void *),
                         void *aux);

#endif /* net/net.h */
