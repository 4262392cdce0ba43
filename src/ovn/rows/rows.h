/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of one load balancer in OVN's Northbound database, as plain data.
 * ovn/want/desired.c says how it should look, ovn/db/observed.c how it does,
 * and ovn/diff/plan.c takes the difference of the two.
 *
 * Rows that are there are known by their UUIDs, groups by the ids in their
 * names.  A row that is only wanted has none yet: what the plan calls it until
 * it is made is a label, and its UUID will be another; see ovn/diff/apply.h.
 */

#ifndef OVN_ROWS_ROWS_H
#define OVN_ROWS_ROWS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"
#include "smap.h"
#include "sset.h"
#include "uuidset.h"

struct attach_place;

/* A Load_Balancer_Health_Check row: that the backends of one VIP are probed,
 * and how. */
struct health_check {
    struct uuid uuid;           /* Zero in what is desired. */
    char *vip;                  /* A key of the row's 'vips', or "". */
    struct smap options;
    struct smap external_ids;
};

/* A Load_Balancer row, and who carries it. */
struct lb_row {
    struct uuid uuid;           /* Zero in what is desired. */
    char *name;                 /* The load balancer's id. */
    char *protocol;             /* "tcp", "udp", "sctp", or "" for none. */
    struct sset selection_fields;
    struct smap vips;
    struct smap options;
    struct smap external_ids;
    struct smap ip_port_mappings;
    struct health_check **checks;
    size_t n_checks, allocated_checks;
    struct uuidset switches;    /* Logical_Switch rows that refer to it. */
    struct uuidset routers;     /* Logical_Router rows that refer to it. */
    struct uuidset groups;      /* Ids of our groups that refer to it. */

    /* In desired rows: to be in a group that is on all that attach_find()
     * makes of the places. */
    bool wants_group;
    unsigned int versions;
    struct attach_place *places;
    size_t n_places;
};

/* A Load_Balancer_Group row: switches and routers that carry all load
 * balancers in it. */
struct lb_group {
    struct uuid id;             /* In its name.  The UUID of its row is
                                 * another. */
    bool is_settled;            /* Known to be as it must: the two sets below
                                 * are not filled. */
    bool is_renamed;            /* In what is observed: its name is not
                                 * lb_group_name(). */
    struct uuidset switches;    /* Logical_Switch rows that refer to it. */
    struct uuidset routers;     /* Logical_Router rows that refer to it. */
};

/* A Logical_Switch_Port that holds an address: of a VIP, or the one from which
 * a subnet is probed. */
struct lb_port {
    struct uuid uuid;           /* In what is desired: a label. */
    struct uuid sw;             /* Logical_Switch row; zero: none has it. */
    bool is_shared;             /* With other load balancers. */
    char *name;
    char *type;
    char *addresses;            /* "MAC IP". */
    struct smap external_ids;
};

/* An ACL row that drops packets to a listener from clients that it does not
 * allow, at one place and of one IP version. */
struct lb_acl {
    struct uuid uuid;           /* In what is desired: a label. */
    struct uuid listener;
    struct uuid place;          /* A Logical_Router row, whose entrance has it,
                                 * or a Logical_Switch row. */
    bool is_ipv6;
    bool is_translated;         /* For packets to another load balancer, of
                                 * which the VIP is a member. */
    bool is_altered;            /* In what is observed: a column but 'match'
                                 * is not as ACL_PRIORITY and others say. */
    char *match;
    char *cidrs;                /* The listener's ranges, for people.  NULL if
                                 * 'is_translated'. */
};

/* A Port_Group row: the ports that join a router to its switches.  Its ACLs
 * are on all of them. */
struct lb_entrance {
    struct uuid router;         /* Logical_Router row; in its name. */
    bool is_altered;            /* In what is observed: its name or its marks
                                 * are not as they were made. */
    struct uuidset ports;       /* Logical_Switch_Port rows. */
};

/* Above those of security groups (1001, 1002), below the highest that OVN
 * takes (32767). */
#define ACL_PRIORITY 30000

/* In external_ids of all our ACL and Port_Group rows: no others are read. */
#define ACL_KEY_PURPOSE "ovn-octavia:purpose"
#define ACL_PURPOSE "allowed_cidrs"

/* In external_ids of an ACL row: what struct lb_acl says. */
#define ACL_KEY_LB "ovn-octavia:loadbalancer"
#define ACL_KEY_LISTENER "ovn-octavia:listener"
#define ACL_KEY_PLACE "ovn-octavia:place"
#define ACL_KEY_VERSION "ovn-octavia:ip_version"
#define ACL_KEY_CIDRS "ovn-octavia:allowed_cidrs"

