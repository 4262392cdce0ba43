/* SPDX-License-Identifier: Apache-2.0
 *
 * OVN's logical network: switches, routers, the ports that join them, the
 * subnets on each switch and the addresses in use.  Kept up to date from a
 * replica of the Northbound database, change by change; the cost of a change
 * does not grow with the size of the network.
 *
 * This is the authority for association (which switches and routers must
 * carry a load balancer) with and without Neutron, and the source of network
 * facts where there is no Neutron (net/net-ovn.c).
 *
 * Pointers to the structures here are valid until the next topology_run().
 */

#ifndef NET_TOPOLOGY_H
#define NET_TOPOLOGY_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

struct ovsdb_idl;
struct smap;
struct topology;

/* A range of addresses that hosts on a switch use.  The id is Neutron's where
 * OVN knows that.  Else, as on a switch made by hand, it is derived from the
 * switch's UUID and the network's address, so that it is the same in every
 * process, after every restart, and if the prefix is widened or narrowed: see
 * subnet-aliases.c. */
struct topo_subnet {
    struct hmap_node by_id;         /* In topology, by 'id'. */
    struct ovs_list in_switch;      /* In 'topo_switch.subnets'. */
    struct topo_switch *sw;
    struct uuid id;
    char *name;                     /* NAME for the switch's first subnet,
                                     * NAME:CIDR for others. */
    char *cidr;                     /* Canonical text, "10.0.0.0/24". */
    struct in6_addr prefix;         /* IPv4 as v4-mapped. */
    unsigned int plen;              /* As in 'cidr': 0..32 or 0..128. */
    bool is_ipv6;
    char *gateway_ip;               /* Address of a router port, or NULL. */
};

/* A Logical_Switch. */
struct topo_switch {
    struct hmap_node by_uuid;
    struct hmap_node by_id;
    struct uuid uuid;               /* The NB row's. */
    struct uuid id;                 /* The network's: from a name
                                     * "neutron-UUID", else 'uuid'. */
    char *name;                     /* The NB row's. */
    char *display_name;             /* external_ids:neutron:network_name, else
                                     * 'name'. */
    bool is_provider;               /* Has a localnet port, or external_ids
                                     * neutron:provnet-physical-network. */
    bool is_transit;                /* Has a port of type "remote": packets
                                     * come in on a chassis of another OVN. */
    struct ovs_list subnets;        /* topo_subnet.in_switch; IPv4 first, then
                                     * by prefix. */
    struct ovs_list ports;          /* topo_port.in_switch. */
    struct ovs_list links;          /* topo_link.in_switch. */
    struct hmap addresses;          /* Private: addresses in use. */
};

/* A Logical_Switch_Port. */
struct topo_port {
    struct hmap_node by_uuid;
    struct hmap_node by_name;
    struct ovs_list in_switch;
    struct topo_switch *sw;         /* NULL while no switch has it. */
    struct uuid uuid;               /* The NB row's. */
    struct uuid id;                 /* 'name' if a UUID; of a VIP's port of
                                     * ours, see vip-ports.h; else 'uuid'. */
    char *name;
    char *type;                     /* "", "router", "localnet", ... */
    char *display_name;             /* external_ids:neutron:port_name, else
                                     * 'name'. */
    char *device_id;                /* external_ids:neutron:device_id or "". */
    char *device_owner;             /* ...:neutron:device_owner or "". */
    bool is_cut_off;                /* OVN delivers nothing to it: it is
                                     * disabled, or no chassis has it and one
                                     * should. */
    bool is_lost;                   /* So it has been for some time, see
                                     * PORT_DOWN_DOUBT_MS. */
    char *router_port;              /* options:router-port or NULL. */
    char *floating_ip;              /* external_ids:neutron:port_fip or
                                     * NULL. */
    char *mac;                      /* First MAC or NULL. */
    struct in6_addr *addresses;     /* From 'addresses', 'dynamic_addresses'
                                     * and, for "router" ports, the router
                                     * port's networks; and from external_ids
                                     * neutron:cidrs (Neutron's VIP ports have
                                     * only those). */
    size_t n_addresses;
};

/* A Logical_Router. */
struct topo_router {
    struct hmap_node by_uuid;
    struct uuid uuid;               /* The NB row's. */
    struct uuid id;                 /* From a name "neutron-UUID", else
                                     * 'uuid'. */
    char *name;                     /* The NB row's. */
    char *display_name;             /* external_ids:neutron:router_name, else
                                     * 'name'. */
    bool is_enabled;
    bool joins_router;              /* A port's peer is another router's, with
                                     * no switch between them. */
    struct ovs_list links;          /* topo_link.in_router. */
};

