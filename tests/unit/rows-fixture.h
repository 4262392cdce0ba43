/* SPDX-License-Identifier: Apache-2.0
 *
 * The Northbound rows of a load balancer as text, for tests, and a database
 * that is nothing but them, to carry out plans in.  UUIDs have short names,
 * see model-fixture.h.
 */

#ifndef ROWS_FIXTURE_H
#define ROWS_FIXTURE_H 1

struct ovn_lb;
struct plan;
struct topology;

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
 *     switches NAME...
 *     routers NAME...
 *     port UUID SWITCH TYPE ADDRESSES
 *     portid KEY VALUE
 *
 * Sets and maps are sorted. */
enum ovn_lb_parts {
    OVN_LB_ROW = 1 << 0,        /* "row", without the UUID. */
    OVN_LB_UUID = 1 << 1,       /* The UUID of a row. */
    OVN_LB_HASH = 1 << 2,       /* "hash" and "option". */
    OVN_LB_VIPS = 1 << 3,
    OVN_LB_OBJECTS = 1 << 4,    /* "id" of listeners, pools, members. */
    OVN_LB_IDS = 1 << 5,        /* All other "id". */
    OVN_LB_PLACES = 1 << 6,     /* "switches" and "routers". */
    OVN_LB_PORT = 1 << 7,
    OVN_LB_WHAT = OVN_LB_ROW | OVN_LB_VIPS | OVN_LB_OBJECTS,
    OVN_LB_ALL = (1 << 8) - 1,
};

void ovn_lb_parse(const char *text, struct ovn_lb *ret);
char *ovn_lb_format(const struct ovn_lb *, unsigned int parts);

/* Does to 'lb' what plan_apply() would have a database do. */
void ovn_lb_apply(struct ovn_lb *lb, const struct plan *);

#endif /* rows-fixture.h */