/* In external_ids of those that are 'is_translated', and in their options. */
#define ACL_KEY_STAGE "ovn-octavia:stage"
#define ACL_STAGE_AFTER_LB "after-lb"
#define ACL_OPTION_AFTER_LB "apply-after-lb"

/* In external_ids of a Port_Group row. */
#define ENTRANCE_KEY_ROUTER "ovn-octavia:router"

/* In arrays of pointers, since hash maps must not move. */
struct ovn_lb {
    char *name;                 /* The name of all its rows: the load
                                 * balancer's id. */
    struct lb_row **rows;
    size_t n_rows, allocated_rows;
    struct lb_port **ports;
    size_t n_ports, allocated_ports;
    struct lb_group **groups;   /* In which its rows are to be. */
    size_t n_groups, allocated_groups;
    struct uuidset nats;        /* NAT rows that are centralised. */
    struct lb_acl **acls;
    size_t n_acls, allocated_acls;
    struct lb_entrance **entrances; /* Of routers that have one of 'acls'. */
    size_t n_entrances, allocated_entrances;
    char *hole;                 /* In what is desired: why allowed_cidrs cannot
                                 * be enforced, so that listeners that have
                                 * some are closed.  NULL: they can. */
};

void ovn_lb_init(struct ovn_lb *, const struct uuid *lb_id);
void ovn_lb_uninit(struct ovn_lb *);

/* Adds an empty row with the right name and without protocol and returns
 * it. */
struct lb_row *ovn_lb_add_row(struct ovn_lb *);

/* Adds a check without options and external_ids to 'row' and returns it. */
struct health_check *lb_row_add_check(struct lb_row *, const char *vip);

/* The row's check of 'vip', or NULL. */
struct health_check *lb_row_find_check(const struct lb_row *,
                                       const char *vip);
void lb_row_remove_check(struct lb_row *, struct health_check *);

/* Adds a port without address and external_ids and returns it.  Takes
 * ownership of 'name'. */
struct lb_port *ovn_lb_add_port_nocopy(struct ovn_lb *, char *name);

/* Returns the group with the given id, which is added, empty, if it is not
 * there. */
struct lb_group *ovn_lb_group(struct ovn_lb *, const struct uuid *id);

/* Adds an ACL row without a match and returns it. */
struct lb_acl *ovn_lb_add_acl(struct ovn_lb *);

/* Returns the entrance of the router, which is added, without ports, if it is
 * not there. */
struct lb_entrance *ovn_lb_entrance(struct ovn_lb *,
                                    const struct uuid *router);
const struct lb_entrance *ovn_lb_find_entrance(const struct ovn_lb *,
                                               const struct uuid *router);

/* The port with the given UUID, or the group with the given id, or NULL. */
const struct lb_port *ovn_lb_find_port(const struct ovn_lb *,
                                       const struct uuid *);
const struct lb_group *ovn_lb_find_group(const struct ovn_lb *,
                                         const struct uuid *id);

/* The label of a new row for 'protocol' ("" for none) of load balancer
 * 'lb_id', and of a new check of 'vip' in a row with the given UUID or
 * label. */
struct uuid lb_row_label(const struct uuid *lb_id, const char *protocol);
struct uuid health_check_label(const struct uuid *row, const char *vip);

/* The port that holds the address from which members in subnet 'subnet_id'
 * are probed: its name, which the caller frees, and its label. */
char *source_port_name(const struct uuid *subnet_id);
struct uuid source_port_label(const struct uuid *subnet_id);

/* Begins the names of all such ports. */
#define SOURCE_PORT_PREFIX "ovn-lb-hm-"

/* Their neutron:device_owner. */
#define SOURCE_PORT_OWNER "ovn-lb-hm:distributed"

/* Name of our group 'id'.  The caller frees it. */
char *lb_group_name(const struct uuid *id);

/* If 'name' is that of one of our groups, stores its id in '*ret_id' and
 * returns true. */
bool lb_group_name_parse(const char *name, struct uuid *ret_id);

/* Name of the Port_Group of a router's entrance: OVN wants an identifier.  The
 * caller frees it. */
char *lb_entrance_name(const struct uuid *router);

/* If 'name' is that of an entrance, stores its router in '*ret_router' and
 * returns true. */
bool lb_entrance_name_parse(const char *name, struct uuid *ret_router);

#endif /* ovn/rows/rows.h */
