/* SPDX-License-Identifier: Apache-2.0
 *
 * What one load balancer looks like in OVN's Northbound database, as plain
 * data.  ovn/desired.c says how it should look, ovn/observed.c how it does,
 * and ovn/plan.c takes the difference of the two.
 */

#ifndef OVN_ROWS_H
#define OVN_ROWS_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"
#include "smap.h"
#include "sset.h"
#include "uuidset.h"

/* A Load_Balancer row, and who carries it. */
struct lb_row {
    struct uuid uuid;           /* Zero in what is desired. */
    char *name;                 /* The load balancer's id. */
    char *protocol;             /* "tcp", "udp", "sctp", or "" for none. */
    struct sset selection_fields;
    struct smap vips;
    struct smap options;
    struct smap external_ids;
    struct uuidset switches;    /* Logical_Switch rows that refer to it. */
    struct uuidset routers;     /* Logical_Router rows that refer to it. */
};

/* The Logical_Switch_Port that holds the VIP's address. */
struct vip_port {
    struct uuid uuid;
    struct uuid sw;             /* Logical_Switch row; zero: none has it. */
    char *name;
    char *type;
    char *addresses;            /* "MAC IP". */
    struct smap external_ids;
};

struct ovn_lb {
    char *name;                 /* Of all its rows: the load balancer's id. */
    struct lb_row rows[8];      /* In use: the first 'n_rows'. One for each
                                 * protocol; what is observed may be more. */
    size_t n_rows;
    struct vip_port *port;      /* NULL: none. */
};

void ovn_lb_init(struct ovn_lb *, const struct uuid *lb_id);
void ovn_lb_uninit(struct ovn_lb *);

/* Adds an empty row with the right name and without protocol and returns it,
 * or returns NULL if there are too many already. */
struct lb_row *ovn_lb_add_row(struct ovn_lb *);

/* Adds the VIP's port, without address and external_ids. */
struct vip_port *ovn_lb_add_port(struct ovn_lb *);

/* The UUID that a new row for 'protocol' ("" for none) of load balancer
 * 'lb_id' gets.  Derived, so that a repeated insert collides instead of making
 * a second row. */
struct uuid lb_row_uuid(const struct uuid *lb_id, const char *protocol);

/* Name of the VIP's port of load balancer 'lb_id'.  The caller frees it. */
char *vip_port_name(const struct uuid *lb_id);

/* If 'port_name' is the name of a VIP's port, stores the load balancer's id in
 * '*ret_lb_id' and returns true. */
bool vip_port_name_parse(const char *port_name, struct uuid *ret_lb_id);

/* UUID of the row of that port, which is also the id of the VIP port in the
 * API.  Derived, so that a repeated insert collides. */
struct uuid vip_port_uuid(const struct uuid *lb_id);

#endif /* ovn/rows.h */