/* In external_ids of a NAT row of which we took external_mac and logical_port
 * away: what they were.  See ovn/want/centralise.h. */
#define NAT_KEY_MAC "ovn-octavia:external_mac"
#define NAT_KEY_PORT "ovn-octavia:logical_port"

/* A NAT row of type dnat_and_snat, that is, a floating IP. */
struct topo_nat {
    struct hmap_node by_uuid;
    struct hmap_node by_id;
    struct hmap_node by_logical_ip;
    struct uuid uuid;
    struct uuid id;                 /* external_ids:neutron:fip_id, else
                                     * 'uuid'. */
    struct uuid router;             /* Logical_Router row; zero: none. */
    struct in6_addr external_ip;    /* IPv4 as v4-mapped. */
    struct in6_addr logical_ip;
    char *external_mac;             /* NULL unless distributed, as is */
    char *logical_port;             /* this. */
    bool is_centralised;            /* Has NAT_KEY_MAC. */
};

/* A place where a router and a switch meet: a Logical_Router_Port whose peer
 * is a port of the switch. */
struct topo_link {
    struct ovs_list in_switch;
    struct ovs_list in_router;
    struct topo_switch *sw;
    struct topo_router *router;
    struct uuid port;               /* The Logical_Switch_Port row. */
    bool is_gateway;                /* The router port has gateway_chassis,
                                     * ha_chassis_group, or
                                     * options:redirect-chassis; or Neutron
                                     * says neutron:is_ext_gw. */
    struct in6_addr *networks;      /* Addresses of the router port, v4 as
                                     * v4-mapped. */
    unsigned int *plens;            /* Their prefix lengths, as in the text. */
    size_t n_networks;
    struct uuid *subnet_ids;        /* external_ids:neutron:subnet_ids, sorted:
                                     * it does not say which is which. */
    size_t n_subnet_ids;
};

/* Registers the columns needed with 'idl' (a connection to OVN_Northbound that
 * has not run yet) and asks for change tracking on them.  Does not own
 * 'idl'. */
struct topology *topology_create(struct ovsdb_idl *idl);
void topology_destroy(struct topology *);

/* Takes over the changes that 'idl' tracked.  The caller runs the IDL before
 * and clears the tracked changes after.  If 'reset' is true, the caller says
 * that tracking was interrupted: everything is read anew.
 *
 * Tracking is interrupted when the IDL drops its replica and loads a new one:
 * after a reconnect to a server without history, and after a schema
 * conversion.  The IDL then never reports the rows that are gone.  The run
 * notices that by itself, too. */
void topology_run(struct topology *, bool reset);

/* Wakes the poll loop when topology_run() has something to do although no row
 * has changed. */
void topology_wait(const struct topology *);

/* Returns the switches, or the routers, of which the last topology_run() found
 * a change that matters to association: a switch's subnets and their ids, its
 * being a provider network or a transit switch, its links; a router's name or
 * links, whether it joins another router, or what kind of a switch one on it
 * is.  Both lists include rows that are gone.
 * The arrays belong to the topology and live until the next run. */
const struct uuid *topology_changed_switches(const struct topology *,
                                             size_t *n);
const struct uuid *topology_changed_routers(const struct topology *,
                                            size_t *n);

/* The addresses that the last run found to have changed their meaning: a port
 * got or lost one of them, or a port with it changed its name, type, switch or
 * floating IP, or came to be cut off or ceased to be; or a NAT row with that
 * logical address came, went or changed.  No order, no duplicates; lives until
 * the next run. */
const struct in6_addr *topology_changed_addresses(const struct topology *,
                                                  size_t *n);

/* Changes each time anything here changes. */
unsigned int topology_seqno(const struct topology *);

/* Look-ups.  NULL if there is none. */
struct topo_switch *topology_switch_by_uuid(const struct topology *,
                                            const struct uuid *row);
struct topo_switch *topology_switch_by_id(const struct topology *,
                                          const struct uuid *network_id);

/* Finds a subnet by its id, or by one that it had before: then 'id' is another
 * one. */
struct topo_subnet *topology_subnet_by_id(const struct topology *,
                                          const struct uuid *subnet_id);

/* Returns the switch of a VIP or member with that subnet or network, or both
 * (zero: not given): that of the subnet if it is known, else that of the
 * network.  NULL if neither is. */
