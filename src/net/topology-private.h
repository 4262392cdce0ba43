/* SPDX-License-Identifier: Apache-2.0
 *
 * Declarations for the files of the topology alone.
 *
 * A run has two halves.  First each table's file (switches.c, ports.c,
 * routers.c, nats.c, dhcp.c) copies what changed in its rows into its nodes,
 * and marks what depends on it as dirty.  Then nats.c brings dirty NAT rows up
 * to date, links.c dirty ports, and subnets.c dirty switches, from the nodes
 * alone.  As nothing is derived before all rows are read, the order of the
 * rows does not matter.
 */

#ifndef NET_TOPOLOGY_PRIVATE_H
#define NET_TOPOLOGY_PRIVATE_H 1

#include <stdlib.h>
#include <string.h>
#include "base/ip-set.h"
#include "base/refs.h"
#include "net/addr.h"
#include "net/topology.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"

struct topology {
    struct ovsdb_idl *idl;              /* Not owned. */

    /* The rows' copies. */
    struct hmap switches;               /* topo_switch.by_uuid. */
    struct hmap switches_by_id;         /* topo_switch.by_id. */
    struct hmap ports;                  /* topo_port.by_uuid. */
    struct hmap ports_by_id;            /* port_node.by_id. */
    struct hmap ports_by_name;          /* topo_port.by_name. */
    struct hmap ports_by_peer;          /* port_node.by_peer. */
    struct hmap routers;                /* topo_router.by_uuid. */
    struct hmap router_ports;           /* router_port.by_uuid. */
    struct hmap router_ports_by_name;   /* router_port.by_name. */
    struct hmap nats;                   /* nat_node.up.by_uuid. */
    struct hmap nats_by_id;             /* nat_node.up.by_id. */
    struct hmap nats_by_logical_ip;     /* nat_node.up.by_logical_ip. */
    struct hmap dhcp_rows;              /* dhcp_row.by_uuid. */
    struct hmap dhcp_uses;              /* dhcp_use.by_row. */
    struct refs ports_of_switches;      /* Switches to their ports. */
    struct refs ports_of_routers;       /* Routers to their ports. */
    struct refs nats_of_routers;        /* Routers to their NAT rows. */

    /* Derived from the rows. */
    struct hmap subnets;                /* topo_subnet.by_id. */
    struct hmap subnet_aliases;         /* subnet_alias.by_id. */

    /* Work of the second half of a run. */
    struct ovs_list dirty_nats;         /* nat_node.dirty. */
    struct ovs_list dirty_ports;        /* port_node.dirty. */
    struct ovs_list dirty_switches;     /* switch_node.dirty. */
    struct ovs_list cut_off_ports;      /* port_node.cut_off, those that are
                                         * not lost yet; by time. */

    /* Rows that are gone while links may still point to their copies. Freed
     * at the end of the run. */
    struct ovs_list dead_switches;      /* switch_node.dirty. */
    struct ovs_list dead_routers;       /* router_node.dead. */

    /* Changes to report. */
    struct uuidset changed_switches;
    struct uuidset changed_routers;
    struct uuid *switch_report;
    struct uuid *router_report;
    struct ip_set changed_addresses;
    struct in6_addr *address_report;
    bool changed;                       /* In this run. */
    unsigned int seqno;

    unsigned int sweep;                 /* Number of the last full reading. */
};

struct ovsdb_datum;

/* Makes the rows in 'column', a column of references (NULL: none), the
 * children of 'owner'.  Calls 'changed' for each that came or went. */
void topology_set_children(struct refs *, const struct uuid *owner,
                           const struct ovsdb_datum *column,
                           void (*changed)(const struct uuid *child,
                                           void *aux),
                           void *aux);

/* The owner of 'child', or NULL.  A row with several owners, which OVN forbids
 * but the database does not, belongs to the one with the lowest UUID. */
const struct uuid *topology_owner_of(const struct refs *,
                                     const struct uuid *child);

/* Addresses from 'first' to 'last', both included. */
struct addr_range {
    struct in6_addr first;
    struct in6_addr last;
};

struct switch_node {
    struct topo_switch up;
    unsigned int sweep;                 /* When its row was last seen. */
    struct ovs_list dirty;              /* Empty if not in a list. */
    bool is_dead;
    bool has_physical_network;          /* According to external_ids. */
    size_t n_localnet;                  /* Ports of that type. */
    size_t n_remote;

