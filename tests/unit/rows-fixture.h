/* SPDX-License-Identifier: Apache-2.0
 *
 * The Northbound rows of a load balancer as text, for tests, and a database
 * that is nothing but them, to carry out plans in.  UUIDs have short names,
 * see model-fixture.h.
 */

#ifndef ROWS_FIXTURE_H
#define ROWS_FIXTURE_H 1

struct ds;
struct lb_group;
struct ovn_lb;
struct plan;
struct topology;
struct uuid;
struct uuidset;

/* Calls the switches and routers of a network by their names, and each subnet
 * 10.0.N.0/24 "SN" and fd00:N::/64 "FN".  See uuid_call(). */
void name_network(const struct topology *);

/* Northbound rows, one column or key a line:
 *
 *     row [UUID] [PROTOCOL]
 *     name NAME           if it is not the load balancer's id
 *     hash FIELD...
 *     vip VIP BACKENDS
 *     option KEY VALUE
 *     id KEY VALUE
 *     map KEY VALUE       of ip_port_mappings
 *     check UUID VIP      of Load_Balancer_Health_Check; the next two are its
 *     checkoption KEY VALUE
 *     checkid KEY VALUE
 *     switches NAME...
 *     routers NAME...
 *     groups NAME...
 *     wants VERSIONS SUBNET/NETWORK...    to be in a group
 *     port UUID SWITCH TYPE ADDRESSES
 *     portname NAME       if it is not that of the VIP's port
 *     portid KEY VALUE
 *     shared              that the port is
 *     group UUID          followed by its "switches" and "routers"
 *     settled             that the group is
 *     nat UUID
 *
 * VERSIONS is "4", "6" or "46"; NETWORK may be left out with its slash.  Sets
 * and maps are sorted, as are rows, ports, checks and groups. */
enum ovn_lb_parts {
    OVN_LB_ROW = 1 << 0,        /* "row", without the UUID. */
    OVN_LB_UUID = 1 << 1,       /* The UUIDs of rows and checks. */
    OVN_LB_HASH = 1 << 2,       /* "hash" and "option". */
    OVN_LB_VIPS = 1 << 3,
    OVN_LB_OBJECTS = 1 << 4,    /* "id" of listeners, pools, members. */
    OVN_LB_IDS = 1 << 5,        /* All other "id". */
    OVN_LB_PLACES = 1 << 6,     /* "switches", "routers", "groups", "wants". */
    OVN_LB_PORT = 1 << 7,
    OVN_LB_PROBES = 1 << 8,     /* "map", "check", "id" of monitors. */
    OVN_LB_GROUPS = 1 << 9,     /* "group". */
    OVN_LB_NATS = 1 << 10,
    OVN_LB_WHAT = OVN_LB_ROW | OVN_LB_VIPS | OVN_LB_OBJECTS,
    OVN_LB_ALL = (1 << 11) - 1,
};

void ovn_lb_parse(const char *text, struct ovn_lb *ret);
char *ovn_lb_format(const struct ovn_lb *, unsigned int parts);

/* Does to 'lb' what plan_apply() would have a database do.  A step that cannot
 * be done, or would change nothing, fails the test. */
void ovn_lb_apply(struct ovn_lb *lb, const struct plan *);

/* Gives 'dst' a copy of the group, instead of the one that it has.  delete()
 * takes it away, if it is there. */
void lb_group_copy(struct ovn_lb *dst, const struct lb_group *src);
void lb_group_delete(struct ovn_lb *, const struct uuid *);

/* The lines of 'text' in alphabetical order; frees 'text'.  The caller frees
 * the result. */
char *sort_lines(char *text);

/* Appends "KIND NAME...", a line, unless the set is empty. */
void put_uuids(struct ds *, const char *kind, const struct uuidset *);

#endif /* rows-fixture.h */