struct topo_switch *topology_home(const struct topology *,
                                  const struct uuid *subnet_id,
                                  const struct uuid *network_id);

/* True if the port is not there although its network is.  Ids as for
 * topology_home() and topology_port_by_id(). */
bool topology_lacks_port(const struct topology *, const struct uuid *subnet_id,
                         const struct uuid *network_id,
                         const struct uuid *port_id);

struct topo_port *topology_port_by_id(const struct topology *,
                                      const struct uuid *port_id);
struct topo_port *topology_port_by_name(const struct topology *,
                                        const char *name);
struct topo_router *topology_router_by_uuid(const struct topology *,
                                            const struct uuid *row);
struct topo_router *topology_router_by_id(const struct topology *,
                                          const struct uuid *router_id);

/* The NAT rows whose logical address is 'ip', one after the other: NULL as
 * 'prev' gives the first.  Returns NULL after the last. */
const struct topo_nat *topology_next_nat(const struct topology *,
                                         const struct in6_addr *ip,
                                         const struct topo_nat *prev);

/* Returns the floating IP with that id, or NULL. */
const struct topo_nat *topology_nat_by_id(const struct topology *,
                                          const struct uuid *id);

/* Calls 'cb' for all NAT rows that are 'is_centralised', and for all ports
 * whose name starts with 'prefix': for cleaning up, so both may walk
 * everything. */
void topology_for_each_centralised_nat(
    const struct topology *,
    void (*cb)(const struct topo_nat *, void *aux), void *aux);
void topology_for_each_port_named(
    const struct topology *, const char *prefix,
    void (*cb)(const struct topo_port *, void *aux), void *aux);

/* Returns the port behind a floating IP: the one that the row names, else the
 * one on the router's switches that has the logical address, else NULL. */
const struct topo_port *topology_nat_port(const struct topology *,
                                          const struct topo_nat *);

/* Returns all floating IPs, for iteration with HMAP_FOR_EACH (by_id). */
const struct hmap *topology_nats(const struct topology *);

/* Return all switches, ports and routers, for iteration with HMAP_FOR_EACH
 * (by_uuid). */
const struct hmap *topology_switches(const struct topology *);
const struct hmap *topology_ports(const struct topology *);
const struct hmap *topology_routers(const struct topology *);

bool topo_subnet_contains(const struct topo_subnet *, const struct in6_addr *);

/* Takes the id out of the name that Neutron gives to the switch of a network,
 * or to a router: "neutron-UUID".  Returns false if it is no such name. */
bool topo_name_to_id(const char *name, struct uuid *ret);

/* True if 'ip' may be given to a host of the subnet: inside it and not its
 * network or broadcast address. */
bool topo_subnet_is_host(const struct topo_subnet *, const struct in6_addr *);

/* A subnet of 'sw' that holds 'ip', or NULL. */
struct topo_subnet *topo_switch_subnet_of(const struct topo_switch *,
                                          const struct in6_addr *ip);

/* Returns what the port, of type "router", joins, or NULL. */
const struct topo_link *topo_port_link(const struct topo_port *);

/* True if the router has an address in the subnet; NULL: in any. */
bool topo_link_is_in(const struct topo_link *, const struct topo_subnet *);

/* True if the Logical_Router row 'router' has a port on 'sw'. */
bool topo_switch_has_router(const struct topo_switch *sw,
                            const struct uuid *router);

/* The port of 'sw' that has 'ip', or NULL with '*reserved' true if there is
 * no port but other_config:exclude_ips forbids the address, else false. */
struct topo_port *topo_switch_user_of(const struct topo_switch *,
                                      const struct in6_addr *ip,
                                      bool *reserved);

/* Returns the number of host addresses of the subnet that are free, at most
 * 'max'.  Cheap: does not walk the subnet. */
unsigned long long int topo_subnet_n_free(const struct topo_subnet *,
                                          unsigned long long int max);

/* Picks an address of the subnet that is free and for which 'is_taken(ip,
 * aux)' is false.  Goes from the top of the subnet down, since OVN's own IPAM
 * hands addresses out from the bottom up and the two must not meet in a race.
 * Returns false if there is none.  In big IPv6 subnets looks at a bounded
 * number of candidates below the last address it gave. */
bool topo_subnet_pick(struct topo_subnet *,
                      bool (*is_taken)(const struct in6_addr *, void *aux),
                      void *aux, struct in6_addr *ret_ip);

#endif /* net/topology.h */