    /* From other_config; NULL if not there. */
    char *subnet;
    char *ipv6_prefix;
    char *exclude_ips;

    /* Addresses that no host may have: sorted, apart from each other. */
    struct addr_range *reserved;
    size_t n_reserved;
    bool recount;                       /* The counts below are stale. */

    struct ovs_list dhcp_subnets;       /* dhcp_subnet.in_switch. */
};

struct subnet_node {
    struct topo_subnet up;
    struct addr_prefix prefix;          /* The same as in 'up'. */
    struct in6_addr first_host;
    struct in6_addr last_host;
    unsigned long long int n_used;      /* Host addresses that ports have and
                                         * that are not reserved. */
    struct subnet_alias *aliases;       /* NULL if the id is Neutron's. */
    size_t n_aliases;
    bool has_cursor;
    struct in6_addr cursor;             /* The last address picked. */
};

struct port_node {
    struct topo_port up;
    struct hmap_node by_id;
    struct hmap_node by_peer;           /* By 'up.router_port', if there. */
    unsigned int sweep;
    struct ovs_list dirty;
    struct ovs_list cut_off;            /* Empty if not in a list. */
    long long int lost_at_ms;           /* When it is lost, if in a list. */
    bool is_other;                      /* All its addresses are to be
                                         * reported: see ports.c. */
    struct in6_addr *own;               /* Addresses in the row itself. */
    size_t n_own;
    struct address_use *uses;           /* A use for each of 'up.addresses',
                                         * while there is a switch. */
    struct topo_link *link;             /* NULL if it joins nothing. */
    struct topo_switch *localnet_of;    /* The switch that counts it as */
    struct topo_switch *remote_of;      /* one of such a type. */
    struct uuid dhcp_rows[2];           /* For IPv4, IPv6; zero: none. */
    struct dhcp_use *dhcp_uses[2];      /* The same, while there is a
                                         * switch; or NULL. */
};

struct router_node {
    struct topo_router up;
    unsigned int sweep;
    struct ovs_list dead;               /* Empty while the row is there. */
};

/* A NAT row of any type. */
struct nat_node {
    struct topo_nat up;
    unsigned int sweep;
    struct ovs_list dirty;              /* Empty if not in a list. */
    bool is_floating;                   /* It has the type and the addresses
                                         * that 'struct topo_nat' is about.  If
                                         * not, no look-up finds it. */
};

/* A DHCP_Options row. */
struct dhcp_row {
    struct hmap_node by_uuid;
    unsigned int sweep;
    struct uuid uuid;
    bool is_neutrons;                   /* Has what follows. */
    struct uuid subnet_id;
    struct addr_prefix prefix;
};

/* Ports of one switch that use one such row, which may not be there (yet). */
struct dhcp_use {
    struct hmap_node by_row;
    struct uuid row;
    struct switch_node *sn;
    size_t n_ports;
    struct dhcp_subnet *subnet;         /* NULL if the row tells none. */
};

/* A subnet of a switch according to such rows. */
struct dhcp_subnet {
    struct ovs_list in_switch;
    struct uuid id;
    struct addr_prefix prefix;
    size_t n_uses;
};

/* A subnet that a switch should have. */
struct wanted {
    struct addr_prefix prefix;
    enum wanted_origin {
        WANTED_CONFIGURED,              /* other_config. */
        WANTED_DHCP,
        WANTED_ROUTER,
    } origin;
    bool has_gateway;
    bool gateway_is_external;           /* The router has its uplink here. */
    struct in6_addr gateway;
    bool has_id;                        /* Neutron's. */
    struct uuid id;
};

/* Sorted by addr_prefix_compare() once it is complete, no two the same. */
struct wanted_list {
    struct wanted *elems;
    size_t n;
    size_t allocated;
};

/* A Logical_Router_Port. */
struct router_port {
    struct hmap_node by_uuid;
    struct hmap_node by_name;
    unsigned int sweep;
    struct uuid uuid;
    char *name;
    bool is_gateway;
    bool has_peer;                      /* Another router's port. */
    struct in6_addr *networks;
    unsigned int *plens;
    size_t n_networks;
    struct uuid *subnet_ids;            /* See 'struct topo_link'. */
    size_t n_subnet_ids;
};

