/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether new members can be where the user says: in which subnet, and at
 * which address.
 */

#ifndef API_MEMBER_PLACES_H
#define API_MEMBER_PLACES_H 1

#include <stdbool.h>
#include <stddef.h>
#include "api/prepare.h"

struct attrs;
struct ovsdb_idl_row;
struct request;
struct uuid;
struct write;

/* The VIPs' place in the network.  All is borrowed. */
struct member_site {
    const struct uuid *vip_subnet_id;   /* Of the first; NULL: none. */
    const struct uuid *networks;
    size_t n_networks;
};

/* What the VIPs have in common with a member's address. */
struct member_vips {
    bool have_address;          /* One is at that address. */
    bool have_version;          /* One has its IP version. */
};

/* Before the transaction: looks for the subnets of the 'n' members that a
 * request brings, and notes which have none ('lacks_subnet' of struct write),
 * and which are at its broadcast address ('is_broadcast'). */
enum prepare_result member_places_find(struct request *,
                                       const struct member_site *,
                                       struct attrs *const *members, size_t n);

/* The same for members of the pool in the path. */
enum prepare_result member_places_prepare(struct request *,
                                          struct attrs *const *members,
                                          size_t n);

/* The same for members of pools of 'lb'. */
enum prepare_result member_places_find_below(struct request *,
                                             const struct ovsdb_idl_row *lb,
                                             struct attrs *const *members,
                                             size_t n);

/* Within the transaction: checks the place of the request's 'i'th member, a
 * new one of the load balancer 'lb'.  Sets the request's fault and returns
 * false if it cannot be there. */
bool member_place_check(struct request *, const struct attrs *, size_t i,
                        const struct ovsdb_idl_row *lb);

/* The same beside VIPs that have no row yet. */
bool member_place_check_beside(struct request *, const char *address,
                               size_t i, const struct member_vips *);

/* The same if the member is there, and loses its subnet. */
bool member_place_check_subnet(struct request *, size_t i);

void member_places_forget(struct write *);

#endif /* api/member-places.h */