/* switches.c */
void switches_track(struct ovsdb_idl *);
void switches_read(struct topology *, bool everything);
void switch_mark_dirty(struct topology *, struct switch_node *);
void switch_free(struct topology *, struct switch_node *);

/* ports.c */
void ports_track(struct ovsdb_idl *);
void ports_read(struct topology *, bool everything);
void port_mark_dirty(struct topology *, struct port_node *);
void ports_wait(const struct topology *);
struct port_node *port_find(const struct topology *, const struct uuid *);
void port_destroy(struct topology *, struct port_node *);
uint32_t port_name_hash(const char *name);

/* routers.c */
void routers_track(struct ovsdb_idl *);
void routers_read(struct topology *, bool everything);
void router_free(struct topology *, struct router_node *);
struct router_port *router_port_find_by_name(const struct topology *,
                                             const char *name);
void router_port_destroy(struct topology *, struct router_port *);

/* nats.c */
void nats_track(struct ovsdb_idl *);
void nats_read(struct topology *, bool everything);
void nats_update(struct topology *);
void nat_router_changed_cb(const struct uuid *nat, void *topology);
void nat_destroy(struct topology *, struct nat_node *);

/* dhcp.c */
void dhcp_track(struct ovsdb_idl *);
void dhcp_read(struct topology *, bool everything);
void dhcp_place_port(struct topology *, struct port_node *,
                     struct topo_switch *);
void dhcp_row_destroy(struct topology *, struct dhcp_row *);

/* links.c */
void links_update(struct topology *);
void port_detach(struct topology *, struct port_node *);

/* subnets.c */
void subnets_update(struct topology *);
void subnets_destroy(struct topology *, struct switch_node *);

/* subnet-ids.c */
void subnet_ids_find(struct wanted_list *, const struct switch_node *);

/* subnet-aliases.c */
struct uuid subnet_derive_id(const struct uuid *sw, const struct wanted_list *,
                             size_t i);
void subnet_aliases_add(struct topology *, struct subnet_node *);
void subnet_aliases_remove(struct topology *, struct subnet_node *);
struct topo_subnet *subnet_alias_find(const struct topology *,
                                      const struct uuid *);

/* addresses.c */
void addresses_add(struct topo_switch *, struct port_node *);
void addresses_remove(struct topo_switch *, struct port_node *);
void addresses_reserve(struct switch_node *);
void addresses_recount(struct switch_node *);
const struct addr_range *addresses_find_reserved(const struct switch_node *,
                                                 const struct in6_addr *);
bool addresses_is_used(const struct topo_switch *, const struct in6_addr *);

static inline struct switch_node *
switch_node_cast(const struct topo_switch *sw)
{
    return CONTAINER_OF(sw, struct switch_node, up);
}

static inline struct subnet_node *
subnet_node_cast(const struct topo_subnet *subnet)
{
    return CONTAINER_OF(subnet, struct subnet_node, up);
}

static inline struct port_node *
port_node_cast(const struct topo_port *port)
{
    return CONTAINER_OF(port, struct port_node, up);
}

static inline struct nat_node *
nat_node_cast(const struct topo_nat *nat)
{
    return CONTAINER_OF(nat, struct nat_node, up);
}

static inline struct router_node *
router_node_cast(const struct topo_router *router)
{
    return CONTAINER_OF(router, struct router_node, up);
}

/* Makes '*dst' a copy of 'src'; either may be NULL.  Returns true if it was
 * something else. */
static inline bool
replace_string(char **dst, const char *src)
{
    if (nullable_string_is_equal(*dst, src)) {
        return false;
    }
    free(*dst);
    *dst = nullable_xstrdup(src);
    return true;
}

/* Makes '*dst' a copy of the 'n' addresses in 'src'.  Returns true if it was
 * something else. */
static inline bool
replace_addresses(struct in6_addr **dst, size_t *n_dst,
                  const struct in6_addr *src, size_t n)
{
    if (*n_dst == n && (!n || !memcmp(*dst, src, n * sizeof *src))) {
        return false;
    }
    free(*dst);
    *dst = n ? xmemdup(src, n * sizeof *src) : NULL;
    *n_dst = n;
    return true;
}

#endif /* net/topology-private.h */
